"""The objects of a PDF as Typst writes it, and the file that is attached to one."""

import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

BEGIN = re.compile(rb"^(\d+) 0 obj\n", re.MULTILINE)
STREAM = re.compile(rb"(<<[^\n]*>>)\nstream\n")  # its dictionary is on one line
LENGTH = re.compile(rb"/Length (\d+)")
LARGEST = 100_000_000  # bytes of a stream, unpacked


class Object(NamedTuple):
    """An object of a PDF.

    Attributes
    ----------
    number
        Its number.
    head
        Its value as written, or the dictionary of its stream, without the packed length.
    stream
        Its stream, unpacked; empty if it has none.
    """

    number: int
    head: bytes
    stream: bytes


def objects(content: bytes) -> Iterator[Object]:
    """Yield the objects of a PDF, in their order; a damaged stream stays as it is."""
    place = 0
    while begin := BEGIN.search(content, place):
        number, place = int(begin[1]), begin.end()
        stream = STREAM.match(content, place)
        length = LENGTH.search(stream[1]) if stream else None
        if stream and length:
            place = stream.end() + int(length[1])
            head = stream[1].replace(length[0], b"", 1)
            yield Object(number, head, _unpacked(head, content[stream.end() : place]))
        else:
            end = content.find(b"\nendobj", place)
            place, start = (end if end >= 0 else len(content)), place
            yield Object(number, content[start:place], b"")


def _unpacked(head: bytes, packed: bytes) -> bytes:
    if b"/FlateDecode" not in head:
        return packed
    try:
        return zlib.decompressobj().decompress(packed, LARGEST)
    except zlib.error:
        return packed


def read(content: bytes, name: str) -> bytes:
    """Return the file of a name that is attached to a PDF.

    Raises
    ------
    ValueError
        When there is none.
    """
    found = {one.number: one for one in objects(content)}
    for one in found.values():
        if b"/Type/Filespec" in one.head and f"({name})".encode() in one.head:
            embedded = re.search(rb"/EF<</F (\d+) 0 R", one.head)
            if embedded and int(embedded[1]) in found:
                return found[int(embedded[1])].stream
    raise ValueError(f"no {name} is attached to it")
