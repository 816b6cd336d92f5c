"""The figures of the report.

Colours are Okabe and Ito's, which colour-blind readers tell apart; INK and PAPER are turned into
the page's own by the exporters.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from rnn.analysis.calibration import Reliability
from rnn.run import Row

INK = "#222222"
GREY = "#888888"
BLUE, ORANGE, GREEN, PINK, SKY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9"
COLOURS = (BLUE, ORANGE, GREEN, PINK, SKY)
WIDE = (8.0, 3.3)  # inches
COMMONEST = 40  # characters of the vocabulary that are shown
POINTS = 2000  # that a curve is drawn with at most
FEW = 20  # points that are drawn as such: the line between them is no measurement
MIDDLE = (8.0, 2.9)
LOW = (8.0, 2.5)
MONO_ADVANCE = 0.602  # of DejaVu Sans Mono, in its size
# From -1 to 1, light enough for the text on them in any page; not greys, which the page exchanges.
SHADES = ("#e69f00", "#ecb540", "#f2cb7f", "#f8e2bf", "#fdfdfa", "#d5edfa", "#aadaf4", "#80c8ee",
          "#56b4e9")  # fmt: skip
ON_SHADES = "#111112"
CELLS = {" ": "", "\n": "↵", "\t": "→"}
VISIBLE = {" ": "space", "\n": "line end", "\t": "tab"}
STYLE: Any = {
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "grid.color": "#88888855",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 10,
}


@contextmanager
def _axes(size: tuple[float, float] = WIDE) -> Iterator[tuple[Figure, Axes]]:
    with sns.axes_style("ticks", STYLE), plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=size, layout="constrained")
        axes.grid(axis="y", linewidth=0.6)
        axes.set_axisbelow(True)
        plt.close(figure)  # or the notebook would show it once more
        yield figure, axes


def _name_lines(axes: Axes, names: Sequence[str]) -> None:
    """Write the name of each line beside its last point, in its colour, apart from one another."""
    figure, lines = axes.get_figure(root=True), axes.lines[: len(names)]
    assert figure  # noqa: S101  axes of ours belong to one
    figure.draw_without_rendering()  # the limits are final now
    height, apart = axes.bbox.height, 1.25 * plt.rcParams["font.size"] * figure.dpi / 72
    last = [[np.asarray(data)[-1] for data in line.get_data()] for line in lines]
    ends = axes.transData.transform(last)[:, 1]
    order, at = np.argsort(ends, kind="stable"), np.clip(np.sort(ends), *axes.bbox.intervaly)
    for _ in range(100):  # push apart those that overlap
        overlap = np.maximum(apart - np.diff(at), 0) / 2
        at[:-1] -= overlap
        at[1:] += overlap
    for i, y in zip(order, at, strict=True):
        axes.annotate(
            names[i],
            (1, (y - axes.bbox.y0) / height),
            (4, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            color=lines[i].get_color(),
            annotation_clip=False,
        )


def thin(rows: Sequence[Any], points: int = POINTS) -> list[Any]:
    """Return at most so many of the rows, evenly spread, the first and the last among them."""
    if len(rows) <= points:
        return list(rows)
    return [rows[i] for i in np.linspace(0, len(rows) - 1, points).round().astype(int)]


def epoch_marks(last: int, updates_per_epoch: int) -> range:
    """Return the updates at which epochs begin, to be marked; of many epochs, none."""
    starts = range(updates_per_epoch, last, updates_per_epoch)
    return starts if len(starts) < 50 else range(0)  # more lines would be a grey area


def _mark_epochs(axes: Axes, last: int, updates_per_epoch: int) -> None:
    for start in epoch_marks(last, updates_per_epoch):
        axes.axvline(start, color=INK, alpha=0.35, linewidth=0.7, linestyle=":")


def loss_curve(
    history: Sequence[Row], updates_per_epoch: int, validations: Sequence[tuple[int, float]], T: int
) -> Figure:
    """Draw the loss and the smoothed loss against the updates, with the epochs marked.

    Parameters
    ----------
    history
        Rows of step, epoch, loss and smoothed loss, in nats per sequence.
    updates_per_epoch
        Where the marks stand.
    validations
        Pairs of a step and the loss on the part held out, in nats per character.
    T
        The sequence length, to bring both to one unit.
    """
    rows = thin(history)
    steps = [row.step for row in rows]
    with _axes() as (figure, axes):
        _mark_epochs(axes, rows[-1].step, updates_per_epoch)
        few = ".-" if len(rows) < FEW else "-"
        axes.plot(
            steps,
            [row.loss for row in rows],
            few,
            color=BLUE,
            alpha=0.35,
            linewidth=0.6,
            label="loss",
        )
        axes.plot(
            steps,
            [row.smooth_loss for row in rows],
            few,
            color=ORANGE,
            linewidth=1.8,
            label="smoothed loss",
        )
        if validations:
            axes.plot(
                [step for step, _ in validations],
                [T * value for _, value in validations],
                color=GREEN,
                marker="o",
                markersize=3,
                linewidth=1,
                linestyle="--",
                label="loss on the part held out",
                clip_on=False,  # the last one lies on the edge
            )
        axes.set(xlabel="updates", ylabel=f"nats per sequence of {T}", xlim=(0, steps[-1] or 1))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        _legend_above(axes)
        return figure


def character_frequencies(
    counts: NDArray[np.int64], vocabulary: str, most: int = COMMONEST
) -> Figure:
    """Draw how often each of the commonest characters occurs, as a share of the book."""
    order = np.argsort(-counts, kind="stable")[:most]
    names = [_name(vocabulary[i]) for i in order]
    with _axes(LOW) as (figure, axes):
        axes.bar(range(len(order)), 100 * counts[order] / counts.sum(), color=BLUE)
        axes.set_xticks(range(len(order)), names, parse_math=False)
        for label, name in zip(axes.get_xticklabels(), names, strict=True):
            label.set_rotation(90 if len(name) > 1 else 0)
        axes.set(ylabel="% of the characters", xlabel="character", xlim=(-0.7, len(order) - 0.3))
        return figure


def entropies(bits: Sequence[float], distinct: Sequence[int], K: int) -> Figure:
    """Draw the entropy of a character given those before it, against n.

    Parameters
    ----------
    bits
        Bits per character for n = 1, 2, ...; what is NaN is left out.
    distinct
        How many different n-grams occur.
    K
        Vocabulary size: n = 0 is guessing blindly.
    """
    values = [float(np.log2(K)), *(value for value in bits if np.isfinite(value))]
    names = ["guessing", *(f"n = {n}\n{count:,} different" for n, count in enumerate(distinct, 1))]
    with _axes(LOW) as (figure, axes):
        axes.bar(range(len(values)), values, color=[GREY, *[BLUE] * len(values[1:])], width=0.6)
        for place, value in enumerate(values):
            axes.annotate(
                f"{value:.2f}", (place, value), (0, 3), textcoords="offset points", ha="center"
            )
        axes.set_xticks(range(len(values)), names[: len(values)])
        axes.set(ylabel="bits per character", ylim=(0, 1.15 * max(*values, 0.1)))
        return figure


def step_sweep(
    steps: NDArray[np.float64], errors: Mapping[str, NDArray[np.float64]], exact: float, h: float
) -> Figure:
    """Draw the error of central differences against their step, on logarithmic axes.

    Parameters
    ----------
    steps
        The steps, of shape (n,).
    errors
        The relative error of each parameter's gradient for each step.
    exact
        The largest error of the complex step, a line.
    h
        The step of the gradient check, marked.
    """
    least = 1e-17  # where an error of 0 is drawn
    with _axes(MIDDLE) as (figure, axes):
        for colour, error in zip(COLOURS, errors.values(), strict=False):
            axes.loglog(steps, np.maximum(error, least), color=colour, marker="o", markersize=3)
        axes.axhline(max(exact, least), color=INK, linewidth=1.2, linestyle="--")
        axes.annotate(
            f"complex step: {exact:.0e}" if exact else "complex step: 0",
            (steps[0], max(exact, least)),
            (0, 4),
            textcoords="offset points",
        )
        axes.axvline(h, color=INK, alpha=0.5, linewidth=0.8, linestyle=":")
        axes.set(xlabel="step h", ylabel="relative error", ylim=(least / 2, 10))
        axes.annotate(f"the check: h = {h:.0e}", (h, 2), (4, 0), textcoords="offset points")
        _name_lines(axes, list(errors))
        return figure


def _name(character: str) -> str:
    """Return a label that shows which character it is, whatever the font lacks."""
    if character in VISIBLE:
        return VISIBLE[character]
    drawn = get_font(findfont("sans")).get_char_index(ord(character))
    return character if drawn and character.isprintable() else f"U+{ord(character):04X}"


def course(
    history: Sequence[Row],
    updates_per_epoch: int,
    validations: Sequence[tuple[int, float]],
    radii: Sequence[tuple[int, float]],
) -> Figure:
    """Draw what else went on in training, each in a panel of its own, against the updates.

    Parameters
    ----------
    history
        Its norms of the gradient and shares of clipped entries are drawn, and a running middle.
    updates_per_epoch
        Where the marks stand.
    validations
        Pairs of a step and the loss on the part held out, in nats per character; drawn in bits.
    radii
        Pairs of a step and the spectral radius of W.
    """
    rows = thin(history)
    few = ".-" if len(rows) < FEW else "-"
    steps = [row.step for row in rows]
    last = max(1, steps[-1], *(step for step, _ in [*validations, *radii]))
    unit, name = (1000, "thousand updates") if last >= 10_000 else (1, "updates")
    panels = ["norm of the gradient"] if any(row.norm > 0 for row in rows) else []
    panels += ["% of the gradient clipped"]
    panels += ["held-out loss, bits per character"] if len(validations) > 1 else []
    panels += ["spectral radius of W"] if len(radii) > 1 else []
    size = (8.0, 2.2 if len(panels) < 3 else 3.5)
    with sns.axes_style("ticks", STYLE), plt.rc_context(STYLE):
        figure = plt.figure(figsize=size, layout="constrained")
        grid = figure.add_gridspec(-(-len(panels) // 2), 2)
        for place, title in enumerate(panels):
            axes = figure.add_subplot(grid[place // 2, place % 2])
            axes.set_title(title, loc="left", fontsize=10)
            axes.grid(axis="y", linewidth=0.6)
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / unit:,g}"))
            axes.set(xlim=(0, last), xlabel=name)
            if place < len(panels) - 2:
                axes.set(xlabel="")
            _mark_epochs(axes, last, updates_per_epoch)
            if title.startswith("norm"):
                norms = [row.norm for row in rows]
                axes.semilogy(steps, norms, few, color=BLUE, alpha=0.3, linewidth=0.6)
                axes.semilogy(steps, running(np.nanmedian, norms), color=BLUE, linewidth=1.6)
            elif title.startswith("%"):
                clipped = [100 * row.clipped for row in rows]
                axes.plot(steps, clipped, few, color=ORANGE, alpha=0.3, linewidth=0.6)
                axes.set_ylim(0, 1.05 * max(*clipped, 0.01))
                axes.plot(steps, running(np.nanmean, clipped), color=ORANGE, linewidth=1.6)
            elif title.startswith("held-out"):
                bits = [value / np.log(2) for _, value in validations]
                axes.plot([step for step, _ in validations], bits, "o-", color=GREEN, markersize=3,
                          clip_on=False)  # fmt: skip
            else:
                axes.plot(*zip(*radii, strict=True), "o-", color=PINK, markersize=3, clip_on=False)
                axes.axhline(1, color=INK, linewidth=0.8, linestyle="--")
            if axes.get_yscale() == "linear":
                axes.ticklabel_format(axis="y", useOffset=False)
        plt.close(figure)
        return figure


def running(
    middle: Callable[..., Any], values: Sequence[float], width: int = 51
) -> NDArray[np.float64]:
    """Return a mean or median of each value and those around it, at the ends of fewer."""
    half = min(width // 2, len(values) // 20)
    padded = np.pad(np.asarray(values, float), half, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    return np.asarray(middle(windows, axis=1))


def losses_by_position(losses: NDArray[np.float64], T: int) -> Figure:
    """Draw the loss of some epochs by the position in the book, and their mean.

    Parameters
    ----------
    losses
        In nats per sequence, of shape (epochs, bins).
    T
        The sequence length.
    """
    bins = losses.shape[1]
    middle = 100 * (np.arange(bins) + 0.5) / bins
    with _axes(LOW) as (figure, axes):
        for epoch in losses:
            axes.plot(middle, epoch, color=BLUE, alpha=0.4, linewidth=0.8, label="one epoch")
        if len(losses) > 1:
            axes.plot(middle, losses.mean(axis=0), color=ORANGE, linewidth=2, label="their mean")
        axes.set(xlabel="% of the training part", ylabel=f"nats per sequence of {T}", xlim=(0, 100))
        _legend_above(axes)
        return figure


def _legend_above(axes: Axes) -> None:
    """Put a legend where it hides nothing, each name in it once."""
    handles, names = axes.get_legend_handles_labels()
    found = dict(zip(names, handles, strict=True))
    axes.legend(
        list(found.values()), list(found),
        frameon=False, ncols=len(found), loc="lower right", bbox_to_anchor=(1, 1),
    )  # fmt: skip


def reaches(norms: Mapping[str, NDArray[np.float64]], T: int) -> Figure:
    """Draw how the norm of a gradient changes on its way back, on a logarithmic axis.

    Parameters
    ----------
    norms
        For each moment of training |dL_t / dh_{t-k}| for k = 0, 1, ..., of shape (n,).
    T
        The sequence length, marked.
    """
    colours = (GREY, SKY, ORANGE)
    with _axes(LOW) as (figure, axes):
        top = max(float(values.max(initial=0)) for values in norms.values()) or 1.0
        least = 1e-10 * top
        for colour, (name, values) in zip(colours, norms.items(), strict=False):
            seen = np.where(values >= least, values, np.nan)
            axes.semilogy(seen, color=colour, linewidth=1.8, marker="o", markersize=2.5, label=name)
        last = max(len(values) for values in norms.values()) - 1
        if last >= T:
            axes.axvline(T, color=INK, alpha=0.5, linewidth=0.8, linestyle=":")
            axes.annotate(f" T = {T}", (T, 1), xycoords=("data", "axes fraction"), va="top")
        axes.set(xlabel="k, characters back", ylabel="norm of the gradient")
        axes.set(xlim=(0, max(last, 1)), ylim=(least, 3 * top))
        _legend_above(axes)
        return figure


def rungs(nats: Mapping[int, float], network: float) -> Figure:
    """Draw the loss of n-grams against n, with that of the network, in bits and nats.

    Parameters
    ----------
    nats
        n to nats per character.
    network
        Nats per character.
    """
    best = min(nats, key=nats.__getitem__)
    bits = {n: value / np.log(2) for n, value in nats.items()}
    with _axes(LOW) as (figure, axes):
        colours = [BLUE if n == best else GREY for n in bits]
        axes.bar(list(bits), list(bits.values()), color=colours, width=0.6)
        axes.set_xticks(list(bits), [f"n = {n}\n{value:.2f}" for n, value in bits.items()])
        line = network / np.log(2)
        axes.axhline(line, color=ORANGE, linewidth=1.8)
        axes.annotate(
            f"the network: {line:.2f}",
            (1, line),
            (-4, 3),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            color=ORANGE,
        )
        axes.set(ylabel="bits per character", xlim=(0.4, max(bits) + 2.1))
        axes.set_ylim(0, 1.12 * max(*bits.values(), line, 0.1))
        other = axes.secondary_yaxis(
            "right", functions=(lambda b: b * np.log(2), lambda n: n / np.log(2))
        )
        other.set_ylabel("nats per character")
        return figure


def calibration(found: Reliability) -> Figure:
    """Draw how often the likeliest character came against its probability, and the counts."""
    bins = len(found.counts)
    edges = np.arange(bins) / bins
    with sns.axes_style("ticks", STYLE), plt.rc_context(STYLE):
        figure, (left, right) = plt.subplots(1, 2, figsize=LOW, layout="constrained")
        left.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle="--")
        enough = found.counts >= min(10, found.counts.max())
        left.plot(
            found.expected[enough],
            found.came[enough],
            "o-",
            color=BLUE,
            markersize=4,
            clip_on=False,
        )
        left.annotate("surer than it should be", (0.97, 0.06), ha="right")
        left.annotate("not sure enough", (0.03, 0.9))
        left.set(xlabel="probability given", ylabel="share that came", xlim=(0, 1), ylim=(0, 1))
        left.set_aspect("equal")
        right.bar(edges, found.counts, width=0.9 / bins, align="edge", color=GREY)
        right.set(xlabel="probability given", ylabel="characters", xlim=(0, 1))
        right.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        plt.close(figure)
        return figure


def neurons(
    rows: Sequence[str], values: Sequence[Sequence[NDArray[Any]]], titles: Sequence[str]
) -> Figure:
    """Draw lines of text under which each character's colour is what a unit was at it.

    Parameters
    ----------
    rows
        The lines.
    values
        For each unit and each line the unit's values after each character, from -1 to 1.
    titles
        What to write above each unit's lines.
    """
    width = max(40, *map(len, rows))
    height, advance = 0.2, WIDE[0] / width  # inches, of a character and what belongs to it
    block = len(rows) + 1.35  # lines of a unit
    tall = block * len(titles) + 1.2
    cells, colours = [], []
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(WIDE[0], height * tall))
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(tall, 0))
        axes.axis("off")
        size = 72 * min(advance / MONO_ADVANCE, height / 1.25)
        for u, title in enumerate(titles):
            axes.text(0, u * block + 0.55, title, va="center")
            for r, (row, found) in enumerate(zip(rows, values[u], strict=True)):
                top = u * block + 1 + r
                shades = np.clip(np.rint((found + 1) / 2 * (len(SHADES) - 1)), 0, len(SHADES) - 1)
                for start, end in _runs(shades):
                    cells.append([(start, top), (end, top), (end, top + 1), (start, top + 1)])
                    colours.append(SHADES[int(shades[start])])
                for i, character in enumerate(row):
                    axes.text(i + 0.5, top + 0.54, _cell(character), color=ON_SHADES, size=size,
                              family="DejaVu Sans Mono", ha="center", va="center_baseline",
                              parse_math=False)  # fmt: skip
        for i, shade in enumerate(SHADES):
            left, top = 4 + 2 * i, tall - 1
            cells.append([(left, top), (left + 2, top), (left + 2, tall), (left, tall)])
            colours.append(shade)
        axes.text(3.5, tall - 0.5, "−1", ha="right", va="center")
        axes.text(4.5 + 2 * len(SHADES), tall - 0.5, "+1: the value of the unit", va="center")
        axes.add_collection(PolyCollection(cells, facecolors=colours, edgecolors="none", zorder=0))
        plt.close(figure)
        return figure


def _runs(values: NDArray[Any]) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each run of equal values."""
    ends = [*(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    yield from zip([0, *ends], ends, strict=False)


def _cell(character: str) -> str:
    """Return what is drawn for a character in a cell of its own."""
    if character in CELLS:
        return CELLS[character]
    drawn = get_font(findfont("DejaVu Sans Mono")).get_char_index(ord(character))
    plain = character.isprintable() and not unicodedata.combining(character)
    return character if drawn and plain else "□"
