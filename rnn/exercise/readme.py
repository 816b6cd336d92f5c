"""The README of an exercise's folder."""

from collections.abc import Collection
from pathlib import Path

from rnn.exercise.folder.check import listed
from rnn.exercise.student import NAMES

SOURCE = Path(__file__).resolve().parent / "folder" / "README.md"
WRITE = {
    "title": "Write a recurrent network",
    "task": "Write the functions of `student.py` that are blank: {blank}.",
    "work": "your work: each function says what it takes, what it returns, and its equation",
    "hints": """\
For a wrong one it says what was seen and, if the numbers are those of a known slip or of two at
once, which. If your code raises an error, it says in which line. `python check.py backward` checks
one function alone. The exit status is 0 if all are right, and 1 if not.

To find a slip by yourself, ask for hints: `python check.py --hint` says where to look and does not
name the slip, `--hint 2` adds the equation, and `--hint 3` the slip.""",
}
DEBUG = {
    "title": "Find the slip in a recurrent network",
    "task": "`student.py` is a full solution with one slip in it. Find the slip, and mend it.",
    "work": "the solution: each function says what it takes, what it returns, and its equation",
    "hints": """\
For a wrong one it says what was seen, and not which slip it is: that is for you to find. `python
check.py --hint` says where to look, `--hint 2` adds the equation, and `--hint 3` names the slip.
`python check.py backward` checks one function alone. The exit status is 0 if all are right, and 1
if not.""",
}


def readme(cell: str, without: Collection[str]) -> str:
    """Return the text of the README.

    Parameters
    ----------
    cell
        A name in `rnn.network.CELLS`.
    without
        The functions that are blank; if there are none, a slip is to be found.
    """
    blank = listed([f"`{name}`" for name in without])
    text = SOURCE.read_text(encoding="utf-8")
    for name, words in {**(WRITE if without else DEBUG), "cell": NAMES[cell]}.items():
        text = text.replace(f"{{{name}}}", words)
    return text.replace("{blank}", blank)
