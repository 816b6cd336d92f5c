"""The heads and rows of the report's tables, as text; `rnn.exhibits.show.table` shows them."""

import math
from collections.abc import Collection, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from rnn.analysis.copying import Copy, whole_words
from rnn.analysis.variants import Variant
from rnn.cells import Slip
from rnn.exhibits.figures import COMMONEST, VISIBLE
from rnn.gradcheck import EXACT, GradientCheck
from rnn.text import decode

Table = tuple[list[str], list[list[str]]]  # heads, rows
BEGINNING = 110  # characters that are shown of a text
RUN = 80  # characters that are shown of a run that was copied


def sizes(book: int, training: int, held_out: int, K: int) -> Table:
    """Return how many characters the book has, its two parts, and its vocabulary."""
    rows = {
        "the book": book,
        "to train on": training,
        "held out": held_out,
        "different ones: the vocabulary size K": K,
    }
    return ["", "characters"], [[name, f"{count:,}"] for name, count in rows.items()]


def character_counts(
    counts: NDArray[np.int64], vocabulary: str, most: int = COMMONEST, across: int = 4
) -> Table:
    """Return the commonest characters and their counts, to be read downwards.

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


def sequence(x: NDArray[np.integer], y: NDArray[np.integer], vocabulary: str) -> Table:
    """Return a sequence and its target, both of shape (T,), as characters and as indices."""
    rows = [
        [name, repr(decode(indices, vocabulary)), " ".join(map(str, indices))]
        for name, indices in {"x": x, "y": y}.items()
    ]
    return ["", "characters", "indices"], rows


def parameters(shapes: Mapping[str, tuple[int, ...]]) -> Table:
    """Return the parameters of a network with their shapes and how many entries they have."""
    rows = [
        [name, " × ".join(map(str, shape)), f"{math.prod(shape):,}"]
        for name, shape in shapes.items()
    ]
    return ["parameter", "shape", "entries"], rows


def gradients(check: GradientCheck) -> Table:
    """Return the relative errors that a gradient check found, a row for each parameter."""
    rows = [
        [name, f"{check.central_difference[name]:.1e}", f"{error:.1e}"]
        for name, error in check.complex_step.items()
    ]
    return ["parameter", "central difference", "complex step"], rows


def planted(checks: Iterable[tuple[Slip, GradientCheck]]) -> Table:
    """Return errors planted in the backward pass, and which parameters' gradients they spoil."""
    rows = []
    for error, check in checks:
        spoilt = " ".join(name for name, value in check.complex_step.items() if value > EXACT)
        largest = max(check.complex_step.values())
        rows.append([error.what, error.right, error.wrong, spoilt, f"{largest:.2f}"])
    return ["planted error", "in the source", "becomes", "wrong in", "error"], rows


def variants(written: Iterable[Variant]) -> Table:
    """Return what a model wrote in several ways, and the bits per character it was drawn with."""
    rows = [
        [f"{v.temperature:g}", f"{v.top_p:g}", f"{v.bits:.2f}", v.text[:BEGINNING]] for v in written
    ]
    return ["temperature", "top-p", "bits", "text"], rows


def memory(
    texts: Mapping[str, str], copies: Mapping[str, Copy], known: Collection[str], trained: int
) -> Table:
    """Return what texts have from the book, a column for each.

    Parameters
    ----------
    texts
        The texts by name.
    copies
        By the same names, the longest run that each has in common with the training part.
    known
        The words of the training part.
    trained
        How many characters it has.
    """
    columns = []
    for name, text in texts.items():
        copy, used = copies[name], whole_words(text)
        found = sum(word in known for word in used)
        columns.append([
            f"{copy.length:,}",
            repr(text[copy.passage :][: min(copy.length, RUN)]),
            f"{copy.book / trained:.1%}",
            f"{len(used):,}",
            f"{found / len(used):.0%}" if used else "",
        ])  # fmt: skip
    names = [
        "longest run copied, in characters",
        "which is",
        "at this place of the training part",
        "words",
        "of them in the training part",
    ]
    return ["", *texts], [list(row) for row in zip(names, *columns, strict=True)]
