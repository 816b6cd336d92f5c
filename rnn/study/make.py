"""Make a study: check everything, make the runs that are missing, compare, move into place."""

import hashlib
import json
import time
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from rnn.errors import InputError
from rnn.files.results import CURVES, RUNS, SAMPLES, Study, keep, run_file, unpack, write_study
from rnn.files.storage import save_model
from rnn.report import done, folder, placing, side_by_side
from rnn.report.due import seen_from
from rnn.report.errors import StageError
from rnn.report.make import announce, say_leftovers
from rnn.report.parameters import declared
from rnn.report.stages import STUDY as STAGE
from rnn.report.stages import executed
from rnn.report.terminal import Terminal
from rnn.study import request
from rnn.study.errors import EngineError
from rnn.study.record import record
from rnn.study.request import KIND, Plan, Request
from rnn.study.runs import Runs, model_file
from rnn.study.task import send

WRITTEN = 5.0  # seconds between two states of a study's files while it runs


def make(asked: Request, terminal: Terminal, notebooks: Path) -> tuple[list[Path], int]:
    """Make a study; return the paths of its files, and how many of its runs failed.

    Parameters
    ----------
    asked
        The user's request.
    terminal
        Where progress is shown.
    notebooks
        The folder of the notebook.

    Raises
    ------
    InputError
        When the request is refused: before any run, or at the end if OUT can no longer be used.
    StageError
        When the runs can't be placed any more, or the notebook fails. What is finished is kept, and
        an earlier study is left as it was.
    """
    plan = request.check(asked, notebooks)
    runs = Runs(plan)
    may_be = [model_file(i, label) for i, label in enumerate(plan.labels, 1)]
    files = [run_file(key) for key in runs.planned]
    where = plan.check_folder(may_be, files)
    with folder.work_folder(where, KIND) as (work, lock):
        terminal.say(f"book: {plan.path}, read as {plan.book['encoding']}")
        announce(plan.added, terminal, "study")
        runs.find(work, where, *plan.kept)
        made = record(asked, plan)
        _train(plan, runs, work, terminal, made)
        terminal.say("the comparison")
        study = runs.study(runs.passages())
        write_study(work, study, made)
        models = _compare(plan, runs, study, work, where, terminal, lock)
        terminal.say("study.html and study.pdf")
        from rnn.study.render import render  # slow to import, and a request is refused without it

        added = plan.added
        for remark in render(
            *(work, added.title, added.notes, added.images), cited=added.cited, fonts=added.fonts
        ):
            terminal.say(remark)
        try:
            plan.check_folder(may_be, files)  # training may have taken days
        except InputError as error:
            raise InputError(f"{error}; the finished study is in {work}") from None
        kept = [run_file(path.stem) for path in sorted(work.glob("runs/*.npz"))]
        placed = placing.place(work, where, plan.files(models, kept))
    for row in runs.failed[:1]:
        terminal.say(
            f"error: {len(runs.failed)} of {len(runs.planned)} runs failed, as that of"
            f" {plan.labels[row.combination]} with seed {row.seed}: {row.reason}; the same command"
            " tries them again"
        )
    say_leftovers(where, terminal)
    return [path for path in placed if path.parent.name != "runs"], len(runs.failed)


def _train(plan: Plan, runs: Runs, work: Path, terminal: Terminal, made: dict[str, Any]) -> None:
    """Make the runs that are missing, and keep each as it ends."""
    missing = runs.missing
    terminal.say(_how_many(plan, len(runs.planned), len(missing)))
    write_study(work, runs.study(), made)
    if not missing:
        return
    from rnn.study import engine  # which alone needs Dask

    places = min(plan.where.workers, len(missing))
    progress = _Progress(len(missing), 0 if plan.where.cluster else places, terminal)
    written = time.monotonic()

    def ended(key: str) -> None:
        nonlocal written
        progress.count(runs.rows[key].seconds or 0.0)
        if time.monotonic() - written > WRITTEN:
            write_study(work, runs.study(), made)
            written = time.monotonic()

    def finished(key: str, data: bytes) -> None:
        try:
            result = unpack(data)
        except ValueError as error:
            return failed(key, f"its result can't be read: {error}")
        keep(work, key, data)
        runs.take(key, result)
        ended(key)

    def failed(key: str, reason: str) -> None:
        runs.fail(key, reason)
        ended(key)

    try:
        engine.run(
            missing,
            send(plan.path, plan.sha256),
            finished,
            failed,
            where=plan.where._replace(workers=places),
            say=terminal.say,
        )
    except EngineError as error:
        raise StageError(str(error)) from None
    finally:
        progress.close()
        write_study(work, runs.study(), made)


def _how_many(plan: Plan, planned: int, missing: int) -> str:
    """Say how many runs there are to make."""
    settings, seeds = len(plan.combinations), len(plan.seeds)
    whole = (
        f"{planned:,} run{'s' * (planned != 1)}: {settings:,} setting{'s' * (settings != 1)} with"
        f" {seeds:,} seed{'s' * (seeds != 1)} each"
    )
    if not missing:
        return f"{whole}; all are already done"
    kept = planned - missing
    there = f"; {kept:,} of them {'is' if kept == 1 else 'are'} already done"
    return whole + (there if kept else "")


class _Progress:
    """A progress bar, and a line on how long the rest will take once the first runs have ended.

    How many runs are made at a time is known of this machine alone (`places`, else 0).
    """

    def __init__(self, total: int, places: int, terminal: Terminal) -> None:
        self.total, self.places, self.terminal = total, places, terminal
        self.began, self.done, self.trained = time.monotonic(), 0, 0.0
        self.bar = tqdm(
            desc="runs",
            total=total,
            unit="run",
            file=_Written(terminal),
            mininterval=0.2 if terminal.stream.isatty() else 10,
        )

    def count(self, seconds: float) -> None:
        """Count a run that has ended, which took so long to train."""
        self.done += 1
        self.trained += seconds
        self.bar.update()
        left = self.total - self.done
        if left and self.done == (self.places or max(2, self.total // 10)):
            elapsed = time.monotonic() - self.began  # with a first compilation
            took = self.trained / self.places if self.places else elapsed
            self.terminal.say(
                f"the other {left:,} will take about {in_words(took / self.done * left)}"
            )

    def close(self) -> None:
        """Leave the bar as it is."""
        self.bar.close()


def in_words(seconds: float) -> str:
    """Return a rough duration.

    >>> in_words(50), in_words(200), in_words(20_000), in_words(500_000)
    ('50 seconds', '3 minutes', '6 hours', '6 days')
    """
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        number = max(1, round(seconds / size))
        if seconds >= 2 * size or unit == "second":
            break
    return f"{number:,} {unit}{'s' * (number != 1)}"


class _Written:
    """A terminal as tqdm writes to it."""

    def __init__(self, terminal: Terminal) -> None:
        self.write, self.encoding = terminal.write, terminal.stream.encoding
        self.isatty, self.fileno = terminal.stream.isatty, terminal.stream.fileno

    def flush(self) -> None:
        """Do nothing: the terminal does so by itself."""


def _compare(
    plan: Plan, runs: Runs, study: Study, work: Path, where: Path, terminal: Terminal, lock: int
) -> list[str]:
    """Write the models and run the notebook, unless nothing has changed; return their names."""
    models = runs.models()
    digest = hashlib.sha256(json.dumps(study._replace(rows=(), passages={})).encode())
    for name in (RUNS, CURVES, SAMPLES):
        digest.update((work / name).read_bytes())
    key = done.key(plan.notebook, {"study": digest.hexdigest()}, plan.sha256)
    if done.stands(work, where, STAGE.name, key):
        return list(models)
    before = done.state(work)
    for name, model in models.items():
        save_model(work / name, model)
    from rnn.report import running  # slow to import

    used = {"folder": seen_from(plan.notebook.parent, work)}
    saved = declared(plan.notebook) if Path(used["folder"]).is_absolute() else None
    run = partial(running.run, plan.notebook, work / executed(STAGE), used, terminal, lock, saved)
    side_by_side.run([STAGE], 1, lambda _: run, lambda _: None, running.stop)
    done.note(work, STAGE.name, key, "", before)
    return list(models)
