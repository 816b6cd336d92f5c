"""The update rule in words."""

import math
import re
from itertools import product
from typing import Any

import pytest

from rnn.exhibits.prose import to_html
from rnn.exhibits.update_rule import rule_of_update
from rnn.optimisers import CLIPS, OPTIMISERS, SCHEDULES
from rnn.settings import Settings


def words_of(**values: Any) -> str:
    return rule_of_update(Settings(**values)).markdown


@pytest.mark.parametrize("choice", list(product(OPTIMISERS, SCHEDULES, CLIPS)), ids="-".join)
def test_every_rule_of_update_is_described(choice: tuple[str, str, str]) -> None:
    optimiser, schedule, clip_by = choice
    words = words_of(
        optimiser=optimiser, learning_rate=0.003, schedule=schedule, clip=5.0, clip_by=clip_by
    )
    named = re.findall("AdaGrad|Adam|RMSProp", words)
    assert [name.lower() for name in named] == [optimiser]
    assert ("norm" in words) == (clip_by == "norm")
    assert ("cosine" in words) == (schedule == "cosine")
    assert "is 0.003" in words
    assert "5" in words
    assert to_html(words).count('display="block"') == 1


def test_what_is_not_done_is_not_described() -> None:
    words = words_of(optimiser="adam", schedule="cosine", warmup=0)
    assert "rise" not in words
    words = words_of(optimiser="adam", schedule="cosine", warmup=1000)
    assert "first 1,000 updates" in words
    for clip_by in CLIPS:
        words = words_of(clip=math.inf, clip_by=clip_by)
        assert "not clipped" in words
        assert "inf" not in words


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_the_rate_is_the_rules_own_unless_one_is_given(optimiser: str) -> None:
    assert f"is {OPTIMISERS[optimiser].rate:g}." in words_of(optimiser=optimiser)
    assert "is 0.5." in words_of(optimiser=optimiser, learning_rate=0.5)
