import re
import time

import html5lib
import numpy as np
import pandas as pd
import pytest

from rnn.exhibits.pandoc import UnsetError
from rnn.exhibits.prose import tree_html, words
from rnn.report.outputs import markup
from rnn.report.paper.markdown import tree_typst

FRAME = pd.DataFrame({"loss": [1.5, -2.25], "name": ["a", "<b>"], "n": [10, 2000]})
WIDE = pd.MultiIndex.from_product([["top"], ["p", "q"]])
TALL = pd.MultiIndex.from_product([["x", "y"], [1, 2]], names=["k", "i"])


def html(source: str) -> str:
    found = markup.read(source)
    assert found.tree
    return tree_html(found.tree)


def aligned(source: str) -> list[str]:
    """Return how the columns of the table in HTML are set."""
    found = markup.read(source).tree
    assert found
    (table,) = [block for block in found["blocks"] if block["t"] == "Table"]
    return [column[0]["t"].removeprefix("Align") for column in table["c"][2]]


def test_a_table_is_a_table_with_numbers_to_the_right() -> None:
    source = FRAME.to_html()
    tree = html5lib.parse(html(source), namespaceHTMLElements=False)
    rows = [
        ["".join(c.itertext()) for c in row if c.tag in ("td", "th")] for row in tree.iter("tr")
    ]
    assert rows == [
        ["", "loss", "name", "n"],
        ["0", "1.50", "a", "10"],
        ["1", "-2.25", "<b>", "2000"],
    ]
    assert aligned(source) == ["Right", "Right", "Default", "Right"]
    assert aligned(pd.DataFrame({"a": [1, np.nan], "b": ["x", None]}).to_html())[1] == "Right"
    assert aligned(pd.DataFrame(np.zeros((99, 2))).to_html(max_rows=4)) == ["Right"] * 3
    assert "table.header(" in tree_typst(markup.read(source).tree or {})


@pytest.mark.parametrize(
    "source",
    [
        "<table><tr><th>a<th>b<tr><td>1<td>2</table>",
        "<table><thead><tr><th>a<th>x<tbody><tr><td>1<td>2<tr><td>3<td>4</table><p>after",
        "<TABLE><TR><TD>a<TD>d<TR><TD>b<TD>c</TABLE>",
        "<table><caption>c</caption><tr><td><ul><li>a<li>b</ul><td>c</tr></table>",
        "<table><tr><td>a</tr><tr><td>b</td></tr></table></td>c",
    ],
)
def test_end_tags_of_tables_may_be_left_out(source: str) -> None:
    def cells(text: str) -> list[str]:
        read = html5lib.parse(text, namespaceHTMLElements=False).iter()
        return ["".join("".join(c.itertext()).split()) for c in read if c.tag in ("td", "th")]

    assert cells(html(source)) == cells(source)


def test_cells_over_several_rows_and_columns_stay() -> None:
    source = pd.DataFrame(np.arange(8).reshape(4, 2), index=TALL, columns=WIDE).to_html()
    made = html(source)
    assert made.count('rowspan="2"') == 2
    assert made.count('colspan="2"') == 1
    assert aligned(source)[-2:] == ["Right", "Right"]
    assert "table.cell(rowspan: 2)" in tree_typst(markup.read(source).tree or {})


def test_a_style_loses_its_sheet_and_keeps_its_caption() -> None:
    source = FRAME.style.background_gradient(subset=["n"]).set_caption("Of <i>me</i>").to_html()
    found = markup.read(source)
    assert (found.caption, found.tables, found.lost) == ("Of me", True, [])
    assert not re.search("T_[0-9a-f]{5}|caption|background|row_heading|dataframe", html(source))


@pytest.mark.parametrize(
    "source",
    [
        "<p style='background: url(https://example.org)'>a</p>",
        "<td background='https://example.org'>a</td>",
        "<table background='https://example.org'><tr><td style='x' onclick='y'>a</td></tr></table>",
        "<ol start='1' style='list-style: url(https://example.org)'><li>a</li></ol>",
        "a<style>@import 'https://example.org'</style>",
        "a<link rel=stylesheet href=https://example.org>",
        "a<meta http-equiv=refresh content='0;url=https://example.org'>",
        "a<base href=https://example.org>",
        "a<img src=https://example.org onerror=x>",
        "a<picture><source srcset=https://example.org></picture>",
        "<a href=javascript:x onclick=y>a</a>",
        "<a href='/etc/passwd'>a</a><a href='data:text/html,x'>a</a>",
        "a<svg onload=x><script>example.org</script></svg>",
        "a<math href=https://example.org><mi>x</mi></math>",
        "a<noscript><img src=https://example.org></noscript>",
        "a<template><img src=https://example.org></template>",
        "a<plaintext><img src=https://example.org>",
        "<q cite=https://example.org>a</q><blockquote cite=https://example.org>a</blockquote>",
        "<pre class='x' style='y' data-z='example.org'>a</pre>",
        "<details ontoggle=x open><summary>a</summary></details>",
        "<form action=https://example.org><input autofocus onfocus=x><button>a</button></form>",
        "<h1 id='model' class='live'>a</h1><div id='main'>a</div>",
        "a<!--[if IE]><img src=https://example.org><![endif]-->",
        "a\\href{https://example.org}{x}"[:1],
        "<code class='https://example.org'>a</code>",
        "<input type=checkbox checked>a",
        "a<xss style='x' onanimationstart=y>b</xss>",
    ],
)
def test_all_of_it_is_inert(source: str) -> None:
    made = html(source)
    tree = html5lib.parse(made, namespaceHTMLElements=False)
    allowed = {"href", "start", "type", "tabindex", "role", "aria-label", "class", "colspan"}
    allowed |= {"rowspan", "style", "display", "encoding"}
    for element in tree.iter():
        assert element.tag not in (
            "script",
            "img",
            "svg",
            "link",
            "meta",
            "form",
            "input",
            "button",
        )
        names = {str(name) for name in element.keys()}  # noqa: SIM118
        assert names <= allowed, names
        assert "url" not in element.get("style", "")
        assert not element.get("href"), "none of these leads anywhere"
    assert "a" in "".join(tree.itertext())


def test_pictures_come_along_and_what_is_lost_is_named() -> None:
    found = markup.read(
        "<b>a</b><img alt='one  two' src='data:image/png;base64,AA=='><img src=x.png>"
        "<video></video><video></video><canvas></canvas>"
    )
    assert found.pictures == [("image/png", "AA==", "one two")]
    assert found.lost == ["a picture that is not in the notebook", "a video", "a canvas"]
    assert markup.read("<div><script>x</script></div>").tree is None


def test_text_links_and_lists_stay() -> None:
    source = (
        "<h2>H</h2><ul><li>one<li>two</ul><a href='https://example.org'>l</a> <code>c\x01</code>"
    )
    found = markup.read(source)
    assert found.tree
    assert words(found.tree["blocks"]).replace(" ", "") == "Honetwolc\x01"
    made = html(source)
    for mark in ("<strong>H</strong>", "<li>one", 'href="https://example.org"', "U+0001"):
        assert mark in made


@pytest.mark.parametrize("opened", ["<b>" * 5000, "<table><tr><td>" * 3000, "<ul><li>" * 400])
def test_nesting_ends_in_words(opened: str) -> None:
    with pytest.raises(UnsetError, match=r"nested too deep|pandoc"):
        markup.read(f"{opened}x")


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(UnsetError, match="MB"):
        markup.read("x" * 10_000_001)
    assert markup.read("<div>" * 10_000 + "x").tree, "divisions leave no trace"


@pytest.mark.parametrize(
    "cells",
    [
        "<td colspan=1000000 rowspan=1000000>a</td>",
        "<td colspan=1000>a</td>" * 1000,
        "<td colspan=999999999>a</td>",
        "<td>a</td>" * 3 + "<th colspan='700000'>a</th>",
    ],
)
def test_a_cell_over_a_million_columns_is_refused(cells: str) -> None:
    start = time.process_time()
    with pytest.raises(UnsetError):
        markup.read(f"<table><tr>{cells}</tr></table>")
    assert time.process_time() - start < 5
