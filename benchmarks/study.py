"""What it costs to place the runs of a study, beside a plain loop over the same runs.

`python -m benchmarks.study` writes results/study.json, study.md and study.svg. It needs two cores
and the packages of `make study`, but not those of the peers.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

from matplotlib.figure import Figure

from benchmarks.machine import machine
from benchmarks.worker import ROOT
from rnn.settings import Settings
from rnn.study.engine import run
from rnn.study.task import SentBook, Task, Where, send
from rnn.study.work import train_one

MEGABYTE = 1e6
TINY = {"hidden_size": 16, "max_updates": 50, "validation_limit": 1000}
EQUAL = {"epochs": 10**6, "sample_every": 10**12}
WORKERS = 2
TARGETS = {"speed-up": 1.8, "milliseconds a run": 30, "megabytes": 500}


def placed(tasks: Sequence[Task], book: SentBook) -> float:
    """Return the seconds in which the engine makes runs, with its start and its end."""
    made = dict[str, int]()
    start = time.perf_counter()
    run(
        tasks,
        book,
        lambda key, data: made.__setitem__(key, len(data)),
        lambda key, reason: sys.exit(f"the run {key} failed: {reason}"),
        where=Where(workers=WORKERS),
        say=print,
    )
    assert len(made) == len(tasks)  # noqa: S101
    return time.perf_counter() - start


def plain(tasks: Sequence[Task], book: SentBook) -> float:
    """Return the seconds in which a loop in this process makes the same runs."""
    start = time.perf_counter()
    for task in tasks:
        train_one(task.settings, book)
    return time.perf_counter() - start


def runs(count: int, settings: dict[str, Any]) -> list[Task]:
    """Return so many runs that differ in their seeds alone."""
    return [Task(f"{seed}", Settings(**settings, seed=seed)) for seed in range(count)]


def growth(counts: Sequence[int], book: SentBook) -> list[dict[str, Any]]:
    """Measure tiny runs of growing number: the time of the whole, and the client's peak memory.

    This process has trained nothing before, so its memory is that of a study's command.
    """
    placed(runs(WORKERS, TINY), book)  # compiles, in the workers
    found = []
    for count in counts:
        seconds = placed(runs(count, TINY), book)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        found.append({"runs": count, "seconds": seconds, "peak": peak})
        print(f"{count:,} runs: {seconds:.1f} s, {peak / MEGABYTE:.0f} MB at most", flush=True)
    return found


def speed_up(count: int, seconds: float, rounds: int, book: SentBook) -> dict[str, Any]:
    """Measure equal runs of so many seconds, by the engine and by the loop in turns."""
    plain(runs(1, {**EQUAL, "max_updates": 1}), book)  # compiles
    few, many = (plain(runs(1, {**EQUAL, "max_updates": n}), book) for n in (5000, 25_000))
    updates = round(20_000 * seconds / (many - few))
    tasks = runs(count, {**EQUAL, "max_updates": updates})
    turns: dict[str, list[float]] = {"plain": [], "engine": []}
    for turn in range(rounds):
        for name in ("plain", "engine") if turn % 2 == 0 else ("engine", "plain"):
            turns[name].append((plain if name == "plain" else placed)(tasks, book))
            print(f"{name}: {count} runs in {turns[name][-1]:.1f} s", flush=True)
    return {"runs": count, "updates": updates, **turns}


def figures(record: dict[str, Any]) -> dict[str, float]:
    """Return what is aimed at, as measured.

    What a run costs is taken between the fewest and the most runs, so that the start, which all
    share, does not count; what training takes is that of the plain loop on as many cores.
    """
    first, last = record["growth"][0], record["growth"][-1]
    whole = (last["seconds"] - first["seconds"]) / (last["runs"] - first["runs"])
    return {
        "speed-up": median(record["equal"]["plain"]) / median(record["equal"]["engine"]),
        "milliseconds a run": 1000 * (whole - record["training"] / WORKERS),
        "megabytes": last["peak"] / MEGABYTE,
    }


def draw(record: dict[str, Any], path: Path) -> None:
    """Draw the time of the whole against the number of runs, beside the training alone."""
    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.subplots()
    counts = [one["runs"] for one in record["growth"]]
    training = [count * record["training"] / WORKERS for count in counts]
    axes.plot(counts, [one["seconds"] for one in record["growth"]], "o-", label="the study")
    axes.plot(counts, training, "s--", color="#999999", label="its training alone")
    axes.set(xlabel="runs of 50 updates", ylabel="seconds on two workers", xscale="log")
    axes.set(yscale="log")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})


def page(record: dict[str, Any]) -> str:
    """Return the figures as a table."""
    equal, found = record["equal"], figures(record)
    each = median(equal["plain"]) / equal["runs"]
    last = record["growth"][-1]
    rows = [
        f"| {equal['runs']} equal runs of {each:.1f} s on {WORKERS} workers, against the plain loop"
        f" | {found['speed-up']:.2f} times as fast | at least {TARGETS['speed-up']} |",
        f"| what a run costs beside its training | {found['milliseconds a run']:.1f} ms"
        f" | at most {TARGETS['milliseconds a run']} ms |",
        f"| peak memory of the client, {last['runs']:,} runs of 50 updates"
        f" | {found['megabytes']:.0f} MB | below {TARGETS['megabytes']} MB |",
    ]
    more = [
        f"| {one['runs']:,} | {one['seconds']:.1f} | {one['peak'] / MEGABYTE:.0f} |"
        for one in record["growth"]
    ]
    growing = ["", "| runs of 50 updates | seconds | megabytes |", "|---|---|---|", *more]
    head = ["| what | measured | aim |", "|---|---|---|"]
    return "\n".join(["# Placing the runs of a study", "", *head, *rows, *growing]) + "\n"


def main() -> None:
    """Measure all, and write the files."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.study", description=__doc__)
    parser.add_argument("--book", type=Path, default=ROOT / "data" / "tales.txt")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20, help="of each equal run")
    parser.add_argument("--equal", type=int, default=6, help="how many equal runs")
    parser.add_argument("--counts", type=int, nargs="+", default=[20, 200, 2000])
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    chosen = parser.parse_args()
    book = send(chosen.book, sha256(chosen.book.read_bytes()).hexdigest())
    record: dict[str, Any] = {"machine": machine()}
    record["growth"] = growth(chosen.counts, book)
    tiny = runs(200, TINY)
    plain(tiny[:5], book)  # compiles
    record["training"] = plain(tiny, book) / len(tiny)
    record["equal"] = speed_up(chosen.equal, chosen.seconds, chosen.rounds, book)
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "study.json").write_text(json.dumps(record, indent=1) + "\n")
    (chosen.out / "study.md").write_text(page(record))
    draw(record, chosen.out / "study.svg")
    print(page(record))


if __name__ == "__main__":
    main()
