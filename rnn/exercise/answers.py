"""`answers.npz`: right answers, and those that slips give, as numbers.

The wrong answers are those of the solution with one slip planted, or two at once. They are kept by
part, such as the gradient of one parameter, since many slips spoil the same part in the same way.
"""

import warnings
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.analysis.plain import Slip
from rnn.cells import Parameters, shapes
from rnn.exercise.folder import check
from rnn.exercise.folder.check import FUNCTIONS, LENGTHS, SIGNATURE, Call, Failure, Outcome
from rnn.exercise.slips import ACCEPTED, known
from rnn.exercise.student import equation, solution
from rnn.network import find_cell

Array = NDArray[Any]

SIZES = {"main": (6, 4), "square": (5, 5), "soft": (6, 4)}  # K and m of each case
# The standard deviation of V: where it is large, some gradients are beyond 5, and clipping shows;
# where it is small, no character is almost certain.
STEEP = {"main": 6.0, "square": 2.5, "soft": 1.5}
# Calls beyond these do not tell slips apart.
NEEDED = {"backward": 2 * len(LENGTHS), "synthesise": 2}
NOT_ASKED = Outcome(None, (), Failure(check.WAITS, ""))


def inputs(cell: str, seed: int = 0) -> dict[str, Array]:
    """Return what the functions are asked about, by name."""
    random = np.random.default_rng(seed)
    made: dict[str, Array] = {"cell": np.array(cell)}
    state = (2,) if find_cell(cell).STATES == 2 else ()
    for case, (K, m) in SIZES.items():
        for name, shape in shapes(find_cell(cell), K, m).items():
            made[f"{case}.{name}"] = random.normal(0, STEEP[case] if name == "V" else 0.8, shape)
        made[f"{case}.h0"] = random.uniform(-0.8, 0.8, (*state, m))
        made[f"{case}.x"] = random.permutation(np.array([0, 1, 1, 2, K - 1]))
        made[f"{case}.y"] = random.permutation(np.array([0, 0, 1, K - 1, 3]))
    for name, shape in shapes(find_cell(cell), *SIZES["main"]).items():
        d, s = random.normal(0, 3, shape), random.exponential(3, shape)
        d.flat[::3] *= 1e-5  # so small that epsilon matters
        d.flat[1] = 0
        s.flat[:3] = 0
        made[f"steps.d.{name}"], made[f"steps.s.{name}"] = d, s
    mild = random.normal(0, 2, (4, 6))
    made["softmax.mild"] = mild
    made["softmax.steep"] = mild + np.array([[0], [1000], [-1000], [0]])
    made["softmax.steep"][3, 0] += 2000
    made["synthesise.uniform"] = random.random(check.NUMBERS)
    made["synthesise.uniform"][0] = 0.97  # does not choose the likeliest character
    return made


def answers(cell: str, seed: int = 0) -> dict[str, Array]:
    """Return all that `check.py` needs, by name.

    Parameters
    ----------
    cell
        A name in `rnn.network.CELLS`.
    seed
        Of the inputs.
    """
    made, right = inputs(cell, seed), solution(cell)
    for case in SIZES:
        p = Parameters(*check.five(made, case))
        made[f"{case}.h"], made[f"{case}.P"] = right["forward"](
            p, made[f"{case}.x"], made[f"{case}.h0"]
        )
    for name in FUNCTIONS:
        calls = check.calls(name, made)
        parts = asked(name, made, calls, right)
        made |= {f"{name}.right.{part}": value for part, value in parts.items()}
        made[f"{name}.equation"] = np.array(equation(cell, name))
        made |= wrong(name, known(cell)[name], made, calls, parts)
    for name, slips in ACCEPTED.items():
        for number, slip in enumerate(slips):
            also = asked(name, made, check.calls(name, made), solution(cell, {name: (slip,)}))
            made |= {f"{name}.also{number}.{part}": value for part, value in also.items()}
        words = [f"{slip.what}: accepted; {word}" for slip, word in slips.items()]
        made[f"{name}.word"] = np.array(words)
    return made


def asked(
    name: str,
    made: Mapping[str, Array],
    calls: Sequence[Call],
    functions: Mapping[str, Any],
    right: Sequence[Outcome] = (),
) -> dict[str, Array]:
    """Return what a function answers to the first of its calls, by part."""
    outcomes = ask(name, calls[: NEEDED.get(name)], functions, right)
    outcomes += [NOT_ASKED] * (len(calls) - len(outcomes))
    return check.READS[name](made, outcomes).parts


def ask(
    name: str,
    calls: Sequence[Call],
    functions: Mapping[str, Any],
    right: Sequence[Outcome] = (),
) -> list[Outcome]:
    """Make the calls that check a function, and return what comes out.

    Where `right` has what comes out if all functions are right, only the function's own calls are
    made: many slips of one function can be asked about in less time.
    """
    outcomes: list[Outcome] = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of what a slip does
        for i, call in enumerate(calls):
            known = call.name != name and i < len(right)
            outcomes.append(right[i] if known else check.ask(functions, call, outcomes))
    return outcomes


def wrong(
    name: str,
    slips: Sequence[Slip],
    made: Mapping[str, Array],
    calls: Sequence[Call],
    right: Mapping[str, Array],
) -> dict[str, Array]:
    """Return the answers of a function with one slip or two, by part.

    `what` has the slips in words. Each row of `combos` has one or two of them, or -1; the same row
    of `rows` says which of the answers of each part they give. The last stands for no slip.
    """
    cell = str(made["cell"])
    outcomes = ask(name, calls[: NEEDED.get(name)], solution(cell))
    kept: dict[str, list[Array]] = {part: [] for part in SIGNATURE[name]}
    combos: list[tuple[int, int]] = []
    rows: list[list[int]] = []
    singles = [(i, -1) for i in range(len(slips))]
    pairs = [*combinations(range(len(slips)), 2)]
    for combo in [*singles, *pairs]:
        planted = tuple(slips[i] for i in combo if i >= 0)
        try:
            functions = solution(cell, {name: planted})
        except (ValueError, SyntaxError):  # the second changes what the first has changed
            continue
        parts = asked(name, made, calls, functions, outcomes)
        if any(part not in parts or parts[part].shape != right[part].shape for part in kept):
            continue  # that shows by itself
        row = [place(parts[part].ravel(), kept[part]) for part in kept]
        if combo[1] < 0 or row not in rows:
            combos.append(combo)
            rows.append(row)
    combos.append((-1, -1))
    rows.append([place(right[part].ravel(), kept[part]) for part in kept])
    return {
        f"{name}.what": np.array([slip.what for slip in slips]),
        f"{name}.combos": np.array(combos),
        f"{name}.rows": np.array(rows),
        **{f"{name}.wrong.{part}": np.array(found) for part, found in kept.items()},
    }


def place(value: Array, found: list[Array]) -> int:
    """Return where a value is among those found, up to rounding; add it if it is new."""
    if found:
        size = np.abs(value[np.isfinite(value)]).max(initial=0)
        close = np.isclose(found, value, rtol=0, atol=1e-12 * size + 1e-14, equal_nan=True)
        if (whole := close.all(axis=1)).any():
            return int(whole.argmax())
    found.append(value)
    return len(found) - 1
