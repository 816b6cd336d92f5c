"""Exhibits of adapting: their numbers are those of the losses, and their words follow them."""

import numpy as np
import pytest
from scipy.stats import ttest_rel

from rnn.analysis.adapting import Way
from rnn.analysis.counting.ladder import Ladder
from rnn.analysis.together import Together
from rnn.exhibits.adapting import along, by_kind, two_ways
from rnn.exhibits.kinds import Table
from tests.exhibited import drawn, numbers, picture, sentence

N = 2400
LADDER = Ladder({1: 3.0, 2: 1.8}, {1: 2.9, 2: 1.7, 3: 1.75}, {1: 2.8}, 98765, False)
WAY = Way(0.002, 0.001)


def losses(*levels: float, length: int = N, before: int = 1234) -> Together:
    as_trained, network, counting, mixed = (np.full(length, level) for level in levels)
    return Together(as_trained, network, counting, mixed, WAY, before)


NOTHING = losses(0, 0, 0, 0, length=0)


@pytest.mark.parametrize(
    ("mixed", "verdict"),
    [(1.25, "better than counting alone by 0.150"), (1.4, "no better than counting alone")],
)
def test_two_ways(mixed: float, verdict: str) -> None:
    table = two_ways(LADDER, losses(1.9, 1.6, 1.4, mixed))
    assert isinstance(table, Table)
    assert [row[1:] for row in table.rows] == [
        ["1.800 (2.60)", "–"],
        ["1.700 (2.45)", "1.400 (2.02)"],
        ["1.900 (2.74)", "1.600 (2.31)"],
        ["–", f"{mixed:.3f} ({mixed / np.log(2):.2f})"],
    ]
    assert "n = 2" in str(table.rows[0][0])
    assert verdict in table.caption
    assert "2,400 characters" in table.caption
    assert "reads 1,234 characters of the validation part first" in table.caption


def test_how_sure_it_is_that_mixing_helps_is_said() -> None:
    adapted = losses(1.9, 1.6, 1.4, 1.39)
    table = two_ways(LADDER, adapted)
    assert isinstance(table, Table)
    assert "by 0.010 (0.010 to 0.010, a paired 95 % interval over 12 pieces" in table.caption
    assert "each knows something" in table.caption
    gains = np.repeat(np.random.default_rng(4).normal(0.01, 0.1, 12), 200)
    adapted = adapted._replace(mixed=adapted.counting - gains + gains.mean() - 0.01)
    table = two_ways(LADDER, adapted)
    assert isinstance(table, Table)
    ends = ttest_rel(adapted.counting[::200], adapted.mixed[::200]).confidence_interval(0.95)
    assert f"by 0.010 ({ends.low:.3f} to {ends.high:.3f}, a paired" in table.caption
    assert "which may be chance" in table.caption
    table = two_ways(LADDER, losses(1.9, 1.6, 1.4, 1.39, length=300))
    assert isinstance(table, Table)
    assert "better than counting alone by 0.010." in table.caption


def test_what_chose_and_what_was_counted_is_said() -> None:
    table = two_ways(LADDER, losses(1.9, 1.6, 1.4, 1.3))
    assert isinstance(table, Table)
    assert "they also chose" in table.caption
    assert "has counted" not in table.caption
    large = LADDER._replace(fitted=20_000_000, shortened=True)
    table = two_ways(large, losses(1.9, 1.6, 1.4, 1.3, before=30_000))
    assert isinstance(table, Table)
    assert "the first 20,000 of them also chose" in table.caption
    assert "the last 2,000,000 characters of the training part" in table.caption


def test_without_a_validation_part_the_usual_way_is_said_to_be_taken() -> None:
    table = two_ways(LADDER, losses(1.9, 1.6, 1.4, 1.3, before=0))
    assert isinstance(table, Table)
    assert "There is no validation part" in table.caption
    assert "in the usual way" in table.caption


def test_along() -> None:
    adapted = losses(2, 1.5, 1.4, 1.3)
    adapted.network[:200] = 1.9
    said = picture(along(adapted))
    assert numbers(said.caption)[:2] == [12, 200]
    assert "from 0.10 at 4% to 0.50 at 12%" in said.caption
    assert "rate of 0.002, with a decay of 0.001" in said.caption
    assert numbers(said.alt) == [2, 1.53, 1.4, 1.3]
    assert "% of the test part" in drawn(said)


def test_by_kind() -> None:
    adapted = losses(2, 1.5, 1.4, 1.3)
    which = {kind: np.arange(N + 1) % 2 == rest for rest, kind in enumerate(("even", "odd"))}
    adapted.network[which["even"][1:]] = 1.1
    said = picture(by_kind(adapted, which))
    assert "better than counting at even (1.10 against 1.40)." in said.caption
    assert numbers(said.alt) == [2, 1.1, 1.4, 1.3, 2, 1.5, 1.4, 1.3]
    assert "50.0% of the text" in drawn(said)
    said = picture(by_kind(losses(2, 1.5, 1.4, 1.3), which))
    assert "counting is better than the network at each kind" in said.caption


def test_a_kind_of_the_first_character_alone_is_left_out() -> None:
    first = np.arange(N + 1) == 0
    said = picture(by_kind(losses(2, 1.5, 1.4, 1.3), {"first": first, "other": ~first}))
    assert "first" not in said.alt


def test_without_a_test_part() -> None:
    for exhibit in (two_ways(LADDER, NOTHING), along(NOTHING), by_kind(NOTHING, {})):
        assert "no test part" in sentence(exhibit)
    assert "too short" in sentence(along(losses(0, 0, 0, 0, length=900)))
