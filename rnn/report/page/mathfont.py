"""A math font for the page: without one, a browser leaves the signs of roots out."""

import re
import unicodedata
from base64 import b64encode
from functools import cache
from html import unescape
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
from fontTools import subset
from fontTools.ttLib import TTFont

# Matplotlib brings both. The first has a MATH table, as few fonts have; the second the alphabets
# that the first lacks: bold, script, Fraktur, typewriter.
FONTS = {
    name: Path(mpl.get_data_path()) / "fonts" / "ttf" / f"{file}.ttf"
    for name, file in (("Report Math", "DejaVuSerif"), ("Report Letters", "STIXGeneral"))
}
ALWAYS = "√()[]{}|−+=,."  # a root's sign stands in no text


@cache
def _italics() -> dict[str, str]:
    """Return the letters that a browser sets in italics in formulas, and what it takes for each."""
    found = {"h": "ℎ"}
    for code in (*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C)):
        if of := unicodedata.decomposition(chr(code)).split()[1:]:
            found[chr(int(of[0], 16))] = chr(code)
    return found


def style(html: str) -> str:
    """Return the style sheet that brings the font for a page's formulas; none without any."""
    formulas = re.findall(r"<math.*?</math>", html, re.DOTALL)
    shown = (
        re.sub(r"<annotation.*?</annotation>|<[^>]*>", "", one, flags=re.S) for one in formulas
    )
    characters = set(unescape("".join(shown)))
    if not characters:
        return ""
    characters |= {_italics().get(c, c) for c in characters} | set(ALWAYS)
    faces = ""
    for name in FONTS:
        has = characters & _glyphs(name)
        if has:
            source = b64encode(_subset(name, "".join(sorted(has)))).decode()
            faces += (
                f'@font-face {{ font-family: "{name}"; src: url(data:font/woff;base64,{source}); }}'
            )
        characters -= has
    return f"<style>{faces}</style>\n"


@cache
def _glyphs(name: str) -> frozenset[str]:
    """Return the characters that a font has."""
    with TTFont(FONTS[name]) as font:
        return frozenset(map(chr, font.getBestCmap()))


@cache
def _subset(name: str, characters: str) -> bytes:
    """Return a font with the glyphs for characters, and what these stretch to."""
    options = subset.Options(flavor="woff", hinting=False, notdef_outline=True, glyph_names=False)
    options.layout_features = ["ssty", "kern"]
    options.drop_tables += ["FFTM"]
    made = BytesIO()
    with subset.load_font(str(FONTS[name]), options) as font:
        chosen = subset.Subsetter(options)
        chosen.populate(text=characters)
        chosen.subset(font)
        subset.save_font(font, made, options)
    return made.getvalue()
