"""Formulas that Markdown would tear apart: each must come out as the same formula on one line."""

import pytest

from rnn.exhibits.blocks import block_parser, with_formulas_in_dollars
from rnn.exhibits.pandoc import convert
from rnn.exhibits.prose import to_html

SIGNS = ["+", "-", "*", "=", ">", "#", "1.", "2)", "---", "===", "[^1]: a", "~~~", "<div>"]


def tree(markdown: str) -> list[tuple[str, str]]:
    """Return the blocks that a parser finds, and what is in them."""
    return [(token.type, token.content) for token in block_parser().parse(markdown)]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize(
    "around",
    ["{}", "so\n{}\nit is", "- item\n- {}", "> {}", "a[^1]\n\n[^1]: so {}"],
    ids=["alone", "paragraph", "list", "quotation", "footnote"],
)
def test_no_line_of_a_formula_is_a_block(sign: str, around: str) -> None:
    before = around.format("\0").partition("\0")[0].rpartition("\n")[2]
    indent = "> " if before == "> " else "    " if "[^1]:" in before else " " * len(before)
    lines = ["$$", "a", f"{sign} b", "$$"]
    torn = around.format(f"\n{indent}".join(lines))
    assert with_formulas_in_dollars(torn) == around.format(f"$$ a {sign} b $$")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (
            "\\begin{equation}\na\n= b\n\\end{equation}",
            "$$\\begin{equation} a = b \\end{equation}$$",
        ),
        (
            "so\n\\begin{align*}\n- a &= b\n\\end{align*}.",
            "so\n$$\\begin{align*} - a &= b \\end{align*}$$.",
        ),
        ("\\begin{gather} a \\end{gather}", "$$\\begin{gather} a \\end{gather}$$"),
        ("\\[\na\n- b\n\\]", "$$a - b$$"),
        ("\\\\[ a \\\\]", "$$a$$"),
        ("where \\(x_1\\) and \\\\(x_2\\\\)", "where $x_1$ and $x_2$"),
        ("so $a\n+ b$ and $c\n- d$", "so $a + b$ and $c - d$"),
        ("We have $$\na\n+ b\n$$ and $$c\n= d$$.", "We have $$ a + b $$ and $$c = d$$."),
        ("$$\na % why\n+ 5\\% b\n$$", "$$ a + 5\\% b $$"),
    ],
)  # fmt: skip
def test_a_formula_is_taken_as_it_is_meant(written: str, meant: str) -> None:
    assert with_formulas_in_dollars(written) == meant
    assert "<math" in to_html(written)


@pytest.mark.parametrize(
    "markdown",
    [
        "```\n$$\na\n+ b\n$$\n```",
        "text\n\n    $$\n    a\n    - b\n    $$",
        "the `$$` sign\n- a `$$` b",
        "`\\(x\\)` and `\\begin{align}`",
        "- costs $5\n- costs 6$ more",
        "| $a | b |\n|---|---|\n| c | d$ |",
        "see \\[1\\] there",
        "```\n| $|x|$ |\n```",
        "| `$|x|$` | $5 | $6 |",
        "the norm |$|x|$|",
        "$$\na\n\n- b\n$$",
        "\\begin{itemize}\n- a\n\\end{itemize}",
        "\\$a\n- b$",
    ],
)
def test_what_is_no_formula_stays(markdown: str) -> None:
    assert with_formulas_in_dollars(markdown) == markdown


@pytest.mark.parametrize(
    "markdown",
    [
        "US$5 and\nUS$6 more",
        "A$5 and B$6",
        "($5)/($6)",
        "$5-$6 and $7",
        "| A$5 |\n|---|\n| x$6 |",
        "$5,$6 and $x$",
        "`$5`-$6-$7",
        "> A$5 or\n> B$6",
        "It cost $5\nand $x$6, where $a\n+ b$",
        "It cost $5 and\nthen $6 more",
        "<https://example.org/?a=$5&b=$6>",
        "[a](https://example.org/$5/$6)",
    ],
)
def test_amounts_in_dollars_are_formulas_only_where_they_are_in_pandoc_s_own_markdown(
    markdown: str,
) -> None:
    meant = convert(markdown, "markdown", "html")
    made = to_html(markdown, block=True)
    assert made.count("<math") == meant.count("<math")
    assert "\\" not in made


@pytest.mark.parametrize("around", ["{}", "- a\n\n  {}", "> {}"])
def test_a_bar_of_a_formula_divides_no_cell(around: str) -> None:
    rows = ["| a | b |", "|---|---|", r"| $|x|$ and $y$ | $$\left|x\right|$$ |", r"| $\|x\|$ | c |"]
    start = around.partition("{}")[0].rpartition("\n")[2]
    html = to_html(around.format(f"\n{start}".join(rows)), block=True)
    assert html.count("<td>") == 4
    assert html.count("<math") == 4
    for tex in (r"\vert x\vert", "y", r"\left\vert x\right\vert", r"\Vert x\Vert"):
        assert f">{tex}</annotation>" in html


def test_a_formula_is_no_heading() -> None:
    assert "heading_open" not in dict(tree("$$\na\n===\nb\n$$"))
    assert "heading_open" in dict(tree("a\n===\nb"))


@pytest.mark.parametrize(
    "piece", ["$$\n", "\\[ \n", "`$\n", "$$ \\(", "\\begin{align}\n", "$a\n\n"]
)
def test_unfinished_formulas_take_no_time(piece: str) -> None:
    with_formulas_in_dollars(piece * (50_000 // len(piece)))
