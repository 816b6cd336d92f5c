"""The rows of tables."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rnn.exhibits.tables import character_counts

from rnn.analysis.copying import longest_copy
from rnn.analysis.planted import Error
from rnn.analysis.variants import Variant
from rnn.cells import CELLS
from rnn.exhibits import tables
from rnn.gradcheck import GradientCheck
from rnn.network import size
from rnn.text import encode


@settings(deadline=None)
@given(st.text("ab \n\tcdefgh漢", min_size=1), st.integers(1, 12), st.integers(1, 5))
def test_every_character_is_there_with_its_count(text: str, most: int, across: int) -> None:
    found = Counter(text)
    vocabulary = "".join(sorted(found))
    counts = np.array([found[c] for c in vocabulary])
    heads, rows = character_counts(counts, vocabulary, most, across)
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


def test_sizes() -> None:
    _, rows = tables.sizes(12_000, 10_800, 1200, 55)
    assert [count for _, count in rows] == ["12,000", "10,800", "1,200", "55"]
    assert "K" in rows[-1][0]


def test_sequence() -> None:
    x, y = encode("a\nb", "\nab"), encode("\nba", "\nab")
    heads, rows = tables.sequence(x, y, "\nab")
    assert rows == [["x", r"'a\nb'", "1 0 2"], ["y", r"'\nba'", "0 2 1"]]
    assert len(heads) == 3


@pytest.mark.parametrize("cell", CELLS)
def test_parameters_add_up(cell: str) -> None:
    heads, rows = tables.parameters(CELLS[cell].shapes(55, 100))
    assert [row[0] for row in rows] == list(CELLS[cell].Parameters._fields)
    entries = [int(row[2].replace(",", "")) for row in rows]
    assert sum(entries) == size(55, 100, cell)
    shapes = [[int(n) for n in row[1].split(" × ")] for row in rows]
    assert [int(np.prod(shape)) for shape in shapes] == entries
    assert heads[1:] == ["shape", "entries"]


CHECK = GradientCheck({"U": 2e-9, "W": 0.5}, {"U": 3e-16, "W": 0.25}, 2, 2)


def test_gradients() -> None:
    heads, rows = tables.gradients(CHECK)
    assert heads[1:] == ["central difference", "complex step"]
    assert [[name, float(a), float(b)] for name, a, b in rows] == [
        ["U", 2e-9, 3e-16],
        ["W", 0.5, 0.25],
    ]


def test_planted_names_the_gradients_that_are_wrong() -> None:
    all_wrong = GradientCheck({}, {"U": 0.1, "W": 1.0}, 2, 2)
    heads, rows = tables.planted([(Error("what", "a", "b"), CHECK), (Error("", "", ""), all_wrong)])
    assert rows[0] == ["what", "a", "b", "W", "0.25"]
    assert rows[1][3:] == ["U W", "1.00"]
    assert len(heads) == 5


def test_variants_show_the_beginning() -> None:
    heads, rows = tables.variants([Variant(0.5, 1.0, 1.234, "ab" * 500)])
    assert dict(zip(heads, rows[0], strict=True)) == {
        "temperature": "0.5",
        "top-p": "1",
        "bits": "1.23",
        "text": "ab" * 55,
    }


def test_memory() -> None:
    book = "the sea was wide\nand the day was long"
    texts = {"one": "xx the sea was blue yy", "two": "zz"}
    alphabet = "".join(sorted({*book, *"".join(texts.values())}))
    indices = encode(book, alphabet)
    copies = {name: longest_copy(encode(text, alphabet), indices) for name, text in texts.items()}
    heads, rows = tables.memory(texts, copies, set(book.split()), len(book))
    assert heads == ["", "one", "two"]
    length, run, place, words, found = ([*row[1:]] for row in rows)
    assert length == ["12", "0"]
    assert run == ["'the sea was '", "''"]
    assert place[0] == "0.0%"
    assert words == ["4", "0"]  # the first and last may be cut
    assert found == ["75%", ""]


def test_a_long_run_is_shown_in_part() -> None:
    text = "abc" * 50
    copies = {"it": longest_copy(encode(text, "abc"), encode("cc" + text, "abc"))}
    _, rows = tables.memory({"it": text}, copies, set(), 152)
    assert [row[1] for row in rows[:3]] == ["150", repr(text[:80]), "1.3%"]
