"""Measure and write the tables and plots: `python -m benchmarks.run`, or `make bench`."""

import argparse
import datetime
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import figures, once, speed, tables
from benchmarks.machine import machine, versions
from benchmarks.worker import ROOT, DifferenceError
from rnn.errors import InputError
from rnn.files.book import read_book

PARTS = {
    "updates": speed.updates,
    "profile": speed.profile,
    "batch": speed.batch,
    "growth": speed.growth,
    "startup": once.startup,
    "memory": once.memory,
    "checks": once.checks,
}
CHARACTERS = 1_000_000  # used of the book, at most


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--book", type=Path, default=ROOT / "data" / "tales.txt")
    parser.add_argument(
        "--parts",
        nargs="+",
        choices=PARTS,
        help="measure these again, and keep the earlier results of the others",
    )
    parser.add_argument("--rounds", type=int, default=9, help="turns per peer (default 9)")
    parser.add_argument("--quick", action="store_true", help="two short rounds, fewer sizes")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    return parser.parse_args()


def say(line: str) -> None:
    """Print progress at once."""
    print(line, flush=True)


def main() -> int:
    """Run the parts that were asked for and write the results."""
    chosen = arguments()
    try:
        book = read_book(chosen.book)
    except InputError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    chosen.out.mkdir(parents=True, exist_ok=True)
    rounds = 2 if chosen.quick else chosen.rounds
    results: dict[str, Any] = {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "quick": chosen.quick,
        "rounds": rounds,
        "machine": machine(),
        "versions": versions(),
        "book": {
            "name": chosen.book.name,
            "sha256": book.sha256,
            "characters": min(len(book.indices), CHARACTERS),
            "K": len(book.vocabulary),
        },
        "parts": {},
    }
    if chosen.parts and (chosen.out / "results.json").exists():
        earlier = json.loads((chosen.out / "results.json").read_text())
        same = ("machine", "versions", "book", "rounds", "quick")
        if other := [name for name in same if earlier[name] != results[name]]:
            print(
                f"bench: {chosen.out} has another {', '.join(other)}: choose --out", file=sys.stderr
            )
            return 1
        again = earlier.get("again", {}) | dict.fromkeys(chosen.parts, results["date"])
        results = earlier | {"again": again}
    load = [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "text.npz"
        np.savez(text, text=book.indices[:CHARACTERS], K=len(book.vocabulary))
        text.with_suffix(".txt").write_bytes(chosen.book.read_bytes())
        plan = speed.Plan(str(text), rounds, 0.2 if chosen.quick else 0.6, chosen.quick, say)
        for part in chosen.parts or PARTS:
            say(f"{part}: {PARTS[part].__doc__}")
            start = time.monotonic()
            try:
                results["parts"][part] = PARTS[part](plan)
            except DifferenceError as error:
                print(f"bench: {error}", file=sys.stderr)
                return 1
            say(f"  {time.monotonic() - start:.0f} s")
    results.setdefault("load", [*load, os.getloadavg()[0]])
    pictures = figures.draw(results["parts"], chosen.out)
    (chosen.out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    (chosen.out / "results.md").write_text(tables.page(results, pictures))
    say(f"see {chosen.out / 'results.md'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
