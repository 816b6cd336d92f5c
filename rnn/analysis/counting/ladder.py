"""The ladder: how well counting predicts the held-out part, the simplest way first."""

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.analysis.counting import kneser_ney, sorting, witten_bell
from rnn.analysis.counting.adapting import log_probabilities


class Ladder(NamedTuple):
    """How well counting predicts the held-out part: losses in nats per character.

    Attributes
    ----------
    witten_bell, kneser_ney
        The losses of n-grams as they were trained, by n.
    adapting
        The loss of counting that goes on while it reads.
    fitted
        The number of characters counted, at the end of the training part.
    shortened
        Whether the training part is longer than that.
    """

    witten_bell: dict[int, float]
    kneser_ney: dict[int, float]
    adapting: float
    fitted: int
    shortened: bool


def ladder(
    training: NDArray[Any], held_out: NDArray[Any], K: int, most: int = 8, limit: int = 0
) -> Ladder:
    """Return how well counting in the training part predicts the held-out part.

    Parameters
    ----------
    training
        The characters as indices; only the last `COUNTED` are counted.
    held_out
        The characters as indices; all but the first are predicted. N-grams predict each from those
        before it in this part; counting that adapts also sees the end of the training part.
    K
        Vocabulary size of the whole book, so that no held-out character has probability 0.
    most
        The longest n.
    limit
        How many held-out characters are read; 0 means all.
    """
    counted, text = training[-sorting.COUNTED :], held_out[: limit or None]
    nothing = dict.fromkeys(range(1, most + 1), math.nan)
    found = Ladder(nothing, nothing, math.nan, len(counted), len(counted) < len(training))
    if len(text) < 2:
        return found
    return found._replace(
        witten_bell=_losses(witten_bell.probabilities(counted, text, K, most)),
        kneser_ney=_losses(kneser_ney.probabilities(counted, text, K, most)),
        adapting=_loss(log_probabilities(counted, text, K)),
    )


def _losses(found: Iterable[NDArray[np.float64]]) -> dict[int, float]:
    """Return the losses by n, given the probabilities for n = 1, 2, ..."""
    return {n: _loss(np.log(p)) for n, p in enumerate(found, 1)}


def _loss(log_p: NDArray[np.float64]) -> float:
    """Return the mean of -log p over all characters but the first."""
    return float(np.mean(-log_p[1:])) + 0.0  # not -0
