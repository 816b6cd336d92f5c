"""Text as Typst content: verbatim, with a box for each character without a glyph or without ink."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from string import ascii_letters, digits, punctuation

import matplotlib as mpl
from matplotlib.ft2font import FT2Font

from rnn.exhibits.characters import code_point, pieces

# The second font fills in for glyphs that the first lacks. Typst has the first, matplotlib both.
FONTS = [
    Path(mpl.get_data_path()) / "fonts" / "ttf" / name
    for name in ("DejaVuSansMono.ttf", "DejaVuSans.ttf")
]
BARE = frozenset(ascii_letters + digits + punctuation + " ") - set('"\\')
LONGEST = 24  # characters; a longer word may be broken there


@cache
def _own() -> frozenset[str]:
    """Return the characters for which the PDF's own fonts have a glyph."""
    return frozenset(chr(code) for font in FONTS for code in FT2Font(str(font)).get_charmap())


_present: ContextVar[frozenset[str] | None] = ContextVar("_present", default=None)


def glyphs() -> frozenset[str]:
    """Return the characters for which a font has a glyph."""
    return _present.get() or _own()


@contextmanager
def more_glyphs(characters: frozenset[str]) -> Iterator[None]:
    """Set text with the glyphs of further fonts, too."""
    before = _present.set(_own() | characters)
    try:
        yield
    finally:
        _present.reset(before)


def typst_string(text: str) -> str:
    """Return text as a Typst string literal, with everything but plain ASCII escaped."""
    return '"' + "".join(c if c in BARE else f"\\u{{{ord(c):x}}}" for c in text) + '"'


def typst_text(text: str) -> str:
    """Return text as arguments for `chars` of report.typ: strings, signs, ends of lines, breaks."""
    return ", ".join(_arguments(text))


def _arguments(text: str) -> Iterator[str]:
    for piece, mark in pieces(text):
        if mark:
            yield "tab" if piece == "\t" else f"sign({typst_string(mark)})"
            continue
        run, unbroken = "", 0
        for character in piece:
            unbroken = 0 if character in " \n" else unbroken + 1
            if character in glyphs() and character != "\n" and unbroken < LONGEST:
                run += character
                continue
            if run:
                yield typst_string(run)
            run = ""
            if character == "\n":
                yield "linebreak()"
            elif character not in glyphs():
                yield f"sign({typst_string(code_point(character))})"
            else:
                run, unbroken = character, 0
                yield "break-here"
        if run:
            yield typst_string(run)


def set_in_code(text: str) -> str:
    """Return text for a Typst raw element, which can't contain boxes."""
    return "".join(
        run if not mark else "\t" if run == "\t" else mark for run, mark in pieces(_named(text))
    )


def _named(text: str) -> str:
    return "".join(c if c in glyphs() or c in "\n\t" else code_point(c) for c in text)
