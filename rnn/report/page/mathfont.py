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
# The first font's table leaves most distances at zero, and scripts above what they belong to. These
# are the proportions of TeX, for its taller small letters; in thousandths of the font's size.
DISTANCES = {
    "SubscriptShiftDown": 250,
    "SubscriptTopMax": 415,
    "SubscriptBaselineDropMin": 200,
    "SuperscriptShiftUp": 420,
    "SuperscriptShiftUpCramped": 340,
    "SuperscriptBottomMin": 130,
    "SuperscriptBaselineDropMax": 330,
    "SuperscriptBottomMaxWithSubscript": 415,
    "SubSuperscriptGapMin": 160,
    "UpperLimitGapMin": 120,
    "UpperLimitBaselineRiseMin": 110,
    "LowerLimitGapMin": 120,
    "LowerLimitBaselineDropMin": 550,
    "StackTopShiftUp": 450,
    "StackTopDisplayStyleShiftUp": 680,
    "StackBottomShiftDown": 350,
    "StackBottomDisplayStyleShiftDown": 690,
    "FractionNumeratorShiftUp": 400,
    "FractionNumeratorDisplayStyleShiftUp": 680,
    "FractionDenominatorShiftDown": 350,
    "FractionDenominatorDisplayStyleShiftDown": 690,
}


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
        if "MATH" in font:
            for distance, value in DISTANCES.items():
                record = getattr(font["MATH"].table.MathConstants, distance)
                record.Value = round(value * font["head"].unitsPerEm / 1000)
        subset.save_font(font, made, options)
    return made.getvalue()
