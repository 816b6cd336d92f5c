"""Counting that adapts, against a slow model that is made anew before each character."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn.analysis.counting import adapting, kneser_ney
from rnn.analysis.counting.adapting import (
    count_all,
    counter,
    log_probabilities,
    predict,
    settle,
    size_class,
)
from tests.counted import Adapting, indices, random_text


@pytest.mark.parametrize(("K", "context", "length"), [(3, 2, 120), (30, 4, 100), (300, 8, 70)])
def test_a_slow_model_gives_the_same(
    monkeypatch: pytest.MonkeyPatch, K: int, context: int, length: int
) -> None:
    monkeypatch.setattr(adapting, "CHUNK", 1)
    text, start, warm = random_text(K, K, length), length // 2, length // 3
    fast = np.concatenate(
        list(adapting.adapting(text[:start], text[start:], K, context, rate=0.1, warm=warm))
    )
    slow = Adapting(K, context, rate=0.1)
    for i in range(start - warm, length):
        log_p = slow.log_p(text[:i].tolist(), int(text[i]))
        if i >= start:
            np.testing.assert_allclose(fast[i - start], log_p, rtol=1e-9)


@settings(deadline=None)
@given(st.lists(st.integers(0, 2), max_size=20), st.integers(0, 4))
def test_the_first_prediction_is_that_of_kneser_ney(text: list[int], context: int) -> None:
    """Before any weight is learned."""
    read = indices(text, 4)  # character 3 is never seen
    c = counter(4, len(read), context)
    count_all(c, read)
    settle(c)
    log_p = np.empty(4)
    predict(c, log_p)
    for w in range(4):
        last = np.append(read[len(read) - min(context, len(read)) :], indices([w], 4))
        *_, p = kneser_ney.probabilities(read, last, 4, context + 1)
        assert log_p[w] == pytest.approx(math.log(p[-1]), rel=1e-12)


def test_that_is_so_in_a_longer_text() -> None:
    text = random_text(2, 40, 5000)
    c = counter(40, len(text))
    count_all(c, text)
    settle(c)
    log_p = np.empty(40)
    predict(c, log_p)
    for w in range(0, 40, 3):
        *_, p = kneser_ney.probabilities(text, np.append(text[-8:], indices([w], 40)), 40, 9)
        assert log_p[w] == pytest.approx(math.log(p[-1]), rel=1e-12)


@pytest.mark.parametrize("K", [1, 2, 40, 300])
def test_the_probabilities_of_the_next_character_sum_to_one(K: int) -> None:
    text = random_text(1, K, 3000)
    for log_P in adapting.adapting(text[:1000], text[1000:], K):
        assert np.isfinite(log_P).all()
        np.testing.assert_allclose(np.exp(log_P).sum(axis=1), 1, rtol=1e-12)


def test_nothing_is_scored_that_was_learned_from() -> None:
    """What follows a character does not change its loss."""
    text, other = random_text(3, 20, 3000), random_text(4, 20, 3000)
    whole = log_probabilities(text[:500], text[500:], 20)
    for i in (1, 700, 999, 1000, 1001):
        changed = np.append(text[500 : 500 + i], other)
        np.testing.assert_array_equal(log_probabilities(text[:500], changed, 20)[:i], whole[:i])


def test_a_text_that_is_repeated_gets_cheaper() -> None:
    rng = np.random.default_rng(0)
    text = indices(rng.integers(20, size=500), 20)
    losses = -log_probabilities(indices([], 20), np.tile(text, 4), 20).reshape(4, 500).mean(axis=1)
    assert losses[0] > 2.5
    assert (losses[1:] < 0.5 * losses[0]).all()
    assert (np.diff(losses) < 0).all()


def test_weights_that_are_learned_help() -> None:
    text = random_text(9, 30, 9000)
    losses = [-log_probabilities(text[:4000], text[4000:], 30, rate=r).mean() for r in (0, 0.006)]
    assert losses[1] < losses[0]


def test_without_room_for_more_n_grams_the_others_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = random_text(5, 30, 3000)
    free = -log_probabilities(text[:2000], text[2000:], 30).mean()
    for nodes in (2, 40, 500):
        monkeypatch.setattr(adapting, "NODES", nodes)
        log_P = np.concatenate(list(adapting.adapting(text[:2000], text[2000:], 30)))
        np.testing.assert_allclose(np.exp(log_P).sum(axis=1), 1, rtol=1e-12)
        loss = -log_P[np.arange(1000), text[2000:]].mean()
        assert free < loss < 1.2 * math.log(30)


def test_nothing_to_read() -> None:
    assert log_probabilities(indices([0, 1], 2), indices([], 2), 2).shape == (0,)
    alone = log_probabilities(indices([], 4), indices([2], 4), 4)
    assert alone == pytest.approx([-math.log(4)])


def test_size_class() -> None:
    numbers = [0, 1, 2, 3, 4, 7, 8, 127, 128, 10**9]
    assert [size_class(n) for n in numbers] == [0, 0, 1, 1, 2, 2, 3, 6, 7, 7]
