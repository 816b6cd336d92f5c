"""The key of a run: a hash of all that determines its result."""

import hashlib
import json

from rnn.files.checkpoint import identity
from rnn.settings import Settings

# What is written on the way draws on random numbers of its own, and changes nothing in the network.
SAMPLES = ("sample_every", "sample_length", "evolution_until")


def run_key(settings: Settings, book: str) -> str:
    """Return the key of a run: runs with equal keys, on one machine, have equal results.

    Parameters
    ----------
    settings
        The settings; only those that affect what is learned count.
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
    parameters = determining["parameters"]
    determining["parameters"] = {n: v for n, v in parameters.items() if n not in SAMPLES}
    return hashlib.sha256(json.dumps(determining, sort_keys=True).encode()).hexdigest()
