"""The product of the states with a matrix, which every cell computes at each time step.

BLAS multiplies small matrices where they lie. Large ones it first copies into an order of its own,
at each time step anew, which takes up to half as long as the product. With several streams, the
matrix is therefore cut into blocks of columns, once in a pass, each small enough for its product.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.numerics.arrays import zeros
from rnn.numerics.compiled import compiled

SMALL = 1_000_000  # multiplications, at most, for which OpenBLAS does not copy
VECTOR = 16  # columns; blocks of a multiple of it fill the vector registers


class Blocks(NamedTuple):
    """A matrix (k, n) as blocks of w columns, the last filled up with zeros."""

    matrix: NDArray[Any]  # (blocks, k, w); without blocks for a single stream
    part: NDArray[Any]  # (B, w): the product with one block


def blocks_for(k: int, n: int, B: int, dtype: Any) -> Blocks:
    """Return room for a matrix (k, n) that the states (B, k) are multiplied by.

    >>> blocks_for(256, 256, 32, "float32").matrix.shape
    (3, 256, 112)
    """
    if B == 1:
        return Blocks(zeros((0, k, n), dtype), zeros((B, 0), dtype))
    width = min(n, max(VECTOR, SMALL // (B * k) // VECTOR * VECTOR))
    return Blocks(zeros((-(-n // width), k, width), dtype), zeros((B, width), dtype))


@compiled
def cut(matrix: Any, blocks: Blocks) -> None:
    """Fill the blocks, if there are any, with the columns of the matrix."""
    width = blocks.part.shape[1]
    for b in range(blocks.matrix.shape[0]):
        block, first = blocks.matrix[b], b * width
        for i in range(matrix.shape[0]):
            for j in range(min(width, matrix.shape[1] - first)):
                block[i, j] = matrix[i, first + j]


@compiled
def multiply(rows: Any, matrix: Any, blocks: Blocks, out: Any) -> None:
    """Fill out (B, n) with the product of the rows (B, k) and the matrix (k, n), cut before."""
    if rows.shape[0] == 1:
        np.dot(rows, matrix, out=out)
        return
    width = blocks.part.shape[1]
    for b in range(blocks.matrix.shape[0]):
        np.dot(rows, blocks.matrix[b], out=blocks.part)
        first = b * width
        for i in range(out.shape[0]):
            for j in range(min(width, out.shape[1] - first)):
                out[i, first + j] = blocks.part[i, j]
