"""Dynamic evaluation, beside the slow network's."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from rnn.analysis import adapting as module
from rnn.analysis.adapting import USUAL, Way, adapted, adapting, choose, gradients, sizes, surprise
from rnn.evaluation import evaluate
from rnn.network import Network
from tests import reference

K, M, N = 5, 4, 47  # three segments, the last of them shorter
WAY = Way(0.02, 0.05)
TEXT = np.random.default_rng(3).integers(0, K, N).astype(np.uint8)

cells = pytest.mark.parametrize("cell", reference.CELLS)


def a_network(cell: str) -> tuple[Network, NDArray[np.float64]]:
    random = np.random.default_rng(2)
    network = reference.drawn(random, cell, K, M)
    return network, random.uniform(-1, 1, (reference.state_rows(cell), M))


def slow_segments(
    network: Network, states: NDArray[np.float64], way: Way, size: NDArray[np.float64]
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]]:
    """Yield the losses of each segment's characters, its gradient, and what is learned from it."""
    theta = network.theta
    for start in range(0, N - 1, module.LENGTH):
        p = reference.weights(network.like(theta))
        x, y = TEXT[:-1][start:][: module.LENGTH], TEXT[1:][start:][: module.LENGTH]
        after, P = reference.forward(p, x, states, network.cell)
        d = reference.automatic_gradients(p, x, y, states, network.cell)
        gradient = reference.flat(d, network)
        losses = np.array([-np.log(row[k]) for row, k in zip(P, y, strict=True)])
        theta = theta - way.rate * gradient / size + way.decay * size * (network.theta - theta)
        yield losses, gradient, theta
        states = after[-1]


@cells
def test_it_is_that_of_the_slow_network(cell: str) -> None:
    network, states = a_network(cell)
    size = np.random.default_rng(4).uniform(0.1, 3, network.theta.size)
    before = network.theta.copy()
    found = surprise(adapting(network, TEXT, states, WAY, size), TEXT)
    slow = np.concatenate([losses for losses, *_ in slow_segments(network, states, WAY, size)])
    assert found == pytest.approx(slow, rel=1e-12)
    assert np.array_equal(network.theta, before), "the trained network is left as it was"


@cells
def test_what_has_read_a_text_has_the_parameters_of_the_slow_network(cell: str) -> None:
    network, states = a_network(cell)
    size = np.random.default_rng(4).uniform(0.1, 3, network.theta.size)
    before = network.theta.copy()
    found = adapted(network, TEXT, states, WAY, size)
    *_, (_, _, slow) = slow_segments(network, states, WAY, size)
    assert found.theta == pytest.approx(slow, rel=1e-12)
    assert np.abs(found.theta - before).max() > 0.01
    assert np.array_equal(network.theta, before), "the trained network is left as it was"


@cells
def test_the_sizes_are_those_of_the_gradients(cell: str) -> None:
    network, states = a_network(cell)
    still = slow_segments(network, states, Way(0, 0), np.ones(1))
    size = np.sqrt(np.mean([gradient**2 for _, gradient, _ in still], axis=0))
    found = sizes(network, TEXT, states)
    assert found == pytest.approx(np.maximum(size / size.mean(), module.LEAST), rel=1e-12)


@cells
def test_without_learning_it_is_evaluation(cell: str) -> None:
    network, states = a_network(cell)
    found = surprise(adapting(network, TEXT, states, Way(0, 0.1), np.ones(1)), TEXT)
    assert found.mean() == pytest.approx(evaluate(network, TEXT, states), rel=1e-13)


def test_nothing_is_scored_that_was_learned_from() -> None:
    network, states = a_network("rnn")
    whole = surprise(adapting(network, TEXT, states, WAY, np.ones(1)), TEXT)
    for n in (2, 20, 21, 22, 40):
        other = np.concatenate([TEXT[:n], (TEXT[n:] + 1) % K])
        found = surprise(adapting(network, other, states, WAY, np.ones(1)), other)
        assert np.array_equal(found[: n - 1], whole[: n - 1])


def test_the_probabilities_of_the_next_character_sum_to_one() -> None:
    network, states = a_network("rnn")
    P = np.exp(np.concatenate([*adapting(network, TEXT, states, WAY, np.ones(1))]))
    assert P.sum(axis=1) == pytest.approx(np.ones(N - 1), rel=1e-12)


def test_what_comes_again_costs_less() -> None:
    network, states = a_network("gru")
    text = np.tile(TEXT[:10], 60)
    found = surprise(adapting(network, text, states, Way(0.1, 0), np.ones(1)), text)
    assert found[-50:].mean() < 0.7 * found[:50].mean()


def test_what_has_read_a_text_expects_it_better() -> None:
    network, states = a_network("lstm")
    text = np.tile(TEXT[:10], 60)
    learned = adapted(network, text, states, Way(0.1, 0), np.ones(1))
    assert evaluate(learned, text, states) < 0.7 * evaluate(network, text, states)


def test_the_way_with_the_lowest_loss_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RATES", (0.0, 0.1, 100.0))
    network, states = a_network("rnn")
    text, one = np.tile(TEXT[:10], 60), np.ones(network.theta.size)
    way = choose(network, text, states, one)
    losses = {
        decay: surprise(adapting(network, text, states, Way(0.1, decay), one), text).mean()
        for decay in module.DECAYS
    }
    assert way == (0.1, min(losses, key=lambda decay: losses[decay]))


def test_a_rate_that_leads_nowhere_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    network, states = a_network("rnn")
    one, text = np.ones(network.theta.size), np.tile(TEXT[:10], 60)
    monkeypatch.setattr(module, "RATES", (1e308,))
    assert np.isnan(surprise(adapting(network, text, states, Way(1e308, 0), one), text).mean())
    monkeypatch.setattr(module, "RATES", (1e308, 0.1))
    assert choose(network, text, states, one).rate == 0.1


def test_texts_that_are_too_short() -> None:
    network, states = a_network("rnn")
    for n in (0, 1):
        assert choose(network, TEXT[:n], states, np.ones(1)) == USUAL
        assert not surprise(adapting(network, TEXT[:n], states, WAY, np.ones(1)), TEXT[:n]).size
        assert np.array_equal(sizes(network, TEXT[:n], states), np.ones(network.theta.size))
        learned = adapted(network, TEXT[:n], states, WAY, np.ones(1))
        assert np.array_equal(learned.theta, network.theta)
    assert len([*gradients(network, TEXT[:2], states)]) == 1
