"""Witten-Bell smoothing: a context with few different followers gets more weight.

Witten and Bell (1991), method C; interpolated, as in Chen and Goodman (1999). h is a context of
n - 1 characters, and h' is h without its first character:

    p_n(w | h) = (count(h w) + kinds(h) p_{n-1}(w | h')) / (count(h) + kinds(h)),  p_0 = 1 / K

count(h) is the number of times that h is followed by a character, and kinds(h) the number of
different characters that follow it. If h was never seen, p_n is p_{n-1}. K is the vocabulary size.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.analysis.counting.sorting import beginning, in_order, look_up, occurrences


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
            different = np.maximum(kinds.sum(axis=0), 1)  # p of the shorter context if none
            last = places + n - 1
            p[last] = (count + different * p[last]) / (followed + different)
        yield p
