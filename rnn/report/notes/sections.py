"""The author's notes: a Markdown file with a section for each part that has a commentary."""

import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from mdit_py_plugins.front_matter import front_matter_plugin

from rnn.errors import InputError
from rnn.report.document import PARTS
from rnn.report.headings import PARSER, cut
from rnn.report.notes.definitions import gather, used
from rnn.report.notes.texts import read_text

WORDS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "one": 1, "two": 2, "three": 3, "four": 4}
# Not "Part 1-2", nor "Part 1 and 2".
BY_NUMBER = re.compile(
    rf"part(?:[\W_]*(\d{{1,9}})|\s+({'|'.join(WORDS)}))(?!\w|[-–—./]\d)"
    r"(?!\s*(?:[,&+]|and\b|to\b|or\b)\s*(?:part\s*)?\d)",
)
TIGHT = re.compile(r"^ {0,3}(#{1,6})([^#\s].*)", re.MULTILINE)
FIELD = re.compile(r"\w[\w -]*:")  # of YAML
MARKS = re.compile(r"[*_`~\[\]]")  # of emphasis, code and links
WANTED = (
    f"begin your text on each part with a heading of its own, '# Part 1' to '# Part {len(PARTS)}'"
)
TITLED = "the report takes its title block from TITLE, AUTHOR, COURSE and DATE"


class Notes(NamedTuple):
    """The author's notes.

    Attributes
    ----------
    path
        The file.
    text
        What is in it.
    sections
        The section of each part, as Markdown that stands by itself.
    lines
        The line of each section's heading.
    said
        What is left out, a line for each.
    """

    path: Path = Path()
    text: str = ""
    sections: dict[int, str] = {}  # noqa: RUF012  # never changed
    lines: dict[int, int] = {}  # noqa: RUF012
    said: list[str] = []  # noqa: RUF012

    def place(self, part: int, quoted: str = "") -> str:
        """Return where a part is in the file, or something quoted from it."""
        before, at = self.lines[part] - 1, self.text.split("\n")
        rest = "\n".join(at[before:])
        found = re.search(r"\s+".join(map(re.escape, quoted.split())), rest)
        line = before + 1 + rest.count("\n", 0, found.start() if found else 0)
        return f"{self.path}, line {line}: part {part}"


def read_notes(path: Path) -> Notes:
    """Return the notes in a file.

    A heading that names a part begins its section: by the part's number, whatever follows, or by
    its title in the report. So does each further heading of the same level or a higher one.

    Raises
    ------
    InputError
        When the file can't be read, is not UTF-8, or has text that belongs to no part.
    """
    return _sections(read_text(path, "NOTES"), path)


def _sections(text: str, path: Path) -> Notes:
    """Return the notes in a text."""
    where = f"NOTES: {path}"
    rest, said = _without_head(text, where)
    try:
        rest, found = gather(_spaced(rest))
    except ValueError as error:
        raise InputError(f"{where}, {error}") from None
    pieces = list(cut(rest))
    if not pieces:
        raise InputError(f"{where} is empty: {WANTED}")
    first = next((one for one in pieces if one.level and _number(one.text)), None)
    top = first.level if first else 6
    head = pieces[0]
    if first and head.level and not _number(head.text) and (head.level < top or pieces[1].level):
        said.append(f"{where}, line {head.line}: the title {head.text!r} is left out; {TITLED}")
        del pieces[0]
    part = 0
    sections: dict[int, list[str]] = {}
    lines: dict[int, int] = {}
    for level, source, line in pieces:
        here = f"{where}, line {line}"
        if level and level <= top:
            part = _part(source, here)
            if part in sections:
                raise InputError(
                    f"{here}: a second section for part {part}, after that of line {lines[part]}:"
                    " join the two"
                )
            sections[part], lines[part] = [], line
        elif not part:
            raise InputError(f"{here}: this belongs to no part: {WANTED}")
        else:
            sections[part].append(f"{'#' * level} {source}" if level else source)
    whole = {
        part: "\n\n".join([*texts, *used("\n\n".join(texts), found)])
        for part, texts in sorted(sections.items())
        if texts
    }
    return Notes(path, text, whole, lines, said)


def _without_head(text: str, where: str) -> tuple[str, list[str]]:
    """Return a text with blank lines for its YAML head, and what is to be said about that."""
    first = MarkdownIt("zero").use(front_matter_plugin).parse(text)[:1]
    if not first or first[0].type != "front_matter" or not FIELD.match(first[0].content):
        return text, []
    end = (first[0].map or [0, 0])[1]
    said = [f"{where}, line 1: the YAML head is left out; {TITLED}"]
    return "\n" * end + "\n".join(text.split("\n")[end:]), said


def _spaced(text: str) -> str:
    """Return a text with the blank that headings such as "#Part 1" lack."""
    if not TIGHT.search(text):
        return text
    lines = text.split("\n")
    for token in PARSER.parse(text):
        for n in range(*(token.map or ())) if token.type == "paragraph_open" else ():
            if token.level == 0 and (match := TIGHT.match(lines[n])) and _number(match[2]):
                lines[n] = f"{match[1]} {match[2]}"
    return "\n".join(lines)


def _part(heading: str, here: str) -> int:
    """Return the part that a heading names."""
    number = _number(heading)
    if number not in PARTS:
        raise InputError(f"{here}: the heading {heading!r} does not name one part: {WANTED}")
    return number


def _number(heading: str) -> int:
    """Return the number of the part that a heading names; 0 if it names none, or several."""
    words = " ".join(unicodedata.normalize("NFKC", MARKS.sub("", heading)).casefold().split())
    if match := BY_NUMBER.match(words):
        return int(match[1] or WORDS[match[2]])
    return next((part for part, name in PARTS.items() if words == name.casefold()), 0)
