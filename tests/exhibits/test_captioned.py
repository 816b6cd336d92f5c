"""Captions of pictures and tables in Markdown: those that pandoc's own Markdown reads."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from rnn.exhibits.pandoc import convert
from rnn.exhibits.prose import exhibits_in, lost_captions, to_html, tree, words

TABLE = "| a | b |\n|---|---|\n| 1 | 2 |"
IMAGES = {"x.png": "data:image/png;base64,QQ==", "y.png": "data:image/png;base64,Qg=="}


def figures(node: Any) -> Iterator[Any]:
    """Yield the figures and tables of pandoc's tree."""
    if isinstance(node, list):
        for child in node:
            yield from figures(child)
    elif isinstance(node, dict):
        if node.get("t") in ("Figure", "Table"):
            yield node
        else:
            yield from figures(list(node.values()))


def captions(blocks: Any) -> list[str]:
    return [words(node["c"][1]).strip() for node in figures(blocks)]


def numbered(markdown: str) -> list[dict[str, Any]]:
    """Return the exhibits of a text with a noun and a number, as a document gives them."""
    nouns = {"image": "Figure", "tree": "Table"}
    found = exhibits_in(markdown, "p-", IMAGES)
    return [about | {"noun": nouns[about["kind"]], "number": 7} for about in found]


def html(markdown: str) -> str:
    return to_html(markdown, block=True, prefix="p-", images=IMAGES, exhibits=numbered(markdown))


@pytest.mark.parametrize(
    "markdown",
    [
        f"{TABLE}\n\nTable: after",
        f"{TABLE}\n\ntable: after, in small letters",
        f"{TABLE}\n\n: after a *colon*",
        f"{TABLE}\n: right below",
        f"Table: before\n\n{TABLE}",
        f": before\non two lines\n\n{TABLE}",
        f"{TABLE}\n\nTable: of the first\n\n{TABLE}",
        f"Table: one\n\n{TABLE}\n\nTable: two\n\n{TABLE}",
        f"{TABLE}\n\n: one\n\n{TABLE}\n\n: two",
        f"Table: before\n\n{TABLE}\n\nTable: and after",
        f"{TABLE}\n\nText between.\n\nTable: of none",
        f"Tables: none\n\n{TABLE}\n\n:-) none",
        f"Table:\n\n{TABLE}",
        f"{TABLE}",
    ],
)
def test_a_table_has_the_caption_that_pandoc_reads(markdown: str) -> None:
    meant = json.loads(convert(markdown, "markdown", "json"))["blocks"]
    made = tree(markdown, block=True, prefix="p-", exhibits=numbered(markdown))["blocks"]
    assert captions(made) == captions(meant)


def test_a_picture_that_is_a_paragraph_has_its_title_for_a_caption() -> None:
    made = html('![it](x.png "The *loss* $L$, `c` \\"so\\" \\* 1.")')
    assert '<figure class="image" id="p-figure-1">' in made
    assert f'<img alt="it" src="{IMAGES["x.png"]}">' in made
    said = made.partition("<figcaption>")[2]
    assert said.startswith(
        '<a class="name" href="#p-figure-1">Figure 7</a> The <em>loss</em> <math'
    )
    assert "<code>c</code> “so” * 1.</figcaption>" in said


@pytest.mark.parametrize(
    "line", ["1. one", "- one", "# one", "> one", "one #", "| one |", "[a]: b"]
)
def test_a_title_is_a_line_whatever_it_begins_with(line: str) -> None:
    assert f"</a> {line.replace('>', '&gt;')}</figcaption>" in html(f"![it](x.png '{line}')")


def test_labels_are_counted_by_kind_and_only_for_what_is_shown() -> None:
    markdown = (
        f"![a](x.png 'A')\n\n{TABLE}\n\n: B\n\n![c](none.png 'C')\n\n![d](y.png 'D')\n\n{TABLE}\n\n"
        "- ![e](x.png 'E')\n\n![f](x.png 'F') beside\n\n![g](x.png)"
    )
    found = exhibits_in(markdown, "part-2-", IMAGES)
    assert [about["label"] for about in found] == [
        "part-2-figure-1", "part-2-table-1", "part-2-figure-2",
    ]  # fmt: skip
    assert lost_captions(markdown) == ["x.png", "x.png"], "E and F"
    made = html(markdown)
    assert made.count("<figcaption>") == 3
    assert "<p><span>c</span> C</p>" in made, (
        "a description and a caption stay without their picture"
    )


@pytest.mark.parametrize(
    "markdown", [f"A.\n\n{TABLE}\n\nB.", "![a](x.png)", "![a](x.png 'A') ![b](y.png 'B')", ": a"]
)
def test_without_a_caption_nothing_changes(markdown: str) -> None:
    assert exhibits_in(markdown, "p-", IMAGES) == []
    assert "<figure" not in html(markdown)


HOSTILE = "<script>a</script></figcaption> #panic() [x](javascript:a) `b`{=html} \\u{41} {{ 7 }} @g"


@pytest.mark.parametrize("around", ["![a](x.png '{}')", f"{TABLE}\n\n: {{}}"])
def test_a_hostile_caption_is_text(around: str) -> None:
    made = html(around.replace("{}", HOSTILE))
    assert "<script" not in made
    assert "javascript" not in made
    assert made.count("</figcaption>") == 1
    said = made.partition("<figcaption>")[2]
    assert "&lt;script&gt;a&lt;/script&gt;&lt;/figcaption&gt; #panic() <span>x</span> " in said
