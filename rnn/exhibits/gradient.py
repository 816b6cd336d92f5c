"""Exhibits of the gradient: the parameters, the check, its steps, and what it would notice."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rnn.analysis.sweep import STEPS
from rnn.cells import Slip, shapes
from rnn.exhibits.kinds import Picture, Sentence, Table
from rnn.exhibits.prose import plain
from rnn.exhibits.style import COLOURS, INK, MIDDLE, name_lines, plot
from rnn.gradcheck import EXACT, GradientCheck, H, meets_bars
from rnn.network import Network, find_cell
from rnn.settings import Settings

LEAST = 1e-17  # where an error of 0 is drawn


def other_cell(cell: str) -> Sentence:
    """Say that the equations are of another cell than the one that is trained."""
    return Sentence(
        "The equations here are the vanilla network's, where the lesson is plainest. This report"
        f" trains the cell `{plain(cell)}`, and the sources and checks below are of that cell."
    )


def parameters(network: Network, settings: Settings) -> Table:
    """Tell the parameters of a network, their shapes and how many entries they have.

    Parameters
    ----------
    network
        The network.
    settings
        How its parameters start, which the caption says.
    """
    cell = find_cell(network.cell)
    caption = (
        f"The parameters: {network.theta.size:,} numbers in all. They start from a normal "
        f"distribution with standard deviation {settings.init_scale:g}, the biases from zero"
    )
    if settings.initialisation == "orthogonal":
        blocks = "" if cell.BLOCKS == 1 else "each square block of "
        caption += f", {blocks}W from a random orthogonal matrix"
    return Table(
        ["parameter", "shape", "entries"],
        [
            [name, " × ".join(map(str, shape)), f"{math.prod(shape):,}"]
            for name, shape in shapes(cell, network.K, network.m).items()
        ],
        caption=f"{caption}.",
        label="tab-parameters",
    )


def gradients(check: GradientCheck) -> Table:
    """Tell the relative errors that a gradient check found, a row for each parameter."""
    rows = [
        [name, f"{check.central_difference[name]:.1e}", f"{error:.1e}"]
        for name, error in check.complex_step.items()
    ]
    return Table(
        ["parameter", "central difference", "complex step"],
        rows,
        caption="Relative error of the analytic gradient of each parameter; "
        f"{check.checked:,} of {check.entries:,} entries were checked, at the size that is trained "
        "below.",
        label="tab-gradients",
    )


def step_sweep(
    errors: Mapping[str, NDArray[np.float64]],
    check: GradientCheck,
    steps: NDArray[np.float64] = STEPS,
) -> Picture | Sentence:
    """Draw the error of central differences against their step.

    Parameters
    ----------
    errors
        The relative error of each parameter's gradient for each step, of shape (n,).
    check
        Its largest error of the complex step is drawn as a line.
    steps
        The steps h, of shape (n,).
    """
    if not any(error.any() for error in errors.values()):
        return Sentence(
            "In this book each next character is certain: all gradients are zero, and all errors"
            " too."
        )
    exact = max(check.complex_step.values())
    tips = ", ".join(
        f"h = {steps[error.argmin()]:.0e} for {name} ({error.min():.0e})"
        for name, error in errors.items()
        if error.any()
    )
    return Picture(
        _error_curves(steps, errors, exact),
        caption="The error of central differences against their step, on a seeded choice of "
        "entries of each parameter. Down the right arm of the V the approximation gets better, up "
        "the left one rounding takes over. The dashed line is the complex step, the dotted one the "
        "step of the check above.",
        alt=f"V-shaped curves, lowest at {tips}; the complex step is at {exact:.0e}.",
        label="fig-steps",
    )


def _error_curves(
    steps: NDArray[np.float64], errors: Mapping[str, NDArray[np.float64]], exact: float
) -> Figure:
    """Draw the errors on logarithmic axes, that of the complex step, and the step of the check."""
    with plot(MIDDLE) as (figure, axes):
        for colour, error in zip(COLOURS, errors.values(), strict=False):
            axes.loglog(steps, np.maximum(error, LEAST), color=colour, marker="o", markersize=3)
        axes.axhline(max(exact, LEAST), color=INK, linewidth=1.2, linestyle="--")
        axes.annotate(
            f"complex step: {exact:.0e}" if exact else "complex step: 0",
            (steps[0], max(exact, LEAST)),
            (0, 4),
            textcoords="offset points",
        )
        axes.axvline(H, color=INK, alpha=0.5, linewidth=0.8, linestyle=":")
        axes.set(xlabel="step h", ylabel="relative error", ylim=(LEAST / 2, 10))
        axes.annotate(f"the check: h = {H:.0e}", (H, 2), (4, 0), textcoords="offset points")
        name_lines(axes, list(errors))
        return figure


def planted(checks: Sequence[tuple[Slip, GradientCheck]]) -> Table:
    """Tell which slips were planted in the backward pass, and which gradients they spoil."""
    rows = []
    for slip, check in checks:
        spoilt = " ".join(name for name, value in check.complex_step.items() if value > EXACT)
        largest = max(check.complex_step.values())
        rows.append([slip.what, slip.right, slip.wrong, spoilt, f"{largest:.2f}"])
    caught = sum(not meets_bars(check) for _, check in checks)
    return Table(
        ["planted error", "in the source", "becomes", "wrong in", "error"],
        rows,
        caption="Errors planted in the backward pass, the parameters whose gradient they spoil, "
        "and the largest relative error against the complex step, which is below "
        f"{EXACT:.0e} where the gradient is right. The check caught {caught} of {len(checks)}.",
        label="tab-planted",
    )
