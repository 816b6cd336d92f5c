"""How far back gradients reach, against automatic differentiation."""

from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from rnn.analysis import reach as module
from rnn.analysis.reach import faded, reach
from rnn.network import Network, initialise
from rnn.numerics.generator import PLACES
from tests import reference

K, M = 5, 4


def slow(network: Network, text: Any, t: int, back: int) -> float:
    """Return |dL_t / dh_{t-back}| of one text, read from a zero state."""
    p, cell = reference.weights(network), network.cell
    zero = np.zeros((reference.state_rows(cell), M))
    states, _ = reference.forward(p, text[: t + 1 - back], zero, cell)
    rest = text[t + 1 - back : t + 1]

    def loss(h: Any) -> Any:  # an LSTM's memory is held fixed
        state = anp.array([h, *states[-1][1:]])
        for x in rest:
            state = reference.next_state(p, np.eye(K)[x], state, cell)
        o = anp.dot(p["V"], state[0]) + p["c"]
        return anp.log(anp.sum(anp.exp(o))) - o[text[t + 1]]

    return float(np.linalg.norm(grad(loss)(states[-1][0])))


@pytest.mark.parametrize("cell", reference.CELLS)
@pytest.mark.parametrize("length", [2, 3, 8, 30])
def test_automatic_differentiation_gives_the_same(
    cell: str, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEAD", 6)
    monkeypatch.setattr(module, "MOST", 3)
    random = np.random.default_rng(length)
    network = reference.drawn(random, cell, K, M, scale=0.7)
    text = random.integers(0, K, length).astype(np.uint8)
    norms = reach(network, text, 9, seed=4)
    back = min(9, length - 1)
    T = min(back + 6, length - 1)
    starts = np.random.default_rng([4, PLACES]).integers(0, length - T, 3)
    assert len(norms) == back + 1
    for k, norm in enumerate(norms):
        each = [slow(network, text[start : start + T + 1], T - 1, k) for start in starts]
        assert norm == pytest.approx(np.mean(each), rel=1e-9, abs=1e-300), k


def test_of_many_characters_fewer_places_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NUMBERS", 1)
    network = reference.drawn(np.random.default_rng(0), "rnn", K, M, scale=0.3)
    single = network.like(network.theta.astype(np.float32))
    assert np.isfinite(reach(single, np.arange(40) % K, 5)).all()


@pytest.mark.parametrize("length", [0, 1])
def test_nothing_to_look_at(length: int) -> None:
    assert reach(initialise("rnn", K, M, seed=1), np.zeros(length, np.uint8), 5).size == 0


def test_one_character_has_no_gradient() -> None:
    network = reference.drawn(np.random.default_rng(0), "rnn", 1, M, scale=0.3)
    assert not reach(network, np.zeros(40, np.uint8), 5).any()


def test_faded() -> None:
    assert faded(np.array([1, 0.5, 0.009, 0.02])) == "2"
    assert faded(np.array([1, 0.5, 0.4])) == "more than 2"
