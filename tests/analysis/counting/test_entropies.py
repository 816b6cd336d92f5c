"""The entropies against Counter."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn.analysis.counting import sorting
from rnn.analysis.counting.entropies import block_entropies, entropy
from tests.counted import indices, random_text


@settings(deadline=None)
@given(st.lists(st.sampled_from([0, 1, 2, 255, 300, 100_000]), max_size=30))
def test_entropies_are_those_of_the_counted_frequencies(text: list[int]) -> None:
    entropies = block_entropies(np.array(text, np.uint32))
    for n in range(1, 6):
        grams = [tuple(text[i : i + n]) for i in range(len(text) - n + 1)]
        counts, contexts = Counter(grams), Counter(g[:-1] for g in grams)
        assert entropies.distinct[n - 1] == len(counts)
        if grams:
            h = sum(c * math.log2(contexts[g[:-1]] / c) for g, c in counts.items()) / len(grams)
            assert entropies.bits[n - 1] == pytest.approx(h, rel=1e-12, abs=1e-15)
            assert entropies.nats[n - 1] == pytest.approx(h * math.log(2), rel=1e-12, abs=1e-15)
        else:
            assert math.isnan(entropies.bits[n - 1])


def test_entropy() -> None:
    assert entropy(np.array([5, 5, 0, 5, 5])) == pytest.approx(math.log(4))
    assert entropy(np.array([0, 7])) == 0
    text = random_text(0, 30, 2000)
    assert entropy(np.bincount(text)) == pytest.approx(block_entropies(text).nats[0])


def test_entropies_of_a_cycle() -> None:
    entropies = block_entropies(indices([0, 1, 2, 3] * 100 + [0], 4))
    assert entropies.bits[0] == pytest.approx(2, abs=1e-4)
    assert entropies.bits[1:].tolist() == [0] * 4


def test_entropies_of_one_character_repeated() -> None:
    entropies = block_entropies(indices([0] * 50, 1))
    assert entropies.nats.tolist() == [0] * 5
    assert entropies.distinct.tolist() == [1] * 5


@pytest.mark.parametrize("piece", [20, 100])
def test_sorting_in_pieces_changes_nothing(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    text = random_text(5, 30, 1000)
    whole = block_entropies(text)
    monkeypatch.setattr(sorting, "PIECE", piece)
    np.testing.assert_allclose(block_entropies(text).nats, whole.nats, rtol=1e-14)


def test_of_a_long_book_the_last_part_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    text = random_text(4, 20, 400)
    monkeypatch.setattr(sorting, "COUNTED", 120)
    entropies = block_entropies(text)
    assert (entropies.counted, entropies.shortened) == (120, True)
    np.testing.assert_array_equal(entropies.nats, block_entropies(text[-120:]).nats)
