"""Find settings for the preset `best`: train candidates with the same work and compare them.

`python -m benchmarks.search --book BOOK` writes results/search.md. Work is the number of parameters
times the characters read: a network of half the size is trained on twice as many. It is, but for
little, the time of a machine on which nothing else runs, and is the same on any. Every candidate is
judged on the whole validation part; the figures published for the preset are on the test part. Give
the last candidates several seeds, as in `--only 4 5 --seeds 400 401`.
"""

import argparse
import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.budget import NOTHING, Text, changed, loss_on, read
from benchmarks.machine import machine
from benchmarks.worker import ROOT
from rnn.network import size
from rnn.run import Run
from rnn.settings import Settings
from rnn.training import train

# The search starts here; each candidate changes a few of these settings.
START = Settings(
    cell="gru",
    hidden_size=512,
    seq_length=32,
    batch_size=64,
    optimiser="adam",
    learning_rate=0.008,
    schedule="cosine",
    warmup=100,
    clip_by="norm",
    dropout=0.4,
    initialisation="orthogonal",
    init_scale=0.05,
    random_offset=True,
    dtype="float32",
    threads=2,
)
CANDIDATES: list[dict[str, Any]] = [
    {},
    {"dropout": 0.2},
    {"learning_rate": 0.004},
    {"learning_rate": 0.012},
    {"hidden_size": 640},
    {"seq_length": 64, "batch_size": 32},
    {"cell": "lstm"},
    {"cell": "rnn", "dropout": 0.2},
    {"dropout": 0.2, "learning_rate": 0.012},
]


def main() -> None:
    """Train each candidate, and write the table again after each, so that none is lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--book", type=Path, required=True)
    parser.add_argument("--updates", type=int, default=1200, help="of the start")
    parser.add_argument("--only", type=int, nargs="+", help="numbers of candidates, from 0")
    parser.add_argument("--seeds", type=int, nargs="+", default=[400])
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    chosen = parser.parse_args()
    text = read(chosen.book)
    chosen.out.mkdir(parents=True, exist_ok=True)
    found: list[dict[str, Any]] = []
    if (chosen.out / "search.json").exists():  # some candidates can be tried beside the others
        earlier = json.loads((chosen.out / "search.json").read_text())
        alike = (earlier["book"], earlier["work"]) == (text.name, chosen.updates)
        if alike and Settings(**earlier["start"]) == START:
            found = earlier["found"]
    numbers = range(len(CANDIDATES)) if chosen.only is None else chosen.only
    for i, seed in product(numbers, chosen.seeds):
        settings = replace(START, **CANDIDATES[i], seed=seed)
        updates = round(chosen.updates * work(START, text.K) / work(settings, text.K))
        print(f"{CANDIDATES[i] or 'the start'}, seed {seed}: {updates:,} updates", flush=True)
        run = run_of(text, replace(settings, max_updates=updates))
        loss = loss_on(text.parts.validation, run.network, run.states[:, 0])
        print(f"  {loss:.3f} nats per character, {run.seconds:.0f} s", flush=True)
        this = {"changes": CANDIDATES[i], "seed": seed}
        found = [one for one in found if {name: one[name] for name in this} != this]
        found.append({**this, "updates": run.step, "loss": loss, "seconds": run.seconds})
        record = {
            "book": text.name,
            "work": chosen.updates,
            "machine": machine(),
            "start": changed(START),
            "found": found,
        }
        (chosen.out / "search.json").write_text(json.dumps(record, indent=1) + "\n")
        (chosen.out / "search.md").write_text(page(record))


def work(settings: Settings, K: int) -> int:
    """Return how much an update has to do."""
    characters = settings.batch_size * settings.seq_length
    return size(settings.cell, K, settings.hidden_size) * characters


def run_of(text: Text, settings: Settings) -> Run:
    """Train on the training part for `max_updates`, and choose nothing."""
    settings = replace(settings, epochs=10**6, sample_every=10**12)
    *_, run = train(text.parts.training, NOTHING, text.K, settings)
    return run


def page(record: dict[str, Any]) -> str:
    """Return the table of candidates, the best one first."""
    start = {
        name: value for name, value in record["start"].items() if value != getattr(Settings(), name)
    }
    candidates: dict[str, list[dict[str, Any]]] = {}
    for one in sorted(record["found"], key=lambda one: one["seed"]):
        candidates.setdefault(_words(one["changes"]) or "nothing", []).append(one)
    rows = [
        f"| {name} | {mean(one['updates'] for one in runs):,.0f} |"
        f" {mean(one['loss'] for one in runs):.3f} |"
        f" {', '.join(format(one['loss'], '.3f') for one in runs)} |"
        for name, runs in sorted(
            candidates.items(), key=lambda pair: mean(one["loss"] for one in pair[1])
        )
    ]
    return "\n".join(
        [
            "# The search for `best`",
            "",
            f"Each candidate was trained on {record['book']} with as much work as"
            f" {record['work']:,} updates of the start are, in parameters times characters, its"
            " learning rate falling to zero meanwhile. It was judged by its loss on the whole"
            " validation part, the twentieth of the book before its last tenth, in nats per"
            " character. All candidates are changes to",
            "",
            f"    {_words(start)}",
            "",
            "| changed | updates | validation loss | each seed |",
            "|---|---:|---:|---|",
            *rows,
            "",
        ]
    )


def _words(values: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in values.items())


if __name__ == "__main__":
    main()
