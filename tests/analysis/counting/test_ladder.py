"""The ladder: each rung is the mean of what its own module predicts."""

import math
from pathlib import Path

import numpy as np
import pytest

from rnn.analysis.counting import kneser_ney, sorting, witten_bell
from rnn.analysis.counting.entropies import block_entropies
from rnn.analysis.counting.ladder import ladder
from rnn.files.book import read_book
from rnn.text import split
from tests.counted import indices, random_text

TALES = Path(__file__).parents[3] / "data/tales.txt"


def test_each_rung_is_the_mean_loss_of_all_characters_but_the_first() -> None:
    training, _, held_out = split(random_text(1, 20, 1000), 0, 0.3)
    found = ladder(training, held_out, 20, most=4)
    for nats, smoothing in ((found.witten_bell, witten_bell), (found.kneser_ney, kneser_ney)):
        assert list(nats) == [1, 2, 3, 4]
        for n, p in enumerate(smoothing.probabilities(training, held_out, 20, 4), 1):
            mean = -math.fsum(map(math.log, p[1:])) / (len(held_out) - 1)
            assert nats[n] == pytest.approx(mean, rel=1e-12)
    assert [*found.entropies.values()] == block_entropies(training, 4).nats.tolist()


@pytest.mark.parametrize("length", [0, 1])
def test_nothing_held_out_gives_nan(length: int) -> None:
    found = ladder(indices([0, 1, 0], 2), indices([0] * length, 2), 2)
    for nats in (found.witten_bell, found.kneser_ney):
        assert list(nats) == list(range(1, 9))
        assert all(math.isnan(loss) for loss in nats.values())
    assert list(found.entropies) == [1, 2, 3], "the text counted has no more characters"


def test_a_certain_text_costs_nothing() -> None:
    text = indices([0] * 50, 1)
    found = ladder(text, text, 1)
    for loss in (*found.witten_bell.values(), *found.kneser_ney.values()):
        assert loss == 0
        assert math.copysign(1, loss) == 1


def test_limit_reads_the_start_of_the_part_held_out() -> None:
    training, _, held_out = split(random_text(3, 20, 400), 0, 0.5)
    assert ladder(training, held_out, 20, limit=50) == ladder(training, held_out[:50], 20)


def test_of_a_long_book_the_last_part_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    training, _, held_out = split(random_text(4, 20, 400), 0, 0.25)
    whole = ladder(training, held_out, 20)
    assert (whole.fitted, whole.shortened) == (300, False)
    monkeypatch.setattr(sorting, "COUNTED", 120)
    shortened = ladder(training, held_out, 20)
    assert (shortened.fitted, shortened.shortened) == (120, True)
    assert shortened[:3] == ladder(training[-120:], held_out, 20)[:3] != whole[:3]


def test_on_the_tales_each_rung_is_better_than_the_one_below() -> None:
    book = read_book(TALES, lowercase=True)
    text = book.indices[:120_000]
    found = ladder(*split(text, 0, 0.1)[::2], len(book.vocabulary))
    assert np.all(
        np.array([*found.kneser_ney.values()])[2:] < np.array([*found.witten_bell.values()])[2:]
    )
