"""The network and counting, both adapting, and the two mixed, on the same text.

Both read the validation part and then the test part, each character first scored and then learned
from; the losses are those on the test part.
"""

import math
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.analysis.adapting import Way, adapting, choose, sizes, surprise
from rnn.analysis.counting import adapting as counting
from rnn.analysis.mixing import equal_weights, mix
from rnn.network import Network
from rnn.text import Parts

CHOSEN_BY = 20_000  # characters of the validation part that choose the way to adapt


class Together(NamedTuple):
    """What adapting costs on the test part, for each character but the first, in nats.

    Attributes
    ----------
    as_trained
        The losses of the network that does not adapt, of shape (N - 1,).
    network, counting, mixed
        The losses of the network, of counting, and of both mixed, of shape (N - 1,).
    way
        How the network adapts.
    before
        The number of characters of the validation part that what adapts read first.
    """

    as_trained: NDArray[np.float64]
    network: NDArray[np.float64]
    counting: NDArray[np.float64]
    mixed: NDArray[np.float64]
    way: Way
    before: int

    @property
    def losses(self) -> dict[str, float]:
        """The mean losses of what adapts, in nats per character, as far as they are finite."""
        names = ("network", "counting", "mixed") if self.mixed.size else ()
        found = {name: float(getattr(self, name).mean()) for name in names}
        return {name: loss for name, loss in found.items() if math.isfinite(loss)}


def together(
    network: Network,
    parts: Parts,
    states: NDArray[Any],
    limit: int = 0,
    way: Way | None = None,
) -> Together:
    """Let the network and counting adapt to the test part, and mix them.

    Parameters
    ----------
    network
        The trained network; it is not changed.
    parts
        The parts of the book.
    states
        The state that training has reached, of shape (STATES, m).
    limit
        The number of characters to read of the test part, and before it of the validation part; 0
        reads all.
    way
        How the network adapts; by default, what suits the validation part best.
    """
    K, training = network.K, parts.training[-counting.COUNTED :]
    validation, test = parts.validation[-limit:], parts.test[: limit or None]
    size = sizes(network, training, states)
    way = way or choose(network, validation[:CHOSEN_BY], states, size)
    text = np.concatenate([validation, test])
    rows = (row for log_P in adapting(network, text, states, way, size) for row in log_P)
    counts = counting.adapting(np.concatenate([training, text[:1]]), text[1:], K)
    found = np.empty((3, max(len(text) - 1, 0)))
    weights, start = equal_weights(2, K), 0
    for counted in counts:
        read = np.stack(list(islice(rows, len(counted))))
        now = slice(start, start + len(counted))
        x, y = text[:-1][now], text[1:][now]
        log_P, mixed = np.stack([read, counted]), np.empty_like(counted)
        mix(weights, log_P, y, x, mixed)
        for row, one in zip(found, (read, counted, mixed), strict=True):
            row[now] = -one[np.arange(len(y)), y]
        start += len(counted)
    tested = found[:, found.shape[1] - max(len(test) - 1, 0) :]
    still = surprise(adapting(network, test, states, Way(0, 0), size), test)
    return Together(still, tested[0], tested[1], tested[2], way, len(validation))
