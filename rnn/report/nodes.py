"""The cells and outputs of a document, shared by `assemble` and the exporters."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from rnn.exhibits.citations import Nodes, anchor
from rnn.exhibits.forms import SHOWN
from rnn.exhibits.prose import How, exhibits_in, safe_blocks

PREFERRED = (SHOWN, "text/markdown")  # the forms of an output that a document has
Node = Any  # nbformat's nodes have no types
Images = Mapping[str, tuple[bytes, str]]  # files and their media types, by their targets in notes


@dataclass(frozen=True)
class Title:
    """The title block as typed, and the book's title; empty lines are left out."""

    title: str
    author: str = ""
    course: str = ""
    date: str = ""
    book: str = ""

    @property
    def authors(self) -> tuple[str, ...]:
        """The authors' names, which semicolons separate."""
        names = (" ".join(name.split()) for name in self.author.split(";"))
        return tuple(filter(None, names))

    @property
    def front(self) -> dict[str, Any]:
        """What the front shows."""
        *names, last = self.authors or ("",)
        comma = any("," in name for name in self.authors)  # as in "Lovelace, Ada"
        first = ("; " if comma else ", ").join(names)
        listed = f"{first}{'; ' if comma else ' and '}{last}" if names else last
        return asdict(self) | {"author": listed, "authors": list(self.authors)}


def shown(cell: Node) -> Iterator[dict[str, Any]]:
    """Yield the descriptions of a cell's exhibits, as rnn/exhibits/show.py published them.

    Those of notes are described in the same way.
    """
    yield from cell.metadata.rnn.get("exhibits", ())
    for output in cell.get("outputs", []):
        if SHOWN in output.get("data", {}):
            yield output.data[SHOWN]


def heading(level: int, number: str, anchor: str, text: str) -> Node:
    """Return a heading as a cell; its number is a chapter's or section's, or "Part 1"."""
    about = {"role": "heading", "level": level, "number": number, "anchor": anchor}
    return new_markdown_cell(text, metadata={"rnn": about})


def commentary(part: int, markdown: str, images: Images | None = None) -> Node:
    """Return a cell with the author's notes on a part, and the images that they use.

    Its `prefix` begins the names of all in it that can be linked to; its `exhibits` are the
    pictures and tables with a caption.
    """
    prefix = f"part-{part}-"
    exhibits = exhibits_in(markdown, prefix, images or {})
    about = {"rnn": {"role": "notes", "part": part, "prefix": prefix, "exhibits": exhibits}}
    attached = {
        target: {kind: b64encode(content).decode()}
        for target, (content, kind) in (images or {}).items()
    }
    return new_markdown_cell(markdown, metadata=about, attachments=attached)


def how_set(cell: Node, document: Node, images: Mapping[str, str]) -> How:
    """Return how the source of `commentary` is set, with what is shown for its images."""
    about = cell.metadata.rnn
    return {
        "block": True,
        "prefix": about.prefix,
        "images": images,
        "citations": document.metadata.rnn.citations,
        "exhibits": about.exhibits,
    }


def references(entries: Sequence[Nodes]) -> Node:
    """Return a cell with the list of works that are cited."""
    listed = [
        {"anchor": anchor(place), "tree": safe_blocks(blocks)}
        for place, blocks in enumerate(entries)
    ]
    return new_markdown_cell("", metadata={"rnn": {"role": "references", "entries": listed}})


def prose(markdown: str) -> Node:
    """Return a cell of prose, without headings."""
    return new_markdown_cell(markdown, metadata={"rnn": {"role": "prose"}})


def code(source: str, outputs: Sequence[Node] = (), role: str = "code") -> Node:
    """Return a cell with a notebook's code and its outputs."""
    return new_code_cell(source, outputs=list(outputs), metadata={"rnn": {"role": role}})


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
