"""The cells of an executed notebook as those of a document, and a document of such cells.

Headings become cells of their own, with a number and an anchor. Nothing in them differs between two
runs with the same settings.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from nbformat.v4 import new_notebook

from rnn.exhibits.citations import NOTHING, Cited, anchor
from rnn.exhibits.listings import for_readers
from rnn.report import parameters
from rnn.report.errors import StageError
from rnn.report.headings import cut
from rnn.report.nodes import Node, Title, code, prose, shown
from rnn.report.outputs.kept import Place
from rnn.report.outputs.kept import read as read_outputs

NOUNS = {
    "figure": "Figure",
    "table": "Table",
    "text": "Text",
    "evolution": "Text",
    "openings": "Text",
    "source": "Listing",
    # Of one's own cells; these have a number if they have a caption.
    "drawing": "Figure",
    "image": "Figure",
    "tree": "Table",
}


def cells(
    name: str,
    given: Iterable[Node],
    used: Mapping[str, Any],
    remarks: list[str],
    head: Callable[[int, str], Node | None],
    *,
    link: Callable[[str], str] = str,
    left_out: Callable[[Node], bool] = lambda _: False,
    part: Callable[[Node], int] = lambda _: 0,
) -> Iterator[Node]:
    """Yield cells of an executed notebook, with what they put out.

    Parameters
    ----------
    name
        The notebook's name.
    given
        Its cells, or those of them that the document has.
    used
        The values of parameters that its parameters cell shows.
    remarks
        Lines for the terminal, which are added to.
    head
        Returns the cell of a heading of a depth and text; None leaves it out.
    link
        Changes Markdown, such as the targets of links.
    left_out
        Returns whether a cell is left out, except what belongs to a part of it.
    part
        Returns the part that an output belongs to; 0 if it belongs to none.
    """
    numbered = 0
    for cell in given:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "markdown":
            if left_out(cell):
                continue
            for hashes, text, _ in cut(link(cell.source)):
                found = head(hashes, text) if hashes else prose(text)
                if found is not None:
                    yield found
        elif cell.cell_type == "code" and "injected-parameters" not in tags:
            source = for_readers(cell.source)
            source = parameters.as_used(source, used) if "parameters" in tags else source
            numbered += 1
            place = Place(name, numbered, cell.metadata, remarks)
            if left_out(cell):
                source, cell.outputs = "", [one for one in cell.outputs if part(one)]
            kept = read_outputs(cell.outputs, place)
            if source.strip() or kept:
                yield code(source, kept)


def joined(cells: Iterator[Node]) -> Iterator[Node]:
    """Yield the cells of a chapter; code without output joins the code cell that follows."""
    waiting: list[str] = []
    for cell in cells:
        if cell.cell_type == "code" and not cell.outputs:
            waiting.append(cell.source)
            continue
        if cell.cell_type == "code":
            cell.source = "\n\n".join([*waiting, cell.source])
        elif waiting:
            yield code("\n\n".join(waiting))
        waiting = []
        yield cell
    if waiting:
        yield code("\n\n".join(waiting))


def document(
    groups: Sequence[Sequence[Node]], title: Title, cited: Cited = NOTHING, **about: Any
) -> Node:
    """Return groups of cells as one document, with everything in it numbered.

    Its metadata `rnn` holds the title block, the contents (the headings), all anchors, and what
    else is given.

    Raises
    ------
    StageError
        When a label occurs twice.
    """
    for group, some in enumerate(groups):
        for place, cell in enumerate(some, start=1):
            cell["id"] = f"{group}-{place}"
    all_cells = [cell for group in groups for cell in group]
    anchors = _number(all_cells)
    headings = [c for c in all_cells if c.metadata.rnn.role == "heading"]
    contents = [{**cell.metadata.rnn, "text": cell.source} for cell in headings]
    anchors += [heading["anchor"] for heading in contents]
    anchors += map(anchor, range(len(cited.entries)))
    if twice := [anchor for anchor, count in Counter(anchors).items() if count > 1]:
        raise StageError(f"labels must be unique, but these occur twice: {', '.join(twice)}")
    known = {
        "title": title.front,
        "contents": contents,
        "anchors": anchors,
        "citations": dict(cited.citations),
        "named": dict(cited.named),
    }
    return new_notebook(cells=all_cells, metadata={"rnn": known | about})


def _number(cells: list[Node]) -> list[str]:
    """Give each exhibit a number and each link the name of its target; return the labels."""
    counts: Counter[str] = Counter()
    names = {}
    unnamed = 0
    for cell in cells:
        for about in shown(cell):
            noun = NOUNS.get(about["kind"])
            if noun and "label" not in about:
                unnamed += 1
                about["label"] = f"own-{unnamed}"
            if noun and "caption" in about:
                counts[noun] += 1
                about["noun"], about["number"] = noun, counts[noun]
                if about["label"] in names:
                    raise StageError(f"labels must be unique, but {about['label']} occurs twice")
                names[about["label"]] = f"{noun} {counts[noun]}"
    for cell in cells:
        for about in shown(cell):
            if about["kind"] == "link":
                about["name"] = names[about["label"]]
    return list(names)
