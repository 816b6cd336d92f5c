"""N-grams counted by sorting.

An n-gram is n characters in a row: a context h of n - 1 characters, and the last character w. Once
sorted, equal n-grams stand together, and so do all n-grams with the same context. This is exact for
every n and K, the vocabulary size. It also needs little memory, since n-grams that begin with
different characters can be sorted separately.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

COUNTED = 20_000_000  # characters; only the end of a longer text is counted
PIECE = 500_000  # n-grams sorted at a time; more only if all begin with the same character


class Counts(NamedTuple):
    """How often M n-grams and their contexts occur.

    Attributes
    ----------
    counts
        How often the n-gram occurs, of shape (M,).
    followed
        How often its context is followed by a character, of shape (M,).
    kinds
        How many different characters follow its context once, twice, and more often, of shape
        (3, M).
    """

    counts: NDArray[np.int64]
    followed: NDArray[np.int64]
    kinds: NDArray[np.int64]


def names(grams: NDArray[Any]) -> NDArray[Any]:
    """Encode n-grams as integers, or as byte strings above 8 bytes, that sort in the same order.

    Parameters
    ----------
    grams
        The n-grams as indices of characters, of shape (M, n).
    """
    raw = np.ascontiguousarray(grams, grams.dtype.newbyteorder(">")).view(np.uint8)
    width = raw.shape[1]
    if width > 8:
        return raw.view(f"S{width}")[:, 0]
    padded = np.zeros((len(raw), 8), np.uint8)
    padded[:, 8 - width :] = raw
    return padded.view(">u8")[:, 0].astype(np.uint64)


def named(names: NDArray[Any], n: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Decode names into n-grams: indices of type `dtype`, of shape (M, n)."""
    raw = names.astype(names.dtype.newbyteorder(">"))[:, None].view(np.uint8)
    grams = np.ascontiguousarray(raw[:, -n * dtype.itemsize :]).view(dtype.newbyteorder(">"))
    return grams.astype(dtype)


def beginning(
    text: NDArray[Any], n: int, low: int, high: int
) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Return the positions of the n-grams that begin with characters in a range, and the n-grams.

    Parameters
    ----------
    text
        The characters as indices, of shape (N,).
    n
        The length of the n-grams.
    low, high
        The first character in the range, and the first after it.
    """
    first = text[: max(len(text) - n + 1, 0)]
    places = np.flatnonzero((first >= low) & (first < high))
    return places, np.stack([text[j:][places] for j in range(n)], axis=1)


def in_order(
    text: NDArray[Any], n: int, preceded: bool = False
) -> Iterator[tuple[int, int, NDArray[Any]]]:
    """Yield the names of all n-grams of a text, sorted, in pieces that share no context.

    Parameters
    ----------
    text
        The characters as indices, of shape (N,).
    n
        The length of the n-grams, at least 2.
    preceded
        Whether an n-gram is counted once for each different character that precedes it, instead of
        once for each time that it occurs.

    Yields
    ------
    low, high, ordered
        The names of the n-grams that begin with a character from `low` to `high` - 1.
    """
    length = n + preceded
    inner = text[1:] if preceded else text
    counts = occurrences(inner[: max(len(inner) - n + 1, 0)])
    for low, high in _ranges(counts):
        ordered = np.empty(counts[low:high].sum(), names(text[None, :length]).dtype)
        filled = 0
        for i in range(0, len(inner), PIECE):
            places, grams = beginning(inner[i : i + PIECE + n - 1], n, low, high)
            if preceded:
                grams = np.column_stack([grams, text[i + places]])
            ordered[filled : filled + len(grams)] = names(grams)
            filled += len(grams)
        ordered.sort()
        if preceded:
            different = named(ordered[starts(ordered)], length, text.dtype)
            ordered = names(different[:, :n])
        yield low, high, ordered


def _ranges(counts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield ranges of characters that occur at most `PIECE` times together, or hold only one."""
    low, total = 0, 0
    for character, count in enumerate(counts.tolist()):
        if total and total + count > PIECE:
            yield low, character
            low, total = character, 0
        total += count
    if total:
        yield low, len(counts)


def starts(ordered: NDArray[Any]) -> NDArray[np.int64]:
    """Return where each different name begins among sorted names."""
    return np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])


def repeats(ordered: NDArray[Any]) -> NDArray[np.int64]:
    """Return how often each different name occurs among sorted names."""
    return np.diff(np.append(starts(ordered), len(ordered)))


def look_up(grams: NDArray[Any], ordered: NDArray[Any]) -> Counts:
    """Count n-grams, and their contexts, among all n-grams of a text that have these contexts.

    Parameters
    ----------
    grams
        The n-grams to count, as indices of characters, of shape (M, n).
    ordered
        The names of the text's n-grams, sorted.
    """
    lowest, highest = grams.copy(), grams.copy()
    lowest[:, -1], highest[:, -1] = 0, np.iinfo(grams.dtype).max
    start, end = _from_to(lowest, highest, ordered)
    first, after = _from_to(grams, grams, ordered)
    new, often = starts(ordered), np.minimum(repeats(ordered), 3)
    before, behind = np.searchsorted(new, start), np.searchsorted(new, end)
    kinds = np.empty((3, len(grams)), np.int64)
    for i in range(3):
        until = np.append(0, np.cumsum(often == i + 1))
        kinds[i] = until[behind] - until[before]
    return Counts(after - first, end - start, kinds)


def _from_to(
    low: NDArray[Any], high: NDArray[Any], ordered: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where, among the sorted names, those from `low` to `high` begin and end."""
    return np.searchsorted(ordered, names(low)), np.searchsorted(ordered, names(high), "right")


def occurrences(text: NDArray[Any], K: int = 0) -> NDArray[np.int64]:
    """Return how often each character occurs, of shape (K,), or longer if K is too small."""
    K = max(K, int(text.max(initial=0)) + 1)
    counts = np.zeros(K, np.int64)
    for i in range(0, len(text), PIECE):  # bincount takes 8 bytes per character
        counts += np.bincount(text[i : i + PIECE], minlength=K)
    return counts
