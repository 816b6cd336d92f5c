"""Text in which every character can be seen: an invisible one is shown by a sign."""

import unicodedata
from collections.abc import Iterator
from html import escape

FRAMED = "border: 1px solid; border-radius: 2px; font-size: .8em; opacity: .7"  # a sign, in CSS
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


def direction(text: str) -> str:
    """Return "rtl" for text whose first letter is of a script that runs to the left, else "ltr"."""
    kinds = map(unicodedata.bidirectional, text)
    first = next((kind for kind in kinds if kind in {"L", "R", "AL"}), "L")
    return "ltr" if first == "L" else "rtl"


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


def text_html(text: str, *, styled: bool = True) -> str:
    """Return text as HTML, to be set with `white-space: pre-wrap`.

    The sign is an attribute that the style sheet draws, so that what is read or copied from the
    page is the text itself. Only characters that HTML cannot carry are replaced by their sign.
    Where there is no style sheet, the sign stands in the text.
    """
    html = ""
    for piece, mark in pieces(text):
        lost = piece != "\t" and unicodedata.category(piece[0]) in {"Cc", "Cn", "Cs"}
        if not mark:
            html += escape(piece)
        elif not styled:
            html += f'<span style="{FRAMED}">{mark}</span>{"" if lost else piece}'
        elif lost:
            html += f'<span class="odd">{mark}</span>'
        else:
            html += f'<span class="odd" data-sign="{mark}">{piece}</span>'
    return html
