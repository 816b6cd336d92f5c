"""The backward passes in plain NumPy, for one stream, and the slips that one makes in them.

They do not depend on how the cells are written in `rnn/`: a slip is planted here, whatever the
source of the network looks like. Letters are those of `rnn.vanilla`; x and y are of shape (T,),
the probabilities P (T, K), the states h (T + 1, m), and the memory q of an LSTM, too.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.cells import Parameters

Array = NDArray[Any]


class Slip(NamedTuple):
    """A mistake to plant: its description, the correct code and the wrong code."""

    what: str
    right: str
    wrong: str


def output(p: Parameters, y: Array, h: Array, P: Array, d: Parameters) -> Array:
    """Fill dV and dc, and return the output layer's share of dh, of shape (T, m)."""
    g = P.copy()
    g[np.arange(len(y)), y] -= 1
    d.V[:] = g.T @ h[1:]
    d.c[:] = g.sum(axis=0)
    return np.asarray(g @ p.V)


def rnn(p: Parameters, x: Array, y: Array, states: Array, P: Array, d: Parameters) -> None:
    """Fill the gradients of the vanilla network."""
    h = states[0]
    dh = output(p, y, h, P, d)
    for t in reversed(range(len(x))):
        da = dh[t] * (1 - h[t + 1] ** 2)
        d.U[:, x[t]] += da
        d.W[:] += np.outer(da, h[t])
        d.b[:] += da
        if t > 0:
            dh[t - 1] += p.W.T @ da


def gru(p: Parameters, x: Array, y: Array, states: Array, P: Array, d: Parameters) -> None:
    """Fill the gradients of the gated recurrent unit."""
    h = states[0]
    dh = output(p, y, h, P, d)
    for t in reversed(range(len(x))):
        Wh, u = np.split(p.W @ h[t], 3), np.split(p.U[:, x[t]] + p.b, 3)
        r, z = logistic(Wh[0] + u[0]), logistic(Wh[1] + u[1])
        n = np.tanh(r * Wh[2] + u[2])
        dn = dh[t] * (1 - z) * (1 - n**2)
        dz = dh[t] * (h[t] - n) * z * (1 - z)
        dr = dn * Wh[2] * r * (1 - r)
        da = np.concatenate([dr, dz, dn])
        dWh = np.concatenate([dr, dz, dn * r])
        d.U[:, x[t]] += da
        d.W[:] += np.outer(dWh, h[t])
        d.b[:] += da
        if t > 0:
            dh[t - 1] += dh[t] * z + p.W.T @ dWh


def lstm(p: Parameters, x: Array, y: Array, states: Array, P: Array, d: Parameters) -> None:
    """Fill the gradients of the long short-term memory."""
    h, q = states
    dh, dq = output(p, y, h, P, d), np.zeros_like(h[0])
    for t in reversed(range(len(x))):
        a = np.split(p.W @ h[t] + p.U[:, x[t]] + p.b, 4)
        i, f, n, o = logistic(a[0]), logistic(a[1]), np.tanh(a[2]), logistic(a[3])
        dq += dh[t] * o * (1 - np.tanh(q[t + 1]) ** 2)
        di = dq * n * i * (1 - i)
        df = dq * q[t] * f * (1 - f)
        dn = dq * i * (1 - n**2)
        do = dh[t] * np.tanh(q[t + 1]) * o * (1 - o)
        da = np.concatenate([di, df, dn, do])
        d.U[:, x[t]] += da
        d.W[:] += np.outer(da, h[t])
        d.b[:] += da
        dq = dq * f
        if t > 0:
            dh[t - 1] += p.W.T @ da


def logistic(a: Array) -> Array:
    """Return 1 / (1 + exp(-a))."""
    return np.asarray((1 + np.tanh(a / 2)) / 2)


PASSES = {"rnn": rnn, "gru": gru, "lstm": lstm}
# Each text stands once in the source of the cell's pass and of `output`.
SHARED = (
    Slip("nothing flows back through time", "if t > 0:", "if False:"),
    Slip("the target is not subtracted", "y] -= 1", "y] -= 0"),
    Slip("the target is added", "y] -= 1", "y] += 1"),
    Slip("the first time step is left out", "range(len(x))", "range(1, len(x))"),
    Slip("U has the wrong sign", "d.U[:, x[t]] += da", "d.U[:, x[t]] -= da"),
    Slip("b is counted twice", "d.b[:] += da", "d.b[:] += 2 * da"),
    Slip("V meets the state before, not after", "g.T @ h[1:]", "g.T @ h[:-1]"),
)
OWN = {
    "rnn": (
        Slip("the derivative of tanh is dropped", "dh[t] * (1 - h[t + 1] ** 2)", "dh[t]"),
        Slip("W is not transposed", "p.W.T @ da", "p.W @ da"),
        Slip("W meets the state after, not before", "(da, h[t])", "(da, h[t + 1])"),
    ),
    "gru": (
        Slip("the derivative of tanh is dropped", "(1 - z) * (1 - n**2)", "(1 - z)"),
        Slip("the path around W is forgotten", "dh[t] * z + p.W.T", "p.W.T"),
        Slip("the reset gate is forgotten", "dn * r])", "dn])"),
    ),
    "lstm": (
        Slip("the derivative of tanh is dropped", "dq * i * (1 - n**2)", "dq * i"),
        Slip("the forget gate is forgotten", "dq = dq * f", "dq = dq"),
        Slip("the memory's own tanh is forgotten", "o * (1 - np.tanh(q[t + 1]) ** 2)", "o"),
    ),
}
SLIPS = {cell: (*own, *SHARED) for cell, own in OWN.items()}
