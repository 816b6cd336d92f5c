"""A dashboard over three million updates: it stays responsive, and its memory does not grow."""

import json
import time

import numpy as np

from tests.interactive.test_interactive import BEGIN, Kernel, kernel, run_cell

__all__ = ["kernel"]  # a fixture

START = """
settings = Settings(hidden_size=8, seq_length=10, epochs=10**6, sample_every=1000)
mine = dashboard(data, settings, folder="mine")
mine.fields["max_updates"].value = "3000000"
mine.start.click()
"""
LOOK = """
import json
held = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS")]
run = mine.run
print(json.dumps([mine.running, run.step if run else 0, int(held[0]) / 1000,
                  len(run.history) if run else 0, len(mine.chart.value)]))
"""


def test_three_million_updates(kernel: Kernel) -> None:
    _, client = kernel
    run_cell(client, BEGIN)
    run_cell(client, START)
    held, running = {}, True
    until = time.monotonic() + 1200
    while running and time.monotonic() < until:
        running, step, megabytes, rows, drawn = json.loads(run_cell(client, LOOK))
        if step:  # before that, it is compiling
            held[step] = megabytes
        assert rows <= 20_000
        assert drawn < 25_000
        time.sleep(0.1)
    early = max(size for step, size in held.items() if step < 1_000_000)
    late = max(held.values())
    waits = max(np.diff([0, *held]))
    print(f"an answer in {waits:,} updates; at first {early:.0f} MB, at most {late:.0f} MB")
    assert max(held) == 3_000_000
    assert waits < 200_000  # two seconds where training has the machine to itself
    assert late < early + 20
    assert "Done: update 3,000,000 of 3,000,000" in run_cell(client, "print(mine.status.value)")
