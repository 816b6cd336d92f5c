"""How exhibits are drawn: sizes, axes, and names for invisible characters."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from rnn.exhibits.look import INK, PLAIN, STYLE
from rnn.exhibits.words import number

WIDE, MIDDLE, LOW = (8.0, 3.3), (8.0, 2.9), (8.0, 2.5)  # inches
POINTS = 2000  # per curve, at most
NUMBER = 0.4  # inches, for the number of an epoch
FEW = 20  # fewer points than this are marked: the line between them is no measurement
VISIBLE = {" ": "space", "\n": "line end", "\t": "tab"}


@contextmanager
def canvas(size: tuple[float, float] = WIDE) -> Iterator[Figure]:
    """Provide an empty figure with automatic layout, and the style to draw in."""
    plain: Any = {name: rcParamsDefault[name] for name in PLAIN}  # type: ignore[index]
    with plt.rc_context(plain | STYLE):
        figure = plt.figure(figsize=size, layout="constrained")
        plt.close(figure)  # otherwise the notebook would show it a second time
        yield figure


@contextmanager
def plot(size: tuple[float, float] = WIDE) -> Iterator[tuple[Figure, Axes]]:
    """Provide a figure with one pair of axes and horizontal grid lines, in our style."""
    with canvas(size) as figure:
        axes = figure.subplots()
        axes.grid(axis="y", linewidth=0.6)
        axes.set_axisbelow(True)
        yield figure, axes


def _figure(axes: Axes) -> Figure:
    figure = axes.get_figure(root=True)
    assert figure  # noqa: S101  axes of ours belong to one
    return figure


def line_or_points(rows: Sequence[Any]) -> str:
    """Return the line style for a curve: if it has few points, they are marked."""
    return ".-" if len(rows) < FEW else "-"


def thin(rows: Sequence[Any], points: int = POINTS) -> list[Any]:
    """Return at most `points` rows, evenly spaced, including the first and the last."""
    if len(rows) <= points:
        return list(rows)
    return [rows[i] for i in np.linspace(0, len(rows) - 1, points).round().astype(int)]


def epoch_marks(last: int, updates_per_epoch: int) -> range:
    """Return the updates at which to mark the start of an epoch; none if there are too many."""
    starts = range(updates_per_epoch, last, updates_per_epoch)
    return starts if len(starts) < 50 else range(0)  # more lines would merge into a grey area


def mark_epochs(axes: Axes, last: int, updates_per_epoch: int, *, numbered: bool = True) -> None:
    """Draw a dotted line between epochs, and write as many of their numbers above as fit."""
    marks = epoch_marks(last, updates_per_epoch)
    for start in marks:
        axes.axvline(start, color=INK, alpha=0.35, linewidth=0.7, linestyle=":")
    if not marks or not numbered:
        return
    width = axes.get_position().width * _figure(axes).get_figwidth()  # inches
    ends = [*marks, last]
    every = -(-len(ends) // int(width / NUMBER))
    middles = {n: (end + (n - 1) * updates_per_epoch) / 2 for n, end in enumerate(ends, 1)}
    if (last - ends[-2]) * width < NUMBER / 3 * last:  # the last epoch has only just begun
        middles.popitem()
    shown = list(middles)[::every]
    above = axes.secondary_xaxis("top")
    above.set_xticks(
        [middles[n] for n in shown], ["epoch 1" if n == every == 1 else f"{n}" for n in shown]
    )
    above.tick_params(length=0, pad=1, labelsize=8)
    above.spines[:].set_visible(False)


def legend_above(axes: Axes) -> None:
    """Put the legend above all else, where it hides nothing, with each name in it once."""
    handles, names = axes.get_legend_handles_labels()
    found = dict(zip(names, handles, strict=True))
    _figure(axes).legend(
        list(found.values()), list(found),
        frameon=False, ncols=len(found), loc="outside upper right",
    )  # fmt: skip


def name_powers(axis: Axis) -> None:
    """Label the longer ticks of a logarithmic axis, all of them as powers if it spans many."""

    def name(value: float, _: int | None) -> str:
        low, high = axis.get_view_interval()
        return number(value, ".0e" if high > 1e4 * low else "g")

    axis.set_major_formatter(FuncFormatter(name))
    axis.set_minor_formatter(NullFormatter())


def name_lines(axes: Axes, names: Sequence[str]) -> None:
    """Write the name of each line beside its last point, in its colour.

    Where names would overlap they stand apart, and a line leads to each.
    """
    figure, lines = _figure(axes), axes.lines[: len(names)]
    figure.draw_without_rendering()  # the limits are final now
    height, apart = axes.bbox.height, 1.25 * plt.rcParams["font.size"] * figure.dpi / 72
    last = [[np.asarray(data)[-1] for data in line.get_data()] for line in lines]
    ends = axes.transData.transform(last)[:, 1]
    order, at = np.argsort(ends, kind="stable"), np.clip(np.sort(ends), *axes.bbox.intervaly)
    for _ in range(100):  # push apart those that overlap
        overlap = np.maximum(apart - np.diff(at), 0) / 2
        at[:-1] -= overlap
        at[1:] += overlap
        at = np.clip(at, *axes.bbox.intervaly)
    crowded = len(at) > 1 and np.diff(np.sort(ends)).min() < apart
    right = axes.transAxes.inverted().transform(axes.transData.transform(last))[:, 0]
    for i, y in zip(order, (at - axes.bbox.y0) / height, strict=True):
        if crowded:
            start, end = (ends[i] - axes.bbox.y0) / height, max(1, right[i]) + 0.03
            axes.add_line(
                Line2D(
                    [right[i] + 0.008, end],
                    [start, y],
                    color=lines[i].get_color(),
                    linewidth=0.7,
                    transform=axes.transAxes,
                    clip_on=False,
                )
            )
        axes.annotate(
            names[i],
            (1.03 if crowded else 1, y),
            (4, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            color=lines[i].get_color(),
            annotation_clip=False,
        )
