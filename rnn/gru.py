"""The gated recurrent unit (Cho et al., 2014), forward and backward, in PyTorch's form.

Letters and shapes are those of `rnn.vanilla`, with three blocks of m rows in U, W and b: the reset
gate r, the update gate z and the candidate n. s is the logistic function.

    r_t = s(W_r h_{t-1} + U_r x_t + b_r)
    z_t = s(W_z h_{t-1} + U_z x_t + b_z)
    n_t = tanh(r_t (W_n h_{t-1}) + U_n x_t + b_n)
    h_t = (1 - z_t) n_t + z_t h_{t-1}
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

BLOCKS, STATES = 3, 1


class Work(NamedTuple):
    """The arrays that one pass fills, so that none is allocated in the loop."""

    states: NDArray[Any]  # (1, T + 1, B, m): h
    output: Output
    Wh: NDArray[Any]  # (T, B, 3m): W h_{t-1}; later its gradient
    gates: NDArray[Any]  # (T, B, 3m): r, z, n
    back: NDArray[Any]  # (B, m): W^T times the gradients
    blocks: NDArray[Any]  # blocks of W^T
    blocks_back: NDArray[Any]  # blocks of W


def workspace(K: int, m: int, T: int, B: int, dtype: Any, dropout: bool = False) -> Work:
    """Return zeroed arrays for B streams of T characters."""
    return Work(
        states=zeros((1, T + 1, B, m), dtype),
        output=output_arrays(K, m, T * B, dtype, dropout),
        Wh=zeros((T, B, 3 * m), dtype),
        gates=zeros((T, B, 3 * m), dtype),
        back=zeros((B, m), dtype),
        blocks=blocks_for(m, 3 * m, B, dtype),
        blocks_back=blocks_for(3 * m, m, B, dtype),
    )


@compiled
def forward(p: Parameters, x: NDArray[Any], work: Work) -> None:
    """Fill the hidden states and the probabilities for the characters x (T, B)."""
    h = work.states[0]
    T, B, m = h.shape[0] - 1, h.shape[1], h.shape[2]
    cut(p.W.T, work.blocks)
    for t in range(T):
        multiply(h[t], p.W.T, work.blocks, work.Wh[t])
        for i in range(B):
            a, u, gates = work.Wh[t, i], p.U[:, x[t, i]], work.gates[t, i]
            before, after = h[t, i], h[t + 1, i]
            for j in range(2 * m):  # the logistic function is (1 + tanh(a / 2)) / 2
                gates[j] = (1 + tanh((a[j] + u[j] + p.b[j]) / 2)) / 2
            for j in range(m):
                n = tanh(gates[j] * a[2 * m + j] + u[2 * m + j] + p.b[2 * m + j])
                gates[2 * m + j] = n
                after[j] = n + gates[m + j] * (before[j] - n)
    predict(p, h[1:].reshape(T * B, m), work.output)


@compiled
def backward(p: Parameters, x: NDArray[Any], y: NDArray[Any], work: Work, d: Parameters) -> None:
    """Fill the gradients d of the loss, after `forward` on the same x. P and dh are overwritten.

    dh is the whole gradient of h_t; da_r, da_z and da_n are those of the inputs of r, z and n:
    da_n = dh (1 - z) (1 - n^2);  da_z = dh (h_{t-1} - n) z (1 - z);
    da_r = da_n (W_n h_{t-1}) r (1 - r);  dh_{t-1} += dh z + W^T (da_r, da_z, da_n r).
    """
    h = work.states[0]
    T, B, m = h.shape[0] - 1, h.shape[1], h.shape[2]
    predict_backward(p, y, h[1:].reshape(T * B, m), work.output, d)
    dh = work.output.dh.reshape(T, B, m)
    d.U[:] = 0
    d.b[:] = 0
    cut(p.W, work.blocks_back)
    for t in range(T - 1, -1, -1):
        for i in range(B):
            g, gates, a, before = dh[t, i], work.gates[t, i], work.Wh[t, i], h[t, i]
            du = d.U[:, x[t, i]]
            for j in range(m):
                r, z, n = gates[j], gates[m + j], gates[2 * m + j]
                dn = g[j] * (1 - z) * (1 - n * n)
                dz = g[j] * (before[j] - n) * z * (1 - z)
                dr = dn * a[2 * m + j] * r * (1 - r)
                a[j] = dr
                a[m + j] = dz
                a[2 * m + j] = dn * r
                gates[2 * m + j] = dn
                g[j] *= z
            for j in range(2 * m):
                du[j] += a[j]
                d.b[j] += a[j]
            for j in range(2 * m, 3 * m):
                du[j] += gates[j]
                d.b[j] += gates[j]
        if t > 0:
            multiply(work.Wh[t], p.W, work.blocks_back, work.back)
            for i in range(B):
                for j in range(m):
                    dh[t - 1, i, j] += dh[t, i, j] + work.back[i, j]
    np.dot(work.Wh.reshape(T * B, 3 * m).T, h[:T].reshape(T * B, m), out=d.W)


def state_gradients(p: Parameters, work: Work) -> NDArray[Any]:
    """Return dL / dh_{t-1} for each t, of shape (T, B, m), from what `backward` left in `work`."""
    T, B, m = work.states.shape[1] - 1, *work.states.shape[2:]
    around_W = work.output.dh.reshape(T, B, m)  # through the update gate
    return np.asarray(around_W + work.Wh @ p.W)
