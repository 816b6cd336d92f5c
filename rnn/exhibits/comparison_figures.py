"""Figures of a study: the curves, the losses, a map of two parameters, and what the losses cost.

What belongs to a setting or a run has a name in the drawing, such as mean-3 for setting 3 and
run-3-400 for its run with seed 400. By these the page hides settings, and finds a run's row.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray
from seaborn.utils import relative_luminance

from rnn.exhibits.comparison_data import (
    LINES,
    SETTINGS,
    deviations,
    finished,
    followed,
    loss_name,
    losses,
    means,
    names,
    read_by_update,
    seconds,
    validated,
    value,
    varies,
)
from rnn.exhibits.kinds import Picture, Sentence
from rnn.exhibits.look import BLUE, COLOURS, GREY, INK
from rnn.exhibits.style import canvas, plot, thin
from rnn.exhibits.words import extremes, listed
from rnn.files.results import RunRow, Study
from rnn.settings import to_word

POINTS = 50_000  # of all thin lines together, at most
LONGEST = 120  # points of a line, at most
DASHES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
MARKS = "os^Dv"
TOGETHER = len(COLOURS)  # settings in one pair of axes; more get a panel each
LETTER = 0.075  # inches, the mean width of a letter of ten points
DARK, LIGHT = "#030302", "#fffffe"  # on coloured ground; the page would replace a grey


def learning_curves(study: Study) -> Picture | Sentence:
    """Draw the smoothed loss of each run, and each setting's mean with a band over the seeds."""
    rows = _drawn(study, [row for row in study.rows if len(row.curve)])
    if not rows:
        return Sentence("There are no learning curves yet.")
    settings = sorted({row.combination for row in rows})
    figure = _overlaid(study, rows) if len(settings) <= TOGETHER else _panels(study, rows)
    several = len(study.seeds) > 1
    means = (
        "Thin lines are single runs, a thick line is the mean of a setting's runs, and the band "
        "reaches one standard deviation to either side."
        if several
        else "Each line is one run; with one seed there is no mean, and no spread."
    )
    panels = (
        " In each panel the grey dashed line is the mean of the baseline."
        if len(settings) > TOGETHER
        else ""
    )
    lost = any(row.status == "diverged" for row in rows)
    diverged = (
        " Dotted lines are runs that diverged, as far as they lie within the figure; they are in no"
        " mean."
        if lost
        else ""
    )
    dropout = (
        " Dropout raises this loss, so settings that differ in it do not compare here."
        if varies(study, "dropout")
        else ""
    )
    ends = [row.curve[-1, 1] / _T(study, row) for row in rows if row.status == "done"]
    reached = (
        f" The runs that are done end between {min(ends):.2f} and {max(ends):.2f}." if ends else ""
    )
    return Picture(
        figure,
        caption=f"The smoothed loss on the training part, in nats per character. {means}{panels}"
        f"{diverged}{dropout}{_left_out(study, rows)}",
        alt=f"Learning curves of {len(rows)} runs of {len(settings)} settings.{reached}",
        label="fig-curves",
    )


def losses_by_setting(study: Study) -> Picture | Sentence:
    """Draw the loss of every run as a point, beside its setting's mean and standard deviation."""
    table, named = losses(study), names(study)
    if not np.isfinite(table).any():
        return Sentence("No run is done, so there are no losses to compare.")
    rows = _drawn(study, finished(study))
    middle = means(table)
    ends = extremes(middle.tolist(), [f"for {name}" for name in named])
    bars = (
        "the bar beside them the mean, with one standard deviation to either side"
        if len(study.seeds) > 1
        else "of which each setting has one, so that chance can't be told from the setting"
    )
    judged = (
        " Each run is judged by its best model, which was chosen on this very text; that flatters "
        "all runs a little."
        if validated(study)
        else ""
    )
    baseline = (
        " The dashed line is the mean of the baseline, the first setting."
        if np.isfinite(middle[0])
        else " No run of the baseline, the first setting, is done."
    )
    return Picture(
        _strip(study, rows, table),
        caption=f"The {loss_name(study)} of every run, in nats per character; less is better. "
        f"Points are runs, {bars}.{baseline}{judged}"
        f"{_missing(study)}{_left_out(study, rows)}",
        alt=f"Points for {len(rows)} runs, in a row for each setting. The means range {ends}.",
        label="fig-losses",
    )


def parameter_map(study: Study) -> Picture | Sentence:
    """Draw the mean loss over the values of two parameters, if these are what was varied."""
    follow = followed(study)
    two = [name for name in study.names if varies(study, name) and name not in follow]
    if len(two) != 2:
        count = {0: "is none", 1: "is one"}.get(len(two), f"are {len(two)}")
        return Sentence(
            "There is no map of the losses: it takes two parameters that vary independently, and "
            f"here there {count}."
        )
    middle = means(losses(study))
    if not np.isfinite(middle).any():
        return Sentence("There is no map of the losses, since no run is done.")
    down, across = (list(dict.fromkeys(c[name] for c in study.combinations)) for name in two)
    grid = np.full((len(down), len(across)), np.nan)
    for i, combination in enumerate(study.combinations):
        row, column = (combination[name] for name in two)
        grid[down.index(row), across.index(column)] = middle[i]
    size, _ = _cell(*grid.shape)
    shown = "" if size else " The cells are too small for numbers; the table of settings has them."
    besides = [f"`{name}` with `{leader}`" for name, leader in follow.items()]
    differs = f" What differs besides is {listed(besides)}." if besides else ""
    where = [f"for {name}" for name in names(study)]
    return Picture(
        _heat_map(grid, two, [list(map(to_word, down)), list(map(to_word, across))]),
        caption=f"The mean {loss_name(study)} over the values of `{two[0]}` and `{two[1]}`, in "
        f"nats per character. Darker is less, and better.{differs}{_empty(study, grid)}{shown}",
        alt=f"A grid of numbers, {extremes(middle.tolist(), where)}.",
        label="fig-map",
    )


def _empty(study: Study, grid: NDArray[np.float64]) -> str:
    """Say why a map has empty cells."""
    known = int(np.isfinite(grid).sum())
    why = [
        *(["have no run that is done"] if known < len(study.combinations) else []),
        *(["are no settings of this study"] if len(study.combinations) < grid.size else []),
    ]
    return f" Empty cells {' or '.join(why)}." if why else ""


def loss_against_seconds(study: Study) -> Picture | Sentence:
    """Draw the loss of every run against the seconds that its training took."""
    table, took = losses(study), seconds(study)
    if not np.isfinite(table + took).any():
        return Sentence("No run is done, so nothing can be said of its cost.")
    rows = _drawn(study, finished(study))
    machines = len({row.machine for row in finished(study)})
    differ = (
        f" They are those of {machines} different machines, so they do not compare well."
        if machines > 1
        else " Other work on the machine makes them longer."
    )
    points = (
        "Small points are runs, large ones the means of settings"
        if len(study.seeds) > 1
        else "Each point is a run"
    )
    ends = extremes(means(took).tolist(), [f"seconds for {name}" for name in names(study)])
    return Picture(
        _scatter(study, rows, table, took),
        caption=f"The {loss_name(study)} against the seconds of training. {points}"
        f"{_numbers(study)}; at the bottom left one is both good and fast. Seconds count the "
        f"updates alone.{differ}{_left_out(study, rows)}",
        alt=f"Points for {len(rows)} runs; the mean time ranges {ends}.",
        label="fig-seconds",
    )


def _drawn(study: Study, rows: Sequence[RunRow]) -> list[RunRow]:
    """Return the runs that are drawn one by one: of too many, the first seeds of each setting."""
    shown = [row for row in rows if row.combination < SETTINGS]
    settings = len({row.combination for row in shown})
    seeds = set(study.seeds[: max(1, LINES // max(settings, 1))])
    return [row for row in shown if row.seed in seeds]


def _left_out(study: Study, rows: Sequence[RunRow]) -> str:
    """Say which settings and runs are not drawn."""
    said = ""
    if (more := len(study.combinations) - SETTINGS) > 0:
        said = f" The first {SETTINGS} settings are shown; the other {more} are in `runs.csv`."
    seeds = len({row.seed for row in rows})
    if seeds < len({row.seed for row in study.rows if row.combination < SETTINGS}):
        said += f" Single runs are drawn of the first {seeds} seeds; means are of all seeds."
    return said


def _missing(study: Study) -> str:
    """Say that a setting without a point has no run that is done."""
    lacks = len({row.combination for row in finished(study)}) < len(study.combinations)
    return " A setting without points has no run that is done." if lacks else ""


def _numbers(study: Study) -> str:
    return ", with the setting's number" if len(study.combinations) > TOGETHER else ""


def _T(study: Study, row: RunRow) -> int:
    return int(value(study, row.combination, "seq_length"))


def _reach(study: Study) -> tuple[bool, str]:
    """Return whether progress is measured in characters, and the name of the axis."""
    characters = varies(study, "seq_length", "batch_size")
    return characters, "characters read" if characters else "updates"


def _curve(study: Study, row: RunRow, points: int) -> NDArray[np.float64]:
    """Return a run's curve in the units of the axes, of shape (points, 2)."""
    curve = np.array(thin(list(row.curve), points))
    characters, _ = _reach(study)
    across = read_by_update(study, row.combination) if characters else 1
    return np.asarray(curve * np.array([across, 1 / _T(study, row)]))


def _curves(study: Study, rows: Sequence[RunRow]) -> dict[int, list[tuple[RunRow, Any]]]:
    """Return the runs of each setting with their curves."""
    points = int(np.clip(POINTS // len(rows), 10, LONGEST))
    found: dict[int, list[tuple[RunRow, Any]]] = {}
    for row in rows:
        found.setdefault(row.combination, []).append((row, _curve(study, row, points)))
    return found


def _mean(study: Study, setting: int) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Return steps, and the curves of a setting's finished runs at these, of shape (n, points)."""
    curves = [_curve(study, row, LONGEST) for row in finished(study, setting) if len(row.curve)]
    if not curves:
        return None
    steps = min(curves, key=lambda curve: curve[-1, 0])[:, 0]
    return steps, np.array([np.interp(steps, *curve.T) for curve in curves])


def _draw_setting(
    axes: Axes, study: Study, setting: int, lines: Sequence[tuple[RunRow, Any]], colour: str,
    dashes: Any = "-",
) -> None:  # fmt: skip
    """Draw the runs of a setting, and their mean with its band."""
    several = len(finished(study, setting)) > 1
    for row, curve in lines:
        single = not several and row.status == "done"
        axes.plot(
            *curve.T,
            color=colour,
            linewidth=1.6 if single else 0.7,
            alpha=1 if single else 0.55,
            linestyle=dashes if single else "-" if row.status == "done" else ":",
            marker="." if len(curve) == 1 else None,
            gid=f"run-{setting}-{row.seed}",
        )
    found = _mean(study, setting) if several else None
    if found is None:
        return
    steps, curves = found
    before = len(axes.collections)
    sns.lineplot(
        x=np.tile(steps, len(curves)), y=curves.ravel(), errorbar="sd", ax=axes, color=colour,
        linewidth=1.9, linestyle=dashes, legend=False,
    )  # fmt: skip
    axes.lines[-1].set_gid(f"mean-{setting}")
    for band in axes.collections[before:]:
        band.set_gid(f"band-{setting}")


def _limits(study: Study, rows: Sequence[RunRow]) -> tuple[float, float]:
    """Return the lowest and the highest loss to show: those of the runs that are done."""
    done = [row for row in rows if row.status == "done"]
    values = np.concatenate([row.curve[:, 1] / _T(study, row) for row in done or rows])
    values = values[np.isfinite(values)]
    low, high = (values.min(), values.max()) if len(values) else (0.0, 1.0)
    if not done:
        high = min(high, 3 * low + 1)
    margin = 0.04 * (high - low or 1)
    return low - margin, high + margin


def _thousands(axes: Axes, last: float) -> None:
    unit, word = (1e6, "M") if last >= 2e6 else (1e3, "k") if last >= 2e4 else (1, "")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x / unit:,g}{word if x else ''}"))
    axes.xaxis.set_major_locator(MaxNLocator(5))


def _overlaid(study: Study, rows: Sequence[RunRow]) -> Figure:
    """Draw all settings into one pair of axes."""
    curves, named = _curves(study, rows), names(study)
    last = max(curve[-1, 0] for lines in curves.values() for _, curve in lines)
    with plot((8.0, 3.4)) as (figure, axes):
        handles = []
        for i, (setting, lines) in enumerate(curves.items()):
            _draw_setting(axes, study, setting, lines, COLOURS[i], DASHES[i])
            (handle,) = axes.plot(
                [], [], color=COLOURS[i], linestyle=DASHES[i], linewidth=2, label=named[setting]
            )
            handles.append((setting, handle))
        axes.set(
            xlabel=_reach(study)[1], ylabel="nats per character",
            xlim=(0, last or 1), ylim=_limits(study, rows),
        )  # fmt: skip
        _thousands(axes, last)
        _legend(figure, handles)
        return figure


def _legend(figure: Figure, handles: Sequence[tuple[int, Any]]) -> None:
    """Name the settings above all else, in as many columns as fit."""
    widest = max(len(handle.get_label()) for _, handle in handles) * LETTER + 0.6
    legend = figure.legend(
        [handle for _, handle in handles], [handle.get_label() for _, handle in handles],
        frameon=False, ncols=max(1, int(8 / widest)), loc="outside upper left", handlelength=3,
    )  # fmt: skip
    for (setting, _), drawn, text in zip(
        handles, legend.legend_handles, legend.get_texts(), strict=True
    ):
        if drawn is not None:
            drawn.set_gid(f"key-{setting}")
        text.set_gid(f"word-{setting}")


def _panels(study: Study, rows: Sequence[RunRow]) -> Figure:
    """Draw a panel for each setting, all with the same axes."""
    curves, named = _curves(study, rows), names(study)
    last = max(curve[-1, 0] for lines in curves.values() for _, curve in lines)
    across = 3 if len(curves) <= 12 else 4 if len(curves) <= 28 else 5
    down = -(-len(curves) // across)
    tall = 1.5 if down <= 5 else 1.2 if down <= 7 else 0.95
    baseline = _mean(study, 0)
    room = int(8.0 / across / 0.062)  # letters of a title
    with canvas((8.0, tall * down + 0.4)) as figure:
        grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
        for place, axes in enumerate(grid.flat):
            if place >= len(curves):
                axes.remove()
        for axes, (setting, lines) in zip(grid.flat, curves.items(), strict=False):
            axes.set_gid(f"panel-{setting}")
            axes.grid(axis="y", linewidth=0.5)
            if baseline is not None and setting:
                steps, drawn = baseline
                axes.plot(steps, drawn.mean(axis=0), color=GREY, linewidth=1, linestyle="--")
            _draw_setting(axes, study, setting, lines, BLUE)
            axes.set_title(_cut(named[setting], room), loc="left", fontsize=8, pad=3)
            axes.tick_params(labelsize=8)
            axes.set(xlabel="", ylabel="", xlim=(0, last or 1), ylim=_limits(study, rows))
            _thousands(axes, last)
            axes.xaxis.set_major_locator(MaxNLocator(3))
            axes.yaxis.set_major_locator(MaxNLocator(3))
        for place in range(len(curves), down * across):  # nothing is below these
            above = grid.flat[place - across]
            above.tick_params(labelbottom=True)
        figure.supxlabel(_reach(study)[1], fontsize=10)
        figure.supylabel("nats per character", fontsize=10)
        return figure


def _cut(text: str, room: int) -> str:
    """Return a text broken into two lines at a comma, or cut, where it is too long."""
    if len(text) <= room:
        return text
    lines = [text]
    for at in (i for i, c in enumerate(text) if c == ","):
        if at < room:
            lines = [text[: at + 1], text[at + 2 :]]
    return "\n".join(line if len(line) <= room else f"{line[: room - 1]}…" for line in lines)


def _strip(study: Study, rows: Sequence[RunRow], table: NDArray[np.float64]) -> Figure:
    """Draw a row of points for each setting, with its mean and standard deviation below them."""
    count = min(len(table), SETTINGS)
    middle, spread = means(table), deviations(table)
    undone = [
        (sum(r.combination == i and r.status == "diverged" for r in study.rows), i)
        for i in range(count)
    ]
    place = {seed: i for i, seed in enumerate(study.seeds)}
    several = len(study.seeds) > 1
    step = 0.42 if count <= 12 else 0.26 if count <= 28 else 0.185
    with canvas((8.0, step * count + 0.8)) as figure:
        axes = figure.subplots()
        axes.grid(axis="x", linewidth=0.6)
        axes.set_axisbelow(True)
        if np.isfinite(middle[0]):
            axes.axvline(middle[0], color=GREY, linewidth=1, linestyle="--")
        for row in rows:
            i = row.combination
            axes.plot(
                table[i, place[row.seed]], i - 0.12 * several, "o",
                color=BLUE, markersize=5 if count <= 28 else 3.5, alpha=0.6, markeredgewidth=0,
                gid=f"run-{i}-{row.seed}",
            )  # fmt: skip
        for i in range(count) if several else ():
            axes.plot(
                [middle[i] - spread[i], middle[i] + spread[i]], [i + 0.2] * 2, color=INK,
                linewidth=1.2, gid=f"deviation-{i}",
            )  # fmt: skip
            axes.plot(
                [middle[i]] * 2, [i + 0.04, i + 0.36], color=INK, linewidth=2.4, gid=f"mean-{i}"
            )
        for diverged, i in undone:
            if diverged:
                axes.annotate(
                    f"{diverged} diverged", (1, i), (4, 0), xycoords=("axes fraction", "data"),
                    textcoords="offset points", va="center", fontsize=8, gid=f"word-{i}",
                )  # fmt: skip
        size = 10 if count <= 12 else 9 if count <= 28 else 8
        shown = [_cut(name, 44) for name in names(study)[:count]]
        if count > TOGETHER:
            shown = [f"{i}. {name}" for i, name in enumerate(shown, 1)]
        axes.set_yticks(range(count), shown, fontsize=size)
        axes.set(xlabel="nats per character", ylim=(count - 0.4, -0.6))
        axes.tick_params(axis="y", length=0)
        axes.ticklabel_format(axis="x", useOffset=False)
        axes.spines["left"].set_visible(False)
        return figure


def _cell(down: int, across: int) -> tuple[float, float]:
    """Return the size of the numbers in a map, zero if they can't be read, and the map's height."""
    height = min(0.5, 8 / down)
    size = min(10, 72 * 0.62 * height, 72 * (6.8 / across) / 3.6)
    return size if size >= 5 else 0, height * down


def _legible(ground: tuple[float, ...]) -> str:
    """Return the colour that stands out more from a colour, by the contrast of WCAG."""
    light = relative_luminance(ground) + 0.05
    return LIGHT if 1.05 / light > light / 0.05 else DARK


def _heat_map(
    grid: NDArray[np.float64], names: Sequence[str], values: Sequence[Sequence[str]]
) -> Figure:
    """Draw a grid of means as colours, and as numbers within them."""
    size, height = _cell(*grid.shape)
    every = [1 if size else max(1, count // 20) for count in grid.shape]
    rows, columns = (
        [name if i % step == 0 else "" for i, name in enumerate(some)]
        for some, step in zip(values, every, strict=True)
    )
    with canvas((8.0, 0.8 + height)) as figure:
        axes = figure.subplots()
        colours = sns.color_palette("Blues_r", as_cmap=True)
        sns.heatmap(
            grid, ax=axes, cmap=colours,
            linewidths=1.5 if size else 0, linecolor="white", cbar=False,
            xticklabels=columns, yticklabels=rows,
        )  # fmt: skip
        low, high = np.nanmin(grid), np.nanmax(grid)
        for (i, j), mean in np.ndenumerate(grid):
            if size and np.isfinite(mean):
                ground = colours((mean - low) / (high - low) if high > low else 0.5)
                axes.text(
                    j + 0.5, i + 0.5, f"{mean:.3f}", ha="center", va="center", fontsize=size,
                    color=_legible(ground),
                )  # fmt: skip
        axes.set(ylabel=names[0], xlabel=names[1])
        axes.tick_params(length=0, rotation=0, labelsize=size or 8)
        return figure


def _scatter(
    study: Study, rows: Sequence[RunRow], table: NDArray[np.float64], took: NDArray[np.float64]
) -> Figure:
    """Draw runs as small points and settings as large ones, named or numbered."""
    place = {seed: i for i, seed in enumerate(study.seeds)}
    few = len(study.combinations) <= TOGETHER
    x, y, named = means(took), means(table), names(study)
    with plot((8.0, 3.6 if few else 5.0)) as (figure, axes):
        axes.grid(axis="x", linewidth=0.6)
        for row in rows:
            i = row.combination
            axes.plot(
                took[i, place[row.seed]], table[i, place[row.seed]],
                MARKS[i % TOGETHER] if few else "o", color=COLOURS[i] if few else BLUE,
                markersize=4.5 if few else 3, alpha=0.75, markeredgewidth=0,
                gid=f"run-{i}-{row.seed}",
            )  # fmt: skip
        handles = []
        for i in range(min(len(table), SETTINGS)):
            if not np.isfinite(x[i] + y[i]):
                continue
            (handle,) = axes.plot(
                x[i], y[i], MARKS[i % TOGETHER] if few else "o", color=COLOURS[i] if few else BLUE,
                markersize=10 if few else 6, markeredgecolor=INK, markeredgewidth=0.8,
                label=named[i], gid=f"mean-{i}",
            )  # fmt: skip
            handles.append((i, handle))
            if not few:
                axes.annotate(
                    str(i + 1), (x[i], y[i]), (4, 3), textcoords="offset points", fontsize=7,
                    gid=f"word-{i}",
                )  # fmt: skip
        axes.set(xlabel="seconds", ylabel="nats per character")
        axes.set_xlim(left=0)
        axes.ticklabel_format(axis="y", useOffset=False)
        if few:
            _legend(figure, handles)
        return figure
