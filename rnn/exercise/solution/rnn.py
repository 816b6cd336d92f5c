"""The forward pass of the vanilla network."""

from typing import Any

import numpy as np

from rnn.exercise.solution.output import softmax


def forward(p: Any, x: Any, h0: Any) -> Any:
    """Return the states and the probabilities for a sequence of characters.

    With x_t one-hot, U x_t is a column of U.

        h_t = tanh(W h_{t-1} + U x_t + b)
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
        states.append(np.tanh(p.W @ states[-1] + p.U[:, k] + p.b))
    h = np.array(states)
    return h, softmax(h[1:] @ p.V.T + p.c)
