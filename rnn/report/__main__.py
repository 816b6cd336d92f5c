"""The command that makes a report from a book; see `python -m rnn.report --help`."""

import argparse
import math
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from rnn.errors import InputError
from rnn.report import ROOT
from rnn.report.errors import StageError
from rnn.report.presets import PRESETS
from rnn.report.terminal import Terminal

DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130
PATIENCE = 5  # seconds
VARIABLES = Path(__file__).parent / "variables.txt"  # the Makefile reads this file, too
EPILOG = """\
parameters:
  PARAMS is split into words as in a shell; values are Python literals, or true or false. For
  example: --params "epochs=2 hidden_size=64 prime='Once upon a time'". The notebooks' first
  cells list the parameters with their defaults.

exit status:
  0 the report was made, 1 something failed, 2 the request was refused, 130 interrupted
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see python -m rnn.report --help")


def variables() -> dict[str, str]:
    """Return the variables of `make report`, which are also the options, with their meanings."""
    lines = VARIABLES.read_text(encoding="utf-8").splitlines()
    return dict(line.split(maxsplit=1) for line in lines)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m rnn.report",
        description="Train a character-level RNN on a book, and write the report.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for name, text in variables().items():
        text = text.replace("{presets}", ", ".join(PRESETS))
        parser.add_argument(f"--{name.lower()}", default="", metavar=name, help=text)
    return parser


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


def main(argv: Sequence[str] | None = None, notebooks: Path = ROOT / "notebooks") -> int:
    """Make a report and return the exit status.

    Parameters
    ----------
    argv
        The arguments of the command, without its name.
    notebooks
        The folder of the notebooks, which are .py files.
    """
    terminal = Terminal()
    try:
        with _interruptible():
            options = _parser().parse_args(argv)
            for name, value in vars(options).items():
                if any("\ud800" <= c <= "\udfff" for c in value):  # from bytes that are not UTF-8
                    raise InputError(f"{name.upper()} is not in UTF-8: {value!r}")
            # For a format that no notebook uses, jsonschema would build a parser in 1.5 s.
            sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
            # Slow imports: --help does without them, and an interrupt during them is caught here.
            from rnn.report.make import make
            from rnn.report.request import Request

            files = make(Request(**vars(options)), terminal, notebooks)
    except InputError as error:
        return _say(terminal, f"error: {error}", REFUSED)
    except (StageError, OSError) as error:
        return _say(terminal, f"error: {error}", FAILED)
    except KeyboardInterrupt:
        return _say(terminal, "interrupted", INTERRUPTED)
    for file in files:
        print(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)
    return DONE


def _say(terminal: Terminal, message: str, status: int) -> int:
    """Print a message as one line, with unprintable characters escaped."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in message)
    terminal.say(f"rnn.report: {shown}")
    return status


if __name__ == "__main__":
    sys.exit(main())
