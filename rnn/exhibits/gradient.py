"""Exhibits of the gradient: the parameters, the check, its step size, and planted errors."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rnn.analysis.plain import Slip
from rnn.analysis.sweep import STEPS
from rnn.cells import shapes
from rnn.exhibits.kinds import Picture, Sentence, Table
from rnn.exhibits.look import COLOURS, INK
from rnn.exhibits.prose import as_code, plain
from rnn.exhibits.style import MIDDLE, name_lines, name_powers, plot
from rnn.exhibits.words import letters, listed, number
from rnn.exhibits.wrong_gradient import alarm
from rnn.gradcheck import EXACT, GradientCheck, H, meets_bars, wrong
from rnn.network import Network, find_cell
from rnn.settings import Settings

LEAST = 1e-17  # where an error of 0 is drawn
OF_STUDENT = (
    "The analytic gradient is that of `backward` in {0}, and the central differences are those of"
    " its own `forward` and `loss`. The complex step is that of the equations, with which they"
    " should agree."
)


def other_cell(cell: str) -> Sentence:
    """Say that the equations are not those of the cell that is trained."""
    return Sentence(
        "The equations here are those of the vanilla network, the simplest case. This report"
        f" trains the cell `{plain(cell)}`; the listings and checks below are those of that cell."
    )


def parameters(network: Network, settings: Settings) -> Table:
    """Tabulate the parameters of a network, their shapes, and their numbers of entries.

    Parameters
    ----------
    network
        The network.
    settings
        How the parameters are initialised, which the caption states.
    """
    cell = find_cell(network.cell)
    caption = (
        f"The parameters: {network.theta.size:,} numbers in all. Matrices are initialised from a "
        f"normal distribution with standard deviation {number(settings.init_scale, 'g')}, biases "
        "with zeros"
    )
    if settings.initialisation == "orthogonal":
        blocks = "" if cell.BLOCKS == 1 else "each square block of "
        caption += f", and {blocks}$W$ with a random orthogonal matrix"
    return Table(
        ["parameter", "shape", "entries"],
        [
            [name, " × ".join(map(str, shape)), f"{math.prod(shape):,}"]
            for name, shape in shapes(cell, network.K, network.m).items()
        ],
        caption=f"{caption}.",
        label="tab-parameters",
        math=[0],
    )


def gradients(check: GradientCheck, student: str = "") -> Table:
    """Tabulate the relative errors that a gradient check found, one row per parameter.

    Parameters
    ----------
    check
        The gradient check.
    student
        The name of the file, if the gradient is that of a student's functions.
    """
    rows = [
        [name, number(check.central_difference[name], ".1e"), number(error, ".1e")]
        for name, error in check.complex_step.items()
    ]
    return Table(
        ["parameter", "central difference", "complex step"],
        rows,
        caption="The relative error of the analytic gradient of each parameter; "
        f"{check.checked:,} of {check.entries:,} entries were checked, in a network of the size "
        f"that is trained below.{f' {OF_STUDENT.format(as_code(student))}' if student else ''}",
        label="tab-gradients",
        math=[0],
    )


def verdict(check: GradientCheck, slips: Sequence[Slip] = (), student: str = "") -> Sentence:
    """Say whether the gradient is right and, if not, what is wrong and where to look.

    Parameters
    ----------
    check
        The gradient check.
    slips
        The slips that give just the gradient that was checked; see `rnn.analysis.planted`.
    student
        As for `gradients`.
    """
    found = wrong(check)
    if not found:
        exact = max(check.complex_step.values()) < EXACT
        digits = "the last digits that a double holds" if exact else "within rounding"
        return Sentence(
            f"The complex step agrees {'to ' if exact else ''}{digits}. What is left in the other"
            " column is the error of the central difference itself."
        )
    named = " or ".join(f"“{letters(slip.what)}”" for slip in slips)
    known = f" It is the gradient that this slip gives: {named}." if named else ""
    return Sentence(f"{alarm(check, student)}{known}")


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
        The gradient check, whose largest error of the complex step is drawn as a line.
    steps
        The steps h, of shape (n,).
    """
    if not any(error.any() for error in errors.values()):
        return Sentence(
            "In this book every next character is certain, so all gradients are zero, and so are"
            " all errors."
        )
    exact = max(check.complex_step.values())
    tips = ", ".join(
        f"h = {number(steps[error.argmin()], '.0e')} for {name} ({number(error.min(), '.0e')})"
        for name, error in errors.items()
        if error.any()
    )
    return Picture(
        _error_curves(steps, errors, exact),
        caption="The error of central differences against their step $h$, on randomly chosen "
        "entries of each parameter. "
        f"{_arms(check)} The dashed line is the error of the complex step, and the dotted line the "
        "step of the check above.",
        alt=f"Curves of the error, lowest at {tips}; the complex step is at "
        f"{number(exact, '.0e')}.",
        label="fig-steps",
    )


def _arms(check: GradientCheck) -> str:
    """Say what the curves show: of a wrong gradient, its own error."""
    if found := wrong(check):
        names = listed([f"${name}$" for name in found])
        return f"That of {names} does not fall below the error of the wrong gradient itself."
    return (
        "Down the right arm of the V the approximation improves; up the left arm the rounding error"
        " takes over."
    )


def _error_curves(
    steps: NDArray[np.float64], errors: Mapping[str, NDArray[np.float64]], exact: float
) -> Figure:
    """Draw the errors on logarithmic axes, the complex step's error, and the check's step."""
    with plot(MIDDLE) as (figure, axes):
        for colour, error in zip(COLOURS, errors.values(), strict=False):
            axes.loglog(steps, np.maximum(error, LEAST), color=colour, marker="o", markersize=3)
        name_powers(axes.xaxis)
        name_powers(axes.yaxis)
        axes.axhline(max(exact, LEAST), color=INK, linewidth=1.2, linestyle="--")
        axes.annotate(
            f"complex step: {number(exact, '.0e')}",
            (steps[0], max(exact, LEAST)),
            (0, 4),
            textcoords="offset points",
        )
        axes.axvline(H, color=INK, alpha=0.5, linewidth=0.8, linestyle=":")
        axes.set(xlabel="step h", ylabel="relative error", ylim=(LEAST / 2, 10))
        axes.annotate(
            f"the check: h = {number(H, '.0e')}", (H, 2), (4, 0), textcoords="offset points"
        )
        name_lines(axes, list(errors))
        return figure


def planted(checks: Sequence[tuple[Slip, GradientCheck]]) -> Table | Sentence:
    """Tabulate the slips planted in the backward pass, and the gradients that they spoil."""
    if not checks:
        return Sentence("No planted errors are known of this cell.")
    rows = []
    for slip, check in checks:
        spoilt = " ".join(name for name, value in check.complex_step.items() if value > EXACT)
        largest = max(check.complex_step.values())
        rows.append([slip.what, slip.right, slip.wrong, spoilt, f"{largest:.2f}"])
    caught = sum(not meets_bars(check) for _, check in checks)
    return Table(
        ["planted error", "in the source", "becomes", "spoils", "error"],
        rows,
        caption="Errors planted in a plain backward pass (`rnn/analysis/plain.py`), the parameters "
        "whose gradient they spoil, and the largest relative error against the complex step, which "
        f"is below {number(EXACT, '.0e')} for a correct gradient. The check caught {caught} of "
        f"{len(checks)}.",
        label="tab-planted",
        code=[1, 2],
        math=[0, 3],
    )
