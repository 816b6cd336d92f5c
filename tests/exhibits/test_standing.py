"""A standing pandoc makes the same as a process for each text, and outlives what is too much."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnn.exhibits import pandoc
from rnn.exhibits.pandoc import BOUNDED, MEMORY, UnsetError
from rnn.exhibits.prose import MARKDOWN, NOTES
from rnn.exhibits.standing import Standing

ROOT = Path(__file__).parents[2]
TEXTS = [
    "",
    "\n\n",
    *(
        "no line end",
        "# ",
        "- a\n-",
        "|a|b|\n|-|-|\n|c|d|",
        "> $\\Vert x$ | c |",
        "```\na",
        "a\\",
        "a  ",
    ),
    "\u2028a\u0085b\x0bc\x0cd",
    "*a* **b** ~~c~~ `d  e` \\* & < > \" ' ... -- --- “ß” \U0001f600 \u202e \x01 \x7f",
    "a\tb\n\n\tcode\n\n- one\n\t- two\n\n1. three\n\n---\n\n> four\n>\n> five  \nsix\\\nseven",
    "a[^1] and[^long].\n\n[^1]: A note.\n\n[^long]: Two\n\n    paragraphs.\n",
    "$a_1 < \\frac{b}{c}$ and\n\n$$\\sum_{i=1}^n i$$\n\nand \\$5 and $$ and $\\foo$",
    "| a | " + "long " * 30 + "|\n|:--|--:|\n| 1 | 2 |\n| `x` | $y$ |\n",
    "[a](https://a.test/?a=1&b=2 'title') <me@a.test> <https://a.test> ![b](c.png)",
    "<script>alert(1)</script>\n\n<div>\n\n*a*\n\n</div>\n\n&amp; &copy; &#65;",
    "# One\n\n# One\n\n## Two {#own .class key=1}\n\n```python\nprint(1)\n```\n",
    "x" * 7_000 + " " + "word " * 300,
]


@pytest.fixture
def standing() -> Iterator[Standing]:
    made = Standing(BOUNDED, seconds=10, memory=MEMORY)
    yield made
    made.end()


@pytest.mark.parametrize("source", TEXTS, ids=range(len(TEXTS)))
def test_it_makes_the_same(
    source: str, standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pandoc, "STANDING", standing)
    once = pandoc.convert.__wrapped__
    for reader in (MARKDOWN, MARKDOWN + NOTES):
        tree = once(source, reader, "json")
        made = {to: once(tree, "json", to, "part-1-") for to in ("html", "typst", "json")}
        assert standing.process, "it was not asked"
        with monkeypatch.context() as alone:
            alone.setattr(standing, "convert", lambda *_: None)
            assert tree == once(source, reader, "json")
            for to, text in made.items():
                assert text == once(tree, "json", to, "part-1-")


def test_nothing_of_a_text_is_known_to_the_next(standing: Standing) -> None:
    after = b"[a] and[^1]."
    alone = standing.convert(after, MARKDOWN + NOTES, "html", "")
    standing.convert(b"[a]: https://a.test\n\nb[^1]\n\n[^1]: c", MARKDOWN + NOTES, "html", "x")
    assert standing.convert(after, MARKDOWN + NOTES, "html", "") == alone
    assert alone == b"<p>[a] and[^1].</p>"


def test_what_it_cannot_read_is_left_to_others_and_it_stays(standing: Standing) -> None:
    assert standing.convert(b"{", "json", "html", "") is None
    assert standing.convert(b"a", "no_such_format", "html", "") is None
    kept = standing.process
    assert standing.convert(b"a", "commonmark", "html", "") == b"<p>a</p>"
    assert standing.process is kept


def test_what_is_too_much_ends_it_and_the_next_text_starts_it_anew() -> None:
    standing = Standing(BOUNDED, seconds=1, memory=MEMORY)
    assert standing.convert(b"a", "commonmark", "html", "") == b"<p>a</p>"
    deep = json.dumps({"pandoc-api-version": pandoc.API, "meta": {}, "blocks": []})[:-2]
    deep += '{"t":"BlockQuote","c":[' * 200_000
    assert standing.convert(deep.encode(), "json", "html", "") is None
    assert standing.convert(b"*a* " * 2_000_000, "commonmark", "html", "") is None
    assert not standing.process
    assert standing.convert(b"b", "commonmark", "html", "") == b"<p>b</p>"
    standing.end()
    assert not standing.process


def test_a_process_that_is_killed_is_replaced(standing: Standing) -> None:
    standing.convert(b"a", "commonmark", "html", "")
    assert standing.process
    os.kill(standing.process.pid, signal.SIGKILL)
    standing.process.wait()
    assert standing.convert(b"b", "commonmark", "html", "") is None
    assert standing.convert(b"c", "commonmark", "html", "") == b"<p>c</p>"


def test_it_reads_no_file(standing: Standing, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    for source in (f"![a]({tmp_path}/secret)", f"[a]: {tmp_path}/secret\n\n![a]"):
        made = standing.convert(source.encode(), "commonmark", "html", "")
        assert made
        assert b">secret" not in made


def test_why_a_text_is_refused_is_said_as_before() -> None:
    with pytest.raises(UnsetError, match="pandoc: JSON parse error"):
        pandoc.convert("{", "json", "html")


def test_it_ends_with_the_command() -> None:
    program = (
        "from rnn.exhibits import pandoc\n"
        "pandoc.convert('a', 'commonmark', 'html')\n"
        "print(pandoc.STANDING.process.pid)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=ROOT, capture_output=True, text=True
    )
    assert not done.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)
