"""What a browser leaves out of formulas: it must be there in the MathML."""

from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from rnn.exhibits import formulas
from rnn.exhibits.drawn import draw

ROOT = Path(__file__).parents[2]


def drawn(tex: str) -> Element:
    (math,) = formulas.read([(tex, True)])
    for element in math.iter():
        draw(element)
    return math


@pytest.mark.parametrize(
    ("tex", "blanks"),
    [
        (r"\log p", 1),
        (r"x \log p", 2),
        (r"\max_i y_i", 1),
        (r"a \sin^2 x \cos y", 4),
        (r"\lim_{n \to \infty} \frac{1}{n}", 1),
        (r"\operatorname{softmax} z", 1),
        (r"\log(p)", 0),
        (r"\log\left(p\right)", 0),
        (r"\max_i", 0),
        (r"a + \exp(-x)", 0),
        (r"x y", 0),
    ],
)
def test_a_blank_sets_a_name_apart(tex: str, blanks: int) -> None:
    assert len(drawn(tex).findall(".//mspace")) == blanks


@pytest.mark.parametrize("name", ["align", "align*", "gather", "split", "aligned", "gathered"])
def test_equations_in_rows_are_as_large_as_one(name: str) -> None:
    (table,) = drawn(rf"\begin{{{name}}} \frac{{1}}{{2}} \end{{{name}}}").iter("mtable")
    assert table.get("displaystyle") == "true"


@pytest.mark.parametrize("name", ["matrix", "pmatrix", "cases"])
def test_matrices_and_cases_stay_small(name: str) -> None:
    (table,) = drawn(rf"\begin{{{name}}} \frac{{1}}{{2}} \end{{{name}}}").iter("mtable")
    assert table.get("displaystyle") != "true"


@pytest.mark.parametrize("tex", ["f'", "f''(x)", "g'''"])
def test_a_prime_is_not_raised_twice(tex: str) -> None:
    assert drawn(tex).find(".//msup") is None
    assert drawn("x^2").find(".//msup") is not None


def test_a_label_is_left_out() -> None:
    for tex in (r"a \label{eq:a}", r"\begin{align} a &= b \label{one} \end{align}"):
        (math,) = formulas.read([(tex, True)])
        assert "label" not in "".join(math[0][0].itertext())


@pytest.mark.parametrize("name", ["underbrace", "overbrace", "underbracket", "overbracket"])
def test_what_no_font_stretches_is_drawn_by_the_page(name: str) -> None:
    math = drawn(rf"\{name}{{a + b}}")
    (row,) = [row for row in math.iter("mrow") if row.get("class") == name]
    assert "".join(row.itertext()) == "a+b"
    style = (ROOT / "rnn/report/page/template/style.css").read_text(encoding="utf-8")
    assert f"mrow.{name} {{" in style
