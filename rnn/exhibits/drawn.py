"""Formulas for browsers, which leave out or misplace what MathML does not spell out."""

import re
from itertools import pairwise
from xml.etree.ElementTree import Element

# Most fonts set combining accents beside the letter, so browsers are given the spacing ones.
COMBINING = "\u0302\u0303\u0304\u0307\u0308\u0301\u0300\u030c\u0306\u030a\u20d6\u20db"
SPACING = str.maketrans(COMBINING, "ˆ˜¯˙¨´`ˇ˘˚←…")
LINES = {  # few fonts can stretch these; the page's style draws them
    **{"¯": "overline", "_": "underline", "⏞": "overbrace", "⏟": "underbrace"},
    **{"⎴": "overbracket", "⎵": "underbracket"},
}
# Tables of equations, which TeX sets as large as equations; but not matrices and cases.
LARGE = re.compile("(?:align|flalign|gather|split|multline|eqnarray).*")
PRIMES = ("′", "″", "‴")
ROWS = {"mrow", "mstyle", "mtd", "msqrt"}
HOLDERS = {"mrow", "msub", "msup", "msubsup", "munder", "mover", "munderover"}
# Between a name and one of these is a blank; signs have their own, and brackets none.
SOLID = {*HOLDERS, "mi", "mn", "mfrac", "msqrt", "mroot"}


def draw(element: Element) -> None:
    """Draw what a browser would not, whatever its fonts: accents, large fractions, blanks."""
    if element.tag == "mtable" and LARGE.fullmatch(element.get("class", "")):
        element.set("displaystyle", "true")
    if element.tag == "msup" and element[1].text in PRIMES:  # which most fonts have raised
        element.tag = "mrow"
        element[1].attrib |= {"lspace": "0", "rspace": "0"}
    pairs = list(enumerate(pairwise(element), 1)) if element.tag in ROWS else []
    for place, (one, other) in reversed(pairs):
        if (_is_function(one) or _is_function(other)) and {one.tag, _first(other).tag} <= SOLID:
            element.insert(place, Element("mspace", {"width": "0.17em"}))
    if element.tag not in ("mover", "munder") or element[1].get("accent") != "true":
        return
    sign = element[1]
    if line := LINES.get(sign.text or ""):
        element.tag = "mrow"
        element.set("class", line)
        element.remove(sign)
    else:
        sign.text = (sign.text or "").translate(SPACING)


def _first(element: Element) -> Element:
    """Return the first sign of a part of a formula; a root or a fraction is one."""
    while element.tag in HOLDERS and len(element):
        element = element[0]
    return element


def _is_function(element: Element) -> bool:
    """Tell whether a part of a formula is a name, such as "log", maybe with limits."""
    first = _first(element)
    return first.tag == "mi" and len(first.text or "") > 1
