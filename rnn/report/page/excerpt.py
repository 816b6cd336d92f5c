"""An excerpt of the book, on which the page's reader can train a network."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rnn.files.book import read_book
from rnn.files.library import is_free
from rnn.settings import checked
from rnn.text import decode, split

# The most characters, and the most bytes of JSON: a character beyond ASCII takes six.
TRAINING, HELD_OUT = 200_000, 10_000
LARGEST = 300_000


class Excerpt(NamedTuple):
    """Text from the start of the training part, and from the start of the validation part."""

    training: str
    held_out: str


def excerpt(
    path: Path, sha256: str, values: Mapping[str, Any], *, asked: bool = False
) -> Excerpt | None:
    """Return a book's excerpt; None if the book may not be free to share and none is asked for.

    Parameters
    ----------
    path, sha256
        The book, and its SHA-256, by which the books that are free to share are known.
    values
        The parameters of the report.
    asked
        Whether the author has asked for it, whatever the book.
    """
    if not (asked or is_free(sha256)):
        return None
    settings = checked(values)
    book = read_book(path, **settings.reading)
    parts = split(book.indices, settings.validation_fraction, settings.test_fraction)
    training, held_out = (
        within(decode(part[:count], book.vocabulary), LARGEST * count // TRAINING)
        for part, count in ((parts.training, TRAINING), (parts.validation, HELD_OUT))
    )
    return Excerpt(training, held_out)


def within(text: str, limit: int) -> str:
    """Return the beginning of a text that takes at most so many bytes as JSON.

    >>> within("wörter", 9)
    'wört'
    """
    while (size := len(json.dumps(text)) - 2) > limit:
        text = text[: len(text) * limit // size]
    return text
