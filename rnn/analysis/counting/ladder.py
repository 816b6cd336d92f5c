"""The ladder: how well counting predicts the test part, beside the entropy that it estimates."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.analysis.counting import kneser_ney, sorting, witten_bell
from rnn.analysis.counting.entropies import block_entropies


class Ladder(NamedTuple):
    """How well counting predicts the test part: losses in nats per character.

    Attributes
    ----------
    witten_bell, kneser_ney
        The losses of n-grams as they were trained, by n.
    entropies
        The entropy of a character given the n - 1 before it, in what was counted, by n: the loss of
        plain frequencies on the text that they are of.
    fitted
        The number of characters counted, at the end of the training part.
    shortened
        Whether the training part is longer than that.
    """

    witten_bell: dict[int, float]
    kneser_ney: dict[int, float]
    entropies: dict[int, float]
    fitted: int
    shortened: bool


def ladder(
    training: NDArray[Any], test: NDArray[Any], K: int, most: int = 8, limit: int = 0
) -> Ladder:
    """Return how well counting in the training part predicts the test part.

    Parameters
    ----------
    training
        The characters as indices; only the last `COUNTED` are counted.
    test
        The characters as indices; all but the first are predicted, each from those
        before it in this part.
    K
        Vocabulary size of the whole book, so that no test character has probability 0.
    most
        The longest n.
    limit
        How many test characters are read; 0 means all.
    """
    counted, text = training[-sorting.COUNTED :], test[: limit or None]
    nats: dict[str, dict[int, float]] = {}
    for rule, smoothing in (("witten_bell", witten_bell), ("kneser_ney", kneser_ney)):
        nats[rule] = dict.fromkeys(range(1, most + 1), math.nan)
        if len(text) > 1:
            for n, p in enumerate(smoothing.probabilities(counted, text, K, most), 1):
                nats[rule][n] = float(np.log(1 / p[1:]).mean())
    known = enumerate(block_entropies(counted, most).nats.tolist(), 1)
    nats["entropies"] = {n: entropy for n, entropy in known if n <= len(counted)}
    return Ladder(**nats, fitted=len(counted), shortened=len(counted) < len(training))
