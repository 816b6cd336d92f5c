"""The page of a comparison."""

import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from rnn.exhibits.kinds import Picture
from rnn.exhibits.look import BLUE, ORANGE
from rnn.exhibits.prose import plain
from rnn.exhibits.show import svg_of
from rnn.exhibits.style import legend_above, plot, thin
from rnn.report.chapters import document
from rnn.report.compare import differences
from rnn.report.compare.sides import Side
from rnn.report.nodes import Node, Title, exhibit, heading, output, prose, table
from rnn.report.outputs.svg import clean
from rnn.report.page.exporter import page
from rnn.report.page.scripts import STUDY_SCRIPT

SHOWN = 10  # curves of each side
LOSSES = ["loss", "A", "B", "B − A", "seeds in both"]  # the columns
COMMAND = "comparison-command"  # a label that no other page has


def comparison_page(a: Side, b: Side, names: tuple[str, str]) -> str:
    """Return the page that compares two reports or studies.

    Parameters
    ----------
    a, b
        The two.
    names
        Their paths as typed.
    """
    title = Title("Two reports compared" if a.kind == "report" else "Two studies compared")
    return page(
        document([list(_cells(a, b, names))], title, what="comparison"), script=STUDY_SCRIPT
    )


def _cells(a: Side, b: Side, names: tuple[str, str]) -> Iterator[Node]:
    yield heading(2, "1", "parameters", "The parameters")
    yield prose(f"A is {plain(names[0])}, and B is {plain(names[1])}.")
    rows = differences.different(a.parameters, b.parameters)
    yield _table("tab-parameters", "The parameters that differ.", "parameter", rows)
    yield heading(2, "2", "curves", "The curves over one another")
    yield _curves(a, b)
    yield heading(2, "3", "losses", "The losses, and what the seeds could explain")
    rows = differences.losses(a, b)
    if cautions := differences.cautions(a, b):
        yield prose("\n\n".join(map(plain, cautions)))
    if rows:
        caption = (
            "The losses that both have, as means over the seeds that are in both, or where none is,"
            " over all seeds of each."
        )
        yield exhibit([table("tab-losses", caption, LOSSES, rows)])
    yield prose("\n\n".join(map(plain, differences.chance(a, b))))
    yield heading(2, "4", "texts", "The texts")
    yield prose("\n\n".join(map(plain, differences.agreements(a, b))))
    yield heading(2, "5", "sources", "The sources")
    rows = differences.different(a.sources, b.sources)
    yield _table("tab-sources", "The book, the program and the libraries that differ.", "", rows)
    yield heading(2, "6", "again", "How to make this comparison again")
    code = f"make compare A={shlex.quote(names[0])} B={shlex.quote(names[1])}"
    yield exhibit([output("source", COMMAND, "The command.", language="bash", code=code)])


def _table(label: str, caption: str, first: str, rows: differences.Rows) -> Node:
    if not rows:
        return prose("None differs.")
    return exhibit([table(label, caption, [first, "A", "B"], rows, code=[1, 2])])


def _curves(a: Side, b: Side) -> Node:
    sides = [(name, side) for name, side in (("A", a), ("B", b)) if side.curves]
    if not sides:
        return prose("Neither has a curve.")
    # Dashes tell them apart where colours don't, and show both where they coincide.
    styles: dict[str, Any] = {
        "A": {"color": BLUE},
        "B": {"color": ORANGE, "linestyle": (0, (4, 3))},
    }
    with plot() as (figure, axes):
        for name, side in sides:
            for curve in [*side.curves.values()][:SHOWN]:
                steps, losses = zip(*thin(curve), strict=True)
                axes.plot(steps, losses, linewidth=1.2, label=name, **styles[name])
        axes.set(xlabel="updates", ylabel="smoothed loss, nats per sequence")
        legend_above(axes)
    caption = "The smoothed losses over one another."
    if a.kind == "study":
        caption += " One run of each setting is drawn."
    if max(len(a.curves), len(b.curves)) > SHOWN:
        caption += f" Only the first {SHOWN} settings are shown."
    picture = Picture(
        figure,
        caption=caption,
        alt=f"Curves of the smoothed loss: {' and '.join(_ends('A', a) + _ends('B', b))}.",
        label="fig-curves",
    )
    drawing = clean(svg_of(picture, picture.label))
    return exhibit([output("figure", picture.label, picture.caption, alt=picture.alt, svg=drawing)])


def _ends(name: str, side: Side) -> list[str]:
    """Say where the curves of a side end."""
    ends = [f"{curve[-1][1]:.2f}" for curve in [*side.curves.values()][:SHOWN]]
    return [f"{name} ends at {', '.join(ends)}" if ends else f"{name} has no curve"]


def is_comparison(path: Path) -> bool:
    """Return whether a file is the page of a comparison."""
    with suppress(OSError, ValueError):
        return f'id="{COMMAND}"' in path.read_text(encoding="utf-8")
    return False
