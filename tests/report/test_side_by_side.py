"""Stages run side by side, each once those are done whose files it reads."""

import threading
import time
from collections.abc import Callable

import pytest

from rnn.report import side_by_side
from rnn.report.errors import StageError
from rnn.report.stages import STAGES, Stage

OWN = Stage("05_mine", reads=tuple(stage.name for stage in STAGES))
PATIENCE = 20  # seconds


class Runs:
    """Runs that are told when to end, and what was seen of them."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.ended: list[str] = []
        self.most = 0
        self.go = {stage.name: threading.Event() for stage in (*STAGES, OWN)}
        self.fault: dict[str, BaseException] = {}
        self.stops = 0
        self.there: set[str] = set()

    def begin(self, stage: Stage) -> Callable[[], None]:
        assert {*stage.reads} <= self.there.union(self.ended), "it has nothing to read yet"
        self.began.append(stage.name)
        self.most = max(self.most, len(self.began) - len(self.ended))

        def work() -> None:
            assert self.go[stage.name].wait(PATIENCE)
            if stage.name in self.fault:
                raise self.fault[stage.name]

        return work

    def end(self, stage: Stage) -> None:
        self.ended.append(stage.name)

    def stop(self) -> None:
        self.stops += 1
        for event in self.go.values():
            event.set()

    def run(self, at_most: int, *stages: Stage) -> None:
        side_by_side.run(stages or STAGES, at_most, self.begin, self.end, self.stop)


def test_one_after_another_begins_with_what_others_wait_for() -> None:
    runs = Runs()
    runs.stop()
    runs.run(1)
    names = ["03_training", "01_data", "02_gradcheck", "04_sampling"]
    assert runs.began == runs.ended
    assert sorted(runs.ended) == sorted(names)
    assert runs.ended[0] == "03_training"
    assert runs.most == 1


@pytest.mark.parametrize("at_most", [2, 3, 8])
def test_as_many_run_as_are_allowed_and_have_what_they_read(at_most: int) -> None:
    runs = Runs()
    thread = threading.Thread(target=runs.run, args=(at_most, *STAGES, OWN))
    thread.start()
    until = time.monotonic() + PATIENCE
    while len(runs.began) < min(at_most, 3) and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.05)
    assert len(runs.began) == min(at_most, 3)
    assert "04_sampling" not in runs.began
    runs.go["03_training"].set()
    while len(runs.began) < min(at_most + 1, 4) and time.monotonic() < until:
        time.sleep(0.01)
    assert runs.ended == ["03_training"]
    assert ("04_sampling" in runs.began) == (at_most > 2)
    runs.stop()
    thread.join(PATIENCE)
    assert runs.ended[-1] == "05_mine"
    assert len(runs.ended) == 5


def test_only_those_that_are_due_run() -> None:
    runs = Runs()
    runs.there = {"03_training"}
    runs.stop()
    runs.run(2, STAGES[3])
    assert runs.ended == ["04_sampling"]
    runs.run(2, STAGES[0], STAGES[3])
    assert sorted(runs.ended[1:]) == ["01_data", "04_sampling"]


@pytest.mark.parametrize("at_most", [1, 2])
@pytest.mark.parametrize("name", ["02_gradcheck", "03_training"])
def test_where_one_fails_the_others_are_ended_and_it_is_raised(name: str, at_most: int) -> None:
    runs = Runs()
    runs.fault = {name: StageError("no luck")}
    runs.go[name].set()
    if at_most == 1:
        runs.go["03_training"].set()
    with pytest.raises(StageError, match="no luck"):
        runs.run(at_most, *(stage for stage in STAGES if stage.name != "01_data"))
    assert "04_sampling" not in runs.began
    assert name not in runs.ended
    assert bool(runs.stops) == (at_most == 2)


def test_what_can_not_begin_is_raised() -> None:
    runs = Runs()
    with pytest.raises(AssertionError, match="nothing to read"):
        runs.run(2, STAGES[1], STAGES[3])
    assert runs.stops


def test_at_an_interrupt_all_are_ended_and_it_is_raised() -> None:
    runs = Runs()

    def end(_: Stage) -> None:
        raise KeyboardInterrupt

    before = {*threading.enumerate()}
    runs.go["03_training"].set()
    with pytest.raises(KeyboardInterrupt):
        side_by_side.run(STAGES, 3, runs.begin, end, runs.stop)
    assert runs.stops
    for thread in {*threading.enumerate()} - before:
        thread.join(PATIENCE)
        assert not thread.is_alive()
