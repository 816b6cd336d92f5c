"""Exhibits of training: the loss, the samples, and the other quantities that were followed.

Losses are in nats per sequence; those on the validation part are in nats per character.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator
from numpy.typing import NDArray

from rnn.analysis.position import loss_by_position, recurrence, settled
from rnn.exhibits.kinds import Evolution, Picture, Sentence
from rnn.exhibits.look import BLUE, GREEN, INK, ORANGE, PINK
from rnn.exhibits.prose import plain
from rnn.exhibits.style import (
    LOW,
    canvas,
    epoch_marks,
    legend_above,
    line_or_points,
    mark_epochs,
    name_powers,
    plot,
    thin,
)
from rnn.exhibits.words import extremes, from_to, number, written
from rnn.run import Row, Run, concluded
from rnn.text import decode

NUMBERED = "; dotted lines separate the epochs, whose numbers stand above"
RECURRING = 0.6  # epochs that correlate by this have the same bumps


def loss_curve(run: Run) -> Picture:
    """Draw the losses of a concluded run against the updates, with the epochs marked."""
    settings, best = run.settings, concluded(run)
    marks = epoch_marks(run.history[-1].step, run.updates_per_epoch)
    dropped = (
        f" In training {settings.dropout:.0%} of the hidden units, chosen at random, were dropped "
        "before the output layer, which raises the loss."
    )
    chosen = (
        " Without a validation part, the best model is that with the lowest smoothed loss, of step"
        f" {best.step:,}."
        if best.validation is None
        else f" The best model is that of step {best.step:,}: on the validation part it loses the"
        f" least, {best.validation:.3f} nats per character."
    )
    return Picture(
        _losses(run),
        caption=f"The loss and the smoothed loss over {run.step:,} updates, in nats per "
        f"sequence of {settings.seq_length} characters"
        f"{NUMBERED if marks else ''}. The smoothed loss ends at "
        f"{run.smooth_loss:.2f}.{dropped if settings.dropout else ''}{chosen}",
        alt="Curves of the loss and the smoothed loss. The smoothed loss goes from "
        f"{run.history[0].smooth_loss:.1f} to {run.smooth_loss:.1f}.",
        label="fig-loss",
    )


def _diverged(run: Run) -> str:
    """Say that training diverged, and why."""
    return f" **Training diverged:** {plain(written(run.diverged))}." if run.diverged else ""


def _losses(run: Run) -> Figure:
    """Draw the losses, including that on the validation part, in nats per sequence."""
    rows, T = thin(run.history), run.settings.seq_length
    steps, few = [row.step for row in rows], line_or_points(rows)
    losses, smooth = [row.loss for row in rows], [row.smooth_loss for row in rows]
    with plot() as (figure, axes):
        mark_epochs(axes, steps[-1], run.updates_per_epoch)
        axes.plot(steps, losses, few, color=BLUE, alpha=0.35, linewidth=0.6, label="loss")
        axes.plot(steps, smooth, few, color=ORANGE, linewidth=1.8, label="smoothed loss")
        if run.validations:
            axes.plot(
                [step for step, _ in run.validations],
                [T * value for _, value in run.validations],
                color=GREEN,
                marker="o",
                markersize=3,
                linewidth=1,
                linestyle="--",
                label="loss on the validation part",
                clip_on=False,  # the last one lies on the edge
            )
        axes.set(xlabel="updates", ylabel=f"nats per sequence of {T}", xlim=(0, steps[-1] or 1))
        if max(losses) > 20 * losses[0] > 0:  # diverging
            axes.set_yscale("log")
            name_powers(axes.yaxis)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        legend_above(axes)
        return figure


def evolution(run: Run, vocabulary: str) -> Evolution:
    """Show the samples of a run, decoded with the vocabulary of K characters."""
    settings, later = run.settings, run.samples[1:]
    after = (
        f", and after every {settings.sample_every:,}th until update {later[-1].step:,}"
        if later
        else ""
    )
    return Evolution(
        [
            {"step": s.step, "smooth_loss": s.smooth_loss, "text": decode(s.indices, vocabulary)}
            for s in run.samples
        ],
        caption=f"The evolution of the text: samples of {settings.sample_length} characters, from "
        f"before the first update{after}, each with the smoothed loss at that step.",
        label="text-evolution",
    )


def course(run: Run) -> Picture:
    """Draw the other quantities of a run: the gradient, clipping, the validation loss and W."""
    marks = epoch_marks(run.history[-1].step, run.updates_per_epoch)
    unfollowed = (
        " The spectral radius is not followed for large networks, nor for cells with gates, since "
        "each gate has a $W$ of its own."
    )
    ends = {
        "The norm of the gradient": [row.norm for row in run.history],
        "the validation loss in bits per character": [bits for _, bits in _in_bits(run)],
        "the spectral radius of W": [radius for _, radius in run.radii],
    }
    return Picture(
        _panels(run),
        caption="The course of training: thin lines show single updates, thick ones a running "
        f"median or mean{NUMBERED if marks else ''}. {_clipping(run)}"
        f"{'' if run.radii else unfollowed}",
        alt=f"{from_to(ends)}.",
        label="fig-course",
    )


def _clipping(run: Run) -> str:
    """Say how often the gradient was clipped."""
    clipped = np.array([row.clipped for row in run.history])
    share = f"In {np.mean(clipped > 0):.1%} of the updates"
    if not clipped.any():
        return "Nothing was clipped."
    if run.settings.clip_by == "norm":
        return f"{share} the gradient was scaled down."
    return (
        f"{share} something was clipped; over all updates, this concerned "
        f"{number(100 * clipped.mean(), '.2g')}% of the entries."
    )


def _in_bits(run: Run) -> list[tuple[int, float]]:
    """Return the losses on the validation part, in bits per character, with their steps."""
    return [(step, nats / np.log(2)) for step, nats in run.validations]


def _panels(run: Run) -> Figure:
    """Draw each quantity that was followed against the updates, in a panel of its own."""
    rows = thin(run.history)
    panels = _followed(run, rows)
    last = max(1, rows[-1].step, *(step for step, _ in [*run.validations, *run.radii]))
    unit, name = (1000, "thousand updates") if last >= 10_000 else (1, "updates")
    with canvas((8.0, 2.2 if len(panels) < 3 else 3.5)) as figure:
        grid = figure.add_gridspec(-(-len(panels) // 2), 2)
        for place, (title, draw) in enumerate(panels.items()):
            axes = figure.add_subplot(grid[place // 2, place % 2])
            axes.set_title(title, loc="left", fontsize=10)
            axes.grid(axis="y", linewidth=0.6)
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / unit:,g}"))
            axes.set(xlim=(0, last), xlabel=name if place >= len(panels) - 2 else "")
            mark_epochs(axes, last, run.updates_per_epoch, numbered=place < 2)
            draw(axes)
            if axes.get_yscale() == "linear":
                axes.ticklabel_format(axis="y", useOffset=False)
        return figure


def _followed(run: Run, rows: Sequence[Row]) -> dict[str, Callable[[Axes], None]]:
    """Return the function that draws each panel, by title; a single measurement gets no panel."""
    steps, norms = [row.step for row in rows], [row.norm for row in rows]
    clipped = [100 * row.clipped for row in rows]
    panels: dict[str, Callable[[Axes], None]] = {}
    if any(norm > 0 for norm in norms):
        panels["norm of the gradient"] = partial(_draw_norms, steps=steps, norms=norms)
    panels["% of the gradient clipped"] = partial(_draw_clipped, steps=steps, clipped=clipped)
    if len(run.validations) > 1:
        title = "validation loss, bits per character"
        panels[title] = partial(_draw_looks, looks=_in_bits(run), colour=GREEN)
    if len(run.radii) > 1:
        panels["spectral radius of W"] = partial(_draw_radii, radii=run.radii)
    return panels


def _draw_norms(axes: Axes, steps: list[int], norms: list[float]) -> None:
    few = line_or_points(steps)
    axes.semilogy(steps, norms, few, color=BLUE, alpha=0.3, linewidth=0.6)
    axes.semilogy(steps, running(np.nanmedian, norms), color=BLUE, linewidth=1.6)
    low, high = axes.get_ylim()
    # Left alone, matplotlib also labels 3, 4, 6 of a short range, one upon the other.
    decades = LogLocator(subs=(1, 2, 5) if high < 100 * low else (1,))
    axes.yaxis.set_major_locator(MaxNLocator(4) if high < 10 * low else decades)
    name_powers(axes.yaxis)


def _draw_clipped(axes: Axes, steps: list[int], clipped: list[float]) -> None:
    few = line_or_points(steps)
    axes.plot(steps, clipped, few, color=ORANGE, alpha=0.3, linewidth=0.6)
    axes.set_ylim(0, 1.05 * max(*clipped, 0.01))
    axes.plot(steps, running(np.nanmean, clipped), color=ORANGE, linewidth=1.6)


def _draw_looks(axes: Axes, looks: Sequence[tuple[int, float]], colour: str) -> None:
    axes.plot(*zip(*looks, strict=True), "o-", color=colour, markersize=3, clip_on=False)


def _draw_radii(axes: Axes, radii: Sequence[tuple[int, float]]) -> None:
    _draw_looks(axes, radii, PINK)
    axes.axhline(1, color=INK, linewidth=0.8, linestyle="--")


def running(
    middle: Callable[..., Any], values: Sequence[float], width: int = 51
) -> NDArray[np.float64]:
    """Return a running mean or median; near the ends the window is shorter."""
    half = min(width // 2, len(values) // 20)
    padded = np.pad(np.asarray(values, float), half, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    return np.asarray(middle(windows, axis=1))


def losses_by_position(run: Run) -> Picture | Sentence:
    """Draw the loss by position in the book, for several epochs and on average."""
    known = loss_by_position(*_known(run), run.updates_per_epoch)
    drawn = settled(known)
    if drawn.shape[1] < 5 or np.isnan(drawn).any():
        return Sentence(
            "This run is too short for a picture of the loss by position: it has too few losses."
        )
    mean = drawn.mean(axis=0)
    where = [f"at {(i + 0.5) / len(mean):.0%}" for i in range(len(mean))]
    ends = extremes(mean.tolist(), where)
    first = (
        "Only one epoch is complete, so the effect of the position is mixed with that of learning."
        if np.array_equal(drawn[0], known[0])
        else "The first epoch, before which the network has learned nothing, is left out."
    )
    streams = run.settings.batch_size
    cut = f"{streams} streams into which the book was cut" if streams > 1 else "book"
    return Picture(
        _positions(drawn, run.settings.seq_length),
        caption=f"The loss by the position in the text, in {len(mean)} equal parts of the "
        f"{cut}. The mean ranges {ends}. {_recurring(drawn)}{first}",
        alt=f"Curves of the loss against the position in the book, {ends}.",
        label="fig-position",
    )


def _known(run: Run) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the steps and losses of all updates; of those in the history, if no more were kept."""
    if len(run.losses) == run.step:
        return np.arange(run.step), np.array(run.losses, float)
    steps, losses = np.array([(row.step, row.loss) for row in run.history]).T
    return steps.astype(np.int64), losses


def _recurring(losses: NDArray[np.float64]) -> str:
    """Say whether the bumps of losses of shape (epochs, bins) come back in each epoch."""
    alike = recurrence(losses)
    if np.isnan(alike):
        return ""
    verdict = (
        "the bumps come back in each epoch, so they belong to the book"
        if alike >= RECURRING
        else "some of the bumps come back in each epoch"
        if alike >= RECURRING / 2
        else "there are no bumps that come back in each epoch"
    )
    return f"Two epochs correlate by {number(alike, '.2f')} on average: {verdict}. "


def _positions(losses: NDArray[np.float64], T: int) -> Figure:
    """Draw losses of shape (epochs, bins): a curve for each epoch, and their mean."""
    bins = losses.shape[1]
    middle = 100 * (np.arange(bins) + 0.5) / bins
    with plot(LOW) as (figure, axes):
        for epoch in losses:
            axes.plot(middle, epoch, color=BLUE, alpha=0.4, linewidth=0.8, label="one epoch")
        if len(losses) > 1:
            axes.plot(middle, losses.mean(axis=0), color=ORANGE, linewidth=2, label="their mean")
        axes.set(xlabel="% of the training part", ylabel=f"nats per sequence of {T}", xlim=(0, 100))
        legend_above(axes)
        return figure


def outcome(run: Run) -> Sentence:
    """Say where the loss began and ended, and whether it fell."""
    began = run.history[0].loss
    return Sentence(
        f"The smoothed loss began at {began:.2f} nats per sequence and ended at"
        f" {run.smooth_loss:.2f}"
        + ("." if run.smooth_loss < began else ": the network learned nothing.")
        + _diverged(run)
    )
