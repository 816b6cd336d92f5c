"""LaTeX that a cell put out, as a tree: its formulas, and the words around them as they are."""

import re
from typing import Any

from rnn.exhibits.characters import visible
from rnn.exhibits.pandoc import API, UnsetError
from rnn.exhibits.prose import read_formulas

BLOCK = re.compile(r"\$\$(.*?)\$\$|\\\[(.*?)\\\]|(\\begin\{(\w+\*?)\}.*?\\end\{\4\})", re.DOTALL)
INLINE = re.compile(r"(?<!\\)\$([^$]+)\$|\\\((.*?)\\\)", re.DOTALL)
# What SymPy and IPython's Math say, which JupyterLab sets on a line of its own.
WHOLE = re.compile(r"\s*\$\\displaystyle\s*([^$]*)\$\s*")


COMMAND = re.compile(r"\\[A-Za-z]+")


def is_set(source: str) -> bool:
    """Tell whether LaTeX is formulas and words alone, and not a table or a listing."""
    tree = read(source)
    try:
        read_formulas(tree, strict=True)
    except UnsetError:
        return False
    return not COMMAND.search(INLINE.sub("", BLOCK.sub("", source)))


def read(source: str) -> dict[str, Any]:
    """Return LaTeX as pandoc's tree."""
    blocks: list[dict[str, Any]] = []
    at = 0
    if whole := WHOLE.fullmatch(source):
        source = f"$${whole[1]}$$"
    for found in BLOCK.finditer(source):
        blocks += _words(source[at : found.start()])
        blocks += _paragraph([_math("DisplayMath", found[1] or found[2] or found[3] or "")])
        at = found.end()
    blocks += _words(source[at:])
    return {"pandoc-api-version": API, "meta": {}, "blocks": blocks}


def _words(text: str) -> list[dict[str, Any]]:
    """Return words as paragraphs, with formulas within them."""
    blocks = []
    for paragraph in re.split(r"\n\s*\n", text):
        nodes: list[dict[str, Any]] = []
        at = 0
        for found in INLINE.finditer(paragraph):
            nodes += _strings(paragraph[at : found.start()])
            nodes.append(_math("InlineMath", found[1] or found[2] or ""))
            at = found.end()
        blocks += _paragraph([*nodes, *_strings(paragraph[at:])])
    return blocks


def _strings(text: str) -> list[dict[str, Any]]:
    words = (piece for piece in re.split(r"(\s+)", text) if piece)
    return [{"t": "Space"} if w.isspace() else {"t": "Str", "c": visible(w)} for w in words]


def _math(kind: str, tex: str) -> dict[str, Any]:
    return {"t": "Math", "c": [{"t": kind}, tex.strip()]}


def _paragraph(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    said = any(node["t"] == "Str" or (node["t"] == "Math" and node["c"][1]) for node in nodes)
    return [{"t": "Para", "c": nodes}] if said else []
