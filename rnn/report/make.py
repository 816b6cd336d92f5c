"""Make a report: check everything, run the notebooks, render, move into place."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from rnn.errors import InputError
from rnn.files.storage import save_json
from rnn.gradcheck import OTHER_NETWORK, GradientCheck, fault
from rnn.report import done, finished, folder, placing, request, stages, told
from rnn.report.errors import StageError
from rnn.report.leftovers import holds, leftovers
from rnn.report.page.excerpt import excerpt
from rnn.report.paper.fonts import advice
from rnn.report.record import changed, record
from rnn.report.render import render
from rnn.report.request import Added, Plan, Request
from rnn.report.stages import RUN, Stage, executed
from rnn.report.terminal import Terminal
from rnn.report.verify.carried import carry

UNNAMED = 'the {} names no author: set AUTHOR="Ada Lovelace", or "Ada Lovelace; Charles Babbage"'


def make(asked: Request, terminal: Terminal, notebooks: Path) -> list[Path]:
    """Make a report and return the paths of its files.

    Parameters
    ----------
    asked
        The user's request.
    terminal
        Where progress is shown.
    notebooks
        The folder of the notebooks.

    Raises
    ------
    InputError
        When the request is refused: before any work, or at the end if OUT can no longer be used.
    StageError
        When a notebook fails; an earlier report is left as it was.
    """
    return carry_out(request.check(asked, notebooks), terminal, record)


def carry_out(
    plan: Plan, terminal: Terminal, tell: Callable[[Plan, Path], dict[str, Any]]
) -> list[Path]:
    """Make a report that was checked and return the paths of its files; see `make`.

    `tell` returns the contents of `run.json`, given the plan and the work folder.
    """
    notebooks = plan.notebooks
    where = plan.check_folder()
    with folder.work_folder(where) as (work, lock):
        terminal.say(f"book: {plan.book}, read as {plan.encoding}")
        announce(plan.added, terminal)
        for line in stages.left_out(notebooks, plan.stages):
            terminal.say(f"warning: {line}")
        if plan.student:
            terminal.say(f"functions: {plan.student.path}")
            for line in plan.student.said:
                terminal.say(line)
        if plan.model:
            terminal.say(f"model: {plan.model.path} writes Part 4, and the page runs it")
        steps = len(plan.stages) + 1
        for number, (stage, used, key) in enumerate(_due(plan, work), 1):
            there = done.stands(work, where, stage.name, key)
            terminal.say(f"[{number}/{steps}] {stage.name}{': already done' if there else ''}")
            if not there:
                given = done.given(_determining(plan, used), plan.sha256)
                done.bring_checkpoint(work, where, stage.name, given)
                before = done.state(work)
                _run(plan, stage, used, work, terminal, lock)
                done.note(work, stage.name, key, given, before)
            if line := _wrong(plan, stage, work):
                terminal.say(f"warning: {line}")
        terminal.say(f"[{steps}/{steps}] report.html and report.pdf")
        made = tell(plan, work)
        save_json(work / RUN, made)
        for remark in render_plan(plan, work, carry(plan, made, work)):
            terminal.say(remark)
        try:
            plan.check_folder()  # training may have taken hours
        except InputError as error:
            raise InputError(f"{error}; the finished report is in {work}") from None
        made_files = placing.place(work, where, plan.files)
    say_leftovers(where, terminal)
    return made_files


def render_plan(plan: Plan, work: Path, recipe: Mapping[str, Any]) -> list[str]:
    """Write page and PDF from the files in a folder; return what is to be said about them."""
    return render(
        work,
        plan.stages,
        plan.added.title,
        plan.added.notes,
        plan.added.images,
        form=plan.form,
        cited=plan.added.cited,
        excerpt=excerpt(plan.book, plan.sha256, plan.values, asked=plan.excerpt),
        code=plan.code,
        fonts=plan.added.fonts,
        recipe=recipe,
        model=plan.model.path if plan.model else None,
    )


def say_leftovers(where: Path, terminal: Terminal) -> None:
    """Say in one line what was begun beside a finished report, and never finished."""
    found = leftovers(where.parent)
    if len(found) == 1:
        terminal.say(
            f"{found[0]} holds a {holds(found[0])} that was begun and never finished: make that"
            " again to resume it, or remove the folder"
        )
    elif found:
        names = ", ".join(path.name for path in found)
        terminal.say(
            f"{len(found)} folders in {where.parent} hold what was begun and never finished: make"
            f" it again to resume it, or remove them: {names}"
        )


def announce(added: Added, terminal: Terminal, what: str = "report") -> None:
    """Say what the author may want to change."""
    if added.lacks:
        terminal.say(f"warning: {advice(added.lacks)}")
    if not added.title.authors:
        terminal.say(UNNAMED.format(what))
    for line in added.said:
        terminal.say(f"warning: {line}")


def _due(plan: Plan, work: Path) -> Iterator[tuple[Stage, dict[str, Any], str]]:
    """Yield each stage with the parameters of its run and its key."""
    values = plan.values | {
        "book": seen_from(plan.notebooks, plan.book),
        "folder": seen_from(plan.notebooks, work),
        "student": seen_from(plan.notebooks, plan.student.path) if plan.student else "",
        "model_file": seen_from(plan.notebooks, plan.model.path) if plan.model else "",
    }
    keys: dict[str, str] = {}
    for stage in plan.stages:
        used = {name: values[name] for name in plan.declared[stage.name]}
        notebook = plan.notebooks / f"{stage.name}.py"
        before = [keys[name] for name in stage.reads]
        keys[stage.name] = done.key(notebook, _determining(plan, used), plan.sha256, before)
        yield stage, used, keys[stage.name]


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


def _determining(plan: Plan, used: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a stage, with the hashes of the user's own files for their paths."""
    own = {"student": plan.student, "model_file": plan.model}
    return used | {name: file.sha256 for name, file in own.items() if file and name in used}


def _run(
    plan: Plan, stage: Stage, used: dict[str, Any], work: Path, terminal: Terminal, lock: int
) -> None:
    """Run a stage's notebook, and check that what the notebooks read is unchanged."""
    from rnn.report import running  # slow to import, and a request is refused without it

    notebook = plan.notebooks / f"{stage.name}.py"
    # A work folder elsewhere is nobody's business, and is gone soon.
    away = "folder" in used and Path(used["folder"]).is_absolute()
    saved = {"folder": plan.declared[stage.name]["folder"]} if away else None
    try:
        running.run(notebook, work / executed(stage), used, terminal, lock, saved)
    except StageError:
        _check_unchanged(plan)  # a changed book explains the failure better
        raise
    _check_unchanged(plan)


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
