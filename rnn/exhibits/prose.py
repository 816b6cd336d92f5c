"""Markdown to HTML with pandoc, with everything removed that could be more than prose.

Raw HTML and raw TeX become text, images become their descriptions unless the caller has them, and
links keep only targets that exist in the report or are web or mail addresses. The tree of a text is
made safe before it is written in any format: to write another format than HTML, begin with `tree`
and end with `write`.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from html import escape
from string import punctuation
from typing import Any, TypedDict, Unpack
from xml.etree.ElementTree import Element, tostring

from rnn.exhibits import captioned, formulas
from rnn.exhibits.blocks import with_formulas_in_dollars
from rnn.exhibits.characters import direction, text_html, visible
from rnn.exhibits.citations import Nodes, find, link, replace, shield
from rnn.exhibits.drawn import draw
from rnn.exhibits.pandoc import API, UnsetError, convert

# CommonMark, with the extensions that JupyterLab supports.
MARKDOWN = "commonmark+pipe_tables+strikeout+tex_math_dollars+smart"
NOTES = "+footnotes+gfm_auto_identifiers"  # headings can be linked to, by GitHub's names
LONG = 40  # signs of a formula within a line; one that has more may be wider than a phone
STRAY = re.compile(r"\$\$|\\(?:begin|end)\{\w+\*?\}")
SCROLLS = 'tabindex="0" role="group" aria-label'  # wide content scrolls, by keyboard too
NAMELESS = "An image"  # without a description
Exhibits = Sequence[Mapping[str, Any]]
ENTITIES = {ord(mark): f"&#{ord(mark)};" for mark in punctuation if mark not in ",."}


def plain(value: object) -> str:
    """Return a value escaped, as Markdown that shows it literally."""
    return visible(str(value)).translate(ENTITIES)


def as_code(value: object) -> str:
    """Return a value as Markdown that shows it as code, if it can be shown so.

    >>> as_code("my_student.py")
    '`my_student.py`'
    """
    shown = visible(str(value))
    return plain(value) if "`" in shown else f"`{shown}`"


class How(TypedDict, total=False):
    """The keyword arguments of `tree`."""

    block: bool
    prefix: str
    images: Mapping[str, str]
    citations: Mapping[str, Nodes]
    exhibits: Exhibits
    named: Mapping[str, str] | None


def to_html(markdown: str, anchors: Collection[str] | None = None, **how: Unpack[How]) -> str:
    """Return Markdown as HTML; the parameters are those of `tree`, with images as `data:` URIs."""
    safe = tree(markdown, anchors, **how)
    return tree_html(safe, how.get("prefix", ""), how.get("images"))


def tree_html(
    safe: dict[str, Any], prefix: str = "", images: Mapping[str, str] | None = None
) -> str:
    """Return a tree that was made safe as HTML."""
    found = read_formulas(safe, strict=bool(prefix))
    return write(rewrite(safe, lambda node: _html(node, found, images or {})), "html", prefix)


def tree(
    markdown: str,
    anchors: Collection[str] | None = None,
    *,
    block: bool = False,
    prefix: str = "",
    images: Mapping[str, str] | None = None,
    citations: Mapping[str, Nodes] | None = None,
    exhibits: Exhibits = (),
    named: Mapping[str, str] | None = None,
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
        What the names of footnotes and headings begin with; without one, footnotes and captions
        are not read, and headings have no names.
    images
        What is shown for the images, by their targets; others become their descriptions.
    citations
        What is shown for the citations, by their sources; without any, they are text.
    exhibits
        The pictures and tables with a caption, numbered, in the order of `exhibits_in`.
    named
        The anchors of works by the names that cite them; see `rnn.exhibits.citations.link`.
    """
    read = _read(shield(markdown) if citations else markdown, prefix)
    if citations:
        read["blocks"] = replace(read["blocks"], citations)
    read["blocks"] = link(read["blocks"], named or {})
    own = {node["c"][1][0]: "" for node in _nodes(read["blocks"], "Header")}
    own = {name: f"{prefix}h-{name}" for name in own if name and name not in (anchors or ())}
    blocks = rewrite(read["blocks"], lambda node: tame(node, anchors, own, images or {}))
    captioned.number(blocks, exhibits)
    if not block and len(blocks) == 1 and blocks[0]["t"] == "Para":
        blocks[0]["t"] = "Plain"
    return {**read, "blocks": [_directed(one) for one in blocks]}


def _read(markdown: str, prefix: str) -> dict[str, Any]:
    """Return pandoc's tree of Markdown as it is."""
    dialect = MARKDOWN + NOTES if prefix else MARKDOWN
    source = with_formulas_in_dollars(markdown)
    read: dict[str, Any] = json.loads(convert(source, dialect, "json"))
    if prefix:
        read["blocks"] = captioned.gather(read["blocks"], lambda text: _read(text, "")["blocks"])
    return read


def safe_blocks(blocks: Nodes) -> dict[str, Any]:
    """Return blocks of pandoc's as a tree that is made safe."""
    safe = rewrite(blocks, lambda node: tame(node, ()))
    return {"pandoc-api-version": API, "meta": {}, "blocks": [_directed(one) for one in safe]}


def images_in(markdown: str) -> list[tuple[str, str]]:
    """Return the targets of a text's images, each with its description."""
    nodes = [node["c"] for node in _nodes(_read(markdown, "x")["blocks"], "Image")]
    return [(target, words(inlines).strip()) for _, inlines, (target, _) in nodes]


def lost_captions(markdown: str) -> list[str]:
    """Return the targets of a text's images whose titles are the captions of no figures."""
    nodes = (node["c"] for node in _nodes(_read(markdown, "x")["blocks"], "Image"))
    return [target for _, _, (target, title) in nodes if title.strip()]


def exhibits_in(markdown: str, prefix: str, images: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return a text's pictures and tables that have a caption, described as other exhibits are.

    Parameters
    ----------
    markdown
        The source.
    prefix
        What their labels begin with.
    images
        The targets of the images that are shown.
    """
    kinds = list(captioned.kinds(_read(markdown, "x")["blocks"], images))
    named = zip(kinds, captioned.labels(prefix, kinds), strict=True)
    return [{"kind": kind, "label": label, "caption": "", "part": None} for kind, label in named]


def stray_tex(markdown: str) -> list[str]:
    """Return what looks like the start or end of a formula in a text, and is in none."""
    nodes = _nodes(_read(markdown, "x")["blocks"], "Str")
    return [found for node in nodes for found in STRAY.findall(node["c"])]


def citations_in(markdown: str) -> list[str]:
    """Return the sources of a text's citations."""
    return find(_read(shield(markdown), "x")["blocks"])


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
    nodes = [node["c"] for node in _nodes(safe["blocks"], "Math")]
    every = list(dict.fromkeys((tex, kind["t"] == "DisplayMath") for kind, tex in nodes))
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


def _nodes(tree: Any, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the nodes of a kind in a tree."""
    if isinstance(tree, list):
        for child in tree:
            yield from _nodes(child, kind)
    elif isinstance(tree, dict):
        if tree.get("t") == kind:
            yield tree
        yield from _nodes(list(tree.values()), kind)


def rewrite(node: Any, change: Callable[[dict[str, Any]], dict[str, Any] | Nodes]) -> Any:
    """Return a tree with `change` applied to each node, inner nodes first.

    Several nodes may take the place of one in a list.
    """
    if isinstance(node, list):
        made: list[Any] = []
        for child in node:
            new = rewrite(child, change)
            made += new if isinstance(child, dict) and isinstance(new, list) else [new]
        return made
    if not isinstance(node, dict):
        return node
    node = {name: rewrite(child, change) for name, child in node.items()}
    return change(node) if "t" in node else node


def words(part: Any) -> str:
    """Return what can be read in a tree, or a part of one, without its marks."""
    if isinstance(part, list):
        return "".join(map(words, part))
    match part:
        case {"t": "Space" | "SoftBreak" | "LineBreak"}:
            return " "
        case {"t": "Str", "c": text}:
            return str(text)
        case {"t": "Code" | "CodeBlock" | "Math" | "RawInline", "c": [_, text]}:
            return str(text)
        case {"t": "Quoted", "c": [{"t": kind}, content]}:
            return f"“{words(content)}”" if kind == "DoubleQuote" else f"‘{words(content)}’"
        case {"t": _, "c": content}:
            return words(content)
    return ""


def raw(to: str, source: str, kind: str = "RawInline") -> dict[str, Any]:
    """Return a node that pandoc writes verbatim."""
    return {"t": kind, "c": [to, source]}


def span(*nodes: dict[str, Any], name: str = "") -> dict[str, Any]:
    """Return a node that holds others."""
    return {"t": "Span", "c": [[name, [], []], list(nodes)]}


def tame(
    node: dict[str, Any],
    anchors: Collection[str] | None,
    own: Mapping[str, str] | None = None,
    images: Collection[str] = (),
) -> dict[str, Any]:
    """Return a node made safe: nothing raw, no broken or unsafe link, nothing to load."""
    content: Any = node.get("c")
    match node["t"]:
        case "RawInline":
            return {"t": "Str", "c": content[1]}
        case "RawBlock":
            return {"t": "Para", "c": [{"t": "Str", "c": content[1]}]}
        case "Image" if content[2][0] not in images:
            return span(*content[1])
        case "Image":  # its words, before any writer makes something else of them
            return {"t": "Image", "c": [words(content[1]) or NAMELESS, content[2][0]]}
        case "Figure" if content[0][1] == ["image"] and content[2][0]["c"][0]["t"] != "Image":
            described, (said,) = content[2][0]["c"], content[1][1]  # it is left out
            return {"t": "Para", "c": [*described, {"t": "Space"}, *said["c"]]}
        case "ColWidth":  # by the dashes of the source, which say nothing of what a column needs
            return {"t": "ColWidthDefault"}
        case "Header":  # the report's own headings are not set as prose
            strong = {"t": "Strong", "c": content[2]}
            name = own.get(content[1][0]) if own else None
            return {"t": "Para", "c": [span(strong, name=name) if name else strong]}
        case "Link" if (name := (own or {}).get(content[2][0].removeprefix("#"))) and (
            content[2][0].startswith("#")
        ):
            return {"t": "Link", "c": [content[0], content[1], [f"#{name}", ""]]}
        case "Link" if not _leads_somewhere(content[2][0], anchors):
            return span(*content[1])
    return node


def _directed(block: dict[str, Any]) -> dict[str, Any]:
    """Return a block that runs as its first letter does."""
    if direction(words(block)) == "ltr":
        return block
    return {"t": "Div", "c": [["", [], [["dir", "rtl"]]], [block]]}


def _leads_somewhere(target: str, anchors: Collection[str] | None) -> bool:
    if target.startswith("#"):
        return anchors is None or target[1:] in anchors
    return target.startswith(("https://", "http://", "mailto:"))


def _html(
    node: dict[str, Any], found: dict[str, Element], images: Mapping[str, str]
) -> dict[str, Any] | Nodes:
    """Prepare a node for HTML: every character of code is visible, and wide content scrolls."""
    match node:
        case {"t": "Link", "c": [_, inlines, [target, _]]} if target.startswith("#"):
            # Pandoc would put the prefix of footnotes before each target and name.
            return span(raw("html", f'<a href="{escape(target)}">'), *inlines, raw("html", "</a>"))
        case {"t": "Span", "c": [[name, _, _], inlines]} if name:
            start = raw("html", f'<span id="{escape(name)}">')
            return span(start, *inlines, raw("html", "</span>"))
        case {"t": "Image", "c": [alt, target]}:
            return raw("html", f'<img alt="{escape(visible(alt))}" src="{images[target]}">')
        case {"t": "Figure", "c": [[label, [kind], [[_, noun], [_, n]]], [_, [said]], blocks]}:
            look = "picture" if kind == "image" else "prose put-out"
            named = f'<figcaption><a class="name" href="#{label}">{noun} {n}</a> '
            caption = [raw("html", named), *said["c"], raw("html", "</figcaption>")]
            return [
                raw("html", f'<figure class="{kind}" id="{label}">', "RawBlock"),
                {"t": "Div", "c": [["", look.split(), []], blocks]},
                {"t": "Plain", "c": caption},
                raw("html", "</figure>", "RawBlock"),
            ]
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
        draw(element)
    html = tostring(math, encoding="unicode", short_empty_elements=False)
    if display:
        return f'<span class="scroll" {SCROLLS}="Equation">{html}</span>'
    if len("".join("".join(math[0][0].itertext()).split())) > LONG:
        return f'<span class="long scroll" {SCROLLS}="Formula">{html}</span>'
    return html
