"""Kinds of characters: each is of one kind."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rnn.analysis.kinds import kinds

LETTERS = {
    "the first letter of a word": "f",
    "inside a word": "i",
    "in a new word": "n",
    "a space": "_",
    "a line end": "e",
    "a digit or a mark": ".",
}


def test_each_kind() -> None:
    text = "Who isn't  here? 2 Zoë's.\n漢\tIt"
    found = kinds(text, {"Who", "isn't", "It"})
    named = np.full(len(text), "?")
    for kind, which in found.items():
        named[which] = LETTERS[kind]
    assert "".join(named) == "fii_fiiii__nnnn._._nnnnn.en_fi"


@given(st.text(), st.sets(st.text(st.characters(categories=["Ll"]), min_size=1)))
def test_each_character_is_of_one_kind(text: str, known: set[str]) -> None:
    found = kinds(text, known)
    counts = np.sum([np.zeros(len(text), int), *found.values()], axis=0)
    assert counts.tolist() == [1] * len(text)
    assert all(which.any() for which in found.values())
