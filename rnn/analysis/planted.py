"""Errors planted in the backward pass, to see that the gradient check catches them.

A check that always passes proves nothing. So one place of the source is changed, as a slip of the
pen would, and what then runs is that wrong source, uncompiled.
"""

import inspect
from collections.abc import Callable, Iterator

import numpy as np

from rnn import output
from rnn.cells import Slip
from rnn.gradcheck import GradientCheck, analytic_gradient, check_gradients
from rnn.network import Network, find_cell, size
from rnn.numerics.generator import PLANTED

# A small network of its own: a wrong derivation is wrong at any size, and here it is soon found.
K, M, T, B = 7, 5, 6, 2
SCALE = 0.5  # standard deviation of its parameters: large enough for the units to bend

SHARED = (
    Slip("nothing flows back through time", "if t > 0:", "if False:"),
    Slip("the character that came is forgotten", "y[t, i]] -= 1", "y[t, i]] -= 0"),
    Slip("the sign of what came is wrong", "y[t, i]] -= 1", "y[t, i]] += 1"),
    Slip("the first time step is left out", "range(T - 1, -1, -1)", "range(T - 1, 0, -1)"),
    Slip("W meets the state after, not before", "h[:T]", "h[1:]"),
)


def slips(cell: str) -> list[Slip]:
    """Return the slips that can be planted in a cell: its own, and those that all cells share.

    A shared one is left out where a cell is written otherwise.
    """
    source = _source(cell)
    return [*find_cell(cell).SLIPS, *(slip for slip in SHARED if slip.right in source)]


def plant(slip: Slip, cell: str) -> Callable[..., None]:
    """Return the backward pass of a cell, with that of the output layer, with a slip in it.

    Raises
    ------
    ValueError
        When what stands in the place of the slip is not there, or more than once.
    """
    source = _source(cell)
    if source.count(slip.right) != 1:
        raise ValueError(f"{slip.right!r} is {source.count(slip.right)} times in the source")
    names = {**vars(output), **vars(find_cell(cell)), "compiled": lambda function: function}
    exec(source.replace(slip.right, slip.wrong), names)  # noqa: S102  our own source
    wrong: Callable[..., None] = names["backward"]
    return wrong


def _source(cell: str) -> str:
    functions = (output.predict_backward, find_cell(cell).backward)
    return "\n".join(inspect.getsource(getattr(one, "py_func", one)) for one in functions)


def check_planted(cell: str = "rnn", seed: int = 0) -> Iterator[tuple[Slip, GradientCheck]]:
    """Yield each slip that can be planted in a cell, and what the gradient check says of it.

    Parameters
    ----------
    cell
        A name in `rnn.network.CELLS`.
    seed
        Of the parameters and characters of the small network.
    """
    random = np.random.default_rng([seed, PLANTED])
    network = Network(cell, K, M, random.normal(0, SCALE, size(cell, K, M)))
    x, y = random.integers(0, K, (2, T, B))
    for slip in slips(cell):
        gradient = analytic_gradient(network, x, y, plant(slip, cell))
        yield slip, check_gradients(network, x, y, gradient=gradient)
