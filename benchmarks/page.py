"""How fast the page trains, beside a bare loop over typed arrays in the same browser, and Python.

`python -m benchmarks.page` writes results/page.json and page.md. It needs Chromium and Playwright,
and for the row of PyTorch the packages of `make bench`.
"""

import argparse
import json
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from timeit import timeit
from typing import Any

from playwright.sync_api import Page

from benchmarks.machine import machine
from benchmarks.task import Task, make_task
from benchmarks.worker import CHECKED, ROOT, TOLERANCES, DifferenceError
from rnn.files.book import read_book
from rnn.network import CELLS, initialise
from rnn.report.page import scripts
from tests.browser import chromium

M, T = 100, 25
COUNT = 200  # updates of a turn
AIM = 0.6  # of the bare loop's speed
MATH = ("network.", "cells/", "sampling.", "training/", "model.")
Turn = Callable[[], float]  # makes COUNT updates, and returns the seconds that they took

PREPARE = """({ K, m, T, text, cells, weights, count, checked }) => {
  const vocabulary = Array.from({ length: K }, (_, k) => k);
  const settings = { optimiser: "adagrad", rate: 0.1, clip: 5, clipBy: "value", T };
  const loop = () => bare(K, m, T, text, Float64Array.from(weights[0]));
  const page = (i) => {
    const shape = { cell: cells[i], hiddenSize: m, vocabulary };
    const training = slicedRun({ shape, weights: Float64Array.from(weights[i]),
      text: Int32Array.from(text), heldOut: new Int32Array(0), settings });
    return (count) => {
      for (let n = 0; n < count; n++) training.advance();
      return training.run.loss;
    };
  };
  const turns = { bare: loop() };
  cells.forEach((cell, i) => { turns[cell] = page(i); });
  globalThis.turn = (name) => {
    const began = performance.now();
    turns[name](count);
    return (performance.now() - began) / 1000;
  };
  return Math.abs(page(0)(checked) / loop()(checked) - 1);
}"""


def in_browser(view: Page, task: Task) -> dict[str, Turn]:
    """Return the turns of the bare loop and of the page's training with each cell."""
    names = [name for name in scripts.NAMES if name.startswith(MATH) or name == "curve.js"]
    files = [scripts.FOLDER / name for name in names]
    for file in (*files, Path(__file__).with_name("bare.js")):
        view.add_script_tag(content=file.read_text(encoding="utf-8"))
    weights = [initialise(cell, task.K, M, seed=400).theta.tolist() for cell in CELLS]
    given: dict[str, Any] = {
        "K": task.K,
        "m": M,
        "T": T,
        "text": task.streams[0].tolist(),
        "cells": [*CELLS],
    }
    given |= {"weights": weights, "count": COUNT, "checked": CHECKED}
    differs, limit = view.evaluate(PREPARE, given), TOLERANCES["float64"][1]
    if not differs <= limit:  # written so that NaN fails, too
        raise DifferenceError(f"the page's loss differs from the bare loop's by {differs:.1e}")
    turns = {"bare": "bare loop"} | {cell: f"page, {cell}" for cell in CELLS}
    return {words: partial(view.evaluate, "turn", name) for name, words in turns.items()}


def in_python(task: Task) -> dict[str, Turn]:
    """Return the turns of this project's compiled loop and, if it is there, of PyTorch."""
    peers = {"Python, compiled": "ours"}
    if find_spec("torch"):
        peers["PyTorch"] = "pytorch"

    def turn(name: str) -> Turn:
        peer = import_module(f"benchmarks.peers.{name}").Peer(task)
        return lambda: timeit(partial(peer.train, COUNT), number=1)

    return {words: turn(name) for words, name in peers.items()}


def measured(turns: dict[str, Turn], rounds: int) -> dict[str, list[float]]:
    """Let all take turns, after two to warm up, and return the seconds of each turn."""
    seconds: dict[str, list[float]] = {name: [] for name in turns}
    for turn in range(-2, rounds):
        for name, make in turns.items():
            took = make()
            if turn >= 0:
                seconds[name].append(took)
    return seconds


def table(record: dict[str, Any]) -> str:
    """Return the figures as a table."""
    each = {name: median(seconds) / COUNT for name, seconds in record["seconds"].items()}
    rows = [
        f"| {name} | {1 / one:,.0f} | {1e6 * one:,.0f} | {each['bare loop'] / one:.2f} |"
        for name, one in each.items()
    ]
    share = each["bare loop"] / each["page, rnn"]
    about = (
        f"m={M}, T={T}, one stream, K={record['K']}, AdaGrad, float64; medians of turns of {COUNT}"
        f" updates in Chromium {record['browser']}, and in Python on one core. The bare loop is"
        " that of the cell rnn; with m=100, gru has three times its weights, and lstm four times."
    )
    head = [
        "| | updates per second | µs per update | times the bare loop's speed |",
        "|---|---:|---:|---:|",
    ]
    end = (
        f"The page's training has {share:.2f} times the speed of the bare loop; the aim is at"
        f" least {AIM}."
    )
    lines = ["# Training in the page", "", about, "", *head, *rows, "", end]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure all, and write the files."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    chosen = parser.parse_args()
    book = read_book(ROOT / "data" / "tales.txt")
    text = book.indices[: COUNT * T + 1]
    task = make_task(text, len(book.vocabulary), m=M, T=T, B=1, dtype="float64")
    with chromium() as browser:
        turns = in_browser(browser.new_page(), task) | in_python(task)
        seconds = measured(turns, chosen.rounds)
        record = {"machine": machine(), "browser": browser.version, "K": task.K, "seconds": seconds}
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "page.json").write_text(json.dumps(record, indent=1) + "\n")
    (chosen.out / "page.md").write_text(table(record))
    print(table(record))


if __name__ == "__main__":
    main()
