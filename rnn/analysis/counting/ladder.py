"""The ladder: how well counting predicts the held-out part, the simplest way first."""

import math
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
    losses = [dict.fromkeys(range(1, most + 1), math.nan) for _ in range(2)]
    adapting = math.nan
    if len(text) > 1:
        for nats, smoothing in zip(losses, (witten_bell, kneser_ney), strict=True):
            for n, p in enumerate(smoothing.probabilities(counted, text, K, most), 1):
                nats[n] = float(np.log(1 / p[1:]).mean())
        adapting = -float(log_probabilities(counted, text, K)[1:].mean()) + 0.0  # not -0
    return Ladder(*losses, adapting, len(counted), len(counted) < len(training))
