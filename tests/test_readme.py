"""The README's Python runs, and prints what it says."""

import csv
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn.files.storage import save_run
from rnn.run import trained_model
from rnn.settings import Settings
from rnn.training import train

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_prints_what_the_readme_says() -> None:
    """The texts may differ: another processor rounds the last digits otherwise."""
    ((example, said),) = re.findall(r"```python\n(.*?)```\n\n```\n(.*?)```", README, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    loss, unit = said.partition("\n")[0].split(" ", 1)
    found, found_unit = done.stdout.partition("\n")[0].split(" ", 1)
    assert found_unit == unit
    assert float(found) == pytest.approx(float(loss), rel=0.05)
    written, shown = (text.partition("\n")[2] for text in (done.stdout, said))
    assert len(written) == 160 + len("\n")
    assert len(shown) in (len(written), len(written.rstrip()) + 1)


@pytest.mark.parametrize(
    ("updates", "streams", "dtype"), [(1, 1, "float64"), (250, 2, "float64"), (301, 1, "float32")]
)
def test_its_lines_recompute_the_smoothed_loss(
    updates: int, streams: int, dtype: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = np.random.default_rng(0).integers(0, 5, 4000)
    settings = Settings(hidden_size=4, batch_size=streams, max_updates=updates, dtype=dtype)
    *_, run = train(text, text[:0], 5, settings)
    folder = tmp_path / "reports/tales"
    folder.mkdir(parents=True)
    save_run(folder, run, trained_model(run, "abcde", 0), None)
    (lines,) = (
        code
        for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL)
        if "losses.npz" in code
    )
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    exec(lines, found)
    assert len(found["smooth"]) == run.step == updates
    assert found["smooth"][-1] == pytest.approx(run.smooth_loss, rel=1e-6)
    with (folder / "history.csv").open() as file:
        for row in csv.DictReader(file):
            at = int(row["step"])
            assert found["smooth"][at] == pytest.approx(float(row["smooth_loss"]), rel=1e-6)


def test_every_file_that_the_readme_links_to_is_there() -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", README)
    assert targets
    assert not [target for target in targets if not (ROOT / target).exists()]
