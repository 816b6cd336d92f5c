"""HTML that a cell put out, as a tree of prose and tables; what is more than that falls."""

import json
import re
from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple

from rnn.exhibits.characters import visible
from rnn.exhibits.forms import number_columns
from rnn.exhibits.pandoc import UnsetError, convert
from rnn.exhibits.prose import rewrite, tame, words

DIALECT = "html-native_divs-native_spans-auto_identifiers-raw_html"
LARGEST = 10_000_000  # characters
DEEPEST = 200  # levels of pandoc's tree; a table takes ten
# What a page would run, load or play, and how it is named.
LOST = {
    "script": "JavaScript",
    "iframe": "a page within the page",
    "frame": "a page within the page",
    "object": "an embedded file",
    "embed": "an embedded file",
    "applet": "an embedded file",
    "video": "a video",
    "audio": "a sound",
    "canvas": "a canvas",
    "svg": "a picture within HTML",
}
UNSEEN = ("style", "link", "meta", "base", "title", "template", "noscript")
NESTING = ("table", "ul", "ol", "dl", "blockquote")
# Parts of a table, and those that end where they begin: HTML lets one leave their end tags out, and
# pandoc does not.
CELL, ROW = ("td", "th"), ("td", "th", "tr")
ENDED = {"td": CELL, "th": CELL, "tr": ROW}
ENDED |= dict.fromkeys(("thead", "tbody", "tfoot"), (*ROW, "thead", "tbody", "tfoot"))
EMPTY = ("frame", "embed", "link", "meta", "base")  # elements that hold nothing
DATA = re.compile(r"\s*data:(image/[\w+.-]+);base64,(.*)", re.DOTALL)


class Markup(NamedTuple):
    """What HTML holds.

    Attributes
    ----------
    tree
        Its prose and tables as pandoc's tree, made safe; None if there are none.
    caption
        The caption that its table had.
    tables
        Whether it has a table.
    pictures
        For each picture that it brings along, the media type, the content in base64, and the words.
    lost
        What can't be shown.
    """

    tree: dict[str, Any] | None
    caption: str
    tables: bool
    pictures: list[tuple[str, str, str]]
    lost: list[str]


def read(html: str, anchors: Collection[str] | None = ()) -> Markup:
    """Return what is in HTML.

    Raises
    ------
    UnsetError
        When it is too large, or more than a report can hold.
    """
    if len(html) > LARGEST:
        raise UnsetError(f"HTML of more than {LARGEST // 1_000_000} MB")
    reader = _Reader()
    reader.feed(html)
    reader.close()
    rest = "".join(reader.kept) if reader.words else ""
    tree, captions, tables = None, [], []
    if rest:
        try:
            tree = json.loads(convert(rest, DIALECT, "json"))
            if _depth(tree) > DEEPEST:
                raise RecursionError
        except RecursionError:
            raise UnsetError("HTML that is nested too deep") from None
        blocks = rewrite(_bare(tree["blocks"]), lambda node: tame(_seen(node), anchors, {}, ()))
        tables = list(_tables(blocks))
        for table in tables:
            captions.append(words(table["c"][1][1]).strip())
            table["c"][1] = [None, []]
            _align(table)
        tree["blocks"] = blocks
    caption = next(filter(None, captions), "")
    lost = list(dict.fromkeys(reader.lost))
    return Markup(tree, caption, bool(tables), reader.pictures, lost)


class _Reader(HTMLParser):
    """Takes out what is no prose and no table; the rest is kept as it was written."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.kept: list[str] = []
        self.words = False
        self.pictures: list[tuple[str, str, str]] = []
        self.lost: list[str] = []
        self.nested = 0
        self.table: list[str] = []  # its parts that are open, and those of the tables around it
        self.within = ""  # an element that is taken out, ...
        self.depth = 0  # and how many of its name are open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.within:
            self.depth += tag == self.within
            return
        if tag == "img":
            about = dict(attrs)
            if found := DATA.fullmatch(about.get("src") or ""):
                alt = " ".join((about.get("alt") or "").split())
                self.pictures.append((found[1], found[2], alt))
            else:
                self.lost.append("a picture that is not in the notebook")
        elif tag in LOST or tag in UNSEEN:
            self.lost += [LOST[tag]] if tag in LOST else []
            if tag not in EMPTY:
                self.within, self.depth = tag, 1
        else:
            self.nested += tag in NESTING
            if self.nested > DEEPEST // 10:  # pandoc would take its time
                raise UnsetError("HTML that is nested too deep")
            while self.table and self.table[-1] in ENDED.get(tag, ()):
                self.kept.append(f"</{self.table.pop()}>")
            self.table += [tag] if tag in (*ENDED, "table") else []
            self.kept.append(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # in HTML the slash at the end says nothing, but in SVG
        if tag == self.within == "svg":
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.within:
            self.nested -= tag in NESTING
            if tag in (*ENDED, "table"):
                if tag not in self.table:
                    return
                while (inner := self.table.pop()) != tag:
                    self.kept.append(f"</{inner}>")
            self.kept.append(f"</{tag}>")
        elif tag == self.within:
            self.depth -= 1
            self.within = self.within if self.depth else ""

    def handle_data(self, data: str) -> None:
        if not self.within:
            self.kept.append(data)
            self.words |= bool(data.strip())

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")


def _depth(node: Any) -> int:
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return 1 + max(map(_depth, children), default=0)


def _bare(node: Any) -> Any:
    """Return a tree without any attributes: no styles, classes, names or data."""
    match node:
        case [str(), [*classes], [*pairs]] if all(isinstance(c, str) for c in classes) and all(
            isinstance(pair, list) for pair in pairs
        ):
            return ["", [], []]
        case [*children]:
            return [_bare(child) for child in children]
        case dict():
            return {name: _bare(child) for name, child in node.items()}
    return node


def _seen(node: dict[str, Any]) -> dict[str, Any]:
    """Return a node with every character of its text visible; a no-break space is a blank."""
    if node["t"] == "Str":
        return {"t": "Str", "c": "\u00a0".join(map(visible, node["c"].split("\u00a0")))}
    return node


def _tables(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for child in node:
            yield from _tables(child)
    elif isinstance(node, dict):
        if node.get("t") == "Table":
            yield node
        yield from _tables(list(node.values()))


def _align(table: dict[str, Any]) -> None:
    """Set columns that hold only numbers to the right.

    They are counted from the right, since cells at the left may reach over several rows.
    """
    columns, bodies = table["c"][2], table["c"][4]
    rows = [
        [words(cell[4]).strip() for cell in reversed(row[1])]
        for body in bodies
        for row in [*body[2], *body[3]]
        if all(cell[3] == 1 for cell in row[1])
    ]
    shared = min(map(len, rows), default=0)
    for place in number_columns([[_number(cell) for cell in row[:shared]] for row in rows]):
        columns[-1 - place][0] = {"t": "AlignRight"}


def _number(cell: str) -> str:
    """Return a cell of pandas's as the numbers of exhibits are written."""
    return "" if cell in ("...", "…", "NaN", "nan", "inf", "-inf", "<NA>", "None") else cell
