"""Citations such as `[see @graves2013, p. 3]`, and the list of what they cite, by citeproc.

A chapter cites what it lists under its further reading by name, as in "Shannon (1951)"; see `link`.

CommonMark has no citations. They are found in pandoc's tree of a text, where code and links are
known, and each is read by the pandoc dialect that has them. Citeproc then sets all at once, since
two works by the same authors in the same year are told apart by a letter.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import groupby
from typing import Any, NamedTuple

from rnn.exhibits.pandoc import API, SECONDS, UnsetError, convert

FASTEST = 100_000  # bytes of BibTeX that pandoc has a second for; it reads four times as many
DIALECT = "markdown_strict+citations+smart-raw_html"
KEY = r"-?@(?:\{[^{}\s]+\}|\w(?:[\w:.#$%&+?<>~/-]*\w)?)"
CITATION = re.compile(
    rf"\[(?!\^)[^\[\]]*(?<!\w){KEY}[^\[\]]*\]"  # [see @one; @another, p. 3]
    rf"|(?<![\w@.+/^\ufdd1-]){KEY}(?: \[[^\[\]@]*\])?"  # @one [p. 3]
)
# The key of an entry of BibTeX, or the keys of those that it takes fields from.
LINKED = re.compile(
    r"@\s*\w+\s*[{(]\s*([^\s,{}()]+)\s*,"
    r"|\b(?:crossref|xdata)\s*=\s*(?:\{([^{}]*)\}|\"([^\"]*)\")",
    re.IGNORECASE,
)
# A given name, or a part of one such as Jean-Pierre.
GIVEN = re.compile(r"([^\W\d_])[\w'’]*\.?(?=([^\W\d_])?)")
# \@ and \[ are not the beginning of a citation; no text has these code points.
ESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)\\([@\[])")
STANDS_FOR = {"@": "\ufdd0", "[": "\ufdd1"}
TEXT = ("Str", "Space", "SoftBreak")
VERBATIM = ("Code", "CodeBlock", "Math", "RawInline", "RawBlock")
Nodes = list[dict[str, Any]]


class Cited(NamedTuple):
    """What citations become.

    Attributes
    ----------
    citations
        The inline nodes of each citation, by its source.
    entries
        The blocks of each work that is cited, in the order of the list; the link of a citation
        leads to `anchor(i)`.
    named
        The anchor of each work, by the names that `link` knows it by.
    paragraphs, works
        What this was made from, so that `further` can add to it.
    """

    citations: Mapping[str, Nodes] = {}  # never changed
    entries: Sequence[Nodes] = ()
    named: Mapping[str, str] = {}
    paragraphs: Mapping[str, dict[str, Any]] = {}
    works: Sequence[dict[str, Any]] = ()


NOTHING = Cited()


def anchor(place: int) -> str:
    """Return the anchor of an entry, by its place in the list."""
    return f"reference-{place + 1}"


def shield(markdown: str) -> str:
    r"""Return Markdown in which `\@` and `\[` begin no citation, for `replace`."""
    return ESCAPED.sub(lambda match: match[1] + STANDS_FOR[match[2]], markdown)


def find(blocks: Nodes) -> list[str]:
    """Return the sources of the citations in a text, whether or not what they cite is known."""
    found: list[str] = []

    def note(source: str) -> None:
        found.append(source)

    _walk(blocks, note)
    return found


def replace(blocks: Nodes, citations: Mapping[str, Nodes]) -> Nodes:
    """Return a text with its citations set."""
    replaced: Nodes = _restored(_walk(blocks, citations.get))
    return replaced


def link(blocks: Nodes, named: Mapping[str, str]) -> Nodes:
    """Return a text in which the names of works lead to their entries.

    Parameters
    ----------
    blocks
        The text.
    named
        The anchors of the works by their names, as `Cited` has them.
    """
    if not named:
        return blocks
    longest_first = sorted(named, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")

    def linked(name: str) -> Nodes:
        target = [f"#{named[name]}", ""]
        return [{"t": "Link", "c": [["", [], []], _words(name), target]}]

    found: Nodes = _walk(blocks, linked, pattern)
    return found


def read_entries(bibliography: str) -> dict[str, Any]:
    """Return the entries of a BibTeX file by their keys; of two with the same key, the first.

    Raises
    ------
    UnsetError
        When pandoc can't read it.
    """
    _check_circles(bibliography)
    seconds = min(1 + len(bibliography.encode()) // FASTEST, SECONDS)
    read = json.loads(convert(bibliography, "biblatex", "json", seconds=seconds))
    found: dict[str, Any] = {}
    for entry in read["meta"].get("references", {"c": []})["c"]:
        found.setdefault(entry["c"]["id"]["c"], entry)
    return found


def _check_circles(bibliography: str) -> None:
    """Refuse entries that refer to one another in a circle, for which pandoc would never end."""
    graph: dict[str, set[str]] = {}
    entry = ""
    for key, *listed in LINKED.findall(bibliography):
        entry = key or entry
        others = (one.strip() for one in "".join(listed).split(","))
        graph.setdefault(entry, set()).update(filter(None, others))
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise UnsetError(f"entries refer to one another in a circle, {circle}") from None


def read(sources: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the paragraph of each citation, of those that are citations."""
    every = list(dict.fromkeys(sources))
    blocks = json.loads(convert("\n\n".join(every), DIALECT, "json"))["blocks"]
    return {source: block for source, block in zip(every, blocks, strict=True) if keys_in(block)}


def keys_in(part: Any) -> list[str]:
    """Return the keys that a paragraph cites."""
    if isinstance(part, list):
        return [key for child in part for key in keys_in(child)]
    match part:
        case {"t": "Cite", "c": [cites, _]}:
            return [cite["citationId"] for cite in cites]
        case {"c": content}:
            return keys_in(content)
    return []


def cite(paragraphs: Mapping[str, dict[str, Any]], entries: Mapping[str, Any]) -> Cited:
    """Return what citations become.

    Parameters
    ----------
    paragraphs
        The paragraph of each citation, from `read`.
    entries
        The entries by their keys, from `read_entries`; they have all keys that are cited.
    """
    keys = dict.fromkeys(keys_in(list(paragraphs.values())))
    return _cite(paragraphs, [entries[key] for key in keys])


def further(cited: Cited, works: Iterable[dict[str, Any]]) -> Cited:
    """Return what citations become if the list has further works, each with its entry once.

    Two works are the same if their titles and years are.

    Parameters
    ----------
    cited
        The citations.
    works
        The works, from `from_csl`.
    """
    known = {_title_and_year(work) for work in cited.works}
    others = {_title_and_year(work): work for work in reversed([*works])}  # the first of each
    new = [work for name, work in others.items() if name not in known]
    return _cite(cited.paragraphs, [*cited.works, *new])


def from_csl(works: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return works, each described in CSL's terms, as pandoc's references for `further`."""
    named = [{**work, "id": f"further {place}"} for place, work in enumerate(works)]  # no key
    read = json.loads(convert(json.dumps(named), "csljson", "json"))
    found: list[dict[str, Any]] = read["meta"].get("references", {"c": []})["c"]
    return found


def _title_and_year(work: dict[str, Any]) -> tuple[str, str]:
    """Return what tells a work from others, in letters and digits alone."""
    about = work["c"]
    title, issued = (_letters(about.get(name)) for name in ("title", "issued"))
    return title.casefold(), issued[:4]


def _letters(part: Any) -> str:
    if isinstance(part, str):
        return "".join(filter(str.isalnum, part))
    if isinstance(part, list):
        return "".join(map(_letters, part))
    return _letters(part.get("c", [])) if isinstance(part, dict) else ""


def _cite(paragraphs: Mapping[str, dict[str, Any]], works: Sequence[dict[str, Any]]) -> Cited:
    """Return what citations become, with an entry for each work, cited or not."""
    if not works:
        return NOTHING
    each = {"citationId": "*", "citationPrefix": [], "citationSuffix": [], "citationNoteNum": 0}
    each |= {"citationHash": 0, "citationMode": {"t": "NormalCitation"}}
    meta = {
        "references": {"t": "MetaList", "c": _with_initials([*works])},
        "link-citations": {"t": "MetaBool", "c": True},
        "nocite": {"t": "MetaInlines", "c": [{"t": "Cite", "c": [[each], []]}]},
    }
    asked = {"pandoc-api-version": API, "meta": meta, "blocks": list(paragraphs.values())}
    *cited, listed = json.loads(convert(json.dumps(asked), "json", "json", cite=True))["blocks"]
    made = [(one["c"][0][0], one["c"][1]) for one in listed["c"][1]]
    places = {f"#{name}": f"#{anchor(place)}" for place, (name, _) in enumerate(made)}
    named = {
        name: places[target][1:]
        for work in works
        for name in _names(work)
        if (target := f"#ref-{_text(work['c']['id'])}") in places
    }
    return Cited(
        {source: _set(one["c"], places) for source, one in zip(paragraphs, cited, strict=True)},
        [_set(blocks, {}) for _, blocks in made],
        named,
        paragraphs,
        works,
    )


def _names(work: dict[str, Any]) -> list[str]:
    """Return the names by which a text may cite a work: "Shannon (1951)" and "Shannon 1951"."""
    authors = [one["c"] for one in work["c"].get("author", {"c": []})["c"]]
    families = [_text(one.get("family", one.get("literal", ""))) for one in authors]
    _, year = _title_and_year(work)
    if not year or not all(families) or not families:
        return []
    *first, last = families
    whole = [f"{', '.join(first)}{comma} and {last}" for comma in ("", ",")] if first else [last]
    forms = [*whole, f"{families[0]} et al."] if len(families) > 2 else whole
    return [f"{form} {shown}" for form in forms for shown in (f"({year})", year)]


def _with_initials(part: Any) -> Any:
    """Return references in which given names are initials, since some have no more."""
    if isinstance(part, list):
        return [_with_initials(child) for child in part]
    if not isinstance(part, dict):
        return part
    return {
        name: _initials(child) if name == "given" else _with_initials(child)
        for name, child in part.items()
    }


def _initials(given: Any) -> dict[str, Any]:
    """Return a given name as initials; in a script without capitals it stays as it is."""

    def initial(name: re.Match[str]) -> str:
        letter, following = name.groups()
        return f"{letter}.{' ' if following else ''}" if letter.isupper() else name[0]

    whole = unicodedata.normalize("NFC", _text(given))
    return {"t": "MetaInlines", "c": _words(GIVEN.sub(initial, whole))}


def _text(part: Any) -> str:
    """Return the text of a part of a reference."""
    if isinstance(part, list):
        return "".join(map(_text, part))
    match part:
        case {"t": "Space" | "SoftBreak"}:
            return " "
        case {"t": "Str" | "MetaString", "c": text}:
            return str(text)
        case {"c": content}:
            return _text(content)
    return ""


def _set(part: Any, places: Mapping[str, str]) -> Any:
    """Return nodes with their links to the list, and without what writers know as citations."""
    if isinstance(part, list):
        made = []
        for child in part:
            if _kind(child) in ("Cite", "Span"):
                made += _set(child["c"][1], places)
            else:
                made.append(_set(child, places))
        return made
    match part:
        case {"t": "Link", "c": [_, inlines, [target, _]]}:
            target = places.get(target, target)
            return {"t": "Link", "c": [["", [], []], _set(inlines, places), [target, ""]]}
        case {"t": _, "c": content}:
            return part | {"c": _set(content, places)}
    return part


def _walk(
    part: Any, change: Callable[[str], Nodes | None], pattern: re.Pattern[str] = CITATION
) -> Any:
    """Return a part of a tree with its citations replaced; None leaves one as it is."""
    if isinstance(part, list):
        changed: list[Any] = []
        for plain, nodes in groupby(part, lambda node: _kind(node) in TEXT):
            some = list(nodes)
            if plain:
                changed += _in_text(some, change, pattern)
            else:
                changed += [_walk(one, change, pattern) for one in some]
        return changed
    if isinstance(part, dict) and _kind(part) not in ("Link", "Image", *VERBATIM):
        return {name: _walk(child, change, pattern) for name, child in part.items()}
    return part


def _kind(node: Any) -> str:
    return str(node.get("t", "")) if isinstance(node, dict) else ""


def _in_text(
    nodes: Nodes, change: Callable[[str], Nodes | None], pattern: re.Pattern[str]
) -> Nodes:
    """Return words and blanks with the citations among them replaced."""
    text = "".join(node.get("c", " ") for node in nodes)
    made: Nodes = []
    at = 0
    for match in pattern.finditer(text):
        new = change(match[0])
        if new is not None:
            made += [*_words(text[at : match.start()]), *new]
            at = match.end()
    return [*made, *_words(text[at:])] if made else nodes


def _words(text: str) -> Nodes:
    return [
        {"t": "Space"} if word == " " else {"t": "Str", "c": word}
        for word in re.split("( )", text)
        if word
    ]


def _restored(part: Any, before: str = "") -> Any:
    """Return a part of a tree with what `shield` replaced; in code the backslash is back, too."""
    if isinstance(part, str):
        for sign, stand_in in STANDS_FOR.items():
            part = part.replace(stand_in, before + sign)
        return part
    if isinstance(part, list):
        return [_restored(child, before) for child in part]
    if isinstance(part, dict):
        before = "\\" if _kind(part) in VERBATIM else before
        return {name: _restored(child, before) for name, child in part.items()}
    return part
