"""Write the folder of an exercise: all of it, or nothing."""

import io
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np

from rnn.analysis.plain import Slip
from rnn.exercise.answers import answers
from rnn.exercise.notebook import lesson
from rnn.exercise.readme import readme
from rnn.exercise.request import Plan
from rnn.exercise.slips import accepted, known
from rnn.exercise.student import source
from rnn.files.archive import write_arrays

HERE = Path(__file__).resolve().parent / "folder"
BOOK = Path(__file__).resolve().parents[2] / "data" / "tales.txt"
GIVEN = ("check.py", "live.py", "requirements.txt")


def chosen(cell: str, seed: int) -> tuple[str, Slip]:
    """Return the function and the slip to plant in it; successive seeds give different ones."""
    slips = [
        (name, slip)
        for name, those in known(cell).items()
        for slip in those
        if slip not in accepted(name)
    ]
    order = np.random.default_rng(0).permutation(len(slips))
    return slips[int(order[seed % len(slips)])]


def files(plan: Plan) -> dict[str, bytes]:
    """Return the contents of the folder by name."""
    planted = {}
    if plan.seed is not None:
        name, slip = chosen(plan.cell, plan.seed)
        planted[name] = (slip,)
    archive = io.BytesIO()
    unnamed = {} if plan.without else {"hint": np.array(0)}  # the slip is to be found
    write_arrays(archive, answers(plan.cell) | unnamed)
    texts = {
        "README.md": readme(plan.cell, plan.without),
        "student.py": source(plan.cell, plan.without, planted),
        **lesson(plan.cell, plan.without),
    }
    return {
        **{name: text.encode() for name, text in texts.items()},
        **{name: (HERE / name).read_bytes() for name in GIVEN},
        "answers.npz": archive.getvalue(),
        BOOK.name: BOOK.read_bytes(),
    }


def make(plan: Plan) -> list[Path]:
    """Write the folder and return the paths of its files.

    It is written beside its place and then moved there, so it is never there in part.
    """
    contents = files(plan)
    plan.out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{plan.out.name[:50]}.", dir=plan.out.parent))
    try:
        for name, content in contents.items():
            (work / name).write_bytes(content)
        umask = os.umask(0)
        os.umask(umask)
        work.chmod(0o777 & ~umask)  # mkdtemp makes it for its owner alone
        work.rename(plan.out)  # fails if a file has come into the folder meanwhile
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return [plan.out / name for name in sorted(contents)]
