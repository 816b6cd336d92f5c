"""SVG from outside, reduced to a list of elements and attributes that only draw.

Whatever else is in it falls: scripts, style sheets, foreign objects, links, animations, and all
that would be fetched from anywhere. The report's own figures come out of notebooks too, and an
earlier report may have been made by anyone, so they pass through here like all others.
"""

import binascii
import re
from base64 import b64decode, b64encode
from functools import lru_cache
from xml.etree.ElementTree import Element, ParseError, tostring

import tinycss2
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from rnn.exhibits.pandoc import UnsetError
from rnn.report.outputs.images import encode


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SPACE = "http://www.w3.org/2000/svg"
ELEMENTS = _words("""
    svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath title
    desc linearGradient radialGradient stop pattern clipPath mask marker image
""")
WORDS = ("text", "tspan", "textPath")
# What they may have: where they are, how they are drawn, and references within the picture.
PLACES = _words("""
    id x y x1 y1 x2 y2 cx cy r rx ry fx fy fr dx dy d points width height viewBox rotate offset
    preserveAspectRatio transform gradientTransform gradientUnits spreadMethod patternTransform
    patternUnits patternContentUnits clipPathUnits maskUnits maskContentUnits markerUnits
    markerWidth markerHeight orient refX refY pathLength textLength lengthAdjust startOffset
""")
STYLES = _words("""
    fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin
    stroke-miterlimit stroke-dasharray stroke-dashoffset opacity color stop-color stop-opacity
    clip-path clip-rule mask marker marker-start marker-mid marker-end display visibility font
    font-family font-size font-style font-weight font-variant text-anchor dominant-baseline
    alignment-baseline baseline-shift letter-spacing word-spacing text-decoration writing-mode
    paint-order shape-rendering text-rendering image-rendering vector-effect transform
    mix-blend-mode isolation
""")
FUNCTIONS = _words("""
    rgb rgba hsl hsla matrix translate scale rotate skewx skewy translatex translatey scalex
    scaley url
""")
PICTURE = re.compile(r"\s*data:image/(?:png|jpe?g|gif|webp);base64,([\sA-Za-z0-9+/=]*)")
NAME = re.compile(r"#[\w.:-]+")
LENGTH = re.compile(r"\s*([0-9.]+(?:e-?\d+)?)\s*(px|pt|in|cm|mm|pc)?\s*", re.IGNORECASE)
UNITS = {"": 1, "px": 1, "pt": 4 / 3, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4, "pc": 16}
DEEPEST = 100  # elements within one another
MOST = 300_000  # elements that are drawn, copies counted
LARGEST = 10_000_000  # characters


def clean(source: str) -> str:
    """Return a picture with nothing in it that does more than draw.

    Raises
    ------
    UnsetError
        When it is no SVG, or too large.
    """
    if len(source) > LARGEST:
        raise UnsetError(f"it is larger than {LARGEST // 1_000_000} MB")
    try:
        root = fromstring(source.encode("utf-8", "replace"))
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise UnsetError(f"it is no SVG: {' '.join(str(error).split())}") from None
    if _name(root) != "svg":
        raise UnsetError("it is no SVG")
    made = _kept(root, 0)
    _limit_copies(made)
    width, height = _size(made)
    if "viewBox" not in made.attrib:  # or it would be cut, and not scaled, where it is smaller
        made.set("viewBox", f"0 0 {width:g} {height:g}")
    if (
        not {"width", "height"} <= made.attrib.keys()
    ):  # or a browser would make it as wide as it can
        # Or a browser would make it as wide as it can.
        made.attrib |= {"width": f"{width:g}", "height": f"{height:g}"}
    made.set("xmlns", SPACE)
    return tostring(made, encoding="unicode")


def size(source: str) -> tuple[float, float]:
    """Return the width and height of a cleaned picture, in pixels of the screen."""
    return _size(fromstring(source))


def _size(root: Element) -> tuple[float, float]:
    sides = [LENGTH.fullmatch(root.get(side, "")) for side in ("width", "height")]
    if all(sides):
        width, height = (float(side[1]) * UNITS[(side[2] or "").lower()] for side in sides if side)
    else:
        box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
        numbers = [float(side) for side in box[2:] if re.fullmatch(r"[0-9.]+", side)]
        width, height = numbers if len(box) == 4 and len(numbers) == 2 else (300.0, 150.0)
    return width, height


def _name(element: Element) -> str:
    """Return the name of an element of SVG; empty for any other."""
    space, _, name = str(element.tag).rpartition("}")
    return name if space in ("{" + SPACE, "") else ""


def _kept(element: Element, depth: int, within: str = "") -> Element:
    """Return a copy of an element with what is allowed in it."""
    name = _name(element)
    if name == "a":  # a link is left out, and what it stands around is kept
        name = "tspan" if within in WORDS else "g"
    kept = Element(name, _attributes(element, name))
    words = name in {*WORDS, "title", "desc"}
    kept.text = element.text if words else None
    last = None
    for child in element:
        if depth < DEEPEST and _name(child) in ELEMENTS | {"a"}:
            last = _kept(child, depth + 1, name)
            kept.append(last)
        if words and child.tail and last is None:
            kept.text = (kept.text or "") + child.tail
        elif words and child.tail and last is not None:
            last.tail = (last.tail or "") + child.tail
    return kept


def _attributes(element: Element, name: str) -> dict[str, str]:
    """Return those attributes of an element that are allowed."""
    kept = {}
    for full, value in element.attrib.items():
        attribute = full.rpartition("}")[2]
        if attribute == "href" and (target := _reference(name, value)):
            kept["href"] = target
        elif attribute == "id" and NAME.fullmatch(f"#{value}"):
            kept["id"] = value
        elif "}" in full or attribute in ("href", "id"):
            continue
        elif attribute == "style":
            kept["style"] = _declarations(value)
        elif attribute in PLACES | STYLES and (safe := _value(value)) is not None:
            kept[attribute] = safe
    return {attribute: value for attribute, value in sorted(kept.items()) if value}


def _reference(name: str, target: str) -> str:
    """Return a reference within the picture, or a picture that it brings along; else nothing."""
    if name == "image":
        if not (found := PICTURE.fullmatch(target)):
            return ""
        try:
            content, media = encode(b64decode(found[1]))
        except (UnsetError, binascii.Error):
            return ""
        return f"data:{media};base64,{b64encode(content).decode()}"
    return target.strip() if NAME.fullmatch(target.strip()) else ""


@lru_cache(4096)  # a drawing of a thousand lines has a few styles
def _declarations(style: str) -> str:
    """Return those declarations of a style that are allowed."""
    kept = {
        found.lower_name: value
        for found in tinycss2.parse_blocks_contents(style, skip_comments=True)
        if found.type == "declaration" and found.lower_name in STYLES
        for value in [_value(tinycss2.serialize(found.value))]
        if value is not None
    }
    return "; ".join(f"{name}: {value}" for name, value in kept.items())


def _value(value: str) -> str | None:
    """Return a value that refers to nothing outside of the picture, else None."""
    if not re.search(r"[^\w\s.,;:%#+/-]", value):
        return value.strip()
    tokens = tinycss2.parse_component_value_list(value, skip_comments=True)
    return tinycss2.serialize(tokens).strip() if all(map(_harmless, tokens)) else None


def _harmless(token: tinycss2.ast.Node) -> bool:
    if token.type == "url":
        return bool(NAME.fullmatch(token.value))
    if token.type != "function":
        return token.type in (
            "ident", "number", "percentage", "dimension", "hash", "whitespace", "literal", "string",
        )  # fmt: skip
    if token.lower_name == "url":
        return all(part.type == "string" and NAME.fullmatch(part.value) for part in token.arguments)
    return token.lower_name in FUNCTIONS and all(map(_harmless, token.arguments))


def _limit_copies(root: Element) -> None:
    """Let what is copied hold no copies itself, so that a few lines can't become millions."""
    used = {element.get("href", "")[1:] for element in root.iter("use")}
    weight = {}
    for element in root.iter():
        if element.get("id") in used:
            for parent in list(element.iter()):
                for copy in parent.findall("use"):
                    parent.remove(copy)
            if element.tag == "use":
                element.attrib.pop("href", None)
            weight[element.get("id")] = sum(1 for _ in element.iter())
    drawn = sum(1 + weight.get(e.get("href", "")[1:], 0) for e in root.iter("use"))
    if drawn + sum(1 for _ in root.iter()) > MOST:
        raise UnsetError(f"it draws more than {MOST:,} elements")
