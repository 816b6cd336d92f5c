"""Where two pages first differ, in the words of someone who reads them."""

import json
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from itertools import zip_longest
from typing import NamedTuple

from rnn.report.verify.values import in_json, in_text, parting, versus

VOID = {"meta", "link", "br", "img", "input", "hr", "wbr"}
# Elements that say what is in them; an outer one is named before those that it holds.
WHAT = {
    "head": "head",
    "header": "title block",
    "nav": "contents",
    "figcaption": "caption",
    "svg": "drawing",
    "table": "table",
    "math": "formula",
    "pre": "text",
    "style": "style",
    "details": "",
    "footer": "foot of the page",
}
LONG = 80  # characters of two texts that are shown whole
LONGEST = 10_000  # characters of a tag
DATA = {
    "model": "model",
    "excerpt": "excerpt of the book",
    "history": "history of the loss",
    "recipe": "recipe",
}


class Token(NamedTuple):
    """A tag or a text of a page: where it begins, and what it stands in.

    Attributes
    ----------
    at
        Its place.
    is_text
        Whether it is no tag.
    around
        The elements around it, each with its id or classes.
    part
        The heading above it.
    figure
        The id of the figure that it is in.
    """

    at: int
    is_text: bool
    around: tuple[tuple[str, str], ...]
    part: str
    figure: str


class _Reader(HTMLParser):
    """Finds what stands at a place in a page that was made here."""

    def __init__(self, page: str, at: int) -> None:
        super().__init__()
        self.at = at
        self.lines = [0, *(found.end() for found in re.finditer("\n", page))]
        self.token: Token | None = None  # the last that begins at the place or before it
        self.before: Token | None = None  # the one before that
        self.open: list[tuple[str, str, str]] = []  # the name, id and classes of each element
        self.part = ""
        self.heading: list[str] | None = None
        self.names: dict[str, str] = {}  # of figures, by their ids
        self.feed(page)
        self.close()

    def _add(self, *, is_text: bool = False) -> None:
        line, column = self.getpos()
        start = self.lines[line - 1] + column
        if start <= self.at:
            around = tuple((tag, id or classes) for tag, id, classes in self.open)
            self.before = self.token
            self.token = Token(start, is_text, around, self.part, self._figure())

    def _figure(self) -> str:
        return next((id for tag, id, _ in self.open if tag == "figure"), "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.open.append((tag, values.get("id", ""), values.get("class", "")))
        if tag in ("h1", "h2"):
            self.heading = []
        self._add()

    def handle_endtag(self, tag: str) -> None:
        self._add()
        if self.open and any(tag == name for name, _, _ in self.open):
            while self.open.pop()[0] != tag:
                pass
        if tag in ("h1", "h2") and self.heading is not None:
            self.part, self.heading = " ".join("".join(self.heading).split()), None

    def handle_data(self, data: str) -> None:
        if self.heading is not None:
            self.heading.append(data)
        if self.open and self.open[-1][2] == "name" and (figure := self._figure()):
            self.names[figure] = " ".join(data.split())
        self._add(is_text=True)

    def handle_comment(self, _: str) -> None:
        self._add()

    def handle_decl(self, _: str) -> None:
        self._add()


class _Tag(HTMLParser):
    """Reads a single tag: its name and its attributes; of anything else, the whole."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words = [text]
        self.feed(text[:LONGEST])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.words = [f"<{tag}>", *(f"{name}={value}" for name, value in attrs)]


def in_page(there: str, made: str) -> str:
    """Return the place of the first difference, and what stands there; "" if there is none.

    Only the page that was made again is parsed; what is not of this program may be made to be slow.
    """
    if there == made:
        return ""
    at = parting(there, made)
    reader = _Reader(made, at)
    token, before = reader.token, reader.before
    if token and token.at == at and before and before.is_text and not there.startswith("<", at):
        token = before  # a text that goes on
    if not token:
        return in_text(there, made)
    place = ", ".join(_place(token, reader)) or "the page"
    return f"{place}: {_texts(there, made, token)}"


def _texts(there: str, made: str, token: Token) -> str:
    """Return how two pages differ in a token that begins at the same place of both."""
    whole = token.is_text and token.around and token.around[-1][0] in ("script", "style")
    one, other = (_piece(page, token.at, whole=bool(whole)) for page in (there, made))
    if token.around and token.around[-1][1] in ("recipe", "model"):
        try:
            return in_json(json.loads(one), json.loads(other)) or in_text(there, made)
        except (ValueError, RecursionError):
            pass
    if one.startswith("<") and other.startswith("<"):
        words = zip_longest(*(_Tag(text).words for text in (one, other)))
        one, other = next(((a, b) for a, b in words if a != b), ("", ""))
    one, other = (unescape(text or "").strip() for text in (one, other))
    if one == other:
        return in_text(there, made)
    if len(one) + len(other) > LONG:
        return in_text(one, other)
    return versus(one or None, other or None)


def _piece(page: str, start: int, *, whole: bool) -> str:
    """Return the tag or the text that begins at a place; a script or a style is a text."""
    if whole:
        return page[start:].partition("</")[0]
    if not page.startswith("<", start):
        return page[start:].partition("<")[0]
    end = "-->" if page.startswith("<!--", start) else ">"
    found = page.find(end, start)
    return page[start : found + len(end)] if found >= 0 else page[start:]


def _place(token: Token, reader: _Reader) -> Iterator[str]:
    """Yield the words for where a token stands."""
    for tag, about in token.around:
        if "notes" in about.split():
            yield "the author's notes"
        if tag == "script":
            yield f"the {DATA[about]} that it carries" if about in DATA else "its program"
            return
    tags = [tag for tag, _ in token.around]
    if token.part and not {"head", "footer", "nav", "header"} & {*tags}:
        yield token.part
    if token.figure:
        yield reader.names.get(token.figure, token.figure)
    yield from (WHAT[tag] for tag in tags if WHAT.get(tag))
    if tags[-1:] in (["td"], ["th"]):
        yield "a cell"
