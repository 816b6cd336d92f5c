"""The Witten-Bell models against a slow dictionary."""

import math
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnn.analysis.counting import sorting
from rnn.analysis.counting.witten_bell import probabilities
from rnn.files.book import read_book
from rnn.text import split
from tests.counted import indices, random_text

ROOT = Path(__file__).parents[3]
SHAKESPEARE = [  # where `make book` puts it, or beside the checkout
    file
    for file in (ROOT / "data/tinyshakespeare.txt", ROOT / "../shared/books/tinyshakespeare.txt")
    if file.exists()
]


class Dictionary:
    """Witten-Bell straight from the formula, by recursion over tuples."""

    def __init__(self, training: NDArray[Any], K: int) -> None:
        self.text, self.K = training.tolist(), K
        self.followers: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        for n in range(9):
            for i in range(n, len(self.text)):
                self.followers[tuple(self.text[i - n : i])][self.text[i]] += 1

    def probability(self, w: int, context: tuple[int, ...]) -> float:
        shorter = self.probability(w, context[1:]) if context else 1 / self.K
        if context not in self.followers:
            return shorter
        seen = self.followers[context]
        return (seen[w] + len(seen) * shorter) / (seen.total() + len(seen))

    def probabilities(self, text: NDArray[Any], n: int) -> list[float]:
        t = text.tolist()
        return [
            self.probability(w, tuple(t[max(0, i - n + 1) : i]) if n > 1 else ())
            for i, w in enumerate(t)
        ]


def losses_of(
    training: NDArray[Any], text: NDArray[Any], K: int, most: int = 8
) -> dict[int, float]:
    found = probabilities(training, text, K, most)
    return {n: -float(np.log(p[1:]).mean()) for n, p in enumerate(found, 1)}


def agree(training: NDArray[Any], held_out: NDArray[Any], K: int) -> None:
    slow = Dictionary(training, K)
    fast = probabilities(training, held_out, K, 8)
    for n, p in enumerate(fast, 1):
        expected = slow.probabilities(held_out, n)
        np.testing.assert_allclose(p, expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("K", [2, 30, 256, 257, 70_000])
def test_a_dictionary_gives_the_same(K: int) -> None:
    text = random_text(K, K, 1500)
    training, _, held_out = split(text, 0, 0.3)
    agree(training, held_out, K)


@pytest.mark.parametrize("piece", [20, 100])
def test_sorting_in_pieces_changes_nothing(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    training, _, held_out = split(random_text(5, 30, 1500), 0, 0.3)
    whole = list(probabilities(training, held_out, 30, 8))
    monkeypatch.setattr(sorting, "PIECE", piece)
    assert len(list(sorting.in_order(training, 2))) > 5
    np.testing.assert_array_equal(list(probabilities(training, held_out, 30, 8)), whole)


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), max_size=25), st.lists(st.integers(0, 4), max_size=25))
def test_a_dictionary_gives_the_same_on_small_texts(training: list[int], held: list[int]) -> None:
    agree(indices(training, 5), indices(held, 5), 5)  # character 4 is never seen in training


@pytest.mark.parametrize("K", [3, 40, 300])
def test_the_probabilities_of_the_next_character_sum_to_one(K: int) -> None:
    training = random_text(1, K, 1000)
    rng = np.random.default_rng(2)
    for trial in range(6):
        if trial % 2:  # a context that occurs, one that mostly does not
            start = int(rng.integers(len(training) - 8))
            context = training[start : start + 8]
        else:
            context = indices(rng.integers(K, size=8), K)
        total = np.zeros(8)
        for w in range(K):
            text = np.append(context, indices([w], K))
            p = [p[-1] for p in probabilities(training, text, K, 8)]
            assert min(p) > 0
            total += p
        np.testing.assert_allclose(total, 1, rtol=1e-12)


def test_one_character_repeated() -> None:
    text = indices([0] * 50, 1)
    for p in probabilities(text, text, 1, 8):
        assert p.tolist() == [1] * 50


def test_a_character_never_seen_shares_what_the_shorter_contexts_leave() -> None:
    losses = losses_of(indices([0, 0, 0], 2), indices([0, 1], 2), 2, most=2)
    p_1 = 1 * 0.5 / (3 + 1)
    assert losses == pytest.approx({1: -math.log(p_1), 2: -math.log(1 * p_1 / (2 + 1))})


def test_no_training_part_leaves_every_character_as_likely() -> None:
    empty = indices([], 7)
    losses = losses_of(empty, indices([1, 2, 3], 7), 7)
    assert list(losses.values()) == pytest.approx([math.log(7)] * 8)


def test_an_n_gram_longer_than_the_training_part_changes_nothing() -> None:
    losses = losses_of(indices([0, 1, 0], 2), indices([0, 1, 0, 0, 1], 2), 2)
    assert all(losses[n] == losses[3] for n in range(3, 9))


@pytest.mark.skipif(not SHAKESPEARE, reason="needs `make book NAME=tinyshakespeare`")
def test_tiny_shakespeare() -> None:
    book = read_book(SHAKESPEARE[0], lowercase=False)
    losses = losses_of(*split(book.indices, 0, 0.1)[::2], len(book.vocabulary), most=6)
    assert losses[5] == pytest.approx(1.669, abs=5e-4)
    assert min(losses, key=losses.__getitem__) == 5
