"""The command that writes the folder of an exercise: `python -m rnn.exercise --help`."""

from rnn.files.process import start

if __name__ == "__main__":
    start("rnn.exercise")

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rnn.exercise.command import run


def main(argv: Sequence[str] | None = None) -> int:
    """Write a folder and return the exit status."""

    def work(options: Mapping[str, str]) -> list[Path]:
        from rnn.exercise.request import Request, check

        plan = check(Request(**options))
        from rnn.exercise.make import make

        return make(plan)

    return run(
        argv,
        "rnn.exercise",
        "Write a folder in which a student writes the network, and a check of it.",
        "the folder was written",
        Path(__file__).parent / "variables.txt",
        work,
    )


if __name__ == "__main__":
    sys.exit(main())
