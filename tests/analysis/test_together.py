"""The network and counting, adapting and mixed, beside each by itself."""

import numpy as np
import pytest

from rnn.analysis import together as module
from rnn.analysis.adapting import USUAL, Way, adapting, choose, sizes, surprise
from rnn.analysis.counting.adapting import log_probabilities
from rnn.analysis.mixing import equal_weights, mix
from rnn.analysis.together import together
from rnn.text import Parts, split
from tests import reference

K, M = 5, 4
RANDOM = np.random.default_rng(6)
TEXT = np.concatenate([RANDOM.integers(0, K, 30)[RANDOM.integers(0, 30, 400)], np.arange(200) % K])
NETWORK = reference.drawn(RANDOM, "gru", K, M)
STATES = np.zeros((1, M))


@pytest.mark.parametrize("chunk", [7, 20, 1000])
def test_each_is_what_it_is_alone(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnn.analysis.counting.adapting.CHUNK", chunk)
    parts = split(TEXT.astype(np.uint8), 0.2, 0.3)
    found = together(NETWORK, parts, STATES)
    n, text = len(parts.test) - 1, np.concatenate(parts[1:])
    size = sizes(NETWORK, parts.training, STATES)
    way = choose(NETWORK, parts.validation, STATES, size)
    alone = surprise(adapting(NETWORK, text, STATES, way, size), text)
    assert found.way == way
    assert np.array_equal(found.network, alone[-n:])
    counted = -log_probabilities(np.append(parts.training, text[0]), text[1:], K)
    assert np.array_equal(found.counting, counted[-n:])


def test_the_mixture_is_that_of_both() -> None:
    parts = split(TEXT.astype(np.uint8), 0.2, 0.3)
    text = np.concatenate(parts[1:])
    size = sizes(NETWORK, parts.training, STATES)
    way = choose(NETWORK, parts.validation, STATES, size)
    read = np.concatenate([*adapting(NETWORK, text, STATES, way, size)])
    from rnn.analysis.counting import adapting as counting

    first = np.append(parts.training, text[0])
    log_P = np.stack([read, np.concatenate([*counting.adapting(first, text[1:], K)])])
    mixed = np.empty_like(read)
    mix(equal_weights(2, K), log_P, text[1:], text[:-1], mixed)
    n = len(parts.test) - 1
    right = -mixed[np.arange(len(text) - 1), text[1:]][-n:]
    assert together(NETWORK, parts, STATES).mixed == pytest.approx(right, rel=1e-12)


def test_the_way_may_be_given_and_the_losses_are_means() -> None:
    parts = split(TEXT.astype(np.uint8), 0.2, 0.3)
    way = Way(0.004, 0.0)
    found = together(NETWORK, parts, STATES, way=way)
    size, text = sizes(NETWORK, parts.training, STATES), np.concatenate(parts[1:])
    alone = surprise(adapting(NETWORK, text, STATES, way, size), text)[-len(found.network) :]
    assert found.way == way
    assert found.losses["network"] == pytest.approx(alone.mean(), rel=1e-12)
    assert found.losses.keys() == {"network", "counting", "mixed"}
    assert together(NETWORK, split(TEXT.astype(np.uint8), 0.2, 0), STATES).losses == {}


def test_only_so_much_is_read() -> None:
    parts = split(TEXT.astype(np.uint8), 0.2, 0.3)
    shorter = Parts(parts.training, parts.validation[-50:], parts.test[:50])
    whole, limited = together(NETWORK, shorter, STATES), together(NETWORK, parts, STATES, 50)
    for name in ("as_trained", "network", "counting", "mixed"):
        assert np.array_equal(getattr(whole, name), getattr(limited, name))
    assert whole.way == limited.way
    assert len(limited.mixed) == 49
    assert limited.before == 50


@pytest.mark.parametrize(("validation", "test"), [(0, 0.3), (0.2, 0), (0, 0)])
def test_a_part_may_be_missing(validation: float, test: float) -> None:
    found = together(NETWORK, split(TEXT.astype(np.uint8), validation, test), STATES)
    assert len(found.network) == max(round(test * len(TEXT)) - 1, 0)
    assert np.isfinite(found.mixed).all()
    assert validation or found.way == USUAL
    assert found.before == round(validation * len(TEXT))
    assert module.CHOSEN_BY > 0
