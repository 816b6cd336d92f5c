"""The tests of tests/test_fuzz.py, with a hundred thousand files."""

from collections.abc import Callable

from hypothesis import settings

from tests import test_fuzz
from tests.test_fuzz import BOOK, CHECKPOINT, MODEL, QUICK, _removed

__all__ = ["_removed"]  # a fixture


@settings(QUICK, max_examples=40_000)
@MODEL
def test_models(fault: Callable[[bytes], bytes], seed: int, member: int, inside: bool) -> None:
    test_fuzz.model_is_read_or_refused(fault, seed, member, inside)


@settings(QUICK, max_examples=40_000)
@CHECKPOINT
def test_checkpoints(
    fault: Callable[[bytes], bytes], member: int, inside: bool, mended: bool
) -> None:
    test_fuzz.checkpoint_is_read_or_refused(fault, member, inside, mended)


@settings(QUICK, max_examples=20_000)
@BOOK
def test_books(fault: Callable[[bytes], bytes], seed: int, lowercase: bool, form: str) -> None:
    test_fuzz.book_is_read_or_refused(fault, seed, lowercase, form)
