"""Errors planted in the backward pass, to see that the gradient check catches them.

A check that always passes proves nothing. So one place of the source is changed, as a slip of the
pen would, and what then runs is that wrong source, uncompiled.
"""

import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from rnn import output
from rnn.cells import CELLS
from rnn.gradcheck import GradientCheck, analytic_gradient, check_gradients
from rnn.network import size
from rnn.numerics.generator import PLANTED

# A small network of its own: a wrong derivation is wrong at any size, and here it is soon found.
K, M, T, B = 7, 5, 6, 2
SCALE = 0.5  # standard deviation of its parameters: large enough for the units to bend


class Error(NamedTuple):
    """What is wrong, what stands in the source, and what is put in its place."""

    what: str
    right: str
    wrong: str


SHARED = (
    Error("the character that came is forgotten", "y[t, i]] -= 1", "y[t, i]] -= 0"),
    Error("the sign of what came is wrong", "y[t, i]] -= 1", "y[t, i]] += 1"),
    Error("the first time step is left out", "range(T - 1, -1, -1)", "range(T - 1, 0, -1)"),
    Error("W meets the state after, not before", "h[:T]", "h[1:]"),
)
ERRORS: dict[str, tuple[Error, ...]] = {
    "rnn": (
        Error("the derivative of tanh is dropped", "da[j] *= 1 - a[j] * a[j]", "da[j] *= 1"),
        Error("nothing flows back through time", "if t < T - 1:", "if False:"),
        Error("W is not transposed", "dh[t + 1], p.W,", "dh[t + 1], p.W.T,"),
        Error("U has the wrong sign", "du[j] += da[j]", "du[j] -= da[j]"),
        Error("b is counted twice", "d.b[j] += da[j]", "d.b[j] += 2 * da[j]"),
        *SHARED,
    ),
    "gru": (
        Error("the derivative of tanh is dropped", "* (1 - z) * (1 - n * n)", "* (1 - z)"),
        Error("nothing flows back through time", "if t > 0:", "if False:"),
        Error("the path around W is forgotten", "+= dh[t, i, j] + work.back", "+= work.back"),
        Error("the reset gate is forgotten", "= dn * r\n", "= dn\n"),
        *SHARED,
    ),
    "lstm": (
        Error("the derivative of tanh is dropped", "* into * (1 - n * n)", "* into"),
        Error("nothing flows back through time", "if t > 0:", "if False:"),
        Error("the forget gate is forgotten", "dq[j] = change * forget", "dq[j] = change"),
        Error("the memory's own tanh is forgotten", "squashed[j] * squashed[j])", "0)"),
        *SHARED,
    ),
}


def plant(error: Error, cell: str) -> Callable[..., None]:
    """Return the backward pass of a cell, with that of the output layer, with an error in it.

    Raises
    ------
    ValueError
        When what stands in the place of the error is not there, or more than once.
    """
    module = CELLS[cell]
    source = "\n".join(
        inspect.getsource(getattr(function, "py_func", function))
        for function in (output.predict_backward, module.backward)
    )
    if source.count(error.right) != 1:
        raise ValueError(f"{error.right!r} is {source.count(error.right)} times in the source")
    names = {**vars(output), **vars(module), "compiled": lambda function: function}
    exec(source.replace(error.right, error.wrong), names)  # noqa: S102  our own source
    wrong: Callable[..., None] = names["backward"]
    return wrong


def check_planted(cell: str = "rnn", seed: int = 0) -> Iterator[tuple[Error, GradientCheck]]:
    """Yield each error that can be planted in a cell, and what the gradient check says of it.

    Parameters
    ----------
    cell
        A name in `rnn.cells.CELLS`.
    seed
        Of the parameters and characters of the small network.
    """
    random = np.random.default_rng([seed, PLANTED])
    theta: Any = random.normal(0, SCALE, size(K, M, cell))
    x, y = random.integers(0, K, (2, T, B))
    for error in ERRORS[cell]:
        gradient = analytic_gradient(theta, K, M, x, y, cell, plant(error, cell))
        yield error, check_gradients(theta, K, M, x, y, cell=cell, gradient=gradient)
