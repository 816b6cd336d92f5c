"""Freshly compiled code and code read from the cache give the same bits."""

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnn.network import CELLS
from rnn.optimisers import OPTIMISERS
from tests.long.once import once

ROOT = Path(__file__).parents[2]
PROGRAM = """
import hashlib, sys
import numpy as np
from rnn.gradcheck import check_gradients
from rnn.network import initialise
from rnn.settings import Settings
from rnn.training import train

cell, optimiser, dtype, *first = sys.argv[1:]
text = np.random.default_rng(1).integers(0, 9, 3000).astype(np.uint8)
if first:  # another use of the same functions, before
    check_gradients(initialise(cell, 9, 4, seed=1), text[:9, None], text[1:10, None])
settings = Settings(cell=cell, optimiser=optimiser, dtype=dtype, hidden_size=7, max_updates=100)
*_, run = train(text, text[:0], 9, settings)
print(hashlib.sha256(run.network.theta.tobytes()).hexdigest())
"""


def trained(cache: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=os.environ | {"NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize(
    ("cell", "optimiser", "dtype"),
    [
        *((*pair, "float64") for pair in itertools.product(CELLS, ["adam"])),
        *(("rnn", optimiser, "float32") for optimiser in OPTIMISERS),
    ],
)
def test_the_bits_do_not_depend_on_what_was_compiled_when(
    cell: str, optimiser: str, dtype: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = trained(tmp_path / "a", cell, optimiser, dtype)
    assert trained(tmp_path / "a", cell, optimiser, dtype) == made, "read from the cache"

    def use(cache: Path) -> None:
        trained(cache, cell, "adagrad", dtype, "another use first")

    shutil.copytree(once(tmp_path_factory, f"used-{cell}-{dtype}", use), tmp_path / "b")
    assert trained(tmp_path / "b", cell, optimiser, dtype) == made, "part of it was compiled before"
