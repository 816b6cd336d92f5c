"""Pictures and tables with a caption, in pandoc's tree of Markdown.

CommonMark has no captions. As in pandoc's own Markdown, a picture that is a paragraph has its title
for one, and a table the paragraph before or after it that begins with `Table:` or a colon. Those
within lists and quotations have none.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import count
from string import punctuation
from typing import Any

Nodes = list[dict[str, Any]]
BEGINNING = re.compile(rf"[Tt]able:|:(?![{re.escape(punctuation)}])")
HASHES = re.compile(r"(?<= )(?=#+$)")  # a heading would lose them
NOUNS = {"image": "figure", "tree": "table"}  # by their kinds, which are those of one's own cells
BLANK = ("Space", "SoftBreak", "LineBreak")


def gather(blocks: Nodes, read: Callable[[str], Nodes]) -> Nodes:
    """Return blocks in which each picture and each table with a caption is a figure.

    Parameters
    ----------
    blocks
        The blocks of a text, as pandoc read them.
    read
        Reads Markdown as blocks.
    """
    titles = [_title(block) for block in blocks if _title(block)]
    captions = iter(_captions(titles, read) if titles else ())
    made: Nodes = []
    for block in blocks:
        before = made[-1] if made else {}
        if block["t"] == "Table" and (caption := _said_of_table(before)):
            made[-1] = _figure("tree", caption, block)
        elif before.get("t") == "Table" and (caption := _said_of_table(block)):
            made[-1] = _figure("tree", caption, before)
        elif _title(block):
            about, words, (target, _) = block["c"][0]["c"]
            picture = {"t": "Image", "c": [about, words, [target, ""]]}
            made.append(_figure("image", next(captions), {"t": "Plain", "c": [picture]}))
        else:
            made.append(block)
    return made


def kinds(blocks: Nodes, images: Collection[str]) -> Iterator[str]:
    """Yield the kind of each figure: "tree", or "image" if the picture is one that is shown."""
    for block in blocks:
        if block["t"] == "Figure":
            ((kind,), content) = block["c"][0][1], block["c"][2][0]["c"]
            if kind == "tree" or content[0]["c"][2][0] in images:
                yield kind


def labels(prefix: str, kinds: Sequence[str]) -> list[str]:
    """Return a label for each figure, such as "part-1-figure-1" and "part-1-table-1"."""
    places = {kind: count(1) for kind in NOUNS}
    return [f"{prefix}{NOUNS[kind]}-{next(places[kind])}" for kind in kinds]


def number(blocks: Nodes, exhibits: Sequence[Mapping[str, Any]]) -> None:
    """Give the figures among blocks, in place, the labels, nouns and numbers of exhibits."""
    figures = (block for block in blocks if block["t"] == "Figure")
    for figure, about in zip(figures, exhibits, strict=True):
        named = [["noun", about["noun"]], ["number", str(about["number"])]]
        figure["c"][0] = [about["label"], [about["kind"]], named]


def _title(block: dict[str, Any]) -> str:
    """Return the title of a picture that is a paragraph, on one line; empty if there is none."""
    match block:
        case {"t": "Para", "c": [{"t": "Image", "c": [_, _, [_, title]]}]}:
            return " ".join(title.split())
    return ""


def _captions(titles: Sequence[str], read: Callable[[str], Nodes]) -> list[Nodes]:
    """Return titles as Markdown; each is read as a heading, which is a line whatever is in it."""
    lines = (HASHES.sub(r"\\", title) for title in titles)
    return [block["c"][2] for block in read("\n".join(f"# {line}" for line in lines))]


def _said_of_table(block: dict[str, Any]) -> Nodes:
    """Return the caption that a paragraph is for a table; nothing if it is none."""
    match block:
        case {"t": "Para", "c": [{"t": "Str", "c": first}, *rest]}:
            if found := BEGINNING.match(first):
                word = {"t": "Str", "c": first[found.end() :]}
                kept = [word, *rest] if word["c"] else rest
                while kept and kept[0]["t"] in BLANK:
                    kept = kept[1:]
                return kept
    return []


def _figure(kind: str, caption: Nodes, block: dict[str, Any]) -> dict[str, Any]:
    said = [None, [{"t": "Plain", "c": caption}]]
    return {"t": "Figure", "c": [["", [kind], []], said, [block]]}
