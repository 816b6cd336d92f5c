"""The book that ships with the project agrees with its README, and repeats nothing."""

import hashlib
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture(scope="module")
def book() -> str:
    return (DATA / "tales.txt").read_bytes().decode("ascii")


@pytest.fixture(scope="module")
def readme() -> str:
    return (DATA / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tales(book: str) -> dict[str, str]:
    """Return the tales by title."""
    starts = list(re.finditer(r"^[IVXL]+\. ([^a-z\n]+)$", book, re.MULTILINE))
    ends = [match.start() for match in starts[1:]] + [len(book)]
    return {match[1]: book[match.end() : end] for match, end in zip(starts, ends, strict=True)}


def row(readme: str, name: str) -> str:
    found = re.search(rf"^\| {name} \| (.*) \|$", readme, re.MULTILINE)
    assert found, f"data/README.md has no row {name!r}"
    return found[1]


def test_it_is_the_book_of_the_readme(book: str, readme: str, tales: dict[str, str]) -> None:
    assert hashlib.sha256(book.encode()).hexdigest() in row(readme, "SHA-256")
    assert row(readme, "characters") == f"{len(book):,}"
    words = re.findall(r"[A-Za-z']+", book)
    assert row(readme, "words") == f"{len(words):,}"
    assert row(readme, "tales") == str(len(tales))
    sizes = len(set(book)), len(set(book.lower()))
    assert row(readme, "vocabulary") == "{} characters; {} in lower case".format(*sizes)


def test_the_readme_counts_every_character(book: str, readme: str) -> None:
    counts = re.findall(r"^\| .+ \| U\+([0-9A-F]{4}) \| ([\d,]+) \|$", readme, re.MULTILINE)
    told = {chr(int(point, 16)): int(count.replace(",", "")) for point, count in counts}
    assert told == Counter(book)


def test_it_is_long_enough_for_the_assignment(book: str) -> None:
    training = len(book) - round(len(book) / 10)
    assert len(book) >= 400_000
    assert 7 * ((training - 1) // 25) > 100_000


def test_its_form_is_plain(book: str) -> None:
    assert "\r" not in book
    assert "\t" not in book
    assert max(map(len, book.splitlines())) <= 72
    assert not [line for line in book.splitlines() if line != line.rstrip()]


def test_the_table_of_tales_names_them_in_order(book: str, tales: dict[str, str]) -> None:
    table = re.findall(r"^ +([IVXL]+)\. (.+)$", book.split("THE TALES")[1], re.MULTILINE)
    assert [title.upper() for _, title in table[: len(tales)]] == list(tales)


def test_each_tale_is_of_some_length(tales: dict[str, str]) -> None:
    assert 25 <= len(tales) <= 40
    assert {title: len(text) for title, text in tales.items() if len(text) < 12_000} == {}
    assert max(map(len, tales.values())) >= 30_000


def test_no_paragraph_stands_twice(book: str) -> None:
    paragraphs = Counter(" ".join(part.split()) for part in re.split(r"\n\s*\n", book))
    assert [text for text, count in paragraphs.items() if text and count > 1] == []


def test_no_two_tales_share_twelve_words(tales: dict[str, str]) -> None:
    first: dict[tuple[str, ...], str] = {}
    shared = set()
    for title, text in tales.items():
        words = re.findall(r"[a-z0-9']+", text.lower())
        for i in range(len(words) - 11):
            run = tuple(words[i : i + 12])
            if first.setdefault(run, title) != title:
                shared.add((first[run], title, " ".join(run)))
    assert shared == set()


def test_no_two_tales_open_alike(tales: dict[str, str]) -> None:
    openings = sorted(" ".join(text.split()[:3]).lower() for text in tales.values())
    assert [a for a, b in pairwise(openings) if a == b] == []
