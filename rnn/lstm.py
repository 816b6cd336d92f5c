"""Long short-term memory, forward and backward.

Hochreiter and Schmidhuber (1997), with the forget gate of Gers, Schmidhuber and Cummins (2000).
Letters and shapes are those of `rnn.vanilla`, with four blocks of m rows in U, W and b, in
PyTorch's order: the input gate i, the forget gate f, the candidate n and the output gate o. s is
the logistic function. The memory, usually called c_t, is q_t here: c is the output bias.

    i, f, o = s(W h_{t-1} + U x_t + b);   n = tanh(W h_{t-1} + U x_t + b), each with its own block
    q_t = f q_{t-1} + i n;   h_t = o tanh(q_t)
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.cells import Parameters
from rnn.numerics.arrays import zeros
from rnn.numerics.compiled import compiled
from rnn.numerics.elementary import tanh
from rnn.numerics.product import blocks_for, cut, multiply
from rnn.output import Output, output_arrays, predict, predict_backward

BLOCKS, STATES = 4, 2


class Work(NamedTuple):
    """The arrays that one pass fills, so that none is allocated in the loop."""

    states: NDArray[Any]  # (2, T + 1, B, m): h and q
    output: Output
    gates: NDArray[Any]  # (T, B, 4m): i, f, n, o; later the gradients of their inputs
    squashed: NDArray[Any]  # (T, B, m): tanh(q)
    dq: NDArray[Any]  # (B, m)
    back: NDArray[Any]  # (B, m): W^T times the gradients
    blocks: NDArray[Any]  # blocks of W^T
    blocks_back: NDArray[Any]  # blocks of W


def workspace(K: int, m: int, T: int, B: int, dtype: Any, dropout: bool = False) -> Work:
    """Return zeroed arrays for B streams of T characters."""
    return Work(
        states=zeros((2, T + 1, B, m), dtype),
        output=output_arrays(K, m, T * B, dtype, dropout),
        gates=zeros((T, B, 4 * m), dtype),
        squashed=zeros((T, B, m), dtype),
        dq=zeros((B, m), dtype),
        back=zeros((B, m), dtype),
        blocks=blocks_for(m, 4 * m, B, dtype),
        blocks_back=blocks_for(4 * m, m, B, dtype),
    )


@compiled
def forward(p: Parameters, x: NDArray[Any], work: Work) -> None:
    """Fill the hidden states and the probabilities for the characters x (T, B)."""
    h, q = work.states[0], work.states[1]
    T, B, m = h.shape[0] - 1, h.shape[1], h.shape[2]
    cut(p.W.T, work.blocks)
    for t in range(T):
        multiply(h[t], p.W.T, work.blocks, work.gates[t])
        for i in range(B):
            a, u = work.gates[t, i], p.U[:, x[t, i]]
            before, memory, squashed, after = q[t, i], q[t + 1, i], work.squashed[t, i], h[t + 1, i]
            for j in range(2 * m):  # the logistic function is (1 + tanh(a / 2)) / 2
                a[j] = (1 + tanh((a[j] + u[j] + p.b[j]) / 2)) / 2
            for j in range(2 * m, 3 * m):
                a[j] = tanh(a[j] + u[j] + p.b[j])
            for j in range(3 * m, 4 * m):
                a[j] = (1 + tanh((a[j] + u[j] + p.b[j]) / 2)) / 2
            for j in range(m):
                memory[j] = a[m + j] * before[j] + a[j] * a[2 * m + j]
                squashed[j] = tanh(memory[j])
                after[j] = a[3 * m + j] * squashed[j]
    predict(p, h[1:].reshape(T * B, m), work.output)


@compiled
def backward(p: Parameters, x: NDArray[Any], y: NDArray[Any], work: Work, d: Parameters) -> None:
    """Fill the gradients d of the loss, after `forward` on the same x. P and dh are overwritten.

    dq_t = dh o (1 - tanh(q)^2) + dq_{t+1} f_{t+1};  da_i = dq n i (1 - i);
    da_f = dq q_{t-1} f (1 - f);  da_n = dq i (1 - n^2);  da_o = dh tanh(q) o (1 - o).
    """
    h, q = work.states[0], work.states[1]
    T, B, m = h.shape[0] - 1, h.shape[1], h.shape[2]
    predict_backward(p, y, h[1:].reshape(T * B, m), work.output, d)
    dh = work.output.dh.reshape(T, B, m)
    d.U[:] = 0
    d.b[:] = 0
    work.dq[:] = 0
    cut(p.W, work.blocks_back)
    for t in range(T - 1, -1, -1):
        for i in range(B):
            a, before, dq = work.gates[t, i], q[t, i], work.dq[i]
            g, squashed, du = dh[t, i], work.squashed[t, i], d.U[:, x[t, i]]
            for j in range(m):
                into, forget, n, out = a[j], a[m + j], a[2 * m + j], a[3 * m + j]
                change = dq[j] + g[j] * out * (1 - squashed[j] * squashed[j])
                a[j] = change * n * into * (1 - into)
                a[m + j] = change * before[j] * forget * (1 - forget)
                a[2 * m + j] = change * into * (1 - n * n)
                a[3 * m + j] = g[j] * squashed[j] * out * (1 - out)
                dq[j] = change * forget
            for j in range(4 * m):
                du[j] += a[j]
                d.b[j] += a[j]
        if t > 0:
            multiply(work.gates[t], p.W, work.blocks_back, work.back)
            for i in range(B):
                for j in range(m):
                    dh[t - 1, i, j] += work.back[i, j]
    np.dot(work.gates.reshape(T * B, 4 * m).T, h[:T].reshape(T * B, m), out=d.W)


def state_gradients(p: Parameters, work: Work) -> NDArray[Any]:
    """Return dL / dh_{t-1} for each t, of shape (T, B, m), from what `backward` left in `work`."""
    return np.asarray(work.gates @ p.W)
