"""The results as plots, in colours that colour-blind readers can tell apart."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from benchmarks.tables import NAMES, Result, quartiles

# Okabe and Ito; each line has a marker of its own as well.
COLOURS = {
    "ours": "#D55E00",
    "course": "#999999",
    "minchar": "#56B4E9",
    "pytorch": "#0072B2",
    "jax_scan": "#009E73",
    "c_loop": "#CC79A7",
    "floor": "#CCCCCC",
}
MARKERS = {"ours": "o", "pytorch": "s", "jax_scan": "^", "c_loop": "D"}


def _log(axes: Axes, ticks: list[int]) -> None:
    """Make both scales logarithmic, with plain numbers at the ticks."""
    axes.set(xscale="log", yscale="log")
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(LogLocator(10, (1, 2, 5)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.yaxis.set_minor_locator(NullLocator())


def _bars(axes: Axes, results: list[Result], title: str) -> None:
    shown = list(reversed(results))
    for place, result in enumerate(shown):
        low, middle, high = (1 / t for t in reversed(quartiles(result["turns"])))
        axes.barh(
            place,
            middle,
            xerr=[[middle - low], [high - middle]],
            color=COLOURS[result["peer"]],
            edgecolor="black",
            linewidth=0.5,
            capsize=2,
        )
        axes.annotate(
            f" {middle:,.0f}", (high, place), xytext=(3, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(range(len(shown)), [NAMES[result["peer"]] for result in shown])
    axes.set_xlim(0, 1.25 * max(1 / min(result["turns"]) for result in shown))
    axes.set(title=title, xlabel="updates per second")
    axes.spines[["top", "right"]].set_visible(False)


def updates(results: list[Result]) -> Figure:
    """Return bars of updates per second on one core."""
    figure = Figure(figsize=(8, 5.2), layout="constrained")
    axes = figure.subplots(2, 1, height_ratios=(7, 5))
    for dtype, each in zip(("float64", "float32"), axes, strict=True):
        shown = [r for r in results if r["dtype"] == dtype and r["cores"] == 1]
        _bars(each, shown, f"Updates per second, m=100, T=25, B=1, {dtype}, one core")
    return figure


def batch(results: list[Result]) -> Figure:
    """Return characters per second against the hidden size, on one core and two."""
    figure = Figure(figsize=(8, 3.6), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for cores, axes in zip((1, 2), panels, strict=True):
        for peer, marker in MARKERS.items():
            shown = [r for r in results if r["peer"] == peer and r["cores"] == cores]
            if not shown:
                continue
            rates = [[r["T"] * r["B"] / t for t in quartiles(r["turns"])] for r in shown]
            axes.errorbar(
                [r["m"] for r in shown],
                [middle for _, middle, _ in rates],
                yerr=[[mid - low for _, mid, low in rates], [top - mid for top, mid, _ in rates]],
                label=NAMES[peer],
                color=COLOURS[peer],
                marker=marker,
                capsize=2,
            )
        axes.set(title="One core" if cores == 1 else "Two cores", xlabel="hidden size m")
        _log(axes, sorted({r["m"] for r in results}))
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("characters per second")
    panels[0].legend(frameon=False)
    figure.suptitle("Characters per second, B=32, T=50, float32")
    return figure


def growth(results: list[Result]) -> Figure:
    """Return the time per update against each size."""
    figure = Figure(figsize=(8, 3), layout="constrained")
    names = {"m": "hidden size m", "T": "sequence length T", "B": "streams B"}
    for (letter, name), axes in zip(names.items(), figure.subplots(1, 3, sharey=True), strict=True):
        shown = [r for r in results if r["grows"] == letter]
        times = [[t * 1e6 for t in quartiles(r["turns"])] for r in shown]
        axes.errorbar(
            [r[letter] for r in shown],
            [middle for _, middle, _ in times],
            yerr=[[mid - low for low, mid, _ in times], [high - mid for _, mid, high in times]],
            color=COLOURS["ours"],
            marker="o",
            capsize=2,
        )
        axes.set(xlabel=name)
        _log(axes, [r[letter] for r in shown])
        axes.grid(alpha=0.3)
        if letter == "m":
            axes.set_ylabel("µs per update")
    figure.suptitle("Time per update as one size grows from m=100, T=25, B=1, float64")
    return figure


def memory(results: list[Result]) -> Figure:
    """Return the peak memory against the length of the book."""
    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
    axes.plot(
        [r["megabytes"] for r in results],
        [r["peak"] / 1e6 for r in results],
        color=COLOURS["ours"],
        marker="o",
    )
    axes.axhline(1500, color="black", linestyle="--", linewidth=1)
    axes.annotate(
        "bar: 1,500 MB", (results[0]["megabytes"], 1500), xytext=(0, 3), textcoords="offset points"
    )
    axes.set(
        xscale="log",
        ylim=(0, 1700),
        xlabel="length of the book, MB",
        ylabel="peak memory, MB",
        title="Peak memory against the length of the book",
    )
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def draw(parts: dict[str, Any], folder: Path) -> dict[str, str]:
    """Write the plots of the parts that have one and return their file names."""
    names = {}
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "benchmarks", "font.size": 9}):
        for plot in (updates, batch, growth, memory):
            if parts.get(plot.__name__):
                names[plot.__name__] = f"{plot.__name__}.svg"
                plot(parts[plot.__name__]).savefig(
                    folder / names[plot.__name__], metadata={"Date": None}
                )
    return names
