"""The command that makes a report from a book; see `rnn-report --help`."""

from rnn.files.process import settle, start

if __name__ == "__main__":
    start("rnn.report")

import sys
from collections.abc import Sequence
from pathlib import Path

from rnn.report import ROOT
from rnn.report.command import STATUSES, options, parser, run, variables
from rnn.report.terminal import Terminal

EPILOG = f"""\
parameters:
  PARAMS is split into words as in a shell; values are Python literals, or true or false. For
  example: --params "epochs=2 hidden_size=64 prime='Once upon a time'". The notebooks' first
  cells list the parameters with their defaults.

{STATUSES.format("report")}"""


def main(argv: Sequence[str] | None = None, notebooks: Path = ROOT / "notebooks") -> int:
    """Make a report and return the exit status.

    Parameters
    ----------
    argv
        The arguments of the command, without its name.
    notebooks
        The folder of the notebooks, which are .py files.
    """

    def report(terminal: Terminal) -> list[Path]:
        about = "Train a character-level RNN on a book, and write the report."
        given = options(parser("rnn-report", about, EPILOG, variables()), argv)
        # Slow imports: --help does without them, and an interrupt during them is caught.
        from rnn.report.make import make
        from rnn.report.request import Request

        return make(Request(**given), terminal, notebooks)

    return run("rnn.report", "report", report)


def command() -> int:
    """Run the command in a process of its own, and return the exit status."""
    start("rnn.report")
    settle()
    return main()


if __name__ == "__main__":
    sys.exit(command())
