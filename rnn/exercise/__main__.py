"""The command that writes the folder of an exercise: `python -m rnn.exercise --help`."""

from rnn.files.process import start

if __name__ == "__main__":
    start("rnn.exercise")

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from rnn.errors import InputError
from rnn.files.lines import printable, put

DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130
VARIABLES = Path(__file__).parent / "variables.txt"  # the Makefile reads this file, too
EPILOG = """\
exit status:
  0 the folder was written, 1 something failed, 2 the request was refused, 130 interrupted
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see python -m rnn.exercise --help")


def _parser() -> argparse.ArgumentParser:
    from rnn.exercise.folder.check import FUNCTIONS

    parser = _Parser(
        prog="python -m rnn.exercise",
        description="Write a folder in which a student writes the network, and a check of it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for line in VARIABLES.read_text(encoding="utf-8").splitlines():
        name, text = line.split(maxsplit=1)
        text = text.replace("{functions}", " ".join(FUNCTIONS))
        parser.add_argument(f"--{name.lower()}", default="", metavar=name, help=text)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Write a folder and return the exit status."""
    try:
        options = _parser().parse_args(argv)
        from rnn.exercise.request import Request, check

        plan = check(Request(**vars(options)))
        from rnn.exercise.make import make

        paths = make(plan)
    except InputError as error:
        return _say(f"error: {error}", REFUSED)
    except OSError as error:
        return _say(f"error: {error}", FAILED)
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)
    here = Path.cwd()
    shown = [path.relative_to(here) if path.is_relative_to(here) else path for path in paths]
    put("".join(f"{printable(str(path))}\n" for path in shown), sys.stdout)
    return DONE


def _say(message: str, status: int) -> int:
    put(f"rnn.exercise: {printable(message)}\n", sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
