"""The entropy of a character, given those before it, estimated by counting."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.analysis.counting import sorting
from rnn.analysis.counting.sorting import in_order, look_up, named, occurrences, starts


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
    counted = indices[-sorting.COUNTED :]
    counts = occurrences(counted)
    nats, distinct = np.full(most, math.nan), np.zeros(most, np.int64)
    if len(counted):
        nats[0], distinct[0] = entropy(counts), np.count_nonzero(counts)
    for n in range(2, min(most, len(counted)) + 1):
        total = 0.0
        for _, _, ordered in in_order(counted, n):
            grams = named(ordered[starts(ordered)], n, counted.dtype)
            count, followed, _ = look_up(grams, ordered)
            distinct[n - 1] += len(grams)
            total += np.sum(count * np.log(followed / count))
        nats[n - 1] = total / (len(counted) - n + 1)
    return Entropies(nats, nats / math.log(2), distinct, len(counted), len(counted) < len(indices))
