"""Formulas that courses use: each right in page and paper, or refused by name before any work."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import typst
from pypdf import PdfReader

from rnn.errors import InputError
from rnn.exhibits.pandoc import UnsetError
from rnn.exhibits.prose import check_formulas, to_html
from rnn.report.paper.exporter import TEMPLATE
from rnn.report.paper.markdown import to_typst
from rnn.report.render import check_notes

LISTS = Path(__file__).with_name("formulas.txt").read_text(encoding="utf-8")
SET, REFUSED = (part.strip().splitlines()[1:] for part in LISTS.split("\n\n"))


def compiled(source: str, folder: Path, **how: Any) -> Any:
    """Compile Typst with what the template defines."""
    file = folder / "main.typ"
    file.write_text('#import "report.typ": *\n' + source, encoding="utf-8")
    (folder / "report.typ").write_bytes((TEMPLATE / "report.typ").read_bytes())
    return typst.compile(str(file), root=str(folder), ignore_system_fonts=True, **how)


def test_there_are_enough_of_them() -> None:
    assert len(SET) >= 150
    assert len(REFUSED) >= 30


def test_each_is_set_in_both_formats(tmp_path: Path) -> None:
    pages = []
    for tex in SET:
        html = to_html(f"$${tex}$$", block=True, prefix="p-")
        assert html.count("<math") == 1, tex
        set_in_paper = to_typst(f"$${tex}$$", block=True, prefix="p-")
        assert "#formula(" in set_in_paper, tex
        pages.append(set_in_paper)
    made = compiled("\n\n".join(pages), tmp_path)
    assert made.startswith(b"%PDF")


@pytest.mark.parametrize("tex", REFUSED)
def test_what_is_not_known_is_refused_by_name(tex: str) -> None:
    with pytest.raises(UnsetError) as refused:
        check_formulas(f"It is ${tex}$.")
    assert f"the formula ${tex}$" in str(refused.value)


def test_notes_with_one_are_refused_before_any_work() -> None:
    with pytest.raises(InputError, match=r"NOTES: part 3 .*the formula \$\\norm\{x\}\$"):
        check_notes({3: r"Mine: $x$ and $\norm{x}$."})


def test_no_name_of_the_template_hides_one_of_typst(tmp_path: Path) -> None:
    ours = re.findall(r"^#let ([\w-]+)", (TEMPLATE / "report.typ").read_text("utf-8"), re.MULTILINE)
    assert len(ours) > 20
    names = ", ".join(f'"{name}"' for name in ours)
    compiled(
        f"#for name in ({names},) {{ assert(name not in dictionary(std.math), message: name) }}",
        tmp_path,
    )


WORDS = [
    (r"\begin{aligned} a &= x & b &= y \end{aligned}", r"a *= *x {3,}b *= *y"),
    (r"\begin{matrix} 1 & 2 \\ 3 & 4 \end{matrix}", r"1 +2\s+3 +4"),
    (r"\begin{array}{lr} 1 & 2 \\ 3 & 4 \end{array}", r"1 +2\s+3 +4"),
    (r"\begin{cases} 1 & x \\ 0 & y \end{cases}", r"1 +x\s"),
    (r"\begin{smallmatrix} 1 & 2 \end{smallmatrix}", r"1 +2"),
    (r"\mathtt{abc}", r"^\s*(\S ?){3}\s*$"),
]


@pytest.mark.parametrize(("tex", "shown"), WORDS)
def test_columns_stand_apart(tex: str, shown: str, tmp_path: Path) -> None:
    made = compiled(f"#set page(width: 8cm, height: 4cm)\n{to_typst(f'$${tex}$$')}", tmp_path)
    (sheet,) = PdfReader(BytesIO(made)).pages
    text = sheet.extract_text(extraction_mode="layout")
    letters = re.sub(r"[^\x00-\x7f]", lambda c: LETTERS.get(c[0], c[0]), text)
    assert re.search(shown, letters), text


LETTERS = dict(zip("𝑎𝑏𝑥𝑦", "abxy", strict=True))


def test_rules_bars_and_roots_are_drawn(tmp_path: Path) -> None:
    def paper(tex: str) -> str:
        return to_typst(f"${tex}$")

    ruled = paper(r"\begin{array}{c|c} 1 & 2 \\ \hline 3 & 4 \end{array}")
    assert "augment: #(hline: (1, ), vline: (1, ), stroke: .5pt)" in ruled
    framed = paper(r"\begin{array}{|l|r|} \hline 1 & 2 \\ \hline \end{array}")
    assert "augment: #(hline: (0, 1, ), vline: (0, 1, 2, )" in framed
    assert 'std.math.class("opening", \\u{2225})' in paper(r"\|g\|_2 > 5")
    assert "std.math.lr(" in paper(r"\left.\frac{a}{b}\right|_t")
    compiled(f"{ruled}\n\n{framed}", tmp_path)
    html = to_html(r"$\begin{array}{|c|c} 1 & 2 \\ \hline 3 & 4 \end{array}$")
    assert html.count('class="left to-center"') == 2
    assert html.count('class="left above to-center"') == 2
