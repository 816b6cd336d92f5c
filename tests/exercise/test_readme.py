"""The README of a folder: it says what is to be done, and nothing else is left open."""

import re

import pytest

from rnn.exercise.folder.check import FUNCTIONS
from rnn.exercise.readme import readme


@pytest.mark.parametrize("without", [FUNCTIONS, ("backward", "adagrad"), ()])
def test_it_names_the_task(without: tuple[str, ...]) -> None:
    text = readme("gru", without)
    assert not re.findall(r"[{}]", text)
    assert "This is the gated recurrent unit" in text
    assert text.startswith("# Write" if without else "# Find the slip")
    if len(without) == 2:
        assert "that are blank: `backward` and `adagrad`." in text


def test_it_says_how_to_open_the_lesson_and_what_is_too_slow() -> None:
    text = readme("rnn", FUNCTIONS)
    assert "jupyter lab exercise.ipynb" in text
    assert "loops over the hidden units are not" in text
