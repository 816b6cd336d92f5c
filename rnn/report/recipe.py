"""The last chapter of a report: how to make it again, and how to cite it."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rnn.exhibits.prose import as_code, plain
from rnn.exhibits.words import listed
from rnn.report.bibtex import cite
from rnn.report.forms import REPORT
from rnn.report.nodes import Node, Title, exhibit, heading, output, prose, table
from rnn.report.paper.fonts import advice
from rnn.settings import to_word

SOURCES = "sources of the network"
CHECK = (
    "unzip report.zip -d report-archive\ncd report-archive/project\nmake verify REPORT=../report"
)


def recipe(
    n: int,
    run: Mapping[str, Any],
    title: Title,
    defaults: Mapping[str, Any],
    own: Sequence[str] = (),
) -> Iterator[Node]:
    """Yield the last chapter: everything needed to make the same report again.

    `own` are the notebooks that the project does not have.
    """
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
    if asked.get("student"):
        yield prose(
            f"The functions are those of {as_code(asked['student'])}, a file with the SHA-256"
            f" `{asked['student_sha256']}`."
        )
    if asked.get("model"):
        yield prose(
            f"The model that writes is that of {as_code(asked['model'])}, a file with the SHA-256"
            f" `{asked['model_sha256']}`."
        )
    if own:
        named = listed([as_code(f"notebooks/{name}.py") for name in own])
        yield prose(f"It needs {named}, of this report's own, beside the project's notebooks.")
    if asked.get("lacks"):
        yield prose(plain(advice(asked["lacks"])))
    command = ["make report", f"BOOK={shlex.quote(book['path'])}"]
    command += [
        f"{key.upper()}={shlex.quote(value)}"
        for key in ("title", "author", "course", "date")
        if (value := getattr(title, key))
    ]
    command += [
        f"{key.upper()}={shlex.quote(asked[key])}"
        for key in ("notes", "references", "fonts", "student", "model")
        if asked.get(key)
    ]
    if asked.get("form", REPORT) != REPORT:
        command.append(f"FORM={asked['form']}")
    if asked.get("excerpt"):
        command.append("EXCERPT=1")
    if asked.get("code"):
        command.append("CODE=1")
    words = [
        f"{name}={shlex.quote(to_word(value))}"
        for name, value in used.items()
        if name not in defaults or value != defaults[name]
    ]
    if words:
        command.append(f"PARAMS={shlex.quote(' '.join(words))}")
    yield made_with(command, book, used, run["versions"], asked.get("font_files", {}))
    yield from citation(n, title)
    yield from _verify(n)


def _verify(n: int) -> Iterator[Node]:
    """Yield the section that says how to check a report."""
    yield heading(3, f"{n}.2", "verify", "Check this report")
    yield prose(
        "The page and the PDF each carry this recipe as data, with the SHA-256 of the other files."
        " From either one, `make verify` makes the report again in a folder of its own, and says"
        " whether the two are the same or where they first differ. With the report's archive it"
        " takes these three lines, Python 3.11 to 3.13, `make`, and the first time an internet"
        " connection. In a copy of the project the last line is enough; `REPORT` may also name"
        " this very file, and `BOOK` a book that the project does not have."
    )
    yield exhibit([output("source", "verify-command", "The check.", language="bash", code=CHECK)])


def made_with(
    command: Sequence[str],
    book: Mapping[str, Any],
    used: Mapping[str, Any],
    versions: Mapping[str, Any],
    fonts: Mapping[str, str],
    about: str = "The parameters. The seed determines all random numbers.",
) -> Node:
    """Return the exhibits of a recipe.

    Parameters
    ----------
    command
        The lines of the command.
    book
        Its SHA-256 and encoding, by these names.
    used
        The parameters.
    versions
        The versions of programs.
    fonts
        The SHA-256 of the user's fonts, by file name.
    about
        The caption of the parameters.
    """
    rows = [[name, digest] for name, digest in fonts.items()]
    sources = [[f"SHA-256 of the {name}", versions[name]] for name in versions if name == SOURCES]
    added = "The fonts that were added to the PDF."
    return exhibit(
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
                "The book, and the sources of the network.",
                ["", ""],
                [
                    ["SHA-256", book["sha256"]],
                    ["read as", book["encoding"]],
                    *sources,
                ],
                code=[1],
            ),
            *([table("again-fonts", added, ["font", "SHA-256"], rows, code=[1])] if rows else []),
            table(
                "again-parameters",
                about,
                ["parameter", "value"],
                [[name, to_word(value) or "–"] for name, value in used.items()],
                code=[0, 1],
            ),
            table(
                "again-versions",
                "The versions.",
                ["program", "version"],
                [[name, str(version)] for name, version in versions.items() if name != SOURCES],
            ),
        ]
    )


def citation(n: int, title: Title, what: str = "report") -> Iterator[Node]:
    """Yield the section that says how to cite a report or a study."""
    yield heading(3, f"{n}.1", "cite", f"Cite this {what}")
    yield prose(
        f"This is a BibTeX entry for the {what}. To cite the project that made it, see "
        "`CITATION.cff`."
    )
    yield exhibit(
        [output("source", "cite-entry", "The entry.", language="bibtex", code=cite(title, what))]
    )
