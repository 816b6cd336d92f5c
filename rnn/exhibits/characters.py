"""Text in which every character can be seen: an invisible one is shown by a sign."""

import unicodedata
from collections.abc import Iterator
from html import escape

# Spaces, control and format characters, separators, lone surrogates, private and unassigned ones.
UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}


def code_point(character: str) -> str:
    """Name a character by its code point: "U+00A0"."""
    return f"U+{ord(character):04X}"


def sign(character: str) -> str:
    """Return the sign of an invisible character; empty for a visible one."""
    if character in " \n" or unicodedata.category(character) not in UNSEEN:
        return ""
    return "⇥" if character == "\t" else code_point(character)


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """Cut text into visible runs, each paired with "", and invisible characters with signs."""
    run = ""
    for character in text:
        if not (mark := sign(character)):
            run += character
            continue
        if run:
            yield run, ""
            run = ""
        yield character, mark
    if run:
        yield run, ""


def visible(text: str) -> str:
    """Replace invisible characters by their signs and line ends by spaces, for a single line."""
    return "".join(mark or run.replace("\n", " ") for run, mark in pieces(text))


def text_html(text: str) -> str:
    """Return text as HTML, to be set with `white-space: pre-wrap`.

    A sign is an attribute that the style sheet draws, so the text that is copied or read aloud from
    the page is the original. Only characters that HTML cannot hold are replaced by their sign.
    """
    html = ""
    for piece, mark in pieces(text):
        if not mark:
            html += escape(piece)
        elif piece != "\t" and unicodedata.category(piece) in {"Cc", "Cn", "Cs"}:
            html += f'<span class="odd">{mark}</span>'
        else:
            html += f'<span class="odd" data-sign="{mark}">{piece}</span>'
    return html
