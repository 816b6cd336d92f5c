"""The random numbers: those of sfc32, with a separate stream for each use."""

import numpy as np
import pytest

from rnn.numerics.generator import (
    DROPOUT,
    EVOLUTION,
    GRADIENT_CHECK,
    INITIALISATION,
    OFFSET,
    PASSAGE,
    generator,
    uniform,
)
from tests.reference import Sfc32, uncompiled

STREAMS = [INITIALISATION, EVOLUTION, PASSAGE, GRADIENT_CHECK, DROPOUT, OFFSET]


@pytest.mark.parametrize("seed", [0, 1, 400, 2**32 - 1, 2**32 + 7, 2**63 - 1])
@pytest.mark.parametrize("stream", STREAMS)
def test_numbers_are_those_of_sfc32(seed: int, stream: int) -> None:
    state, slow = generator(seed, stream), Sfc32(seed, stream)
    assert [uniform(state) * 2**32 for _ in range(300)] == [slow.word() for _ in range(300)]


def test_uncompiled_gives_the_same_numbers() -> None:
    one, other = generator(5, EVOLUTION), generator(5, EVOLUTION)
    assert [uniform(one) for _ in range(100)] == [uncompiled(uniform)(other) for _ in range(100)]
    assert one.tolist() == other.tolist()


def test_streams_and_seeds_differ() -> None:
    starts = {
        tuple(uniform(state) for _ in range(2))
        for seed in (0, 1, 2**32, 2**32 + 1)
        for stream in STREAMS
        for state in [generator(seed, stream)]
    }
    assert len(starts) == 4 * len(STREAMS)


def test_numbers_are_spread_evenly() -> None:
    state = generator(400, PASSAGE)
    numbers = np.array([uniform(state) for _ in range(20_000)])
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert abs(numbers.mean() - 1 / 2) < 5 / np.sqrt(12 * numbers.size)
    counts = np.histogram(numbers, 16, (0, 1))[0]
    expected = numbers.size / 16
    assert np.all(np.abs(counts - expected) < 5 * np.sqrt(expected))
    # Nor is a number correlated with the next.
    assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 5 / np.sqrt(numbers.size)
