"""Make a report: check everything, run the notebooks, render, move into place."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rnn.errors import InputError
from rnn.files.storage import save_json
from rnn.report import done, due, finished, folder, placing, request, stages
from rnn.report.leftovers import holds, leftovers
from rnn.report.page.excerpt import excerpt
from rnn.report.paper.fonts import advice
from rnn.report.record import record
from rnn.report.render import render
from rnn.report.request import Added, Plan, Request
from rnn.report.stages import RUN
from rnn.report.terminal import Terminal
from rnn.report.verify.carried import PAGE, PDF, carry

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
        due.run(plan, work, where, terminal, lock)
        made = tell(plan, work)
        save_json(work / RUN, made)
        _write_document(plan, carry(plan, made, work), work, where, terminal)
        try:
            plan.check_folder()  # training may have taken hours
        except InputError as error:
            raise InputError(f"{error}; the finished report is in {work}") from None
        made_files = placing.place(work, where, plan.files)
    say_leftovers(where, terminal)
    return made_files


def _write_document(
    plan: Plan, recipe: Mapping[str, Any], work: Path, where: Path, terminal: Terminal
) -> None:
    """Write page and PDF, unless those of the earlier report carry the same recipe."""
    key = done.document_key(recipe)
    there = done.stands(work, where, done.DOCUMENT, key, (PAGE, PDF))
    terminal.say(due.step(plan, done.DOCUMENT, there=there))
    if not there:
        before = done.state(work)
        remarks = render_plan(plan, work, recipe)
        done.note(work, done.DOCUMENT, key, "", before, said=remarks)
    for remark in finished.read(work)[done.DOCUMENT]["said"]:
        terminal.say(remark)


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
