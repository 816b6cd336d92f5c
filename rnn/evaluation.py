"""The loss of a network on a text, which it reads as one stream without learning."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from rnn.network import Network
from rnn.numerics.compiled import compiled
from rnn.vanilla import forward


@compiled
def read(p: Any, work: Any, text: NDArray[Any]) -> float:
    """Read a text as one stream and return the sum of -log p over all characters but the first.

    `work` holds the arrays for one stream of one character. `work.states[:, 0]` is the state before
    the text, and at the end the state before its last character.
    """
    x = np.empty((1, 1), np.int64)
    total = 0.0
    for i in range(text.size - 1):
        x[0, 0] = text[i]
        forward(p, x, work)
        total -= work.output.log_P[0, text[i + 1]]
        work.states[:, 0] = work.states[:, 1]
    return total


def evaluate(network: Network, text: NDArray[Any], states: NDArray[Any], limit: int = 0) -> float:
    """Return the loss on a text read as one stream, in nats per character.

    Parameters
    ----------
    network
        The network that reads.
    text
        The characters, as indices; all but the first are predicted.
    states
        The state before the text, of shape (STATES, m). That which training has reached is better
        than zero, from which a network may fall into states that training never visits.
    limit
        The number of characters to read at most; 0 reads all.
    """
    text = text[: limit or None]
    if len(text) < 2:
        return math.nan
    with threadpool_limits(1):
        work = network.workspace(1, 1)
        work.states[:, 0, 0] = states
        total = network.loop(read)(network.p, work, text)
    return float(total) / (len(text) - 1)
