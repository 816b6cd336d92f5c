"""The cells and outputs of a document, and what is common to those who make and who set them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from rnn.exhibits.show import SHOWN

PREFERRED = (SHOWN, "text/markdown", "image/png", "text/plain")  # what an output is set as
Node = Any  # nbformat's nodes have no types


@dataclass(frozen=True)
class Title:
    """The title block; a line that is empty is left out."""

    title: str
    author: str = ""
    course: str = ""
    date: str = ""


def shown(cell: Node) -> Iterator[dict[str, Any]]:
    """Yield what the outputs of a cell show, as rnn/exhibits/show.py described it."""
    for output in cell.get("outputs", []):
        if SHOWN in output.get("data", {}):
            yield output.data[SHOWN]


def heading(level: int, number: str, anchor: str, text: str) -> Node:
    """Return a cell that is a heading; its number may be that of a part, "Part 1"."""
    about = {"role": "heading", "level": level, "number": number, "anchor": anchor}
    return new_markdown_cell(text, metadata={"rnn": about})


def commentary(part: int, markdown: str) -> Node:
    """Return a cell with the author's notes on a part."""
    return new_markdown_cell(markdown, metadata={"rnn": {"role": "notes", "part": part}})


def prose(markdown: str) -> Node:
    """Return a cell of prose, without headings."""
    return new_markdown_cell(markdown, metadata={"rnn": {"role": "prose"}})


def code(source: str, outputs: Sequence[Node] = ()) -> Node:
    """Return a cell of a notebook's code."""
    return new_code_cell(source, outputs=list(outputs), metadata={"rnn": {"role": "code"}})


def exhibit(outputs: Sequence[Node]) -> Node:
    """Return a cell that shows outputs without code."""
    return new_code_cell("", outputs=list(outputs), metadata={"rnn": {"role": "shown"}})


def output(kind: str, label: str, caption: str, **content: Any) -> Node:
    """Return an output that is not a notebook's, described as those are."""
    about = {"kind": kind, "label": label, "caption": caption, "part": None, **content}
    return new_output("display_data", data={SHOWN: about})


def table(label: str, caption: str, columns: list[str], rows: list[list[str]]) -> Node:
    """Return a table as an output."""
    return output("table", label, caption, columns=columns, rows=rows)
