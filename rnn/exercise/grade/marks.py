"""One submission marked: what is found in each of its functions, whatever it does."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rnn.exercise.folder import check
from rnn.exercise.folder.check import Call, Finding
from rnn.exercise.grade.process import (
    ENDED,
    LATE,
    MEMORY,
    UNREADABLE,
    Ended,
    Limits,
    Process,
    prepared,
)

TAMPERED, UNLOADED, MISSING = "tampered", "can't be loaded", "not handed in"
# The status of a submission is the first of these that one of its functions has.
GRAVEST = (
    TAMPERED,
    MISSING,
    UNLOADED,
    LATE,
    MEMORY,
    ENDED,
    UNREADABLE,
    check.WRONG,
    check.WAITS,
    check.UNWRITTEN,
    check.RIGHT,
)


class Question(NamedTuple):
    """What is asked about a function: its calls, and the same packed."""

    calls: list[Call]
    data: bytes


class Marked(NamedTuple):
    """What is found in a submission: by function, and what it did that no solution needs."""

    findings: tuple[Finding, ...]
    did: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """Return one word for all."""
        if self.did:
            return TAMPERED
        return min((one.status for one in self.findings), key=GRAVEST.index)


def questions(answers: check.Answers, functions: Sequence[str]) -> dict[str, Question]:
    """Return what to ask about some functions, by name."""
    made = {name: check.calls(name, answers) for name in functions}
    return {name: Question(calls, prepared(calls)) for name, calls in made.items()}


def without(functions: Sequence[str], status: str, what: str) -> Marked:
    """Return the mark of a submission of which no function can be asked."""
    return Marked(tuple(Finding(name, status, (what,) if what else ()) for name in functions))


def mark(
    source: bytes,
    answers: check.Answers,
    asked: Mapping[str, Question],
    limits: Limits,
    stop: threading.Event,
) -> Marked:
    """Ask one function after another, in a new process wherever the last one was lost."""
    findings: list[Finding] = []
    did: list[str] = []
    left = [*asked]
    while left:
        with Process(source, limits, stop) as process:
            try:
                if fault := process.loaded():
                    lost = MEMORY if out_of_memory(fault) else UNLOADED
                    findings += without(left, lost, fault).findings
                    left = []
            except Ended as end:
                findings += without(left, end.status, f"while it is loaded, {end.what}").findings
                left = []
            while left:
                name = left.pop(0)
                try:
                    outcomes = process.outcomes(name, *asked[name])
                except Ended as end:
                    findings.append(Finding(name, end.status, (end.what,)))
                    break
                findings.append(judged(name, answers, outcomes))
            did += [what for what in process.did if what not in did]
    return Marked(tuple(findings), tuple(did))


def judged(name: str, answers: check.Answers, outcomes: Any) -> Finding:
    """Compare what came out with the answers."""
    if isinstance(outcomes, str):
        seen = f"what it returned can't be read: {outcomes}"
        return Finding(name, MEMORY if "MemoryError" in outcomes else check.WRONG, (seen,))
    try:
        finding = check.judge(name, answers, outcomes)
    except Exception as error:  # a function may return anything
        seen = f"what it returned can't be read: {check.raised(error)}"
        return Finding(name, check.WRONG, (seen,))
    if finding.status == check.WRONG and any(map(out_of_memory, finding.seen)):
        return Finding(name, MEMORY, finding.seen)
    return finding


def out_of_memory(said: str) -> bool:
    """Return whether an exception, in words, says that there was not enough memory."""
    return said.startswith(("MemoryError", "_ArrayMemoryError"))
