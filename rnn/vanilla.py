"""The vanilla recurrent network, forward and backward.

| letter | meaning | shape | PyTorch's name |
|---|---|---|---|
| K | vocabulary size | | |
| m | hidden size | | `hidden_size` |
| T | sequence length | | |
| B | parallel streams (the batch) | | `batch_size` |
| U | input to hidden | (m, K) | `weight_ih_l0` |
| W | hidden to hidden | (m, m) | `weight_hh_l0` |
| V | hidden to output | (K, m) | `weight` of the output layer |
| b | hidden bias | (m,) | `bias_ih_l0` + `bias_hh_l0` |
| c | output bias | (K,) | `bias` of the output layer |
| x, y | characters as indices; y is one ahead of x | (T, B) | |
| h | hidden states; row 0 is the state before the sequence | (T + 1, B, m) | `output` |
| P | probabilities p of the next character | (T * B, K) | |
| g | gradient of the scores o; overwrites P | (T * B, K) | |
| dh, da | gradients of h, and of the argument a of tanh | (T, B, m) | |

The equations are those of Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 10.2:

    h_t = tanh(W h_{t-1} + U x_t + b)
    o_t = V h_t + c;  p_t = softmax(o_t);  L = -sum_t log p_t[y_t]
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

BLOCKS, STATES = 1, 1


class Work(NamedTuple):
    """The arrays that one pass fills, so that none is allocated in the loop."""

    states: NDArray[Any]  # (1, T + 1, B, m): h
    output: Output
    back: NDArray[Any]  # (B, m): W^T da
    blocks: NDArray[Any]  # blocks of W^T on the way forward, W on the way back


def workspace(K: int, m: int, T: int, B: int, dtype: Any, dropout: bool = False) -> Work:
    """Return zeroed arrays for B streams of T characters."""
    return Work(
        states=zeros((1, T + 1, B, m), dtype),
        output=output_arrays(K, m, T * B, dtype, dropout),
        back=zeros((B, m), dtype),
        blocks=blocks_for(m, m, B, dtype),
    )


@compiled
def forward(p: Parameters, x: NDArray[Any], work: Work) -> None:
    """Fill the hidden states and the probabilities for the characters x (T, B).

    h_t = tanh(W h_{t-1} + U x_t + b);  p_t = softmax(V h_t + c). Since x_t is one-hot, U x_t is a
    column of U.
    """
    h = work.states[0]
    T, B, m = h.shape[0] - 1, h.shape[1], h.shape[2]
    cut(p.W.T, work.blocks)
    for t in range(T):
        multiply(h[t], p.W.T, work.blocks, h[t + 1])
        for i in range(B):
            a, u = h[t + 1, i], p.U[:, x[t, i]]
            for j in range(m):
                a[j] = tanh(a[j] + u[j] + p.b[j])
    predict(p, h[1:].reshape(T * B, m), work.output)


@compiled
def backward(p: Parameters, x: NDArray[Any], y: NDArray[Any], work: Work, d: Parameters) -> None:
    """Fill the gradients d of the loss, after `forward` on the same x. P and dh are overwritten.

    dh_t = V^T g_t + W^T da_{t+1};  da_t = dh_t (1 - h_t^2);
    dW = sum_t da_t h_{t-1}^T;  dU = sum_t da_t x_t^T;  db = sum_t da_t.
    """
    h = work.states[0]
    T, B, m = h.shape[0] - 1, h.shape[1], h.shape[2]
    predict_backward(p, y, h[1:].reshape(T * B, m), work.output, d)
    dh = work.output.dh.reshape(T, B, m)
    d.U[:] = 0
    d.b[:] = 0
    cut(p.W, work.blocks)
    for t in range(T - 1, -1, -1):
        for i in range(B):
            da, a, du = dh[t, i], h[t + 1, i], d.U[:, x[t, i]]
            for j in range(m):
                da[j] *= 1 - a[j] * a[j]  # dh[t] holds da_t from here on
                du[j] += da[j]
                d.b[j] += da[j]
        if t > 0:
            multiply(dh[t], p.W, work.blocks, work.back)
            for i in range(B):
                for j in range(m):
                    dh[t - 1, i, j] += work.back[i, j]
    np.dot(work.output.dh.T, h[:T].reshape(T * B, m), out=d.W)


def state_gradients(p: Parameters, work: Work) -> NDArray[Any]:
    """Return dL / dh_{t-1} for each t, of shape (T, B, m), from what `backward` left in `work`."""
    T, B, m = work.states.shape[1] - 1, *work.states.shape[2:]
    da = work.output.dh.reshape(T, B, m)
    return np.asarray(da @ p.W)
