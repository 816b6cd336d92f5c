"""The entry by which a report is cited, read back by pandoc."""

import json
from typing import Any

import pytest

from rnn.exhibits.pandoc import convert
from rnn.report.bibtex import cite
from rnn.report.nodes import Title


def read_back(title: Title) -> dict[str, Any]:
    (entry,) = json.loads(convert(cite(title), "bibtex", "csljson"))
    assert isinstance(entry, dict)
    return entry


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        (Title("A report"), ["@misc{report,", "title  = {{A report}},", "note   = {Report}"]),
        (
            Title("50 % {of} $x_1$ \\input", "Ada King", "DD2424", "May 2026"),
            [
                "@misc{king2026,",
                "author = {Ada King},",
                r"title  = {{50 \% \textbraceleft{}of\textbraceright{} \$x\_1\$ "
                r"\textbackslash{}input}},",
                "year   = {2026},",
                "note   = {Report, DD2424, May 2026}",
            ],
        ),
        (
            Title("T", " Ludwig  van Beethoven; ;Ørsted, Hans Christian;", date="1820–2026"),
            [
                "@misc{beethoven2026,",
                "author = {Ludwig van Beethoven and Ørsted, Hans Christian},",
                "title  = {{T}},",
                "year   = {2026},",
                "note   = {Report, 1820–2026}",
            ],
        ),
    ],
)
def test_an_entry_to_cite_it_by(title: Title, lines: list[str]) -> None:
    assert [line.strip() for line in cite(title).splitlines()] == [*lines, "}"]


@pytest.mark.parametrize(
    ("authors", "read"),
    [
        ("Ada Lovelace; Charles Babbage", [("Lovelace", "Ada"), ("Babbage", "Charles")]),
        ("Öz Çelik;Łukasz Šťastný", [("Çelik", "Öz"), ("Šťastný", "Łukasz")]),
        ("Ludwig van Beethoven; de la Cruz, Ana", [("Beethoven", "Ludwig"), ("Cruz", "Ana")]),
        ("Barnes and Noble; A&B, 50%", [("Barnes and Noble", ""), ("A&B", "50%")]),
        ("others; 王小明; A, B, C, D", [("others", ""), ("王小明", ""), ("A, B, C, D", "")]),
    ],
)
def test_each_author_is_read_back(authors: str, read: list[tuple[str, str]]) -> None:
    found = read_back(Title("A report", authors))["author"]
    assert [(one.get("family", one.get("literal")), one.get("given", "")) for one in found] == read


@pytest.mark.parametrize("title", ["50 % of $x_1$ & #~^\\", "naïve – 字"])
def test_a_title_is_read_back(title: str) -> None:
    entry = read_back(Title(title, "A", course=title))
    assert entry["title"] == title
    assert title in entry["note"]


@pytest.mark.parametrize("text", ["{", "}", "a } b { c", "\\}{\\{"])
def test_braces_leave_the_entry_whole(text: str) -> None:
    """BibTeX counts them, escaped or not."""
    entry = cite(Title(text, text, text, text))
    lines = entry.splitlines()[1:-1]
    assert all(line.count("{") == line.count("}") for line in lines)
    assert entry.count(r"\textbrace") == 4 * (text.count("{") + text.count("}"))


@pytest.mark.parametrize(
    ("author", "key"),
    [("Åsa Öberg", "oberg"), ("Łojasiewicz, S.", "lojasiewicz"), ("字", "report"), ("", "report")],
)
def test_a_key_has_plain_letters(author: str, key: str) -> None:
    assert cite(Title("T", author)).startswith(f"@misc{{{key},")
