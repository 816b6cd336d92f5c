"""Markdown to Typst, by pandoc: text as string literals, equations with alternative text."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Unpack
from xml.etree.ElementTree import Element

from rnn.exhibits.characters import visible
from rnn.exhibits.citations import Nodes
from rnn.exhibits.formulas import unset
from rnn.exhibits.pandoc import UnsetError
from rnn.exhibits.prose import How, raw, read_formulas, rewrite, tree, write
from rnn.report.paper.formulas import set_math
from rnn.report.paper.glyphs import LONGEST, glyphs, set_in_code, typst_string, typst_text

# Words without a meaning in Typst; all others become string literals.
WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*[,.;:!?]?")


def to_typst(markdown: str, anchors: Collection[str] | None = None, **how: Unpack[How]) -> str:
    """Return Markdown as Typst.

    The parameters are those of `rnn.exhibits.prose.tree`, with the names of the images' files as
    Typst strings.
    """
    safe = tree(markdown, anchors, **how)
    return tree_typst(safe, how.get("prefix", ""), how.get("images"))


def tree_typst(
    safe: dict[str, Any], prefix: str = "", images: Mapping[str, str] | None = None
) -> str:
    """Return a tree that was made safe as Typst."""
    found = read_formulas(safe, strict=bool(prefix))
    safe = safe | {"blocks": list(_pictures(safe["blocks"], prefix, images or {}))}
    return write(rewrite(safe, lambda node: _typst(node, found, images or {})), "typst", prefix)


def _pictures(blocks: Nodes, prefix: str, images: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield blocks; a picture that is a paragraph is placed as exhibits are."""
    for n, block in enumerate(blocks):
        match block:
            case {"t": "Para", "c": [{"t": "Image", "c": [alt, target]}]}:
                label = typst_string(f"{prefix}picture-{n}")
                shown = f'#noted("Figure", none, {label}, none, {_picture(alt, images[target])})'
                yield raw("typst", shown, "RawBlock")
            case _:
                yield block


def _picture(alt: str, file: str) -> str:
    return f"within-page({file}, {typst_string(visible(alt))})"


def _typst(
    node: dict[str, Any], found: dict[str, Element], images: Mapping[str, str]
) -> dict[str, Any] | Nodes:
    """Return a node for Typst: text that is not a plain word becomes a string literal."""
    match node:
        case {"t": "Div", "c": [about, blocks]} if ["dir", "rtl"] in about[2]:
            turned = raw("typst", "#set text(dir: rtl)", "RawBlock")
            wide = ["", [], [["typst:width", "100%"]]]
            return {"t": "Div", "c": [wide, [turned, *blocks]]}
        case {"t": "Image", "c": [alt, target]}:
            return raw("typst", f"#box({_picture(alt, images[target])});")
        case {"t": "Figure", "c": [[label, [kind], [[_, noun], [_, n]]], [_, [said]], blocks]}:
            opening = f'#noted("{noun}", {n}, {typst_string(label)}, ['
            body, breaks = ("put-out", "true") if kind == "tree" else ("", "false")
            caption = [raw("typst", opening), *said["c"], raw("typst", f"], {body}[")]
            closing = raw("typst", f"], breakable: {breaks})", "RawBlock")
            return [{"t": "Plain", "c": caption}, *blocks, closing]
        case {"t": "HorizontalRule"}:  # pandoc relies on its own template here
            return raw("typst", "#line(length: 100%)", "RawBlock")
        case {"t": "Str", "c": text} if not (WORD.fullmatch(text) and len(text) < LONGEST):
            parts = [f"#chars({typst_text(part)});" for part in text.split("\u00a0")]
            return raw("typst", "~".join(parts))  # ~ is a no-break space
        case {"t": "CodeBlock", "c": [_, code]}:  # Typst's own marks would trim it
            source = typst_string(set_in_code(code))
            return raw("typst", f"#raw(block: true, {source})", "RawBlock")
        case {"t": "Table", "c": [_, _, columns, *_]}:
            begin, end = f"#fitted({len(columns)})[", "]"
            around = [raw("typst", piece, "RawBlock") for piece in (begin, end)]
            return {"t": "Div", "c": [["", [], []], [around[0], node, around[1]]]}
        case {"t": "Code", "c": [about, code]}:
            return {"t": "Code", "c": [about, set_in_code(code)]}
        case {"t": "Math", "c": [_, tex]} if tex not in found or not _has_glyphs(tex):
            return {"t": "Code", "c": [["", [], []], set_in_code(tex)]}
        case {"t": "Math", "c": [{"t": kind}, tex]}:
            return raw("typst", _equation(found[tex], tex, display=kind == "DisplayMath"))
    return node


def _has_glyphs(tex: str) -> bool:
    line = tex.replace("\n", " ")
    return visible(line) == line and glyphs().issuperset(line)


def _equation(math: Element, tex: str, *, display: bool) -> str:
    """Return a formula in Typst, with its TeX as the words that PDF/UA asks for."""
    try:
        inner = set_math(math)
    except UnsetError as error:
        raise unset(tex, str(error)) from None
    space = " " if display else ""
    return f"#formula({typst_string(' '.join(tex.split()))})[${space}{inner}{space}$];"
