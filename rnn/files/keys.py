"""The key of a run: a hash of all that determines its result."""

import hashlib
import json

from rnn.files.checkpoint import identity
from rnn.settings import Settings


def run_key(settings: Settings, book: str) -> str:
    """Return the key of a run: runs with equal keys, on one machine, have equal results.

    Parameters
    ----------
    settings
        The settings; only those that affect training count.
    book
        The SHA-256 of the book.

    Examples
    --------
    >>> len(run_key(Settings(), "e3b0"))
    64
    >>> run_key(Settings(prime="Once"), "e3b0") == run_key(Settings(), "e3b0")
    True
    """
    determining = identity(book, settings)
    return hashlib.sha256(json.dumps(determining, sort_keys=True).encode()).hexdigest()
