"""Reading a book: the same text in any form, and a clear refusal of what is not text."""

import codecs
import gzip
import hashlib
import os
import tracemalloc
import unicodedata
from collections import Counter
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnn.errors import InputError
from rnn.files import book as book_module
from rnn.files.book import Book, read_book
from rnn.text import decode

# No word is longer than six letters, so that blocks of few bytes still end within a line.
WESTERN = "“Ça va?” — Él costó 3 €,\nÀ BIENTÔT…\n\n\tÿ été naïf.\n"
GREEK = "Ο ΔΡΟΜΟΣ: «Σ» ΕΙΣ Σ.\nΟΔΟΣ' ΑΣ́ Σ1Σ\n"
WORLD = WESTERN + GREEK + "İ ß ﬁ 😀 𝒜 日本\u2028語\n"

FORMS = {  # name -> (codec, mark before the text, what it is read as)
    "UTF-8": ("utf-8", b"", "utf-8"),
    "UTF-8 with a mark": ("utf-8", codecs.BOM_UTF8, "utf-8-sig"),
    "UTF-16 LE with a mark": ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16"),
    "UTF-16 BE with a mark": ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16"),
    "UTF-16 LE": ("utf-16-le", b"", "utf-16-le"),
    "UTF-16 BE": ("utf-16-be", b"", "utf-16-be"),
    "UTF-32 LE with a mark": ("utf-32-le", codecs.BOM_UTF32_LE, "utf-32"),
    "UTF-32 BE with a mark": ("utf-32-be", codecs.BOM_UTF32_BE, "utf-32"),
    "Windows-1252": ("cp1252", b"", "cp1252"),
}


def text_of(book: Book) -> str:
    return decode(book.indices, book.vocabulary)


def refusal(path: Path) -> str:
    """Return the one-line error with which a book is refused."""
    with pytest.raises(InputError) as error:
        read_book(path)
    message = str(error.value)
    assert str(path) in message
    assert len(message.splitlines()) == 1
    return message


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("form", FORMS)
def test_the_same_text_comes_out_of_any_form(form: str, end: str, tmp_path: Path) -> None:
    codec, mark, encoding = FORMS[form]
    text = WESTERN if codec == "cp1252" else WORLD
    path = tmp_path / "book.txt"
    path.write_bytes(mark + text.replace("\n", end).encode(codec))
    book = read_book(path)
    assert text_of(book) == text.lower()
    assert book.encoding == encoding
    assert text_of(read_book(path, lowercase=False)) == text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("form", FORMS)
def test_where_the_blocks_are_cut_does_not_matter(
    form: str, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codec, mark, _ = FORMS[form]
    text = WESTERN if codec == "cp1252" else WORLD
    path = tmp_path / "book.txt"
    path.write_bytes(mark + text.replace("\n", end).encode(codec))
    whole = read_book(path)
    for block in range(36, 72):  # the longest word, in UTF-32, fits into each
        monkeypatch.setattr(book_module, "BLOCK", block)
        book = read_book(path)
        assert text_of(book) == text.lower(), f"blocks of {block} bytes"
        assert np.array_equal(book.indices, whole.indices)
        assert np.array_equal(book.counts, whole.counts)
        assert book.sha256 == whole.sha256


@pytest.mark.parametrize("block", [4, 5, 6, 7, 8, 9, 11, 13])
def test_blocks_of_a_few_bytes(block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_module, "BLOCK", block)
    path = tmp_path / "book.txt"
    text = "éé\nWords-without-a-blank 😀😀\n\nЁЖ日本語\n"
    for codec, mark, _ in FORMS.values():
        if mark:
            path.write_bytes(mark + text.replace("\n", "\r\n").encode(codec))
            assert text_of(read_book(path)) == text.lower(), codec


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    words=st.lists(st.text("aΣσÉ'\u0301.-1", min_size=1, max_size=4), min_size=1, max_size=12),
    blanks=st.lists(st.sampled_from([" ", "\n", "\r", "\r\n", "  "]), min_size=12, max_size=12),
    block=st.integers(9, 40),
)
def test_small_letters_are_those_of_the_whole_text(
    words: list[str], blanks: list[str], block: int, tmp_path: Path
) -> None:
    """A capital sigma becomes ς at the end of a word and σ elsewhere, wherever a block ends."""
    text = "".join(word + blank for word, blank in zip(words, blanks, strict=False))
    path = tmp_path / "book.txt"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(book_module, "BLOCK", block)
        found = text_of(read_book(path))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").lower()
    assert found == unicodedata.normalize("NFC", lines)


@pytest.mark.parametrize("lowercase", [True, False])
def test_what_a_book_holds(lowercase: bool, tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes(WORLD.encode())
    book = read_book(path, lowercase=lowercase)
    text = WORLD.lower() if lowercase else WORLD
    assert book.path == path
    assert book.sha256 == hashlib.sha256(WORLD.encode()).hexdigest()
    assert book.vocabulary == "".join(sorted(set(text)))
    assert dict(zip(book.vocabulary, book.counts.tolist(), strict=True)) == Counter(text)
    assert [book.vocabulary[i] for i in book.indices] == list(text)
    assert book.indices.dtype == np.uint8


def test_path_may_be_a_string(tmp_path: Path) -> None:
    path = tmp_path / "an odd näme $1.txt"
    path.write_text("abc")
    assert text_of(read_book(str(path))) == "abc"


def test_a_vocabulary_of_more_than_256(tmp_path: Path) -> None:
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 400))) + "\n"
    path = tmp_path / "book.txt"
    path.write_text(text, encoding="utf-8")
    book = read_book(path)
    assert book.indices.dtype == np.uint16
    assert text_of(book) == text


def test_one_character_is_a_book(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes(b"A")
    book = read_book(path)
    assert (book.vocabulary, book.indices.tolist(), book.counts.tolist()) == ("a", [0], [1])


def test_a_few_control_characters_are_forgiven(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    text = "a page, and a page after it\n" * 20 + "\f"
    path.write_text(text)
    assert text_of(read_book(path)) == text


def test_a_book_takes_about_a_byte_a_character(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_module, "BLOCK", 1 << 16)
    path = tmp_path / "book.txt"
    path.write_bytes(b"A line of a long book.\n" * 350_000)
    characters = path.stat().st_size
    read_book(path)
    tracemalloc.start()
    read_book(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    tables = 10 * 0x110000  # a count and an index for each code point there is
    assert peak < 1.2 * characters + tables


# What is refused.


def test_missing(tmp_path: Path) -> None:
    assert "there is no book" in refusal(tmp_path / "book.txt")


def test_empty(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    for content in (b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE):
        path.write_bytes(content)
        assert "is empty" in refusal(path)


def test_directory(tmp_path: Path) -> None:
    assert "is a directory" in refusal(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in this file system")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in refusal(tmp_path / "pipe")


def test_below_a_file_and_too_long_a_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    refusal(tmp_path / "file" / "book.txt")
    refusal(tmp_path / ("x" * 300))


def test_not_allowed_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "book.txt"
    path.write_text("text")

    def closed(*_: Any, **__: Any) -> IO[bytes]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", closed)
    assert "can't be read: Permission denied" in refusal(path)


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)) * 4,
        bytes(500),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(100)),
        gzip.compress(np.random.default_rng(1).bytes(2000), mtime=0),
        np.random.default_rng(2).bytes(4000),
        b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\0>\0\x01\0\0\0" * 20,
        np.arange(1000, dtype="<f8").tobytes(),
        b"text" * 20 + b"\x1b\x01\x02\x03",
        codecs.BOM_UTF16_LE + b"a\0b\0c",
        codecs.BOM_UTF8 + b"abc\xff",
    ],
    ids=["all bytes", "zeros", "png", "gzip", "noise", "elf", "floats", "controls", "odd", "cut"],
)
def test_not_text(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes(content)
    assert "is not text" in refusal(path)


@pytest.mark.parametrize("change", [b"more of it", b"\xff", "€".encode()])
def test_a_book_that_changes_meanwhile(
    change: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "book.txt"
    path.write_text("a book")
    survey = book_module._survey

    def survey_and_change(*arguments: Any) -> Any:
        found = survey(*arguments)
        path.write_bytes(path.read_bytes() + change)
        return found

    monkeypatch.setattr(book_module, "_survey", survey_and_change)
    assert "changed while it was read" in refusal(path)
