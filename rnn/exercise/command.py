"""What the two commands of an exercise have in common: options, refusals and exit statuses."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from rnn.errors import InputError
from rnn.files.lines import printable, put

DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130
EPILOG = """\
exit status:
  0 {done}, 1 something failed, 2 the request was refused, 130 interrupted
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see {self.prog} --help")


def run(
    argv: Sequence[str] | None,
    module: str,
    about: str,
    done: str,
    variables: Path,
    work: Callable[[Mapping[str, str]], Sequence[Path]],
) -> int:
    """Run a command and return its exit status.

    Parameters
    ----------
    argv
        The arguments of the command, without its name.
    module
        What `python -m` is given.
    about, done
        What it does, and what exit status 0 means.
    variables
        The file with its options; the Makefile reads it, too.
    work
        Does the work, and returns the paths of what it wrote.
    """
    from rnn.exercise.folder.check import FUNCTIONS

    parser = _Parser(
        prog=f"python -m {module}",
        description=about,
        epilog=EPILOG.format(done=done),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for line in variables.read_text(encoding="utf-8").splitlines():
        name, text = line.split(maxsplit=1)
        text = text.replace("{functions}", " ".join(FUNCTIONS))
        parser.add_argument(f"--{name.lower()}", default="", metavar=name, help=text)

    def say(message: str, status: int) -> int:
        put(f"{module}: {printable(message)}\n", sys.stderr)
        return status

    try:
        paths = work(vars(parser.parse_args(argv)))
    except InputError as error:
        return say(f"error: {error}", REFUSED)
    except OSError as error:
        return say(f"error: {error}", FAILED)
    except KeyboardInterrupt as error:
        return say(f"interrupted{error}", INTERRUPTED)
    here = Path.cwd()
    shown = [path.relative_to(here) if path.is_relative_to(here) else path for path in paths]
    put("".join(f"{printable(str(path))}\n" for path in shown), sys.stdout)
    return DONE
