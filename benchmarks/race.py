"""Which learns more in the same time, this project or PyTorch, with the same vanilla network.

`python -m benchmarks.race --book BOOK` trains both by the same recipe, one after the other on the
same cores, and writes results/race.md. For both the learning rate falls to zero in the given time;
the faster one sees more of the book.
"""

import argparse
import json
import math
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy, one_hot

from benchmarks.budget import Text, changed, loss_on, read, run_for
from benchmarks.machine import machine, versions
from benchmarks.worker import ROOT
from rnn.network import Network, initialise
from rnn.settings import Settings

RECIPE = Settings(  # without dropout, which costs more than it gains in so short a time
    hidden_size=512,
    seq_length=32,
    batch_size=64,
    optimiser="adam",
    learning_rate=0.004,
    schedule="cosine",
    warmup=100,
    clip_by="norm",
    initialisation="orthogonal",
    init_scale=0.05,
    random_offset=True,
    dtype="float32",
    threads=2,
)


class Theirs(nn.Module):  # type: ignore[misc]  # mypy runs without torch
    """The same network in PyTorch: one-hot characters, nn.RNN, dropout, a linear layer."""

    def __init__(self, K: int, settings: Settings) -> None:
        super().__init__()
        self.K = K
        self.rnn = nn.RNN(K, settings.hidden_size)
        self.dropout = nn.Dropout(settings.dropout)
        self.output = nn.Linear(settings.hidden_size, K)
        nn.init.orthogonal_(self.rnn.weight_hh_l0)
        for matrix in (self.rnn.weight_ih_l0, self.output.weight):
            nn.init.normal_(matrix, 0, settings.init_scale)
        for vector in (self.rnn.bias_ih_l0, self.rnn.bias_hh_l0, self.output.bias):
            nn.init.zeros_(vector)

    def forward(self, x: Any, h: Any) -> tuple[Any, Any]:
        """Return the scores of the next characters and the last state."""
        states, h = self.rnn(one_hot(x, self.K).float(), h)
        return self.output(self.dropout(states)), h

    def ours(self) -> Network:
        """Convert the network to one of this project."""
        network = initialise("rnn", self.K, self.rnn.hidden_size, seed=0, dtype="float32")
        p = network.p
        with torch.no_grad():
            p.U[:] = self.rnn.weight_ih_l0.numpy()
            p.W[:] = self.rnn.weight_hh_l0.numpy()
            p.V[:] = self.output.weight.numpy()
            p.b[:] = (self.rnn.bias_ih_l0 + self.rnn.bias_hh_l0).numpy()
            p.c[:] = self.output.bias.numpy()
        return network


def pytorch(text: Text, settings: Settings, seconds: float) -> tuple[int, Network]:
    """Train for a given time; return the updates and the network."""
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    random = np.random.default_rng(settings.seed)
    B, T, training = settings.batch_size, settings.seq_length, text.parts.training
    streams = torch.from_numpy(training[: len(training) // B * B].reshape(B, -1).T.astype(np.int64))
    theirs = Theirs(text.K, settings)
    optimiser = torch.optim.Adam(theirs.parameters(), lr=settings.rate)
    fit = (len(streams) - T) // T
    begun, step, start, h = time.perf_counter(), 0, 0, None
    for place in cycle(range(fit)):
        done = (time.perf_counter() - begun) / seconds
        if done >= 1:
            break
        if place == 0:
            start, h = int(random.integers(T)), None
        rate = settings.rate * min(1, (step + 1) / settings.warmup)
        optimiser.param_groups[0]["lr"] = rate * (1 + math.cos(math.pi * done)) / 2
        first = start + place * T
        optimiser.zero_grad()
        scores, h = theirs(streams[first : first + T], h)
        y = streams[first + 1 : first + T + 1]
        loss = cross_entropy(scores.view(-1, text.K), y.reshape(-1), reduction="sum") / B
        loss.backward()
        nn.utils.clip_grad_norm_(theirs.parameters(), settings.clip)
        optimiser.step()
        h, step = h.detach(), step + 1
    return step, theirs.ours()


def ours(text: Text, settings: Settings, seconds: float) -> tuple[int, Network]:
    """Train for a given time; return the updates and the network."""
    run = run_for(text, settings, seconds)
    return run.step, run.network


SIDES: dict[str, Callable[[Text, Settings, float], tuple[int, Network]]] = {
    "ours": ours,
    "pytorch": pytorch,
}


def main() -> None:
    """Train both with each seed, in turns, and write the table again after each seed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.race", description=__doc__)
    parser.add_argument("--book", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seeds", type=int, nargs="+", default=[400, 401, 402])
    parser.add_argument("--sides", choices=SIDES, nargs="+", default=list(SIDES))
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    chosen = parser.parse_args()
    text = read(chosen.book, validation=0)  # nothing is chosen by it
    chosen.out.mkdir(parents=True, exist_ok=True)
    found: list[dict[str, Any]] = []
    if (chosen.out / "race.json").exists():  # one side or seed can run again beside the others
        earlier = json.loads((chosen.out / "race.json").read_text())
        if Settings(**earlier["recipe"]) == RECIPE and earlier["seconds"] == chosen.seconds:
            found = earlier["found"]
    for seed in chosen.seeds:
        settings = replace(RECIPE, seed=seed)
        for side in chosen.sides:
            print(f"{side}, seed {seed}", flush=True)
            updates, network = SIDES[side](text, settings, chosen.seconds)
            loss = loss_on(text.parts.test, network)
            print(f"  {loss:.4f} nats per character after {updates:,} updates", flush=True)
            found = [one for one in found if (one["side"], one["seed"]) != (side, seed)]
            found.append({"side": side, "seed": seed, "updates": updates, "loss": loss})
        record = {
            "book": text.name,
            "seconds": chosen.seconds,
            "machine": machine(),
            "versions": versions(),
            "recipe": changed(RECIPE),
            "found": found,
        }
        (chosen.out / "race.json").write_text(json.dumps(record, indent=1) + "\n")
        (chosen.out / "race.md").write_text(page(record))


def page(record: dict[str, Any]) -> str:
    """Return the table of both sides, a row for each seed."""
    found = {(one["side"], one["seed"]): one for one in record["found"]}
    seeds = sorted(seed for side, seed in found if side == "ours" and ("pytorch", seed) in found)
    rows, margins = [], []
    for seed in seeds:
        mine, theirs = found["ours", seed], found["pytorch", seed]
        margins.append(theirs["loss"] - mine["loss"])
        rows.append(
            f"| {seed} | {mine['updates']:,} | {theirs['updates']:,} | {mine['loss']:.4f} |"
            f" {theirs['loss']:.4f} | {margins[-1]:.4f} |"
        )
    spread = f" ± {stdev(margins):.4f}" if len(margins) > 1 else ""
    recipe = {k: v for k, v in record["recipe"].items() if v != getattr(Settings(), k)}
    return "\n".join(
        [
            "# The race",
            "",
            f"The same vanilla network, trained by the same recipe for {record['seconds']:.0f} s on"
            f" {record['book']} ({record['machine']['processor']}, {record['machine']['cores']}"
            f" cores; PyTorch {record['versions']['torch']}). The loss is that on the last"
            " tenth, as a whole, in nats per character; all before it was trained on.",
            "",
            f"    {' '.join(f'{name}={value}' for name, value in recipe.items())}",
            "",
            "| seed | our updates | PyTorch's | our loss | PyTorch's | margin |",
            "|---:|---:|---:|---:|---:|---:|",
            *rows,
            "",
            f"Mean margin: {mean(margins):.4f}{spread}.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
