"""Comparison of the analytic gradients with numerical ones, entry by entry."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.network import Network, find_cell, slices
from rnn.numerics.compiled import compiled
from rnn.numerics.faults import called
from rnn.numerics.generator import GRADIENT_CHECK
from rnn.output import loss
from rnn.vanilla import forward

CHECKED = 50_000  # entries; of more, a seeded choice of about this many is checked
PRODUCTS = 5e10  # multiplications allowed for one method; beyond it, fewer entries are checked
FEW = 20  # entries of each parameter, at least
METHODS = ("central_difference", "complex_step")
H, COMPLEX_H = 1e-4, 1e-30  # the steps of the two methods
CLOSE, EXACT = 1e-6, 1e-14  # the usual relative errors of a right gradient are below these
UNDIFFERENTIABLE = (
    "the forward pass may hold what the complex step can't differentiate, such as abs, max or a"
    " comparison"
)
OTHER_NETWORK = "its `forward` or `loss` is not that of the equations"
WRONG = 1e-8  # of the complex step; rounding stays far below it, whatever the size and the cell


@dataclass(frozen=True)
class GradientCheck:
    """The result of a gradient check.

    Attributes
    ----------
    central_difference, complex_step
        The relative error of each parameter.
    entries, checked
        The number of entries in all parameters, and the number that were checked.
    larger
        The relative error of each parameter, by the complex step, in a small network with larger
        weights, if that was checked, too.
    """

    central_difference: dict[str, float]
    complex_step: dict[str, float]
    entries: int
    checked: int
    larger: dict[str, float] = field(default_factory=dict)


@compiled
def central_differences(
    theta: NDArray[Any],
    p: Any,
    x: NDArray[np.int64],
    y: NDArray[np.int64],
    work: Any,
    entries: NDArray[np.int64],
    h: float,
    result: NDArray[Any],
) -> None:
    """Fill the derivatives (L(theta_i + h) - L(theta_i - h)) / 2h of the loss for some entries i.

    `p` holds views into `theta`, which is restored afterwards.
    """
    for i in range(entries.size):
        value = theta[entries[i]]
        theta[entries[i]] = value + h
        forward(p, x, work)
        above = loss(work.output.log_P, y)
        theta[entries[i]] = value - h
        forward(p, x, work)
        result[i] = (above - loss(work.output.log_P, y)) / (2 * h)
        theta[entries[i]] = value


@compiled
def complex_steps(
    theta: NDArray[Any],
    p: Any,
    x: NDArray[np.int64],
    y: NDArray[np.int64],
    work: Any,
    entries: NDArray[np.int64],
    h: float,
    result: NDArray[Any],
) -> None:
    """Fill the derivatives Im L(theta_i + ih) / h of the loss for some entries i.

    No difference is taken, so no digits cancel, and h may be as small as 1e-30 (Squire and Trapp,
    1998, "Using complex variables to estimate derivatives of real functions").
    """
    for i in range(entries.size):
        value = theta[entries[i]]
        theta[entries[i]] = value + h * 1j
        forward(p, x, work)
        result[i] = loss(work.output.log_P, y).imag / h
        theta[entries[i]] = value


def first_sequence(indices: NDArray[Any], T: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first T characters and the character after each, both of shape (T, 1)."""
    text = indices[: T + 1].astype(np.int64)[:, None]
    return text[:-1], text[1:]


def analytic_gradient(
    network: Network, x: NDArray[np.int64], y: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the gradient of the loss from a zero state, as one flat vector.

    Raises
    ------
    SourceError
        When the cell's passes can't be compiled, or fail.
    """
    cell = find_cell(network.cell)
    gradient = np.zeros_like(network.theta)
    p, d, work = network.p, network.like(gradient).p, network.workspace(*x.shape)
    called(cell.forward, p, x, work)
    called(cell.backward, p, x, y, work, d)
    return gradient


def relative_error(a: NDArray[Any], n: NDArray[Any]) -> float:
    """Return ||a - n|| / (||a|| + ||n||); 0 where both are 0, and 1 where one is not finite.

    >>> relative_error(np.array([3.0, 4.0]), np.array([3.0, 4.0]))
    0.0
    """
    size = np.linalg.norm(a) + np.linalg.norm(n)
    if not np.isfinite(size):
        return 1.0  # the largest that it can be, and a number that JSON has
    return float(np.linalg.norm(a - n) / size) if size else 0.0


def check_gradients(
    network: Network,
    x: NDArray[np.int64],
    y: NDArray[np.int64],
    *,
    gradient: NDArray[np.float64] | None = None,
    h: float = H,
    seed: int = 0,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> GradientCheck:
    """Compare a gradient with numerical ones, in float64.

    Parameters
    ----------
    network
        The network whose gradient is checked.
    x, y
        A sequence and the characters that follow, of shape (T, B), read from a zero state.
    gradient
        The gradient to check, flat; by default, the one that `backward` gives.
    h
        The step of the central differences. The complex step uses COMPLEX_H.
    seed
        Chooses the entries where not all are checked, because there are more than CHECKED or the
        network is so large that it would take too long.
    progress
        Wraps the list of pieces of work, to show the progress.
    """
    network = network.like(network.theta.astype(np.float64))
    if gradient is None:
        gradient = analytic_gradient(network, x, y)
    entries = chosen(network, x.size, seed)
    derivatives = {}
    for method, derive, kind, step in (
        ("central_difference", central_differences, np.float64, h),
        ("complex_step", complex_steps, np.complex128, COMPLEX_H),
    ):
        moved = network.like(network.theta.astype(kind))
        work = moved.workspace(*x.shape)
        fill = partial(moved.loop(derive), moved.theta, moved.p, x, y, work)
        fill(entries[:0], step, np.zeros(0))  # compile before progress is shown
        derivatives[method] = fill, step
    pieces = np.array_split(entries, max(1, entries.size // 250))
    numeric = {method: np.zeros(0) for method in METHODS}
    for method, piece in progress([(way, piece) for way in METHODS for piece in pieces]):
        (fill, step), result = derivatives[method], np.zeros(piece.size)
        fill(piece, step, result)
        numeric[method] = np.append(numeric[method], result)

    errors: dict[str, dict[str, float]] = {method: {} for method in METHODS}
    for name, where in slices(network.cell, network.K, network.m).items():
        mine = (entries >= where.start) & (entries < where.stop)
        for method in METHODS:
            errors[method][name] = relative_error(gradient[entries[mine]], numeric[method][mine])
    return GradientCheck(**errors, entries=network.theta.size, checked=entries.size)


def chosen(network: Network, characters: int, seed: int) -> NDArray[np.int64]:
    """Return the entries to check, in order: all, or a seeded random choice from each parameter."""
    entries = network.theta.size
    share = min(CHECKED, PRODUCTS / (characters * entries)) / entries
    if share >= 1:
        return np.arange(entries)
    random = np.random.default_rng([seed, GRADIENT_CHECK])
    parts = []
    for where in slices(network.cell, network.K, network.m).values():
        of_it = where.stop - where.start
        count = min(of_it, max(FEW, round(share * of_it)))
        parts.append(where.start + np.sort(random.choice(of_it, count, replace=False)))
    return np.concatenate(parts)


def meets_bars(check: GradientCheck) -> bool:
    """Return whether all errors are below CLOSE (central difference) and EXACT (complex step)."""
    central, exact = check.central_difference.values(), check.complex_step.values()
    # Not `max`, which may ignore a NaN.
    return all(error < CLOSE for error in central) and all(error < EXACT for error in exact)


def wrong(check: GradientCheck) -> dict[str, float]:
    """Return the relative error of each parameter whose gradient is wrong, by the complex step."""
    return {name: error for name, error in check.complex_step.items() if not error < WRONG}


def fault(check: GradientCheck, agreed: str = UNDIFFERENTIABLE) -> str:
    """Return a line that says which gradients are wrong; empty if none is.

    Parameters
    ----------
    check
        The gradient check.
    agreed
        What to say where the central difference agrees with a gradient that is wrong.
    """
    if not (found := wrong(check)):
        return ""
    errors = ", ".join(f"{name} ({error:.1e})" for name, error in found.items())
    line = (
        f"the gradient is wrong: the relative error of {errors} against the complex step is above"
        f" {WRONG:.0e}"
    )
    if all(check.central_difference[name] < CLOSE for name in found):
        line += f"; the central difference agrees, so {agreed}"
    return line
