"""The error against the step: equal to the slow network's, and V-shaped."""

from typing import Any

import numpy as np
import pytest

from rnn.analysis.sweep import ENTRIES, STEPS, sweep
from rnn.network import CELLS, Network, slices
from tests import reference

K, M, T = 4, 3, 5


def case(cell: str = "rnn", K: int = K) -> tuple[Network, Any, Any]:
    random = np.random.default_rng(1)
    x, y = random.integers(0, K, (2, T, 1))
    return reference.drawn(random, cell, K, M), x, y


def test_a_slow_network_gives_the_same() -> None:
    network, x, y = case()
    theta = network.theta
    assert theta.size < ENTRIES * 5
    before = theta.copy()
    errors = sweep(network, x, y)
    assert np.array_equal(theta, before)

    start = np.zeros((1, 1, M))
    weights = reference.weights(network)
    exact = reference.flat(reference.mean_gradients(weights, x, y, start), network)

    def loss(flat: Any) -> Any:
        return reference.loss(reference.weights(network.like(flat)), x[:, 0], y[:, 0], start[:, 0])

    for i, h in enumerate(STEPS):
        if h < 1e-3:  # below this, rounding dominates, and the two round differently
            continue
        step = h * np.eye(theta.size)
        numeric = np.array([(loss(theta + d) - loss(theta - d)) / (2 * h) for d in step])
        for name, where in slices("rnn", K, M).items():
            a, n = exact[where], np.where(exact[where] == 0, 0, numeric[where])
            error = np.linalg.norm(a - n) / (np.linalg.norm(a) + np.linalg.norm(n))
            assert errors[name][i] == pytest.approx(error, rel=1e-3), (name, h)


@pytest.mark.parametrize("cell", CELLS)
def test_it_is_a_v(cell: str) -> None:
    for error in sweep(*case(cell)).values():
        best = int(error.argmin())
        assert 1e-7 <= STEPS[best] <= 1e-2
        assert error[best] < 1e-8
        assert error[-1] > 1e-6  # the error of approximation
        assert error[0] > 1e-4  # the error of rounding


def test_with_one_character_there_is_nothing_to_err_in() -> None:
    for error in sweep(*case(K=1)).values():
        assert np.array_equal(error, np.zeros(STEPS.size))
