"""Parts of an update, timed one by one: of the floor, and of our own."""

import time
from collections.abc import Callable
from typing import Any

Repeated = Callable[[int], Any]  # makes the part of so many updates
Candidates = dict[str, dict[str, Repeated]]  # of each part, the ways to make it


class Parts:
    """The ways to make each part, each repeated as often as fits into a turn."""

    def __init__(self, candidates: Candidates) -> None:
        self.candidates = candidates

    def turn(self, seconds: float) -> dict[str, dict[str, float]]:
        """Time each candidate, all together for about so many seconds; return seconds an update."""
        share = seconds / sum(map(len, self.candidates.values()))
        return {
            part: {name: _time(run, share) for name, run in ways.items()}
            for part, ways in self.candidates.items()
        }


def _time(run: Repeated, seconds: float) -> float:
    """Return the mean seconds of a repetition, as the peers' are means over their turns."""
    run(1)  # compiles
    start = time.perf_counter()
    run(3)
    n = max(1, int(seconds * 3 / (time.perf_counter() - start)))
    start = time.perf_counter()
    run(n)
    return (time.perf_counter() - start) / n
