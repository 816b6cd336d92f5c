"""Calibration: of guesses that are calibrated by construction, or not, and of a network."""

import numpy as np
import pytest

from rnn.analysis import calibration
from rnn.analysis.calibration import guesses, reliability
from tests import reference


def test_by_hand() -> None:
    given = np.array([0.1, 0.2, 0.6, 0.9, 1.0])
    came = np.array([False, True, True, True, False])
    found = reliability(given, came, bins=2)
    assert found.counts.tolist() == [2, 3]
    assert found.expected == pytest.approx([0.15, 2.5 / 3])
    assert found.came == pytest.approx([0.5, 2 / 3])
    assert found.error == pytest.approx((2 * 0.35 + 3 * (2.5 - 2) / 3) / 5)


def test_empty_bins_do_not_count() -> None:
    found = reliability(np.array([0.95, 0.95]), np.array([True, True]), bins=10)
    assert np.isnan(found.came[:9]).all()
    assert found.error == pytest.approx(0.05)
    assert np.isnan(reliability(np.zeros(0), np.zeros(0, bool)).error)


def test_honest_guesses_have_no_error() -> None:
    random = np.random.default_rng(0)
    given = random.random(100_000)
    came = random.random(100_000) < given
    assert reliability(given, came).error < 0.01
    assert reliability(given, random.random(100_000) < given**2).error > 0.1


def test_guesses_are_those_of_the_slow_network(monkeypatch: pytest.MonkeyPatch) -> None:
    K, m = 5, 3
    random = np.random.default_rng(1)
    network = reference.drawn(random, "rnn", K, m, scale=1)
    text = random.integers(0, K, 40)
    states = random.uniform(-1, 1, (1, m))
    _, P = reference.forward(reference.weights(network), text, states)
    monkeypatch.setattr(calibration, "PREDICTED", 30)
    given, came = guesses(network, text, states)
    assert given == pytest.approx([row.max() for row in P[:30]])
    assert came.tolist() == [row.argmax() == y for row, y in zip(P[:30], text[1:31], strict=True)]
