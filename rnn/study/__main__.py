"""The command that makes a study of many runs; see `rnn-study --help`."""

from rnn.files.process import settle, start

if __name__ == "__main__":
    start("rnn.study")

import sys
from collections.abc import Sequence
from pathlib import Path

from rnn.report import ROOT
from rnn.report.command import DONE, FAILED, STATUSES, options, parser, run, variables
from rnn.report.terminal import Terminal

VARIABLES = Path(__file__).parent / "variables.txt"  # the Makefile reads this file, too
EPILOG = f"""\
the grid:
  VARY is split into words as in a shell; each gives a parameter the values that it takes in turn.
  The settings are all combinations of them, and the first is the baseline. For example, two cells
  at three rates, and one further cell at its usual rate:
    --vary "learning_rate=0.05,0.1,0.2 cell=rnn,gru; cell=lstm"
  PARAMS is written in the same way, with one value each. docs/parameters.md lists the parameters.

{STATUSES.format("study")}"""


def main(argv: Sequence[str] | None = None, notebooks: Path = ROOT / "notebooks") -> int:
    """Make a study and return the exit status, which is 1 if some of its runs failed.

    Parameters
    ----------
    argv
        The arguments of the command, without its name.
    notebooks
        The folder of the notebook, which is a .py file.
    """
    failed = 0

    def study(terminal: Terminal) -> list[Path]:
        nonlocal failed
        about = "Train many settings with several seeds each on a book, and compare them."
        given = options(parser("rnn-study", about, EPILOG, variables(VARIABLES)), argv)
        # Slow imports: --help does without them, and an interrupt during them is caught.
        from rnn.study.make import make
        from rnn.study.request import Request

        files, failed = make(Request(**given), terminal, notebooks)
        return files

    status = run("rnn.study", "study", study)
    return FAILED if status == DONE and failed else status


def command() -> int:
    """Run the command in a process of its own, and return the exit status."""
    start("rnn.study")
    settle()
    return main()


if __name__ == "__main__":
    sys.exit(command())
