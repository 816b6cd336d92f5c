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
    cell = one_of("CELL", request.cell, tuple(CELLS))
    mode = one_of("MODE", request.mode, MODES)
    without = several(request.without)
    if mode == "debug" and request.without.strip(" ,"):
        raise InputError("WITHOUT does not go with MODE=debug, which leaves nothing blank")
    if request.seed and mode != "debug":
        raise InputError("SEED goes with MODE=debug alone")
    return Plan(
        out=folder_for("the exercise", request.out),
        cell=cell,
        without=() if mode == "debug" else without,
        seed=whole("SEED", request.seed or "0") if mode == "debug" else None,
    )


def one_of(option: str, value: str, choices: Sequence[str]) -> str:
    """Return a value, or the first choice for an empty one."""
    if value and value not in choices:
        raise InputError(f"{option}: there is no {value!r}: choose from {', '.join(choices)}")
    return value or choices[0]


def several(request: str) -> tuple[str, ...]:
    """Return the functions that WITHOUT names, in their order; none stand for all."""
    words = request.replace(",", " ").split()
    for word in words:
        one_of("WITHOUT", word, FUNCTIONS)
    return tuple(name for name in FUNCTIONS if name in words) or FUNCTIONS


def whole(option: str, value: str, least: int = 0, most: int = 999_999_999) -> int:
    """Return a whole number."""
    if value.isascii() and value.isdigit() and len(value) < 10 and least <= int(value) <= most:
        return int(value)
    raise InputError(f"{option} must be a whole number from {least} to {most}, not {value!r}")


def folder_for(what: str, out: str, mark: str = "") -> Path:
    """Return the folder to write if it is new or empty: nothing that someone had is overwritten.

    One that has a file or folder named by `mark` is ours, and is taken, too.
    """
    if not out:
        raise InputError(f"OUT: name a new folder for {what}, as in OUT={what.split()[-1]}")
    if "\0" in out or any("\ud800" <= c <= "\udfff" for c in out):
        raise InputError(f"OUT: {out!r} can't be used: it is not in UTF-8")
    try:
        typed = as_typed(out, "OUT")
        where = typed.parent.resolve() / typed.name if typed.name != ".." else typed.resolve()
        if where.is_symlink():
            raise InputError(f"OUT: {out} is a symbolic link: name the folder that it points to")
        if where.exists() and not where.is_dir():
            raise InputError(f"OUT: {out} is a file: name a folder")
        ours = mark and (where / mark).exists()
        if where.exists() and any(where.iterdir()) and not ours:
            raise InputError(f"OUT: {out} is not empty: name a new folder, so that nothing is lost")
        parent = next(folder for folder in where.parents if folder.exists())
        if not parent.is_dir():
            raise InputError(f"OUT: {parent} is not a folder")
        written = where if mark and where.exists() else parent  # into it, or it is moved there
        if not os.access(written, os.W_OK | os.X_OK):
            raise InputError(f"OUT: {written} is not writable")
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"OUT: {out!r} can't be used: {getattr(error, 'strerror', '') or error}"
        ) from None
    return where
