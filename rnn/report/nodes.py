"""The cells and outputs of a document, shared by `assemble` and the exporters."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from rnn.exhibits.show import SHOWN

PREFERRED = (SHOWN, "text/markdown")  # the forms of an output that a document has
Node = Any  # nbformat's nodes have no types
Images = Mapping[str, tuple[bytes, str]]  # files and their media types, by their targets in notes


@dataclass(frozen=True)
class Title:
    """The title block; empty lines are left out."""

    title: str
    author: str = ""
    course: str = ""
    date: str = ""


def shown(cell: Node) -> Iterator[dict[str, Any]]:
    """Yield the descriptions of a cell's exhibits, as rnn/exhibits/show.py published them."""
    for output in cell.get("outputs", []):
        if SHOWN in output.get("data", {}):
            yield output.data[SHOWN]


def heading(level: int, number: str, anchor: str, text: str) -> Node:
    """Return a heading as a cell; its number is a chapter's or section's, or "Part 1"."""
    about = {"role": "heading", "level": level, "number": number, "anchor": anchor}
    return new_markdown_cell(text, metadata={"rnn": about})


def commentary(part: int, markdown: str, images: Images | None = None) -> Node:
    """Return a cell with the author's notes on a part, and the images that they use."""
    about = {"rnn": {"role": "notes", "part": part}}
    attached = {
        target: {kind: b64encode(content).decode()}
        for target, (content, kind) in (images or {}).items()
    }
    return new_markdown_cell(markdown, metadata=about, attachments=attached)


def prose(markdown: str) -> Node:
    """Return a cell of prose, without headings."""
    return new_markdown_cell(markdown, metadata={"rnn": {"role": "prose"}})


def code(source: str, outputs: Sequence[Node] = ()) -> Node:
    """Return a cell with a notebook's code and its outputs."""
    return new_code_cell(source, outputs=list(outputs), metadata={"rnn": {"role": "code"}})


def exhibit(outputs: Sequence[Node]) -> Node:
    """Return a cell that shows outputs without code."""
    return new_code_cell("", outputs=list(outputs), metadata={"rnn": {"role": "shown"}})


def output(kind: str, label: str, caption: str, **content: Any) -> Node:
    """Return an exhibit that no notebook published, described like those that one did."""
    about = {"kind": kind, "label": label, "caption": caption, "part": None, **content}
    return new_output("display_data", data={SHOWN: about})


def table(
    label: str, caption: str, columns: list[str], rows: list[list[str]], code: Sequence[int] = ()
) -> Node:
    """Return a table as an output; `code` are the indices of columns that are set as code."""
    return output("table", label, caption, columns=columns, rows=rows, code=[*code], math=[])
