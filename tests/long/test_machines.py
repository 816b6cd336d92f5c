"""The same training on another machine: another processor's code and arithmetic."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.long.command import ROOT

PROGRAM = """
import json
from rnn.files.book import read_book
from rnn.settings import Settings
from rnn.text import split
from rnn.training import train

book = read_book("data/tales.txt")
training, validation, _ = split(book.indices, 0.05, 0.05)
settings = Settings(max_updates=20_000, sample_every=1_000_000)
*_, run = train(training, validation, len(book.vocabulary), settings)
print(json.dumps([(row.loss, row.smooth_loss) for row in run.history]))
"""
# A processor of 2008, without the wide registers and the fused operations of later ones.
OLD = {
    "OPENBLAS_CORETYPE": "Nehalem",
    "NUMBA_CPU_NAME": "nehalem",
    "NUMBA_CPU_FEATURES": "+sse,+sse2",
}


def losses(**environment: str) -> NDArray[np.float64]:
    """Train in a separate process; return the loss and the smoothed loss every 100 updates."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return np.array(json.loads(ran.stdout))


@pytest.mark.skipif(
    platform.machine() != "x86_64", reason="knows the names of these processors only"
)
def test_another_machine_gives_the_same_within_what_the_report_says(tmp_path: Path) -> None:
    here, again = losses(), losses()
    assert np.array_equal(here, again), "the same machine: the same bits"
    there = losses(**OLD, NUMBA_CACHE_DIR=str(tmp_path))
    assert not np.array_equal(here, there), "else it was no other machine"
    apart = np.abs(there / here - 1)
    print("apart at first:", apart[0], "later, smoothed:", apart[:, 1].max())
    assert apart[0].max() < 1e-12
    assert apart[:, 1].max() < 0.05
