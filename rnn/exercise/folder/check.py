"""Check what stands in student.py.

python check.py             a line for each function: right, not written, or wrong, and how
python check.py backward    one function alone
python check.py --hint 1    do not name the slip, say where to look; 2 adds the equation, 3 the slip
python check.py --hint 0    say what is wrong, and no more

Where a slip is to be found in a full solution, 0 is the default.

In the notebook: check(student.backward). It needs NumPy alone, and answers.npz beside it, which has
right and wrong answers as numbers. Nothing here is a solution.

Three steps: `calls` lists what to ask of a function, `run` asks it, `judge` says what it finds.
"""

import argparse
import contextlib
import copy
import ctypes
import importlib.util
import io
import linecache
import re
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Answers = Mapping[str, Array]

FOLDER = Path(__file__).resolve().parent
FUNCTIONS = ("softmax", "forward", "loss", "backward", "clip", "adagrad", "synthesise")
LENGTHS = (1, 2, 3, 5)  # of the sequences for `backward`
LIMIT = 20.0  # seconds for all calls that check one function
SAME, KNOWN = 1e-9, 1e-10  # how close a right answer, and that of a known slip, must be
RARE = 1e-7  # a probability at which what is added to it shows in the logarithm
NEARLY, SINGLE = 1e-6, 2e-4  # how close, where only rounding is wrong; scores of 1,000 in float32
ROUNDING = 1e-12  # what the equations of the gradients stay below, and differences do not
STEP, COMPLEX_STEP = 1e-5, 1e-30
CLOSE = 1e-6  # what central differences of a right gradient stay below
GRID, NUMBERS = 200, 40  # uniform numbers in a test of fit, and characters in a text
RIGHT, WRONG, UNWRITTEN, WAITS = "right", "wrong", "not written", "not checked"
UNTESTED = (
    "Not tested: speed; sequences longer than 5, or networks of more than a few units; the training"
    " loop and the text of the notebook. What your functions print is not shown."
)


class Parameters(NamedTuple):
    """The parameters of a network, or something with the same shapes."""

    U: Any
    W: Any
    V: Any
    b: Any
    c: Any


class Call(NamedTuple):
    """A call to make: the function's name and its arguments.

    If `follows` is not 0, what came out so many calls before comes after the arguments: all of it
    for `backward`, the last state for `forward`.
    """

    name: str
    arguments: tuple[Any, ...]
    follows: int = 0


class Failure(NamedTuple):
    """Why a call returned nothing: a status, and what happened where."""

    status: str
    what: str


class Outcome(NamedTuple):
    """What a call returned, its arguments after it, or why it failed."""

    value: Any
    arguments: tuple[Any, ...]
    failure: Failure | None


class Read(NamedTuple):
    """What was found in the outcomes: numbers by name, what is wrong with them, and remarks.

    `waits` says what must be right before the function can be judged, `where` where to look if
    that is plain from what was returned.
    """

    parts: dict[str, Array]
    faults: list[str]
    notes: list[str]
    waits: str = ""
    where: str = ""


class Finding(NamedTuple):
    """What there is to say about a function."""

    name: str
    status: str
    seen: tuple[str, ...] = ()
    compared: str = ""
    slips: tuple[str, ...] = ()
    likely: tuple[str, ...] = ()
    where: str = ""
    equation: str = ""
    notes: tuple[str, ...] = ()
    by_hand: str = ""


class TimeUp(BaseException):
    """Raised in the thread that makes the calls when they take too long."""


# The calls.


def five(answers: Answers, prefix: str) -> Parameters:
    """Return what is stored by the names of the five parameters."""
    return Parameters(*(answers[f"{prefix}.{name}"] for name in Parameters._fields))


def calls(name: str, answers: Answers) -> list[Call]:
    """Return the calls that check a function."""
    return CALLS[name](answers)


def softmax_calls(answers: Answers) -> list[Call]:
    """Ask for scores near zero, and for scores near 1,000 and -1,000."""
    return [Call("softmax", (answers[f"softmax.{kind}"],)) for kind in ("mild", "steep")]


def forward_calls(answers: Answers) -> list[Call]:
    """Ask where K and m differ, and where they are equal; then for one step, and for its rest."""
    made = [forward_call(answers, case) for case in ("main", "square")]
    p, x, y = five(answers, "main"), answers["main.x"], answers["main.h"]
    return [*made, *(Call("forward", (p, x[t : t + 1], y[..., t, :])) for t in (0, 1))]


def forward_call(answers: Answers, case: str, T: int | None = None) -> Call:
    """Ask for the forward pass of a case, perhaps of its first T characters alone."""
    return Call("forward", (five(answers, case), answers[f"{case}.x"][:T], answers[f"{case}.h0"]))


def loss_calls(answers: Answers) -> list[Call]:
    """Ask for the loss of five steps, of one, and of one whose character was improbable."""
    P, y = answers["main.P"], answers["main.y"]
    rare = np.full((1, P.shape[1]), RARE)
    rare[0, 0] += 1 - rare.sum()
    return [Call("loss", (P, y)), Call("loss", (P[:1], y[:1])), Call("loss", (rare, np.array([2])))]


def backward_calls(answers: Answers) -> list[Call]:
    """Ask for gradients from the stored states, then from the student's own, then differences.

    Each follows a forward pass, whatever that leaves behind.
    """
    p, x, y = five(answers, "main"), answers["main.x"], answers["main.y"]
    h, P = answers["main.h"], answers["main.P"]
    made = []
    for T in LENGTHS:
        made.append(forward_call(answers, "main", T))
        made.append(Call("backward", (p, x[:T], y[:T], h[..., : T + 1, :], P[:T])))
    made.append(forward_call(answers, "main"))
    made.append(Call("backward", (p, x, y), follows=1))
    for step in (STEP, -STEP, COMPLEX_STEP * 1j):
        made += [Call("forward", (moved, x, answers["main.h0"])) for moved in perturbed(p, step)]
    return made


def perturbed(p: Parameters, step: complex) -> list[Parameters]:
    """Return the parameters with each entry in turn moved by a step."""
    found = []
    for name, part in p._asdict().items():
        for place in np.ndindex(part.shape):
            whole = Parameters(*(one.astype(type(step)) for one in p))
            getattr(whole, name)[place] += step
            found.append(whole)
    return found


def clip_calls(answers: Answers) -> list[Call]:
    """Ask for a limit that many entries exceed, and for one that none does."""
    return [Call("clip", (five(answers, "steps.d"), limit)) for limit in (2.0, 1000.0)]


def adagrad_calls(answers: Answers) -> list[Call]:
    """Ask for a first update, and for one after others at another rate."""
    p, d = five(answers, "main"), five(answers, "steps.d")
    sums = Parameters(*map(np.zeros_like, p)), five(answers, "steps.s")
    return [Call("adagrad", (p, d, s, eta)) for s, eta in zip(sums, (0.1, 0.03), strict=True)]


def synthesise_calls(answers: Answers) -> list[Call]:
    """Ask for a text twice, then for many first characters, second ones, and third ones.

    Before these, ask `forward` for single steps, as `synthesise` does: for the first, for each
    character that may follow, and for each after that. Then ask it for a sequence.
    """
    p, h, x = five(answers, "soft"), answers["soft.h0"], int(answers["soft.x"][0])
    text = Call("synthesise", (p, h, x, NUMBERS, answers["synthesise.uniform"]))
    K = len(p.c)
    made = [text, text, Call("forward", (p, np.array([x]), h))]
    made += [Call("forward", (p, np.array([k])), follows=k + 1) for k in range(K)]
    for first in range(K):
        back = K - first + first * K
        made += [Call("forward", (p, np.array([k])), follows=back + k) for k in range(K)]
    made.append(Call("forward", (p, answers["soft.x"], h)))
    made += [Call("synthesise", (p, h, x, 1, np.array([u]))) for u in grid()]
    for before in ((0.1,), (0.5,), (0.9,), (0.3, 0.7)):
        n = len(before) + 1
        made += [Call("synthesise", (p, h, x, n, np.array([*before, u]))) for u in grid()]
    return made


def grid() -> Array:
    """Return numbers that are spread evenly in [0, 1)."""
    return (np.arange(GRID) + 0.5) / GRID


CALLS: dict[str, Callable[[Answers], list[Call]]] = {
    "softmax": softmax_calls,
    "forward": forward_calls,
    "loss": loss_calls,
    "backward": backward_calls,
    "clip": clip_calls,
    "adagrad": adagrad_calls,
    "synthesise": synthesise_calls,
}


# Making them.


def run(
    functions: Mapping[str, Callable[..., Any] | None], made: Sequence[Call], limit: float = LIMIT
) -> list[Outcome]:
    """Make the calls in a thread of their own, within some seconds, and return what comes out."""
    outcomes: list[Outcome] = []
    homes = {home(function) for function in functions.values()}

    def work() -> None:
        with contextlib.suppress(TimeUp):
            ask_all(functions, made, outcomes)

    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        where = within(work, limit, homes)
    finished = outcomes[:]
    if where is not None:
        late = Failure(WRONG, f"takes longer than {limit:g} seconds{where}")
        finished += [Outcome(None, (), late)] * (len(made) - len(finished))
    return finished


def ask_all(
    functions: Mapping[str, Callable[..., Any] | None],
    made: Sequence[Call],
    outcomes: list[Outcome],
) -> None:
    """Make the calls, and add what comes out of each."""
    with np.errstate(all="ignore"):
        for call in made:
            outcomes.append(ask(functions, call, outcomes))


def home(function: Any) -> str:
    """Return the file in which a function was written, or the cell of a notebook."""
    return str(getattr(getattr(function, "__code__", None), "co_filename", ""))


def within(work: Callable[[], None], limit: float, homes: Collection[str]) -> str | None:
    """Do some work in a thread; if it is not done in time, stop it and return where it was."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(limit)
    if not thread.is_alive():
        return None
    number = thread.ident or 0
    frame = sys._current_frames().get(number)
    stack = traceback.extract_stack(frame) if frame else []
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(number), ctypes.py_object(TimeUp))
    mine = [entry for entry in stack if entry.filename in homes]
    return f": it is in {place(mine[-1])}" if mine else ""


def ask(
    functions: Mapping[str, Callable[..., Any] | None], call: Call, before: Sequence[Outcome]
) -> Outcome:
    """Make one call, on copies of the arguments."""
    function = functions.get(call.name)
    if function is None:
        return Outcome(None, (), Failure(UNWRITTEN, f"there is no function {call.name}"))
    arguments = copy.deepcopy(call.arguments)
    if call.follows:
        previous = before[-call.follows].value
        if not isinstance(previous, tuple | list):
            return Outcome(None, (), Failure(WAITS, "forward comes first"))
        if call.name == "forward":
            states = numbers(previous[0]) if len(previous) == 2 else None
            if states is None or states.ndim < 2 or not states.size:
                return Outcome(None, (), Failure(WAITS, "forward comes first"))
            previous = (states[..., -1, :],)
        arguments += tuple(copy.deepcopy(previous))
    try:
        value = function(*arguments)
    except TimeUp:
        raise
    except BaseException as error:  # whatever a student's function raises, exit() included
        return Outcome(None, (), failure(call.name, function, error))
    return Outcome(value, arguments, None)


def failure(name: str, function: Callable[..., Any], error: BaseException) -> Failure:
    """Say what was raised, and in which line of the student's."""
    stack = traceback.extract_tb(error.__traceback__, -100)  # of a recursion the end will do
    mine = [entry for entry in stack if entry.filename == home(function)]
    last = mine[-1] if mine else stack[-1]
    if isinstance(error, NotImplementedError):
        if last.name in (name, getattr(function, "__name__", name)):
            return Failure(UNWRITTEN, "")
        return Failure(WAITS, f"it calls {last.name}, which is not written")
    return Failure(WRONG, f"{raised(error)} in {place(last)}" if mine else raised(error))


def raised(error: BaseException) -> str:
    """Return an exception in one line."""
    line = f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(": ")
    if isinstance(error, AttributeError) and "can't set attribute" in line:
        line += " (to change an array in place, write p.U[:] = ... or p.U[:] += ..., not p.U = ...)"
    return line


def place(entry: traceback.FrameSummary) -> str:
    """Return a file, a line and what stands there."""
    code = (entry.line or linecache.getline(entry.filename, entry.lineno or 0)).strip()
    return f"{Path(entry.filename).name}, line {entry.lineno}: {code}".rstrip(": ")


# Reading the outcomes.


def numbers(value: Any) -> Array | None:
    """Return what was returned as an array of numbers; None if it is none."""
    try:
        found = np.asarray(value)
    except (ValueError, TypeError):
        return None
    return found if found.dtype.kind in "biufc" else None


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of what was returned; that of one number if it is no array."""
    found = numbers(value)
    return () if found is None else found.shape


def by_name(value: Any) -> dict[str, Any] | None:
    """Return five values by name, from a tuple with names, a dictionary, or five in order."""
    names = Parameters._fields
    if isinstance(value, Mapping):
        found = {name: value.get(name, value.get(f"d{name}")) for name in names}
    elif all(hasattr(value, name) for name in names):
        found = {name: getattr(value, name) for name in names}
    elif isinstance(value, tuple | list) and len(value) == len(names):
        found = dict(zip(names, value, strict=True))
    else:
        return None
    return None if any(one is None for one in found.values()) else found


def flat(value: Any) -> Array | None:
    """Return five values as one vector; None if they are not five arrays of numbers."""
    parts = [numbers(part) for part in (by_name(value) or {}).values()]
    whole = [np.ravel(part) for part in parts if part is not None]
    return np.concatenate(whole) if len(whole) == len(Parameters._fields) else None


LABELS = {  # of parts that do not have a student's name
    "mild": "the result",
    "steep": "the result for scores of 1,000 and -1,000",
    "L": "the loss of five steps",
    "first": "the loss of one step",
    "rare": f"the loss of a character whose probability is {RARE:.0e}",
    "low": "d clipped to 2",
    "high": "d clipped to 1,000",
    "p1": "p after a first update",
    "s1": "s after a first update",
    "p2": "p after a later update",
    "s2": "s after a later update",
    "text": "the text",
}


def take(read: Read, what: str, value: Any, shape: tuple[int, ...], T: int = 0) -> None:
    """Add an array to what was read if it has the right shape; else say what is wrong with it."""
    found = numbers(value)
    label = LABELS.get(what, what.rpartition(".")[2])
    if value is None:
        read.faults.append(f"{label} is None: is a return or a value missing?")
    elif found is None:
        kind = f"array of {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__
        read.faults.append(f"{label} is no array of numbers, but {kind}")
    elif found.shape != shape:
        read.faults.append(
            f"{label} has the shape {found.shape}, not {shape}{why(found, shape, T)}"
        )
    else:
        read.parts[what] = found


def why(found: Array, shape: tuple[int, ...], T: int) -> str:
    """Return what may be wrong with a shape."""
    if len(shape) > 1 and found.shape == shape[::-1]:
        return ": it is transposed"
    if found.size == np.prod(shape):
        return ": reshape it"
    if T and len(shape) == 1 and found.shape == (T,):
        return ": it is summed over the wrong axis, over the entries and not over time"
    if T and found.shape == (*shape[:-2], T, shape[-1]) and shape[-2:-1] == (T + 1,):
        return ": row 0, the state before the sequence, is missing"
    if T and found.ndim == len(shape) + 1 and T in found.shape:
        return ": it is not summed over time"
    return ""


def worst_row(P: Array) -> int:
    """Return the first row whose sum is about as far from one as any."""
    off = np.abs(P.sum(axis=1) - 1)
    return int(np.argmax(off > off.max() / 2))


def worst_sum(P: Array) -> Any:
    """Return the sum of that row."""
    return P.sum(axis=1)[worst_row(P)]


def sums_to_one(P: Array) -> bool:
    """Return whether each row sums to one."""
    return near(P.sum(axis=1), 1, SINGLE if single(P) else SAME)


def read_softmax(answers: Answers, outcomes: Sequence[Outcome]) -> Read:
    """Read the probabilities, and see whether they sum to one."""
    read = Read({}, [], [])
    for kind, outcome in zip(("mild", "steep"), outcomes, strict=True):
        if not outcome.failure:
            take(read, kind, outcome.value, answers[f"softmax.{kind}"].shape)
    if (mild := read.parts.get("mild")) is not None and not sums_to_one(mild):
        read.faults.append(f"row {worst_row(mild)} sums to {number(worst_sum(mild), 1)}, not to 1")
    elif (steep := read.parts.get("steep")) is not None and not np.isfinite(steep).all():
        read.faults.append("scores of 1,000 and -1,000 give what is not finite")
    return read


def read_forward(answers: Answers, outcomes: Sequence[Outcome]) -> Read:
    """Read states and probabilities of each case."""
    read = Read({}, [], [])
    starts = [
        answers["main.h0"],
        answers["square.h0"],
        *(answers["main.h"][..., t, :] for t in (0, 1)),
    ]
    for case, start, outcome in zip(
        ("main", "square", "one", "rest"), starts, outcomes, strict=True
    ):
        T = len(answers[f"{case}.x"]) if case in ("main", "square") else 1
        K = len(answers["square.c" if case == "square" else "main.c"])
        states = (*start.shape[:-1], T + 1, start.shape[-1])
        if outcome.failure:
            continue
        if not (isinstance(outcome.value, tuple | list) and len(outcome.value) == 2):
            read.faults.append("it must return two arrays, the states and the probabilities")
            continue
        if [*map(shape_of, outcome.value)] == [(T, K), states]:
            read.faults.append("it returns P and h: return the states first, then P")
            return read._replace(where=ORDER)
        read.notes.extend(lists(case, outcome.value))
        take(read, f"{case}.h", outcome.value[0], states, T)
        take(read, f"{case}.P", outcome.value[1], (T, K), T)
        h, P = read.parts.get(f"{case}.h"), read.parts.get(f"{case}.P")
        if h is not None and not near(h[..., 0, :], start, SINGLE if single(h) else SAME):
            read.faults.append("row 0 of the states is not h0")
        if P is not None and not sums_to_one(P):
            read.faults.append(
                f"row {worst_row(P)} of P sums to {number(worst_sum(P), 1)}, not to 1"
            )
    return read


def lists(case: str, value: Sequence[Any]) -> list[str]:
    """Return a remark if what `forward` returns for the first case are lists, not arrays."""
    found = [name for name, part in zip("hP", value, strict=True) if isinstance(part, list | tuple)]
    if case != "main" or not found:
        return []
    kind = "is a list" if len(found) == 1 else "are lists"
    return [
        f"{listed(found)} {kind}: accepted, but the lesson needs arrays, as np.array makes them"
    ]


def read_loss(_: Answers, outcomes: Sequence[Outcome]) -> Read:
    """Read the loss of five steps, of one, and of an improbable character."""
    read = Read({}, [], [])
    for part, outcome in zip(("L", "first", "rare"), outcomes, strict=True):
        if not outcome.failure:
            value = numbers(outcome.value)
            squeezed = value.reshape(()) if value is not None and value.size == 1 else outcome.value
            take(read, part, squeezed, ())
    return read


def read_backward(answers: Answers, outcomes: Sequence[Outcome]) -> Read:
    """Read the gradients at each length, by name; those of the longest have no number."""
    read = Read({}, [], [])
    made = outcomes[1 : 2 * len(LENGTHS) : 2]
    for T, outcome in zip(reversed(LENGTHS), reversed(made), strict=True):
        if outcome.failure:
            continue
        given = by_name(outcome.value)
        if given is None:
            read.faults.append("it must return the gradients U, W, V, b and c, as `Parameters`")
            break
        if order := exchanged(answers, given):
            read.faults.append(
                f"it returns {listed([f'd{name}' for name in order])} in this order:"
                " return them in the order of `Parameters`, dU, dW, dV, db and dc"
            )
            return read._replace(where=ORDER)
        for name, value in given.items():
            key = name if LENGTHS[-1] == T else f"{T}.{name}"
            take(read, key, value, answers[f"main.{name}"].shape, T)
        if read.faults:
            if type(outcome.value) in (tuple, list):
                read.faults.append("without names, the five are U, W, V, b and c in this order")
            break
    return read


def exchanged(answers: Answers, given: Mapping[str, Any]) -> list[str]:
    """Return the names of gradients that come in another order than theirs, if they do.

    Their shapes tell them apart. Since those of U and V are the same but transposed, one that is
    not where it belongs must be right.
    """
    names = Parameters._fields
    arrays = [numbers(part) for part in given.values()]
    own = {answers[f"main.{name}"].shape: name for name in names}
    order = [own.get(shape_of(part), "") for part in arrays]
    if order == [*names] or {*order} != {*names}:
        return []
    moved = [
        near(part, answers[f"backward.right.{name}"])
        for name, place, part in zip(order, names, arrays, strict=True)
        if name != place
    ]
    return order if any(moved) else []


def read_clip(answers: Answers, outcomes: Sequence[Outcome]) -> Read:
    """Read the gradients, changed in place or returned."""
    read = Read({}, [], [])
    before = np.concatenate([part.ravel() for part in five(answers, "steps.d")])
    for part, outcome in zip(("low", "high"), outcomes, strict=True):
        if outcome.failure:
            continue
        after, given = flat(outcome.arguments[0]), flat(outcome.value)
        if given is not None and (after is None or near(after, before)):
            if part == "low":
                read.notes.append("d stays as it is, and the result is returned: accepted")
            after = given
        take(read, part, after, before.shape)
    return read


def read_adagrad(answers: Answers, outcomes: Sequence[Outcome]) -> Read:
    """Read the parameters and sums, changed in place or returned."""
    read = Read({}, [], [])
    before = np.concatenate([part.ravel() for part in five(answers, "main")])
    for step, outcome in enumerate(outcomes, 1):
        if outcome.failure:
            continue
        p, s = flat(outcome.arguments[0]), flat(outcome.arguments[2])
        if p is not None and outcome.value is not None and near(p, before):
            given = outcome.value if by_name(outcome.value) is None else (outcome.value, None)
            if isinstance(given, tuple | list) and len(given) == 2 and flat(given[0]) is not None:
                p = flat(given[0])
                s = s if given[1] is None else flat(given[1])
                if step == 1:
                    read.notes.append("p is returned, not changed in place: accepted")
        take(read, f"p{step}", p, before.shape)
        take(read, f"s{step}", s, before.shape)
    return read


def read_synthesise(answers: Answers, outcomes: Sequence[Outcome]) -> Read:
    """Read the text, and compare the frequencies of characters with their probabilities."""
    read = Read({}, [], [])
    K = len(answers["soft.c"])
    text, again, *rest = outcomes
    if not text.failure:
        take(read, "text", text.value, (NUMBERS,))
    if "text" in read.parts:
        drawn = read.parts["text"]
        if not proper(drawn, NUMBERS, K):
            read.faults.append(f"the characters must be whole numbers from 0 to {K - 1}")
        elif not again.failure and not near(numbers(again.value), drawn):
            read.faults.append("the same numbers give another text: draw with those of `uniform`")
    if read.faults:
        return read
    ahead = 1 + K + K * K  # single steps of forward, before a sequence
    steps, whole, drawn_from = rest[:ahead], rest[ahead].value, rest[ahead + 1 :]
    passed = [one.value for one in steps if isinstance(one.value, tuple | list)]
    after = [numbers(value[1]) for value in passed if len(value) == 2]
    expected = [P for P in after if P is not None and P.shape == (1, K)]
    if len(expected) < ahead:
        return read._replace(waits="forward does not return two arrays of the right shapes")
    P = np.real(np.array(expected)[:, 0])
    read.faults.extend(misfits(P, drawn_from))
    shows = not read.faults and tells(P, int(answers["soft.x"][0]))
    if not (shows or right_forward(whole, answers)):
        return read._replace(waits="forward is wrong")
    return read


def tells(P: Array, x: int) -> bool:
    """Return whether a `forward` that may be wrong still shows what `synthesise` does with it.

    Its probabilities P must depend on the state and on the character, and leave a choice: else
    a text that is drawn without them, or by the likeliest character, has them, too.
    """
    K = P.shape[1]
    first, second, third = P[0], P[1 : K + 1], P[K + 1 :].reshape(K, K, K)
    by_state = np.abs(first - second[x]).max() > 0.01
    by_character = max(np.ptp(second, axis=0).max(), np.ptp(third, axis=1).max()) > 0.01
    return bool(by_state and by_character and first.max() < 0.99)


def right_forward(value: Any, answers: Answers) -> bool:
    """Return whether `forward` gives the right states and probabilities for a sequence."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        return False
    return all(
        near(numbers(found), answers[f"soft.{part}"])
        for part, found in zip("hP", value, strict=True)
    )


def misfits(P: Array, outcomes: Sequence[Outcome]) -> list[str]:
    """Compare characters with the probabilities P (1 + K + K K, K) of the student's own forward.

    P[0] is what it gives for the first step, P[1 + k] for character k after it, and so on.
    """
    texts = [numbers(outcome.value) for outcome in outcomes]
    lengths = [1] * GRID + [2] * (len(texts) - 2 * GRID) + [3] * GRID
    whole = [
        text
        for text, n in zip(texts, lengths, strict=True)
        if text is not None and proper(text, n, P.shape[1])
    ]
    if len(whole) < len(outcomes):
        return ["a text of n characters is not n indices"]
    if not fits(np.concatenate(whole[:GRID]), P[0]):
        return ["the first characters do not have the probabilities that forward gives"]
    for start in range(GRID, len(whole), GRID):
        *before, last = np.transpose(whole[start : start + GRID])
        nth, earlier = (("second", "first"), ("third", "first two"))[len(before) > 1]
        if any(len({*row}) > 1 for row in before):
            return [f"what comes before depends on the {nth} number"]
        place = 0
        for row in before:
            place = P.shape[1] * place + 1 + row[0]
        if not fits(last, P[place]):
            return [f"the {nth} characters do not have the probabilities after the {earlier}"]
    return []


def proper(text: Array, n: int, K: int) -> bool:
    """Return whether a text is n indices below K."""
    if text.shape != (n,) or text.dtype.kind not in "iu":
        return False
    return bool(((text >= 0) & (text < K)).all())


def fits(drawn: Array, P: Array) -> bool:
    """Test the frequencies of characters (chi squared): evenly spread numbers fit closely."""
    expected = np.maximum(len(drawn) * np.real(P), 1e-9)
    seen = np.bincount(drawn, minlength=len(P))
    excess = np.maximum(np.abs(seen - expected) - 2, 0)  # for the ends of the intervals
    return bool((excess**2 / expected).sum() < 1)


READS: dict[str, Callable[[Answers, Sequence[Outcome]], Read]] = {
    "softmax": read_softmax,
    "forward": read_forward,
    "loss": read_loss,
    "backward": read_backward,
    "clip": read_clip,
    "adagrad": read_adagrad,
    "synthesise": read_synthesise,
}
# The parts that tell slips apart, the same for all that were stored.
SIGNATURE = {
    "softmax": ("mild", "steep"),
    "forward": ("square.h", "square.P"),
    "loss": ("L", "first", "rare"),
    "backward": Parameters._fields,
    "clip": ("low", "high"),
    "adagrad": ("p1", "s1", "p2", "s2"),
    "synthesise": ("text",),
}


ORDER = "at the order in which the results are returned"
KEPT = {  # arguments that a function need not change
    "softmax": {0: "o"},
    "forward": {0: "p", 2: "h0"},
    "loss": {0: "P"},
    "backward": {0: "p", 3: "h", 4: "P"},
    "synthesise": {0: "p", 1: "h"},
}


def changes(name: str, asked: Sequence[Call], outcomes: Sequence[Outcome]) -> list[str]:
    """Return a remark if a function changes an argument that others may still use."""
    found = dict.fromkeys(
        argument
        for call, one in zip(asked, outcomes, strict=True)
        if call.name == name and not one.failure and not call.follows
        for place, argument in KEPT.get(name, {}).items()
        if not same(call.arguments[place], one.arguments[place])
    )
    return [f"it changes its argument {listed([*found])}: beware"] if found else []


def same(before: Any, after: Any) -> bool:
    """Return whether an argument is as it was."""
    if isinstance(before, Parameters):
        return all(map(same, before, after))
    return bool(np.array_equal(before, after, equal_nan=True))


def near(a: Any, b: Any, tolerance: float = SAME) -> bool:
    """Return whether two arrays agree; what is not finite must be the same in both."""
    if a is None:
        return False
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape and b.ndim:
        return False
    return bool(rows_near(np.ravel(a), np.ravel(b)[None], tolerance).all())


def rows_near(a: Array, rows: Array, tolerance: float) -> Array:
    """Return for each of some rows whether an array agrees with it, as `near` does."""
    sizes = np.abs(np.where(np.isfinite(rows), rows, 0)).max(axis=1, initial=0)
    atol = tolerance * sizes[:, None] + 1e-13
    close = np.isclose(a, rows, rtol=0, atol=atol, equal_nan=True)
    return np.asarray(close.all(axis=1))


def number(value: Any, other: Any, digits: int = 3) -> str:
    """Return a number in a few digits, but so many that another one looks different."""
    value, other = np.real(value), np.real(other)
    for most in range(digits, 18):
        if f"{value:.{most}g}" != f"{other:.{most}g}":
            break
    return f"{value:.{most}g}"


# Judging them.


def judge(name: str, answers: Answers, outcomes: Sequence[Outcome]) -> Finding:
    """Say what the outcomes of a function's calls show."""
    asked = calls(name, answers)
    own = [
        one
        for call, one in zip(asked, outcomes, strict=True)
        if call.name == name and not call.follows
    ]
    failed = next((one.failure for one in own if one.failure), None)
    equation = str(answers[f"{name}.equation"])
    if failed and failed.status != WRONG:
        return Finding(
            name, failed.status, (failed.what,) if failed.what else (), equation=equation
        )
    if name not in ("clip", "adagrad") and own[0].value is None and not failed:
        return Finding(name, WRONG, ("it returns nothing",), equation=equation)
    read = READS[name](answers, outcomes)
    if read.waits and not failed:
        return Finding(name, WAITS, (read.waits,), equation=equation)
    read.notes.extend(changes(name, asked, outcomes))
    right = rights(answers, name)
    wrong = [part for part in right if not agrees(read.parts.get(part), right[part])]
    if wrong and (word := accepted(name, answers, read.parts, right, wrong)):
        wrong = []
        read.notes.append(word)
    if name == "synthesise" and not read.faults and "text" in read.parts:
        wrong = []  # any way to draw is right if the characters have their probabilities
    compared = ""
    if name == "backward" and not read.where:
        compared = compare(answers, asked, outcomes)
    if not (wrong or failed or read.faults):
        if compared.startswith("relative"):  # a gradient of single precision, or another forward
            spoilt = not right_ahead(answers, outcomes)
            compared = f"{compared}, since forward is wrong" if spoilt else ""
        if name == "backward" and differences(read.parts, right):
            read.notes.append(BY_DIFFERENCES)
        return Finding(name, RIGHT, compared=compared, notes=tuple(read.notes))
    if failed:
        seen = [failed.what]
    else:
        seen = read.faults or DESCRIBE.get(name, described)(answers, read.parts, right, wrong)
    if name == "synthesise":
        passes = [one for call, one in zip(asked, outcomes, strict=True) if call.name == "forward"]
        if not right_forward(passes[-1].value, answers):
            read.parts.clear()  # the texts of known slips are those of a right forward
    slips = named(name, answers, read.parts, wrong)
    if not (slips or failed) and (imprecise := precision(read.parts, right, wrong)):
        return Finding(name, RIGHT, compared=compared, notes=(*read.notes, imprecise))
    whole = not failed and all(part in read.parts for part in SIGNATURE[name])
    return Finding(
        name,
        WRONG,
        tuple(once(seen)),
        compared="" if failed else compared,
        slips=slips,
        likely=() if slips else likely(name, answers, read.parts, right),
        where=read.where or where_to_look(name, wrong, read.parts),
        equation=equation,
        notes=tuple(read.notes),
        by_hand=BY_HAND[name] if whole else "",
    )


def once(sentences: Sequence[str]) -> list[str]:
    """Return the first of all sentences that differ in their numbers alone."""
    kept: dict[str, str] = {}
    for sentence in sentences:
        kept.setdefault(re.sub(r"[-+]?\d[\d.]*(e[-+]\d+)?", "0", sentence), sentence)
    return [*kept.values()]


def accepted(
    name: str,
    answers: Answers,
    parts: Mapping[str, Array],
    right: Mapping[str, Array],
    wrong: Sequence[str],
) -> str:
    """Return a word on numbers that are not those of the equation, but accepted; else nothing."""
    for number, word in enumerate(answers.get(f"{name}.word", ())):
        also = rights(answers, name, f"also{number}")
        if all(agrees(parts.get(part), also[part]) for part in also):
            return str(word)
    low = any(single(parts[part]) for part in wrong if part in parts)
    if low and all(near(parts.get(part), right[part], SINGLE) for part in right):
        return "these are numbers of single precision: accepted; a report of them needs float64"
    return ""


def single(found: Array) -> bool:
    """Return whether numbers are of single precision.

    Such numbers are accepted: whoever computes in float32 has made no mistake.

    Judged by the numbers, not by their type: whoever grades receives all of them as float64.
    """
    with np.errstate(all="ignore"):
        return found.dtype.kind == "f" and np.array_equal(found, np.float32(found), equal_nan=True)


def differences(parts: Mapping[str, Array], right: Mapping[str, Array]) -> bool:
    """Return whether right gradients have an error that the equations don't have."""
    pairs = [(np.ravel(parts[part]), np.ravel(right[part])) for part in right]
    worst = max(relative(one, other) for one, other in pairs)
    return worst > ROUNDING and not any(single(parts[part]) for part in right)


def precision(parts: Mapping[str, Array], right: Mapping[str, Array], wrong: Sequence[str]) -> str:
    """Say that the numbers are right but for rounding, if they are; else return nothing."""
    if not wrong or any(part not in parts for part in right):
        return ""
    if all(near(parts[part], right[part], NEARLY) for part in right):
        error = max(relative(np.ravel(parts[part]), np.ravel(right[part])) for part in wrong)
        return f"a relative error of {error:.0e}, as rounding or a small term makes it: accepted"
    return ""


def rights(answers: Answers, name: str, kind: str = "right") -> dict[str, Array]:
    """Return the right answers of a function by part, or those that are accepted, too."""
    prefix = f"{name}.{kind}."
    return {key.removeprefix(prefix): answers[key] for key in answers if key.startswith(prefix)}


def agrees(found: Array | None, right: Array) -> bool:
    """Return whether a part is there and right."""
    return found is not None and near(found, right)


def described(
    answers: Answers, parts: Mapping[str, Array], right: Mapping[str, Array], wrong: Sequence[str]
) -> list[str]:
    """Say which numbers are wrong, with the first of them."""
    for part in wrong:
        if part in parts:
            found, wanted = np.ravel(parts[part]), np.ravel(right[part])
            off = ~np.isclose(found, wanted, rtol=SAME, atol=1e-13)
            first = int(np.argmax(off))
            place = entry(answers, part, first, right[part].shape)
            one, other = found[first], wanted[first]
            said = f"{place} is {number(one, other, 6)}, but {number(other, one, 6)} is right"
            return [*some_of_five(answers, part, off), said]
    return []


FIVE = ("low", "high", "p1", "s1", "p2", "s2")  # parts that are five arrays in a row


def some_of_five(answers: Answers, part: str, off: Array) -> list[str]:
    """Say which of the five arrays of a part are wrong, if some are right."""
    if part not in FIVE:
        return []
    sizes = [array.size for array in five(answers, "main")]
    spoilt = [one.any() for one in np.split(off, np.cumsum(sizes)[:-1])]
    bad = [name for name, wrong in zip(Parameters._fields, spoilt, strict=True) if wrong]
    fine = [name for name in Parameters._fields if name not in bad]
    if not fine:
        return []
    verbs = ["is" if len(names) == 1 else "are" for names in (bad, fine)]
    return [
        f"{listed(bad)} of {LABELS[part]} {verbs[0]} wrong, {listed(fine)} {verbs[1]} right",
    ]


def entry(answers: Answers, part: str, first: int, shape: tuple[int, ...]) -> str:
    """Return the name of an entry of a part, as U[0, 1] of what was asked."""
    if not shape:
        return LABELS[part]
    name = ""
    if part in FIVE:
        for one, array in five(answers, "main")._asdict().items():
            name, shape = one, array.shape
            if first < array.size:
                break
            first -= array.size
    place = ", ".join(str(i) for i in np.unravel_index(first, shape))
    return f"{name or 'entry '}[{place}] of {LABELS[part]}"


def described_forward(
    _: Answers, parts: Mapping[str, Array], right: Mapping[str, Array], wrong: Sequence[str]
) -> list[str]:
    """Say from which step on the states and the probabilities are wrong."""
    found = []
    for what in ("h", "P"):
        key = next((part for part in wrong if part.endswith(f".{what}") and part in parts), None)
        if key:
            off = ~np.isclose(parts[key], right[key], rtol=0, atol=1e-9)
            rows = off.reshape(-1, *off.shape[-2:]).any(axis=(0, 2))
            step = int(np.argmax(rows)) + (what == "P")
            found.append(f"{what} is wrong from step {step} on")
    if found and not any(part.endswith(".h") for part in wrong):
        found.append("the states h are right")
    return found


def described_backward(
    answers: Answers, parts: Mapping[str, Array], __: Mapping[str, Array], wrong: Sequence[str]
) -> list[str]:
    """Say which parameters are wrong, and from which length on."""
    firsts: dict[int, list[str]] = {}
    for name in Parameters._fields:
        keys = [name if LENGTHS[-1] == T else f"{T}.{name}" for T in LENGTHS]
        spoilt = [T for T, key in zip(LENGTHS, keys, strict=True) if key in wrong]
        if spoilt:
            firsts.setdefault(spoilt[0], []).append(name)
    found = []
    for T, names in sorted(firsts.items()):
        zero = [name for name in names if name in parts and not np.any(parts[name])]
        verb = "is" if len(names) == 1 else "are"
        line = f"{listed(names)} {verb} wrong from T = {T} on"
        if T == 2:
            several = {"U", "W", "b"} <= {*names, *firsts.get(1, [])} and {"U", "b"} <= {*names}
            line += ", right at T = 1"
            if not several:
                line += ": it is the sum over time"
            elif not {"V", "c"} & {*wrong}:  # to which nothing flows back
                line += ": it is what flows back"
        if names == ["U"] and first_repeat(answers["main.x"]) == T:
            line += ", where a character comes a second time"
        if zero:
            line += f" ({listed(zero)}: all zeros)"
        found.append(line)
    bad = {name for names in firsts.values() for name in names}
    fine = [name for name in Parameters._fields if name not in bad]
    return [
        *found,
        *([f"{listed(fine)} {'is' if len(fine) == 1 else 'are'} right"] if fine else []),
    ]


def first_repeat(x: Array) -> int:
    """Return the first of the lengths at which a character occurs twice."""
    return next((T for T in LENGTHS if len({*x[:T].tolist()}) < T), 0)


DESCRIBE = {"forward": described_forward, "backward": described_backward}


def listed(names: Sequence[str]) -> str:
    """Join names as in a sentence."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def surprise(passed: Any, y: Array) -> Any:
    """Return the loss of what `forward` returned, whatever the student's own `loss` says."""
    P = numbers(passed[1]) if isinstance(passed, tuple | list) and len(passed) == 2 else None
    if P is None or P.ndim != 2 or len(P) != len(y) or P.shape[1] <= y.max():
        return np.nan
    return -np.log(np.prod(np.take_along_axis(P, y[:, None], axis=1)))


def compare(answers: Answers, asked: Sequence[Call], outcomes: Sequence[Outcome]) -> str:
    """Compare the gradient with differences of the student's own forward pass."""
    sizes = [part.size for part in five(answers, "main")]
    entries = sum(sizes)
    ahead, own = outcomes[2 * len(LENGTHS)].value, outcomes[-3 * entries - 1]
    values = [ahead, *(one.value for one in outcomes[-3 * entries :])]
    with np.errstate(all="ignore"):
        first, *losses = [surprise(value, answers["main.y"]) for value in values]
        up, down, turned = np.array(losses, complex).reshape(3, entries)
        mine, central = flat(own.value), ((up - down) / (2 * STEP)).real
    if mine is None or not np.isfinite([first, *central]).all() or mine.shape != central.shape:
        both = zip(asked, outcomes, strict=True)
        failed = [one.failure for call, one in both if call.name == "forward" and one.failure]
        return "not compared with differences of forward" + reason(failed[:1])
    if single(np.asarray(outcomes[2 * len(LENGTHS)].value[1])):
        return "not compared with differences of forward, which computes in single precision"
    error, exact = relative(mine, central), turned.imag / COMPLEX_STEP
    if error < CLOSE:
        line = f"central differences of your forward agree to {error:.0e}"
        if np.isfinite(exact).all() and relative(exact, central) < CLOSE:
            line += f", the complex step to {relative(mine, exact):.0e}"
        return line if right_ahead(answers, outcomes) else f"{line}, but forward is wrong"
    places = np.split(np.arange(entries), np.cumsum(sizes)[:-1])
    errors = {
        name: relative(mine[at], central[at])
        for name, at in zip(Parameters._fields, places, strict=True)
    }
    bad = ", ".join(f"{name} {value:.1g}" for name, value in errors.items() if not value < CLOSE)
    return f"relative errors to central differences of your forward: {bad}"


def right_ahead(answers: Answers, outcomes: Sequence[Outcome]) -> bool:
    """Return whether the forward pass whose gradient is compared gives the right answers."""
    ahead = outcomes[2 * len(LENGTHS)].value
    return all(
        near(numbers(ahead[i]), answers[f"main.{part}"], NEARLY) for i, part in enumerate("hP")
    )


def reason(failed: Sequence[Failure]) -> str:
    """Return why forward can't be used, if it fails."""
    unwritten = [one.status in (UNWRITTEN, WAITS) for one in failed]
    return "".join(f", which {'is not written' if one else 'fails'}" for one in unwritten)


def relative(a: Array, n: Array) -> float:
    """Return ||a - n|| / (||a|| + ||n||)."""
    size = np.linalg.norm(a) + np.linalg.norm(n)
    return float(np.linalg.norm(a - n) / size) if size else 0.0


# Naming slips.


def rows_like(answers: Answers, name: str, part: str, found: Array | None) -> set[int]:
    """Return which of the stored wrong answers a part is, to ten digits."""
    stored = answers[f"{name}.wrong.{part}"]
    if found is None or found.size != stored.shape[1]:
        return set()
    return {*np.flatnonzero(rows_near(np.ravel(found), stored, KNOWN)).tolist()}


def named(
    name: str, answers: Answers, parts: Mapping[str, Array], wrong: Sequence[str]
) -> tuple[str, ...]:
    """Return which slips, one or two at once, give all of the numbers.

    Where none do: which give the numbers of one parameter.
    """
    what, combos, rows = (answers[f"{name}.{key}"] for key in ("what", "combos", "rows"))
    like = [rows_like(answers, name, part, parts.get(part)) for part in SIGNATURE[name]]
    whole = [i for i in range(len(combos)) if all(rows[i, j] in like[j] for j in range(len(like)))]
    for several in (False, True):
        fitting = [i for i in whole if (combos[i, 1] >= 0) == several and combos[i, 0] >= 0]
        if fitting:
            subject = [part for part in SIGNATURE[name] if part in wrong]
            verb = "is" if name == "backward" and len(subject) == 1 else "are"
            subjects = listed(subject) if name == "backward" else "These numbers"
            both = [[what[k] for k in combos[i] if k >= 0] for i in fitting[:3]]
            if several:
                pairs = "; or ".join(f"(1) {one}, (2) {other}" for one, other in both)
                return (f"{subjects} {verb} what two slips at once give: {pairs}.",)
            alone = ", or if ".join(one for (one,) in both)
            return (f"{subjects} {verb} what you get if {alone}.",)
    return tuple(partly(what, combos, rows, like)) if name == "backward" else ()


def partly(what: Array, combos: Array, rows: Array, like: Sequence[set[int]]) -> list[str]:
    """Name the slips that give single gradients, where the whole is not known."""
    found: dict[str, list[str]] = {}
    right = rows[-1]  # the last row stands for the right answers
    for j, part in enumerate(Parameters._fields):
        if not like[j] or right[j] in like[j]:
            continue
        single = [
            str(what[one[0]])
            for one, row in zip(combos, rows, strict=True)
            if one[1] < 0 <= one[0] and row[j] in like[j]
        ]
        if single:
            found.setdefault(", or if ".join(single[:3]), []).append(part)
    return [
        f"{listed(names)} {'is' if len(names) == 1 else 'are'} what you get if {slip}."
        for slip, names in found.items()
    ]


def likely(
    name: str, answers: Answers, parts: Mapping[str, Array], right: Mapping[str, Array]
) -> tuple[str, ...]:
    """Return the slips whose error points most nearly in the same direction as this one."""
    what, combos, rows = (answers[f"{name}.{key}"] for key in ("what", "combos", "rows"))
    kept = SIGNATURE[name]
    if not all(part in parts for part in kept):
        return ()
    goal = joined([right[part] for part in kept])
    error = joined([parts[part] for part in kept]) - goal
    scores = np.zeros(len(combos))
    for i, row in enumerate(rows):
        theirs = joined([answers[f"{name}.wrong.{kept[j]}"][row[j]] for j in range(len(kept))])
        size = np.linalg.norm(error) * np.linalg.norm(theirs - goal)
        if combos[i, 1] < 0 <= combos[i, 0] and np.isfinite(size) and size:
            scores[i] = error @ (theirs - goal) / size
    best = [i for i in np.argsort(-scores, kind="stable")[:3] if scores[i] > 0.7]
    return tuple(str(what[combos[i, 0]]) for i in best)


def joined(parts: Sequence[Array]) -> Array:
    """Return arrays as one vector."""
    return np.concatenate([np.ravel(part) for part in parts]).real


WHERE = {
    "softmax": "at the axis of the sum, and at what happens to large scores",
    "forward": "at the line that makes the new state, and at which state it starts from",
    "loss": "at which entries of P are taken, and at how they become one number",
    "clip": "at both ends of the interval",
    "adagrad": "at what is kept in s, at its order, and at what the step is divided by",
    "synthesise": "at what one round hands to the next: the state, and the character drawn",
}

BY_DIFFERENCES = (
    "its errors are those of differences of the loss: accepted; the equations give 1e-15, and are"
    " fast enough to train with"
)
BY_HAND = {  # what to do if no known slip is near
    "softmax": "compute one row of two scores by hand",
    "forward": "compute the case T = 1 by hand",
    "loss": "compute the loss of one step by hand",
    "backward": "compute the case T = 1 by hand",
    "clip": "try a number below -limit, one between and one above limit",
    "adagrad": "compute two updates of one entry by hand, s first",
    "synthesise": "draw two characters by hand, with probabilities and numbers that you choose",
}


def where_to_look(name: str, wrong: Sequence[str], parts: Mapping[str, Array]) -> str:
    """Return where to look, which depends on what is wrong."""
    if name == "forward" and wrong and not any(part.endswith(".h") for part in wrong):
        return "at the line that makes the probabilities from the states"
    if name != "backward":
        return WHERE[name]
    bad = {part for part in wrong if "." not in part}
    early = {part[2:] for part in wrong if part.startswith("1.")}
    if any(part not in parts for part in bad):
        return "at the shapes"
    if {"V", "c"} <= bad and {"U", "W", "b"} & bad:
        return (
            "at g, the first thing that is computed, or at what happens to all gradients at the end"
        )
    if bad and bad <= {"V", "c"}:
        return f"at the line that makes {listed(sorted(bad))}, and at its sum over time"
    if {"U", "W", "b"} <= bad:
        back = "at what flows from step t + 1 back to step t"
        if {"U", "W", "b"} <= early:
            return "at the line that makes da from dh, and at which steps the loop takes"
        return f"at the line that makes {listed(sorted(early))}, and {back}" if early else back
    return f"at the line that makes {listed(sorted(bad))}, and at its sum over time"


# Saying it.


def lines(finding: Finding, hint: int | None = None) -> list[str]:
    """Return the lines about a function: without `hint` the slip is named, else in three steps."""
    indent = " " * 12
    first = f"{finding.name:<11} {finding.status}"
    if finding.status != WRONG:
        said = "; ".join(filter(None, [*finding.seen, *finding.notes, finding.compared]))
        return [f"{first}: {said}" if said else first]
    found = [f"{first}: {'; '.join([*finding.seen, *finding.notes])}"]
    if finding.compared:
        found.append(f"{indent}({finding.compared})")
    if hint is None or hint >= 3:
        found += [f"{indent}{slip}" for slip in finding.slips]
    return found + (hints(finding, hint, indent) if hint else [])


def hints(finding: Finding, hint: int, indent: str) -> list[str]:
    """Return the hints up to a step."""
    found = [f"{indent}Hint 1: look {finding.where}."] if finding.where else []
    if hint >= 2:
        found.append(f"{indent}Hint 2: the equation is")
        found += [f"{indent}    {line}" for line in finding.equation.splitlines()]
    if hint >= 3 and not finding.slips:
        known = [f"{indent}    {slip}" for slip in finding.likely]
        if known:
            found += [f"{indent}Hint 3: the numbers are near to those that you get if", *known]
        elif finding.by_hand:
            found.append(f"{indent}Hint 3: no known slip is near; {finding.by_hand}")
    return found


def load_answers(folder: Path = FOLDER) -> dict[str, Array]:
    """Return the right and wrong answers by name."""
    with np.load(folder / "answers.npz", allow_pickle=False) as file:
        return dict(file)


def usual_hint(answers: Answers) -> int | None:
    """Return the hint if none is asked for: 0 where a slip is to be found, None elsewhere."""
    return int(answers["hint"]) if "hint" in answers else None


def find(
    function: Callable[..., Any] | None,
    name: str,
    functions: Mapping[str, Any],
    answers: Answers,
    limit: float = LIMIT,
) -> Finding:
    """Check one function, which may use the others."""
    known = {other: functions.get(other) for other in FUNCTIONS}
    outcomes = run({**known, name: function}, calls(name, answers), limit)
    try:
        return judge(name, answers, outcomes)
    except Exception as error:  # a function may return anything
        return Finding(name, WRONG, (f"what it returned can't be read: {raised(error)}",))


def check(function: Callable[..., Any], hint: int | None = None) -> None:
    """Check one function and print what was found: check(student.backward).

    Parameters
    ----------
    function
        The function, by the name that it has in student.py.
    hint
        1, 2 or 3 gives hints and does not name the slip before 3; 0 gives none.
    """
    name = getattr(function, "__name__", "")
    if name not in FUNCTIONS:
        print(
            f"there is nothing to check in {name or function!r}: choose from {', '.join(FUNCTIONS)}"
        )
        return
    answers = load_answers()
    finding = find(function, name, getattr(function, "__globals__", {}), answers)
    print("\n".join(lines(finding, usual_hint(answers) if hint is None else hint)))


def load(path: Path) -> tuple[dict[str, Any], str]:
    """Run a student's file; return what it defines, and in a line what went wrong."""
    found: dict[str, Any] = {}
    fault: list[str] = []
    sys.path.insert(0, str(path.parent))

    def work() -> None:
        try:
            spec = importlib.util.spec_from_file_location("student", path)
            module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
            sys.modules["student"] = module
            spec.loader.exec_module(module)  # type: ignore[union-attr]
            found.update(vars(module))
        except SyntaxError as error:
            text = f": {error.text.strip()}" if error.text else ""
            line = f", line {error.lineno}" if error.lineno else ""
            fault.append(f"{Path(error.filename or path).name}{line}{text}: {error.msg}")
        except TimeUp:
            pass
        except BaseException as error:  # such as exit()
            mine = [e for e in traceback.extract_tb(error.__traceback__) if e.filename == str(path)]
            fault.append(f"{raised(error)} in {place(mine[-1])}" if mine else raised(error))

    with contextlib.redirect_stdout(io.StringIO()):
        where = within(work, LIMIT, {str(path)})
    if where is not None:
        fault.append(f"student.py takes longer than {LIMIT:g} seconds to load{where}")
    return found, fault[0] if fault else ""


def main(argv: Sequence[str] | None = None) -> int:
    """Check student.py, and return 0 if all is right, 1 if not, 2 if it can't be checked."""
    parser = argparse.ArgumentParser(description="Check what stands in student.py.")
    parser.add_argument("names", nargs="*", metavar="function", help=", ".join(FUNCTIONS))
    parser.add_argument(
        "--hint", nargs="?", type=int, const=1, choices=(0, 1, 2, 3),
        help="do not name the slip: 1 says where to look, 2 the equation, 3 the slip, too; 0 says"
        " what is wrong, and no more",
    )  # fmt: skip
    words = [*(sys.argv[1:] if argv is None else argv)]
    if "--hint" in words and [*words, ""][words.index("--hint") + 1] in FUNCTIONS:
        words[words.index("--hint")] = "--hint=1"  # what follows is a function, not the step
    given = parser.parse_args(words)
    if unknown := [name for name in given.names if name not in FUNCTIONS]:
        parser.error(f"there is no function {unknown[0]}: choose from {', '.join(FUNCTIONS)}")
    try:
        answers = load_answers()
    except (OSError, ValueError):
        print("check.py: there is no whole answers.npz beside it", file=sys.stderr)
        return 2
    sys.dont_write_bytecode = True  # an edit within a second must not go unseen
    student = FOLDER / "student.py"
    if not student.is_file():
        print("check.py: there is no student.py beside it", file=sys.stderr)
        return 2
    functions, fault = load(student)
    if fault:
        print(f"student.py can't be loaded: {fault}")
        return 1
    findings = [
        find(functions.get(name), name, functions, answers) for name in given.names or FUNCTIONS
    ]
    hint = usual_hint(answers) if given.hint is None else given.hint
    for finding in findings:
        print("\n".join(lines(finding, hint)))
    print(f"\n{UNTESTED}")
    return 0 if all(finding.status == RIGHT for finding in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
