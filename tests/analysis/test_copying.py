"""The longest run that two texts share, against difflib and by hand; the words."""

from difflib import SequenceMatcher

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn.analysis import copying as memorised
from rnn.analysis.copying import longest_copy, whole_words, words

TEXT = st.lists(st.integers(0, 2), max_size=30)


@settings(deadline=None)
@given(TEXT, TEXT)
def test_difflib_finds_a_run_of_the_same_length(passage: list[int], book: list[int]) -> None:
    copy = longest_copy(np.array(passage, np.uint8), np.array(book, np.uint16))
    matcher = SequenceMatcher(None, passage, book, autojunk=False)
    assert copy.length == matcher.find_longest_match().size
    run = passage[copy.passage : copy.passage + copy.length]
    assert len(run) == copy.length
    assert book[copy.book : copy.book + copy.length] == run


@pytest.mark.parametrize("n", [1, 1000])
def test_one_character_repeated(n: int) -> None:
    copy = longest_copy(np.zeros(n, np.uint8), np.zeros(5000, np.uint8))
    assert copy == (n, 0, 0)


def test_long_texts_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memorised, "LONGEST", 3)
    monkeypatch.setattr(memorised, "SEARCHED", 4)
    passage, book = np.array([1, 2, 3, 4, 5]), np.array([1, 2, 3, 4, 5, 0, 2, 3, 0])
    assert longest_copy(passage, book) == (2, 1, 6)


def test_words() -> None:
    text = "'Who's there?' she asked; l’été of 12 a_b\nnaïve—漢字's 3rd"
    expected = ["Who's", "there", "she", "asked", "l’été", "of", "a", "b", "naïve", "漢字's", "rd"]
    assert list(words(text)) == expected
    assert list(words("")) == []


def test_words_at_the_ends_may_be_cut() -> None:
    assert whole_words("ea was wide, and b") == ["was", "wide", "and"]
    assert whole_words("sea") == whole_words("the sea") == whole_words("") == []
