"""Numbers and choices put into words."""

import doctest
import math
import re
from itertools import product

import numpy as np
import pytest

from rnn.exhibits import words as module
from rnn.exhibits.prose import to_html
from rnn.exhibits.words import extremes, from_to, moments, other_cell, rule_of_update
from rnn.optimisers import CLIPS, OPTIMISERS, SCHEDULES
from rnn.training import Run, Settings, Snapshot


def test_the_examples_are_right() -> None:
    failed, tried = doctest.testmod(module)
    assert (failed, tried) == (0, 2)


def test_from_to() -> None:
    series = {"A": [4.0, np.nan, 1.25], "b": [], "c": [np.nan], "D": [1e-20]}
    assert from_to(series) == "A goes from 4 to 1.25; D goes from 1e-20 to 1e-20"
    assert from_to({}) == ""


def test_extremes() -> None:
    assert extremes([np.nan, 3, 1, 2], ["w", "x", "y", "z"]) == "from 1.00 y to 3.00 x"


@pytest.mark.parametrize("choice", list(product(OPTIMISERS, SCHEDULES, CLIPS)), ids="-".join)
def test_every_rule_of_update_is_described(choice: tuple[str, str, str]) -> None:
    optimiser, schedule, clip_by = choice
    words = rule_of_update(optimiser, 0.002, schedule, 0, 5.0, clip_by)
    named = re.findall("AdaGrad|Adam|RMSProp", words)
    assert [name.lower() for name in named] == [optimiser]
    assert ("norm" in words) == (clip_by == "norm")
    assert ("cosine" in words) == (schedule == "cosine")
    assert "is 0.002" in words
    assert "5" in words
    assert to_html(words).count('display="block"') == 1


def test_what_is_not_done_is_not_described() -> None:
    assert "rise" not in rule_of_update("adam", 0.1, "cosine", 0, 5.0, "value")
    assert "first 1,000 updates" in rule_of_update("adam", 0.1, "cosine", 1000, 5.0, "value")
    for clip_by in CLIPS:
        words = rule_of_update("adagrad", 0.1, "constant", 0, math.inf, clip_by)
        assert "not clipped" in words
        assert "inf" not in words


def test_other_cell() -> None:
    assert "vanilla network's" in other_cell("gru")
    assert "<code>gru</code>" in to_html(other_cell("gru"))


@pytest.mark.parametrize(("updates", "early"), [(50_000, 1000), (500, 50), (9, 0)])
def test_moments(updates: int, early: int) -> None:
    start, soon, last = np.zeros(2), np.ones(2), np.full(2, 2.0)
    run = Run(Settings(epochs=1), 5, updates, [], {}, step=updates, early=soon)
    found = moments(start, run, Snapshot(1234, last, last[None], 40.0, None))
    expected = [start, soon, last] if early else [start, last]
    assert all(value is wanted for value, wanted in zip(found.values(), expected, strict=True))
    assert [re.sub(r"\D", "", name) for name in found] == [
        "",
        *([str(early)] if early else []),
        "1234",
    ]
    run.early = None
    assert len(moments(start, run, Snapshot(1234, last, last[None], 40.0, None))) == 2
