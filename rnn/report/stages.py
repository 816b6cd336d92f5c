"""The one list of stages: which notebooks a report is made of, what each reads and leaves behind.

Running, rendering and the names of a report's files follow from it. Any further notebook with a
number is a stage too, without being named here: it is run in the order of the numbers, is set as a
chapter, and counts as reading all stages before it.
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
        Of the notebook, without the ending: its number and what it is about.
    reads
        The stages whose files it reads: it is run again when one of them is.
    writes
        The files that are for the reader of the report.
    tells
        The name of the JSON file whose content goes into `run.json`, without the ending.
    """

    name: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    tells: str = ""


STAGES = (
    Stage("01_data", tells="book"),
    Stage("02_gradcheck", tells="gradient_check"),
    Stage("03_training", tells="training", writes=("history.csv", "evolution.txt", "model.npz")),
    Stage("04_sampling", reads=("03_training",), writes=("passage.txt",)),
)


def find(notebooks: Path) -> tuple[Stage, ...]:
    """Return the stages of a folder of notebooks, kept as .py, in order.

    Raises
    ------
    InputError
        When one of the list is missing, or the name of another is not clear.
    """
    known = {stage.name: stage for stage in STAGES}
    numbers: dict[int, str] = {}
    for path in sorted(notebooks.glob("[0-9]*.py")):
        named = NAME.fullmatch(path.stem)
        if not named:
            raise InputError(
                f"the notebook {path} needs a name of a number, _ and letters, as in 05_mine.py"
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


def executed(stage: Stage) -> str:
    """Return where the notebook of a stage is in the folder of a report, once it has run."""
    return f"notebooks/{stage.name}.ipynb"


def files(stages: Sequence[Stage] = STAGES) -> tuple[str, ...]:
    """Return the names of a report's files, in its folder; `run.json` is the last."""
    written = [name for stage in stages for name in stage.writes]
    return ("report.html", "report.pdf", *map(executed, stages), *written, RUN)
