"""Files of a report that someone else made, who may have meant harm: no links, none without end."""

import shutil
from contextlib import suppress
from pathlib import Path

from rnn.errors import InputError
from rnn.report.finished import sha256

LARGEST = 2_000_000_000  # bytes of a file


def content(path: Path, most: int = LARGEST) -> bytes:
    """Return what is in a file.

    Raises
    ------
    InputError
        When it can't be read, is no regular file, or has more bytes than `most`.
    """
    try:
        if not path.is_file():  # opening a pipe would block
            raise InputError(f"REPORT: {path} is not a regular file")
        with path.open("rb") as file:
            found = file.read(most + 1)
    except OSError as error:
        raise InputError(f"REPORT: {path} can't be read: {error.strerror}") from None
    if len(found) > most:
        raise InputError(f"REPORT: {path} is larger than {most / 1e6:.1f} MB")
    return found


def is_the(path: Path, digest: str, most: int = LARGEST) -> bool:
    """Return whether a path is a file with a SHA-256, and not larger than `most`."""
    with suppress(OSError, ValueError):
        # Files of the system have no size, and some of them no end.
        return path.is_file() and 0 < path.stat().st_size <= most and sha256(path) == digest
    return False


def bring(path: Path, digest: str, place: Path, most: int = LARGEST) -> bool:
    """Copy a file to a new place if it is the one with a SHA-256; return whether it was."""
    if not is_the(path, digest, most):
        return False
    with path.open("rb") as file, place.open("xb") as copy:
        shutil.copyfileobj(file, copy)
    return True


def plain(name: str) -> str:
    """Return the name of a file in a recipe, if it is nothing but that.

    Raises
    ------
    InputError
        When it leads to another folder, or is hidden.
    """
    if not name or name.startswith(".") or any(sign in name for sign in "/\\\0"):
        raise InputError(f"REPORT: its recipe names a file {name!r}, which can't be made")
    return name


def write(path: Path, text: str) -> None:
    """Write a text of a recipe into a new file.

    Raises
    ------
    InputError
        When there is one already, or there can be none of that name.
    """
    try:
        with path.open("xb") as file:
            file.write(text.encode(errors="surrogateescape"))
    except OSError as error:
        raise InputError(
            f"REPORT: its recipe names a file {path.name!r}, which can't be made: {error.strerror}"
        ) from None
