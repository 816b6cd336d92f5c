"""Assemble one document from a study's executed notebook, and a recipe to make it again.

The first four sections of the notebook are the parts, to which the author's notes belong; the
further ones are chapters.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rnn.exhibits.citations import NOTHING, Cited
from rnn.exhibits.comparison_data import SETTINGS
from rnn.exhibits.prose import plain
from rnn.files.results import Study, label
from rnn.report.chapters import cells, document, joined
from rnn.report.nodes import Images, Node, Title, commentary, heading, prose, references
from rnn.report.recipe import citation, made_with

PARTS = 4
SWITCHED = "fig-curves"  # before it the page has the switches of settings


def assemble(
    notebook: Node,
    study: Study,
    made: Mapping[str, Any],
    title: Title,
    notes: Mapping[int, str] | None = None,
    images: Mapping[int, Images] | None = None,
    *,
    cited: Cited = NOTHING,
) -> Node:
    """Assemble the document of a study, like `rnn.report.document.assemble` that of a report.

    Parameters
    ----------
    notebook
        The executed notebook.
    study
        What it is about.
    made
        The contents of `study.json`.
    title, notes, images, cited
        As for a report.
    """
    remarks: list[str] = []
    groups = list(_sections(notebook, remarks))
    for part, section in enumerate(groups[:PARTS], 1):
        if part in (notes or {}):
            section.append(commentary(part, (notes or {})[part], (images or {}).get(part)))
    front = [cell for section in groups[:PARTS] for cell in section]
    chapters = groups[PARTS:]
    if cited.entries:
        title_line = heading(2, str(len(chapters) + 1), "references", "References")
        chapters.append([title_line, references(cited.entries)])
    again = list(_recipe(len(chapters) + 1, study, made, title))
    settings = [label(study, combination) for combination in study.combinations[:SETTINGS]]
    switches = {"settings": settings, "switched": SWITCHED} if len(settings) > 1 else {}
    return document(
        [front, *chapters, again], title, cited, remarks=remarks, what="study", **switches
    )


def _sections(notebook: Node, remarks: list[str]) -> Iterator[list[Node]]:
    """Yield the cells of each section; what precedes the first one belongs to it."""
    count = below = 0

    def head(hashes: int, text: str) -> Node | None:
        nonlocal count, below
        if hashes == 1:
            return None  # the title stands in the title block
        if hashes > 2:
            below += 1
            number = f"{count - PARTS if count > PARTS else count}.{below}"
            return heading(3, number, f"section-{count}-{below}", text)
        count, below = count + 1, 0
        if count <= PARTS:
            return heading(2, f"Part {count}", f"part-{count}", text)
        return heading(2, str(count - PARTS), f"chapter-{count - PARTS}", text)

    section: list[Node] = []
    for cell in joined(cells("study", notebook.cells, {}, remarks, head)):
        begins = cell.metadata.rnn.get("level") == 2
        if begins and any(one.metadata.rnn.role == "heading" for one in section):
            yield section
            section = []
        section.append(cell)
    yield section


def _recipe(n: int, study: Study, made: Mapping[str, Any], title: Title) -> Iterator[Node]:
    """Yield the last chapter: everything needed to make the same study again."""
    book = study.book
    yield heading(2, str(n), "again", "How to make this study again")
    yield prose(
        f"The book is {plain(book['name'])}. Run this command on a file with the same SHA-256. "
        "Runs that are kept in the folder of the study are not made again. On the same machine, "
        "with the same versions and the same `threads`, a run gives the same bits, whatever else "
        "the machine is doing and in whatever order the runs are made; only the seconds differ. On "
        "another machine, or with other versions, the first loss agrees to twelve digits; training "
        "then amplifies differences in rounding."
    )
    yield made_with(
        made["command"],
        book,
        study.common,
        made["versions"],
        made.get("font_files", {}),
        "The parameters that all settings share.",
    )
    yield from citation(n, title, "study")
