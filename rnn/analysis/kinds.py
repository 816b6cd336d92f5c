"""Kinds of characters: where in a line and in a word they stand."""

from collections.abc import Container

import numpy as np
from numpy.typing import NDArray

from rnn.analysis.copying import WORD


def kinds(text: str, known: Container[str]) -> dict[str, NDArray[np.bool_]]:
    """Return which characters of a text are of which kind; each is of one.

    Parameters
    ----------
    text
        The N characters.
    known
        The words of the training part.

    Returns
    -------
    dict
        Which characters are of a kind, of shape (N,), for each kind that occurs.
    """
    spaces = np.array([c.isspace() for c in text], bool)
    ends = np.array([c in "\n\r\u0085\u2028\u2029" for c in text], bool)
    first, inside, new = np.zeros((3, len(text)), bool)
    for word in WORD.finditer(text):
        if word[0] not in known:
            new[word.start() : word.end()] = True
        else:
            first[word.start()] = True
            inside[word.start() + 1 : word.end()] = True
    found = {
        "the first letter of a word": first,
        "inside a word": inside,
        "in a new word": new,
        "a space": spaces & ~ends,
        "a line end": ends,
        "a digit or a mark": ~(first | inside | new | spaces | ends),
    }
    return {name: which for name, which in found.items() if which.any()}
