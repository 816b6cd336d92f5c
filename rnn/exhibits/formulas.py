"""Formulas: TeX as MathML, by pandoc, mended where pandoc drops what was written.

The page shows this MathML and the paper sets the same, so that a formula is read only once. What
can't be read, or would lose something, is refused by name: no formula is shown as TeX in silence.
"""

import json
import re
from collections.abc import Sequence
from functools import cache
from xml.etree.ElementTree import Element, fromstring, tostring

from rnn.exhibits.pandoc import API, UnsetError, convert

# What pandoc reads and drops, or sets in the wrong place.
LOST = re.compile(
    r"(?<!^)\\displaystyle(?![A-Za-z])"
    r"|\\(?:textstyle|scriptstyle|scriptscriptstyle|tag\*?|ref|eqref|cite|color|SI|cline|multicolumn"
    r"|underrightarrow|underleftarrow|overleftrightarrow|cancel|bcancel|xcancel"
    r"|begin\{(?:aligned|gathered|alignedat|split)\}\[\w\])(?![A-Za-z])"
)
# Names that pandoc does not know, by others of the same look.
ALIASES = {
    r"\cfrac": r"\dfrac",
    r"\dbinom": r"\binom",
    r"\tbinom": r"\binom",
    r"\notag": r"\nonumber",
    r"\mathnormal": "",
    r"\begin{dcases}": r"\begin{cases}",
    r"\end{dcases}": r"\end{cases}",
}
ALIAS = re.compile("|".join(rf"{re.escape(name)}(?![A-Za-z])" for name in ALIASES))
TABLE = re.compile(
    r"\\(?:begin\{(\w*matrix|array|cases|align\w*|flalign|gather\w*|split|multline|eqnarray)\*?\}"
    r"|(substack)(?![A-Za-z]))(?:\s*\{([^{}]*)\})?"
)
LABEL = re.compile(r"\\label\s*\{[^{}]*\}")  # formulas have no numbers that a label could name
BARS = ("|", "∣", "∥", "‖")


def read(formulas: Sequence[tuple[str, bool]]) -> list[Element]:
    """Return formulas as MathML.

    Parameters
    ----------
    formulas
        Each as TeX, and whether it stands on a line of its own.

    Raises
    ------
    UnsetError
        Names the first formula that can't be set as it is meant.
    """
    return [fromstring(source) for source in _read(tuple(formulas))]  # noqa: S314  # pandoc's own


@cache
def _read(formulas: tuple[tuple[str, bool], ...]) -> list[str]:
    if not formulas:
        return []
    for tex, _ in formulas:
        if not tex.strip():
            raise unset(tex, "it is empty")
        if lost := LOST.search(tex.strip()):
            raise unset(tex, f"{lost[0]} is not supported")
    inlines = [
        [{"t": "Math", "c": [{"t": kind}, _known(tex)]}]
        for tex, display in formulas
        for kind in ["DisplayMath" if display else "InlineMath"]
    ]
    blocks = [{"t": "Div", "c": [["", ["f"], []], [{"t": "Plain", "c": c}]]} for c in inlines]
    tree = {"pandoc-api-version": API, "meta": {}, "blocks": blocks}
    parts = convert(json.dumps(tree), "json", "html").split('<div class="f">')[1:]
    mended = []
    for (tex, _), part in zip(formulas, parts, strict=True):
        found = re.search(r"<math.*</math>", part, re.DOTALL)
        if not found:
            raise unset(tex, "it is not in the TeX that reports know")
        source = re.sub(' xmlns="[^"]*"', "", found[0])
        mended.append(tostring(_mend(fromstring(source), tex), encoding="unicode"))  # noqa: S314
    return mended


def _known(tex: str) -> str:
    """Return TeX in the names that pandoc knows; a comma in braces is set without a blank."""
    known = ALIAS.sub(lambda name: ALIASES[name[0]], LABEL.sub("", tex))
    return known.replace("{,}", r"\text{,}")


def unset(tex: str, reason: str) -> UnsetError:
    """Return the error that refuses a formula by name."""
    one = " ".join(tex.split())
    shown = one if len(one) < 80 else one[:77] + "..."
    return UnsetError(f"the formula ${shown}$: {reason}", f"${tex}")


def _mend(math: Element, tex: str) -> Element:
    """Put in what pandoc has left out: rules, the sides of bars, the TeX as it was written."""
    (semantics,) = math
    body, annotation = semantics
    annotation.text = tex
    if tex.lstrip().startswith(r"\displaystyle"):  # pandoc drops it
        semantics[0] = body = _styled(body)
    if len(math.findall(".//mtable")) == len(found := list(TABLE.finditer(tex))):
        for table, one in zip(math.iter("mtable"), found, strict=True):
            table.set("class", one[1] or "substack")
            if one[1] == "array":
                _rule(table, one[3] or "", tex)
    if math.find(".//mtr[@class='over']") is None and re.search(r"\\hline(?![A-Za-z])", tex):
        _rows(math, tex)
    for row in [*math.iter("mrow"), *math.iter("mtd"), semantics]:
        _pair_bars([_core(child) for child in row if child is not annotation])
    for cell in body.iter("mtd"):  # a page has its styles in one place
        cell.attrib.pop("style", None)
        _add_class(cell, f"to-{cell.attrib.pop('columnalign', 'center')}")
    return math


def _styled(body: Element) -> Element:
    """Return a formula that is set as large as on a line of its own."""
    styled = Element("mstyle", {"displaystyle": "true"})
    styled.append(body)
    return styled


def _rule(table: Element, columns: str, tex: str) -> None:
    """Draw the upright rules of an array; its columns are written such as `c|cc`."""
    spec = re.sub(r"\s", "", columns)
    if not re.fullmatch(r"\|?[lcr](\|?[lcr])*\|?", spec):
        raise unset(tex, f"the columns {{{columns}}} are not supported")
    before = [bool(rule) for rule, _ in re.findall(r"(\|?)([lcr])", spec)]
    for row in table:
        for place, cell in enumerate(row):
            sides = ["left"] if place < len(before) and before[place] else []
            sides += ["right"] if place == len(before) - 1 and spec[-1] == "|" else []
            _add_class(cell, *sides)


def _rows(math: Element, tex: str) -> None:
    """Draw the level rules of a formula's arrays, which must hold no other tables."""
    arrays = [table for table in math.iter("mtable") if table.get("class") == "array"]
    bodies = re.findall(r"\\begin\{array\}\s*\{[^{}]*\}(.*?)\\end\{array\}", tex, re.DOTALL)
    if len(arrays) != len(bodies) or any(r"\begin" in body for body in bodies):
        raise unset(tex, r"\hline is supported in an array without another within it alone")
    for table, body in zip(arrays, bodies, strict=True):
        rows = re.split(r"\\\\(?:\s*\[[^\]]*\])?", body)
        for number, row in enumerate(rows):
            if not re.match(r"\s*\\hline(?![A-Za-z])", row):
                continue
            below = number >= len(table)
            for cell in table[-1 if below else number]:
                _add_class(cell, "below" if below else "above")


def _add_class(cell: Element, *names: str) -> None:
    if names:
        cell.set("class", " ".join([*cell.get("class", "").split(), *names]))


def _core(element: Element) -> Element:
    """Return what a script is set at."""
    while element.tag in ("msub", "msup", "msubsup") and len(element):
        element = element[0]
    return element


def _pair_bars(row: list[Element]) -> None:
    """Let bars that come in pairs be the sides of what is between them; others separate."""
    for sign in BARS:
        bars = [e for e in row if e.tag == "mo" and e.text == sign and e.get("form") != "infix"]
        if any(bar.get("stretchy") == "true" and not bar.get("minsize") for bar in bars):
            continue  # \left and \right have said it
        for first, last in zip(bars[::2], bars[1::2], strict=True) if len(bars) % 2 == 0 else ():
            first.set("form", "prefix")
            last.set("form", "postfix")
        for bar in bars if len(bars) % 2 else ():
            bar.set("form", "infix")
            bar.set("lspace", "0")
            bar.set("rspace", "0")
