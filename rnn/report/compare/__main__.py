"""The command that compares two reports or studies; see `python -m rnn.report.compare --help`."""

from rnn.files.process import settle, start

if __name__ == "__main__":
    start("rnn.report.compare")

import sys
from collections.abc import Sequence
from pathlib import Path

from rnn.errors import InputError
from rnn.files.lines import printable, put
from rnn.report.command import STATUSES, options, parser, run, variables
from rnn.report.terminal import Terminal

VARIABLES = Path(__file__).parent / "variables.txt"  # the Makefile reads this file, too
PAGE = "comparison.html"


def main(argv: Sequence[str] | None = None) -> int:
    """Compare two reports or studies and return the exit status.

    Parameters
    ----------
    argv
        The arguments of the command, without its name.
    """

    def compare(_: Terminal) -> list[Path]:
        about = "Compare two reports or studies by their meaning, as text and as a page."
        listed = variables(VARIABLES)
        epilog = STATUSES.format("comparison")
        asked = options(parser("rnn-report-compare", about, epilog, listed), argv)
        return [_compare(**asked)]

    return run("rnn.report.compare", "comparison", compare)


def _compare(a: str, b: str, out: str) -> Path:
    """Print how two differ, and return the path of the page that says so."""
    from rnn.files.paths import as_typed
    from rnn.files.storage import save_text
    from rnn.report.compare import differences, sides
    from rnn.report.compare.document import comparison_page

    path = as_typed(out, "OUT") if out else Path(PAGE)
    if path.suffix != ".html" or path.is_dir():
        raise InputError(f"OUT: {path} is no file that ends in .html")
    if not path.parent.is_dir():
        raise InputError(f"OUT: there is no folder {path.parent}")
    one, other = sides.read(a, "A"), sides.read(b, "B")
    head = ["", "A", "B"]
    parts = {
        "Parameters": differences.table(
            head, differences.different(one.parameters, other.parameters)
        ),
        "Losses": differences.table([*head, "B − A"], differences.losses(one, other)),
        "What the seeds could explain": "\n".join(differences.chance(one, other)),
        "Texts": "\n".join(differences.agreements(one, other)),
        "Sources": differences.table(head, differences.different(one.sources, other.sources)),
    }
    for name, text in parts.items():
        lines = [name, *(f"  {line}" for line in text.splitlines())]
        put("".join(f"{printable(line)}\n" for line in lines), sys.stdout)
    save_text(path, comparison_page(one, other, (a, b)))
    return path


def command() -> int:
    """Run the command in a process of its own, and return the exit status."""
    start("rnn.report.compare")
    settle()
    return main()


if __name__ == "__main__":
    sys.exit(command())
