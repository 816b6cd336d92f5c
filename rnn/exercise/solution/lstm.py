"""The forward pass of the long short-term memory."""

from typing import Any

import numpy as np

from rnn.analysis.plain import logistic
from rnn.exercise.solution.output import softmax


def forward(p: Any, x: Any, h0: Any) -> Any:
    """Return the states and the probabilities for a sequence of characters.

    U, W and b have four blocks of m rows each: those of i, of f, of n and of o. s is the logistic
    function. With x_t one-hot, U x_t is a column of U. The state has two rows: h, and the memory q.

        i_t, f_t, o_t = s(W h_{t-1} + U x_t + b), each with its own block
        n_t = tanh(W h_{t-1} + U x_t + b), with its own block
        q_t = f_t q_{t-1} + i_t n_t
        h_t = o_t tanh(q_t)
        p_t = softmax(V h_t + c)

    Parameters
    ----------
    p
        The parameters.
    x
        The characters as indices, of shape (T,).
    h0
        The state before the first of them: h and q, of shape (2, m).

    Returns
    -------
    tuple
        The states, of shape (2, T + 1, m): h and q, each with its row of h0 first; and the
        probabilities P (T, K).
    """
    states, memory = [h0[0]], [h0[1]]
    for k in x:
        a = np.split(p.W @ states[-1] + p.U[:, k] + p.b, 4)
        i, f, n, o = logistic(a[0]), logistic(a[1]), np.tanh(a[2]), logistic(a[3])
        memory.append(f * memory[-1] + i * n)
        states.append(o * np.tanh(memory[-1]))
    h = np.array([states, memory])
    return h, softmax(h[0, 1:] @ p.V.T + p.c)
