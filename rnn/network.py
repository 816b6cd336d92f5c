"""A network as one value: its cell, its sizes and its parameters as one flat vector.

Clipping, update rules and checkpoints work on the one vector; the equations use its views by name.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn import gru, lstm, vanilla
from rnn.cells import Cell, Parameters, check_contract, shapes
from rnn.errors import InputError
from rnn.numerics.arrays import zeros
from rnn.numerics.compiled import specialise
from rnn.numerics.generator import INITIALISATION

CELLS: dict[str, Cell] = {"rnn": vanilla, "gru": gru, "lstm": lstm}
for _name, _module in CELLS.items():
    check_contract(_name, _module)

INITIALISATIONS = ("normal", "orthogonal")


def find_cell(name: str) -> Cell:
    """Return the module of a cell.

    Raises
    ------
    InputError
        When there is no such cell.
    """
    if name not in CELLS:
        raise InputError(f"there is no cell {name!r}: choose from {', '.join(CELLS)}")
    return CELLS[name]


def for_cell(function: Callable[..., Any], cell: str) -> Any:
    """Return a compiled loop that uses the `forward` and `backward` of a cell.

    Each loop is written once, with those of the vanilla network.
    """
    module = find_cell(cell)
    return specialise(function, forward=module.forward, backward=module.backward)


@dataclass(frozen=True, eq=False)
class Network:
    """A network: its cell, its sizes and its parameters.

    Attributes
    ----------
    cell
        A name in `CELLS`.
    K, m
        Vocabulary size and hidden size.
    theta
        The parameters as one flat vector; `p` gives views into it.
    """

    cell: str
    K: int
    m: int
    theta: NDArray[Any]

    @property
    def p(self) -> Parameters:
        """The parameters by name, as views."""
        return views(self.theta, self.cell, self.K, self.m)

    def like(self, theta: NDArray[Any]) -> "Network":
        """Return a network with the same cell and sizes and the flat parameters `theta`."""
        return replace(self, theta=theta)

    def workspace(self, T: int, B: int, dropout: bool = False) -> Any:
        """Return zeroed arrays for passes over B streams of T characters."""
        cell = find_cell(self.cell)
        return cell.workspace(self.K, self.m, T, B, self.theta.dtype, dropout)

    def loop(self, function: Callable[..., Any]) -> Any:
        """Return a compiled loop that uses the passes of this network's cell."""
        return for_cell(function, self.cell)


@dataclass(frozen=True, eq=False)
class Model:
    """A trained network with everything needed to read and write text.

    Attributes
    ----------
    network
        The network.
    vocabulary
        The K characters, sorted by code point.
    states
        The state in which training left it, of shape (STATES, m): h, and the memory of an LSTM.
    first
        The index of the first character of its book.
    lowercase
        Whether its book was converted to lower case.
    unicode_form
        As in `rnn.text.normalise`.
    way
        The rate and the decay with which the network adapts to a text, if they were chosen; see
        `rnn.analysis.adapting`.
    gate
        The rates at which it is mixed with counting, if it was; see `rnn.analysis.mixing`.
    """

    network: Network
    vocabulary: str
    states: NDArray[Any]
    first: int
    lowercase: bool
    unicode_form: str = "nfc"
    way: tuple[float, float] | None = None
    gate: tuple[float, float] | None = None


def size(cell: str, K: int, m: int) -> int:
    """Return the number of parameters.

    >>> size("rnn", K=80, m=100)
    26180
    """
    return sum(math.prod(shape) for shape in shapes(find_cell(cell), K, m).values())


def slices(cell: str, K: int, m: int) -> dict[str, slice]:
    """Return where each parameter lies in the flat vector.

    >>> slices("rnn", K=3, m=2)["W"]
    slice(6, 10, None)
    """
    found, start = {}, 0
    for name, shape in shapes(find_cell(cell), K, m).items():
        found[name] = slice(start, start + math.prod(shape))
        start += math.prod(shape)
    return found


def views(flat: NDArray[Any], cell: str, K: int, m: int) -> Parameters:
    """Return the parts of a flat vector by name, as views.

    U is stored column by column, a column for each character, and the others row by row.
    """
    where, parts = slices(cell, K, m), {}
    for name, shape in shapes(find_cell(cell), K, m).items():
        part = flat[where[name]]
        parts[name] = part.reshape(shape[::-1]).T if name == "U" else part.reshape(shape)
    return Parameters(**parts)


def initialise(
    cell: str,
    K: int,
    m: int,
    *,
    seed: int,
    init_scale: float = 0.01,
    initialisation: str = "normal",
    dtype: str = "float64",
) -> Network:
    """Return an untrained network: matrices drawn from N(0, init_scale^2), biases 0.

    With the initialisation "orthogonal", each square block of W is a random orthogonal matrix
    instead, which neither shrinks nor stretches the state (Saxe, McClelland and Ganguli, 2014).
    """
    random = np.random.default_rng([seed, INITIALISATION])
    flat = np.zeros(size(cell, K, m))
    p = views(flat, cell, K, m)
    for part in p:
        if part.ndim == 2:
            part[:] = random.normal(0, init_scale, part.shape)
    if initialisation == "orthogonal":
        for start in range(0, len(p.W), m):
            q, r = np.linalg.qr(random.normal(size=(m, m)))
            p.W[start : start + m] = q * np.sign(np.diag(r))
    theta = zeros(flat.size, dtype)
    theta[:] = flat
    return Network(cell, K, m, theta)


def spectral_radius(W: NDArray[Any]) -> float:
    """Return the largest absolute value of a square matrix's eigenvalues; NaN if it has a NaN.

    >>> spectral_radius(np.diag([0.5, -2.0]))
    2.0
    """
    if not np.isfinite(W).all():
        return float("nan")
    return float(np.abs(np.linalg.eigvals(W.astype(np.float64))).max())
