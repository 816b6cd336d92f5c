"""Reading a text with a network, to see what it expects and what goes on in it."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.errors import InputError
from rnn.network import Network, find_cell

CHUNK = 1000  # characters at a time
NUMBERS = 2_000_000  # that their probabilities may take


def read_through(
    network: Network, text: NDArray[Any], states: NDArray[Any] | None = None
) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Read a text as one stream and yield, piece by piece, what comes after its characters.

    Parameters
    ----------
    network
        What reads.
    text
        The characters, as indices, of shape (N,).
    states
        The state to begin with, of shape (STATES, m); by default zeros.

    Raises
    ------
    InputError
        When an index is not one of the K characters.

    Yields
    ------
    tuple
        For the n characters of a piece the probabilities P (n, K) of the one after each, and the
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
