"""Parts of an update, timed one by one: those of the floor, and our own."""

import time
from collections.abc import Callable
from typing import Any

Repeated = Callable[[int], Any]  # computes the part for n updates
Candidates = dict[str, dict[str, Repeated]]  # for each part, the ways to compute it


class Parts:
    """The ways to compute each part, each repeated as often as fits into a turn."""

    def __init__(self, candidates: Candidates) -> None:
        self.candidates = candidates

    def turn(self, seconds: float) -> dict[str, dict[str, float]]:
        """Time all candidates, in about `seconds` in all; return the seconds per update."""
        share = seconds / sum(map(len, self.candidates.values()))
        return {
            part: {name: _time(run, share) for name, run in ways.items()}
            for part, ways in self.candidates.items()
        }


def _time(run: Repeated, seconds: float) -> float:
    """Return the mean seconds per repetition; a peer's time is also a mean over its turn."""
    run(1)  # compiles
    start = time.perf_counter()
    run(3)
    n = max(1, int(seconds * 3 / (time.perf_counter() - start)))
    start = time.perf_counter()
    run(n)
    return (time.perf_counter() - start) / n
