"""Reading a book: from the bytes of a file to the indices of its characters.

The file is read twice, in blocks: once for the encoding, the hash and the characters that occur,
once for the indices. A book of at most 256 different characters thus takes one byte of memory per
character.
"""

import codecs
import hashlib
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.errors import InputError
from rnn.files import encodings
from rnn.text import code_points, index_type, normalise

BLOCK = 1 << 22  # bytes


@dataclass(frozen=True)
class Book:
    """A book as training sees it.

    Attributes
    ----------
    path
        The file that was read.
    sha256
        The SHA-256 of the file's bytes, in hexadecimal.
    encoding
        The encoding of the file.
    indices
        The characters, of shape (N,), in the smallest unsigned type that holds them.
    counts
        How often each character of the vocabulary occurs, of shape (K,).
    vocabulary
        The characters that occur, sorted by code point.
    """

    path: Path
    sha256: str
    encoding: str
    indices: NDArray[Any]
    counts: NDArray[np.int64]
    vocabulary: str


def read_book(
    path: str | PathLike[str],
    *,
    lowercase: bool = True,
    encoding: str = "",
    unicode_form: str = "nfc",
) -> Book:
    """Read a plain-text book.

    Line ends become LF and a byte order mark is dropped, so that the same text in another form
    gives the same indices.

    Parameters
    ----------
    path
        A file in any encoding of text; `rnn.files.encodings` finds out which.
    lowercase, unicode_form
        As in `rnn.text.normalise`.
    encoding
        Overrides the detected encoding.

    Raises
    ------
    InputError
        When there is no such file, it is not a text, or its encoding is not clear.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise InputError(f"the book {path} is a directory: give a plain-text file")
        if path.exists() and not path.is_file():
            raise InputError(f"the book {path} is not a regular file: copy it into one")
        with path.open("rb") as file:
            encoding = encodings.known(encoding) if encoding else encodings.find(file, path, BLOCK)
            reading = (file, encoding, lowercase, unicode_form)
            sha256, counts = _survey(path, *reading)
            points = np.flatnonzero(counts)
            table = np.zeros(len(counts), index_type(len(points)))
            table[points] = np.arange(len(points))
            indices = np.empty(counts.sum(), table.dtype)
            start = 0
            try:
                for text in _pieces(*reading):
                    indices[start : start + len(text)] = table[code_points(text)]
                    start += len(text)
            except (IndexError, ValueError):
                start = -1
            if start != len(indices) or _sha256(file) != sha256:
                raise InputError(f"the book {path} changed while it was read: try again")
    except FileNotFoundError:
        raise InputError(f"there is no book {path}") from None
    except OSError as error:
        raise InputError(f"the book {path} can't be read: {error.strerror}") from None
    vocabulary = "".join(map(chr, points))
    return Book(path, sha256, encoding, indices, counts[points], vocabulary)


def _blocks(file: io.BufferedReader) -> Iterator[bytes]:
    file.seek(0)
    return iter(lambda: file.read(BLOCK), b"")


def _sha256(file: io.BufferedReader) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _pieces(
    file: io.BufferedReader, encoding: str, lowercase: bool, unicode_form: str
) -> Iterator[str]:
    """Yield the text in pieces, cut after a line end or a space if there is one.

    A cut within a word could change it: a Greek sigma has another lower-case form at a word's end.
    """
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    rest = ""
    for block in _blocks(file):
        text = rest + decoder.decode(block)
        cut = max(text.rfind("\n"), text.rfind(" ")) + 1 or len(text)
        yield normalise(text[:cut], lowercase, unicode_form)
        rest = text[cut:]
    rest += decoder.decode(b"", final=True)
    yield normalise(rest, lowercase, unicode_form)


def _survey(
    path: Path, file: io.BufferedReader, encoding: str, lowercase: bool, unicode_form: str
) -> tuple[str, NDArray[np.int64]]:
    """Return the hash of the file and how often each code point occurs in its text."""
    counts = np.zeros(0x110000, np.int64)
    try:
        for text in _pieces(file, encoding, lowercase, unicode_form):
            found = np.bincount(code_points(text))
            counts[: len(found)] += found
    except UnicodeError as error:  # of UTF-16 without a mark it is no UnicodeDecodeError
        reason = error.reason if isinstance(error, UnicodeDecodeError) else error
        raise InputError(
            f"the book {path} is not text: decoding it as {encoding} fails with {reason}"
        ) from None
    if counts[0]:
        raise InputError(f"the book {path} is not text: it holds NULs")
    controls = sum(
        counts[p] for p in np.flatnonzero(counts[:0xA0]) if unicodedata.category(chr(p)) == "Cc"
    )
    if controls - counts[[9, 10, 13]].sum() > 0.01 * counts.sum():
        raise InputError(f"the book {path} is not text: too many control characters")
    if not counts.any():
        raise InputError(f"the book {path} is empty")
    return _sha256(file), counts
