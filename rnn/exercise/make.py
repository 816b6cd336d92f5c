"""Write the folder of an exercise: all of it, or nothing."""

import io
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np

from rnn.analysis.plain import Slip
from rnn.exercise.answers import answers
from rnn.exercise.folder import check
from rnn.exercise.notebook import lesson
from rnn.exercise.request import Plan
from rnn.exercise.slips import OUTSIDE, known
from rnn.exercise.student import NAMES, source
from rnn.files.archive import write_arrays

HERE = Path(__file__).resolve().parent / "folder"
BOOK = Path(__file__).resolve().parents[2] / "data" / "tales.txt"
GIVEN = ("check.py", "live.py", "requirements.txt")
TASKS = {
    True: "Write the functions of `student.py` that are blank: {blank}.",
    False: "`student.py` is a full solution with one slip in it. Find the slip, and mend it.",
}


def chosen(cell: str, seed: int) -> tuple[str, Slip]:
    """Return the function and the slip to plant in it; successive seeds give different ones."""
    slips = [
        (name, slip) for name, those in known(cell).items() for slip in those if slip != OUTSIDE
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
    write_arrays(archive, answers(plan.cell))
    task = TASKS[bool(plan.without)].format(blank=check.listed([f"`{n}`" for n in plan.without]))
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    texts = {
        "README.md": readme.replace("{cell}", NAMES[plan.cell]).replace("{task}", task),
        "student.py": source(plan.cell, plan.without, planted),
        **lesson(plan.cell),
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
