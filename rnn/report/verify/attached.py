"""The objects of a PDF as Typst writes it, and the file that is attached to one."""

import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

BEGIN = re.compile(rb"^(\d+) 0 obj\n", re.MULTILINE)
STREAM = re.compile(rb"(<<[^\n]*>>)\nstream\n")  # its dictionary is on one line
LENGTH = re.compile(rb"/Length (\d{1,12})")
LARGEST = 300_000_000  # bytes of all streams, unpacked


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
    """Yield the objects of a PDF, in their order; a stream that is damaged or vast stays packed."""
    room = LARGEST
    for one in _packed(content):
        stream = _unpacked(one, room)
        room = max(room - len(stream), 0)
        yield one._replace(stream=stream)


def _packed(content: bytes) -> Iterator[Object]:
    place = 0
    while begin := BEGIN.search(content, place):
        number, place = int(begin[1]), begin.end()
        stream = STREAM.match(content, place)
        length = LENGTH.search(stream[1]) if stream else None
        if stream and length:
            place = min(stream.end() + int(length[1]), len(content))
            head = stream[1].replace(length[0], b"", 1)
            yield Object(number, head, content[stream.end() : place])
        else:
            end = content.find(b"\nendobj", place)
            place, start = (end if end >= 0 else len(content)), place
            yield Object(number, content[start:place], b"")


def _unpacked(one: Object, most: int) -> bytes:
    if b"/FlateDecode" not in one.head:
        return one.stream
    try:
        unpacking = zlib.decompressobj()
        found = unpacking.decompress(one.stream, most + 1)
    except zlib.error:
        return one.stream
    return found if len(found) <= most else one.stream


def read(content: bytes, name: str) -> bytes:
    """Return the file of a name that is attached to a PDF.

    Raises
    ------
    ValueError
        When there is none.
    """
    found = {one.number: one for one in _packed(content)}
    for one in found.values():
        if b"/Type/Filespec" in one.head and f"({name})".encode() in one.head:
            embedded = re.search(rb"/EF<</F (\d+) 0 R", one.head)
            if embedded and int(embedded[1]) in found:
                return _unpacked(found[int(embedded[1])], LARGEST)
    raise ValueError(f"no {name} is attached to it")
