"""The product of the states with a matrix, for one state and for several."""

from typing import Any

import numpy as np
import pytest

from rnn.numerics.product import SMALL, blocks_for, cut, multiply


@pytest.mark.parametrize("B", [1, 2, 7])
@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_w_times_each_state(B: int, dtype: Any) -> None:
    random = np.random.default_rng(B)
    h, W = random.normal(size=(B, 3)).astype(dtype), random.normal(size=(5, 3)).astype(dtype)
    if dtype == "complex128":
        W += 1j * random.normal(size=W.shape)
    blocks, out = blocks_for(3, 5, B, dtype), np.full((B, 5), 7, dtype)

    cut(W.T, blocks)
    multiply(h, W.T, blocks, out)

    expected = [[sum(W[n, j] * h[i, j] for j in range(3)) for n in range(5)] for i in range(B)]
    assert np.allclose(out, expected, rtol=1e-14, atol=1e-14), "a row is W h of its state"


@pytest.mark.parametrize("B", [1, 31])
@pytest.mark.parametrize("transposed", [False, True])
def test_a_large_matrix_meets_the_states_in_blocks(B: int, transposed: bool) -> None:
    random = np.random.default_rng(B)
    k, n = 300, 250
    rows, matrix = random.normal(size=(B, k)), random.normal(size=(k, n))
    if transposed:
        matrix = np.asfortranarray(matrix)
    blocks, out = blocks_for(k, n, B, "float64"), np.zeros((B, n))

    cut(matrix, blocks)
    multiply(rows, matrix, blocks, out)

    assert np.allclose(out, rows @ matrix, rtol=0, atol=1e-12)
    assert B == 1 or len(blocks) > 1, "in one block it shows nothing"
    assert B * k * blocks.shape[2] <= SMALL
