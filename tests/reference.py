"""A second implementation of the network, slow and plain, to test the fast one against.

It is written from the equations, not from `rnn`, and calls none of its computations. It processes
one stream and one character at a time, with one-hot columns, in NumPy; random numbers use Python's
own integers, and the update rules are closed forms over all gradients so far. The gradients of the
vanilla network are written out; those of all cells come from automatic differentiation (autograd).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd import grad
from numpy.typing import NDArray

from rnn.network import Model, Network, find_cell, size

Array = NDArray[Any]
Weights = dict[str, Array]

CELLS = ("rnn", "gru", "lstm")  # the cells that are implemented here, too
ERRORS = {  # errors of a backward pass, and the parameters whose gradient each makes wrong
    "the derivative of tanh is dropped": "UWb",
    "nothing flows back through time": "UWb",
    "W is not transposed on the way back": "UWb",
    "the first time step is missing": "Ub",  # before it the state is zero, so W has no part in it
    "the last time step is missing": "UWVbc",
    "V meets the state before, not after": "V",
    "W meets the state after, not before": "W",
    "U has the sign the other way": "U",
    "b is counted twice": "b",
    "the softmax forgets the character that came": "UWVbc",
}


def uncompiled(function: Any) -> Any:
    """Return the Python function behind a compiled one."""
    return getattr(function, "py_func", function)


def weights(network: Network) -> Weights:
    """Return a copy of the parameters by name."""
    return {name: part.copy() for name, part in network.p._asdict().items()}


def flat(d: Weights, network: Network) -> Array:
    """Return some of the parameters' shapes by name as one vector, in the order of a network's."""
    theta = np.zeros(network.theta.size)
    for name, part in network.like(theta).p._asdict().items():
        part[:] = d[name]
    return theta


def one_hot(indices: Array, K: int) -> Array:
    """Return a column for each character, of shape (K, T)."""
    columns: Array = np.eye(K)[:, indices]
    return columns


def state_rows(cell: str) -> int:
    """Return how many arrays the state of a cell has."""
    return 2 if cell == "lstm" else 1


def logistic(a: Any) -> Any:
    """Return 1 / (1 + e^-a)."""
    return 1 / (1 + anp.exp(-a))


def next_state(p: Any, column: Array, state: Any, cell: str) -> Any:
    """Return the state after a character, of shape (S, m): h, and the memory of an LSTM.

    The GRU is PyTorch's, with its second bias zero; the LSTM is that with a forget gate.
    """
    h, m = state[0], state.shape[1]
    Uxb, Wh = anp.dot(p["U"], column) + p["b"], anp.dot(p["W"], h)
    if cell == "rnn":
        return anp.array([anp.tanh(Wh + Uxb)])
    if cell == "gru":
        r = logistic(Wh[:m] + Uxb[:m])
        z = logistic(Wh[m : 2 * m] + Uxb[m : 2 * m])
        n = anp.tanh(r * Wh[2 * m :] + Uxb[2 * m :])
        return anp.array([(1 - z) * n + z * h])
    assert cell == "lstm"
    i, f = logistic((Wh + Uxb)[:m]), logistic((Wh + Uxb)[m : 2 * m])
    n, o = anp.tanh((Wh + Uxb)[2 * m : 3 * m]), logistic((Wh + Uxb)[3 * m :])
    q = f * state[1] + i * n
    return anp.array([o * anp.tanh(q), q])


def forward(
    p: Any, x: Array, state: Array, cell: str = "rnn", mask: Array | None = None
) -> tuple[list[Any], list[Any]]:
    """Return the states (T + 1 of them) and the probabilities (T) of one stream.

    `mask` (T, m) is what dropout multiplies the state by, where the output sees it.
    """
    X = one_hot(x, len(p["c"]))
    states, probabilities = [state], []
    for t in range(len(x)):
        states.append(next_state(p, X[:, t], states[t], cell))
        seen = states[-1][0] if mask is None else states[-1][0] * mask[t]
        o = anp.dot(p["V"], seen) + p["c"]
        e = anp.exp(o - anp.max(o))
        probabilities.append(e / anp.sum(e))
    return states, probabilities


def loss(
    p: Any, x: Array, y: Array, state: Array, cell: str = "rnn", mask: Array | None = None
) -> Any:
    """Return the loss of one stream, in nats."""
    _, probabilities = forward(p, x, state, cell, mask)
    return -sum(anp.log(row[i]) for row, i in zip(probabilities, y, strict=True))


automatic_gradients = grad(loss)


def gradients(p: Weights, x: Array, y: Array, h: Array, error: str = "") -> Weights:
    """Return the gradients of the vanilla network for one stream, or wrong ones, see ERRORS."""
    assert not error or error in ERRORS
    K, T = len(p["c"]), len(x)
    X, Y = one_hot(x, K), one_hot(y, K)
    states, probabilities = forward(p, x, h[None])
    states = [state[0] for state in states]
    d = {name: np.zeros_like(part) for name, part in p.items()}
    following = np.zeros_like(h)
    for t in range(T - 1, -1, -1):
        if error == "the last time step is missing" and t == T - 1:
            continue
        g = probabilities[t] - Y[:, t]
        if error == "the softmax forgets the character that came":
            g = probabilities[t]
        back = p["W"] if error == "W is not transposed on the way back" else p["W"].T
        if error == "nothing flows back through time":
            back = 0 * back
        dh = p["V"].T @ g + back @ following
        da = dh * (1 - states[t + 1] ** 2)
        if error == "the derivative of tanh is dropped":
            da = dh
        after, before = states[t + 1], states[t]
        d["V"] += np.outer(g, before if error == "V meets the state before, not after" else after)
        d["c"] += g
        if not (error == "the first time step is missing" and t == 0):
            other = error == "W meets the state after, not before"
            d["W"] += np.outer(da, after if other else before)
            d["U"] += np.outer(da, X[:, t])
            d["b"] += da
        following = da
    if error == "U has the sign the other way":
        d["U"] *= -1
    if error == "b is counted twice":
        d["b"] *= 2
    return d


def mean_gradients(
    p: Weights,
    x: Array,
    y: Array,
    states: Array,
    error: str = "",
    cell: str = "rnn",
    mask: Array | None = None,
) -> Weights:
    """Return the mean over streams: x, y (T, B), states (S, B, m) and perhaps a mask (T, B, m)."""
    B = x.shape[1]
    if cell == "rnn" and mask is None:
        each = [gradients(p, x[:, i], y[:, i], states[0, i], error) for i in range(B)]
    else:
        masks = [None if mask is None else mask[:, i] for i in range(B)]
        each = [
            automatic_gradients(p, x[:, i], y[:, i], states[:, i], cell, masks[i]) for i in range(B)
        ]
    return {name: sum(d[name] for d in each) / B for name in p}


def direction(optimiser: str, gradients: Sequence[Array]) -> Array:
    """Return the update of the last of these steps, divided by the learning rate."""
    g = np.array(gradients)
    ago = np.arange(len(g))[::-1, None]  # steps since each gradient
    if optimiser == "adagrad":
        return np.asarray(g[-1] / np.sqrt((g**2).sum(axis=0) + 1e-8))
    if optimiser == "rmsprop":
        return np.asarray(g[-1] / (np.sqrt((0.01 * 0.99**ago * g**2).sum(axis=0)) + 1e-8))
    assert optimiser == "adam"
    mean = (0.1 * 0.9**ago * g).sum(axis=0) / (1 - 0.9 ** len(g))
    square = (0.001 * 0.999**ago * g**2).sum(axis=0) / (1 - 0.999 ** len(g))
    return np.asarray(mean / (np.sqrt(square) + 1e-8))


@dataclass(frozen=True)
class Moment:
    """Training before an update: the loss is that of the forward pass which makes the update.

    `states`, before the sequences, and `after` them have the shape (S, B, m); `clipped` and `norm`
    are of the update's gradient.
    """

    step: int
    epoch: int
    loss: float
    smooth_loss: float
    p: Weights
    states: Array
    position: int
    after: Array = field(default_factory=lambda: np.empty(0))
    clipped: float = np.nan
    norm: float = np.nan


def train(
    network: Network,
    text: Array,
    *,
    T: int,
    B: int,
    rates: Sequence[float],
    limit: float = 5.0,
    optimiser: str = "adagrad",
    clip_by: str = "value",
    masks: Sequence[Array] | None = None,
    offsets: Sequence[int] | None = None,
) -> list[Moment]:
    """Train; return every step and, last, the state after the last update.

    Parameters
    ----------
    rates
        The learning rate of each update.
    masks
        For each update, what dropout multiplies the states by, of shape (T, B, m).
    offsets
        For each epoch, where in the streams it begins. Each has as many updates as would fit if
        it began at T - 1.
    """
    n = len(text) // B
    streams = [text[i * n : (i + 1) * n].astype(int) for i in range(B)]
    per_epoch = len(range(T, n if offsets is None else n - (T - 1), T))
    cell, theta, past = network.cell, network.theta.copy(), []
    states = np.zeros((state_rows(cell), B, network.m))
    moments: list[Moment] = []
    smooth = np.nan
    for step, rate in enumerate(rates):
        epoch, k = divmod(step, per_epoch)
        start = k * T + (offsets[epoch] if offsets is not None else 0)
        if k == 0:
            states = np.zeros_like(states)
        p = weights(network.like(theta))
        mask = masks[step] if masks is not None else None
        x = np.transpose([stream[start : start + T] for stream in streams])
        y = np.transpose([stream[start + 1 : start + T + 1] for stream in streams])
        after, losses = [], []
        for i in range(B):
            seen = None if mask is None else mask[:, i]
            after.append(forward(p, x[:, i], states[:, i], cell)[0][-1])
            losses.append(float(loss(p, x[:, i], y[:, i], states[:, i], cell, seen)))
        now = sum(losses) / B
        smooth = now if step == 0 else 0.999 * smooth + 0.001 * now
        g = flat(mean_gradients(p, x, y, states, cell=cell, mask=mask), network)
        norm = float(np.sqrt((g**2).sum()))
        if clip_by == "value":
            clipped = float((np.abs(g) > limit).mean())
            g = np.clip(g, -limit, limit)
        else:
            clipped = float(norm > limit)
            g = g * min(1, limit / norm)
        before, states = states, np.stack(after, axis=1)
        moment = Moment(step, epoch + 1, now, smooth, p, before, start, states, clipped, norm)
        moments.append(moment)
        past.append(g)
        theta = theta - rate * direction(optimiser, past)
    last = weights(network.like(theta))
    moments.append(Moment(step + 1, epoch + 1, np.nan, smooth, last, states, start + T))
    return moments


class Sfc32:
    """The random number generator sfc32, in Python's integers."""

    def __init__(self, seed: int, stream: int) -> None:
        self.a, self.b, self.c, self.counter = seed % 2**32, seed // 2**32 % 2**32, stream, 1
        for _ in range(15):
            self.word()

    def word(self) -> int:
        """Return the next 32 bits."""
        word = (self.a + self.b + self.counter) % 2**32
        self.counter = (self.counter + 1) % 2**32
        self.a = self.b ^ (self.b // 2**9)
        self.b = (9 * self.c) % 2**32
        turned = self.c * 2**21 % 2**32 + self.c // 2**11
        self.c = (turned + word) % 2**32
        return word

    def uniform(self) -> float:
        """Return a number in [0, 1)."""
        return self.word() / 2**32


def adjust(P: Array, temperature: float, top_p: float) -> Array:
    """Return the probabilities at a temperature, and only the likeliest of them."""
    P = np.asarray(P, float) ** (1 / temperature)
    P = P / P.sum()
    kept = np.zeros_like(P)
    total = 0.0
    for k in sorted(range(len(P)), key=lambda k: -P[k]):
        if total < top_p:
            kept[k] = P[k]
            total += P[k]
    shares: Array = kept / kept.sum()
    return shares


def write(
    p: Weights,
    state: Array,
    first: int,
    length: int,
    random: Sfc32,
    temperature: float = 1.0,
    top_p: float = 1.0,
    cell: str = "rnn",
) -> list[int]:
    """Return the characters that the network writes after the first."""
    text: list[int] = []
    for _ in range(length):
        states, probabilities = forward(p, np.array([first]), state, cell)
        state = states[-1]
        P = adjust(probabilities[0], temperature, top_p)
        first = int(np.searchsorted(np.cumsum(P), random.uniform(), side="right"))
        text.append(first)
    return text


def drawn(random: np.random.Generator, cell: str, K: int, m: int, scale: float = 0.5) -> Network:
    """Return a network whose parameters are all drawn from N(0, scale^2), biases too."""
    return Network(cell, K, m, random.normal(0, scale, size(cell, K, m)))


def small_model(
    vocabulary: str = "\n abcé", m: int = 3, *, lowercase: bool = True, cell: str = "rnn"
) -> Model:
    """Return a model with weights large enough that it has opinions."""
    random, K = np.random.default_rng(3), len(vocabulary)
    return Model(
        network=drawn(random, cell, K, m, scale=1),
        vocabulary=vocabulary,
        states=random.normal(0, 0.5, (find_cell(cell).STATES, m)),
        first=2,
        lowercase=lowercase,
    )
