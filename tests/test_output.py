"""The output layer: softmax, loss and the way back, against the formulas in NumPy."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import logsumexp

from rnn.cells import Parameters
from rnn.numerics.generator import DROPOUT, generator
from rnn.output import (
    Output,
    draw_mask,
    kept,
    loss,
    output_arrays,
    predict,
    predict_backward,
    softmax,
)
from tests.reference import Sfc32, uncompiled

Array = NDArray[Any]


def parameters(K: int, m: int, seed: int = 0) -> Parameters:
    random = np.random.default_rng(seed)
    return Parameters(
        U=np.zeros((m, K)),
        W=np.zeros((m, m)),
        V=random.normal(0, 1, (K, m)),
        b=np.zeros(m),
        c=random.normal(0, 1, K),
    )


def output_of(p: Parameters, n: int, *, dropout: bool = False) -> Output:
    """Return arrays filled with leftovers of an earlier pass."""
    K, m = p.V.shape
    output = output_arrays(K, m, n, "float64", dropout)
    for array in output:
        array[:] = 7
    return output


def soft(o: Array) -> Array:
    e = np.exp(o - o.max(axis=1, keepdims=True))
    shares: Array = e / e.sum(axis=1, keepdims=True)
    return shares


@pytest.mark.parametrize("dtype", ["float64", "float32", "complex128"])
def test_arrays_are_zeros_for_each_state_and_without_dropout_there_is_no_mask(dtype: str) -> None:
    K, m, n = 5, 3, 8
    for dropout in (False, True):
        output = output_arrays(K, m, n, dtype, dropout)
        assert not any(array.any() for array in output)
        assert {array.dtype for array in output} == {np.dtype(dtype)}
        mask = (n, m) if dropout else (0, 0)
        assert [array.shape for array in output] == [(n, K), (n, K), (n, m), mask, mask]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(st.floats(-1e4, 1e4), min_size=3, max_size=3), min_size=1, max_size=4))
def test_softmax_of_any_numbers(rows: list[list[float]]) -> None:
    o = np.array(rows)
    log_P, P = o.copy(), np.zeros_like(o)
    softmax(log_P, P)
    assert np.allclose(P, soft(o), rtol=1e-13, atol=1e-300)
    assert np.allclose(P.sum(axis=1), 1, rtol=1e-14)
    rounding = 1e-14 * (1 + np.abs(o).max())
    assert np.allclose(log_P, o - logsumexp(o, axis=1, keepdims=True), rtol=0, atol=rounding)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("gap", [100, 1e3, 1e30])
def test_the_loss_of_what_is_almost_impossible_is_finite(dtype: str, gap: float) -> None:
    """A probability may be too small for its type; its logarithm is not."""
    log_P, P = np.array([[0, -gap]], dtype), np.zeros((1, 2), dtype)
    softmax(log_P, P)
    assert loss(log_P, np.array([[1]])) == pytest.approx(gap, rel=1e-6)


def test_softmax_does_not_change_when_all_grow_alike() -> None:
    o = np.array([[1.0, 2.0, 4.0], [1001.0, 1002.0, 1004.0], [-1e6 + 1, -1e6 + 2, -1e6 + 4]])
    P = np.zeros_like(o)
    softmax(o, P)
    for found in (o, P):
        assert np.array_equal(found[1], found[0])
        assert np.array_equal(found[2], found[0])


def test_softmax_lets_the_complex_step_through() -> None:
    o, h = np.array([[0.3, -1.0, 2.0]]), 1e-30
    P = soft(o)[0]
    for j in range(3):
        z = o.astype(complex)
        z[0, j] += h * 1j
        Q = np.zeros_like(z)
        softmax(z, Q)
        assert np.allclose(Q[0].imag / h, P * ((np.arange(3) == j) - P[j]), rtol=0, atol=1e-15)


def test_probabilities_are_those_of_the_equation() -> None:
    p, h = parameters(5, 3), np.random.default_rng(1).normal(0, 1, (4, 3))
    output = output_of(p, 4)
    predict(p, h, output)
    assert np.allclose(output.P, soft(h @ p.V.T + p.c), rtol=1e-14, atol=0)


@pytest.mark.parametrize(("T", "B"), [(1, 1), (4, 1), (1, 3), (4, 3)])
def test_loss_is_summed_over_time_and_the_mean_over_streams(T: int, B: int) -> None:
    random = np.random.default_rng(2)
    P, y = random.uniform(0.1, 1, (T * B, 5)), random.integers(0, 5, (T, B))
    right = -sum(np.log(P.reshape(T, B, 5)[t, i, y[t, i]]) for t in range(T) for i in range(B)) / B
    assert loss(np.log(P), y) == pytest.approx(right, rel=1e-14)


@pytest.mark.parametrize("score", [np.inf, -np.inf, np.nan])
def test_loss_of_a_score_that_is_no_number_is_none_either(score: float) -> None:
    o, P = np.array([[1.0, score]]), np.zeros((1, 2))
    softmax(o, P)
    assert not np.isfinite(loss(o, np.array([[1]])))


@pytest.mark.parametrize(("T", "B"), [(1, 1), (4, 1), (1, 3), (4, 3)])
def test_way_back(T: int, B: int) -> None:
    K, m = 5, 3
    random = np.random.default_rng(3)
    p, d = parameters(K, m), parameters(K, m, seed=9)
    h, y = random.normal(0, 1, (T * B, m)), random.integers(0, K, (T, B))
    output = output_of(p, T * B)
    predict(p, h, output)
    g = (output.P - np.eye(K)[y.ravel()]) / B
    predict_backward(p, y, h, output, d)
    assert np.allclose(d.V, g.T @ h, rtol=0, atol=1e-14)
    assert np.allclose(d.c, g.sum(axis=0), rtol=0, atol=1e-14)
    assert np.allclose(output.dh, g @ p.V, rtol=0, atol=1e-14)


# Dropout.


def test_without_dropout_the_output_sees_the_state_itself() -> None:
    h = np.ones((4, 3))
    assert uncompiled(kept)(h, output_of(parameters(5, 3), 4)) is h


@pytest.mark.parametrize(("T", "B"), [(1, 1), (4, 3)])
def test_both_ways_through_a_mask(T: int, B: int) -> None:
    K, m = 5, 3
    random = np.random.default_rng(4)
    p, d = parameters(K, m), parameters(K, m)
    output = output_of(p, T * B, dropout=True)
    h, y = random.normal(0, 1, (T * B, m)), random.integers(0, K, (T, B))
    output.mask[:] = random.choice([0, 2], (T * B, m))
    before = h.copy()
    predict(p, h, output)
    P = soft((h * output.mask) @ p.V.T + p.c)
    assert np.allclose(output.P, P, rtol=1e-14, atol=0)
    g = (P - np.eye(K)[y.ravel()]) / B
    predict_backward(p, y, h, output, d)
    assert np.allclose(d.V, g.T @ (h * output.mask), rtol=0, atol=1e-14)
    assert np.allclose(d.c, g.sum(axis=0), rtol=0, atol=1e-14)
    assert np.allclose(output.dh, (g @ p.V) * output.mask, rtol=0, atol=1e-14)
    assert np.array_equal(h, before), "the next state sees it unmasked"


@pytest.mark.parametrize("draw", [draw_mask, uncompiled(draw_mask)])
def test_masks_are_drawn_from_their_own_stream(draw: Any) -> None:
    state, slow = generator(9, DROPOUT), Sfc32(9, DROPOUT)
    for _ in range(2):
        mask = np.full((4, 3), 7.0)
        draw(mask, 0.3, state)
        right = [[0 if slow.uniform() < 0.3 else 1 / 0.7 for _ in range(3)] for _ in range(4)]
        assert np.allclose(mask, right, rtol=1e-15, atol=0)


@pytest.mark.parametrize("dropout", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_mask_hides_its_share_and_keeps_the_expected_state(dropout: float, dtype: str) -> None:
    mask = np.zeros((400, 100), dtype)
    draw_mask(mask, dropout, generator(1, DROPOUT))
    far = 5 * np.sqrt(dropout * (1 - dropout) / mask.size)
    assert abs((mask == 0).mean() - dropout) < far
    assert np.allclose(mask[mask > 0], 1 / (1 - dropout), rtol=1e-6)
    assert abs(mask.mean(dtype=float) - 1) < far / (1 - dropout)
    # No row and no column is special.
    assert np.all(np.abs((mask == 0).mean(axis=0) - dropout) < far * 10)
    assert np.all(np.abs((mask == 0).mean(axis=1) - dropout) < far * 20)


def test_uncompiled_gives_the_same() -> None:
    o = np.random.default_rng(4).normal(0, 3, (3, 5))
    fast, slow = (o.copy(), np.zeros_like(o)), (o.copy(), np.zeros_like(o))
    y = np.array([[1], [0], [4]])
    softmax(*fast)
    uncompiled(softmax)(*slow)
    assert np.allclose(fast, slow, rtol=1e-14, atol=0)
    assert loss(fast[0], y) == pytest.approx(uncompiled(loss)(fast[0], y), rel=1e-14)
