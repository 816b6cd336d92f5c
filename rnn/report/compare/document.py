"""The page of a comparison."""

import shlex
from collections.abc import Iterator

from rnn.exhibits.kinds import Picture
from rnn.exhibits.prose import plain
from rnn.exhibits.show import svg_of
from rnn.exhibits.style import BLUE, ORANGE, legend_above, plot, thin
from rnn.report.chapters import document
from rnn.report.compare import differences
from rnn.report.compare.sides import Side
from rnn.report.nodes import Node, Title, exhibit, heading, output, prose, table
from rnn.report.outputs.svg import clean
from rnn.report.page.exporter import page
from rnn.report.page.scripts import STUDY_SCRIPT

SHOWN = 10  # curves of each side


def comparison_page(a: Side, b: Side, names: tuple[str, str]) -> str:
    """Return the page that compares two reports or studies.

    Parameters
    ----------
    a, b
        The two.
    names
        Their paths as typed.
    """
    return page(
        document([list(_cells(a, b, names))], Title("Two compared"), what="comparison"),
        script=STUDY_SCRIPT,
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
    if rows:
        caption = "The losses that both have, as means over their seeds."
        yield exhibit([table("tab-losses", caption, ["loss", "A", "B", "B − A"], rows)])
    yield prose("\n\n".join(map(plain, differences.chance(a, b))))
    yield heading(2, "4", "texts", "The texts")
    said = [*differences.agreements(a, b)] or ["They have no text in common."]
    yield prose("\n\n".join(map(plain, said)))
    yield heading(2, "5", "sources", "The sources")
    rows = differences.different(a.sources, b.sources)
    yield _table("tab-sources", "The book, the program and the libraries that differ.", "", rows)
    yield heading(2, "6", "again", "How to make this comparison again")
    code = f"make compare A={shlex.quote(names[0])} B={shlex.quote(names[1])}"
    yield exhibit([output("source", "again-command", "The command.", language="bash", code=code)])


def _table(label: str, caption: str, first: str, rows: differences.Rows) -> Node:
    if not rows:
        return prose("None differs.")
    return exhibit([table(label, caption, [first, "A", "B"], rows, code=[1, 2])])


def _curves(a: Side, b: Side) -> Node:
    with plot() as (figure, axes):
        for name, side, colour in (("A", a, BLUE), ("B", b, ORANGE)):
            for curve in [*side.curves.values()][:SHOWN]:
                steps, losses = zip(*thin(curve), strict=True)
                axes.plot(steps, losses, color=colour, linewidth=1.2, label=name)
        axes.set(xlabel="updates", ylabel="smoothed loss, nats per sequence")
        legend_above(axes)
    ends = [f"{n} ends at {_end(side):.2f}" for n, side in (("A", a), ("B", b))]
    picture = Picture(
        figure,
        caption="The smoothed losses over one another; of a study, one run of each setting.",
        alt=f"Two sets of curves: {' and '.join(ends)}.",
        label="fig-curves",
    )
    drawing = clean(svg_of(picture, picture.label))
    return exhibit([output("figure", picture.label, picture.caption, alt=picture.alt, svg=drawing)])


def _end(side: Side) -> float:
    return next(iter(side.curves.values()))[-1][1]
