"""Mixing against plain arithmetic, and what it is for."""

import numpy as np
import pytest
from numpy.typing import NDArray

from rnn.analysis.mixing import blend, equal_weights, mix


def predictions(rng: np.random.Generator, *shape: int) -> NDArray[np.float64]:
    """Return log-probabilities of any shape (..., K)."""
    p: NDArray[np.float64] = rng.random(shape) + 0.01
    p /= p.sum(axis=-1, keepdims=True)
    return np.log(p)


def test_plain_arithmetic_gives_the_same() -> None:
    rng = np.random.default_rng(0)
    M, N, K = 3, 200, 7
    log_P, text, classes = predictions(rng, M, N, K), rng.integers(K, size=N), np.arange(N) % 2
    log_P[1, ::9, 2], log_P[0, ::7, 4] = -40, -14
    weights, mixed = equal_weights(M, 2), np.empty((N, K))
    mix(weights, log_P, text, classes, mixed, 0.02, 0.05)
    log_P[log_P < -15] = -15
    shared, own = [1 / M] * M, [[0.0] * M, [0.0] * M]
    for t in range(N):
        now = [shared[i] + own[t % 2][i] for i in range(M)]
        q = [np.prod([np.exp(log_P[i, t, k]) ** now[i] for i in range(M)]) for k in range(K)]
        p = np.array(q) / sum(q)
        np.testing.assert_allclose(np.exp(mixed[t]), p, rtol=1e-10)
        for i in range(M):
            step = log_P[i, t, text[t]] - p @ log_P[i, t]
            shared[i] += 0.02 * step
            own[t % 2][i] += 0.05 * step
    np.testing.assert_allclose(weights, [shared, *own], rtol=1e-10)


def test_the_probabilities_of_the_next_character_sum_to_one() -> None:
    rng = np.random.default_rng(4)
    mixed = np.empty((300, 7))
    log_P, text = predictions(rng, 2, 300, 7), rng.integers(7, size=300)
    mix(equal_weights(2, 7), log_P, text, np.roll(text, 1), mixed, 0.5, 0.5)
    np.testing.assert_allclose(np.exp(mixed).sum(axis=1), 1, rtol=1e-12)


def test_a_step_follows_the_gradient() -> None:
    """The change of the weights is the rate times the numerical gradient of log p(y)."""
    rng = np.random.default_rng(1)
    log_P = predictions(rng, 2, 1, 5)
    weights, mixed = np.array([[0.3, 0.9], [0.1, -0.2]]), np.empty((1, 5))
    before = weights.copy()
    mix(weights, log_P, np.array([3]), np.array([0]), mixed, 1.0, 0.5)
    for i in range(2):
        found = []
        for step in (-1e-5, 1e-5):
            moved, after = before.sum(axis=0), np.empty(5)
            moved[i] += step
            blend(moved, log_P[:, 0], after)
            found.append(after[3])
        gradient = (found[1] - found[0]) / 2e-5
        assert weights[:, i] - before[:, i] == pytest.approx([gradient, gradient / 2], rel=1e-6)


def test_a_mixture_beats_both_of_two_models_that_know_different_things() -> None:
    """One model knows the even places, one the odd ones; so does the mixture, with two classes."""
    rng = np.random.default_rng(2)
    N, K = 4000, 6
    text, log_P = rng.integers(K, size=N), predictions(rng, 2, N, K)
    for i in range(2):
        known = np.arange(N) % 2 == i
        good = np.full((N, K), 0.1 / (K - 1))
        good[np.arange(N), text] = 0.9
        log_P[i, known] = np.log(good[known])
    losses = {}
    for classes in (1, 2):
        mixed = np.empty((N, K))
        mix(equal_weights(2, classes), log_P, text, np.arange(N) % classes, mixed, 0.01, 0.02)
        losses[classes] = -mixed[np.arange(N), text].mean()
    alone = [-log_P[i][np.arange(N), text].mean() for i in range(2)]
    assert losses[1] < min(alone)
    assert losses[2] < 0.5 * losses[1]


@pytest.mark.parametrize("cost", [30, 1e3, 1e30])
def test_a_model_that_is_certain_and_wrong_is_soon_left_out(cost: float) -> None:
    rng = np.random.default_rng(6)
    N, K = 5000, 6
    text, log_P = rng.integers(K, size=N), predictions(rng, 2, N, K)
    log_P[0], log_P[0, np.arange(N), text] = np.log(0.04), np.log(0.8)
    log_P[1] = -cost * rng.random((N, K))
    mixed = np.empty((N, K))
    mix(equal_weights(2), log_P, text, np.zeros(N, int), mixed)
    assert -mixed[2500:][np.arange(2500), text[2500:]].mean() < 1.05 * -np.log(0.8)


def test_models_that_agree_are_believed() -> None:
    rng = np.random.default_rng(3)
    log_P = np.repeat(predictions(rng, 1, 50, 4), 3, axis=0)
    mixed, nothing = np.empty((50, 4)), np.zeros(50, int)
    mix(equal_weights(3), log_P, nothing, nothing, mixed, 0.0, 0.0)
    np.testing.assert_allclose(mixed, log_P[0], rtol=1e-12)


def test_nothing_is_scored_that_was_learned_from() -> None:
    """Neither what came at a place nor what was predicted later changes what was said there."""
    rng = np.random.default_rng(5)
    log_P, text, classes = predictions(rng, 2, 90, 5), rng.integers(5, size=90), np.zeros(90, int)
    first, second = np.empty((90, 5)), np.empty((90, 5))
    mix(equal_weights(2), log_P, text, classes, first, 0.1, 0.1)
    other = text.copy()
    other[40:] = (text[40:] + 1) % 5
    log_P[:, 41:] = predictions(rng, 2, 49, 5)
    mix(equal_weights(2), log_P, other, classes, second, 0.1, 0.1)
    np.testing.assert_array_equal(first[:41], second[:41])


def test_pieces_give_what_the_whole_gives() -> None:
    rng = np.random.default_rng(4)
    log_P, text, classes = predictions(rng, 2, 90, 5), rng.integers(5, size=90), np.arange(90) % 3
    whole, pieces = np.empty((90, 5)), np.empty((90, 5))
    mix(equal_weights(2, 3), log_P, text, classes, whole, 0.1, 0.1)
    weights = equal_weights(2, 3)
    for piece in (slice(0, 31), slice(31, 90)):
        now = np.ascontiguousarray(log_P[:, piece])
        mix(weights, now, text[piece], classes[piece], pieces[piece], 0.1, 0.1)
    np.testing.assert_array_equal(pieces, whole)
