"""The measurements made in turns: updates, batches, and the time against the sizes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.peers.c_loop import COMPILER
from benchmarks.worker import PARTED, TOLERANCES, DifferenceError, Spec, Worker, working

Result = dict[str, Any]
ONE_THREAD = ("ours", "c_loop")
BATCH: dict[str, Any] = {"T": 50, "B": 32, "rate": 0.01}  # at 0.1 a large network saturates


@dataclass(frozen=True)
class Plan:
    """How much to measure.

    Attributes
    ----------
    text
        A file with the arrays text and K.
    rounds
        How many turns each peer has.
    seconds
        About how long a turn is.
    quick
        Whether to measure fewer sizes.
    say
        Prints a line on the terminal.
    """

    text: str
    rounds: int
    seconds: float
    quick: bool
    say: Callable[[str], None]


def updates(plan: Plan) -> list[Result]:
    """Measure every peer at the assignment's sizes, in both precisions, on one core and two."""
    results: list[Result] = []
    c = _in_c(plan)
    for dtype in ("float64", "float32"):
        slow = ("course", "minchar") if dtype == "float64" else ()
        specs = [
            # With B = 1 there is nothing to divide among threads: ours has one, as in the report.
            _spec(plan, peer, dtype, cores=cores, threads=1 if peer in ONE_THREAD else cores)
            for cores in (1, 2)
            for peer in ("ours", *slow, "pytorch", "jax_scan", *c)
        ]
        results += side_by_side(plan, [*specs, _spec(plan, "floor", dtype)])
    return results


def profile(plan: Plan) -> list[Result]:
    """Measure the time that each part of our update takes, beside the floor's time for it."""
    specs = [_spec(plan, peer, dtype) for dtype in ("float64", "float32") for peer in PARTED]
    for m in () if plan.quick else (128, 512):
        specs += [_spec(plan, peer, "float32", m=m, **BATCH) for peer in PARTED]
    return side_by_side(plan, specs)


def batch(plan: Plan) -> list[Result]:
    """Measure ours and libraries with 32 streams of 50 characters in float32, by hidden size."""
    results: list[Result] = []
    c = _in_c(plan)
    for m in (128,) if plan.quick else (128, 256, 512):
        results += side_by_side(
            plan,
            [
                _spec(
                    plan,
                    peer,
                    "float32",
                    m=m,
                    **BATCH,
                    cores=cores,
                    threads=cores,
                )
                for cores in (1, 2)
                for peer in ("ours", "pytorch", "jax_scan", *c)
            ],
        )
    return results


def growth(plan: Plan) -> list[Result]:
    """Measure ours as one size grows and the others stay as in the assignment."""
    sizes = {
        "m": (25, 50, 100, 200, 400, 800),
        "T": (5, 12, 25, 50, 100, 200),
        "B": (1, 2, 4, 8, 16, 32, 64),
    }
    results: list[Result] = []
    for letter, values in sizes.items():
        chosen = values[:3] if plan.quick else values
        specs = [_spec(plan, "ours", "float64", **{letter: value}) for value in chosen]
        results += [{**result, "grows": letter} for result in side_by_side(plan, specs)]
    return results


def _in_c(plan: Plan) -> tuple[str, ...]:
    """Return the peer in C, if this machine can compile it."""
    if COMPILER:
        return ("c_loop",)
    plan.say("  the loop in C is skipped: there is no C compiler (cc)")
    return ()


def _spec(
    plan: Plan,
    peer: str,
    dtype: str,
    *,
    m: int = 100,
    T: int = 25,
    B: int = 1,
    rate: float = 0.1,
    cores: int = 1,
    threads: int = 1,
) -> Spec:
    return Spec(peer, plan.text, m, T, B, dtype, rate, cores, threads)


def side_by_side(plan: Plan, specs: list[Spec]) -> list[Result]:
    """Check each peer against ours, then let them take turns; return the seconds of each turn."""
    with working(specs) as workers:
        results = [_begin(plan, worker) for worker in workers]
        for turn in range(plan.rounds):
            plan.say(f"  round {turn + 1} of {plan.rounds}")
            first = turn % len(workers)  # rotate who goes first
            for i in [*range(first, len(workers)), *range(first)]:
                if specs[i].peer in PARTED:
                    results[i]["turns"].append(workers[i].ask("parts", seconds=plan.seconds))
                else:
                    results[i]["turns"].append(workers[i].ask("turn"))
    return [_sum_parts(result) if result["peer"] in PARTED else result for result in results]


def _begin(plan: Plan, worker: Worker) -> Result:
    """Check and warm up a peer, and return its result, still without turns."""
    spec = worker.spec
    names = ("peer", "dtype", "m", "T", "B", "rate", "cores", "threads")
    result: Result = {name: getattr(spec, name) for name in names} | {"turns": []}
    sizes = f"{spec.peer}: m={spec.m} T={spec.T} B={spec.B} {spec.dtype}, cores: {spec.cores}"
    if spec.peer in PARTED:
        worker.ask("parts", seconds=plan.seconds)
        plan.say(f"  {sizes}")
        return result
    if spec.peer != "ours":
        gradient, loss = result["difference"] = worker.ask("check")
        limits = TOLERANCES[spec.dtype]
        words = f"differs from ours by {gradient:.1e} in the gradient, {loss:.1e} in the loss"
        # Written so that NaN fails, too.
        if not (gradient <= limits[0] and loss <= limits[1]):
            raise DifferenceError(f"{sizes} {words}; at most {limits} is allowed")
        plan.say(f"  {sizes} {words}")
    else:
        plan.say(f"  {sizes}")
    worker.ask("warm", seconds=plan.seconds)
    return result


def _sum_parts(result: Result) -> Result:
    """Choose the candidate with the lowest median for each part, and add up the parts."""
    rounds = result["turns"]
    parts = {}
    for part, candidates in rounds[0].items():
        times = {name: [turn[part][name] for turn in rounds] for name in candidates}
        best = min(times, key=lambda name: sorted(times[name])[len(rounds) // 2])
        parts[part] = {"by": best, "turns": times[best]}
    turns = [sum(part["turns"][i] for part in parts.values()) for i in range(len(rounds))]
    return {**result, "parts": parts, "turns": turns}
