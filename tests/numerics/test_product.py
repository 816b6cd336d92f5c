"""W h, for one state and for several, against the formula."""

from typing import Any

import numpy as np
import pytest

from rnn.numerics.product import multiply


@pytest.mark.parametrize("B", [1, 2, 7])
@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_w_times_each_state(B: int, dtype: Any) -> None:
    random = np.random.default_rng(B)
    h, W = random.normal(size=(B, 3)).astype(dtype), random.normal(size=(5, 3)).astype(dtype)
    if dtype == "complex128":
        W += 1j * random.normal(size=W.shape)
    columns, out = np.full((5, B), 7, dtype), np.full((B, 5), 7, dtype)

    multiply(h, W, columns, out)

    expected = [[sum(W[n, j] * h[i, j] for j in range(3)) for n in range(5)] for i in range(B)]
    assert np.allclose(out, expected, rtol=1e-14, atol=1e-14), "a row is W h of its state"
