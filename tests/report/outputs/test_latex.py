from typing import Any

import pytest

from rnn.exhibits.prose import tree_html
from rnn.report.outputs.latex import read
from rnn.report.paper.markdown import tree_typst


def flat(source: str) -> list[Any]:
    """Return paragraphs as strings of words, with formulas as pairs."""
    found = []
    for paragraph in read(source)["blocks"]:
        for node in paragraph["c"]:
            match node:
                case {"t": "Math", "c": [{"t": kind}, tex]}:
                    found.append((kind[0], tex))
                case {"t": "Str", "c": text}:
                    found.append(text)
    return found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"$\displaystyle \frac{1}{2}$", [("D", r"\frac{1}{2}")]),
        ("$x$", [("I", "x")]),
        ("$$x$$", [("D", "x")]),
        (r"\[ x \]", [("D", "x")]),
        (r"\begin{align}a &= b\end{align}", [("D", r"\begin{align}a &= b\end{align}")]),
        (r"\begin{cases*}\[x\]\end{cases*}", [("D", r"\begin{cases*}\[x\]\end{cases*}")]),
        (r"Let $x$ be \(y\), so $$z$$ *then*.",
         ["Let", ("I", "x"), "be", ("I", "y"), ",", "so", ("D", "z"), "*then*."]),
        (r"5\$ and 6\$", [r"5\$", "and", r"6\$"]),
        ("$$ $$", []),
        ("", []),
        ("a\x01<b>", ["aU+0001<b>"]),
    ],
)  # fmt: skip
def test_formulas_and_words(source: str, expected: list[Any]) -> None:
    assert flat(source) == expected


@pytest.mark.parametrize("tex", [r"\undefined{x}", r"\frac{1", r"x^", r"\input{/etc/passwd}"])
def test_a_formula_that_can_not_be_set_is_code(tex: str) -> None:
    assert f"<code>{tex}</code>" in tree_html(read(f"$${tex}$$"))
    assert "#formula" not in tree_typst(read(f"$${tex}$$"))


def test_it_is_set_in_both_formats() -> None:
    tree = read(r"$\displaystyle \sqrt{x}$")
    assert "<msqrt>" in tree_html(tree)
    assert "std.math.sqrt" in tree_typst(tree)
