"""Run the stages of a plan that are due: side by side where the machine and the book allow it."""

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from rnn.files.machine import cores
from rnn.gradcheck import OTHER_NETWORK, GradientCheck, fault
from rnn.report import done, finished, side_by_side, told
from rnn.report.errors import StageError
from rnn.report.record import changed
from rnn.report.request import Plan
from rnn.report.stages import Stage, executed, left_by
from rnn.report.terminal import Terminal, Turn, Turns

LARGE = 100_000_000  # bytes of a book, of which each kernel holds some copies


class Due(NamedTuple):
    """A stage with the parameters of its run, its key, and the hash of what the user gave it."""

    stage: Stage
    used: dict[str, Any]
    key: str
    given: str


def run(plan: Plan, work: Path, where: Path, terminal: Terminal, lock: int) -> None:
    """Run the stages of a plan that are not done already.

    Parameters
    ----------
    plan
        The plan.
    work, where
        The folder in which they run, and that of the earlier report.
    terminal
        Where they are shown, in their order.
    lock
        The file descriptor of the work folder's lock, which the kernels inherit.

    Raises
    ------
    StageError
        When one fails, or the book has changed.
    """
    turns = Turns((stage.name for stage in plan.stages), terminal)
    due: dict[Stage, Due] = {}
    before: dict[Stage, dict[Path, tuple[int, int]]] = {}

    def begin(stage: Stage) -> Callable[[], None]:
        done.bring_checkpoint(work, where, stage.name, due[stage].given)
        before[stage] = done.state(work)
        return partial(_run, plan, due[stage], work, turns[stage.name], lock)

    def end(stage: Stage) -> None:
        _, _, key, given = due[stage]
        others = [name for other in plan.stages if other != stage for name in left_by(other)]
        done.note(work, stage.name, key, given, before.pop(stage), but=others)
        show_end(stage)

    def show_end(stage: Stage) -> None:
        if line := _wrong(plan, stage, work):
            turns[stage.name].say(f"warning: {line}")
        turns.end(stage.name)

    for one in _all(plan, work):
        there = done.stands(work, where, one.stage.name, one.key)
        turns[one.stage.name].say(step(plan, one.stage.name, there=there))
        if there:
            show_end(one.stage)
        else:
            due[one.stage] = one
    turns.end()
    if due:
        from rnn.report import running  # slow to import, and a request is refused without it

        side_by_side.run([*due], _at_most(plan), begin, end, running.stop)


def step(plan: Plan, name: str, *, there: bool) -> str:
    """Return a line on a step of a report, and whether it is done already."""
    names = [*(stage.name for stage in plan.stages), done.DOCUMENT]
    place = f"[{names.index(name) + 1}/{len(names)}]"
    return f"{place} {name}{': already done' if there else ''}"


def _at_most(plan: Plan) -> int:
    """Return how many stages may run at a time."""
    return 1 if plan.book.stat().st_size > LARGE else cores()


def _all(plan: Plan, work: Path) -> list[Due]:
    """Return all stages of a plan."""
    values = plan.values | {
        "book": seen_from(plan.notebooks, plan.book),
        "folder": seen_from(plan.notebooks, work),
        "student": seen_from(plan.notebooks, plan.student.path) if plan.student else "",
        "model_file": seen_from(plan.notebooks, plan.model.path) if plan.model else "",
    }
    keys: dict[str, str] = {}
    found = []
    for stage in plan.stages:
        used = {name: values[name] for name in plan.declared[stage.name]}
        determining = _determining(plan, used)
        before = [keys[name] for name in stage.reads]
        key = done.key(_notebook(plan, stage), determining, plan.sha256, before)
        keys[stage.name] = key
        found.append(Due(stage, used, key, done.given(determining, plan.sha256)))
    return found


def _notebook(plan: Plan, stage: Stage) -> Path:
    return plan.notebooks / f"{stage.name}.py"


def _determining(plan: Plan, used: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a stage, with the hashes of the user's own files for their paths."""
    own = {"student": plan.student, "model_file": plan.model}
    return used | {name: file.sha256 for name, file in own.items() if file and name in used}


def _run(plan: Plan, due: Due, work: Path, turn: Turn, lock: int) -> None:
    """Run a stage's notebook, and check that what the notebooks read is unchanged."""
    from rnn.report import running

    stage, used = due.stage, due.used
    # A work folder elsewhere is nobody's business, and is gone soon.
    away = "folder" in used and Path(used["folder"]).is_absolute()
    saved = {"folder": plan.declared[stage.name]["folder"]} if away else None
    try:
        running.run(_notebook(plan, stage), work / executed(stage), used, turn, lock, saved)
    except StageError:
        turn.come()
        _check_unchanged(plan)  # a changed book explains the failure better
        raise
    _check_unchanged(plan)


def _wrong(plan: Plan, stage: Stage, work: Path) -> str:
    """Return a line on what a stage found to be wrong, if it did."""
    tells = told.read(work, stage.tells) if stage.tells in ("gradient_check", "training") else {}
    if stage.tells == "gradient_check":
        check = GradientCheck(**tells)
        line = fault(check, OTHER_NETWORK) if plan.student else fault(check)
        return f"{line}; see Part 1" if line else ""
    if stage.tells == "training" and tells["diverged"]:
        return f"training diverged: {tells['diverged']}; see Part 2"
    return ""


def _check_unchanged(plan: Plan) -> None:
    check_unchanged(plan.book, plan.sha256)
    if plan.student:
        check_unchanged(plan.student.path, plan.student.sha256, "student's functions")
    if plan.model:
        check_unchanged(plan.model.path, plan.model.sha256, "model")


def check_unchanged(file: Path, sha256: str, what: str = "book") -> None:
    """Raise an error if a file has changed since the report was begun."""
    found = ""
    with suppress(OSError):
        if file.is_file():  # opening a pipe would block
            found = finished.sha256(file)
    if found != sha256:
        raise StageError(changed(file, what))


def seen_from(notebooks: Path, path: Path) -> str:
    """Return a path as the notebooks use it: relative within the project, else absolute."""
    path, notebooks = path.resolve(), notebooks.resolve()
    if path.is_relative_to(notebooks.parent):
        return Path(os.path.relpath(path, notebooks)).as_posix()
    return str(path)
