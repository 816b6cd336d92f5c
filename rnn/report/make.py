"""Make a report: check everything, run the notebooks, render, move into place."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from rnn.errors import InputError
from rnn.files.storage import save_json
from rnn.report import done, folder, request, running
from rnn.report.errors import StageError
from rnn.report.record import changed, record
from rnn.report.render import render
from rnn.report.request import Plan, Request
from rnn.report.stages import RUN, Stage, executed
from rnn.report.terminal import Terminal


def make(asked: Request, terminal: Terminal, notebooks: Path) -> list[Path]:
    """Make a report and return the paths of its files.

    Parameters
    ----------
    asked
        What is asked for.
    terminal
        Where it says how far it is.
    notebooks
        The folder of the notebooks.

    Raises
    ------
    InputError
        When any of it is refused; nothing was done then.
    StageError
        When a notebook fails; an earlier report is left as it was.
    """
    plan = request.check(asked, notebooks)
    where = plan.check_folder()
    terminal.say(f"book: {plan.book}, read as {plan.encoding}")
    with folder.work_folder(where) as (work, lock):
        steps = len(plan.stages) + 1
        for number, (stage, used, key) in enumerate(_due(plan, work), 1):
            there = done.stands(work, where, stage.name, key)
            terminal.say(f"[{number}/{steps}] {stage.name}{': done before' if there else ''}")
            if not there:
                given = done.given(used, plan.sha256)
                done.bring_checkpoint(work, where, stage.name, given)
                before = done.state(work)
                _run(plan, stage, used, work, terminal, lock)
                done.note(work, stage.name, key, given, before)
        terminal.say(f"[{steps}/{steps}] report.html and report.pdf")
        save_json(work / RUN, record(plan, work))
        render(work, plan.stages, plan.title, plan.notes, code=plan.code)
        try:
            plan.check_folder()  # hours may have passed
        except InputError as error:
            raise InputError(f"{error}; the report was made, and is in {work}") from None
        return folder.move(work, where, plan.files)


def _due(plan: Plan, work: Path) -> Iterator[tuple[Stage, dict[str, Any], str]]:
    """Yield each stage with the parameters that it is run with, and its key."""
    values = plan.values | {
        "book": _seen_from(plan.notebooks, plan.book),
        "folder": _seen_from(plan.notebooks, work),
    }
    keys: dict[str, str] = {}
    for stage in plan.stages:
        used = {name: values[name] for name in plan.declared[stage.name]}
        notebook = plan.notebooks / f"{stage.name}.py"
        keys[stage.name] = done.key(notebook, used, plan.sha256, [keys[s] for s in stage.reads])
        yield stage, used, keys[stage.name]


def _run(
    plan: Plan, stage: Stage, used: dict[str, Any], work: Path, terminal: Terminal, lock: int
) -> None:
    """Run the notebook of a stage; see that the book, which each reads anew, is still the same."""
    notebook = plan.notebooks / f"{stage.name}.py"
    try:
        running.run(notebook, work / executed(stage), used, terminal, lock)
    except StageError:
        _check_unchanged(plan)  # which says more than what it led to
        raise
    _check_unchanged(plan)


def _check_unchanged(plan: Plan) -> None:
    """See that the book is the one that the report is of."""
    found = ""
    with suppress(OSError):
        if plan.book.is_file():  # a pipe would be waited for
            with plan.book.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != plan.sha256:
        raise StageError(changed(plan.book))


def _seen_from(notebooks: Path, path: Path) -> str:
    """Return a path for notebooks in a folder; in the project it tells not where that lies."""
    path, notebooks = path.resolve(), notebooks.resolve()
    if path.is_relative_to(notebooks.parent):
        return Path(os.path.relpath(path, notebooks)).as_posix()
    return str(path)
