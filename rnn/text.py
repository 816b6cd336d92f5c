"""Text as arrays: characters to indices and back, and the held-out part."""

import unicodedata
from typing import Any

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


def split(indices: NDArray[Any], validation_fraction: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the training part of a book and its held-out part, which is the last, as views.

    >>> split(np.arange(10), 0.2)
    (array([0, 1, 2, 3, 4, 5, 6, 7]), array([8, 9]))
    """
    held_out = round(len(indices) * validation_fraction)
    return indices[: len(indices) - held_out], indices[len(indices) - held_out :]
