"""Drawings for the PDF: text in them that Typst has glyphs for, or it would refuse the document."""

import re
from functools import cache
from xml.etree.ElementTree import tostring

from defusedxml.ElementTree import fromstring
from matplotlib.ft2font import FT2Font

from rnn.exhibits.characters import code_point, sign
from rnn.report.outputs.svg import SPACE
from rnn.report.paper.glyphs import FONTS

FONT = "DejaVu Sans"
SPLIT = "\u0eb3"  # Lao; the font sets it as two signs, which a PDF/UA may not hold


@cache
def _glyphs() -> frozenset[str]:
    """Return the characters of the one font that such text is set in."""
    return frozenset(map(chr, FT2Font(str(FONTS[1])).get_charmap())) - {SPLIT}


def drawing(svg: str) -> str:
    """Return a drawing, which rnn/report/outputs/svg.py has cleaned, as Typst can set it."""
    if svg.isascii():
        return svg
    root = fromstring(svg)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.text, element.tail = (_shown(text or "") for text in (element.text, element.tail))
        element.attrib.pop("font-family", None)
        if style := element.get("style"):
            element.set("style", re.sub(r"font-family: [^;]*(;|$)", "", style))
    root.attrib |= {"xmlns": SPACE, "font-family": FONT}
    return tostring(root, encoding="unicode")


def _shown(text: str) -> str:
    """Return text with each character that the font lacks, or that shows nothing, by its name."""
    return "".join(
        c if c in " \n\t" or (c in _glyphs() and not sign(c)) else code_point(c) for c in text
    )
