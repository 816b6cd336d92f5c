"""One run of a study, as a worker makes it: from settings and a book to a packed result."""

import hashlib
import io
import math
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, redirect_stderr
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from rnn.errors import DivergedError, InputError
from rnn.files import machine
from rnn.files.book import Book, read_book
from rnn.files.checkpoint import checkpointed, forget, identity
from rnn.files.results import pack, result_of
from rnn.run import Snapshot, judged
from rnn.settings import Settings
from rnn.study.task import SentBook
from rnn.text import split
from rnn.training import train

_books: dict[str, bytes] = {}  # by SHA-256


def hold(content: bytes, sha256: str, shared: str) -> str:
    """Keep the book of a study in this process, and return the name of this machine.

    Raises
    ------
    InputError
        When its bytes are not those that were sent, or the shared folder is not there.
    """
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InputError("the book did not arrive whole: its SHA-256 is another")
    if shared and not Path(shared).is_dir():
        raise InputError(f"it has no folder SHARED={shared}")
    _books[sha256] = content
    return machine.name()


def make(
    settings: dict[str, Any], sha256: str, shared: str, wanted: Callable[[], bool]
) -> bytes | None:
    """Make a run with the book that is held; see `train_one`."""
    return train_one(Settings(**settings), SentBook(_books[sha256], sha256), shared, wanted)


class _Lines(io.TextIOBase):
    """A stream that hands on each line."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self.say, self.rest = say, ""

    def write(self, text: str) -> int:
        *lines, self.rest = (self.rest + text).split("\n")
        for line in filter(None, lines):
            self.say(line)
        return len(text)


@contextmanager
def written_to(say: Callable[[str], object]) -> Iterator[None]:
    """Hand on the lines that are written to stderr: several workers may share one terminal."""
    with redirect_stderr(_Lines(say)):
        yield


def train_one(
    settings: Settings,
    book: SentBook,
    shared: str = "",
    wanted: Callable[[], bool] = lambda: True,
) -> bytes | None:
    """Train to the end, and return the packed result.

    Parameters
    ----------
    settings
        The settings of the run.
    book
        The book.
    shared
        The folder in which checkpoints are kept until the run has ended; none are if it is empty.
    wanted
        Asked several times a second; when it returns False, training stops and None is returned.
    """
    data = _read(book, *settings.reading.items())
    parts = split(data.indices, settings.validation_fraction, settings.test_fraction)
    K, about = len(data.vocabulary), identity(book.sha256, settings)
    runs = (
        checkpointed(*parts[:2], K, settings, folder=shared, about=about, say=_say_nothing)
        if shared
        else train(*parts[:2], K, settings)
    )
    with closing(runs), np.errstate(all="ignore"):  # a run that diverges says so in its result
        run = next(runs)  # all code is compiled now
        try:
            for _ in runs:
                if not wanted():
                    return None
        except DivergedError:  # the very first loss is not finite: the network is as it began
            run.best = Snapshot(0, run.network, np.zeros_like(run.states[:, 0]), math.nan, None)
        tested = judged(run, parts.test)
    packed = pack(result_of(run, data.vocabulary, int(data.indices[0]), tested))
    if shared:
        forget(shared, about)
    return packed


@lru_cache(maxsize=4)  # a study rarely reads its book in more than one way
def _read(book: SentBook, *reading: tuple[str, Any]) -> Book:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "book.txt")
        path.write_bytes(book.content)
        return read_book(path, **dict(reading))


def _say_nothing(_: str) -> None:
    """Ignore where a run resumes: its result is the same."""
