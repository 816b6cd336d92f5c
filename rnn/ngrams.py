"""N-grams of characters: what counting alone predicts, the baseline of the network.

An n-gram is n characters in a row: a context h of n - 1, and the last, w. h' is h without its first
character. Witten-Bell smoothing (Witten and Bell 1991, method C; interpolated, as in Chen and
Goodman 1999) trusts a context the more, the less often something new followed it:

    p_n(w | h) = (count(h w) + kinds(h) p_{n-1}(w | h')) / (count(h) + kinds(h)),  p_0 = 1 / K

count(h) is how often h is followed by a character, kinds(h) by how many different ones. A context
never seen leaves p_{n-1} as it is.

Counts are exact for every n and K: an n-gram is named by the rank of its context among the
(n-1)-grams times K, plus its last character, and ranked in turn. K is the vocabulary size.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

LIMIT = 4_000_000  # characters: of a longer text only the last are counted; 40 bytes for each


class Counts(NamedTuple):
    """How often the n-grams of a text occur, for one n, and their contexts.

    There are G n-grams and C contexts, the (n-1)-grams. The last entry of each array stands for
    those that do not occur.

    Attributes
    ----------
    grams
        The names of the n-grams, sorted, of shape (G + 1,).
    counts
        How often each occurs, of shape (G + 1,).
    followed
        How often each context is followed by a character, of shape (C + 1,).
    kinds
        By how many different ones, of shape (C + 1,); at least 1, so that a context that is never
        followed passes on the probabilities of the shorter one.
    """

    grams: NDArray[np.int64]
    counts: NDArray[np.int64]
    followed: NDArray[np.int64]
    kinds: NDArray[np.int64]


class Ladder(NamedTuple):
    """How well n-grams predict the part held out.

    Attributes
    ----------
    nats
        n to the loss in nats per character.
    fitted
        How many characters were counted, the last of the training part.
    shortened
        Whether the training part has more than these.
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
        How many characters were counted, the last of the text.
    shortened
        Whether the text has more than these.
    """

    nats: NDArray[np.float64]
    bits: NDArray[np.float64]
    distinct: NDArray[np.int64]
    counted: int
    shortened: bool


def count(text: NDArray[Any], K: int, most: int) -> Iterator[Counts]:
    """Yield the counts of the n-grams of a text for n = 1 to `most`.

    Parameters
    ----------
    text
        The characters as indices, of shape (N,).
    K
        Vocabulary size.
    most
        The longest n.
    """
    ranks, C = np.zeros(len(text) + 1, np.int64), 1  # the empty 0-gram, before each character
    for n in range(1, most + 1):
        contexts = ranks[:-1]  # the last is followed by nothing
        followed = np.bincount(contexts, minlength=C + 1)
        grams, ranks, counts = _unique(contexts * K + text[n - 1 :])
        kinds = np.maximum(np.bincount(grams // K, minlength=C + 1), 1)
        yield Counts(
            np.append(grams, np.iinfo(np.int64).max), np.append(counts, 0), followed, kinds
        )
        C = len(grams)


def _unique(
    names: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return np.unique with the inverse and the counts, in two thirds of the memory."""
    order = np.argsort(names)
    names = names[order]
    first = np.append(True, names[1:] != names[:-1])[: len(names)]  # none, if there are no names
    names = names[first]
    ranks = np.empty_like(order)
    ranks[order] = np.cumsum(first)
    ranks -= 1
    return names, ranks, np.diff(np.flatnonzero(np.append(first, True)))


def probabilities(
    fitted: Iterable[Counts], K: int, text: NDArray[Any]
) -> Iterator[NDArray[np.float64]]:
    """Yield the probability of each character of a text, for n = 1, 2, ...

    Parameters
    ----------
    fitted
        The counts of the training part, as from `count`.
    K
        Vocabulary size.
    text
        The characters as indices, of shape (N,).

    Yields
    ------
    ndarray
        Of shape (N,): p_n(x_i | the n - 1 characters before), or, where the text has fewer before,
        all of these.
    """
    ranks, p = np.zeros(len(text) + 1, np.int64), np.full(len(text), 1 / K)
    for n, (grams, counts, followed, kinds) in enumerate(fitted, 1):
        contexts = ranks[:-1]
        names = contexts * K + text[n - 1 :]
        ranks = np.searchsorted(grams, names)
        ranks[grams[ranks] != names] = len(grams) - 1
        p = p.copy()
        p[n - 1 :] *= kinds[contexts]
        p[n - 1 :] += counts[ranks]
        p[n - 1 :] /= followed[contexts] + kinds[contexts]
        yield p


def ladder(
    training: NDArray[Any], held_out: NDArray[Any], K: int, most: int = 8, limit: int = 0
) -> Ladder:
    """Return how well Witten-Bell n-grams of the training part predict the part held out.

    Parameters
    ----------
    training
        The characters as indices; of more than `LIMIT`, the last are counted.
    held_out
        The characters as indices; all but the first are predicted, each from those before it in
        this part.
    K
        Vocabulary size of the book, so that no character held out has probability 0.
    most
        The longest n.
    limit
        How many characters of the part held out are read; 0 is all.
    """
    counted, text = training[-LIMIT:], held_out[: limit or None]
    nats = dict.fromkeys(range(1, most + 1), math.nan)
    if len(text) > 1:
        for n, p in enumerate(probabilities(count(counted, K, most), K, text), 1):
            nats[n] = float(np.log(1 / p[1:]).mean())
    return Ladder(nats, len(counted), len(counted) < len(training))


def entropy(counts: NDArray[np.int64]) -> float:
    """Return the entropy in nats of drawing from what occurs so often; counts are of shape (K,)."""
    p = counts[counts > 0] / counts.sum()
    return float(np.sum(p * np.log(1 / p)))


def block_entropies(indices: NDArray[Any], most: int = 5) -> Entropies:
    """Return the empirical entropy of a character given the n - 1 before it, n = 1 to `most`.

    Shannon's F_n (Prediction and entropy of printed English, 1951), with frequencies in the place
    of probabilities:

        -sum over the n-grams h w of  count(h w) / (N - n + 1)  ln(count(h w) / count(h))

    where count(h) is how often h is followed by a character. It is the loss of an n-gram model
    without smoothing on the very text it was fitted on, and falls for long n for lack of data: most
    contexts then occur once, and seem to determine what follows.

    Parameters
    ----------
    indices
        The characters as indices, of shape (N,); of more than `LIMIT`, the last are counted.
    most
        The longest n.
    """
    counted = indices[-LIMIT:]
    K = int(counted.max(initial=0)) + 1
    nats, distinct = np.full(most, math.nan), np.zeros(most, np.int64)
    for i, (grams, counts, followed, _) in enumerate(count(counted, K, most)):
        grams, counts = grams[:-1], counts[:-1]
        distinct[i] = len(grams)
        if len(grams):
            nats[i] = np.sum(counts * np.log(followed[grams // K] / counts)) / counts.sum()
    return Entropies(nats, nats / math.log(2), distinct, len(counted), len(counted) < len(indices))
