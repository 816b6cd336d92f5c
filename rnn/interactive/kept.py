"""Runs of the dashboard that are kept: drawn together, tabled, and ready to become a study's."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from rnn.exhibits.look import GREEN, GREY, ORANGE, PINK
from rnn.files.book import Book
from rnn.files.keys import SAMPLES, run_key
from rnn.files.results import Result, keep, label, pack, result_of, run_file, unpack
from rnn.files.storage import save_json
from rnn.interactive.chart import BLUE, Curve, drawing, legend
from rnn.run import Run, judged
from rnn.settings import LATER, Settings, checked

COLOURS = (BLUE, ORANGE, GREEN, PINK, GREY)  # on light and dark pages
DASHES = ("", "7 4", "2 3", "10 3 2 3")


class Kept(NamedTuple):
    """A run that is kept: its key, its settings and its result."""

    key: str
    settings: Settings
    result: Result


def keep_run(folder: Path, book: Book, run: Run, test: NDArray[Any]) -> Kept:
    """Keep a concluded run in a folder, as a study keeps its own, and return it.

    Parameters
    ----------
    folder
        The folder of the dashboard.
    book
        The book.
    run
        A concluded run, made to its last update.
    test
        The test part of the book, as indices.
    """
    # How often the dashboard writes samples changes nothing in what is learned.
    values = {n: v for n, v in asdict(run.settings).items() if n not in SAMPLES}
    settings = checked(values)
    result = result_of(run, book.vocabulary, int(book.indices[0]), judged(run, test))
    kept = Kept(run_key(settings, book.sha256), settings, result)
    save_json((folder / run_file(kept.key)).with_suffix(".json"), values)
    keep(folder, kept.key, pack(kept.result))
    return kept


def kept_runs(folder: Path, book: str) -> list[Kept]:
    """Return the runs on a book that a folder keeps; what is damaged is passed over."""
    found = []
    for path in sorted(folder.glob(run_file("*"))):
        try:
            settings = checked(json.loads(path.with_suffix(".json").read_bytes()))
            if run_key(settings, book) == path.stem:
                found.append(Kept(path.stem, settings, unpack(path.read_bytes())))
        except (OSError, ValueError, TypeError, AttributeError):
            continue
    return found


def view(runs: Sequence[Kept]) -> str:
    """Return the curves and the table of runs, as HTML; nothing if there are none."""
    if not runs:
        return ""
    varied = _varied([one.settings for one in runs])
    named = [label(varied, asdict(one.settings)) or "the run" for one in runs]
    head = [
        *(*varied, "updates", "smoothed loss", "validation", "seconds"),
        *([""] if any(one.result.reason for one in runs) else []),
    ]
    rows = (
        "".join(f"<td>{escape(cell)}</td>" for cell in _cells(one, varied, len(head)))
        for one in runs
    )
    return (
        "<div>Kept runs. Losses are in nats per character, so that runs with sequences of"
        f" different lengths compare.</div>{_curves(runs, named)}"
        '<table style="border-spacing:1em .2em"><thead><tr>'
        + "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
        + "</tr></thead><tbody>"
        + "".join(f"<tr>{row}</tr>" for row in rows)
        + "</tbody></table>"
    )


def _varied(settings: Sequence[Settings]) -> list[str]:
    """Return the parameters in which some runs differ."""
    values = [asdict(one) for one in settings]
    names = [name for name in values[0] if name not in (*LATER, *SAMPLES)]
    return [name for name in names if len({one[name] for one in values}) > 1]


def _cells(one: Kept, varied: Sequence[str], columns: int) -> Iterator[str]:
    result, values = one.result, asdict(one.settings)
    validation = "" if result.validation is None else f"{result.validation:.3f}"
    cells = [
        *("the optimiser's own" if values[name] is None else str(values[name]) for name in varied),
        f"{result.steps:,}",
        f"{result.final_smooth_loss / one.settings.seq_length:.3f}",
        validation,
        f"{result.seconds:.1f}",
        result.reason,
    ]
    yield from cells[:columns]


def _curves(runs: Sequence[Kept], named: Sequence[str]) -> str:
    """Draw the smoothed losses of the runs over their updates."""
    curves = []
    for i, (one, name) in enumerate(zip(runs, named, strict=True)):
        T = one.settings.seq_length
        points = [(int(step), loss / T) for step, loss in one.result.curve.tolist() if loss < 1e9]
        if points:
            look = COLOURS[i % len(COLOURS)], 2.0, DASHES[i // len(COLOURS) % len(DASHES)]
            curves.append(Curve(name, points, *look))
    if not curves:
        return ""
    values = [value for curve in curves for _, value in curve.points]
    margin = 0.04 * (max(values) - min(values)) or 0.1
    last = max(step for curve in curves for step, _ in curve.points)
    limits = min(values) - margin, max(values) + margin
    shown = drawing(curves, max(last, 1), limits, f"Smoothed losses of {len(curves)} kept runs")
    return legend(curves, "nats per character") + shown
