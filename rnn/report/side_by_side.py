"""Stages side by side: each runs once those are done whose files it reads.

They run in threads, of which each waits for a kernel; all else is done in the thread that calls.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue

from rnn.report.stages import Stage

OFTEN = 0.1  # seconds


def run(
    stages: Sequence[Stage],
    at_most: int,
    begin: Callable[[Stage], Callable[[], None]],
    end: Callable[[Stage], None],
    stop: Callable[[], None],
) -> None:
    """Run stages, those first for which most others wait.

    Parameters
    ----------
    stages
        Those that are to run, in order.
    at_most
        How many may run at a time.
    begin, end
        What is called here before a stage runs, which returns what runs in a thread of its own; and
        what is called here when that is done.
    stop
        What is called, again and again, until what still runs has ended: where a stage fails, or
        at an interrupt, which are raised after that.
    """
    left = {stage.name: stage for stage in stages}
    waiting = sorted(stages, key=lambda stage: -_waited_for(stage.name, stages))
    ended: SimpleQueue[tuple[str, BaseException | None]] = SimpleQueue()
    running: set[str] = set()
    try:
        while left:
            for stage in [one for one in waiting if left.keys().isdisjoint(one.reads)]:
                if len(running) < at_most:
                    waiting.remove(stage)
                    work = partial(_work, stage.name, begin(stage), ended)
                    threading.Thread(target=work, daemon=True).start()
                    running.add(stage.name)
            name, error = ended.get()
            running.remove(name)
            if error:
                raise error
            end(left.pop(name))
    except BaseException:
        while running:
            stop()
            with suppress(Empty):
                running.remove(ended.get(timeout=OFTEN)[0])
        raise


def _waited_for(name: str, stages: Sequence[Stage]) -> int:
    """Return how many stages can run only after another one."""
    waiting = {name}
    for stage in stages:  # each reads those before it
        if not waiting.isdisjoint(stage.reads):
            waiting.add(stage.name)
    return len(waiting) - 1


def _work(
    name: str, work: Callable[[], None], ended: SimpleQueue[tuple[str, BaseException | None]]
) -> None:
    try:
        work()
    except BaseException as error:  # it is raised where it is waited for
        ended.put((name, error))
    else:
        ended.put((name, None))
