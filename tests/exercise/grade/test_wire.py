"""Values between the processes: what comes out is what went in, or a refusal."""

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rnn.exercise.folder import check
from rnn.exercise.grade.wire import MOST, packed, unpacked


def sent(value: Any) -> Any:
    return unpacked(json.loads(json.dumps(packed(value))))


@pytest.mark.parametrize(
    "value",
    [
        np.array([[0.1, -0.0], [np.nan, np.inf]]),
        np.array([1 + 2j, 1e-300j]),
        np.arange(6).reshape(2, 3),
        np.array([True, False]),
        np.array(2**63, np.uint64),
        np.zeros((0, 3)),
        np.float32(0.1),
        [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]],
    ],
    ids=repr,
)
def test_numbers_arrive_to_the_bit(value: Any) -> None:
    found, wanted = check.numbers(sent(value)), check.numbers(value)
    assert found is not None
    assert wanted is not None
    assert found.dtype.kind == wanted.dtype.kind
    np.testing.assert_array_equal(found, wanted, strict=found.dtype == wanted.dtype)


def test_what_holds_values_is_told_apart() -> None:
    five = check.Parameters(*map(np.array, range(5)))
    for value in (five, five._asdict(), SimpleNamespace(**five._asdict()), [*five]):
        assert check.by_name(sent(value)) == check.by_name(five)
    p, s = sent((five, None))
    assert (check.by_name(p), s) == (check.by_name(five), None)
    assert (sent(3), sent(0.5), sent(None)) == (3, 0.5, None)
    assert type(sent(object())).__name__ == "object"
    assert type(sent("text")).__name__ == "str"
    assert sent(np.array("a")).dtype.kind == "U"


def test_a_subclass_that_lies_is_an_array_or_nothing() -> None:
    class Liar(np.ndarray):
        def __eq__(self, _: object) -> Any:
            return True

        def tolist(self) -> Any:
            return ["right"]

    found = sent(np.ones(3).view(Liar))
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, np.ones(3))


def test_large_arrays_are_refused() -> None:
    with pytest.raises(ValueError, match="an array of 100,001 numbers"):
        packed(np.zeros(MOST + 1))


@pytest.mark.parametrize(
    "tree",
    [
        "text",
        [1],
        True,
        {},
        {"five": [1], "list": []},
        {"pickle": "gASVBQAAAAAAAACMAWGULg=="},
        {"list": {"list": [{"list": [{"list": [{"list": []}]}]}]}},
        {"list": [{"list": [{"list": [{"list": [{"list": [{"list": []}]}]}]}]}]},
        {"five": [1, 2]},
        {"array": ["f", [2], [1.0]]},
        {"array": ["f", [-1], []]},
        {"array": ["f", [10**9, 10**9], []]},
        {"array": ["O", [1], [1]]},
        {"array": ["f", [1], ["1.0"]]},
        {"array": ["i", [1], [2**70]]},
        {"array": ["f", [1]]},
        {"array of": "f8,O"},
        {"other": 3},
    ],
    ids=str,
)
def test_what_no_value_gives_is_refused(tree: Any) -> None:
    with pytest.raises((ValueError, TypeError, OverflowError)):
        unpacked(tree)
