"""Adapting: a network that goes on learning from a text while it reads it.

Dynamic evaluation (Krause, Kahembwe, Murray and Renals 2018). The text is read in short segments.
Each is scored first and learned from afterwards, so nothing is scored that was learned from:

    theta_{l+1} = theta_l - rate * dL_l / s + decay * s * (theta_0 - theta_l)

L_l is the loss of segment l, and theta_0 are the trained parameters, to which the last term leads
back. s, one number for each parameter, is the root mean square of its gradient in training, divided
by the mean of these over all parameters: what usually hardly matters may move, and what matters is
held.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from rnn.network import Network, find_cell

LENGTH = 20  # characters of a segment
MEASURED = 20_000  # characters at the end of the training part, for the sizes of the gradients
LEAST = 0.03  # of the mean; a gradient that is always close to zero would give endless steps
# What is tried. At twice the highest rate, a network that has learned little may be thrown so far
# that the rounding of a last bit decides what becomes of it.
RATES, DECAYS = (0.0005, 0.001, 0.002), (0.0, 0.001, 0.003)


class Way(NamedTuple):
    """How a network adapts: the rate, and how much of the way back is gone after each segment."""

    rate: float
    decay: float


USUAL = Way(0.002, 0.001)  # where there is no text to choose by


def gradients(
    network: Network, text: NDArray[Any], states: NDArray[Any]
) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Read a text segment by segment, and yield what is predicted and the gradient of the loss.

    Parameters
    ----------
    network
        The network; it may be changed between two segments.
    text
        The characters, as indices; all but the first are predicted.
    states
        The state before them, of shape (STATES, m).

    Yields
    ------
    log_P, gradient
        The logarithms of the probabilities of the next characters, of shape (n, K), and the flat
        gradient of the segment's loss, in nats per sequence. Both are overwritten by the next.
    """
    cell, p = find_cell(network.cell), network.p
    gradient = np.zeros_like(network.theta)
    d = network.like(gradient).p
    x, y = (text[part].astype(np.int64)[:, None] for part in (slice(-1), slice(1, None)))
    work = network.workspace(LENGTH, 1)
    with threadpool_limits(1):
        for start in range(0, len(x), LENGTH):
            now = slice(start, start + LENGTH)
            if len(x[now]) < LENGTH:
                work = network.workspace(len(x[now]), 1)
            work.states[:, 0, 0] = states
            cell.forward(p, x[now], work)
            log_P = work.output.log_P.copy()
            cell.backward(p, x[now], y[now], work, d)
            states = work.states[:, -1, 0].copy()
            yield log_P, gradient


def sizes(network: Network, training: NDArray[Any], states: NDArray[Any]) -> NDArray[Any]:
    """Return s: how large the gradient of each parameter is in training, flat, with the mean 1."""
    total, count = np.zeros_like(network.theta), 0
    for _, gradient in gradients(network, training[-MEASURED:], states):
        total += gradient**2
        count += 1
    size = np.sqrt(total / max(count, 1))
    mean = float(size.mean())
    return np.maximum(size / mean if mean else np.ones_like(size), LEAST)


def adapting(
    network: Network,
    text: NDArray[Any],
    states: NDArray[Any],
    way: Way,
    size: NDArray[Any],
) -> Iterator[NDArray[Any]]:
    """Yield what a copy of a network predicts, segment by segment, and learn from each.

    Parameters
    ----------
    network
        The trained network; it is not changed.
    text, states
        As for `gradients`.
    way
        The rate and the decay.
    size
        As `sizes` returns it.

    Yields
    ------
    ndarray
        The logarithms of the probabilities of the next characters, of shape (n, K).
    """
    yield from _learn(network.like(network.theta.copy()), network.theta, text, states, way, size)


def adapted(
    network: Network,
    text: NDArray[Any],
    states: NDArray[Any],
    way: Way,
    size: NDArray[Any],
) -> Network:
    """Return a copy of a network that has learned from the whole of a text.

    The parameters are those of `adapting`. From fewer than two characters nothing is learned.
    """
    learner = network.like(network.theta.copy())
    for _ in _learn(learner, network.theta, text, states, way, size):
        pass
    return learner


def _learn(
    learner: Network,
    trained: NDArray[Any],
    text: NDArray[Any],
    states: NDArray[Any],
    way: Way,
    size: NDArray[Any],
) -> Iterator[NDArray[Any]]:
    """Yield what the learner predicts of each segment; change it, in place, after each."""
    theta, step, back = learner.theta, way.rate / size, np.minimum(way.decay * size, 1)
    for log_P, gradient in gradients(learner, text, states):
        yield log_P
        with np.errstate(over="ignore", invalid="ignore"):  # too high a rate is not chosen
            theta += back * (trained - theta) - step * gradient


def surprise(predicted: Iterable[NDArray[Any]], text: NDArray[Any]) -> NDArray[np.float64]:
    """Return -log p of each character of a text but the first, of shape (N - 1,), in nats."""
    found = np.empty(max(len(text) - 1, 0))
    start = 0
    for log_P in predicted:
        y = text[start + 1 :][: len(log_P)]
        found[start : start + len(y)] = -log_P[np.arange(len(y)), y]
        start += len(y)
    return found


def choose(network: Network, text: NDArray[Any], states: NDArray[Any], size: NDArray[Any]) -> Way:
    """Return the way that suits a text best: first the rate, with the usual decay, then the decay.

    Parameters
    ----------
    network, size
        As for `adapting`.
    text, states
        The validation part, and the state before it; if it is too short, the way is the usual one.
    """
    if len(text) < 2:
        return USUAL

    def loss(way: Way) -> float:
        found = float(surprise(adapting(network, text, states, way, size), text).mean())
        return found if math.isfinite(found) else math.inf

    rate = min(RATES, key=lambda rate: loss(Way(rate, USUAL.decay)))
    return min((Way(rate, decay) for decay in DECAYS), key=loss)
