"""Modified Kneser-Ney against a slow dictionary."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnn.analysis.counting import sorting
from rnn.analysis.counting.kneser_ney import discounts, probabilities
from rnn.text import split
from tests.counted import KneserNey, indices, random_text


def agree(training: NDArray[Any], text: NDArray[Any], K: int) -> None:
    slow = KneserNey(training.tolist(), K)
    for n, p in enumerate(probabilities(training, text, K, 8), 1):
        expected = [
            slow.probability(n, text[max(0, i - n + 1) : i].tolist(), w)
            for i, w in enumerate(text.tolist())
        ]
        np.testing.assert_allclose(p, expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("K", [2, 30, 256, 257, 70_000])
def test_a_dictionary_gives_the_same(K: int) -> None:
    agree(*split(random_text(K, K, 1500), 0, 0.3)[::2], K)


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), max_size=25), st.lists(st.integers(0, 4), max_size=25))
def test_a_dictionary_gives_the_same_on_small_texts(training: list[int], held: list[int]) -> None:
    agree(indices(training, 5), indices(held, 5), 5)  # character 4 is never seen in training


@pytest.mark.parametrize("piece", [20, 100])
def test_sorting_in_pieces_changes_nothing(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    training, _, held_out = split(random_text(5, 30, 1500), 0, 0.3)
    whole = list(probabilities(training, held_out, 30, 8))
    monkeypatch.setattr(sorting, "PIECE", piece)
    np.testing.assert_array_equal(list(probabilities(training, held_out, 30, 8)), whole)


@pytest.mark.parametrize("K", [3, 40])
def test_the_probabilities_of_the_next_character_sum_to_one(K: int) -> None:
    training = random_text(1, K, 1000)
    for start in (0, 500, 990):
        context = training[start : start + 8]
        total = np.zeros(8)
        for w in range(K):
            text = np.append(context, indices([w], K))
            p = [p[-1] for p in probabilities(training, text, K, 8)]
            assert min(p) > 0
            total += p
        np.testing.assert_allclose(total, 1, rtol=1e-12)


def test_discounts_by_hand() -> None:
    # Y = 10 / (10 + 2 * 5) = 1/2.
    assert discounts(np.array([10, 5, 2, 1])) == pytest.approx(
        [0, 1 - 2 / 2 * 5 / 10, 2 - 3 / 2 * 2 / 5, 3 - 4 / 2 * 1 / 2]
    )


@pytest.mark.parametrize("often", [[0, 5, 2, 1], [9, 5, 2, 0], [0, 0, 0, 0], [9, 1, 9, 1]])
def test_of_small_texts_fixed_discounts_are_taken_off(often: list[int]) -> None:
    assert discounts(np.array(often)).tolist() == [0, 0.5, 1, 1.5]


def test_one_character_repeated() -> None:
    text = indices([0] * 50, 1)
    for p in probabilities(text, text, 1, 8):
        assert p.tolist() == [1] * 50


def test_no_training_part_leaves_every_character_as_likely() -> None:
    for p in probabilities(indices([], 7), indices([1, 2, 3], 7), 7, 8):
        assert p.tolist() == [1 / 7] * 3


def test_what_follows_a_single_character_is_unlikely_elsewhere() -> None:
    """B is as frequent as c, but comes after a alone: after d, never seen, c is likelier."""
    text = indices([0, 1] * 6 + [0, 2, 1, 2, 2, 3, 2, 0, 2, 1, 2], 5)
    counts = Counter(text.tolist())
    assert counts[1] > counts[2] - 3
    after_new = [list(probabilities(text, indices([4, w], 5), 5, 2))[1][1] for w in (1, 2)]
    assert after_new[1] > 1.5 * after_new[0]
