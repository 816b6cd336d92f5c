"""Split Markdown at its headings, as CommonMark reads it."""

from collections.abc import Iterator
from itertools import dropwhile, pairwise
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, reference
from mdit_py_plugins.footnote import footnote_plugin


class Piece(NamedTuple):
    """A heading with its level, 1 to 6, or the prose between two, with level 0; and its line."""

    level: int
    text: str
    line: int


def _target_at_margin(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Let the target of a link end the footnote or the list right above it, as it is meant to."""
    return silent and state.sCount[line] < state.blkIndent and reference(state, line, end, True)


def _parser() -> MarkdownIt:
    """Return a parser of blocks; within them it knows no more than code and escapes."""
    parser = MarkdownIt("zero", {"html": True}).enable(
        ["code", "fence", "blockquote", "hr", "list", "reference", "html_block", "heading",
         "lheading", "backticks", "escape"]
    )  # fmt: skip
    parser.use(footnote_plugin, inline=False, move_to_end=False)
    parser.disable(["footnote_ref", "text_join"])
    parser.block.ruler.before("reference", "target", _target_at_margin, {"alt": ["paragraph"]})
    return parser


PARSER = _parser()


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
