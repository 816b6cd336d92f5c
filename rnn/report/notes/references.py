"""REFERENCES: what the notes cite, checked and set before anything runs."""

import difflib
from pathlib import Path

from rnn.errors import InputError
from rnn.exhibits import citations
from rnn.exhibits.citations import Cited
from rnn.exhibits.pandoc import UnsetError
from rnn.exhibits.prose import citations_in
from rnn.report.notes.sections import Notes
from rnn.report.notes.texts import read_text


def read(path: Path, notes: Notes) -> tuple[Cited, list[str]]:
    """Return the notes' citations with what they cite, and what is to be said about them.

    Parameters
    ----------
    path
        A BibTeX or BibLaTeX file.
    notes
        The notes.

    Raises
    ------
    InputError
        When the file can't be read, or a citation is of none of its entries.
    """
    where = f"REFERENCES: {path}"
    text = read_text(path, "REFERENCES")
    try:
        entries = citations.read_entries(text)
        if not entries:
            raise InputError(f"{where} has no entries, such as @book{{key, title = {{...}}}}")
        sources = {part: citations_in(section) for part, section in notes.sections.items()}
        paragraphs = citations.read(source for some in sources.values() for source in some)
        for part, some in sources.items():
            for source in some:
                for key in citations.keys_in(paragraphs.get(source)):
                    if key not in entries:
                        here = notes.place(part, f"@{key}")
                        raise InputError(f"NOTES: {here} cites {_unknown(key, list(entries))}")
        cited = citations.cite(paragraphs, entries)
    except UnsetError as error:
        raise InputError(
            f"{where} can't be read: {error}: correct it, or keep only what you cite"
        ) from None
    said = [] if paragraphs else [f"{where} is not used: cite its entries in NOTES, as [@key]"]
    return cited, said


def unread(notes: Notes) -> list[str]:
    """Return lines on what looks like a citation in notes that come without references."""
    lines = []
    for part, section in notes.sections.items():
        for source in dict.fromkeys(citations_in(section)):
            if source.startswith("["):  # @name alone may be anything
                lines.append(
                    f"NOTES: {notes.place(part, source)}: {source} is shown as typed: name the file"
                    " of what you cite, as in REFERENCES=refs.bib"
                )
    return lines


def _unknown(key: str, keys: list[str]) -> str:
    """Return that a key is unknown, and what may have been meant."""
    alike = {one.casefold(): one for one in keys}
    near = difflib.get_close_matches(key.casefold(), alike, 1, 0.5)
    meant = f"did you mean @{alike[near[0]]}?" if near else f"it has {', '.join(keys[:9])}."
    return f"@{key}, which REFERENCES lacks: {meant} Write \\@{key} if it cites nothing"
