"""The softmax and the loss."""

from typing import Any

import numpy as np


def softmax(o: Any) -> Any:
    """Return the probabilities of the next character, from the scores.

        p_k = exp(o_k) / sum_j exp(o_j), for each row

    Scores may be large: exp(1000) overflows, so find a way around it.

    Parameters
    ----------
    o
        The scores, of shape (T, K).

    Returns
    -------
    array
        The probabilities, of shape (T, K); each row sums to one.
    """
    e = np.exp(o - o.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def loss(P: Any, y: Any) -> Any:
    """Return the loss of a sequence, in nats: the sum of its steps, not their mean.

        L = -sum_t log p_t[y_t]

    Parameters
    ----------
    P
        The probabilities, of shape (T, K).
    y
        The characters that followed, as indices, of shape (T,).

    Returns
    -------
    float
        Nats per sequence.
    """
    return -np.log(P[np.arange(len(y)), y]).sum()
