"""Calibration: whether what the network calls 70 % likely comes 70 % of the time."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.analysis.reading import read_through
from rnn.network import Network

PREDICTED = 50_000  # characters, at most


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


def guesses(network: Network, text: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the likeliest character's probability, and whether it came, for all but the first.

    Parameters
    ----------
    network
        What predicts.
    text
        The characters, as indices; at most PREDICTED of them are predicted.
    """
    text = text[: PREDICTED + 1]
    pieces = read_through(network, text[:-1])
    found = [(P.max(axis=1), P.argmax(axis=1)) for P, _ in pieces]
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
