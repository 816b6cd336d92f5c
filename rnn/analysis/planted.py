"""Errors planted in the backward pass, to see that the gradient check catches them.

A check that always passes proves nothing. So a pass of `rnn.analysis.plain` is changed in one
place, as a slip of the pen would change it, and the gradient of the wrong pass is checked.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.analysis import plain
from rnn.analysis.plain import FURTHER, PASSES, SLIPS, Slip
from rnn.cells import Parameters
from rnn.gradcheck import (
    CLOSE,
    GradientCheck,
    analytic_gradient,
    check_gradients,
    relative_error,
)
from rnn.network import Network, find_cell, size
from rnn.numerics.generator import PLANTED

# A small network is checked quickly, and a wrong derivation is wrong at any size.
K, M, T = 7, 5, 6
SCALE = 0.5  # standard deviation of its parameters: large enough to make the units nonlinear


def plant(slip: Slip, cell: str) -> Callable[..., Parameters]:
    """Return the plain backward pass of a cell with a slip in it.

    Raises
    ------
    ValueError
        When the code that the slip changes does not occur exactly once.
    """
    source = "\n".join(inspect.getsource(part) for part in (plain.output, PASSES[cell]))
    names = dict(vars(plain))
    exec(changed(source, slip), names)  # noqa: S102  our own source
    wrong: Callable[..., Parameters] = names[cell]
    return wrong


def changed(source: str, slip: Slip) -> str:
    """Return source code with a slip in it.

    Raises
    ------
    ValueError
        When the code that the slip changes does not occur exactly once.
    """
    if source.count(slip.right) != 1:
        raise ValueError(f"{slip.right!r} occurs {source.count(slip.right)} times in the source")
    return source.replace(slip.right, slip.wrong)


def plain_gradient(
    network: Network,
    x: NDArray[np.int64],
    y: NDArray[np.int64],
    backward: Callable[..., Parameters] | None = None,
) -> NDArray[np.float64]:
    """Return the gradient that a plain backward pass gives, as one flat vector.

    Parameters
    ----------
    network
        The network.
    x, y
        A sequence and the characters that follow, of shape (T, 1).
    backward
        A pass in the place of the cell's own in `rnn.analysis.plain`.
    """
    p, work = network.p, network.workspace(*x.shape)
    find_cell(network.cell).forward(p, x, work)
    states = work.states[:, :, 0]
    h = states if len(states) > 1 else states[0]
    d = (backward or PASSES[network.cell])(p, x[:, 0], y[:, 0], h, work.output.P)
    gradient = np.zeros_like(network.theta)
    for part, value in zip(network.like(gradient).p, d, strict=True):
        part[:] = value
    return gradient


def recognise(
    network: Network,
    x: NDArray[np.int64],
    y: NDArray[np.int64],
    gradient: NDArray[np.float64] | None = None,
) -> list[Slip]:
    """Return the slips that give a gradient, by default that of the network's backward pass."""
    own = analytic_gradient(network, x, y) if gradient is None else gradient
    right = plain_gradient(network, x, y)
    found = []
    for slip in (*SLIPS.get(network.cell, ()), *FURTHER.get(network.cell, ())):
        wrong = plain_gradient(network, x, y, plant(slip, network.cell))
        # Some change nothing here, such as a wrong use of the state before, which is zero.
        if relative_error(own, wrong) < CLOSE < relative_error(right, wrong):
            found.append(slip)
    return found


def check_own(
    cell: str = "rnn",
    seed: int = 0,
    gradient: Callable[..., NDArray[Any]] = analytic_gradient,
) -> GradientCheck:
    """Return the check of a backward pass in the small network with larger weights.

    Parameters
    ----------
    cell, seed
        As for `check_planted`.
    gradient
        Computes the gradient, flat, from a network, x and y; by default the network's own.
    """
    small = _small(cell, seed)
    return check_gradients(*small, gradient=gradient(*small))


def with_larger_weights(
    check: GradientCheck,
    cell: str = "rnn",
    seed: int = 0,
    gradient: Callable[..., NDArray[Any]] = analytic_gradient,
) -> GradientCheck:
    """Return a check with the errors of `check_own`, too.

    The weights of an untrained network, and hence its states, are so close to zero that much of
    what a slip does is hidden.
    """
    return replace(check, larger=check_own(cell, seed, gradient).complex_step)


def _small(cell: str, seed: int) -> tuple[Network, NDArray[np.int64], NDArray[np.int64]]:
    """Return a small network with larger weights, a sequence and the characters that follow."""
    random = np.random.default_rng([seed, PLANTED])
    network = Network(cell, K, M, random.normal(0, SCALE, size(cell, K, M)))
    x, y = random.integers(0, K, (2, T, 1))
    return network, x, y


def check_planted(cell: str = "rnn", seed: int = 0) -> Iterator[tuple[Slip, GradientCheck]]:
    """Yield each slip that is known of a cell, with the result of the gradient check.

    Parameters
    ----------
    cell
        A name in `rnn.network.CELLS`.
    seed
        The seed of the small network's parameters and characters.
    """
    network, x, y = _small(cell, seed)
    for slip in SLIPS.get(cell, ()):
        gradient = plain_gradient(network, x, y, plant(slip, cell))
        yield slip, check_gradients(network, x, y, gradient=gradient)
