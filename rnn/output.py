"""The output layer and the loss, which every cell shares.

Letters and shapes are those of `rnn.vanilla`.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.numerics.arrays import zeros
from rnn.numerics.compiled import compiled
from rnn.numerics.elementary import exp
from rnn.numerics.generator import uniform


class Output(NamedTuple):
    """The arrays that the output layer fills, for the n = T * B states of a pass."""

    log_P: NDArray[Any]  # (n, K): the logarithms of P; at first the scores o
    P: NDArray[Any]  # (n, K): the probabilities; later g
    dh: NDArray[Any]  # (n, m): the gradient of the states
    mask: NDArray[Any]  # (n, m): the dropout mask; (0, 0) without dropout
    masked: NDArray[Any]  # as `mask`: the states times the mask


def output_arrays(K: int, m: int, n: int, dtype: Any, dropout: bool) -> Output:
    """Return zeroed arrays for n states."""
    mask = (n, m) if dropout else (0, 0)
    shapes: tuple[tuple[int, ...], ...] = ((n, K), (n, K), (n, m), mask, mask)
    return Output(*(zeros(shape, dtype) for shape in shapes))


@compiled
def softmax(o: Any, P: Any) -> None:
    """Fill each row of P (n, K) with exp(o) / sum(exp(o)), and replace the scores o by log P.

    The largest score is subtracted first, which changes nothing but keeps exp from overflowing;
    only its real part, so that the complex step passes through. log P is computed from the scores:
    it is finite even where P is too small for its type and becomes zero.

    >>> o, P = np.log([[1.0, 1.0, 2.0]]), np.zeros((1, 3))
    >>> softmax(o, P); P.round(2)
    array([[0.25, 0.25, 0.5 ]])
    """
    n, K = o.shape
    largest, total = o[:, 0].real.copy(), P[:, 0] * 0.0  # sums are in float64
    for k in range(K):  # row by row, each comparison and each sum would wait for the one before
        for i in range(n):
            largest[i] = max(largest[i], o[i, k].real)
    for i in range(n):
        for k in range(K):
            o[i, k] -= largest[i]
    scores, flat = o.reshape(n * K), P.reshape(n * K)
    for j in range(n * K):  # one long row fills all vector registers but the last
        flat[j] = exp(scores[j])
    for k in range(K):
        for i in range(n):
            total[i] += P[i, k]
    for i in range(n):
        scale, log_total = 1 / total[i], np.log(total[i])
        for k in range(K):
            P[i, k] *= scale
            o[i, k] -= log_total


@compiled
def kept(h: Any, output: Any) -> Any:
    """Return the hidden states (n, m) as the output layer sees them: masked by dropout, if any."""
    if output.mask.size == 0:
        return h
    for i in range(h.shape[0]):
        for j in range(h.shape[1]):
            output.masked[i, j] = h[i, j] * output.mask[i, j]
    return output.masked


@compiled
def predict(p: Any, h: Any, output: Any) -> None:
    """Fill output.P with the probabilities softmax(V h + c) for the hidden states h (n, m)."""
    o = output.log_P
    np.dot(kept(h, output), p.V.T, out=o)
    for i in range(o.shape[0]):
        for k in range(o.shape[1]):
            o[i, k] += p.c[k]
    softmax(o, output.P)


@compiled
def loss(log_P: Any, y: Any) -> Any:
    """Return the loss L = -sum_t log p_t[y_t], the mean over the streams.

    Parameters
    ----------
    log_P
        The logarithms of the probabilities, of shape (T * B, K).
    y
        The characters that followed, of shape (T, B).

    Returns
    -------
    float
        Nats per sequence. Divide by T for nats per character, by ln 2 for bits.

    Examples
    --------
    >>> log_P = np.log(np.full((2, 4), 0.25))  # two characters, at 2 bits each
    >>> print(round(loss(log_P, np.array([[0], [3]])) / np.log(2), 6))
    4.0
    """
    T, B = y.shape
    total = log_P[0, 0] * 0
    for t in range(T):
        for i in range(B):
            total -= log_P[t * B + i, y[t, i]]
    return total / B


@compiled
def predict_backward(p: Any, y: Any, h: Any, output: Any, d: Any) -> None:
    """Propagate the loss back through the output layer.

    g_t = p_t - y_t;  dV = sum_t g_t h_t^T;  dc = sum_t g_t;  V^T g_t is its share of dh_t.
    output.P is overwritten by g, divided by the number of streams; output.dh, d.V and d.c are
    filled.
    """
    T, B = y.shape
    g, dh = output.P, output.dh
    for t in range(T):
        for i in range(B):
            g[t * B + i, y[t, i]] -= 1
    if B > 1:
        g /= B
    np.dot(g.T, kept(h, output), out=d.V)
    d.c[:] = 0
    for i in range(g.shape[0]):
        for k in range(g.shape[1]):
            d.c[k] += g[i, k]
    np.dot(g, p.V, out=dh)
    if output.mask.size:
        for i in range(dh.shape[0]):
            for j in range(dh.shape[1]):
                dh[i, j] *= output.mask[i, j]


@compiled
def draw_mask(mask: Any, dropout: float, random: Any) -> None:
    """Fill a mask: 0 with probability `dropout`, else 1 / (1 - dropout).

    The expected state is unchanged, so nothing needs scaling when the network is used (Srivastava
    et al., 2014). Only the output layer sees the mask (Zaremba et al., 2014).
    """
    for i in range(mask.shape[0]):
        for j in range(mask.shape[1]):
            mask[i, j] = 0.0 if uniform(random) < dropout else 1.0 / (1.0 - dropout)
