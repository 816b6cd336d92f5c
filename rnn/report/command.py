"""What the commands share: options from a list of variables, exit statuses, and one-line errors."""

import argparse
import math
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from rnn.errors import InputError
from rnn.files.lines import printable, put
from rnn.report import ROOT, machine
from rnn.report.errors import StageError
from rnn.report.presets import PRESETS
from rnn.report.terminal import Terminal

DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130
PATIENCE = 5  # seconds
VARIABLES = Path(__file__).parent / "variables.txt"  # the Makefile reads this file, too
STATUSES = """\
exit status:
  0 the {0} was made, 1 something failed, 2 the request was refused, 130 interrupted
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see {self.prog} --help")


def variables(path: Path = VARIABLES) -> dict[str, str]:
    """Return the variables of a make target, which are also the options, with their meanings.

    Where a line names a variable alone, it means the same as for a report.
    """
    lines = [line.split(maxsplit=1) for line in path.read_text(encoding="utf-8").splitlines()]
    shared = {} if path == VARIABLES else variables()
    return {name: meaning[0] if meaning else shared[name] for name, *meaning in lines}


def parser(prog: str, description: str, epilog: str, listed: Mapping[str, str]) -> _Parser:
    """Return the parser of a command's options."""
    parser = _Parser(
        prog=prog,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for name, text in listed.items():
        text = text.replace("{presets}", ", ".join(PRESETS))
        parser.add_argument(f"--{name.lower()}", default="", metavar=name, help=text)
    return parser


def options(parser: argparse.ArgumentParser, argv: Sequence[str] | None) -> dict[str, str]:
    """Return the values of the options, once they and the machine can be used.

    Raises
    ------
    InputError
        When they can't.
    """
    given = vars(parser.parse_args(argv))
    for name, value in given.items():
        if any("\ud800" <= c <= "\udfff" for c in value):  # from bytes that are not UTF-8
            raise InputError(f"{name.upper()} is not in UTF-8: {value!r}")
    machine.check()
    # For a format that no notebook uses, jsonschema would build a parser in 1.5 s.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    return given


@contextmanager
def _interruptible() -> Iterator[None]:
    """Treat SIGTERM as an interrupt, and ignore further signals during seconds of tidying up."""
    signals = (signal.SIGINT, signal.SIGTERM)
    last = -math.inf

    def interrupt(*_: Any) -> None:
        nonlocal last
        if time.monotonic() - last > PATIENCE:
            last = time.monotonic()
            raise KeyboardInterrupt

    before = [signal.signal(one, interrupt) for one in signals]
    try:
        yield
    finally:
        for one, handler in zip(signals, before, strict=True):
            # After an interrupt the process is about to end: a second one must not kill it at once.
            signal.signal(one, handler if last == -math.inf else signal.SIG_IGN)


def _source_at_fault(error: Exception) -> str:
    """Return where and why loading one of the project's own sources failed; empty if none did.

    The user may have edited it, as one does who writes a backward pass.
    """
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _ours(f.filename)]
    if not any(f.name == "<module>" and f.filename != sys.argv[0] for f in frames):
        return ""
    file, number = frames[-1].filename, frames[-1].lineno
    if isinstance(error, SyntaxError) and error.filename:
        file, number = error.filename, error.lineno
    said = error.msg if isinstance(error, SyntaxError) else " ".join(str(error).split())
    path = Path(file).resolve()
    named = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return f"{named.as_posix()}, line {number}: {type(error).__name__}: {said}"


def _ours(file: str) -> bool:
    """Return whether a file is one of the project's sources."""
    return Path(file).resolve().is_relative_to(ROOT / "rnn")


def run(module: str, what: str, make: Callable[[Terminal], Sequence[Path]]) -> int:
    """Make something, list its files, and return the exit status.

    Parameters
    ----------
    module
        The name of the command in its messages.
    what
        What it makes, in a word.
    make
        Makes it and returns the paths of its files, given where progress is shown.
    """
    terminal = Terminal()

    def say(message: str, status: int) -> int:
        terminal.say(f"{module}: {message}")
        return status

    try:
        with _interruptible():
            files = make(terminal)
    except InputError as error:
        return say(f"error: {error}", REFUSED)
    except (StageError, OSError) as error:
        return say(f"error: {error}", FAILED)
    except KeyboardInterrupt:
        return say("interrupted", INTERRUPTED)
    except Exception as error:
        where = _source_at_fault(error)
        if not where:
            raise
        return say(f"error: the project can't be loaded: {where}", FAILED)
    here = Path.cwd()
    paths = [file.relative_to(here) if file.is_relative_to(here) else file for file in files]
    fault = put("".join(f"{printable(str(path))}\n" for path in paths), sys.stdout)
    if fault and not isinstance(fault, BrokenPipeError):  # a reader of a few lines has enough
        reason = f"the {what} is made, but its files can't be listed: {fault.strerror}"
        return say(f"error: {reason}", FAILED)
    return DONE
