"""How well the presets learn a book: the loss of each on the test part, over several seeds.

`python -m benchmarks.learning --book BOOK` writes results/learning.md. The validation part chooses
the best model, and the test part is read once, as a whole, with the hidden state carried through.
"""

import argparse
import json
import time
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from benchmarks.budget import Text, read
from benchmarks.machine import machine
from benchmarks.worker import ROOT
from rnn.report.presets import PRESETS
from rnn.run import judged
from rnn.settings import checked
from rnn.training import conclude, train


def learn(text: Text, preset: str, seed: int) -> dict[str, Any]:
    """Train with a preset and return the results."""
    settings = checked(PRESETS[preset] | {"seed": seed, "validation_limit": 0, "test_limit": 0})
    begun = shown = time.monotonic()
    for run in train(*text.parts[:2], text.K, settings):
        if time.monotonic() > shown + 30:
            shown = time.monotonic()
            print(f"  update {run.step:,} of {run.updates:,}: {run.validations[-1:]}", flush=True)
    best = conclude(run, text.parts.validation)
    return {
        "preset": preset,
        "seed": seed,
        "updates": run.step,
        "best_step": best.step,
        "validation": best.validation,
        "loss": judged(run, text.parts.test),
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
            one = learn(text, preset, seed)
            print(f"  {one['loss']:.4f} nats per character, {one['seconds']:.0f} s", flush=True)
            record |= {"book": text.name, "machine": machine()}
            others = [x for x in record["found"] if (x["preset"], x["seed"]) != (preset, seed)]
            record["found"] = sorted([*others, one], key=lambda x: (x["preset"], x["seed"]))
            record_file.write_text(json.dumps(record, indent=1) + "\n")
            record_file.with_suffix(".md").write_text(page(record))


def page(record: dict[str, Any]) -> str:
    """Return the table of presets: means, spreads, and the single seeds."""
    rows = []
    for preset in PRESETS:
        runs = [one for one in record["found"] if one["preset"] == preset]
        if runs:
            losses = [one["loss"] for one in runs]
            spread = f" ± {stdev(losses):.4f}" if len(losses) > 1 else ""
            rows.append(
                f"| `{preset}` | {mean(losses):.4f}{spread} |"
                f" {', '.join(f'{loss:.4f}' for loss in losses)} |"
                f" {runs[0]['updates']:,} | {mean(one['training'] for one in runs):.0f} |"
                f" {mean(one['seconds'] for one in runs):.0f} |"
            )
    return "\n".join(
        [
            "# What the presets learn",
            "",
            f"The loss of the best model on the last tenth of {record['book']}, in nats per"
            " character. The twentieth before it chose the model, and the case of letters is kept."
            " The table shows the mean ± standard deviation, and each seed"
            f" ({record['machine']['processor']}, {record['machine']['cores']} cores).",
            "",
            "| preset | loss on the test part | each seed | updates | s of training | s in all |",
            "|---|---:|---|---:|---:|---:|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    main()
