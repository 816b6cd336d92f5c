"""N-gram models of characters: prediction by counting, the baseline for the network.

An n-gram is n characters in a row: a context h of n - 1 characters, and the last character w. h' is
h without its first character. Witten-Bell smoothing (Witten and Bell 1991, method C; interpolated,
as in Chen and Goodman 1999) gives a context more weight if few different characters follow it:

    p_n(w | h) = (count(h w) + kinds(h) p_{n-1}(w | h')) / (count(h) + kinds(h)),  p_0 = 1 / K

count(h) is the number of times that h is followed by a character, and kinds(h) the number of
different characters that follow it. If h was never seen, p_n is p_{n-1}. K is the vocabulary size.

N-grams are counted by sorting: once sorted, equal n-grams stand together, and so do all n-grams
with the same context. This is exact for every n and K. It also needs little memory, since n-grams
that begin with different characters can be sorted separately.
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

COUNTED = 20_000_000  # characters; only the end of a longer text is counted
PIECE = 500_000  # n-grams sorted at a time; more only if all begin with the same character


class Ladder(NamedTuple):
    """How well n-grams predict the held-out part.

    Attributes
    ----------
    nats
        The loss in nats per character, by n.
    fitted
        The number of characters counted, at the end of the training part.
    shortened
        Whether the training part is longer than that.
    """

    nats: dict[int, float]
    fitted: int
    shortened: bool


class Entropies(NamedTuple):
    """The entropy of a character given the n - 1 before it; entry n - 1 of each array is for n.

    Attributes
    ----------
    nats, bits
        The entropy H(X_n | X_1 ... X_{n-1}) per character, of shape (most,); NaN where the text is
        shorter than n.
    distinct
        How many different n-grams occur, of shape (most,).
    counted
        The number of characters counted, at the end of the text.
    shortened
        Whether the text is longer than that.
    """

    nats: NDArray[np.float64]
    bits: NDArray[np.float64]
    distinct: NDArray[np.int64]
    counted: int
    shortened: bool


class Counts(NamedTuple):
    """How often n-grams and their contexts occur in a text, each of shape (M,).

    Attributes
    ----------
    counts
        How often the n-gram occurs.
    followed
        How often its context is followed by a character.
    kinds
        How many different characters follow its context; at least 1, so that the formula gives the
        probability of the shorter context if none does.
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


def in_order(text: NDArray[Any], n: int) -> Iterator[tuple[int, int, NDArray[Any]]]:
    """Yield the names of all n-grams of a text, sorted, in pieces that share no context.

    Parameters
    ----------
    text
        The characters as indices, of shape (N,).
    n
        The length of the n-grams, at least 2.

    Yields
    ------
    low, high, ordered
        The names of the n-grams that begin with a character from `low` to `high` - 1.
    """
    counts = occurrences(text[: max(len(text) - n + 1, 0)])
    for low, high in _ranges(counts):
        ordered = np.empty(counts[low:high].sum(), names(text[None, :n]).dtype)
        filled = 0
        for i in range(0, len(text), PIECE):
            _, grams = beginning(text[i : i + PIECE + n - 1], n, low, high)
            ordered[filled : filled + len(grams)] = names(grams)
            filled += len(grams)
        ordered.sort()
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
    new = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
    kinds = np.searchsorted(new, end) - np.searchsorted(new, start)
    return Counts(after - first, end - start, np.maximum(kinds, 1))


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


def probabilities(
    training: NDArray[Any], text: NDArray[Any], K: int, most: int
) -> Iterator[NDArray[np.float64]]:
    """Yield the probability of each character of a text, for n = 1 to `most`.

    Parameters
    ----------
    training
        The characters that are counted, as indices.
    text
        The characters that are predicted, as indices, of shape (N,).
    K
        Vocabulary size.
    most
        The longest n.

    Yields
    ------
    ndarray
        p_n(x_i | the n - 1 characters before it), or given all before it where these are fewer, of
        shape (N,).
    """
    counts = occurrences(training, K)
    distinct = max(int(np.count_nonzero(counts)), 1)
    p = ((counts + distinct / K) / (len(training) + distinct))[text]
    yield p
    for n in range(2, most + 1):
        p = p.copy()
        for low, high, ordered in in_order(training, n):
            places, grams = beginning(text, n, low, high)
            count, followed, kinds = look_up(grams, ordered)
            last = places + n - 1
            p[last] = (count + kinds * p[last]) / (followed + kinds)
        yield p


def ladder(
    training: NDArray[Any], held_out: NDArray[Any], K: int, most: int = 8, limit: int = 0
) -> Ladder:
    """Return how well Witten-Bell n-grams of the training part predict the held-out part.

    Parameters
    ----------
    training
        The characters as indices; only the last `COUNTED` are counted.
    held_out
        The characters as indices; all but the first are predicted, each from those before it in
        this part.
    K
        Vocabulary size of the whole book, so that no held-out character has probability 0.
    most
        The longest n.
    limit
        How many held-out characters are read; 0 means all.
    """
    counted, text = training[-COUNTED:], held_out[: limit or None]
    nats = dict.fromkeys(range(1, most + 1), math.nan)
    if len(text) > 1:
        for n, p in enumerate(probabilities(counted, text, K, most), 1):
            nats[n] = float(np.log(1 / p[1:]).mean())
    return Ladder(nats, len(counted), len(counted) < len(training))


def entropy(counts: NDArray[np.int64]) -> float:
    """Return the entropy, in nats, of frequencies proportional to counts of shape (K,).

    >>> round(entropy(np.array([2, 1, 1])) / math.log(2), 6)  # in bits
    1.5
    """
    p = counts[counts > 0] / counts.sum()
    return float(np.sum(p * np.log(1 / p)))


def block_entropies(indices: NDArray[Any], most: int = 5) -> Entropies:
    """Return the empirical entropy of a character given the n - 1 before it, n = 1 to `most`.

    Shannon's F_n (Prediction and entropy of printed English, 1951), with frequencies in place of
    probabilities:

        -sum over the n-grams h w of  count(h w) / (N - n + 1)  ln(count(h w) / count(h))

    where count(h) is how often h is followed by a character. This is the loss of an unsmoothed
    n-gram model on the very text that it was fitted to. For long n it falls for lack of data: most
    contexts then occur only once, and seem to determine what follows.

    Parameters
    ----------
    indices
        The characters as indices, of shape (N,); only the last `COUNTED` are counted.
    most
        The longest n.
    """
    counted = indices[-COUNTED:]
    counts = occurrences(counted)
    nats, distinct = np.full(most, math.nan), np.zeros(most, np.int64)
    if len(counted):
        nats[0], distinct[0] = entropy(counts), np.count_nonzero(counts)
    for n in range(2, min(most, len(counted)) + 1):
        total = 0.0
        for _, _, ordered in in_order(counted, n):
            grams = named(np.unique(ordered), n, counted.dtype)
            count, followed, _ = look_up(grams, ordered)
            distinct[n - 1] += len(grams)
            total += np.sum(count * np.log(followed / count))
        nats[n - 1] = total / (len(counted) - n + 1)
    return Entropies(nats, nats / math.log(2), distinct, len(counted), len(counted) < len(indices))
