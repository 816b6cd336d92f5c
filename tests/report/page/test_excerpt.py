import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import html5lib
import pytest

from rnn.files import library
from rnn.files.book import read_book
from rnn.report.document import assemble
from rnn.report.nodes import Title
from rnn.report.page import excerpt as module
from rnn.report.page.excerpt import Excerpt, excerpt
from rnn.report.page.exporter import page
from rnn.text import decode
from tests.executed import HOSTILE, RUN, model, notebooks

TALES = Path(__file__).parents[3] / "data/tales.txt"
VALUES = {"validation_fraction": 0.1, "test_fraction": 0.1}


def test_a_free_book_s_excerpt_is_of_its_first_two_parts() -> None:
    found = excerpt(TALES, library.TALES_SHA256, VALUES)
    assert found is not None
    book = read_book(TALES)
    text = decode(book.indices, book.vocabulary)
    assert found.training == text[:200_000]
    tenth = round(len(text) / 10)
    assert found.held_out == text[len(text) - 2 * tenth :][: min(10_000, tenth)]


def test_another_book_has_one_only_if_the_author_asks(tmp_path: Path) -> None:
    book = tmp_path / "mine.txt"
    book.write_text("Nobody else may have this. " * 40)
    digest = sha256(book.read_bytes()).hexdigest()
    assert excerpt(book, digest, VALUES) is None
    asked = excerpt(book, digest, {**VALUES, "validation_fraction": 0.0}, asked=True)
    assert asked == Excerpt(("nobody else may have this. " * 40)[:972], "")


@pytest.mark.parametrize("source", library.BOOKS.values(), ids=library.BOOKS)
def test_the_books_that_can_be_fetched_are_free(source: library.Source) -> None:
    assert library.is_free(source.sha256)
    assert not library.is_free(source.sha256[::-1])


def test_characters_that_take_more_bytes_are_fewer(tmp_path: Path) -> None:
    book = tmp_path / "long.txt"
    book.write_text("漢字かな交じり文。" * 40_000, encoding="utf-8")
    found = excerpt(book, "", VALUES, asked=True)
    assert found is not None
    assert 0.99 * module.LARGEST < len(json.dumps(found.training)) <= module.LARGEST + 2


def data(source: str) -> Any:
    tree = html5lib.parse(source, namespaceHTMLElements=False)
    (script,) = [e for e in tree.iter("script") if e.get("id") == "excerpt"]
    return json.loads(script.text or "")


def test_hostile_text_is_data() -> None:
    text = HOSTILE + "</script><script>alert(1)</script><!--\ud800\u2028"
    made = page(assemble(notebooks(), RUN, Title("T")), model(), "", Excerpt(text, text[::-1]))
    assert data(made) == {"training": text, "held_out": text[::-1]}
    assert "alert(1)</script><!--" not in re.sub("<pre.*?</pre>", "", made, flags=re.DOTALL)


def test_a_page_without_an_excerpt_has_no_data_of_it() -> None:
    assert 'id="excerpt"' not in page(assemble(notebooks(), RUN, Title("T")), model())
