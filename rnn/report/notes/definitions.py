"""Footnotes and the targets of links: wherever they stand in a file, they belong to all of it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token

from rnn.report.headings import PARSER

IN_BRACKETS = re.compile(r"\\.|\[((?:[^\[\]\\]|\\.)+)\]", re.DOTALL)
CONTAINERS = ("blockquote_open", "bullet_list_open", "ordered_list_open", "footnote_reference_open")


def gather(markdown: str) -> tuple[str, dict[str, str]]:
    """Return Markdown with blank lines for its definitions, and these by what they define.

    A footnote goes by its name with `^` before it. Of two of the same name the first counts. What
    is defined within a list or a quotation stays there, too.

    Raises
    ------
    ValueError
        Names a footnote that cites a footnote, and its line: pandoc drops what is cited.
    """
    env: dict[str, Any] = {}
    tokens = PARSER.parse(markdown, env)
    lines = markdown.split("\n")
    _refuse_nested(tokens)
    found: dict[str, str] = {}
    inner: set[int] = set()
    for token in tokens:
        if token.type in CONTAINERS and token.level == 0 and token.map:
            place = range(*token.map)
            inner.update(place)
            if token.type == "footnote_reference_open":
                text = "\n".join(lines[n] for n in place).rstrip()
                found.setdefault(_name(f"^{token.meta['label']}"), text)
                lines[place.start : place.stop] = [""] * len(place)
    targets = env.get("references", {})
    for name, target in targets.items():
        title = target["title"].replace("\\", r"\\").replace('"', r"\"").replace("&", "&amp;")
        found[name] = f"[{name}]: <{target['href']}>" + (f' "{title}"' if title else "")
    for target in (*targets.values(), *env.get("duplicate_refs", ())):
        place = range(*target["map"])
        if place.start not in inner:
            lines[place.start : place.stop] = [""] * len(place)
    return "\n".join(lines), found


def used(text: str, found: Mapping[str, str]) -> list[str]:
    """Return the definitions that a text uses, and those that these use in turn."""
    names = set(_cited(text))
    names |= {inner for name in names if name in found for inner in _cited(found[name])}
    return [found[name] for name in found if name in names]


def _refuse_nested(tokens: list[Token]) -> None:
    defined = {
        _name(f"^{token.meta['label']}")
        for token in tokens
        if token.type == "footnote_reference_open"
    }
    within: list[Token] = []
    for token in tokens:
        if token.type == "footnote_reference_open":
            within.append(token)
        elif token.type == "footnote_reference_close":
            within.pop()
        elif within and token.type == "inline":
            here = within[-1]
            label = f"^{here.meta['label']}"
            for other in _cited(_without_code(token)):
                if other in defined:
                    whom = "itself" if other == _name(label) else f"the footnote [{other.lower()}]"
                    line = (token.map or here.map or [0])[0] + 1
                    raise ValueError(
                        f"line {line}: the footnote [{label}] cites {whom}, but a footnote can't "
                        "have another: move it to the text"
                    )


def _without_code(inline: Token) -> str:
    """Return the source of a paragraph without its code."""
    kept = {"text": "content", "text_special": "markup"}
    return "".join(
        str(getattr(child, kept.get(child.type, ""), " ")) if child.type in kept else "\n"
        for child in inline.children or ()
    )


def _cited(text: str) -> Iterator[str]:
    """Yield the names in brackets, whether or not they are defined."""
    return (_name(match[1]) for match in IN_BRACKETS.finditer(text) if match[1])


def _name(label: str) -> str:
    return str(normalizeReference(label))
