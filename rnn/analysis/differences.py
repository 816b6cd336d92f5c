"""Differences from a baseline over the same seeds: paired t intervals, and p corrected by Holm.

Two settings that are trained with the same seed begin with the same random numbers, so what they
have in common cancels in their difference. The mean difference, divided by its standard error, has
Student's t distribution if the differences are normal and the settings are equal in the mean.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

FEWEST = 3  # pairs; two always lie on a line, and say nothing of how far differences scatter
LEVEL = 0.95  # of an interval


class Differences(NamedTuple):
    """How S settings differ from the baseline; NaN where there are fewer than `FEWEST` pairs.

    Attributes
    ----------
    pairs
        The number of seeds with which both are known, of shape (S,).
    mean
        The mean difference over these seeds, of shape (S,); negative if the setting's is lower.
    low, high
        The ends of its interval at the level asked for, each interval by itself.
    p
        The probability of a mean at least as far from zero if there were no difference.
    holm
        The same, corrected for the number of comparisons by Holm's method.
    """

    pairs: NDArray[np.int64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    p: NDArray[np.float64]
    holm: NDArray[np.float64]


def paired(values: ArrayLike, baseline: int = 0, level: float = LEVEL) -> Differences:
    """Compare each setting with the baseline.

    Parameters
    ----------
    values
        A measurement for each setting and seed, of shape (S, n); NaN where there is none.
    baseline
        The index of the baseline, which is not compared with itself.
    level
        The probability that an interval covers the true difference.
    """
    measured = np.asarray(values, float)
    difference = measured - measured[baseline]
    difference[baseline] = np.nan
    known = np.isfinite(difference)
    pairs = known.sum(axis=1)
    enough = pairs >= FEWEST
    n = np.where(enough, pairs, np.nan)
    mean = np.where(known, difference, 0).sum(axis=1) / n
    squares = np.where(known, (difference - mean[:, None]) ** 2, 0).sum(axis=1)
    error = np.sqrt(squares / (n - 1) / n)  # the standard error of the mean
    reach = stdtrit(n - 1, (1 + level) / 2) * error
    with np.errstate(divide="ignore", invalid="ignore"):  # all differences of a setting are equal
        t = np.where((mean == 0) & (error == 0), 0, mean / error)
    p = 2 * stdtr(n - 1, -np.abs(t))
    return Differences(pairs, mean, mean - reach, mean + reach, p, holm(p))


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Return probabilities corrected for their number by Holm's method; NaN is not counted.

    The smallest of m is multiplied by m, the next by m - 1, and so on; none is smaller than one
    before it, or larger than 1.

    >>> holm([0.01, 0.04, 0.03, np.nan]).round(2).tolist()
    [0.03, 0.06, 0.06, nan]
    """
    given = np.asarray(p, float)
    corrected = np.full_like(given, np.nan)
    tested = np.flatnonzero(np.isfinite(given))
    order = tested[np.argsort(given[tested], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(factors * given[order]), 1)
    return corrected
