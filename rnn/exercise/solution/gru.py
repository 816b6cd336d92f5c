"""The forward pass of the gated recurrent unit."""

from typing import Any

import numpy as np

from rnn.analysis.plain import logistic
from rnn.exercise.solution.output import softmax


def forward(p: Any, x: Any, h0: Any) -> Any:
    """Return the states and the probabilities for a sequence of characters.

    U, W and b have three blocks of m rows each: those of r, of z and of n. s is the logistic
    function. With x_t one-hot, U x_t is a column of U.

        r_t = s(W_r h_{t-1} + U_r x_t + b_r)
        z_t = s(W_z h_{t-1} + U_z x_t + b_z)
        n_t = tanh(r_t (W_n h_{t-1}) + U_n x_t + b_n)
        h_t = (1 - z_t) n_t + z_t h_{t-1}
        o_t = V h_t + c
        p_t = softmax(o_t)

    Parameters
    ----------
    p
        The parameters.
    x
        The characters as indices, of shape (T,).
    h0
        The state before the first of them, of shape (m,).

    Returns
    -------
    tuple
        The states h, of shape (T + 1, m), whose row 0 is h0; and the probabilities P (T, K).
    """
    states = [h0]
    for k in x:
        Wh, u = np.split(p.W @ states[-1], 3), np.split(p.U[:, k] + p.b, 3)
        r, z = logistic(Wh[0] + u[0]), logistic(Wh[1] + u[1])
        n = np.tanh(r * Wh[2] + u[2])
        states.append((1 - z) * n + z * states[-1])
    h = np.array(states)
    return h, softmax(h[1:] @ p.V.T + p.c)
