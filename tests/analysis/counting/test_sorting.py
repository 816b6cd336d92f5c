"""The n-gram models against a slow dictionary, and the entropies against Counter."""

import math
from collections import Counter, defaultdict
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnn.analysis.counting import sorting
from rnn.analysis.counting.entropies import block_entropies, entropy
from rnn.analysis.counting.ladder import ladder
from rnn.analysis.counting.sorting import in_order, named, names
from rnn.analysis.counting.witten_bell import probabilities
from rnn.files.book import read_book
from rnn.text import index_type, split

ROOT = Path(__file__).parents[2]
SHAKESPEARE = [  # where `make book` puts it, or beside the checkout
    file
    for file in (ROOT / "data/tinyshakespeare.txt", ROOT / "../shared/books/tinyshakespeare.txt")
    if file.exists()
]


def indices(characters: Any, K: int) -> NDArray[Any]:
    return np.array(characters, index_type(K))


def random_text(seed: int, K: int, length: int) -> NDArray[Any]:
    """Return a text that repeats itself here and there, so that long n-grams occur twice."""
    rng = np.random.default_rng(seed)
    words = [rng.integers(K, size=rng.integers(1, 7)) for _ in range(20)]
    text = np.concatenate([words[w] for w in rng.integers(len(words), size=length)])
    return indices(text[:length], K)


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


def agree(training: NDArray[Any], held_out: NDArray[Any], K: int) -> None:
    slow = Dictionary(training, K)
    rungs = ladder(training, held_out, K).nats
    fast = probabilities(training, held_out, K, 8)
    for n, p in enumerate(fast, 1):
        expected = slow.probabilities(held_out, n)
        np.testing.assert_allclose(p, expected, rtol=1e-12, atol=0)
        if len(held_out) > 1:
            mean = -math.fsum(map(math.log, expected[1:])) / (len(held_out) - 1)
            assert rungs[n] == pytest.approx(mean, rel=1e-12, abs=1e-15)
        else:
            assert math.isnan(rungs[n])
    assert list(rungs) == list(range(1, 9))


@pytest.mark.parametrize("K", [2, 30, 256, 257, 70_000])
def test_a_dictionary_gives_the_same(K: int) -> None:
    text = random_text(K, K, 1500)
    training, held_out = split(text, 0.3)
    agree(training, held_out, K)


@pytest.mark.parametrize("piece", [20, 100])
def test_sorting_in_pieces_changes_nothing(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    training, held_out = split(random_text(5, 30, 1500), 0.3)
    whole, entropies = ladder(training, held_out, 30), block_entropies(training)
    monkeypatch.setattr(sorting, "PIECE", piece)
    assert len(list(in_order(training, 2))) > 5
    assert ladder(training, held_out, 30) == whole
    np.testing.assert_allclose(block_entropies(training).nats, entropies.nats, rtol=1e-14)


@given(st.lists(st.integers(0, 3), max_size=25), st.integers(2, 8), st.integers(1, 9))
def test_pieces_hold_each_n_gram_once_and_in_order(text: list[int], n: int, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "PIECE", piece)
        pieces = list(in_order(indices(text, 4), n))
    grams = [named(ordered, n, np.dtype(np.uint8)).tolist() for _, _, ordered in pieces]
    assert [*chain.from_iterable(grams)] == sorted(
        text[i : i + n] for i in range(len(text) - n + 1)
    )
    for (low, high, _), found in zip(pieces, grams, strict=True):
        assert {gram[0] for gram in found} <= {*range(low, high)}


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
@pytest.mark.parametrize("n", range(1, 9))
def test_names_sort_as_n_grams_do(dtype: type[Any], n: int) -> None:
    most = int(np.iinfo(dtype).max)
    grams = np.random.default_rng(n).choice([0, 1, 255, most - 1, most], (60, n)).astype(dtype)
    ordered = np.sort(names(grams))
    assert named(ordered, n, np.dtype(dtype)).tolist() == sorted(grams.tolist())


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
    for loss in ladder(text, text, 1).nats.values():
        assert loss == 0
        assert math.copysign(1, loss) == 1
    entropies = block_entropies(text)
    assert entropies.nats.tolist() == [0] * 5
    assert entropies.distinct.tolist() == [1] * 5


def test_a_character_never_seen_shares_what_the_shorter_contexts_leave() -> None:
    losses = ladder(indices([0, 0, 0], 2), indices([0, 1], 2), 2, most=2).nats
    p_1 = 1 * 0.5 / (3 + 1)
    assert losses == pytest.approx({1: -math.log(p_1), 2: -math.log(1 * p_1 / (2 + 1))})


def test_no_training_part_leaves_every_character_as_likely() -> None:
    empty = indices([], 7)
    losses = ladder(empty, indices([1, 2, 3], 7), 7).nats
    assert list(losses.values()) == pytest.approx([math.log(7)] * 8)


def test_an_n_gram_longer_than_the_training_part_changes_nothing() -> None:
    losses = ladder(indices([0, 1, 0], 2), indices([0, 1, 0, 0, 1], 2), 2).nats
    assert all(losses[n] == losses[3] for n in range(3, 9))


@pytest.mark.parametrize("length", [0, 1])
def test_nothing_held_out_gives_nan(length: int) -> None:
    losses = ladder(indices([0, 1, 0], 2), indices([0] * length, 2), 2).nats
    assert list(losses) == list(range(1, 9))
    assert all(math.isnan(loss) for loss in losses.values())


def test_limit_reads_the_start_of_the_part_held_out() -> None:
    training, held_out = split(random_text(3, 20, 400), 0.5)
    assert ladder(training, held_out, 20, limit=50) == ladder(training, held_out[:50], 20)


def test_of_a_long_book_the_last_part_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    training, held_out = split(random_text(4, 20, 400), 0.25)
    whole = ladder(training, held_out, 20)
    assert (whole.fitted, whole.shortened) == (300, False)
    monkeypatch.setattr(sorting, "COUNTED", 120)
    shortened = ladder(training, held_out, 20)
    assert (shortened.fitted, shortened.shortened) == (120, True)
    assert shortened.nats == ladder(training[-120:], held_out, 20).nats != whole.nats
    entropies = block_entropies(training)
    assert (entropies.counted, entropies.shortened) == (120, True)
    np.testing.assert_array_equal(entropies.nats, block_entropies(training[-120:]).nats)


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


@pytest.mark.skipif(not SHAKESPEARE, reason="needs `make book NAME=tinyshakespeare`")
def test_tiny_shakespeare() -> None:
    book = read_book(SHAKESPEARE[0], lowercase=False)
    losses = ladder(*split(book.indices, 0.1), len(book.vocabulary), most=6).nats
    assert losses[5] == pytest.approx(1.669, abs=5e-4)
    assert min(losses, key=losses.__getitem__) == 5
