"""The compiled exponential and hyperbolic tangent against the C library's."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rnn.numerics.compiled import compiled
from rnn.numerics.elementary import exp, inverse_sqrt, tanh

Array = NDArray[Any]
EPS = np.finfo(float).eps


@compiled
def exps(x: Array) -> Array:
    y = np.empty_like(x)
    for i in range(x.size):
        y[i] = exp(x[i])
    return y


@compiled
def tanhs(x: Array) -> Array:
    y = np.empty_like(x)
    for i in range(x.size):
        y[i] = tanh(x[i])
    return y


@compiled
def inverse_sqrts(x: Array) -> Array:
    y = np.empty_like(x)
    for i in range(x.size):
        y[i] = inverse_sqrt(x[i])
    return y


def worst(found: Array, right: Array) -> float:
    """Return the largest relative error."""
    return float(np.max(np.abs(found - right) / np.abs(right)))


def test_exp_is_right_to_the_last_digit_or_two() -> None:
    x = np.concatenate([np.linspace(-700, 700, 100_001), np.linspace(-1, 1, 10_001)])
    assert worst(exps(x), np.exp(x)) < 2 * EPS


def test_tanh_is_right_to_the_last_digits() -> None:
    x = np.concatenate([np.linspace(-25, 25, 100_000), np.linspace(-1, 1, 10_000)])
    assert worst(tanhs(x), np.tanh(x)) < 4 * EPS
    x = np.logspace(-300, 2, 10_000)
    assert worst(tanhs(x), np.tanh(x)) < 4 * EPS
    assert np.array_equal(tanhs(-x), -tanhs(x))


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_inverse_square_root_is_right_to_the_last_digits(kind: type[np.floating[Any]]) -> None:
    x = np.concatenate([np.logspace(-35, 35, 100_001), np.linspace(0.5, 4, 10_001)]).astype(kind)
    assert worst(inverse_sqrts(x), 1 / np.sqrt(x)) < 3 * np.finfo(kind).eps


def test_extreme_values() -> None:
    inf = np.inf
    assert exps(np.array([-inf, -1e300, -800.0, 0.0, 800.0, inf])).tolist() == [
        *(0, 0, 0),
        *(1, inf, inf),
    ], "e^x of a very negative x is 0, else the compiled loss can't become infinite"
    assert tanhs(np.array([-inf, -1e300, -40.0, 40.0, inf])).tolist() == [-1, -1, -1, 1, 1]
    assert np.signbit(tanhs(np.array([-0.0, 0.0]))).tolist() == [True, False]
    assert np.isnan(exps(np.array([np.nan]))).all()
    assert np.isnan(tanhs(np.array([np.nan]))).all()


def test_float32_is_right_to_its_last_digits() -> None:
    eps = float(np.finfo(np.float32).eps)
    x = np.concatenate([np.linspace(-87, 88, 100_001), np.linspace(-1, 1, 10_001)])
    x = x.astype(np.float32)
    assert worst(exps(x), np.exp(x.astype(float))) < 2 * eps
    x = np.concatenate([x[x != 0], np.logspace(-30, 2, 10_001).astype(np.float32)])
    assert worst(tanhs(x), np.tanh(x.astype(float))) < 4 * eps
    assert exps(x).dtype == tanhs(x).dtype == np.float32


def test_extreme_values_of_float32() -> None:
    inf, nan = np.inf, np.nan
    x = np.array([-inf, -1e30, -88, 0, 89, inf, nan], np.float32)
    assert exps(x)[:6].tolist() == [0, 0, 0, 1, inf, inf]
    assert tanhs(x)[:6].tolist() == [-1, -1, -1, 0, 1, 1]
    assert np.isnan([exps(x)[6], tanhs(x)[6]]).all()


def test_complex() -> None:
    random = np.random.default_rng(1)
    x = random.uniform(-20, 20, 5000) + 1j * random.uniform(-1.5, 1.5, 5000)
    assert worst(exps(x), np.exp(x)) < 8 * EPS
    assert worst(tanhs(x), np.tanh(x)) < 100 * EPS  # tan grows towards pi/2


def test_a_tiny_imaginary_part_carries_the_derivative() -> None:
    x = np.linspace(-10, 10, 1001)
    assert worst(exps(x + 1e-30j).imag, 1e-30 * np.exp(x)) < 4 * EPS
    # 1 - tanh^2 loses digits where tanh is nearly 1, so the error is measured against 1.
    assert np.allclose(tanhs(x + 1e-30j).imag * 1e30, np.cosh(x) ** -2.0, rtol=0, atol=4 * EPS)


def test_uncompiled_they_are_those_of_numpy() -> None:
    for x in (0.3, -800.0, 0.3 + 0.1j):
        assert exp(x) == np.exp(x)
        assert tanh(x) == np.tanh(x)
