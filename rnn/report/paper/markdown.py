"""Markdown to Typst, by pandoc: text as string literals, equations with alternative text."""

import re
from collections.abc import Collection
from typing import Any

from rnn.exhibits.prose import raw, rewrite, span, tree, write
from rnn.report.paper.glyphs import LONGEST, glyphs, set_in_code, typst_string, typst_text

# Words without a meaning in Typst; all others become string literals.
WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*[,.;:!?]?")
EQUATION = re.compile(r"(?<=\)\[)\$.+?\$(?=\];)", re.DOTALL)


def to_typst(
    markdown: str,
    anchors: Collection[str] | None = None,
    *,
    block: bool = False,
    prefix: str = "",
) -> str:
    """Return Markdown as Typst; the parameters are those of `rnn.exhibits.prose.tree`."""
    safe = tree(markdown, anchors, block=block, prefix=prefix)
    return EQUATION.sub(_rename, write(rewrite(safe, _typst), "typst", prefix))


def _rename(equation: re.Match[str]) -> str:
    """Return an equation with pandoc's outdated names of symbols replaced by current ones."""
    newer = re.sub(r"\b(dot|minus|times)\.circle\b", r"\1.o", equation[0])
    return re.sub(r"\bsect\b", "inter", newer)


def _typst(node: dict[str, Any]) -> dict[str, Any]:
    """Return a node for Typst: text that is not a plain word becomes a string literal."""
    match node:
        case {"t": "HorizontalRule"}:  # pandoc relies on its own template here
            return raw("typst", "#line(length: 100%)", "RawBlock")
        case {"t": "Str", "c": text} if not (WORD.fullmatch(text) and len(text) < LONGEST):
            parts = [f"#chars({typst_text(part)});" for part in text.split("\u00a0")]
            return raw("typst", "~".join(parts))  # ~ is a no-break space
        case {"t": "Code" | "CodeBlock" as kind, "c": [about, code]}:
            return {"t": kind, "c": [about, set_in_code(code)]}
        case {"t": "Math", "c": [_, tex]} if not glyphs().issuperset(tex.replace("\n", " ")):
            return {"t": "Code", "c": [["", [], []], set_in_code(tex)]}
        case {"t": "Math", "c": [_, tex]}:  # PDF/UA requires alternative text: the TeX
            words = typst_string(" ".join(tex.split()))
            return span(raw("typst", f"#equation({words})["), node, raw("typst", "];"))
    return node
