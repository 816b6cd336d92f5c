r"""The blocks of Markdown as CommonMark reads them, save that formulas stay whole.

CommonMark knows no formulas. A line of one that begins with `+`, `-` or `=` would be a list or a
heading, and `\begin{align}` words. JupyterLab reads formulas first, and so does this.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, reference
from mdit_py_plugins.amsmath import ENVIRONMENTS
from mdit_py_plugins.footnote import footnote_plugin

LONGEST = 10_000  # characters of a line in which formulas are looked for
MOST = 40  # lines of a formula
AMSMATH = "|".join(ENVIRONMENTS)
# Code and escapes come first, since no formula begins in them. The delimiters of LaTeX have one
# backslash or, as JupyterLab wants them, two.
FORMULA = re.compile(
    r"(?P<ticks>`+).*?(?<!`)(?P=ticks)(?!`)"
    r"|(?P<dollars>\$\$.+?\$\$|\$(?=[^\s$])(?:[^$\n]|\n(?!\s*\|))*[^\s$\\]\$(?!\d))"
    rf"|^(?P<amsmath>\\begin\{{(?P<name>(?:{AMSMATH})\*?)\}}.*?\\end\{{(?P=name)\}})"
    r"|^\\{1,2}\[(?P<display>.*?)\\{1,2}\](?=[.,;]?\s*$)"
    r"|\\{1,2}\((?P<inline>[^`\n]*?)\\{1,2}\)"
    r"|<[A-Za-z][\w+.-]+:[^\s<>]*>"  # a link
    r"|\\."
    r"|(?P<lone>\$)",
    re.DOTALL | re.MULTILINE,
)
AMOUNTS = re.compile(r"\$(?=\S)(?:[^$\\]|\\.)+(?<!\s)\$\d", re.DOTALL)  # no formula ends so
OPENING = re.compile(r"`+|\$|\\")
COMMENT = re.compile(r"(?<!\\)%.*")


class _Lines(NamedTuple):
    """Lines with formulas that Markdown would not read, and what is to stand there."""

    start: int
    end: int
    text: str


def block_parser() -> MarkdownIt:
    """Return a parser of blocks; within them it knows no more than code and escapes."""
    parser = MarkdownIt("zero", {"html": True}).enable(
        ["code", "fence", "blockquote", "hr", "list", "reference", "html_block", "heading",
         "lheading", "backticks", "escape"]
    )  # fmt: skip
    parser.use(footnote_plugin, inline=False, move_to_end=False)
    parser.disable(["footnote_ref", "text_join"])
    parser.block.ruler.before("reference", "target", _target_at_margin, {"alt": ["paragraph"]})
    parser.block.ruler.before(
        "html_block", "formula", _formula, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    return parser


def with_formulas_in_dollars(markdown: str) -> str:
    """Return Markdown with each formula between dollars, and on one line."""
    if not re.search(r"\$|\\\[|\\\(|\\begin\{", markdown):
        return markdown
    text = markdown
    tokens = block_parser().parse(markdown)
    changed = [token.meta["lines"] for token in tokens if token.type == "formula"]
    changed += _paragraphs(markdown, [token.map for token in tokens if token.type == "inline"])
    for lines in sorted(changed, reverse=True):
        text = text[: lines.start] + lines.text + text[lines.end :]
    return text


def _paragraphs(markdown: str, places: Sequence[Sequence[int] | None]) -> Iterator[_Lines]:
    """Yield the paragraphs that pandoc would read otherwise.

    A bar in a formula would divide the row of a table, and amounts in dollars be a formula.
    """
    starts = [0, *(end.end() for end in re.finditer("\n", markdown)), len(markdown) + 1]
    for first, last in filter(None, places):
        source = markdown[starts[first] : starts[last] - 1]
        text = "\n".join(map(_row, source.split("\n")))
        if len(text) <= LONGEST:
            text = _with_amounts(text)
        if text != source:
            yield _Lines(starts[first], starts[last] - 1, text)


def _row(line: str) -> str:
    if line.lstrip(" >").startswith("|") and len(line) <= LONGEST:
        return FORMULA.sub(_without_bars, line)
    return line


def _with_amounts(text: str) -> str:
    """Return text in which amounts such as $5-$6 are no formula."""
    if not AMOUNTS.search(text):
        return text
    return FORMULA.sub(lambda found: "\\$" if found["lone"] else found[0], text)


def _without_bars(found: re.Match[str]) -> str:
    if "|" not in (tex := found["dollars"] or ""):
        return found[0]
    dollars = "$$" if tex.startswith("$$") else "$"
    inner = tex.strip("$").replace("\\|", "\\Vert ").replace("|", "\\vert ")
    return f"{dollars}{inner.rstrip()}{dollars}"


def _target_at_margin(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Let the target of a link end the footnote or the list right above it, as it is meant to."""
    return silent and state.sCount[line] < state.blkIndent and reference(state, line, end, True)


def _formula(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Take the lines of a formula that Markdown would not read as one."""
    if state.is_code_block(line):
        return False
    first = _content(state, line)
    if len(first) > LONGEST or not re.search(r"\$|\\[\[(]|\\begin\{", first):
        return False
    block = "\n".join([first, *_following(state, line + 1, min(end, line + MOST))])
    stop = _reach(block, len(first))
    if not stop:
        return False
    if silent:
        return True
    state.line = line + 1 + block.count("\n", 0, stop)
    token = state.push("formula", "", 0)
    token.map = [line, state.line]
    start = state.bMarks[line] + state.tShift[line]
    text = _with_amounts(FORMULA.sub(_in_dollars, block[:stop]))
    token.meta = {"lines": _Lines(start, state.eMarks[state.line - 1], text)}
    return True


def _reach(block: str, stop: int) -> int:
    """Return where the lines end that hang together with the first, which ends at `stop`.

    0 if Markdown would read all formulas in them.
    """
    spoilt, at = False, 0
    while (opening := OPENING.search(block, at, stop)) is not None:
        at = opening.end()
        if found := FORMULA.match(block, opening.start()):
            at = found.end()
            if _is_spoilt(found):
                spoilt, stop = True, max(stop, (block + "\n").index("\n", at))
    return stop if spoilt else 0


def _content(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _following(state: StateBlock, first: int, end: int) -> Iterator[str]:
    """Yield the lines up to a blank one, or one outside of the list or quotation."""
    for line in range(first, end):
        if state.isEmpty(line) or state.sCount[line] < state.blkIndent:
            return
        yield _content(state, line)


def _is_spoilt(found: re.Match[str]) -> bool:
    if found["dollars"]:
        return "\n" in found["dollars"]
    return any((found[kind] or "").strip() for kind in ("amsmath", "display", "inline"))


def _in_dollars(found: re.Match[str]) -> str:
    if not _is_spoilt(found):
        return found[0]
    tex = found["dollars"] or found["amsmath"] or found["display"] or found["inline"]
    tex = " ".join(COMMENT.sub("", row).strip() for row in tex.split("\n")).strip()
    if found["dollars"]:
        return tex
    return f"${tex}$" if found["inline"] else f"$${tex}$$"
