"""Text as arrays: encoding, decoding and the held-out part."""

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
        Whether to convert the text to lower case.
    unicode_form
        A Unicode normal form, or "as_is". In all forms but "as_is", an accented letter has one
        encoding however it was typed.

    Examples
    --------
    >>> normalise("The Café", lowercase=True, unicode_form="nfc")
    'the café'
    >>> len(normalise("é", lowercase=True, unicode_form="nfd"))  # e and its accent
    2
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
    >>> encode("abba", vocabulary="ab")
    array([0, 1, 1, 0], dtype=uint8)
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

    >>> decode(np.array([0, 1, 1, 0]), vocabulary="ab")
    'abba'
    """
    points: NDArray[np.uint32] = code_points(vocabulary)[indices]
    return points.tobytes().decode("utf-32-le", "surrogatepass")


def split(indices: NDArray[Any], validation_fraction: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the training part of a book and the held-out part at its end, as views.

    >>> split(np.arange(5), validation_fraction=0.2)
    (array([0, 1, 2, 3]), array([4]))
    """
    held_out = round(len(indices) * validation_fraction)
    return indices[: len(indices) - held_out], indices[len(indices) - held_out :]
