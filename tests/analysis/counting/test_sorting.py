"""N-grams counted by sorting."""

from collections import Counter
from itertools import chain
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn.analysis.counting import sorting
from rnn.analysis.counting.sorting import in_order, look_up, named, names
from tests.counted import indices, random_text


@settings(deadline=None)
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


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), max_size=25), st.integers(2, 8), st.integers(1, 9))
def test_each_n_gram_stands_once_for_each_character_before_it(
    text: list[int], n: int, piece: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "PIECE", piece)
        pieces = list(in_order(indices(text, 4), n, preceded=True))
    grams = [named(ordered, n, np.dtype(np.uint8)).tolist() for _, _, ordered in pieces]
    longer = {tuple(text[i : i + n + 1]) for i in range(len(text) - n)}
    assert [*chain.from_iterable(grams)] == sorted(list(gram[1:]) for gram in longer)


@pytest.mark.parametrize("K", [4, 300, 70_000])
def test_n_grams_and_what_follows_their_contexts_are_counted(K: int) -> None:
    text = random_text(3, K, 300)
    ((_, _, ordered),) = in_order(text, 3)
    grams = np.stack([text[i : i + 3] for i in range(200)])
    found = look_up(grams, ordered)
    counts = Counter(tuple(text[i : i + 3].tolist()) for i in range(len(text) - 2))
    for i, gram in enumerate(map(tuple, grams.tolist())):
        after = Counter(min(c, 3) for other, c in counts.items() if other[:2] == gram[:2])
        assert found.counts[i] == counts[gram]
        assert found.followed[i] == sum(c for g, c in counts.items() if g[:2] == gram[:2])
        assert found.kinds[:, i].tolist() == [after[1], after[2], after[3]]
