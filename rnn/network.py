"""A network's parameters as one flat vector, their names as views into it, and a trained model.

The optimiser, the clipping and a file each deal with the one vector.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.cells import CELLS
from rnn.numerics.arrays import zeros
from rnn.numerics.generator import INITIALISATION

INITIALISATIONS = ("normal", "orthogonal")


@dataclass(frozen=True)
class Model:
    """A trained network with what it takes to read and write text.

    Attributes
    ----------
    vocabulary
        The K characters, sorted by code point.
    hidden_size
        m.
    theta
        The parameters, flat.
    states
        The hidden state that it was left in, of shape (1, m); for the LSTM (2, m).
    first
        The index of the first character of its book.
    lowercase
        Whether its book was read in small letters.
    cell
        A name in `rnn.cells.CELLS`.
    unicode_form
        As in `rnn.text.normalise`.
    """

    vocabulary: str
    hidden_size: int
    theta: NDArray[Any]
    states: NDArray[Any]
    first: int
    lowercase: bool
    cell: str = "rnn"
    unicode_form: str = "nfc"


def size(K: int, m: int, cell: str = "rnn") -> int:
    """Return the number of parameters."""
    return sum(math.prod(shape) for shape in CELLS[cell].shapes(K, m).values())


def slices(K: int, m: int, cell: str = "rnn") -> dict[str, slice]:
    """Return where each parameter lies in the flat vector."""
    ends = np.cumsum([math.prod(shape) for shape in CELLS[cell].shapes(K, m).values()])
    names = CELLS[cell].shapes(K, m)
    return {
        name: slice(int(end) - math.prod(names[name]), int(end))
        for name, end in zip(names, ends, strict=True)
    }


def views(flat: NDArray[Any], K: int, m: int, cell: str = "rnn") -> Any:
    """Return the flat vector's parameters by name, as views.

    The column of U that belongs to a character is contiguous; the others lie row by row.
    """
    where, parts = slices(K, m, cell), {}
    for name, shape in CELLS[cell].shapes(K, m).items():
        part = flat[where[name]]
        parts[name] = part.reshape(shape[::-1]).T if name == "U" else part.reshape(shape)
    return CELLS[cell].Parameters(**parts)


def initialise(
    K: int,
    m: int,
    *,
    seed: int,
    init_scale: float = 0.01,
    initialisation: str = "normal",
    dtype: str = "float64",
    cell: str = "rnn",
) -> NDArray[Any]:
    """Return the flat vector at the start: matrices from N(0, init_scale^2), biases 0.

    With the initialisation "orthogonal", each square block of W is a random orthogonal matrix
    instead, which neither shrinks nor stretches the state (Saxe, McClelland and Ganguli, 2014).
    """
    random = np.random.default_rng([seed, INITIALISATION])
    flat = np.zeros(size(K, m, cell))
    p = views(flat, K, m, cell)
    for part in p:
        if part.ndim == 2:
            part[:] = random.normal(0, init_scale, part.shape)
    if initialisation == "orthogonal":
        for start in range(0, len(p.W), m):
            q, r = np.linalg.qr(random.normal(size=(m, m)))
            p.W[start : start + m] = q * np.sign(np.diag(r))
    theta = zeros(flat.size, dtype)
    theta[:] = flat
    return theta


def spectral_radius(W: NDArray[Any]) -> float:
    """Return the largest absolute value of a square matrix's eigenvalues; NaN if it has a NaN."""
    if not np.isfinite(W).all():
        return float("nan")
    return float(np.abs(np.linalg.eigvals(W.astype(np.float64))).max())
