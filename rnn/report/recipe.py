"""The last chapter of a report: how to make it again, and how to cite it."""

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from rnn.exhibits.prose import plain
from rnn.report.bibtex import cite
from rnn.report.forms import REPORT
from rnn.report.nodes import Node, Title, exhibit, heading, output, prose, table
from rnn.report.paper.fonts import advice


def recipe(
    n: int, run: Mapping[str, Any], title: Title, defaults: Mapping[str, Any]
) -> Iterator[Node]:
    """Yield the last chapter: everything needed to make the same report again."""
    book, used = run["book"], run["parameters"]
    yield heading(2, str(n), "again", "How to make this report again")
    yield prose(
        f"The book is {plain(book['path'])}, with {book['characters']:,} characters and a "
        f"vocabulary of {len(book['vocabulary']):,}. To make the report again, run this command on "
        "a file with the same SHA-256. On the same machine, with the same versions and the same "
        "`threads`, you get the same bits, whatever else the machine is doing. On another machine, "
        "or with other versions, the first loss agrees to twelve digits; training then amplifies "
        "differences in rounding, so the smoothed loss agrees within 5\u00a0% and the texts differ."
    )
    asked = run.get("report", {})
    if asked.get("lacks"):
        yield prose(plain(advice(asked["lacks"])))
    command = ["make report", f"BOOK={shlex.quote(book['path'])}"]
    command += [
        f"{key.upper()}={shlex.quote(value)}"
        for key in ("title", "author", "course", "date")
        if (value := getattr(title, key))
    ]
    if asked.get("notes"):
        command.append(f"NOTES={shlex.quote(asked['notes'])}")
    if asked.get("references"):
        command.append(f"REFERENCES={shlex.quote(asked['references'])}")
    if asked.get("fonts"):
        command.append(f"FONTS={shlex.quote(asked['fonts'])}")
    if asked.get("form", REPORT) != REPORT:
        command.append(f"FORM={asked['form']}")
    if asked.get("code"):
        command.append("CODE=1")
    rows = [[name, digest] for name, digest in asked.get("font_files", {}).items()]
    added = "The fonts that were added to the PDF."
    fonts = [table("again-fonts", added, ["font", "SHA-256"], rows, code=[1])] if rows else []
    words = [
        f"{name}={shlex.quote(_word(value))}"
        for name, value in used.items()
        if name not in defaults or value != defaults[name]
    ]
    if words:
        command.append(f"PARAMS={shlex.quote(' '.join(words))}")
    yield exhibit(
        [
            output(
                "source",
                "again-command",
                "The command.",
                language="bash",
                code=" \\\n  ".join(command),
            ),
            table(
                "again-book",
                "The book.",
                ["", ""],
                [["SHA-256", book["sha256"]], ["read as", book["encoding"]]],
                code=[1],
            ),
            *fonts,
            table(
                "again-parameters",
                "The parameters. The seed determines all random numbers.",
                ["parameter", "value"],
                [[name, _word(value)] for name, value in used.items()],
                code=[0, 1],
            ),
            table(
                "again-versions",
                "The versions.",
                ["program", "version"],
                [[name, str(version)] for name, version in run["versions"].items()],
            ),
        ]
    )
    yield heading(3, f"{n}.1", "cite", "Cite this report")
    yield prose(
        "This is a BibTeX entry for the report. To cite the project that made it, see "
        "`CITATION.cff`."
    )
    yield exhibit(
        [output("source", "cite-entry", "The entry.", language="bibtex", code=cite(title))]
    )


def _word(value: object) -> str:
    """Return a parameter's value as PARAMS takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
