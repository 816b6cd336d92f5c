"""The product of the states with a matrix, which every cell computes at each time step.

BLAS multiplies small matrices where they lie. A large one it first copies into an order of its own,
at each time step anew, which takes up to half as long as the product. With several streams, the
matrix is therefore cut into blocks of columns, once in a pass, each small enough for its product.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.numerics.arrays import zeros
from rnn.numerics.compiled import compiled

SMALL = 1_000_000  # multiplications, at most, for which OpenBLAS does not copy
VECTOR = 16  # columns; blocks of a multiple of it fill the vector registers


def blocks_for(k: int, n: int, B: int, dtype: Any) -> NDArray[Any]:
    """Return room, of shape (blocks, k, width), for a matrix (k, n) that meets states (B, k).

    The last block may be wider than what is left for it: of the widths that leave the least room
    empty, the largest is taken. A single stream needs no blocks.

    >>> blocks_for(256, 256, 32, "float32").shape
    (4, 256, 64)
    """
    most, width = max(VECTOR, SMALL // (B * k)), n
    if n > most:
        width = min(range(VECTOR, most + 1, VECTOR), key=lambda w: (-n % w, -w))
    return zeros((0 if B == 1 else -(-n // width), k, width), dtype)


@compiled
def cut(matrix: Any, blocks: Any) -> None:
    """Fill the blocks, if there are any, with the columns of the matrix."""
    width = blocks.shape[2]
    for b in range(blocks.shape[0]):
        first = b * width
        for i in range(matrix.shape[0]):
            for j in range(min(width, matrix.shape[1] - first)):
                blocks[b, i, j] = matrix[i, first + j]


@compiled
def multiply(rows: Any, matrix: Any, blocks: Any, out: Any) -> None:
    """Fill out (B, n) with the product of the rows (B, k) and the matrix (k, n), cut before."""
    if rows.shape[0] == 1:
        np.dot(rows, matrix, out=out)
        return
    if blocks.shape[0] == 1:
        np.dot(rows, blocks[0], out=out)
        return
    for b in range(blocks.shape[0]):
        part, first = np.dot(rows, blocks[b]), b * blocks.shape[2]
        for i in range(out.shape[0]):
            for j in range(min(part.shape[1], out.shape[1] - first)):
                out[i, first + j] = part[i, j]
