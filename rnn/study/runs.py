"""The runs of a study on their way: what has ended, and what it comes to."""

import math
import re
from contextlib import suppress
from pathlib import Path

import numpy as np

from rnn.errors import InputError
from rnn.files.results import DONE, FAILED, Result, RunRow, Study, keep, run_file, unpack
from rnn.network import Model
from rnn.sampling import compose
from rnn.study.request import Plan
from rnn.study.task import Task

NONE = np.empty((0, 2))


def model_file(number: int, label: str) -> str:
    """Return the name of the file with the best model of a setting.

    >>> model_file(1, "learning_rate=0.1, cell=gru")
    'models/01-learning_rate=0.1,cell=gru.npz'
    """
    word = re.sub(r"[^\w.,=+-]", "", label, flags=re.ASCII)
    return f"models/{number:02d}-{word[:150]}.npz"


class Runs:
    """What has ended of a study's runs, and the best model of each setting."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.planned = plan.runs()
        self.rows: dict[str, RunRow] = {}
        self.best: dict[int, tuple[float, int, Model]] = {}  # loss, place of the seed, model

    def find(self, work: Path, *others: Path) -> None:
        """Take in what is kept in the work folder, or in another folder with runs.

        What is damaged is not taken, and so is made again.
        """
        for key in self.planned:
            for folder in (work, *others):
                with suppress(OSError, ValueError):
                    data = (folder / run_file(key)).read_bytes()
                    self.take(key, unpack(data))
                    if folder != work:
                        keep(work, key, data)
                    break

    def take(self, key: str, result: Result) -> None:
        """Take in the result of a run."""
        combination, seed, _ = self.planned[key]
        self.rows[key] = RunRow(
            combination=combination,
            seed=seed,
            status=result.status,
            reason=result.reason,
            steps=result.steps,
            final_smooth_loss=result.final_smooth_loss,
            best_step=result.best_step,
            validation=result.validation,
            test=result.test,
            seconds=result.seconds,
            machine=result.machine,
            key=key,
            curve=result.curve,
            validations=result.validations,
        )
        if result.status == DONE:
            loss = result.final_smooth_loss if result.validation is None else result.validation
            mine = loss, self.plan.seeds.index(seed), result.model
            self.best[combination] = min(
                mine, self.best.get(combination, (math.inf, 0, result.model)), key=lambda b: b[:2]
            )

    def fail(self, key: str, reason: str) -> None:
        """Take in that a run can't be made."""
        combination, seed, _ = self.planned[key]
        nothing = dict.fromkeys(
            ("steps", "final_smooth_loss", "best_step", "validation", "test", "seconds"), None
        )
        self.rows[key] = RunRow(
            combination=combination,
            seed=seed,
            status=FAILED,
            reason=reason,
            machine="",
            key=key,
            curve=NONE,
            validations=NONE,
            **nothing,
        )

    @property
    def missing(self) -> list[Task]:
        """The runs that have not ended, in the order in which they are to begin."""
        return [task for key, (_, _, task) in self.planned.items() if key not in self.rows]

    @property
    def failed(self) -> list[RunRow]:
        """The runs that can't be made."""
        return [row for row in self.rows.values() if row.status == FAILED]

    def models(self) -> dict[str, Model]:
        """Return the best model of each setting that has one, by the name of its file."""
        labels = self.plan.labels
        return {
            model_file(i + 1, labels[i]): model for i, (_, _, model) in sorted(self.best.items())
        }

    def passages(self) -> dict[int, str]:
        """Return what the best model of each setting writes after the opening."""
        found = {}
        for i, (_, _, model) in sorted(self.best.items()):
            settings = self.plan.settings[i]
            with suppress(InputError):  # read otherwise, the book may lack one of its characters
                found[i] = compose(
                    model,
                    settings.passage_length,
                    prime=self.plan.opening,
                    temperature=settings.temperature,
                    top_p=settings.top_p,
                    seed=settings.seed,
                )
        return found

    def study(self, passages: dict[int, str] | None = None) -> Study:
        """Return the study as far as its runs have ended."""
        plan = self.plan
        order = {seed: place for place, seed in enumerate(plan.seeds)}
        rows = sorted(self.rows.values(), key=lambda row: (row.combination, order[row.seed]))
        return Study(
            names=plan.names,
            combinations=plan.combinations,
            seeds=plan.seeds,
            common=plan.common,
            book=plan.book,
            rows=tuple(rows),
            opening=plan.opening,
            passages=passages or {},
        )
