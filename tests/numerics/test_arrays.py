"""Arrays of zeros, aligned to cache lines."""

from typing import Any

import numpy as np
import pytest

from rnn.numerics.arrays import LINE, zeros


@pytest.mark.parametrize("shape", [0, 7, (3,), (2, 5), (1, 4, 3), (0, 0)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_zeros_are_aligned_and_of_their_own(shape: Any, dtype: str) -> None:
    several = [zeros(shape, dtype) for _ in range(20)]
    for i, array in enumerate(several):
        assert array.shape == np.zeros(shape).shape
        assert array.dtype == dtype
        assert not array.any()
        assert array.flags.c_contiguous
        assert array.flags.writeable
        assert array.size == 0 or array.ctypes.data % LINE == 0
        array[...] = i + 1
    assert all((array == i + 1).all() for i, array in enumerate(several))
