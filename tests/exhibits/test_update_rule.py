"""The rule of update in words."""

import math
import re
from itertools import product

import pytest

from rnn.exhibits.prose import convert
from rnn.exhibits.update_rule import rule_of_update
from rnn.optimisers import CLIPS, OPTIMISERS, SCHEDULES


@pytest.mark.parametrize("choice", list(product(OPTIMISERS, SCHEDULES, CLIPS)), ids="-".join)
def test_every_rule_of_update_is_described(choice: tuple[str, str, str]) -> None:
    optimiser, schedule, clip_by = choice
    words = rule_of_update(optimiser, 0.002, schedule, 0, 5.0, clip_by).markdown
    named = re.findall("AdaGrad|Adam|RMSProp", words)
    assert [name.lower() for name in named] == [optimiser]
    assert ("norm" in words) == (clip_by == "norm")
    assert ("cosine" in words) == (schedule == "cosine")
    assert "is 0.002" in words
    assert "5" in words
    assert convert(words, "html").count('display="block"') == 1


def test_what_is_not_done_is_not_described() -> None:
    words = rule_of_update("adam", 0.1, "cosine", 0, 5.0, "value").markdown
    assert "rise" not in words
    words = rule_of_update("adam", 0.1, "cosine", 1000, 5.0, "value").markdown
    assert "first 1,000 updates" in words
    for clip_by in CLIPS:
        words = rule_of_update("adagrad", 0.1, "constant", 0, math.inf, clip_by).markdown
        assert "not clipped" in words
        assert "inf" not in words
