"""Text as arrays: characters to indices and back, and the parts of a book."""

import unicodedata
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.errors import InputError

UNICODE_FORMS = ("nfc", "nfd", "nfkc", "nfkd", "as_is")


def normalise(text: str, lowercase: bool, unicode_form: str) -> str:
    """Return a text as the network reads it.

    Parameters
    ----------
    text
        Any text.
    lowercase
        Whether capital letters become small ones.
    unicode_form
        A normal form of Unicode, or "as_is". In a normal form, an accented letter is the same
        character however it was typed.

    Examples
    --------
    >>> normalise("Caf\u0065\u0301", lowercase=True, unicode_form="nfc")
    'café'
    """
    text = text.lower() if lowercase else text
    if unicode_form == "as_is":
        return text
    return unicodedata.normalize(unicode_form.upper(), text)  # type: ignore[arg-type]


def code_points(text: str) -> NDArray[np.uint32]:
    """Return the Unicode code points of a text, of shape (N,)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def index_type(K: int) -> type[np.unsignedinteger[Any]]:
    """Return the smallest integer type that holds the indices of K characters."""
    return np.uint8 if K <= 2**8 else np.uint16 if K <= 2**16 else np.uint32


def encode(text: str, vocabulary: str) -> NDArray[Any]:
    """Return the indices of the characters of a text in a vocabulary sorted by code point.

    Raises
    ------
    InputError
        When the text has characters that are not in the vocabulary; the message names them.

    Examples
    --------
    >>> encode("aaargh", "aghr")
    array([0, 0, 0, 3, 1, 2], dtype=uint8)
    """
    points, known = code_points(text), code_points(vocabulary)
    indices = np.minimum(np.searchsorted(known, points), max(known.size - 1, 0))
    if points.size and (not known.size or np.any(known[indices] != points)):
        strange = sorted(set(text) - set(vocabulary))
        names = ", ".join(f"{c!r} (U+{ord(c):04X})" for c in strange[:5])
        raise InputError(
            f"the book has no {names}{' ...' if len(strange) > 5 else ''}:"
            " only its own characters can be used"
        )
    return indices.astype(index_type(len(vocabulary)))


def decode(indices: NDArray[Any], vocabulary: str) -> str:
    """Return the text that the indices stand for.

    >>> decode(np.array([0, 0, 0, 3, 1, 2]), "aghr")
    'aaargh'
    """
    points: NDArray[np.uint32] = code_points(vocabulary)[indices]
    return points.tobytes().decode("utf-32-le", "surrogatepass")


class Parts(NamedTuple):
    """The parts of a book, in its order, as indices.

    Attributes
    ----------
    training
        What is learned from.
    validation
        What chooses: the best model, and every setting.
    test
        What judges: it is read once, at the end, when nothing is left to choose.
    """

    training: NDArray[Any]
    validation: NDArray[Any]
    test: NDArray[Any]


def split(indices: NDArray[Any], validation_fraction: float, test_fraction: float) -> Parts:
    """Return the parts of a book, as views; the last is the test part.

    >>> split(np.arange(10), 0.2, 0.1)
    Parts(training=array([0, 1, 2, 3, 4, 5, 6]), validation=array([7, 8]), test=array([9]))
    """
    test = len(indices) - round(len(indices) * test_fraction)
    validation = max(test - round(len(indices) * validation_fraction), 0)
    return Parts(indices[:validation], indices[validation:test], indices[test:])
