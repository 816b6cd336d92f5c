"""What a text has from a book: the longest run that it copies, and its words."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.numerics.compiled import compiled

SEARCHED = 10_000_000  # characters: of a longer book only the last are searched
LONGEST = 2000  # characters: of a longer passage only the first are looked for
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


class Copy(NamedTuple):
    """A run of characters that two texts share: its length, and where it begins in each."""

    length: int
    passage: int
    book: int


@compiled
def _longest_run(passage: NDArray[Any], book: NDArray[Any]) -> tuple[int, int, int]:
    """Return the length of the longest run that both hold, and its end in each.

    runs[j] is the length of the run that ends at passage[j - 1] and at the book's character at
    hand; it is one longer than that which ended one character before in both.
    """
    runs, after = np.zeros(passage.size + 1, np.int32), np.zeros(passage.size + 1, np.int32)
    best, at, where = 0, 0, 0
    for i in range(book.size):
        for j in range(passage.size):
            after[j + 1] = runs[j] + 1 if passage[j] == book[i] else 0
        runs, after = after, runs
        longest = int(runs.max())
        if longest > best:
            best, at, where = longest, int(runs.argmax()), i + 1
    return best, at, where


def longest_copy(passage: NDArray[Any], book: NDArray[Any]) -> Copy:
    """Return the longest run of characters of a passage that a book holds as well, exactly.

    Parameters
    ----------
    passage
        The characters, as indices; the first LONGEST are looked for.
    book
        The characters, as indices; the last SEARCHED are searched.
    """
    start = max(len(book) - SEARCHED, 0)
    length, at, where = _longest_run(
        passage[:LONGEST].astype(np.int32), book[start:].astype(np.int32)
    )
    return Copy(length, at - length, start + where - length)


def words(text: str) -> Iterator[str]:
    """Yield the words of a text: letters, with apostrophes between them."""
    return (found[0] for found in WORD.finditer(text))


def whole_words(text: str) -> list[str]:
    """Return the words of a piece of text without its first and last, which may be cut."""
    return list(words(text))[1:-1]
