"""Exhibits of the book: they give the right numbers, and state only what is true."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn.analysis.counting.entropies import Entropies, block_entropies
from rnn.exhibits.book import (
    character_counts,
    character_frequencies,
    entropies,
    guessing,
    sequence,
    sizes,
)
from rnn.text import encode
from tests.exhibited import drawn, numbers


def test_sizes() -> None:
    rows = sizes(10_800, 1200, 55).rows
    assert [count for _, count in rows] == ["12,000", "10,800", "1,200", "55"]
    assert "K" in str(rows[-1][0])


@settings(deadline=None)
@given(st.text("ab \n\tcdefgh漢", min_size=1), st.integers(1, 12), st.integers(1, 5))
def test_every_character_is_there_with_its_count(text: str, most: int, across: int) -> None:
    found = Counter(text)
    vocabulary = "".join(sorted(found))
    counts = np.array([found[c] for c in vocabulary])
    table = character_counts(counts, vocabulary, most, across)
    heads, rows = table.columns, [[str(cell) for cell in row] for row in table.rows]
    assert {len(row) for row in rows} == {len(heads)}
    assert len(heads) <= 2 * across
    downwards = [row[i : i + 2] for i in range(0, len(heads), 2) for row in rows]
    shown = [pair for pair in downwards if pair != ["", ""]]
    names = {" ": "space", "\n": "line end", "\t": "tab"}
    assert len(shown) == min(most, len(found))
    for name, count in shown:
        assert count in [str(n) for c, n in found.items() if names.get(c, c) == name]
    sizes = [int(count) for _, count in shown]
    assert sizes == sorted(found.values(), reverse=True)[:most]
    hidden = sorted(found.values(), reverse=True)[most:]
    said = numbers(table.caption)
    assert said == ([len(hidden), pytest.approx(sum(hidden) / len(text), abs=5e-5)] * bool(hidden))


@pytest.mark.parametrize("K", [1, 40, 41, 1500])
def test_what_is_not_shown_of_the_vocabulary(K: int) -> None:
    vocabulary = "".join(map(chr, range(100, 100 + K)))
    caption = character_counts(np.arange(K, 0, -1), vocabulary).caption
    assert bool(numbers(caption)) == (K > 40)
    if K > 40:
        hidden, share = numbers(caption)
        assert hidden == K - 40
        assert share == pytest.approx(sum(range(1, K - 39)) / sum(range(1, K + 1)), abs=5e-5)


def test_as_many_characters_as_the_table_shows() -> None:
    vocabulary = "".join(map(chr, range(100, 160)))
    table = character_counts(np.ones(60, int), vocabulary)
    hidden = numbers(table.caption)[0]
    assert hidden == 60 - sum(str(cell) in vocabulary for row in table.rows for cell in row if cell)


def test_guessing() -> None:
    said = numbers(guessing(np.array([1, 1, 2])).markdown)
    assert said == [1.1, 1.04]  # ln 3, and a quarter twice and a half


def test_how_few_characters_make_up_half() -> None:
    text = "a" * 50 + "b" * 30 + "c" * 12 + "d" * 8
    counts = np.array([text.count(c) for c in "abcd"])
    said = character_frequencies(counts, "abcd")
    assert numbers(said.caption) == [1, 4]
    assert "'a'" in said.alt
    assert numbers(said.alt) == [0.5, 0.08]
    assert numbers(character_frequencies(counts, "abcd", most=2).alt) == [0.5, 0.3]
    assert numbers(character_frequencies(np.ones(9, int), "abcdefghi").caption)[0] == 5


def test_the_commonest_character_is_named_wherever_it_stands() -> None:
    said = character_frequencies(np.array([1, 7, 2]), "xyz")
    assert "'y'" in said.alt


def test_every_bar_has_a_name_that_shows() -> None:
    svg = drawn(character_frequencies(np.array([4, 3, 2, 1]), " \n$\U000e0041"))
    assert all(f">{name}<" in svg for name in ("space", "line end", "$", "U+E0041"))


@pytest.mark.parametrize("shortened", [False, True])
def test_entropies(shortened: bool) -> None:
    known = block_entropies(np.array([0, 1] * 600), most=3)._replace(shortened=shortened)
    said = entropies(known, K=2)
    assert ("the last " in said.caption) == shortened
    assert 1200 in numbers(said.caption)
    # One bit for guessing and for n = 1; then each character determines the next.
    assert numbers(said.alt) == [1, 1, 0, 0, 1, 3]
    short = entropies(block_entropies(np.array([0, 1]), most=5), K=2)
    assert "nan" not in short.alt


def counted(bits: list[float], distinct: list[int]) -> Entropies:
    return Entropies(np.array(bits), np.array(bits), np.array(distinct), 100, False)


def test_entropies_are_drawn() -> None:
    svg = drawn(entropies(counted([4.3, 3.4, 2.7], [55, 1186, 9011]), 55))
    assert all(text in svg for text in ("guessing", "5.78", "4.30", "n = 3", "9,011 different"))


@pytest.mark.parametrize("bits", [[np.nan] * 5, [0.0, np.nan, np.nan], []])
def test_entropies_of_next_to_nothing(bits: list[float]) -> None:
    assert "guessing" in drawn(entropies(counted(bits, [1] * len(bits)), 1))


def test_sequence() -> None:
    x, y = encode("a\nb", "\nab"), encode("\nba", "\nab")
    table = sequence(x, y, "\nab")
    assert table.rows == [["x", r"'a\nb'", "1 0 2"], ["y", r"'\nba'", "0 2 1"]]
    assert len(table.columns) == 3
