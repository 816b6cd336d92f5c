"""The last chapter of a report: how to make it again, and how to cite it."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from rnn.exhibits.prose import plain
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
        f"{key.upper()}={shlex.quote(value)}" for key, value in asdict(title).items() if value
    ]
    if asked.get("notes"):
        command.append(f"NOTES={shlex.quote(asked['notes'])}")
    if asked.get("fonts"):
        command.append(f"FONTS={shlex.quote(asked['fonts'])}")
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


def cite(title: Title) -> str:
    """Return a BibTeX entry made from the title block."""
    year = re.search(r"\b(?:19|20)\d\d\b", title.date)
    name = title.author.lower().split()[-1:]  # empty if the name is blank
    key = "".join(re.findall(r"[a-z]+", "".join(name)))
    fields = {
        "author": title.author,
        "title": f"{{{_bibtex(title.title)}}}",
        "year": year[0] if year else "",
        "note": ", ".join(filter(None, ("Report", title.course, title.date))),
    }
    lines = [
        f"  {name:6} = {{{value if name == 'title' else _bibtex(value)}}}"
        for name, value in fields.items()
        if value
    ]
    return f"@misc{{{key or 'report'}{year[0] if year else ''},\n" + ",\n".join(lines) + "\n}"


def _bibtex(text: str) -> str:
    """Return text escaped for BibTeX and LaTeX."""
    named = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(named.get(c, f"\\{c}" if c in "{}%&$#_" else c) for c in " ".join(text.split()))


def _word(value: object) -> str:
    """Return a parameter's value as PARAMS takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
