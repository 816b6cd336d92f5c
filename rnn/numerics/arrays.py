"""Arrays aligned to cache lines."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

LINE = 64  # bytes of a cache line, and of the longest vector register


def zeros(shape: int | tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """Return zeros whose address is a multiple of 64 bytes; NumPy guarantees only 16.

    A vector that straddles two cache lines takes two reads. That cost a tenth of an update.
    """
    shape = (shape,) if isinstance(shape, int) else shape
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.zeros(size + LINE, np.uint8)
    start = -memory.ctypes.data % LINE
    aligned: NDArray[Any] = memory[start : start + size].view(dtype).reshape(shape)
    return aligned
