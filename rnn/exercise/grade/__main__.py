"""The command that grades submissions: `python -m rnn.exercise.grade --help`."""

from rnn.files.process import start

if __name__ == "__main__":
    start("rnn.exercise.grade")

import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rnn.exercise.command import run


def main(argv: Sequence[str] | None = None) -> int:
    """Grade submissions and return the exit status."""

    def work(options: Mapping[str, str]) -> list[Path]:
        from rnn.exercise.grade.request import Request, check

        plan = check(Request(**options))
        from rnn.exercise.grade.make import make

        return make(plan)

    return run(
        argv,
        "rnn.exercise.grade",
        "Check any number of student.py, each in a process of its own, and write grades.",
        "all submissions are graded",
        Path(__file__).parent / "variables.txt",
        work,
    )


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what runs is ended, too
    sys.exit(main())
