"""The command that makes a report again and compares; see `python -m rnn.report.verify --help`."""

from rnn.files.process import settle, start

if __name__ == "__main__":
    start("rnn.report.verify")

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

from rnn.errors import InputError
from rnn.report.command import DONE, FAILED, options, parser, run, variables
from rnn.report.terminal import Terminal

VARIABLES = Path(__file__).parent / "variables.txt"  # the Makefile reads this file, too
EPILOG = """\
exit status:
  0 the same bytes, or the same within what a report promises for another machine
  1 the report differs, or something failed
  2 it can't be tried, such as without the book or with other versions; 130 interrupted
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Verify a report and return the exit status.

    Parameters
    ----------
    argv
        The arguments of the command, without its name.
    """
    same = True

    def verify(terminal: Terminal) -> list[Path]:
        nonlocal same
        about = "Make a report again from the recipe that it carries, and compare the two."
        asked = options(parser("rnn-report-verify", about, EPILOG, variables(VARIABLES)), argv)
        same = _verify(terminal, **asked)
        return []

    status = run("rnn.report.verify", "comparison", verify)
    return FAILED if status == DONE and not same else status


def _verify(terminal: Terminal, report: str, book: str, trust: str) -> bool:
    """Say what comparing shows, and return whether the report is what its recipe gives."""
    from rnn.files.paths import as_typed
    from rnn.report.verify import again, verdict

    if not report:
        raise InputError("REPORT is missing: name a report's folder, its page or its PDF")
    if trust not in ("", "0", "1"):
        raise InputError(
            f"TRUST must be 1, to run code that the report carries, or 0, not {trust!r}"
        )
    path = as_typed(report, "REPORT")
    files = verdict.given(path)
    recipe, apart = verdict.recipe_of(files)
    if apart:
        terminal.say(f"Differs, first at {apart}.")
        return False
    again.check_program(recipe)
    if (code := again.own_code(recipe)) and trust != "1":
        for name, text in code:
            terminal.say(f"--- {name}")
            # Each line has a sign before it, so that none passes for one of the command's own.
            for line in text.split("\n"):
                terminal.say(f"| {line}")
        names = ", ".join(name for name, _ in code)
        raise InputError(
            f"the report has code of its own, {names}: read it above, and let it run by TRUST=1"
        )
    beside = path if path.is_dir() else path.parent
    folder = Path(mkdtemp(prefix="rnn-verify-"))
    keep = False
    used = recipe["run"]["parameters"]
    asked = (f"{name}={used[name]}" for name in ("hidden_size", "epochs") if name in used)
    terminal.say(f"making it again, with {' '.join(asked)}: Ctrl-C interrupts")
    try:
        plan = again.prepared(recipe, beside, book, folder)
        found = verdict.compare(files, recipe, again.make(plan, recipe, terminal), plan)
        keep = found.word == verdict.DIFFERS
    finally:
        if not keep:
            shutil.rmtree(folder)
    first, *more = found.lines
    if keep:
        terminal.say(f"Differs, first at {first}.")
        for line in more:
            terminal.say(f"Differs also at {line}.")
        terminal.say(f"The report made again is in {folder / 'report'}.")
        return False
    for line in found.lines:
        terminal.say(line)
    if found.word == verdict.SAME:
        terminal.say("The same bytes: the report is what its recipe gives.")
    elif found.word == verdict.LOSSES:
        terminal.say("Its losses agree; nothing else was confirmed.")
    else:
        terminal.say("The same within what the report promises for another machine.")
    return True


def command() -> int:
    """Run the command in a process of its own, and return the exit status."""
    start("rnn.report.verify")
    settle()
    return main()


if __name__ == "__main__":
    sys.exit(command())
