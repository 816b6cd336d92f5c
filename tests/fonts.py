"""Fonts made for a test, since no test should need those of a machine."""

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen


def font(characters: str, family: str) -> FontBuilder:
    """Return a font that has a square for each character."""
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for corner in ((100, 700), (900, 700), (900, 0)):
        pen.lineTo(corner)
    pen.closePath()
    names = [".notdef", *(f"u{ord(c):04X}" for c in dict.fromkeys(characters))]
    made = FontBuilder(1000, isTTF=True)
    made.setupGlyphOrder(names)
    made.setupCharacterMap({int(name[1:], 16): name for name in names[1:]})
    made.setupGlyf(dict.fromkeys(names, pen.glyph()))
    made.setupHorizontalMetrics(dict.fromkeys(names, (1000, 100)))
    made.setupHorizontalHeader(ascent=800, descent=-200)
    called = {"familyName": family, "styleName": "Regular", "fullName": family}
    made.setupNameTable(called | {"psName": family.replace(" ", "")})
    made.setupOS2(sTypoAscender=800, sTypoDescender=-200)
    made.setupPost()
    return made
