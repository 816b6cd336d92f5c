"""TeX that is no formula is shown as typed, and a line says so."""

from pathlib import Path

import pytest

from rnn.report.notes.sections import read_notes
from rnn.report.notes.tex import remarks


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a\n\n\\begin{itemize}\n\\item b\n\\end{itemize}", [r"\begin{itemize}", r"\end{itemize}"]),
        ("\n$$ a = b", ["$$"]),
        ("\n\n\\begin{tabular}{c}", [r"\begin{tabular}"]),
        ("\\end{center}", [r"\end{center}"]),
        (r"$a$, $$b$$ and `\begin{itemize}` cost $5", []),
        ("\\begin{align}\na &= b\n\\end{align}", []),
        ("    $$ in code", []),
    ],
)
def test_each_is_named_with_its_line(tmp_path: Path, text: str, named: list[str]) -> None:
    path = tmp_path / "notes.md"
    path.write_text(f"# Part 2\n{text}\n", encoding="utf-8")
    found = remarks(read_notes(path))
    lines = path.read_text(encoding="utf-8").split("\n")
    assert len(found) == len(named)
    for line, tex in zip(found, named, strict=True):
        number = next(n for n, each in enumerate(lines, 1) if tex in each)
        assert line.startswith(f"NOTES: {path}, line {number}: part 2: {tex} is shown as typed")
