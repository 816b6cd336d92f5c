"""What a text takes from a book: the longest run that it copies, and its words."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.numerics.compiled import compiled

SEARCHED = 10_000_000  # characters; only the end of a longer book is searched
LONGEST = 2000  # characters; only the beginning of a longer passage is looked for
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# Letters of scripts that do not separate words: Thai, Lao, Burmese, Khmer, Japanese, Chinese.
JOINED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


class Copy(NamedTuple):
    """A run of characters that two texts share: its length, and where it begins in each."""

    length: int
    passage: int
    book: int


@compiled
def _longest_run(passage: NDArray[Any], book: NDArray[Any]) -> tuple[int, int, int]:
    """Return the length of the longest common run, and where it ends in each.

    runs[j] is the length of the common run that ends at passage[j - 1] and at the current character
    of the book. It is one more than the length of the run that ends one character earlier in both.
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
    """Return the longest run of characters of a passage that occurs verbatim in a book.

    Parameters
    ----------
    passage
        The characters as indices; only the first LONGEST are looked for.
    book
        The characters as indices; only the last SEARCHED are searched.
    """
    start = max(len(book) - SEARCHED, 0)
    length, at, where = _longest_run(
        passage[:LONGEST].astype(np.int32), book[start:].astype(np.int32)
    )
    return Copy(length, at - length, start + where - length)


def words(text: str) -> Iterator[str]:
    """Yield the words of a text: letters, with apostrophes between them."""
    return (found[0] for found in WORD.finditer(text))


def has_words(text: str) -> bool:
    """Return whether a text has words that can be told apart.

    >>> has_words("in the sea"), has_words("在海里"), has_words("3.1415")
    (True, False, False)
    """
    letters = sum(map(str.isalpha, text))
    return letters > 2 * len(JOINED.findall(text))


def whole_words(text: str) -> list[str]:
    """Return the words of an excerpt without the first and the last, which may be cut off."""
    return list(words(text))[1:-1]
