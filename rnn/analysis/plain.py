"""The backward passes in plain NumPy, for one stream, and the slips that one makes in them.

They do not depend on how the cells are written in `rnn/`: a slip is planted here, whatever the
source of the network looks like. They are also the solution of the exercise (`rnn.exercise`), so
their docstrings speak to students.
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


def output(p: Parameters, y: Array, h: Array, P: Array, d: Parameters) -> Any:
    """Fill dV and dc, and return the output layer's share of dh, of shape (T, m)."""
    g = P.copy()
    g[np.arange(len(y)), y] -= 1
    d.V[:] = g.T @ h[1:]
    d.c[:] = g.sum(axis=0)
    return g @ p.V


def rnn(p: Parameters, x: Array, y: Array, h: Array, P: Array) -> Parameters:
    """Return the gradients of the loss with respect to the parameters.

    Everything is computed from the end of the sequence back to its beginning; after the last step
    nothing follows.

        g_t = p_t - y_t, with y_t one-hot
        dV = sum_t g_t h_t^T
        dc = sum_t g_t
        dh_t = V^T g_t + W^T da_{t+1}
        da_t = dh_t (1 - h_t^2), entry by entry
        dW = sum_t da_t h_{t-1}^T
        dU = sum_t da_t x_t^T, with x_t one-hot
        db = sum_t da_t

    Parameters
    ----------
    p
        The parameters.
    x, y
        The characters read, and the one after each, as indices, of shape (T,).
    h, P
        The states (T + 1, m) and probabilities (T, K) that `forward` returned.

    Returns
    -------
    tuple
        The gradients by name, as `Parameters`: in nats, each of its parameter's shape, not clipped.
    """
    d = Parameters(*map(np.zeros_like, p))
    dh = output(p, y, h, P, d)
    for t in reversed(range(len(x))):
        da = dh[t] * (1 - h[t + 1] ** 2)
        d.U[:, x[t]] += da
        d.W[:] += np.outer(da, h[t])
        d.b[:] += da
        if t > 0:
            dh[t - 1] += p.W.T @ da
    return d


def gru(p: Parameters, x: Array, y: Array, h: Array, P: Array) -> Parameters:
    """Return the gradients of the loss with respect to the parameters.

    The gates r, z and n are not among the arguments: compute them again. s is the logistic
    function, and u_t stands for W_n h_{t-1}.

        g_t = p_t - y_t, with y_t one-hot
        dV = sum_t g_t h_t^T
        dc = sum_t g_t
        dh_t = V^T g_t + dh_{t+1} z_{t+1} + W^T (da_r, da_z, da_n r)_{t+1}
        da_n = dh_t (1 - z_t) (1 - n_t^2)
        da_z = dh_t (h_{t-1} - n_t) z_t (1 - z_t)
        da_r = da_n u_t r_t (1 - r_t)
        dW = sum_t (da_r, da_z, da_n r_t) h_{t-1}^T
        dU = sum_t (da_r, da_z, da_n) x_t^T, with x_t one-hot
        db = sum_t (da_r, da_z, da_n)

    Parameters
    ----------
    p
        The parameters.
    x, y
        The characters read, and the one after each, as indices, of shape (T,).
    h, P
        The states (T + 1, m) and probabilities (T, K) that `forward` returned.

    Returns
    -------
    tuple
        The gradients by name, as `Parameters`: in nats, each of its parameter's shape, not clipped.
    """
    d = Parameters(*map(np.zeros_like, p))
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
    return d


def lstm(p: Parameters, x: Array, y: Array, h: Array, P: Array) -> Parameters:
    """Return the gradients of the loss with respect to the parameters.

    The gates i, f, n and o are not among the arguments: compute them again. The memory is q.

        g_t = p_t - y_t, with y_t one-hot
        dV = sum_t g_t h_t^T
        dc = sum_t g_t
        dh_t = V^T g_t + W^T (da_i, da_f, da_n, da_o)_{t+1}
        dq_t = dh_t o_t (1 - tanh(q_t)^2) + dq_{t+1} f_{t+1}
        da_i = dq_t n_t i_t (1 - i_t)
        da_f = dq_t q_{t-1} f_t (1 - f_t)
        da_n = dq_t i_t (1 - n_t^2)
        da_o = dh_t tanh(q_t) o_t (1 - o_t)
        dW = sum_t (da_i, da_f, da_n, da_o) h_{t-1}^T
        dU = sum_t (da_i, da_f, da_n, da_o) x_t^T, with x_t one-hot
        db = sum_t (da_i, da_f, da_n, da_o)

    Parameters
    ----------
    p
        The parameters.
    x, y
        The characters read, and the one after each, as indices, of shape (T,).
    h, P
        The states, h and the memory q, of shape (2, T + 1, m), and the probabilities (T, K) that
        `forward` returned.

    Returns
    -------
    tuple
        The gradients by name, as `Parameters`: in nats, each of its parameter's shape, not clipped.
    """
    h, q = h
    d = Parameters(*map(np.zeros_like, p))
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
    return d


def logistic(a: Array) -> Any:
    """Return 1 / (1 + exp(-a)), entry by entry."""
    return (1 + np.tanh(a / 2)) / 2


PASSES = {"rnn": rnn, "gru": gru, "lstm": lstm}
# Each text stands once in the source of the cell's pass and of `output`. These are planted in the
# gradient chapter of a report; the further ones below are recognised, too.
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

FURTHER_SHARED = (
    Slip("the target is one off", "y] -= 1", "y - 1] -= 1"),
    Slip("the targets of one step earlier are used", "y] -= 1", "np.roll(y, 1)] -= 1"),
    Slip("x is taken for the target", "= output(p, y,", "= output(p, x,"),
    Slip(
        "all gradients have the wrong sign",
        "    return d",
        "    return Parameters(*(-a for a in d))",
    ),
    Slip(
        "all gradients are the mean over the steps, not their sum",
        "    return d",
        "    return Parameters(*(a / len(x) for a in d))",
    ),
    Slip(
        "all gradients are in bits, not in nats",
        "    return d",
        "    return Parameters(*(a / np.log(2) for a in d))",
    ),
    Slip(
        "the gradients are clipped already",
        "    return d",
        "    return Parameters(*(np.clip(a, -5, 5) for a in d))",
    ),
    Slip(
        "the derivative of the softmax is left out",
        "g = P.copy()",
        "g = (1 - 1 / P) * np.eye(P.shape[1])[y]",
    ),
    Slip("the last time step is left out", "range(len(x))", "range(len(x) - 1)"),
    Slip("V has its last time step alone", "g.T @ h[1:]", "np.outer(g[-1], h[-1])"),
    Slip("V has its first time step alone", "g.T @ h[1:]", "np.outer(g[0], h[1])"),
    Slip("c has its last time step alone", "g.sum(axis=0)", "g[-1]"),
    Slip("c has its first time step alone", "g.sum(axis=0)", "g[0]"),
    Slip("c is summed over the characters, not over time", "g.sum(axis=0)", "g.sum()"),
    Slip("W is overwritten at each time step, not summed", "d.W[:] +=", "d.W[:] ="),
    Slip(
        "U is overwritten at each time step, not summed", "d.U[:, x[t]] += da", "d.U[:, x[t]] = da"
    ),
    Slip(
        "dU[:, x] += adds once for a character that occurs twice (np.add.at adds each time)",
        "d.U[:, x[t]] += da",
        "d.U[:, x[t]] += da * (x[t] not in x[t + 1 :])",
    ),
    Slip("b is overwritten at each time step, not summed", "d.b[:] += da", "d.b[:] = da"),
    Slip("b is summed over the units, too", "d.b[:] += da", "d.b[:] += da.sum()"),
    Slip("U meets the characters that follow, not those read", "d.U[:, x[t]]", "d.U[:, y[t]]"),
    Slip("U meets the characters of one step earlier", "d.U[:, x[t]]", "d.U[:, x[t - 1]]"),
    Slip("what flows back replaces the output layer's share", "dh[t - 1] +=", "dh[t - 1] ="),
    Slip("h of step 0 is taken for zero", ", h[t])\n", ", h[t] * (t > 0))\n"),
)
FURTHER_OWN = {
    "rnn": (
        Slip(
            "the derivative of tanh is taken of a, not of h",
            "h[t + 1] **",
            "np.arctanh(h[t + 1]) **",
        ),
        Slip(
            "the derivative of tanh is taken of the state before",
            "(1 - h[t + 1] **",
            "(1 - h[t] **",
        ),
        Slip("h is not squared in the derivative of tanh", "h[t + 1] ** 2", "h[t + 1]"),
        Slip(
            "the derivative is that of the logistic function, not of tanh",
            "(1 - h[t + 1] ** 2)",
            "h[t + 1] * (1 - h[t + 1])",
        ),
        Slip(
            "the derivative of tanh is applied twice",
            "(1 - h[t + 1] ** 2)",
            "(1 - h[t + 1] ** 2) ** 2",
        ),
        Slip("dh, not da, flows back through W", "p.W.T @ da", "p.W.T @ dh[t]"),
        Slip("da flows back without W", "p.W.T @ da", "da"),
        Slip(
            "the gradient flows back one time step and no further",
            "p.W.T @ da",
            "p.W.T @ ((1 - h[t + 1] ** 2) * ((P[t] - np.eye(len(p.c))[y[t]]) @ p.V))",
        ),
        Slip("W is transposed in its gradient", "np.outer(da, h[t])", "np.outer(h[t], da)"),
    ),
    "gru": (
        Slip(
            "the reset gate multiplies U's gradient, too",
            "da = np.concatenate([dr, dz, dn])",
            "da = np.concatenate([dr, dz, dn * r])",
        ),
        Slip("z and 1 - z are exchanged", "dh[t] * (1 - z) *", "dh[t] * z *"),
        Slip("the update gate has the wrong sign", "(h[t] - n)", "(n - h[t])"),
        Slip("the candidate is left out of the update gate", "(h[t] - n)", "h[t]"),
        Slip("the derivative of the logistic function in z is dropped", " * z * (1 - z)", ""),
        Slip(
            "the derivative of the logistic function in z lacks z", " * z * (1 - z)", " * (1 - z)"
        ),
        Slip("the gradient of r has h, not W_n h", "dn * Wh[2]", "dn * h[t]"),
        Slip("the derivative of the logistic function in r is dropped", " * r * (1 - r)", ""),
        Slip(
            "the order of r and z is exchanged in U and b",
            "da = np.concatenate([dr, dz,",
            "da = np.concatenate([dz, dr,",
        ),
        Slip("only the path around W flows back", " + p.W.T @ dWh", ""),
    ),
    "lstm": (
        Slip("the memory carries nothing back", "dq = dq * f", "dq = 0 * dq"),
        Slip("the derivative of the logistic function in i is dropped", "n * i * (1 - i)", "n"),
        Slip("the derivative of the logistic function in f is dropped", " * f * (1 - f)", ""),
        Slip("the derivative of the logistic function in o is dropped", ") * o * (1 - o)", ")"),
        Slip(
            "the forget gate meets the memory after, not before", "dq * q[t] *", "dq * q[t + 1] *"
        ),
        Slip(
            "the output gate meets the memory without its tanh",
            "dh[t] * np.tanh(q[t + 1])",
            "dh[t] * q[t + 1]",
        ),
        Slip("i and f are exchanged", "[di, df, dn, do]", "[df, di, dn, do]"),
    ),
}
FURTHER = {cell: (*own, *FURTHER_SHARED) for cell, own in FURTHER_OWN.items()}
