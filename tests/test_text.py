"""Characters to indices and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn.errors import InputError
from rnn.text import code_points, decode, encode, index_type, split

any_text = st.text(st.characters(exclude_categories=[]))  # lone surrogates as well


def test_code_points_outside_ascii() -> None:
    assert code_points("aé€😀\ud800").tolist() == [0x61, 0xE9, 0x20AC, 0x1F600, 0xD800]
    assert code_points("").size == 0


@pytest.mark.parametrize(
    ("K", "expected"),
    [
        (1, np.uint8),
        (256, np.uint8),
        (257, np.uint16),
        (65_536, np.uint16),
        (65_537, np.uint32),
    ],
)
def test_indices_are_as_small_as_they_can_be(K: int, expected: type) -> None:
    assert index_type(K) is expected
    assert np.iinfo(expected).max >= K - 1


@given(any_text)
def test_round_trip(text: str) -> None:
    vocabulary = "".join(sorted(set(text)))
    indices = encode(text, vocabulary)
    assert decode(indices, vocabulary) == text
    assert indices.tolist() == [vocabulary.index(c) for c in text]
    assert indices.dtype == index_type(len(vocabulary))


def test_round_trip_of_a_large_vocabulary() -> None:
    vocabulary = "".join(map(chr, range(0x4E00, 0x4E00 + 300)))
    text = vocabulary[::-1]
    assert encode(text, vocabulary).dtype == np.uint16
    assert decode(encode(text, vocabulary), vocabulary) == text


@given(any_text, any_text)
def test_exactly_the_unknown_characters_are_refused(text: str, known: str) -> None:
    vocabulary = "".join(sorted(set(known)))
    if set(text) <= set(known):
        assert decode(encode(text, vocabulary), vocabulary) == text
    else:
        with pytest.raises(InputError) as refusal:
            encode(text, vocabulary)
        named = sorted(set(text) - set(known))[:5]
        assert all(f"U+{ord(c):04X}" in str(refusal.value) for c in named)


def test_unknown_characters_are_named_in_one_line() -> None:
    with pytest.raises(InputError) as refusal:
        encode("b\nad 😀", "abd")
    message = str(refusal.value)
    assert "'\\n' (U+000A), ' ' (U+0020), '😀' (U+1F600)" in message
    assert "'a'" not in message
    assert "..." not in message
    assert len(message.splitlines()) == 1
    with pytest.raises(InputError, match=r"'1'.*'5' \(U\+0035\) \.\.\.") as refusal:
        encode("123456", "abd")
    assert "'6'" not in str(refusal.value)


def test_split_takes_the_last_parts_and_copies_nothing() -> None:
    indices = np.arange(1000)
    parts = split(indices, 0.1, 0.05)
    assert parts.training.tolist() == list(range(850))
    assert parts.validation.tolist() == list(range(850, 950))
    assert parts.test.tolist() == list(range(950, 1000))
    assert all(np.shares_memory(part, indices) for part in parts)


@pytest.mark.parametrize("test", [0, 0.05, 0.1, 0.4, 0.99])
@pytest.mark.parametrize("validation", [0, 0.001, 0.1, 0.3333, 0.5, 0.99])
@pytest.mark.parametrize("n", [0, 1, 7, 1001])
def test_split_loses_nothing(n: int, validation: float, test: float) -> None:
    parts = split(np.arange(n), validation, test)
    assert np.concatenate(parts).tolist() == list(range(n))
    assert abs(len(parts.test) - n * test) <= 0.5
    wanted = min(n * validation, n - len(parts.test))
    assert abs(len(parts.validation) - wanted) <= 0.5
    assert validation or not len(parts.validation)
    assert test or not len(parts.test)
