"""The lines that commands print: every character of them is shown, and none is obeyed."""

import os
from contextlib import suppress
from typing import TextIO


def printable(text: str) -> str:
    r"""Return text with what a terminal does not show, or obeys, written as in Python: `\x1b`.

    >>> print(printable("a title\x1b]0;mine\x07, \u202eright to left"))
    a title\x1b]0;mine\x07, \u202eright to left
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def put(text: str, stream: TextIO) -> OSError | None:
    """Write text at once; if nobody reads it (any more), later text goes nowhere.

    Returns
    -------
    OSError or None
        Why it could not be written.
    """
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:  # as of `| head -1`, whose end must not end a training
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
        return error
    return None
