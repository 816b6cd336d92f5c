"""The tests of tests/test_fuzz.py, with a hundred thousand files.

Hypothesis takes longer to draw a fault than reading the file takes: here a plain generator does.
"""

import random
from collections.abc import Callable
from functools import partial

import pytest

from tests import test_fuzz
from tests.test_fuzz import BOOKS, FORMS, KINDS, TOKENS, Change, Fault, _removed, faulty

__all__ = ["_removed"]  # a fixture


class Chance(random.Random):
    """Draws what the strategies of tests/test_fuzz.py draw."""

    def place(self) -> float:
        return self.choice((0.0, 0.5, self.random(), self.random(), self.random()))

    def change(self) -> Change:
        new = self.choice((self.choice(TOKENS), self.randbytes(self.randrange(13))))
        return self.choice(KINDS), self.place(), self.place(), new

    def fault(self) -> Fault:
        often = self.choice((1, 1, 1, 1, 2, 3, 4))  # few enough that some files are still read
        return partial(faulty, [self.change() for _ in range(often)])

    def yes(self) -> bool:
        return self.random() < 0.5


def try_all(seeds: range, check: Callable[[Chance], None]) -> None:
    for seed in seeds:
        try:
            check(Chance(seed))
        except BaseException as error:
            error.add_note(f"the seed is {seed}")
            raise


HALVES = [range(20_000), range(20_000, 40_000)]  # each for a worker


@pytest.mark.parametrize("seeds", HALVES, ids=str)
def test_models(seeds: range) -> None:
    try_all(
        seeds,
        lambda chance: test_fuzz.model_is_read_or_refused(
            chance.fault(), chance.randrange(2), chance.randrange(21), chance.yes()
        ),
    )


@pytest.mark.parametrize("seeds", HALVES, ids=str)
def test_checkpoints(seeds: range) -> None:
    try_all(
        seeds,
        lambda chance: test_fuzz.checkpoint_is_read_or_refused(
            chance.fault(), chance.randrange(21), chance.yes(), chance.yes()
        ),
    )


def test_books() -> None:
    try_all(
        range(20_000),
        lambda chance: test_fuzz.book_is_read_or_refused(
            chance.fault(), chance.randrange(len(BOOKS)), chance.yes(), chance.choice(FORMS)
        ),
    )
