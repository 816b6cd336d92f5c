"""Headings, as CommonMark has them, checked against pandoc's reading."""

import json

import pytest

from rnn.exhibits.pandoc import convert
from rnn.exhibits.prose import MARKDOWN, words
from rnn.report.headings import Piece, cut


@pytest.mark.parametrize(
    "markdown",
    [
        "# a\n\nb\n\n## c ##\nd\n",
        "a\n===\nb\n---\nc\n\n---\n",
        "a\nb\n===\n",
        "    # code\n\n\t# code\n   # a",
        "```\n# no\n```\n# a\n~~~~\n~~~\n# no\n~~~~\n# b",
        "````\n```\n# no\n```\n````\n# a",
        "- # within\n\n  # within\n\n# a\n> # within\n\n# b",
        "#a\n#\ta\n####### a\n\\# a\n#",
        "<!--\n# no\n\n# no\n-->\n# a\n<div>\n# no\n\n# b\n</div>",
        "# a #b\n# c # #\n# d \\#",
        "[x]: y\n# a\n[z]: 'w\n# b'",
        "| a |\n|---|\n| # b |\n# c",
        "`` a\n# b ``\n",
        "1. a\n\n   ```\n# b\n",
        "# a\n" + " " * 1600 + "\n# b" + " " * 1600 + "c",
    ],
)
def test_they_are_those_that_pandoc_finds(markdown: str) -> None:
    blocks = json.loads(convert(markdown, MARKDOWN.removesuffix("+smart"), "json"))["blocks"]
    expected = [(b["c"][0], words(b["c"][2])) for b in blocks if b["t"] == "Header"]
    found = [(level, text.replace("\\", "")) for level, text, _ in cut(markdown) if level]
    assert found == expected


def test_what_stands_between_them_is_as_it_was() -> None:
    markdown = "\n    x\n\n# A *b*\n\n\n  c \n\n\td\n\nE\nf\n===\n\n"
    assert list(cut(markdown)) == [
        Piece(0, "    x", 2),
        Piece(1, "A *b*", 4),
        Piece(0, "  c \n\n\td", 7),
        Piece(1, "E f", 11),
    ]
    assert list(cut("\n \n")) == list(cut("")) == []
