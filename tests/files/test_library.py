"""The titles of the books that the project knows."""

import hashlib
from pathlib import Path

import pytest

from rnn.files.library import BOOKS, TALES, title_of

DATA = Path(__file__).parents[2] / "data"


def test_the_book_that_ships_is_known_under_any_name() -> None:
    sha256 = hashlib.sha256((DATA / "tales.txt").read_bytes()).hexdigest()
    for name in ("tales.txt", "mine.txt", "no-suffix"):
        assert title_of(Path(name), sha256) == TALES
    assert f"*{TALES}*" in (DATA / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", BOOKS)
def test_a_book_that_was_fetched_is_known(name: str) -> None:
    assert title_of(Path("x.txt"), BOOKS[name].sha256) == BOOKS[name].title


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/a/War and Peace.txt", "War and Peace"),
        ("tales.txt", "tales"),
        ("x.tar.gz", "x.tar"),
        (".b", ".b"),
    ],
)
def test_another_goes_by_its_file(path: str, title: str) -> None:
    assert title_of(Path(path), "0" * 64) == title
