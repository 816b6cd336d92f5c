"""The command that packs a finished report; see `python -m rnn.report.archive --help`."""

from rnn.files.process import settle, start

if __name__ == "__main__":
    start("rnn.report.archive")

import sys
from collections.abc import Sequence
from pathlib import Path

from rnn.report.command import STATUSES, options, parser, run, variables
from rnn.report.terminal import Terminal

VARIABLES = Path(__file__).parent / "variables.txt"  # the Makefile reads this file, too


def main(argv: Sequence[str] | None = None) -> int:
    """Pack a report and return the exit status.

    Parameters
    ----------
    argv
        The arguments of the command, without its name.
    """

    def archive(terminal: Terminal) -> list[Path]:
        about = "Pack a finished report with all that makes it again, to be deposited."
        listed = variables(VARIABLES)
        asked = options(
            parser("rnn-report-archive", about, STATUSES.format("archive"), listed), argv
        )
        from rnn.report.archive.pack import make

        path, said = make(**asked)
        for line in said:
            terminal.say(line)
        return [path]

    return run("rnn.report.archive", "archive", archive)


def command() -> int:
    """Run the command in a process of its own, and return the exit status."""
    start("rnn.report.archive")
    settle()
    return main()


if __name__ == "__main__":
    sys.exit(command())
