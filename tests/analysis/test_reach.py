"""How far back gradients reach, against automatic differentiation."""

from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from rnn.analysis import reach as module
from rnn.analysis.reach import faded, reach
from rnn.cells import CELLS
from rnn.network import size
from rnn.numerics.generator import PLACES
from tests import reference

K, M = 5, 4


def slow(theta: Any, text: Any, t: int, back: int, cell: str) -> float:
    """Return |dL_t / dh_{t-back}| of one text, read from a zero state."""
    p = reference.weights(theta, K, M, cell)
    zero = np.zeros((2 if cell == "lstm" else 1, M))
    states, _ = reference.forward(p, text[: t + 1 - back], zero, cell)
    rest = text[t + 1 - back : t + 1]

    def loss(h: Any) -> Any:  # the memory of an LSTM is held
        state = anp.array([h, *states[-1][1:]])
        for x in rest:
            state = reference.next_state(p, np.eye(K)[x], state, cell)
        o = anp.dot(p["V"], state[0]) + p["c"]
        return anp.log(anp.sum(anp.exp(o))) - o[text[t + 1]]

    return float(np.linalg.norm(grad(loss)(states[-1][0])))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("length", [2, 3, 8, 30])
def test_automatic_differentiation_gives_the_same(
    cell: str, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEAD", 6)
    monkeypatch.setattr(module, "MOST", 3)
    random = np.random.default_rng(length)
    theta: Any = random.normal(0, 0.7, size(K, M, cell))
    text = random.integers(0, K, length).astype(np.uint8)
    norms = reach(theta, K, M, text, 9, cell=cell, seed=4)
    back = min(9, length - 1)
    T = min(back + 6, length - 1)
    starts = np.random.default_rng([4, PLACES]).integers(0, length - T, 3)
    assert len(norms) == back + 1
    for k, norm in enumerate(norms):
        each = [slow(theta, text[start : start + T + 1], T - 1, k, cell) for start in starts]
        assert norm == pytest.approx(np.mean(each), rel=1e-9, abs=1e-300), k


def test_of_many_characters_fewer_places_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NUMBERS", 1)
    theta: Any = np.random.default_rng(0).normal(0, 0.3, size(K, M))
    assert np.isfinite(reach(theta.astype(np.float32), K, M, np.arange(40) % K, 5)).all()


@pytest.mark.parametrize("length", [0, 1])
def test_nothing_to_look_at(length: int) -> None:
    assert reach(np.zeros(size(K, M)), K, M, np.zeros(length, np.uint8), 5).size == 0


def test_one_character_has_no_gradient() -> None:
    theta: Any = np.random.default_rng(0).normal(0, 0.3, size(1, M))
    assert not reach(theta, 1, M, np.zeros(40, np.uint8), 5).any()


def test_faded() -> None:
    assert faded(np.array([1, 0.5, 0.009, 0.02])) == "2"
    assert faded(np.array([1, 0.5, 0.4])) == "more than 2"
