"""Errors planted in the backward pass, to see that the gradient check catches them.

A check that always passes proves nothing. So the source is changed in one place, as a slip of the
pen would change it, and the wrong source is run, uncompiled.
"""

import inspect
from collections.abc import Callable, Iterator

import numpy as np

from rnn import output
from rnn.cells import Slip
from rnn.gradcheck import GradientCheck, analytic_gradient, check_gradients
from rnn.network import Network, find_cell, size
from rnn.numerics.generator import PLANTED

# A small network is checked quickly, and a wrong derivation is wrong at any size.
K, M, T, B = 7, 5, 6, 2
SCALE = 0.5  # standard deviation of its parameters: large enough to make the units nonlinear

SHARED = (
    Slip("nothing flows back through time", "if t > 0:", "if False:"),
    Slip("the target is not subtracted", "y[t, i]] -= 1", "y[t, i]] -= 0"),
    Slip("the target is added", "y[t, i]] -= 1", "y[t, i]] += 1"),
    Slip("the first time step is left out", "range(T - 1, -1, -1)", "range(T - 1, 0, -1)"),
    Slip("the state after is used, not before", "h[:T]", "h[1:]"),
)


def slips(cell: str) -> list[Slip]:
    """Return the slips that can be planted in a cell: its own, and those that all cells share.

    A shared slip is left out if the cell's source lacks the code that it changes.
    """
    source = _source(cell)
    return [*find_cell(cell).SLIPS, *(slip for slip in SHARED if slip.right in source)]


def plant(slip: Slip, cell: str) -> Callable[..., None]:
    """Return the backward pass of a cell and the output layer, with a slip in it.

    Raises
    ------
    ValueError
        When the code that the slip changes does not occur exactly once.
    """
    source = _source(cell)
    if source.count(slip.right) != 1:
        raise ValueError(f"{slip.right!r} occurs {source.count(slip.right)} times in the source")
    names = {**vars(output), **vars(find_cell(cell)), "compiled": lambda function: function}
    exec(source.replace(slip.right, slip.wrong), names)  # noqa: S102  our own source
    wrong: Callable[..., None] = names["backward"]
    return wrong


def _source(cell: str) -> str:
    functions = (output.predict_backward, find_cell(cell).backward)
    return "\n".join(inspect.getsource(getattr(one, "py_func", one)) for one in functions)


def check_planted(cell: str = "rnn", seed: int = 0) -> Iterator[tuple[Slip, GradientCheck]]:
    """Yield each slip that can be planted in a cell, with the result of the gradient check.

    Parameters
    ----------
    cell
        A name in `rnn.network.CELLS`.
    seed
        The seed of the small network's parameters and characters.
    """
    random = np.random.default_rng([seed, PLANTED])
    network = Network(cell, K, M, random.normal(0, SCALE, size(cell, K, M)))
    x, y = random.integers(0, K, (2, T, B))
    for slip in slips(cell):
        gradient = analytic_gradient(network, x, y, plant(slip, cell))
        yield slip, check_gradients(network, x, y, gradient=gradient)
