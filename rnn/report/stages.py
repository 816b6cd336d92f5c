"""The list of stages: the notebooks that a report is made from, and the files of each.

Running, rendering and the names of a report's files follow from this list. Any further notebook
with a number is a stage too, without being listed: it runs in the order of the numbers, becomes a
chapter, and is assumed to read the files of all stages before it.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rnn.errors import InputError

NAME = re.compile(r"(\d+)_[\w-]+", re.ASCII)
RUN = "run.json"


class Stage(NamedTuple):
    """A notebook that is run.

    Attributes
    ----------
    name
        The notebook's file name without its ending: a number and a subject.
    reads
        The stages whose files it reads: it runs again when one of them does.
    writes
        Those of its files that are for the reader of the report.
    tells
        The name, without its ending, of the JSON file whose contents go into `run.json`.
    """

    name: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    tells: str = ""


STAGES = (
    Stage("01_data", tells="book"),
    Stage("02_gradcheck", tells="gradient_check"),
    Stage(
        "03_training",
        tells="training",
        writes=("history.csv", "losses.npz", "evolution.txt", "model.npz"),
    ),
    Stage("04_sampling", reads=("03_training",), writes=("passage.txt",)),
)
# Notebooks beside them that have no number and are no stage of a report: `make study` runs the one,
# `make exercise` writes its lesson from the other.
STUDY = Stage("study")
OTHERS = (STUDY.name, "exercise")


def find(notebooks: Path) -> tuple[Stage, ...]:
    """Return the stages in a folder of notebooks (.py files), in order.

    Raises
    ------
    InputError
        When a listed notebook is missing, two have the same number, or a name is malformed.
    """
    known = {stage.name: stage for stage in STAGES}
    numbers: dict[int, str] = {}
    for path in sorted(notebooks.glob("[0-9]*.py")):
        named = NAME.fullmatch(path.stem)
        if not named:
            raise InputError(
                f"the notebook {path} must be named by a number, _ and a word, as in 05_mine.py"
            )
        if (number := int(named[1])) in numbers:
            raise InputError(
                f"two notebooks have the number {number}: {numbers[number]} and {path.stem}"
            )
        numbers[number] = path.stem
    if missing := known.keys() - numbers.values():
        raise InputError(f"the notebook {notebooks / min(missing)}.py is missing")
    names = [numbers[number] for number in sorted(numbers)]
    return tuple(
        known.get(name, Stage(name, reads=tuple(names[:position])))
        for position, name in enumerate(names)
    )


def left_out(notebooks: Path, stages: Sequence[Stage]) -> list[str]:
    """Return a line on each file that may be meant as a chapter and is none of the stages."""
    known = {*OTHERS, *(stage.name for stage in stages)}
    free = max(int(stage.name.partition("_")[0]) for stage in stages) + 1
    lines = []
    files = [*notebooks.glob("*.py"), *notebooks.glob("*.ipynb")]
    for path in sorted({file.with_suffix("") for file in files}):
        if path.name in known:
            continue
        if not path.with_suffix(".py").exists():
            lines.append(f"{path}.ipynb has no {path.name}.py, and is left out: run make sync")
        else:
            lines.append(
                f"{path}.py has no number, and is left out: name it {free:02}_{path.name}.py"
            )
    return lines


def executed(stage: Stage) -> str:
    """Return the path of a stage's executed notebook within the folder of a report."""
    return f"notebooks/{stage.name}.ipynb"


def left_by(stage: Stage) -> tuple[str, ...]:
    """Return the names of the files that a stage is known to leave, in the folder of a report."""
    return (executed(stage), *stage.writes, *([f"{stage.tells}.json"] if stage.tells else ()))


def files(stages: Sequence[Stage] = STAGES) -> tuple[str, ...]:
    """Return the names of a report's files, in its folder; `run.json` is the last."""
    written = [name for stage in stages for name in stage.writes]
    return ("report.html", "report.pdf", *map(executed, stages), *written, RUN)
