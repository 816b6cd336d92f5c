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
    from rnn.report.compare.document import LOSSES, comparison_page

    path = _page(as_typed(out, "OUT") if out else Path(PAGE))
    one, other = sides.read(a, "A"), sides.read(b, "B")
    if one.kind != other.kind:
        raise InputError(
            f"A is a {one.kind}, and B is a {other.kind}: name two reports or two studies"
        )
    head = ["", "A", "B"]
    parts = {
        "Parameters that differ": differences.table(
            head, differences.different(one.parameters, other.parameters)
        ),
        "Losses": [
            *differences.cautions(one, other),
            *differences.table(LOSSES, differences.losses(one, other)),
        ],
        "What the seeds could explain": differences.chance(one, other),
        "Texts": differences.agreements(one, other),
        "Sources that differ": differences.table(
            head, differences.different(one.sources, other.sources)
        ),
    }
    for name, lines in parts.items():
        put(
            "".join(f"{printable(line)}\n" for line in [name, *(f"  {one}" for one in lines), ""]),
            sys.stdout,
        )
    save_text(path, comparison_page(one, other, (a, b)))
    return path


def _page(path: Path) -> Path:
    """Return a path, if a comparison may be written there."""
    from rnn.report.compare.document import is_comparison

    if path.suffix != ".html" or path.is_dir():
        raise InputError(f"OUT: {path} is no file that ends in .html")
    if path.exists() and not is_comparison(path):
        raise InputError(f"OUT: {path} is there and is no earlier comparison: name another file")
    if not path.parent.is_dir():
        raise InputError(f"OUT: there is no folder {path.parent}")
    return path


def command() -> int:
    """Run the command in a process of its own, and return the exit status."""
    start("rnn.report.compare")
    settle()
    return main()


if __name__ == "__main__":
    sys.exit(command())
