"""Errors in the backward pass: each is the one that it says, and each is caught."""

from typing import Any

import numpy as np
import pytest

from rnn.analysis.planted import ERRORS, Error, check_planted, plant
from rnn.cells import CELLS
from rnn.gradcheck import EXACT, analytic_gradient, meets_bars
from rnn.network import size, views
from tests import reference

SAME = {  # as the slow network calls them
    "the derivative of tanh is dropped": "the derivative of tanh is dropped",
    "nothing flows back through time": "nothing flows back through time",
    "W is not transposed": "W is not transposed on the way back",
    "U has the wrong sign": "U has the sign the other way",
    "b is counted twice": "b is counted twice",
    "the character that came is forgotten": "the softmax forgets the character that came",
    "the first time step is left out": "the first time step is missing",
    "W meets the state after, not before": "W meets the state after, not before",
}


@pytest.mark.parametrize("cell", CELLS)
def test_every_error_is_caught(cell: str) -> None:
    found = list(check_planted(cell))
    assert [error for error, _ in found] == list(ERRORS[cell])
    for error, check in found:
        assert not meets_bars(check), error
        assert max(check.complex_step.values()) > 0.01, error


def test_the_wrong_parameters_are_named() -> None:
    for error, check in check_planted("rnn"):
        if error.what in SAME:
            wrong = {name for name, value in check.complex_step.items() if value > EXACT}
            assert wrong == set(reference.ERRORS[SAME[error.what]]), error


@pytest.mark.parametrize("error", [e for e in ERRORS["rnn"] if e.what in SAME], ids=str)
def test_the_slow_network_with_the_same_error_agrees(error: Error) -> None:
    random = np.random.default_rng(3)
    K, m, T, B = 5, 4, 6, 2
    theta: Any = random.normal(0, 0.5, size(K, m))
    x, y = random.integers(0, K, (2, T, B))
    gradient = analytic_gradient(theta, K, m, x, y, "rnn", plant(error, "rnn"))
    weights = reference.weights(theta, K, m)
    slow = reference.mean_gradients(weights, x, y, np.zeros((1, B, m)), SAME[error.what])
    for name, part in views(gradient, K, m)._asdict().items():
        np.testing.assert_allclose(part, slow[name], rtol=1e-12, atol=1e-13)


def test_an_error_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="is 0 times in the source"):
        plant(Error("", "no such thing", ""), "rnn")
