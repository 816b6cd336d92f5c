"""Paths as users type them."""

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
