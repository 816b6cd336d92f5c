"""Paths as users type them, and the files that they name."""

from pathlib import Path

from rnn.errors import InputError


def as_typed(path: str, option: str) -> Path:
    """Return a path, with the home folder for a `~` in front that no shell has replaced.

    `make OUT=~/report` hands the sign on in some shells and not in others.

    Raises
    ------
    InputError
        When there is no such home folder; names the option.
    """
    try:
        return Path(path).expanduser() if path.startswith("~") else Path(path)
    except RuntimeError:
        home = path.partition("/")[0]
        raise InputError(
            f"{option}: there is no home folder {home}: write ./{path} for a file of that name"
        ) from None


def content(path: Path, most: int) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    InputError
        When it is none, can't be read, or has more than `most` bytes.
    """
    try:
        if not path.is_file():  # opening a pipe would block
            what = "is not a file" if path.exists() else "does not exist"
            raise InputError(f"{path} {what}")
        if path.stat().st_size > most:
            raise InputError(f"{path} is larger than {most / 1e6:.0f} MB")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", "") or error
        raise InputError(f"{path} can't be read: {reason}") from None
