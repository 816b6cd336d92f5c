"""Several models' predictions mixed, with weights that are learned while reading.

Logistic mixing (Mahoney 2005; for more than two characters Mattern 2012):

    log p(k) = sum over the models i of w_i log p_i(k) - log Z

Each character is scored first. Then the weights take a step of gradient ascent on log p of the
character y that came:

    w_i += rate (log p_i(y) - sum over k of p(k) log p_i(k))

There are several sets of weights. A number given for each place, such as the character before, says
which set is used there, so that each model may be trusted where it is good.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.numerics.compiled import compiled
from rnn.numerics.elementary import exp

RATE = 0.003  # of the weights


def equal_weights(models: int, sets: int = 1) -> NDArray[np.float64]:
    """Return weights of shape (sets, models) with which the mixture is the geometric mean."""
    return np.full((sets, models), 1 / models)


@compiled
def blend(
    weights: NDArray[np.float64], log_p: NDArray[np.float64], mixed: NDArray[np.float64]
) -> None:
    """Fill in the mixture's log-probabilities.

    Parameters
    ----------
    weights
        The weights of the models, of shape (M,).
    log_p
        Their log-probabilities of the next character, of shape (M, K).
    mixed
        Those of the mixture, of shape (K,).
    """
    mixed[:] = 0.0
    for i in range(weights.size):
        for k in range(mixed.size):
            mixed[k] += weights[i] * log_p[i, k]
    top, total = mixed.max(), 0.0
    for k in range(mixed.size):
        total += exp(mixed[k] - top)
    less = top + math.log(total)
    for k in range(mixed.size):
        mixed[k] -= less


@compiled
def correct(
    weights: NDArray[np.float64],
    log_p: NDArray[np.float64],
    mixed: NDArray[np.float64],
    y: int,
    rate: float,
) -> None:
    """Take a step in the weights, of shape (M,), given the character y that came."""
    for i in range(weights.size):
        expected = 0.0
        for k in range(mixed.size):
            expected += exp(mixed[k]) * log_p[i, k]
        weights[i] += rate * (log_p[i, y] - expected)


@compiled
def mix(
    weights: NDArray[np.float64],
    log_P: NDArray[np.float64],
    text: NDArray[Any],
    places: NDArray[Any],
    mixed: NDArray[np.float64],
    rate: float = RATE,
) -> None:
    """Mix the predictions for a text, character by character, and learn the weights meanwhile.

    Parameters
    ----------
    weights
        The weights of the models, of shape (sets, M); changed, so that the next piece of a text can
        be mixed with what was learned.
    log_P
        The log-probabilities of the models, of shape (M, N, K).
    text
        The characters that came, as indices, of shape (N,).
    places
        Which set of weights is used, of shape (N,).
    mixed
        The mixture's log-probabilities, of shape (N, K), to be filled in.
    rate
        The rate of the weights.
    """
    for t in range(text.size):
        blend(weights[places[t]], log_P[:, t], mixed[t])
        correct(weights[places[t]], log_P[:, t], mixed[t], text[t], rate)
