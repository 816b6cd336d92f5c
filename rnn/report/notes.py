"""The author's notes: a Markdown file with a section for each part that has a commentary."""

import re
import unicodedata
from pathlib import Path

from rnn.errors import InputError
from rnn.exhibits.characters import code_point
from rnn.report.definitions import gather, used
from rnn.report.document import PARTS
from rnn.report.headings import cut

BY_NUMBER = re.compile(r"part ([1-4])\b[ \t]*[:.–—-]?.*", re.IGNORECASE)
LARGEST = 1_000_000  # bytes


def read_notes(path: Path) -> dict[int, str]:
    """Return the section for each part, as Markdown.

    A section begins with a heading of the same level as the file's first one. The heading names the
    part by its number ("# Part 1", whatever follows) or by its title in the report.

    Raises
    ------
    InputError
        When the file can't be read, is not UTF-8, or has text that belongs to no part.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():  # opening a pipe would block
            raise InputError(f"NOTES: {path} is not a regular file: copy it into one")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise InputError(f"NOTES: {path} can't be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise InputError(f"NOTES: {path} is larger than {LARGEST / 1e6:g} MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"NOTES: {path} is not in UTF-8, at byte {error.start}") from None
    return _sections(_showing("\n".join(text.splitlines())), path)


def _sections(text: str, path: Path) -> dict[int, str]:
    """Return the sections of the notes, by part."""
    top = part = 0
    sections: dict[int, list[str]] = {}
    text, found = gather(text)
    for level, piece in cut(text):
        if level and (not top or level <= top):
            top = top or level
            part = _part(piece, path)
            if part in sections:
                raise InputError(f"NOTES: {path} has two sections for part {part}")
            sections[part] = []
        elif not part:
            raise InputError(f"NOTES: {path} must begin with a heading, such as '# Part 1'")
        else:
            sections[part].append(f"{'#' * level} {piece}" if level else piece)
    if not sections:
        raise InputError(f"NOTES: {path} is empty")
    whole = {}
    for part, pieces in sorted(sections.items()):
        try:
            definitions = used("\n\n".join(pieces), found)
        except ValueError as error:
            raise InputError(f"NOTES: part {part} can't be typeset: {error}") from None
        if pieces:
            whole[part] = "\n\n".join([*pieces, *definitions])
    return whole


def _part(heading: str, path: Path) -> int:
    """Return the part that a heading names."""
    if match := BY_NUMBER.fullmatch(heading):
        return int(match[1])
    for part, name in PARTS.items():
        if heading.casefold() == name.casefold():
            return part
    raise InputError(
        f"NOTES: {path} has a section {heading!r}: name it 'Part 1' to 'Part {len(PARTS)}',"
        " or use the part's title in the report"
    )


def _showing(text: str) -> str:
    """Return text with each character that no page can hold replaced by its code point."""
    return "".join(
        code_point(c) if c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cn", "Cs"} else c
        for c in text
    )
