"""The objects of a PDF that someone made to break what reads it."""

import time
import zlib
from collections.abc import Iterator
from contextlib import suppress

import pytest

from rnn.report.verify import attached

FILESPEC = b"1 0 obj\n<</Type/Filespec/F(recipe.json)/EF<</F 2 0 R>>>>\nendobj\n"


def stream(number: int, content: bytes, length: bytes = b"", more: bytes = b"") -> bytes:
    length = length or b"%d" % len(content)
    head = b"%d 0 obj\n<</Length %s%s>>\nstream\n" % (number, length, more)
    return head + content + b"\nendstream\nendobj\n"


def test_the_attached_file_is_found() -> None:
    packed = zlib.compress(b"{}")
    content = FILESPEC + stream(2, packed, more=b"/Filter/FlateDecode")
    assert attached.read(content, "recipe.json") == b"{}"


@pytest.mark.parametrize(
    "content",
    [
        FILESPEC + stream(2, b"{}", length=b"9" * 20),
        FILESPEC + stream(2, b"{}", length=b"9" * 12),
        FILESPEC + stream(2, b"not packed", more=b"/Filter/FlateDecode"),
        b"9" * 5000 + b" 0 obj\n" + FILESPEC,
        FILESPEC.replace(b"2 0 R", b"9" * 5000 + b" 0 R"),
        FILESPEC.replace(b"2 0 R", b"1 0 R"),
        b"1 0 obj\n" * 50_000,
        b"1 0 obj\n<<" + b">>" * 500_000,
        b"%PDF\x00\xff" * 1000,
    ],
)
def test_a_damaged_one_is_read_or_refused_soon(content: bytes) -> None:
    begun = time.process_time()
    with suppress(ValueError):
        assert len(attached.read(content, "recipe.json")) <= len(content)
    with suppress(ValueError):
        assert sum(len(one.stream) for one in attached.objects(content)) <= len(content)
    assert time.process_time() - begun < 5


def test_streams_are_unpacked_within_one_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attached, "LARGEST", 2500)
    packed = zlib.compress(bytes(1000))

    def many() -> Iterator[bytes]:
        for number in range(1, 20):
            yield stream(number, packed, more=b"/Filter/FlateDecode")

    sizes = [len(one.stream) for one in attached.objects(b"".join(many()))]
    assert sizes[:2] == [1000, 1000]
    assert {*sizes[2:]} == {len(packed)}
