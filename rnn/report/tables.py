"""Rows for the tables of the report, where they take more than a line of a notebook."""

import numpy as np
from numpy.typing import NDArray

from rnn.report.figures import VISIBLE


def character_counts(
    counts: NDArray[np.int64], vocabulary: str, most: int = 40, across: int = 4
) -> tuple[list[str], list[list[str]]]:
    """Return the heads and rows of a table of the commonest characters, to be read downwards.

    Parameters
    ----------
    counts
        How often each character occurs, of shape (K,).
    vocabulary
        The K characters.
    most
        How many of them are shown.
    across
        How many pairs of a character and its count stand side by side.
    """
    order = np.argsort(-counts, kind="stable")[:most]
    pairs = [[VISIBLE.get(vocabulary[i], vocabulary[i]), f"{counts[i]:,}"] for i in order]
    across = min(across, len(pairs))
    height = -(-len(pairs) // across)
    pairs += [["", ""]] * (across * height - len(pairs))
    rows = [[cell for pair in pairs[r::height] for cell in pair] for r in range(height)]
    return ["character", "count"] * across, rows
