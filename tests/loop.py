"""A stand-in for the engine: it makes the runs one after another, in this process."""

from collections.abc import Callable, Sequence
from typing import Any

from rnn.study.task import SentBook, Task, Where
from rnn.study.work import train_one


class Loop:
    """Makes runs; keeps which, and may stop or fail at some of them.

    Attributes
    ----------
    made
        The settings of the runs that were made.
    before
        Called with the number of runs made before each further one.
    broken
        Called with the settings of a run; returns why it fails, or nothing.
    """

    def __init__(self) -> None:
        self.made: list[Any] = []
        self.where: list[Where] = []
        self.before: Callable[[int], None] = lambda _: None
        self.broken: Callable[[Any], str] = lambda _: ""

    def run(
        self,
        tasks: Sequence[Task],
        book: SentBook,
        finished: Callable[[str, bytes], None],
        failed: Callable[[str, str], None],
        *,
        where: Where,
        say: Callable[[str], None],
    ) -> None:
        """Take the place of `rnn.study.engine.run`."""
        self.where.append(where)
        for number, task in enumerate(tasks):
            self.before(number)
            if reason := self.broken(task.settings):
                say("a worker has ended")
                failed(task.key, reason)
                continue
            self.made.append(task.settings)
            data = train_one(task.settings, book)
            assert data is not None
            finished(task.key, data)
