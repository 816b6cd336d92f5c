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
    MEMORY,
    LATE,
    ENDED,
    UNREADABLE,
    check.WRONG,
    check.WAITS,
    check.UNWRITTEN,
    check.RIGHT,
)


# Why backward is not compared with differences of forward: what forward, or the comparison, did.
FORWARD = {
    LATE: "which does not end",
    MEMORY: "which runs out of memory",
    ENDED: "which ends the process",
}
DIFFERENCES = {
    LATE: "which take too long",
    MEMORY: "which run out of memory",
    ENDED: "which end the process",
    UNREADABLE: "which can't be read",
}


class Question(NamedTuple):
    """What is asked about a function.

    Attributes
    ----------
    calls, data
        All of its calls, and the same packed.
    own, own_data
        The calls that need no other function, where `forward` must not cost it points.
    """

    calls: list[Call]
    data: bytes
    own: list[Call]
    own_data: bytes


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
    found = {}
    for name in functions:
        calls = check.calls(name, answers)
        own = [call for call in calls if name == "backward" and by_itself(call)]
        found[name] = Question(calls, prepared(calls), own, prepared(own))
    return found


def by_itself(call: Call) -> bool:
    """Return whether a call asks `backward` about stored states."""
    return call.name == "backward" and not call.follows


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
            while left and not process.over:
                name = left.pop(0)
                forward = next((one.status for one in findings if one.name == "forward"), "")
                findings.append(ask(process, name, asked[name], answers, forward))
            did += [what for what in process.did if what not in did]
    return Marked(tuple(findings), tuple(did))


def ask(
    process: Process, name: str, question: Question, answers: check.Answers, forward: str
) -> Finding:
    """Ask one function, and judge it.

    `backward` is asked by itself first: where `forward` was lost, or is in what follows, that is
    what counts.

    Parameters
    ----------
    process
        The process of the submission.
    name, question, answers
        The function, what to ask, and the right and wrong answers.
    forward
        The status of `forward`, if it was asked.
    """
    alone = None
    try:
        if question.own:
            alone = judged(name, answers, process.outcomes(name, question.own, question.own_data))
            if forward in FORWARD:
                return uncompared(alone, FORWARD[forward])
        outcomes = process.outcomes(name, question.calls, question.data)
    except Ended as end:
        if alone:
            return uncompared(alone, DIFFERENCES[end.status])
        return Finding(name, end.status, (end.what,))
    if alone and isinstance(outcomes, str):
        return uncompared(alone, DIFFERENCES[UNREADABLE])
    return judged(name, answers, outcomes)


def uncompared(finding: Finding, why: str) -> Finding:
    """Return what was found by stored answers alone, with the reason."""
    said = f"not compared with differences of forward, {why}" if finding.compared else ""
    return finding._replace(compared=said)


def judged(name: str, answers: check.Answers, outcomes: Any) -> Finding:
    """Compare what came out with the answers."""
    if isinstance(outcomes, str):
        seen = f"what it returned can't be read: {outcomes}"
        return Finding(name, MEMORY if "MemoryError" in outcomes else check.WRONG, (seen,))
    calls = check.calls(name, answers)
    if len(outcomes) < len(calls):  # it was asked by itself
        asked = iter(outcomes)
        left_out = check.Outcome(None, (), check.Failure(check.WAITS, ""))
        outcomes = [next(asked) if by_itself(call) else left_out for call in calls]
    try:
        return check.judge(name, answers, outcomes)
    except Exception as error:  # a function may return anything
        seen = f"what it returned can't be read: {check.raised(error)}"
        return Finding(name, check.WRONG, (seen,))


def out_of_memory(said: str) -> bool:
    """Return whether an exception, in words, says that there was not enough memory."""
    return said.startswith(("MemoryError", "_ArrayMemoryError"))
