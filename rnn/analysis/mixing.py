"""Several models' predictions mixed, with weights that are learned while reading.

Logistic mixing (Mahoney 2005; for more than two characters Mattern 2012):

    log p(k) = sum over the models i of w_i log p_i(k) - log Z

Each character is scored first. Then the weights take a step of gradient ascent on log p of the
character y that came:

    w_i += rate (log p_i(y) - sum over k of p(k) log p_i(k))

No log p_i(k) counts for less than -15: a model that is certain, and wrong, would else throw the
weights so far that they never come back.

A number given for each place, such as the character before, is the place's class. w_i is the sum of
a weight for all places, which is learned soon, and one for each class, so that each model may be
trusted where it is good.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.numerics.compiled import compiled
from rnn.numerics.elementary import exp

GATE = RATE, RATE_OF_CLASS = 0.001, 0.005
MOST = 15.0  # nats that a character costs a model here


def equal_weights(models: int, classes: int = 1) -> NDArray[np.float64]:
    """Return weights of shape (1 + classes, models): the mixture is the geometric mean."""
    weights = np.zeros((1 + classes, models))
    weights[0] = 1 / models
    return weights


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
def slope(
    log_p: NDArray[np.float64], mixed: NDArray[np.float64], y: int, found: NDArray[np.float64]
) -> None:
    """Fill in the gradient of the mixture's log p(y) in the weights, of shape (M,)."""
    for i in range(found.size):
        expected = 0.0
        for k in range(mixed.size):
            expected += exp(mixed[k]) * log_p[i, k]
        found[i] = log_p[i, y] - expected


@compiled
def mix(
    weights: NDArray[np.float64],
    log_P: NDArray[np.float64],
    text: NDArray[Any],
    classes: NDArray[Any],
    mixed: NDArray[np.float64],
    rate: float = RATE,
    rate_of_class: float = RATE_OF_CLASS,
) -> None:
    """Mix the predictions for a text, character by character, and learn the weights meanwhile.

    Parameters
    ----------
    weights
        The weights for all places and, in the rows below, those for each class, of shape
        (1 + classes, M); changed, so that the next piece of a text goes on from them.
    log_P
        The log-probabilities of the models, of shape (M, N, K).
    text
        The characters that came, as indices, of shape (N,).
    classes
        The class of each place, from 0, of shape (N,).
    mixed
        The mixture's log-probabilities, of shape (N, K), to be filled in.
    rate, rate_of_class
        The rates of the weights for all places, and for a class.
    """
    now, step = np.empty(weights.shape[1]), np.empty(weights.shape[1])
    for t in range(text.size):
        of_class = weights[1 + np.int64(classes[t])]
        now[:] = weights[0] + of_class
        log_p = np.maximum(log_P[:, t], -MOST)
        blend(now, log_p, mixed[t])
        slope(log_p, mixed[t], text[t], step)
        weights[0] += rate * step
        of_class += rate_of_class * step
