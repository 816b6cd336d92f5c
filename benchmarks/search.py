"""Find settings for the preset `best`: train candidates for the same time and compare them.

`python -m benchmarks.search --book BOOK` writes results/search.md. Every candidate is judged on the
first characters of the held-out part; the figures published for the preset are on all of it.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.budget import changed, held_out_loss, read, run_for
from benchmarks.machine import machine
from benchmarks.worker import ROOT
from rnn.settings import Settings

# The search starts here; each candidate changes a few of these settings.
START = Settings(
    cell="lstm",
    hidden_size=512,
    seq_length=64,
    batch_size=32,
    optimiser="adam",
    learning_rate=0.004,
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
    {"dropout": 0.2, "seq_length": 32, "batch_size": 64},
    {"dropout": 0.2, "seq_length": 32, "batch_size": 64, "cell": "rnn"},
    {"dropout": 0.0, "seq_length": 32, "batch_size": 64, "cell": "rnn"},
    {"dropout": 0.2, "seq_length": 32, "batch_size": 64, "cell": "gru"},
    {"dropout": 0.4, "seq_length": 32, "batch_size": 64, "cell": "gru"},
    {"dropout": 0.2, "seq_length": 32, "batch_size": 64, "cell": "gru", "hidden_size": 640},
    {"dropout": 0.2, "seq_length": 32, "batch_size": 64, "cell": "gru", "learning_rate": 0.002},
    {"dropout": 0.2, "seq_length": 32, "batch_size": 64, "cell": "gru", "learning_rate": 0.008},
]
JUDGED = 20_000  # characters


def main() -> None:
    """Train each candidate, and write the table again after each, so that none is lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--book", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=200)
    parser.add_argument("--only", type=int, nargs="+", help="numbers of candidates, from 0")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    chosen = parser.parse_args()
    text = read(chosen.book)
    chosen.out.mkdir(parents=True, exist_ok=True)
    found: list[dict[str, Any]] = []
    if (chosen.out / "search.json").exists():  # some candidates can be tried beside the others
        earlier = json.loads((chosen.out / "search.json").read_text())
        same = (text.name, chosen.seconds, JUDGED)
        found_alike = tuple(earlier[name] for name in ("book", "seconds", "judged")) == same
        if found_alike and Settings(**earlier["start"]) == START:
            found = earlier["found"]
    for i in chosen.only or range(len(CANDIDATES)):
        settings = replace(START, **CANDIDATES[i])
        print(f"{CANDIDATES[i] or 'the start'}", flush=True)
        run = run_for(text, settings, chosen.seconds)
        loss = held_out_loss(text, run.network, JUDGED)
        print(f"  {loss:.3f} nats per character after {run.step:,} updates", flush=True)
        found = [one for one in found if one["changes"] != CANDIDATES[i]]
        found.append({"changes": CANDIDATES[i], "updates": run.step, "loss": loss})
        record = {
            "book": text.name,
            "seconds": chosen.seconds,
            "judged": JUDGED,
            "machine": machine(),
            "start": changed(START),
            "found": found,
        }
        (chosen.out / "search.json").write_text(json.dumps(record, indent=1) + "\n")
        (chosen.out / "search.md").write_text(page(record))


def page(record: dict[str, Any]) -> str:
    """Return the table of candidates, the best one first."""
    start = {
        name: value for name, value in record["start"].items() if value != getattr(Settings(), name)
    }
    rows = [
        f"| {_words(one['changes']) or 'nothing'} | {one['updates']:,} | {one['loss']:.3f} |"
        for one in sorted(record["found"], key=lambda one: float(one["loss"]))
    ]
    return "\n".join(
        [
            "# The search for `best`",
            "",
            f"Each candidate was trained for {record['seconds']:.0f} s on {record['book']}"
            f" ({record['machine']['processor']}, {record['machine']['cores']} cores), its learning"
            f" rate falling to zero in that time, and judged by its loss on the first"
            f" {record['judged']:,} held-out characters, in nats per character. All candidates are"
            " changes to",
            "",
            f"    {_words(start)}",
            "",
            "| changed | updates | held-out loss |",
            "|---|---:|---:|",
            *rows,
            "",
        ]
    )


def _words(values: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in values.items())


if __name__ == "__main__":
    main()
