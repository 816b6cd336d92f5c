"""Planted errors in the backward pass: each is the error it claims to be, and each is caught."""

from typing import Any

import numpy as np
import pytest

from rnn import vanilla
from rnn.analysis.plain import FURTHER, SLIPS, Slip
from rnn.analysis.planted import check_planted, plain_gradient, plant, recognise
from rnn.gradcheck import EXACT, meets_bars
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
    "W meets the state after, not before": "W meets the state after, not before",
    "V meets the state before, not after": "V meets the state before, not after",
}


@pytest.mark.parametrize("cell", CELLS)
def test_every_error_is_caught(cell: str) -> None:
    found = list(check_planted(cell))
    assert [slip for slip, _ in found] == list(SLIPS[cell])
    for slip, check in found:
        assert not meets_bars(check), slip
        assert max(check.complex_step.values()) > 0.01, slip


def test_the_wrong_parameters_are_named() -> None:
    for slip, check in check_planted("rnn"):
        if slip.what in SAME:
            wrong = {name for name, value in check.complex_step.items() if value > EXACT}
            assert wrong == set(reference.ERRORS[SAME[slip.what]]), slip


@pytest.mark.parametrize("slip", [slip for slip in SLIPS["rnn"] if slip.what in SAME], ids=str)
def test_the_slow_network_with_the_same_error_agrees(slip: Slip) -> None:
    random = np.random.default_rng(3)
    K, m, T = 5, 4, 6
    network = reference.drawn(random, "rnn", K, m)
    x, y = random.integers(0, K, (2, T, 1))
    gradient = plain_gradient(network, x, y, plant(slip, "rnn"))
    weights = reference.weights(network)
    slow = reference.mean_gradients(weights, x, y, np.zeros((1, 1, m)), SAME[slip.what])
    for name, part in network.like(gradient).p._asdict().items():
        np.testing.assert_allclose(part, slow[name], rtol=1e-12, atol=1e-13)


def test_an_error_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="occurs 0 times in the source"):
        plant(Slip("", "no such thing", ""), "rnn")


SLIGHT = ("the gradients are clipped already", "h of step 0 is taken for zero")  # no error here


@pytest.mark.parametrize("slip", [*SLIPS["rnn"], *FURTHER["rnn"]], ids=str)
def test_a_network_with_a_slip_is_recognised(slip: Slip, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its own source looks like: here it is another program altogether."""
    random = np.random.default_rng(5)
    network = reference.drawn(random, "rnn", 9, 6)
    x, y = random.integers(0, 9, (2, 8, 1))
    assert recognise(network, x, y) == []
    wrong = plant(slip, "rnn")

    def backward(p: Any, x: Any, y: Any, work: Any, d: Any) -> None:
        given = wrong(p, x[:, 0], y[:, 0], work.states[0, :, 0], work.output.P)
        for part, value in zip(d, given, strict=True):
            part[:] = value

    monkeypatch.setattr(vanilla, "backward", backward)
    assert recognise(network, x, y) == ([] if slip.what in SLIGHT else [slip])


def test_a_cell_without_a_plain_pass_has_no_planted_errors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(SLIPS, "rnn")
    monkeypatch.delitem(FURTHER, "rnn")
    assert list(check_planted("rnn")) == []
    network = reference.drawn(np.random.default_rng(0), "rnn", 5, 3)
    assert recognise(network, np.zeros((2, 1), np.int64), np.ones((2, 1), np.int64)) == []
