"""The whole report, made in two copies of the project in two places, is the same bytes."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from tests.long.command import ROOT

SMALL = (
    "hidden_size=8 seq_length=10 max_updates=300 sample_every=100 sample_length=50"
    " passage_length=100"
)
FILES = ("report.html", "report.pdf", "model.npz", "history.csv", "evolution.txt", "passage.txt")


def copy(to: Path) -> Path:
    """Copy the project as git would have it, with a small book, and nothing compiled."""
    for name in ("rnn", "notebooks"):
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, to)
    (to / "data").mkdir()
    text = (ROOT / "data/tales.txt").read_text(encoding="utf-8")
    (to / "data/start.txt").write_text(text[:20_000], encoding="utf-8")
    return to


def test_two_copies_make_the_same_report(tmp_path: Path) -> None:
    copies = [copy(tmp_path / "one"), copy(tmp_path / "a deeper/and a longer place/two")]
    command = [sys.executable, "-m", "rnn.report", "--book=data/start.txt", f"--params={SMALL}"]
    started = [
        subprocess.Popen(
            command,
            cwd=project,
            env=os.environ | {"PYTHONPATH": str(project), "PYTHONHASHSEED": str(seed)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed, project in enumerate(copies, start=1)
    ]
    for process in started:
        said = process.communicate(timeout=600)[1]
        assert process.returncode == 0, said
    one, two = (
        {
            name: sha256((project / "reports/start" / name).read_bytes()).hexdigest()
            for name in FILES
        }
        for project in copies
    )
    assert one == two
    page = (copies[0] / "reports/start/report.html").read_text(encoding="utf-8")
    assert str(tmp_path) not in page
