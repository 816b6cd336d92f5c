"""Markdown to HTML with pandoc, with everything removed that could be more than prose.

Raw HTML and raw TeX become text, images become their descriptions, and links keep only targets that
exist in the report or are web or mail addresses. The tree of a text is made safe before it is
written in any format: to write another format than HTML, begin with `tree` and end with `write`.
"""

import json
from collections.abc import Callable, Collection
from functools import cache
from string import punctuation
from typing import Any

import pypandoc

from rnn.exhibits.characters import text_html, visible

# CommonMark, with the extensions that JupyterLab supports.
MARKDOWN = "commonmark+pipe_tables+strikeout+tex_math_dollars+smart"
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
    return write(rewrite(safe, _html), "html", prefix)


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
    read = json.loads(_pandoc(markdown, dialect, "json"))
    blocks = rewrite(read["blocks"], lambda node: _tame(node, anchors))
    if not block and len(blocks) == 1 and blocks[0]["t"] == "Para":
        blocks[0]["t"] = "Plain"
    return {**read, "blocks": blocks}


def write(safe: dict[str, Any], to: str, prefix: str = "") -> str:
    """Return a tree in a format that pandoc writes."""
    return _pandoc(json.dumps(safe), "json", to, prefix).strip()


@cache
def _pandoc(source: str, reader: str, writer: str, prefix: str = "") -> str:
    return str(
        pypandoc.convert_text(
            source,
            writer,
            reader,
            extra_args=[
                "--mathml",
                "--wrap=preserve",
                "--syntax-highlighting=none",
                f"--id-prefix={prefix}",
            ],
            verify_format=False,
        )
    )


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


def _html(node: dict[str, Any]) -> dict[str, Any]:
    """Prepare a node for HTML: every character of code is visible, and wide content scrolls."""
    match node:
        case {"t": "CodeBlock", "c": [_, code]}:
            shown = f'<pre {SCROLLS}="Code"><code>{text_html(code)}</code></pre>'
            return raw("html", shown, "RawBlock")
        case {"t": "Code", "c": [_, code]}:
            return raw("html", f"<code>{text_html(code)}</code>")
        case {"t": "Math", "c": [{"t": "DisplayMath"}, _]}:
            start = raw("html", f'<span class="scroll" {SCROLLS}="Equation">')
            return span(start, node, raw("html", "</span>"))
    return node
