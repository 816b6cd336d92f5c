"""Where two pages first differ, in the words of someone who reads them."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import zip_longest
from typing import NamedTuple

from rnn.report.verify.values import in_json, in_text, versus

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
DATA = {"model": "model", "history": "history of the loss", "recipe": "recipe"}


class Token(NamedTuple):
    """A piece of a page: its text, and the elements around it with their attributes."""

    text: str
    around: tuple[tuple[str, str], ...]
    part: str
    figure: str


class _Reader(HTMLParser):
    """Splits a page into tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens: list[Token] = []
        self.open: list[tuple[str, str, str]] = []  # the name, id and classes of each element
        self.part = ""
        self.heading: list[str] | None = None
        self.names: dict[str, str] = {}  # of figures, by their ids

    def _add(self, text: str) -> None:
        figure = next((id for tag, id, _ in self.open if tag == "figure"), "")
        around = tuple((tag, id or classes) for tag, id, classes in self.open)
        self.tokens.append(Token(text, around, self.part, figure))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.open.append((tag, values.get("id", ""), values.get("class", "")))
        if tag in ("h1", "h2"):
            self.heading = []
        self._add(f"<{tag}>")
        for name, value in attrs:
            self._add(f"{name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self._add(f"</{tag}>")
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
        self._add(data)

    def _figure(self) -> str:
        return next((id for tag, id, _ in self.open if tag == "figure"), "")

    def handle_comment(self, data: str) -> None:
        self._add(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self._add(f"<!{decl}>")


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader


def in_page(there: str, made: str) -> str:
    """Return the place of the first difference, and what stands there; "" if there is none."""
    one, other = _read(there), _read(made)
    for a, b in zip_longest(one.tokens, other.tokens):
        if a is None or b is None:
            return f"its end: {versus(a and a.text, b and b.text)}"
        if a.text == b.text:
            continue
        words = _place(b, other)
        return f"{', '.join(words)}: {_texts(a.text, b.text, b)}"
    return in_text(there, made)


def _texts(there: str, made: str, token: Token) -> str:
    """Return how the texts of two tokens differ."""
    if token.around and token.around[-1][1] in ("recipe", "model"):
        try:
            return in_json(json.loads(there), json.loads(made)) or in_text(there, made)
        except (ValueError, RecursionError):
            pass
    if len(there) + len(made) < 80:
        return versus(there.strip() or None, made.strip() or None)
    return in_text(there, made)


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
