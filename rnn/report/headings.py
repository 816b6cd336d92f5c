"""Split Markdown at its headings, as CommonMark reads it."""

from collections.abc import Iterator
from itertools import dropwhile, pairwise
from typing import NamedTuple

from rnn.exhibits.blocks import block_parser


class Piece(NamedTuple):
    """A heading with its level, 1 to 6, or the prose between two, with level 0; and its line."""

    level: int
    text: str
    line: int


PARSER = block_parser()


def cut(markdown: str) -> Iterator[Piece]:
    """Yield the headings, and the prose before, between and after them."""
    lines = markdown.split("\n")
    tokens = PARSER.parse(markdown)
    at = 0
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map:
            first, end = token.map
            yield from _prose(lines, at, first)
            yield Piece(int(token.tag[1]), " ".join(inline.content.split()), first + 1)
            at = end
    yield from _prose(lines, at, len(lines))


def _prose(lines: list[str], first: int, end: int) -> Iterator[Piece]:
    """Yield the lines from one to another, without blank ones around them; nothing if all are."""
    kept = list(dropwhile(lambda n: not lines[n].strip(), range(first, end)))
    if kept:
        yield Piece(0, "\n".join(lines[kept[0] : end]).rstrip(), kept[0] + 1)
