"""Text files of the user's: in UTF-8, not too large, and without what no page can hold."""

import unicodedata
from pathlib import Path

from rnn.errors import InputError
from rnn.exhibits.characters import code_point

LARGEST = 1_000_000  # bytes


def read_text(path: Path, option: str) -> str:
    """Return the text of a file, with its lines ended as Python ends them.

    Parameters
    ----------
    path
        The file.
    option
        The option that named it.

    Raises
    ------
    InputError
        When the file can't be read, is too large, or is not UTF-8.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():  # opening a pipe would block
            raise InputError(f"{option}: {path} is not a regular file: copy it into one")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise InputError(f"{option}: {path} can't be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise InputError(f"{option}: {path} is larger than {LARGEST / 1e6:g} MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{option}: {path} is not in UTF-8, at byte {error.start} (line {line}):"
            " save it as UTF-8"
        ) from None
    return _showing("\n".join(text.splitlines()))


def _showing(text: str) -> str:
    """Return text with each character that no page can hold replaced by its code point."""
    return "".join(
        code_point(c) if c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cn", "Cs"} else c
        for c in text
    )
