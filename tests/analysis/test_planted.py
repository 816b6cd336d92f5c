"""Planted errors in the backward pass: each is the error it claims to be, and each is caught."""

import numpy as np
import pytest

from rnn.analysis.planted import SHARED, check_planted, plant, slips
from rnn.cells import Slip
from rnn.gradcheck import EXACT, analytic_gradient, meets_bars
from rnn.network import CELLS
from tests import reference

SAME = {  # the slow network's names for them
    "the derivative of tanh is dropped": "the derivative of tanh is dropped",
    "nothing flows back through time": "nothing flows back through time",
    "W is not transposed": "W is not transposed on the way back",
    "U has the wrong sign": "U has the sign the other way",
    "b is counted twice": "b is counted twice",
    "the target is not subtracted": "the softmax forgets the character that came",
    "the first time step is left out": "the first time step is missing",
    "the state after is used, not before": "W meets the state after, not before",
}


@pytest.mark.parametrize("cell", CELLS)
def test_every_error_is_caught(cell: str) -> None:
    found = list(check_planted(cell))
    assert [slip for slip, _ in found] == [*CELLS[cell].SLIPS, *SHARED]
    for slip, check in found:
        assert not meets_bars(check), slip
        assert max(check.complex_step.values()) > 0.01, slip


def test_the_wrong_parameters_are_named() -> None:
    for slip, check in check_planted("rnn"):
        if slip.what in SAME:
            wrong = {name for name, value in check.complex_step.items() if value > EXACT}
            assert wrong == set(reference.ERRORS[SAME[slip.what]]), slip


@pytest.mark.parametrize("slip", [slip for slip in slips("rnn") if slip.what in SAME], ids=str)
def test_the_slow_network_with_the_same_error_agrees(slip: Slip) -> None:
    random = np.random.default_rng(3)
    K, m, T, B = 5, 4, 6, 2
    network = reference.drawn(random, "rnn", K, m)
    x, y = random.integers(0, K, (2, T, B))
    gradient = analytic_gradient(network, x, y, plant(slip, "rnn"))
    weights = reference.weights(network)
    slow = reference.mean_gradients(weights, x, y, np.zeros((1, B, m)), SAME[slip.what])
    for name, part in network.like(gradient).p._asdict().items():
        np.testing.assert_allclose(part, slow[name], rtol=1e-12, atol=1e-13)


def test_an_error_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="occurs 0 times in the source"):
        plant(Slip("", "no such thing", ""), "rnn")
