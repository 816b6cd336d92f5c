"""Live training: a chart of the loss and the latest sample, as HTML with inline SVG.

The chart is redrawn often, beside other work, so it is small. It does without Matplotlib, whose
settings are shared by all threads. Its text has the colour of the page, in light and dark themes.
"""

import math
import time
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from rnn.exhibits.characters import text_html
from rnn.exhibits.look import GREEN, ORANGE
from rnn.exhibits.style import thin
from rnn.run import Run
from rnn.text import decode

POINTS = 300  # per curve, at most
WIDTH, HEIGHT = 640, 300  # of the drawing, including the margins:
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 10, 40
BLUE = "#2b8cc4"  # lighter than a figure's, to be seen on a dark page as well


def pause_between(began: float) -> float:
    """Return the seconds to wait between drawings: more, the longer training has run.

    Drawings for a closed page pile up in the server until the page is opened again.
    """
    return min(max(0.5, (time.monotonic() - began) / 50), 5.0)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return at most `most` round numbers from low to high: multiples of 1, 2 or 5 times 10^n."""
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    steps = (power * factor for factor in (1, 2, 5, 10, 20))
    step = next(step for step in steps if (high - low) // step < most)
    return [step * n for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


class Curve(NamedTuple):
    """A named curve: its points, as pairs of a step and a value, and how to draw it."""

    name: str
    points: list[tuple[int, float]]
    colour: str
    width: float
    dashes: str = ""
    marked: bool = False


def loss_chart(run: Run) -> str:
    """Draw the loss so far, the smoothed loss and the loss on the validation part.

    All are in nats per sequence; dotted lines mark the epochs.
    """
    T, rows = run.settings.seq_length, thin(run.history, POINTS)
    if not rows:
        return ""
    validation = [(step, T * value) for step, value in run.validations if math.isfinite(value)]
    curves = [
        Curve("loss", [(row.step, row.loss) for row in rows], BLUE, 1.0),
        Curve("smoothed loss", [(row.step, row.smooth_loss) for row in rows], ORANGE, 2.5),
        Curve("validation", thin(validation, POINTS), GREEN, 1.8, dashes="6 4", marked=True),
    ]
    curves = [curve for curve in curves if curve.points]
    label = f"Smoothed loss, from {rows[0].smooth_loss:.1f} to {run.smooth_loss:.1f} nats"
    picture = drawing(curves, max(run.step, 1), _limits(curves), label, _epochs(run))
    return legend(curves, f"nats per sequence of {T}", {"validation": _bits(curves, T)}) + picture


def drawing(
    curves: list[Curve],
    last: int,
    limits: tuple[float, float],
    label: str,
    epochs: Sequence[int] = (),
) -> str:
    """Draw curves over the updates up to the last, as SVG.

    Parameters
    ----------
    curves
        The curves.
    last
        The step at the right end.
    limits
        The values at the lower and at the upper end; those beyond are drawn at the end.
    label
        What the drawing shows, for those who can't see it.
    epochs
        Where epochs begin, if that is marked.
    """
    low, high = limits
    x = (LEFT, (WIDTH - LEFT - RIGHT) / last)  # at step 0, and change per step
    y = (HEIGHT - BOTTOM, -(HEIGHT - TOP - BOTTOM) / (high - low))  # at low, and change per nat
    parts = _frame(x, y, ticks(0, last), ticks(low, high), low, epochs)
    for curve in curves:
        points = [
            (x[0] + step * x[1], y[0] + (min(max(value, low), high) - low) * y[1])
            for step, value in curve.points
        ]
        parts.append(
            f'<polyline points="{" ".join(f"{px:.0f},{py:.1f}" for px, py in points)}" fill="none"'
            f' stroke="{curve.colour}" stroke-width="{curve.width}"'
            f' stroke-dasharray="{curve.dashes}" stroke-linejoin="round"/>'
        )
        if curve.marked:
            circle = '<circle cx="{:.0f}" cy="{:.1f}" r="2.5" fill="' + curve.colour + '"/>'
            parts += [circle.format(*point) for point in points[-50:]]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}"'
        f' style="display:block;width:100%;max-width:{WIDTH}px;font-size:12px" fill="currentColor">'
        f"{''.join(parts)}</svg>"
    )


def _limits(curves: list[Curve]) -> tuple[float, float]:
    """Return the lowest and the highest value to draw, without the few extreme losses."""
    loss, *others = (sorted(value for _, value in curve.points) for curve in curves)
    few = len(loss) // 50
    values = [loss[few], loss[-1 - few], *(end for each in others for end in (each[0], each[-1]))]
    margin = 0.04 * (max(values) - min(values)) or 1.0
    return min(values) - margin, max(values) + margin


def _epochs(run: Run) -> list[int]:
    """Return where epochs begin, if they are few enough to be marked."""
    epochs = range(run.updates_per_epoch, run.step, run.updates_per_epoch)
    return list(epochs) if len(epochs) <= 20 else []


def _frame(
    x: tuple[float, float],
    y: tuple[float, float],
    steps: list[float],
    values: list[float],
    low: float,
    epochs: Sequence[int],
) -> list[str]:
    """Draw axes with ticks and names, horizontal lines, and the marks of the epochs."""
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = [
        f'<path d="M{LEFT} {TOP}V{bottom}H{right}" fill="none" stroke="currentColor" opacity=".6"/>'
        f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 5}" text-anchor="middle">updates</text>'
    ]
    for value in values:
        at = y[0] + (value - low) * y[1]
        parts.append(
            f'<path d="M{LEFT} {at:.1f}H{right}" stroke="currentColor" opacity=".15"/>'
            f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{value:g}</text>'
        )
    for step in steps:
        at, text = x[0] + step * x[1], f"{step:,.0f}"
        at = min(at, WIDTH - 3.5 * len(text))  # half as wide as it is drawn
        parts.append(f'<text x="{at:.1f}" y="{bottom + 17}" text-anchor="middle">{text}</text>')
    for epoch in epochs:
        parts.append(
            f'<path d="M{x[0] + epoch * x[1]:.1f} {TOP}V{bottom}" stroke="currentColor"'
            ' opacity=".5" stroke-dasharray="1 3"/>'
        )
    return parts


def legend(curves: list[Curve], unit: str, added: Mapping[str, str] | None = None) -> str:
    """Return a legend of the curves, each with its latest value, and what is added to its name."""
    entries = "".join(
        f'<span><span style="display:inline-block;width:1.6em;margin-right:.4em;'
        f"vertical-align:.25em;border-top:3px {'dashed' if curve.dashes else 'solid'}"
        f' {curve.colour}"></span>{escape(curve.name)}'
        f" <b>{curve.points[-1][1]:.2f}</b>{(added or {}).get(curve.name, '')}</span>"
        for curve in curves
    )
    return (
        f'<div style="display:flex;flex-wrap:wrap;gap:0 1.5em">{entries}<span>{unit}</span></div>'
    )


def _bits(curves: list[Curve], T: int) -> str:
    """Return the validation loss in bits per character, the usual unit for comparing models."""
    ends = [curve.points[-1][1] for curve in curves if curve.name == "validation"]
    return "".join(f" ({end / T / math.log(2):.2f} bits per character)" for end in ends)


def latest_sample(run: Run, vocabulary: str) -> str:
    """Return the latest sample as HTML."""
    if not run.samples:
        return ""
    sample = run.samples[-1]
    text = text_html(decode(sample.indices, vocabulary), styled=False)
    return (
        f"<div>The latest sample, from update {sample.step:,}:"
        '<pre style="margin:.5em 0;line-height:1.35;white-space:pre-wrap;overflow-wrap:anywhere;'
        f'tab-size:8">{text}</pre></div>'
    )
