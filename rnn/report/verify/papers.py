"""Where two PDFs first differ: the page, the chapter that it is in, and the words on it."""

import json
import re
from collections.abc import Mapping

from rnn.report.verify import attached
from rnn.report.verify.attached import Object
from rnn.report.verify.values import in_bytes, in_json, in_text

REFERENCE = re.compile(rb"(\d+) 0 R")
MAPPED = re.compile(rb"<([0-9A-Fa-f]+)> *<([0-9A-Fa-f]+)>")  # of a glyph to its characters
CONTENTS = re.compile(rb"/Contents (\d+) 0 R")
# Of what is drawn: another font, glyphs in two ways, and the end of a text. No string has a bare
# parenthesis, or searching could take the square of the time.
OPERATORS = re.compile(
    rb"/(f\d+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\)|<([0-9A-Fa-f]*)>|(ET)", re.DOTALL
)
LONGEST = 1_000_000  # bytes of a stream
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
Objects = Mapping[int, Object]


def in_paper(there: bytes, made: bytes) -> str:
    """Return the place of the first difference, and what stands there; "" if there is none."""
    if there == made:
        return ""
    one, other = ({each.number: each for each in attached.objects(file)} for file in (there, made))
    if found := _recipe(there, made):
        return f"the recipe that it carries: {found}"
    pages, drawn = _pages(other), _drawn(other)
    apart = [n for n in dict.fromkeys([*other, *one]) if one.get(n) != other.get(n)]
    if not apart:
        return f"its table of objects: {in_bytes(there, made)}"
    # What is on pages comes before their fonts and before what is on none.
    first = min(apart, key=lambda n: (pages.get(n, 1 << 30), n not in drawn, n))
    if first not in one or first not in other:
        return f"object {first} is only {'there' if first in one else 'in the one made again'}"
    place = (
        f"page {pages[first]}{_chapter(other, pages, pages[first])}"
        if first in pages
        else _kind(other[first])
    )
    if one[first].head == other[first].head and first in drawn:
        fonts = _fonts(other, first)
        if found := in_text(*(_text(objects[first].stream, fonts) for objects in (one, other))):
            return f"{place}, {found}"
        return f"{place}, what is drawn: {_streams(one[first], other[first])}"
    return f"{place}: {_streams(one[first], other[first])}"


def _recipe(there: bytes, made: bytes) -> str:
    try:
        return in_json(*(json.loads(attached.read(one, "recipe.json")) for one in (there, made)))
    except (ValueError, RecursionError):
        return ""


def _streams(one: Object, other: Object) -> str:
    if one.head != other.head:
        return in_text(one.head.decode("latin-1"), other.head.decode("latin-1"))
    return in_text(one.stream.decode("latin-1"), other.stream.decode("latin-1"))


def _kind(one: Object) -> str:
    """Return what an object that is on no page is for."""
    kinds = {b"/StructElem": "the tags", b"/Metadata": "the metadata", b"/Dest": "the outline"}
    return next((words for key, words in kinds.items() if key in one.head), "what is on no page")


def _drawn(objects: Objects) -> set[int]:
    """Return the numbers of the objects that are the contents of pages."""
    pages = [one.head for one in objects.values() if b"/Type/Page/" in one.head]
    return {int(found[1]) for head in pages if (found := CONTENTS.search(head))}


def _pages(objects: Objects) -> dict[int, int]:
    """Return the first page that each object is on."""
    root = next((one for one in objects.values() if b"/Type/Pages" in one.head), None)
    kids = root.head.partition(b"/Kids")[2] if root else b""
    pages: dict[int, int] = {}
    for page, number in enumerate(map(int, REFERENCE.findall(kids)), 1):
        waiting = [number]
        while waiting:
            n = waiting.pop()
            if n not in objects or n in pages:
                continue
            pages[n] = page
            head = re.sub(rb"/(Parent|P|Pg|Dest|StructParents?) \d+ 0 R", b"", objects[n].head)
            waiting += map(int, REFERENCE.findall(head))
    return pages


def _chapter(objects: Objects, pages: Mapping[int, int], page: int) -> str:
    """Return the last heading of the outline that is on a page or before it."""
    best = (0, "")
    for one in objects.values():
        title = re.search(rb"/Title\(((?:\\.|[^\\)])*)\)/Dest (\d+) 0 R", one.head)
        target = REFERENCE.search(objects[int(title[2])].head) if title else None
        if title and target and best[0] < (at := pages.get(int(target[1]), 0)) <= page:
            best = (at, title[1].decode("latin-1"))
    return f" ({best[1]})" if best[1] else ""


def _fonts(objects: Objects, number: int) -> dict[bytes, dict[bytes, str]]:
    """Return the characters of the glyphs of a page's fonts, by the font's name on the page."""
    contents = f"/Contents {number} 0 R".encode()
    page = next(one for one in objects.values() if contents in one.head)
    resources = re.search(rb"/Resources (\d+) 0 R", page.head)
    head = objects[int(resources[1])].head if resources else page.head
    return {name: _glyphs(objects, int(n)) for name, n in re.findall(rb"/(f\d+) (\d+) 0 R", head)}


def _text(stream: bytes, fonts: Mapping[bytes, Mapping[bytes, str]]) -> str:
    """Return the words of a page's content, by the characters that its glyphs stand for."""
    glyphs: Mapping[bytes, str] = {}
    words = []
    for name, literal, digits, end in OPERATORS.findall(stream[:LONGEST]):
        if name:
            glyphs = fonts.get(name, {})
        elif end:
            words.append("\n")
        else:
            code = bytes.fromhex(digits.decode()) if digits else _unescaped(literal)
            words += [glyphs.get(code[i : i + 2], "") for i in range(0, len(code), 2)]
    return "".join(words)


def _unescaped(literal: bytes) -> bytes:
    def plain(found: re.Match[bytes]) -> bytes:
        if found[1]:
            return bytes([int(found[1], 8) & 255])
        return ESCAPES.get(found[2], found[2])

    return re.sub(rb"\\(?:([0-7]{1,3})|(.))", plain, literal, flags=re.DOTALL)


def _glyphs(objects: Objects, number: int) -> dict[bytes, str]:
    """Return the characters of a font's glyphs."""
    cmap = re.search(rb"/ToUnicode (\d+) 0 R", objects[number].head)
    if not cmap:
        return {}
    pairs = MAPPED.findall(objects[int(cmap[1])].stream)
    return {
        bytes.fromhex(code.decode()): bytes.fromhex(text.decode()).decode("utf-16-be", "replace")
        for code, text in pairs
    }
