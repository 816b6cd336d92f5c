"""Calibration: whether what the network calls 70 % likely happens 70 % of the time."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.analysis.reading import read_through
from rnn.network import Network

PREDICTED = 50_000  # characters predicted, at most


class Reliability(NamedTuple):
    """How often the likeliest character was right, by the probability that it was given.

    Attributes
    ----------
    counts
        The number of predictions in each bin, of shape (bins,).
    expected
        Their mean probability, of shape (bins,); NaN for an empty bin.
    came
        The share of them that were right, of shape (bins,); NaN for an empty bin.
    """

    counts: NDArray[np.int64]
    expected: NDArray[np.float64]
    came: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The expected calibration error: the mean of |expected - came|, weighted by `counts`."""
        distance = np.nansum(self.counts * np.abs(self.expected - self.came))
        return float(distance / self.counts.sum()) if self.counts.any() else float("nan")


def guesses(
    network: Network, text: NDArray[Any], states: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return, for each character but the first, the top probability and whether it was right.

    Parameters
    ----------
    network
        The network that predicts.
    text
        The characters as indices; at most PREDICTED of them are predicted.
    states
        The state before them, of shape (STATES, m).
    """
    text = text[: PREDICTED + 1]
    pieces = read_through(network, text[:-1], states)
    found = [(P.max(axis=1), P.argmax(axis=1)) for P, _ in pieces]
    probabilities, likeliest = (np.concatenate(part) for part in zip(*found, strict=True))
    return probabilities.astype(np.float64), likeliest == text[1:]


def reliability(
    probabilities: NDArray[np.float64], came: NDArray[np.bool_], bins: int = 20
) -> Reliability:
    """Sort predictions into bins of equal width by probability, and count the right ones.

    Guo, Pleiss, Sun and Weinberger (2017), "On calibration of modern neural networks".

    Parameters
    ----------
    probabilities
        Of shape (n,), from 0 to 1.
    came
        Whether each prediction was right, of shape (n,).
    bins
        The number of bins.
    """
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    counts = np.bincount(which, minlength=bins)
    with np.errstate(invalid="ignore"):
        expected = np.bincount(which, probabilities, bins) / counts
        return Reliability(counts, expected, np.bincount(which, came, bins) / counts)
