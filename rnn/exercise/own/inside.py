"""The process in which a student's functions run: arrays come in, arrays go out.

It needs NumPy alone. Each request names what to do; the answer holds the results or, if a function
failed, a line in `fault`. What the functions print is not shown, and nothing that they change
reaches the program that asks.
"""

import os
import signal
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.exercise.folder import check
from rnn.exercise.folder.check import FUNCTIONS, Parameters
from rnn.exercise.own.called import Called, FunctionError, copied
from rnn.exercise.own.pipe import receive, send

Array = NDArray[Any]
Arrays = Mapping[str, Array]

CHUNK = 100  # characters read at once where nothing is learned
LEAST = 1e-300  # of a probability, so that its logarithm is finite


def examine(own: Called, _: Arrays) -> dict[str, Any]:
    """Call each function on small arrays, to find out what is missing, not written, or fails."""
    if missing := [name for name in FUNCTIONS if not callable(own.function(name))]:
        raise FunctionError(f"there is no function {check.listed(missing)} in it")
    random = np.random.default_rng(0)
    K, m, T = 5, 4, 3
    shapes = {"U": (m, K), "W": (m, m), "V": (K, m), "b": (m,), "c": (K,)}
    p, d = (
        Parameters(**{name: random.normal(0, 0.5, shape) for name, shape in shapes.items()})
        for _ in range(2)
    )
    x, y, h0 = np.array([0, 3, 1]), np.array([3, 1, 4]), np.zeros(m)
    h, P = random.uniform(-0.5, 0.5, (T + 1, m)), random.dirichlet(np.ones(K), T)
    s = Parameters(*map(np.zeros_like, p))
    calls: dict[str, tuple[Any, ...]] = {
        "softmax": (random.normal(0, 1, (T, K)),),
        "forward": (copied(p), x, h0.copy()),
        "loss": (P.copy(), y),
        "backward": (copied(p), x, y, h, P),
        "clip": (copied(d), 0.5),
        "adagrad": (copied(p), d, s, 0.1),
        "synthesise": (p, h0, 0, T, random.random(T)),
    }
    failed = []
    for name, arguments in calls.items():
        try:
            getattr(own, name)(*arguments)
        except FunctionError as error:
            failed.append(error)
    if unwritten := [error.unwritten for error in failed if error.unwritten]:
        verb = "is" if len(unwritten) == 1 else "are"
        raise FunctionError(f"{check.listed(unwritten)} {verb} not written yet")
    if failed:
        raise failed[0]
    return {}


def train(own: Called, ask: Arrays) -> dict[str, Any]:
    """Make updates, one for each sequence of a text; end before one whose loss is not finite."""
    p, s, h, text = five(ask, "p"), five(ask, "s"), ask["h"], ask["text"]
    T, limit, eta = int(ask["T"]), float(ask["limit"]), float(ask["eta"])
    count = (len(text) - 1) // T
    losses, clipped, norms = np.zeros((3, count))
    own.strict, made = bool(ask["first"]), 0
    for k in range(count):
        x, y = text[k * T : k * T + T], text[k * T + 1 : k * T + T + 1]
        states, P = own.forward(p, x, h)
        last = states[-1].copy()
        losses[k] = own.loss(P, y)
        if not np.isfinite(losses[k]):
            break
        raw = own.backward(p, x, y, states, P)
        d = own.clip(raw, limit)
        p, s = own.adagrad(p, d, s, eta)
        h, made, own.strict = last, k + 1, False
        if k in (0, count - 1):
            norms[k] = sum(np.vdot(part, part) for part in raw) ** 0.5
        changed = sum(np.count_nonzero(a != b) for a, b in zip(raw, d, strict=True))
        clipped[k] = changed / sum(part.size for part in d)
    return named(p, "p") | named(s, "s") | {
        "h": h, "losses": losses, "clipped": clipped, "norms": norms, "made": np.array(made),
    }  # fmt: skip


def evaluate(own: Called, ask: Arrays) -> dict[str, Any]:
    """Return the surprise at a text, in nats, and the state before its last character."""
    p, text, h = five(ask, "p"), ask["text"], ask["h"]
    own.strict, nats = False, 0.0
    for start in range(0, len(text) - 1, CHUNK):
        x, y = text[:-1][start : start + CHUNK], text[1:][start : start + CHUNK]
        states, P = own.forward(p, x, h)
        nats -= float(np.log(np.maximum(P[np.arange(len(y)), y], LEAST)).sum())
        h = states[-1]
    return {"nats": np.array(nats), "h": h}


def write(own: Called, ask: Arrays) -> dict[str, Any]:
    """Return a text."""
    n, p = int(ask["n"]), five(ask, "p")
    return {"text": own.synthesise(p, ask["h"], int(ask["x"]), n, ask["uniform"])}


def gradient(own: Called, ask: Arrays) -> dict[str, Any]:
    """Return the gradients of a sequence's loss, from a zero state, not clipped."""
    p, x, y = five(ask, "p"), ask["x"], ask["y"]
    own.strict = True
    h, P = own.forward(p, x, np.zeros(len(p.b)))
    return named(own.backward(p, x, y, h, P), "d")


def differences(own: Called, ask: Arrays) -> dict[str, Any]:
    """Return the central differences of the loss for some entries of a parameter."""
    p, x, y, h = five(ask, "p"), ask["x"], ask["y"], float(ask["step"])
    part, zero = getattr(p, str(ask["name"])).reshape(-1), np.zeros(len(p.b))
    own.strict = True

    def moved(entry: int, value: float) -> float:
        part[entry] = value
        return own.loss(own.forward(p, x, zero)[1], y)

    found = []
    for entry in ask["entries"]:
        value = part[entry]
        found.append((moved(entry, value + h) - moved(entry, value - h)) / (2 * h))
        part[entry] = value
    return {"result": np.array(found, np.float64)}


def judge(own: Called, ask: Arrays) -> dict[str, Any]:
    """Return what the exercise's check says of each function: its verdict, and what it saw."""
    found = [check.find(own.function(name), name, own.functions, ask) for name in FUNCTIONS]
    return {
        "verdicts": np.array([one.status for one in found]),
        "seen": np.array(["; ".join((*one.seen, *one.slips, *one.notes)) or " " for one in found]),
    }


def five(ask: Arrays, prefix: str) -> Parameters:
    """Return the five arrays of a request whose names begin with a prefix, in rows."""
    names = Parameters._fields
    return Parameters(*(np.array(ask[f"{prefix}.{name}"], order="C") for name in names))


def named(parts: Parameters, prefix: str) -> dict[str, Array]:
    """Return five arrays under names with a prefix."""
    return {f"{prefix}.{name}": part for name, part in parts._asdict().items()}


ANSWERS = {
    one.__name__: one for one in (examine, train, evaluate, write, gradient, differences, judge)
}


def main() -> None:
    """Answer requests until there are no more."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # what the functions read and print
        os.dup2(nothing, stream)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program that asks decides when to end

    def late(line: str) -> None:
        send(answers, {"fault": np.array(line)})
        os._exit(1)

    own: Called | None = None
    while (ask := receive(requests)) is not None:
        try:
            if own is None:
                path, source = str(ask["path"]), ask["source"].tobytes()
                own, answer = Called(path, source, float(ask["limit"]), late), {}
            else:
                answer = ANSWERS[str(ask["what"])](own, ask)
        except FunctionError as error:
            answer = {"fault": np.array(str(error))}
        send(answers, answer)


if __name__ == "__main__":
    main()
