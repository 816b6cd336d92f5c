"""MathML in Typst's math: each name by its full path, so that nothing of the template hides it."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from rnn.exhibits.formulas import BARS
from rnn.exhibits.pandoc import UnsetError
from rnn.report.paper.glyphs import typst_string

ACCENTS = {
    "¯": "overline", "‾": "accent:\u0304", "_": "underline", "⏞": "overbrace", "⏟": "underbrace",
    "⏜": "overparen", "⏝": "underparen", "→": "accent:\u2192", "⃗": "accent:\u2192",
    "⃖": "accent:\u2190", "⃡": "accent:\u2194",
}  # fmt: skip
# Big operators, whose scripts Typst would set by itself above and below them.
BIG = frozenset("∑∏∐⋃⋂⨁⨂⨀⨆⨄⋁⋀∫∬∭∮∯")
APPLY = "\u2061"
PAIRED = ("alignat", "alignedat", "align", "aligned", "flalign", "split", "eqnarray")
CLASSES = {"prefix": "opening", "postfix": "closing", "infix": "normal"}


def set_math(math: Element) -> str:
    """Return a formula in Typst, without its dollars."""
    return _row([math[0][0]])


def _call(name: str, *arguments: str) -> str:
    return f"std.math.{name}({', '.join(arguments)})"


def _row(elements: Iterable[Element]) -> str:
    return " ".join(filter(None, map(_set, elements))) or '""'


def _signs(text: str) -> str:
    """Return characters, each as a sign of Typst's math."""
    return " ".join(f"\\u{{{ord(c):x}}}" for c in text)


def _set(element: Element) -> str:
    """Return an element and all within it."""
    text = (element.text or "").strip(" \n") if element.tag != "mtext" else element.text or ""
    parts = list(element)
    match element.tag:
        case "mrow":
            return _fenced(parts)
        case "mstyle":
            style = "display" if element.get("displaystyle") == "true" else "inline"
            return _call(style, _row(parts))
        case "mi" if len(text) == 1:
            upright = element.get("mathvariant") == "normal" and text.isalpha()
            return _call("upright", _signs(text)) if upright else _signs(text)
        case "mi":
            return _call("op", typst_string(text))
        case "mn" if text.isascii():
            return typst_string(text) if len(text) > 1 else _signs(text)
        case "mn":
            return _signs(text)
        case "mtext":
            return typst_string(text) if text else ""
        case "mo":
            return _operator(element, text)
        case "mspace":
            return f"#h({float((element.get('width') or '0em').removesuffix('em'))}em);"
        case "mfrac" if element.get("linethickness") == "0":
            return _call("mat", "delim: #none", f"{_set(parts[0])}; {_set(parts[1])}")
        case "mfrac":
            return _call("frac", _set(parts[0]), _set(parts[1]))
        case "msqrt":
            return _call("sqrt", _row(parts))
        case "mroot":
            return _call("root", _set(parts[1]), _set(parts[0]))
        case "msub" | "msup" | "msubsup" | "munder" | "mover" | "munderover":
            return _scripts(element.tag, parts)
        case "mtable":
            return _table(element)
        case "mphantom":
            return f"#hide(${_row(parts)}$);"
        case "menclose" if element.get("notation") == "box":
            inner = f"$std.math.display({_row(parts)})$"
            return f"#h(3pt);#box(stroke: .5pt, outset: 3pt, {inner});#h(3pt);"
    raise UnsetError(f"the PDF has no {element.tag}")


def _operator(element: Element, text: str) -> str:
    if text == APPLY or not text:
        return ""
    if text.isalnum():
        return _call("class", '"relation"', typst_string(text))
    signs = _signs(text)
    if text in BARS or element.get("form") in ("prefix", "postfix"):
        kind = CLASSES.get(element.get("form") or "", "relation")
        if percent := element.get("minsize"):
            size = float(percent.removesuffix("%")) / 100
            signs = _call("lr", f"size: #{size}em", signs)
        return _call("class", typst_string(kind), signs)
    return signs if len(text) == 1 else _call("class", '"relation"', signs)


def _fenced(parts: list[Element]) -> str:
    r"""Return a row; what \left and \right enclose is as high as they are."""

    def stretches(element: Element) -> bool:
        wide = element.get("stretchy") == "true" and not element.get("minsize")
        return element.tag == "mo" and wide

    if not parts or not any(map(stretches, parts)):
        return _row(parts)
    if (
        len(parts) == 3
        and (parts[0].text, parts[2].text) == ("(", ")")
        and parts[1].get("linethickness") == "0"
    ):
        return _call("binom", _set(parts[1][0]), _set(parts[1][1]))
    inner = []
    for part in parts:
        if not stretches(part):
            inner.append(_set(part))
        elif part.get("form") == "infix":
            inner.append(_call("mid", _signs(part.text or "")))
        else:
            kind = "opening" if part.get("form") == "prefix" else "closing"
            inner.append(_call("class", f'"{kind}"', _signs(part.text or "")))
    return _call("lr", " ".join(inner))


def _scripts(kind: str, parts: list[Element]) -> str:
    """Return something with what stands at its corners, or above and below it."""
    base, *rest = parts
    if kind in ("munder", "mover") and rest[0].get("accent") == "true":
        sign = rest[0].text or ""
        name, _, mark = ACCENTS.get(sign, f"accent:{sign}").partition(":")
        return _call(name, _set(base), *([_signs(mark)] if mark else []))
    places = {
        "msub": "b", "msup": "t", "msubsup": "bt", "munder": "b", "mover": "t", "munderover": "bt",
    }[kind]  # fmt: skip
    if kind == "msup" and rest[0].tag == "mo" and set(rest[0].text or "") <= set("′″‴⁗"):
        places = ("tr",)  # type: ignore[assignment]  # a prime stands where it does in TeX
    inner = _set(base)
    if kind.startswith("munder") or kind == "mover":
        sign = base.text or ""
        if base.tag == "mo" and sign in "→←↔⇒⇐⇔↦" and sign:
            inner = _call("stretch", inner, "size: #(100% + 1em)")
        inner = _call("limits", inner)
    elif base.tag == "mo" and (base.text or "") in BIG:
        inner = _call("scripts", inner)
    marks = [f"{place}: {_set(mark)}" for place, mark in zip(places, rest, strict=True)]
    return _call("attach", inner, *marks)


def _table(table: Element) -> str:
    """Return a table, with its columns to their sides and its rules."""
    kind = table.get("class", "")
    sides = [
        [next(s for s in ("left", "right", "center") if f"to-{s}" in cell.get("class", "").split())
         for cell in row]
        for row in table
    ]  # fmt: skip
    width = max(map(len, table), default=0)
    paired = kind in PAIRED or all(
        side == ("right", "left")[place % 2] for row in sides for place, side in enumerate(row)
    )
    lines = []
    for row, places in zip(table, sides, strict=True):
        if paired:
            halves = [_call("display", _row(cell)) for cell in row]
            step = 3 if kind == "eqnarray" else 2
            groups = [halves[i : i + step] for i in range(0, len(halves), step)]
            lines.append(", ".join(" & ".join(group) for group in groups))
            continue
        cells = [
            {"right": f"{inner} &", "left": f"& {inner}"}.get(place, inner)
            for cell, place in zip(row, places, strict=True)
            for inner in [_row(cell) if kind != "gathered" else _call("display", _row(cell))]
        ]
        lines.append(", ".join(cells + ['""'] * (width - len(cells))))
    gaps = "column-gap: #2em, row-gap: #.7em" if paired else "column-gap: #1em, row-gap: #.45em"
    if kind in ("smallmatrix", "substack"):
        gaps = "column-gap: #.5em, row-gap: #.25em"
    made = ["delim: #none", gaps, *_rules(table)]
    return _call("mat", *made, "; ".join(lines))


def _rules(table: Element) -> list[str]:
    """Return the rules of an array as Typst has them; those outside of it are numbered too."""
    cells = [(y, x, set(cell.get("class", "").split())) for y, row in enumerate(table)
             for x, cell in enumerate(row)]  # fmt: skip
    upright = {x for _, x, rules in cells if "left" in rules}
    upright |= {x + 1 for _, x, rules in cells if "right" in rules}
    level = {y for y, _, rules in cells if "above" in rules}
    level |= {y + 1 for y, _, rules in cells if "below" in rules}
    if not upright | level:
        return []
    lists = [f"({''.join(f'{n}, ' for n in sorted(some))})" for some in (level, upright)]
    return [f"augment: #(hline: {lists[0]}, vline: {lists[1]}, stroke: .5pt)"]
