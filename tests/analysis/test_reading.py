"""Reading a text through: the same as the slow network, however the text is split."""

import numpy as np
import pytest

from rnn.analysis import reading
from rnn.analysis.reading import read_through
from rnn.errors import InputError
from rnn.network import initialise
from tests import reference

K, M = 6, 4


@pytest.mark.parametrize("cell", reference.CELLS)
@pytest.mark.parametrize("chunk", [1, 4, 11, 100])
def test_the_slow_network_reads_the_same(
    cell: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK", chunk)
    random = np.random.default_rng(chunk)
    network = reference.drawn(random, cell, K, M)
    text = random.integers(0, K, 11).astype(np.uint8)
    start = random.normal(0, 0.5, (reference.state_rows(cell), M))
    for states in (None, start):
        begin = np.zeros_like(start) if states is None else states
        slow, expected = reference.forward(reference.weights(network), text, begin, cell)
        pieces = list(read_through(network, text, states))
        assert len(pieces) == -(-len(text) // chunk)
        P, h = (np.concatenate(part) for part in zip(*pieces, strict=True))
        np.testing.assert_allclose(P, np.array(expected), rtol=1e-10)
        np.testing.assert_allclose(h, [state[0] for state in slow[1:]], rtol=1e-10, atol=1e-12)


def test_the_state_that_is_given_stays_as_it_was() -> None:
    start = np.ones((1, M))
    list(read_through(initialise("rnn", K, M, seed=1), np.zeros(5, np.uint8), start))
    assert np.array_equal(start, np.ones((1, M)))


def test_no_text() -> None:
    assert list(read_through(initialise("rnn", K, M, seed=1), np.zeros(0, np.uint8))) == []


def test_characters_that_the_network_does_not_know_are_refused() -> None:
    """Compiled code does not check indices: it would read whatever lies after the parameters."""
    with pytest.raises(InputError, match="beyond the 4 that the network knows"):
        list(read_through(initialise("rnn", 4, 3, seed=1), np.array([0, 3, 4])))
