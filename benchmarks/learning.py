"""How well the presets learn a book: their losses on the test part, over several seeds.

`python -m benchmarks.learning --book BOOK` writes results/learning.md. Each run is made twice. At
first the validation part chooses the best model and how it adapts. Then training and validation
part together are learned, with all that was chosen, for as many updates. The test part, the last
tenth of the book, is read as a whole, with the hidden state carried through.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np

from benchmarks.budget import Text, read
from benchmarks.machine import machine
from benchmarks.worker import ROOT
from rnn.analysis.adapting import Way
from rnn.analysis.together import together
from rnn.report.presets import PRESETS
from rnn.run import Snapshot, judged
from rnn.settings import Settings, checked
from rnn.text import Parts
from rnn.training import conclude, train

LOSSES = {"as trained": "as trained", "network": "adapting", "mixed": "mixed with counting"}


def learn(text: Text, preset: str, seed: int) -> list[dict[str, Any]]:
    """Train with a preset, once to choose and once on all that may be learned from."""
    settings = checked(PRESETS[preset] | {"seed": seed, "validation_limit": 0, "test_limit": 0})
    first = measure(text.parts, text.K, settings, None)
    training = np.concatenate(text.parts[:2])
    parts = Parts(training, training[:0], text.parts.test)
    settings = replace(settings, epochs=10**6, max_updates=first["best_step"])
    second = measure(parts, text.K, settings, Way(*first["way"]))
    return [{"preset": preset, "seed": seed, **one} for one in (first, second)]


def measure(parts: Parts, K: int, settings: Settings, way: Way | None) -> dict[str, Any]:
    """Train once, and return the losses on the test part."""
    begun = shown = time.monotonic()
    for run in train(parts.training, parts.validation, K, settings):
        if time.monotonic() > shown + 30:
            shown = time.monotonic()
            print(f"  update {run.step:,} of {run.updates:,}: {run.validations[-1:]}", flush=True)
    best = conclude(run, parts.validation)
    if not len(parts.validation):  # nothing chooses, and the last model is taken
        best = run.best = Snapshot(run.step, run.network, run.states[:, 0], run.smooth_loss, None)
    adapted = together(best.network, parts, best.states, way=way)
    return {
        "characters": len(parts.training),
        "updates": run.step,
        "best_step": best.step,
        "validation": best.validation,
        "losses": {"as trained": judged(run, parts.test), **adapted.losses},
        "way": adapted.way,
        "training": run.seconds,
        "seconds": time.monotonic() - begun,
    }


def main() -> None:
    """Train each preset with each seed, and write the table again after each run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning", description=__doc__)
    parser.add_argument("--book", type=Path, required=True)
    parser.add_argument("--presets", nargs="+", choices=PRESETS, default=["assignment", "adam"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[400, 401, 402])
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    chosen = parser.parse_args()
    text = read(chosen.book)
    chosen.out.mkdir(parents=True, exist_ok=True)
    record_file = chosen.out / "learning.json"
    record: dict[str, Any] = {"found": []}
    if record_file.exists():  # a preset or a seed can be measured by itself, beside the others
        record = json.loads(record_file.read_text())
    for preset in chosen.presets:
        for seed in chosen.seeds:
            print(f"{preset}, seed {seed}", flush=True)
            found = learn(text, preset, seed)
            for one in found:
                print(f"  {one['losses']}, {one['seconds']:.0f} s", flush=True)
            record |= {"book": text.name, "machine": machine()}
            others = [x for x in record["found"] if (x["preset"], x["seed"]) != (preset, seed)]
            record["found"] = sorted(
                [*others, *found], key=lambda x: (x["preset"], x["characters"], x["seed"])
            )
            record_file.write_text(json.dumps(record, indent=1) + "\n")
            record_file.with_suffix(".md").write_text(page(record))


def page(record: dict[str, Any]) -> str:
    """Return the tables of presets: means, spreads, and the single seeds."""
    found = record["found"]
    sizes = sorted({one["characters"] for one in found})
    counting = [
        f"{next(one['losses']['counting'] for one in found if one['characters'] == size):.4f}"
        f" with {size:,} characters counted before it"
        for size in sizes
    ]
    lines = [
        "# What the presets learn",
        "",
        f"The loss on the last tenth of {record['book']}, the test part, in nats per character; the"
        " case of letters is kept. The twentieth before it, the validation part, chose the best"
        " model and how it adapts. Each run was then made again, on training and validation part"
        " together, with all that was chosen, for as many updates as the best model had had. What"
        " adapts learns from each character after it was scored; after the first kind of run, it"
        " reads the validation part, too, before the test part. The tables show the mean ± standard"
        f" deviation, and each seed ({record['machine']['processor']},"
        f" {record['machine']['cores']} cores). The seconds are by the clock, on a machine that may"
        " have had other work.",
        "",
        f"Counting that adapts loses {' and '.join(counting)}.",
    ]
    for size in sizes:
        runs = [one for one in found if one["characters"] == size]
        lines += [
            "",
            f"## Trained on {size:,} characters",
            "",
            f"| preset | {' | '.join(LOSSES.values())} | updates | s of training | s in all |",
            "|---|---:|---:|---:|---:|---:|---:|",
        ]
        for preset in PRESETS:
            if of_preset := [one for one in runs if one["preset"] == preset]:
                lines.append(_row(preset, of_preset))
    return "\n".join([*lines, ""])


def _row(preset: str, runs: list[dict[str, Any]]) -> str:
    losses = (_spread([one["losses"][name] for one in runs]) for name in LOSSES)
    times = (
        f"{mean(one[name] for one in runs):,.0f}" for name in ("updates", "training", "seconds")
    )
    return f"| `{preset}` | {' | '.join((*losses, *times))} |"


def _spread(losses: list[float]) -> str:
    spread = f" ± {stdev(losses):.4f}" if len(losses) > 1 else ""
    return f"{mean(losses):.4f}{spread} ({', '.join(f'{loss:.4f}' for loss in losses)})"


if __name__ == "__main__":
    main()
