"""Numbers put into words."""

import doctest

import numpy as np

from rnn.exhibits import words as module
from rnn.exhibits.words import extremes, from_to


def test_the_examples_are_right() -> None:
    failed, tried = doctest.testmod(module)
    assert (failed, tried) == (0, 2)


def test_from_to() -> None:
    series = {"A": [4.0, np.nan, 1.25], "b": [], "c": [np.nan], "D": [1e-20]}
    assert from_to(series) == "A goes from 4 to 1.25; D goes from 1e-20 to 1e-20"
    assert from_to({}) == ""


def test_extremes() -> None:
    assert extremes([np.nan, 3, 1, 2], ["w", "x", "y", "z"]) == "from 1.00 y to 3.00 x"
