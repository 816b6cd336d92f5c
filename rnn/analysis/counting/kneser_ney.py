"""Modified Kneser-Ney smoothing, interpolated: what a count loses goes to the shorter context.

Chen and Goodman, "An empirical study of smoothing techniques for language modeling" (1999),
section 3. h is a context of n - 1 characters, and h' is h without its first character:

    p_n(w | h) = (c(h w) - D(c(h w)) + left(h) q_{n-1}(w | h')) / c(h),  q_0 = 1 / K

c(h) is the sum of c(h w) over all w. D(c) is taken off a count c: nothing off 0, D_1 off 1, D_2 off
2, D_3 off 3 and more. left(h) is the sum of what was taken off in the context h, so that the
probabilities add up to one. If h was never seen, p_n is q_{n-1}.

In p_n, c(h w) says how often h w occurs. In q_n, which has the same formula, it says how many
different characters precede h w (Kneser and Ney 1995). A character that follows a single word, as u
follows q, may be frequent and still be unlikely where that word is not.

With t_j the number of n-grams that have the count j, and Y = t_1 / (t_1 + 2 t_2),

    D_j = j - (j + 1) Y t_{j+1} / t_j.

A text so small that a t_j is 0 or a D_j not above 0 has D = 1/2, 1 and 3/2 at this n.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.analysis.counting.sorting import (
    Counts,
    beginning,
    in_order,
    look_up,
    named,
    occurrences,
    repeats,
    starts,
)


def discounts(t: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what is taken off the counts 0, 1, 2, and 3 and more.

    Parameters
    ----------
    t
        How many n-grams have the counts 1, 2, 3 and 4.

    Examples
    --------
    >>> discounts(np.array([8, 4, 2, 1]))
    array([0.  , 0.5 , 1.25, 2.  ])
    """
    j = np.arange(1, 4)
    if t.all():
        found = j - (j + 1) * t[0] / (t[0] + 2 * t[1]) * t[1:] / t[:3]
        if (found > 0).all():
            return np.append(0, found)
    return np.append(0, j / 2)


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
        p_n(x_i | the n - 1 characters before it), of shape (N,). Where there are fewer, it is
        q(x_i | all before it).
    """
    q = np.full(len(text), 1 / K)
    for n in range(1, most + 1):
        yield _interpolated(*_counted(training, text, K, n, preceded=False), q)
        if n < most:
            q = _interpolated(*_counted(training, text, K, n, preceded=True), q)


def _interpolated(
    counts: Counts, D: NDArray[np.float64], shorter: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the formula's probabilities, given those of the shorter contexts, of shape (N,)."""
    count, followed, kinds = counts
    kept, left = count - D[np.minimum(count, 3)], D[1:] @ kinds
    return np.where(followed > 0, (kept + left * shorter) / np.maximum(followed, 1), shorter)


def _counted(
    training: NDArray[Any], text: NDArray[Any], K: int, n: int, preceded: bool
) -> tuple[Counts, NDArray[np.float64]]:
    """Return the counts for each character of a text, of shape (N,), and the discounts.

    Where fewer than n - 1 characters precede, the context counts as never seen.
    """
    if n == 1:
        counts = _predecessors(training, K) if preceded else occurrences(training, K)
        often = _often(counts)
        shape = len(text)
        kinds = np.repeat(np.append(often[1:3], often[3:].sum())[:, None], shape, axis=1)
        return Counts(counts[text], np.full(shape, counts.sum()), kinds), discounts(often[1:5])
    found = Counts(*(np.zeros((*rows, len(text)), np.int64) for rows in ((), (), (3,))))
    often = np.zeros(6, np.int64)
    for low, high, ordered in in_order(training, n, preceded):
        often += _often(repeats(ordered))
        places, grams = beginning(text, n, low, high)
        for array, values in zip(found, look_up(grams, ordered), strict=True):
            array[..., places + n - 1] = values
    return found, discounts(often[1:5])


def _often(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many counts are 0, 1, 2, 3, 4, and 5 or more."""
    return np.bincount(np.minimum(counts, 5), minlength=6)


def _predecessors(text: NDArray[Any], K: int) -> NDArray[np.int64]:
    """Return how many different characters precede each character, of shape (K,)."""
    counts = np.zeros(K, np.int64)
    for _, _, ordered in in_order(text, 2):
        counts += occurrences(named(ordered[starts(ordered)], 2, text.dtype)[:, 1], K)
    return counts
