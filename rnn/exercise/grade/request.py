"""The teacher's request for grades, checked before any work."""

import math
import tomllib
from pathlib import Path
from typing import NamedTuple

from rnn.errors import InputError
from rnn.exercise.request import folder_for, one_of, several, whole
from rnn.files.machine import cores
from rnn.files.paths import as_typed
from rnn.network import CELLS

RECORDS = ".grades"  # in OUT: what was found, from which all else is written
SHIPPED = Path(__file__).parent / "weights.toml"


class Request(NamedTuple):
    """The user's options as typed; an empty one stands for its default. See variables.txt."""

    submissions: str = ""
    out: str = ""
    cell: str = ""
    without: str = ""
    weights: str = ""
    hint: str = ""
    seed: str = ""
    workers: str = ""
    limit: str = ""
    memory: str = ""


class Plan(NamedTuple):
    """What to grade, and how.

    Attributes
    ----------
    submissions, out
        The folders, as absolute paths.
    cell
        A name in `rnn.network.CELLS`; empty where each submission may say its own.
    weights
        The points of each function that counts, by name.
    hint
        How much the feedback gives away, as for `check.lines`.
    seed
        Of the inputs.
    workers
        How many submissions are checked at the same time.
    seconds
        The limit for each function.
    memory
        The limit for each submission, in bytes.
    """

    submissions: Path
    out: Path
    cell: str
    weights: dict[str, float]
    hint: int | None
    seed: int
    workers: int
    seconds: int
    memory: int


def check(request: Request) -> Plan:
    """Return the plan for grades.

    Raises
    ------
    InputError
        When anything in the request is refused.
    """
    submissions = _existing("SUBMISSIONS", request.submissions or "")
    if not submissions.is_dir():
        raise InputError(f"SUBMISSIONS: {request.submissions} is no folder")
    out = folder_for("the grades", request.out, RECORDS)
    if out.is_relative_to(submissions):
        raise InputError("OUT: name a folder that is not in that of SUBMISSIONS")
    return Plan(
        submissions=submissions,
        out=out,
        cell=one_of("CELL", request.cell, tuple(CELLS)) if request.cell else "",
        weights=_weights(request.weights, several(request.without)),
        hint=whole("HINT", request.hint, 0, 3) if request.hint else None,
        seed=whole("SEED", request.seed or "1", 1),  # 0 is that of the students' own answers
        workers=whole("WORKERS", request.workers or str(cores()), 1, 1000),
        seconds=whole("LIMIT", request.limit or "20", 1, 3600),
        memory=whole("MEMORY", request.memory or "1000", 200, 1_000_000) * 10**6,
    )


def _existing(option: str, path: str) -> Path:
    if not path:
        raise InputError(f"{option}: name a folder, as in {option}=handed-in")
    try:
        return as_typed(path, option).resolve(strict=True)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", "") or error
        raise InputError(f"{option}: {path!r} can't be used: {reason}") from None


def _weights(path: str, functions: tuple[str, ...]) -> dict[str, float]:
    """Return the points of some functions from a file of weights."""
    where = _existing("WEIGHTS", path) if path else SHIPPED
    try:
        given = tomllib.loads(where.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"WEIGHTS: {where.name} can't be read as TOML: {error}") from None
    known = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    for name, points in given.items():
        one_of("WEIGHTS", name, tuple(known))
        number = type(points) in (int, float) and math.isfinite(points) and points >= 0
        if not number:
            raise InputError(f"WEIGHTS: {name} must be a number of points, not {points!r}")
    for name in functions:
        if name not in given:
            raise InputError(f"WEIGHTS: {where.name} has no points for {name}")
    return {name: given[name] for name in functions}
