"""The user's request for an exercise, checked before any work."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rnn.errors import InputError
from rnn.exercise.folder.check import FUNCTIONS
from rnn.files.paths import as_typed
from rnn.network import CELLS

MODES = ("write", "debug")


class Request(NamedTuple):
    """The user's options as typed; an empty one stands for its default. See variables.txt."""

    out: str = ""
    without: str = ""
    cell: str = ""
    mode: str = ""
    seed: str = ""


class Plan(NamedTuple):
    """What to write.

    Attributes
    ----------
    out
        The folder, as an absolute path.
    cell
        A name in `rnn.network.CELLS`.
    without
        The functions whose bodies are taken out; none in a full solution with a slip.
    seed
        Chooses the slip to plant in a full solution; None plants none.
    """

    out: Path
    cell: str
    without: tuple[str, ...]
    seed: int | None


def check(request: Request) -> Plan:
    """Return the plan for an exercise.

    Raises
    ------
    InputError
        When anything in the request is refused.
    """
    cell = _one_of("CELL", request.cell, tuple(CELLS))
    mode = _one_of("MODE", request.mode, MODES)
    words = request.without.replace(",", " ").split()
    for word in words:
        _one_of("WITHOUT", word, FUNCTIONS)
    if mode == "debug" and words:
        raise InputError("WITHOUT does not go with MODE=debug, which leaves nothing blank")
    if request.seed and mode != "debug":
        raise InputError("SEED goes with MODE=debug alone")
    without = tuple(name for name in FUNCTIONS if name in words) or FUNCTIONS
    return Plan(
        out=_folder(request.out),
        cell=cell,
        without=() if mode == "debug" else without,
        seed=_seed(request.seed or "0") if mode == "debug" else None,
    )


def _one_of(option: str, value: str, choices: Sequence[str]) -> str:
    """Return a value, or the first choice for an empty one."""
    if value and value not in choices:
        raise InputError(f"{option}: there is no {value!r}: choose from {', '.join(choices)}")
    return value or choices[0]


def _seed(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise InputError(f"SEED must be a whole number from 0 to 999999999, not {value!r}")
    return int(value)


def _folder(out: str) -> Path:
    """Return the folder to write if it is new or empty: nothing of a student's is overwritten."""
    if not out:
        raise InputError("OUT: name a new folder for the exercise, as in OUT=exercise")
    if "\0" in out or any("\ud800" <= c <= "\udfff" for c in out):
        raise InputError(f"OUT: {out!r} can't be used: it is not in UTF-8")
    try:
        typed = as_typed(out, "OUT")
        where = typed.parent.resolve() / typed.name if typed.name != ".." else typed.resolve()
        if where.is_symlink():
            raise InputError(f"OUT: {out} is a symbolic link: name the folder that it points to")
        if where.exists() and not where.is_dir():
            raise InputError(f"OUT: {out} is a file: name a folder")
        if where.exists() and any(where.iterdir()):
            raise InputError(f"OUT: {out} is not empty: name a new folder, so that nothing is lost")
        parent = next(folder for folder in where.parents if folder.exists())
        if not parent.is_dir():
            raise InputError(f"OUT: {parent} is not a folder")
        if not os.access(parent, os.W_OK | os.X_OK):
            raise InputError(f"OUT: {parent} is not writable")
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"OUT: {out!r} can't be used: {getattr(error, 'strerror', '') or error}"
        ) from None
    return where
