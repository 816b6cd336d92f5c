"""Mixing against plain arithmetic, and what it is for."""

import numpy as np
import pytest
from numpy.typing import NDArray

from rnn.analysis.mixing import blend, equal_weights, mix


def predictions(rng: np.random.Generator, *shape: int) -> NDArray[np.float64]:
    """Return log-probabilities of any shape (..., K)."""
    p = rng.random(shape) + 0.01
    return np.log(p / p.sum(axis=-1, keepdims=True))


def test_plain_arithmetic_gives_the_same() -> None:
    rng = np.random.default_rng(0)
    M, N, K, sets = 3, 200, 7, 2
    log_P, text, places = (
        predictions(rng, M, N, K),
        rng.integers(K, size=N),
        rng.integers(2, size=N),
    )
    weights, mixed = equal_weights(M, sets), np.empty((N, K))
    mix(weights, log_P, text, places, mixed, 0.05)
    w = [[1 / M] * M for _ in range(sets)]
    for t in range(N):
        now = w[places[t]]
        q = [np.prod([np.exp(log_P[i, t, k]) ** now[i] for i in range(M)]) for k in range(K)]
        p = np.array(q) / sum(q)
        np.testing.assert_allclose(np.exp(mixed[t]), p, rtol=1e-10)
        for i in range(M):
            now[i] += 0.05 * (log_P[i, t, text[t]] - p @ log_P[i, t])
    np.testing.assert_allclose(weights, w, rtol=1e-10)


def test_a_step_follows_the_gradient() -> None:
    """The change of the weights is the rate times the numerical gradient of log p(y)."""
    rng = np.random.default_rng(1)
    log_P = predictions(rng, 2, 1, 5)
    weights, mixed = np.array([[0.3, 0.9]]), np.empty((1, 5))
    before = weights[0].copy()
    mix(weights, log_P, np.array([3]), np.array([0]), mixed, 1.0)
    for i in range(2):
        found = []
        for step in (-1e-5, 1e-5):
            moved, after = before.copy(), np.empty(5)
            moved[i] += step
            blend(moved, log_P[:, 0], after)
            found.append(after[3])
        assert weights[0, i] - before[i] == pytest.approx((found[1] - found[0]) / 2e-5, rel=1e-6)


def test_a_mixture_beats_both_of_two_models_that_know_different_things() -> None:
    """One model knows the even places, one the odd ones; so does the mixture, with two sets."""
    rng = np.random.default_rng(2)
    N, K = 4000, 6
    text, log_P = rng.integers(K, size=N), predictions(rng, 2, N, K)
    for i in range(2):
        known = np.arange(N) % 2 == i
        good = np.full((N, K), 0.1 / (K - 1))
        good[np.arange(N), text] = 0.9
        log_P[i, known] = np.log(good[known])
    losses = {}
    for sets in (1, 2):
        mixed = np.empty((N, K))
        mix(equal_weights(2, sets), log_P, text, np.arange(N) % sets, mixed, 0.02)
        losses[sets] = -mixed[np.arange(N), text].mean()
    alone = [-log_P[i][np.arange(N), text].mean() for i in range(2)]
    assert losses[1] < min(alone)
    assert losses[2] < 0.5 * losses[1]


def test_models_that_agree_are_believed() -> None:
    rng = np.random.default_rng(3)
    log_P = np.repeat(predictions(rng, 1, 50, 4), 3, axis=0)
    mixed = np.empty((50, 4))
    mix(equal_weights(3), log_P, np.zeros(50, int), np.zeros(50, int), mixed, 0.0)
    np.testing.assert_allclose(mixed, log_P[0], rtol=1e-12)


def test_pieces_give_what_the_whole_gives() -> None:
    rng = np.random.default_rng(4)
    log_P, text, places = predictions(rng, 2, 90, 5), rng.integers(5, size=90), np.arange(90) % 3
    whole, pieces = np.empty((90, 5)), np.empty((90, 5))
    mix(equal_weights(2, 3), log_P, text, places, whole, 0.1)
    weights = equal_weights(2, 3)
    for piece in (slice(0, 31), slice(31, 90)):
        now = np.ascontiguousarray(log_P[:, piece])
        mix(weights, now, text[piece], places[piece], pieces[piece], 0.1)
    np.testing.assert_array_equal(pieces, whole)
