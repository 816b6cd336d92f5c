"""Calibration: whether what the network calls 70 % likely comes 70 % of the time."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.analysis.reading import read_through

LIMIT = 50_000  # characters


class Reliability(NamedTuple):
    """How often the likeliest character came, by the probability that it was given.

    Attributes
    ----------
    counts
        How many probabilities lie in each bin, of shape (bins,).
    expected
        Their mean, of shape (bins,); NaN where there are none.
    came
        The share of them whose character came, of shape (bins,); NaN where there are none.
    """

    counts: NDArray[np.int64]
    expected: NDArray[np.float64]
    came: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The expected calibration error: the mean distance of the two, weighted by the counts."""
        distance = np.nansum(self.counts * np.abs(self.expected - self.came))
        return float(distance / self.counts.sum()) if self.counts.any() else float("nan")


def guesses(
    theta: NDArray[Any], K: int, m: int, text: NDArray[Any], *, cell: str = "rnn"
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the likeliest character's probability, and whether it came, for all but the first.

    Parameters
    ----------
    theta, K, m, cell
        As for `rnn.analysis.reading.read_through`.
    text
        The characters, as indices; at most LIMIT of them are predicted.
    """
    text = text[: LIMIT + 1]
    found = [
        (P.max(axis=1), P.argmax(axis=1))
        for P, _ in read_through(theta, K, m, text[:-1], cell=cell)
    ]
    probabilities, likeliest = (np.concatenate(part) for part in zip(*found, strict=True))
    return probabilities.astype(np.float64), likeliest == text[1:]


def reliability(
    probabilities: NDArray[np.float64], came: NDArray[np.bool_], bins: int = 20
) -> Reliability:
    """Sort probabilities into bins of equal width and see how often they came true.

    Guo, Pleiss, Sun and Weinberger (2017), "On calibration of modern neural networks".

    Parameters
    ----------
    probabilities
        Of shape (n,), from 0 to 1.
    came
        Whether what they were given to came, of shape (n,).
    bins
        How many.
    """
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    counts = np.bincount(which, minlength=bins)
    with np.errstate(invalid="ignore"):
        expected = np.bincount(which, probabilities, bins) / counts
        return Reliability(counts, expected, np.bincount(which, came, bins) / counts)
