"""Reading a text with a network, to see its predictions and its hidden states."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.errors import InputError
from rnn.network import Network, find_cell

CHUNK = 1000  # characters at a time
NUMBERS = 2_000_000  # probabilities at a time, at most


def read_through(
    network: Network, text: NDArray[Any], states: NDArray[Any] | None = None
) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Read a text as one stream and yield, chunk by chunk, the predictions and hidden states.

    Parameters
    ----------
    network
        The network that reads.
    text
        The characters as indices, of shape (N,).
    states
        The state to start from, of shape (STATES, m); zeros by default.

    Raises
    ------
    InputError
        When an index is not below K.

    Yields
    ------
    tuple
        For a chunk of n characters, the probabilities P (n, K) of the character after each, and the
        hidden states h (n, m).
    """
    K, forward = network.K, find_cell(network.cell).forward
    if len(text) and text.max() >= K:
        raise InputError(
            f"the text has characters beyond the {K} that the network knows: read the book that it"
            " was trained on"
        )
    p = network.p
    chunk = max(1, min(CHUNK, NUMBERS // K))
    for start in range(0, len(text), chunk):
        x = text[start : start + chunk].astype(np.int64)[:, None]
        work = network.workspace(len(x), 1)
        if states is not None:
            work.states[:, 0, 0] = states
        forward(p, x, work)
        states = work.states[:, -1, 0]
        yield work.output.P, work.states[0, 1:, 0]
