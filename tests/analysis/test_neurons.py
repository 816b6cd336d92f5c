"""What units follow: features planted in made-up states are found again."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn.analysis import neurons
from rnn.analysis.neurons import correlations, features, passage_rows, pick, states_over
from rnn.analysis.reading import read_through
from tests import reference


def test_features_by_hand() -> None:
    found = {name: values.tolist() for name, values in features('a "b c"\nd').items()}
    assert found == {
        "being inside quotes": [0, 0, 1, 1, 1, 1, 0, 0, 0],
        "the position in the line": [1, 2, 3, 4, 5, 6, 7, 0, 1],
        "having just read whitespace": [0, 1, 0, 0, 1, 0, 0, 1, 0],
        "the number of letters in a row": [1, 0, 0, 1, 0, 1, 0, 0, 1],
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“a” b", [1, 1, 0, 0, 0]),
        ("«a» b", [1, 1, 0, 0, 0]),
        ("« a » b", [1, 1, 1, 1, 0, 0, 0]),
        ("»a« b", [1, 1, 0, 0, 0]),
        ("»a» b", [1, 1, 0, 0, 0]),
        ("„a“ b", [1, 1, 0, 0, 0]),
        ("„a” b", [1, 1, 0, 0, 0]),
        ("”a” b", [1, 1, 0, 0, 0]),
        ("「a」 b", [1, 1, 0, 0, 0]),
        ('"a\n\nb', [1, 1, 1, 0, 0]),  # a new paragraph
        ('"a\nb', [1, 1, 1, 1]),
        ("", []),
    ],
)
def test_quotes(text: str, expected: list[int]) -> None:
    assert features(text)["being inside quotes"].tolist() == expected


def test_correlations_are_those_of_numpy() -> None:
    random = np.random.default_rng(0)
    h, feature = random.normal(size=(50, 4)), random.normal(size=50)
    expected = [np.corrcoef(h[:, i], feature)[0, 1] for i in range(4)]
    np.testing.assert_allclose(correlations(h, feature), expected, rtol=1e-12)
    assert correlations(np.ones((50, 2)), feature).tolist() == [0, 0]
    assert correlations(h, np.ones(50)).tolist() == [0] * 4


def test_planted_units_are_picked() -> None:
    text = 'The king said "It is late" to the cat,\nand "so it is" said the cat.\n' * 20
    random = np.random.default_rng(1)
    h = random.normal(size=(len(text), 9))
    for unit, values in zip((4, 2, 7, 0), features(text).values(), strict=True):
        h[:, unit] = 0.1 * random.normal(size=len(text)) - values / values.max()
    picked = pick(h, text)
    assert [neuron.unit for neuron in picked] == [4, 2, 7, 0]
    assert all(-1 <= neuron.correlation < -0.7 for neuron in picked)


def test_what_does_not_vary_is_left_out_and_units_may_be_few() -> None:
    text = "some words\nwithout a quote\n"
    picked = pick(np.random.default_rng(0).normal(size=(len(text), 1)), text)
    assert [neuron.unit for neuron in picked] == [0, 0, 0]
    assert "being inside quotes" not in [neuron.feature for neuron in picked]
    assert pick(np.zeros((3, 2)), "\n\n\n") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("314159265", []),
        ("abcabc", []),
        ("在海里。在山上。", ["the number of letters in a row"]),
        ("one line", ["having just read whitespace", "the number of letters in a row"]),
        ("1\n23\n", ["the position in the line", "having just read whitespace"]),
    ],
)
def test_only_what_a_book_has_is_followed(text: str, found: list[str]) -> None:
    h = np.random.default_rng(0).normal(size=(len(text), 4))
    assert [neuron.feature for neuron in pick(h, text)] == found


def test_states_are_those_of_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    model = reference.small_model()
    network, states = model.network, model.states
    text = np.arange(30) % network.K
    expected = np.concatenate([h for _, h in read_through(network, text, states)])
    assert np.array_equal(states_over(network, text, states), expected)
    monkeypatch.setattr(neurons, "NUMBERS", 12 * network.m)
    assert np.array_equal(states_over(network, text, states), expected[:12])


@settings(deadline=None)
@given(st.text('ab "\n', min_size=1, max_size=400), st.integers(1, 4), st.integers(1, 30))
def test_rows_follow_one_another(text: str, count: int, width: int) -> None:
    rows = passage_rows(text, count, width)
    assert 1 <= len(rows) <= count
    for row, following in pairwise(rows):
        assert row.stop == following.start
    for row in rows:
        assert 1 <= len(text[row]) <= width
        assert "\n" not in text[row][:-1]


def test_a_quote_is_looked_for() -> None:
    plain, quote = "no one speaks here\n" * 30, 'and "she did at once" she said\n' * 3
    rows = passage_rows(plain + quote + plain, 3)
    assert (plain + quote + plain)[rows[0]] in (quote[:31], plain[:19])
    assert '"' in "".join((plain + quote + plain)[row] for row in rows)
