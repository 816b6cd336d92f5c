"""Markdown to HTML with pandoc, with everything removed that could be more than prose.

Raw HTML and raw TeX become text, images become their descriptions, and links keep only targets that
exist in the report or are web or mail addresses. The tree of a text is made safe before it is
written in any format: to write another format than HTML, begin with `tree` and end with `write`.
"""

import json
from collections.abc import Callable, Collection, Iterator
from copy import deepcopy
from string import punctuation
from typing import Any
from xml.etree.ElementTree import Element, tostring

from rnn.exhibits import formulas
from rnn.exhibits.characters import text_html, visible
from rnn.exhibits.pandoc import UnsetError, convert

# CommonMark, with the extensions that JupyterLab supports.
MARKDOWN = "commonmark+pipe_tables+strikeout+tex_math_dollars+smart"
# Most fonts set combining accents beside the letter, so browsers are given the spacing ones.
COMBINING = "\u0302\u0303\u0304\u0307\u0308\u0301\u0300\u030c\u0306\u030a\u20d6\u20db"
SPACING = str.maketrans(COMBINING, "ˆ˜¯˙¨´`ˇ˘˚←…")
LINES = {"¯": "overline", "_": "underline"}  # few fonts can stretch these
LONG = 40  # signs of a formula within a line; one that has more may be wider than a phone
SCROLLS = 'tabindex="0" role="group" aria-label'  # wide content scrolls, by keyboard too
ENTITIES = {ord(mark): f"&#{ord(mark)};" for mark in punctuation if mark not in ",."}


def plain(value: object) -> str:
    """Return a value escaped, as Markdown that shows it literally."""
    return visible(str(value)).translate(ENTITIES)


def to_html(
    markdown: str,
    anchors: Collection[str] | None = None,
    *,
    block: bool = False,
    prefix: str = "",
) -> str:
    """Return Markdown as HTML; the parameters are those of `tree`."""
    safe = tree(markdown, anchors, block=block, prefix=prefix)
    found = read_formulas(safe, strict=bool(prefix))
    return write(rewrite(safe, lambda node: _html(node, found)), "html", prefix)


def tree(
    markdown: str,
    anchors: Collection[str] | None = None,
    *,
    block: bool = False,
    prefix: str = "",
) -> dict[str, Any]:
    """Return pandoc's tree of Markdown, made safe.

    Parameters
    ----------
    markdown
        The source.
    anchors
        The anchors in the report that a link may lead to; None allows all.
    block
        Keep the paragraph around a text that is a single paragraph, instead of returning its
        contents.
    prefix
        What the names of footnotes begin with; without one, footnotes are not read.
    """
    dialect = MARKDOWN + "+footnotes" if prefix else MARKDOWN
    read = json.loads(convert(markdown, dialect, "json"))
    blocks = rewrite(read["blocks"], lambda node: _tame(node, anchors))
    if not block and len(blocks) == 1 and blocks[0]["t"] == "Para":
        blocks[0]["t"] = "Plain"
    return {**read, "blocks": blocks}


def write(safe: dict[str, Any], to: str, prefix: str = "") -> str:
    """Return a tree in a format that pandoc writes."""
    return convert(json.dumps(safe), "json", to, prefix).strip("\n")


def read_formulas(safe: dict[str, Any], *, strict: bool) -> dict[str, Element]:
    """Return the formulas of a tree by their TeX.

    Parameters
    ----------
    safe
        The tree.
    strict
        Refuse a formula that can't be set; else it is missing, to be shown as code.
    """
    every = list(dict.fromkeys(_formulas(safe["blocks"])))
    try:
        return {tex: math for (tex, _), math in zip(every, formulas.read(every), strict=True)}
    except UnsetError:
        if strict:
            raise
    found = {}
    for tex, display in every:
        try:
            (found[tex],) = formulas.read([(tex, display)])
        except UnsetError:
            continue
    return found


def check_formulas(markdown: str) -> None:
    """Refuse a formula that can't be set.

    Raises
    ------
    UnsetError
        Names it.
    """
    read_formulas(tree(markdown), strict=True)


def _formulas(node: Any) -> Iterator[tuple[str, bool]]:
    """Yield the formulas of a tree, and whether each stands on a line of its own."""
    if isinstance(node, list):
        for child in node:
            yield from _formulas(child)
    elif isinstance(node, dict):
        if node.get("t") == "Math":
            yield node["c"][1], node["c"][0]["t"] == "DisplayMath"
        else:
            yield from _formulas(list(node.values()))


def rewrite(node: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """Return a tree with `change` applied to each node, inner nodes first."""
    if isinstance(node, list):
        return [rewrite(child, change) for child in node]
    if not isinstance(node, dict):
        return node
    node = {name: rewrite(child, change) for name, child in node.items()}
    return change(node) if "t" in node else node


def raw(to: str, source: str, kind: str = "RawInline") -> dict[str, Any]:
    """Return a node that pandoc writes verbatim."""
    return {"t": kind, "c": [to, source]}


def span(*nodes: dict[str, Any]) -> dict[str, Any]:
    """Return a node that holds others."""
    return {"t": "Span", "c": [["", [], []], list(nodes)]}


def _tame(node: dict[str, Any], anchors: Collection[str] | None) -> dict[str, Any]:
    """Return a node made safe: nothing raw, no broken or unsafe link, nothing to load."""
    content: Any = node.get("c")
    match node["t"]:
        case "RawInline":
            return {"t": "Str", "c": content[1]}
        case "RawBlock":
            return {"t": "Para", "c": [{"t": "Str", "c": content[1]}]}
        case "Image":
            return span(*content[1])
        case "Header":  # the report's own headings are not set as prose
            return {"t": "Para", "c": [{"t": "Strong", "c": content[2]}]}
        case "Link" if not _leads_somewhere(content[2][0], anchors):
            return span(*content[1])
    return node


def _leads_somewhere(target: str, anchors: Collection[str] | None) -> bool:
    if target.startswith("#"):
        return anchors is None or target[1:] in anchors
    return target.startswith(("https://", "http://", "mailto:"))


def _html(node: dict[str, Any], found: dict[str, Element]) -> dict[str, Any]:
    """Prepare a node for HTML: every character of code is visible, and wide content scrolls."""
    match node:
        case {"t": "CodeBlock", "c": [_, code]}:
            shown = f'<pre {SCROLLS}="Code"><code>{text_html(code)}</code></pre>'
            return raw("html", shown, "RawBlock")
        case {"t": "Code", "c": [_, code]}:
            return raw("html", f"<code>{text_html(code)}</code>")
        case {"t": "Table"}:
            about = [["tabindex", "0"], ["role", "group"], ["aria-label", "Table"]]
            return {"t": "Div", "c": [["", ["scroll"], about], [node]]}
        case {"t": "Math", "c": [{"t": kind}, tex]}:
            if tex not in found:
                return raw("html", f"<code>{text_html(tex)}</code>")
            return raw("html", _math(found[tex], display=kind == "DisplayMath"))
    return node


def _math(math: Element, *, display: bool) -> str:
    """Return a formula in HTML; one on a line of its own scrolls, and so does a long one."""
    math = deepcopy(math)
    math.set("display", "block" if display else "inline")
    for element in math.iter():
        _draw(element)
    html = tostring(math, encoding="unicode", short_empty_elements=False)
    if display:
        return f'<span class="scroll" {SCROLLS}="Equation">{html}</span>'
    if len("".join("".join(math[0][0].itertext()).split())) > LONG:
        return f'<span class="long scroll" {SCROLLS}="Formula">{html}</span>'
    return html


def _draw(element: Element) -> None:
    """Draw accents where a browser would not, whatever its fonts."""
    if element.tag not in ("mover", "munder") or element[1].get("accent") != "true":
        return
    sign = element[1]
    if line := LINES.get(sign.text or ""):
        element.tag = "mrow"
        element.set("class", line)
        element.remove(sign)
    else:
        sign.text = (sign.text or "").translate(SPACING)
