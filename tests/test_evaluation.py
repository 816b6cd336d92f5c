"""The loss on a text: equal to the slow network's."""

import numpy as np
import pytest

from rnn.evaluation import evaluate, read
from rnn.network import initialise
from tests import reference

K, M = 6, 4
HELD_OUT = np.random.default_rng(1).integers(0, K, 90).astype(np.uint8)

cells = pytest.mark.parametrize("cell", reference.CELLS)


@cells
@pytest.mark.parametrize("n", [1, 2, 30])
def test_reading_gives_the_loss(cell: str, n: int) -> None:
    model = reference.small_model(cell=cell)
    network, weights = model.network, reference.weights(model.network)
    text = np.random.default_rng(5).integers(0, network.K, n)
    work = network.workspace(1, 1)
    total = network.loop(read)(network.p, work, text)
    zero = np.zeros_like(model.states)
    right = reference.loss(weights, text[:-1], text[1:], zero, cell)
    assert total == pytest.approx(right, rel=1e-13)
    states, _ = reference.forward(weights, text[:-1], zero, cell)
    assert np.allclose(work.states[:, 0, 0], states[-1], rtol=0, atol=1e-14)


@cells
def test_it_is_the_loss_of_one_stream_from_the_given_state(cell: str) -> None:
    network = initialise(cell, K, M, seed=3, init_scale=0.8)
    weights = reference.weights(network)
    states = np.random.default_rng(4).uniform(-1, 1, (reference.state_rows(cell), M))
    for limit, n in [(0, 90), (1000, 90), (40, 40)]:
        text = HELD_OUT[:n]
        right = reference.loss(weights, text[:-1], text[1:], states, cell) / (n - 1)
        found = evaluate(network, HELD_OUT, states, limit)
        assert found == pytest.approx(right, rel=1e-13), "nats per character"


def test_a_text_of_one_character_is_no_trouble() -> None:
    assert np.isnan(evaluate(initialise("rnn", K, M, seed=1), HELD_OUT[:1], np.zeros((1, M))))
