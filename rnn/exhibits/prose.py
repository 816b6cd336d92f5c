"""Markdown to HTML and to Typst, by pandoc, with nothing in it that could be more than prose.

Raw HTML, raw TeX and raw Typst become text, images their description, and links keep only
targets that exist in the report or open a web page.
"""

import json
import re
from collections.abc import Collection
from functools import cache
from string import punctuation
from typing import Any, Literal

import pypandoc

from rnn.exhibits.characters import text_html, visible
from rnn.report.paper.glyphs import LONGEST, glyphs, set_in_code, typst_string, typst_text

# CommonMark, as JupyterLab reads it, with the extensions that JupyterLab has too.
MARKDOWN = "commonmark+pipe_tables+strikeout+tex_math_dollars+smart"
# Words that mean nothing to Typst; all others reach it as string literals.
WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*[,.;:!?]?")
EQUATION = re.compile(r"(?<=\)\[)\$.+?\$(?=\];)", re.DOTALL)
SCROLLS = 'tabindex="0" role="group" aria-label'  # what is too wide scrolls, by keyboard too
ENTITIES = {ord(mark): f"&#{ord(mark)};" for mark in punctuation if mark not in ",."}


def plain(value: object) -> str:
    """Return a value as Markdown that shows it as it is, whatever it holds."""
    return visible(str(value)).translate(ENTITIES)


def convert(
    markdown: str,
    to: Literal["html", "typst"],
    anchors: Collection[str] | None = None,
    *,
    block: bool = False,
    prefix: str = "",
) -> str:
    """Set Markdown as HTML or Typst.

    Parameters
    ----------
    markdown
        The source.
    anchors
        The places in the report that a link may lead to; None lets every one pass.
    block
        Keep the paragraph of a text that is but one, rather than return what is in it.
    prefix
        What the names of footnotes begin with; without it, there are no footnotes.
    """
    document = read(markdown, MARKDOWN + "+footnotes" if prefix else MARKDOWN)
    blocks = [tame(block, to, anchors) for block in document["blocks"]]
    if not block and len(blocks) == 1 and blocks[0]["t"] == "Para":
        blocks[0]["t"] = "Plain"
    return EQUATION.sub(
        _rename, _pandoc(json.dumps({**document, "blocks": blocks}), "json", to, prefix)
    ).strip()


def _rename(equation: re.Match[str]) -> str:
    """Return an equation with the names that Typst has now for what pandoc calls by older ones."""
    newer = re.sub(r"\b(dot|minus|times)\.circle\b", r"\1.o", equation[0])
    return re.sub(r"\bsect\b", "inter", newer)


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


def read(markdown: str, dialect: str = MARKDOWN) -> dict[str, Any]:
    """Read Markdown into pandoc's tree."""
    tree: dict[str, Any] = json.loads(_pandoc(markdown, dialect, "json"))
    return tree


def tame(node: Any, to: str, anchors: Collection[str] | None) -> Any:
    """Return a node of the tree in which nothing is raw, leads astray or loads anything."""
    if isinstance(node, list):
        return [tame(child, to, anchors) for child in node]
    if not isinstance(node, dict):
        return node
    kind, content = node.get("t"), tame(node.get("c"), to, anchors)
    match kind:
        case "RawInline":
            return tame({"t": "Str", "c": content[1]}, to, anchors)
        case "RawBlock":
            return {"t": "Para", "c": [tame({"t": "Str", "c": content[1]}, to, anchors)]}
        case "Image":
            return {"t": "Span", "c": [["", [], []], content[1]]}
        case "Header":  # headings proper are cells of their own; see document.py
            return {"t": "Para", "c": [{"t": "Strong", "c": content[2]}]}
        case "Link" if not _leads_somewhere(content[2][0], anchors):
            return {"t": "Span", "c": [["", [], []], content[1]]}
        case "HorizontalRule" if to == "typst":  # pandoc's own template would define it
            return _raw(to, "#line(length: 100%)", "RawBlock")
        case "CodeBlock" if to == "html":
            code = text_html(content[1])
            return _raw(to, f'<pre {SCROLLS}="Code"><code>{code}</code></pre>', "RawBlock")
        case "Str" if to == "typst" and not (WORD.fullmatch(content) and len(content) < LONGEST):
            parts = [f"#chars({typst_text(part)});" for part in content.split("\u00a0")]
            return _raw(to, "~".join(parts))  # a blank where no line may end
        case "Code" | "CodeBlock":
            return {"t": kind, "c": [content[0], set_in_code(content[1])]}
        case "Math" if to == "typst" and not glyphs().issuperset(content[1].replace("\n", " ")):
            return {"t": "Code", "c": [["", [], []], set_in_code(content[1])]}
        case "Math" if to == "typst":  # PDF/UA asks for words: the equation's TeX is what we have
            words = typst_string(" ".join(content[1].split()))
            return _between(f"#equation({words})[", {**node, "c": content}, "];", to)
        case "Math" if content[0]["t"] == "DisplayMath":
            start = f'<span class="scroll" {SCROLLS}="Equation">'
            return _between(start, {**node, "c": content}, "</span>", to)
    return {**node, "c": content} if "c" in node else node


def _raw(to: str, source: str, kind: str = "RawInline") -> dict[str, Any]:
    return {"t": kind, "c": [to, source]}


def _between(start: str, node: dict[str, Any], end: str, to: str) -> dict[str, Any]:
    return {"t": "Span", "c": [["", [], []], [_raw(to, start), node, _raw(to, end)]]}


def _leads_somewhere(target: str, anchors: Collection[str] | None) -> bool:
    if target.startswith("#"):
        return anchors is None or target[1:] in anchors
    return target.startswith(("https://", "http://", "mailto:"))
