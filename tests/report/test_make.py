"""A report from the project's notebooks and one more, executed by a stand-in."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import numpy as np
import pytest

from rnn.files.storage import save_model
from rnn.report import running
from rnn.report.__main__ import main
from rnn.report.folder import work_folder
from rnn.report.stages import STAGES
from tests import own
from tests.executed import RUN, model, notebooks

ROOT = Path(__file__).parents[2]
MINE = """\
# %% [markdown]
# # What I tried
#
# It reads what [the training](03_training.ipynb) left.

# %% tags=["parameters"]
folder = "../reports/notebooks"
tries = 3

# %% caption="A *curve*." alt="It falls"
plot(tries)
"""


def test_a_further_notebook_becomes_chapter_five(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    (tmp_path / "notebooks" / "05_mine.py").write_text(MINE)
    asked: dict[str, dict[str, Any]] = {}
    there = notebooks()  # which prints, and is not for several threads

    def stand_in(notebook: Path, executed: Path, parameters: dict[str, Any], *_: Any) -> None:
        asked[notebook.stem] = parameters
        known = there.get(notebook.stem) or jupytext.read(notebook)
        if notebook.stem == "05_mine":
            widget = own.data(**{"application_vnd.jupyter.widget-view+json": {}})
            known.cells[-1].outputs = [own.svg(), own.svg(), widget]
        nbformat.write(known, executed)
        work = executed.parents[1]
        for stage in STAGES:
            if stage.name == notebook.stem and stage.tells:
                told = RUN[stage.tells] | ({"sha256": sha256} if stage.tells == "book" else {})
                (work / f"{stage.tells}.json").write_text(json.dumps(told))
            for name in stage.writes if stage.name == notebook.stem else ():
                (work / name).write_text(name)
        if notebook.stem == "03_training":
            save_model(work / "model.npz", model())
            np.savez(work / "losses.npz", losses=[3.5])

    monkeypatch.setattr(running, "run", stand_in)
    monkeypatch.chdir(tmp_path)
    book = tmp_path / "book.txt"
    book.write_text("Once upon a time.\n" * 20)
    sha256 = hashlib.sha256(book.read_bytes()).hexdigest()
    options = ["--book=book.txt", "--out=out", "--params=tries=4"]
    assert main(options, tmp_path / "notebooks") == 0
    assert asked.keys() == {*(stage.name for stage in STAGES), "05_mine"}
    assert list(asked)[-1] == "05_mine", "it runs once all others are done"
    assert asked["05_mine"] == {"folder": "../.out.work", "tries": 4}
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert '<h2 id="chapter-5">' in page
    assert '<span class="number">5</span> What I tried' in page
    assert '<span class="number">6</span> How to make this report again' in page
    assert 'what <a href="#chapter-3">the training</a> left' in re.sub("</?span>", "", page)
    assert "tries = 4" in page.replace('<span class="m">', "")
    assert (tmp_path / "out" / "notebooks" / "05_mine.ipynb").is_file()
    assert "Figure 2</a> A <em>curve</em>." in page
    assert "The output of cell 2 of 05_mine (a widget) can’t be shown in a report." in page
    said = capsys.readouterr().err.splitlines()
    assert "the output of cell 2 of 05_mine (a widget) can't be shown in a report" in said
    assert [line for line in said if "picture 2 has no caption" in line]


WRONG = "the gradient is wrong: the relative error of U (8.6e-05) against the complex step"


def test_what_is_wrong_is_said_at_once_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    check = {"central_difference": {"U": 8.6e-5}, "complex_step": {"U": 8.6e-5}}
    told = {
        "gradient_check": check | {"entries": 1, "checked": 1},
        "training": {"diverged": "the loss of update 11 is inf"},
    }
    monkeypatch.setattr(running, "run", lambda _, executed, *__: executed.write_text("{}"))
    for name in ("carry", "_write_document", "placing.place"):
        monkeypatch.setattr(f"rnn.report.make.{name}", lambda *_, **__: [])
    monkeypatch.setattr("rnn.report.done.note", lambda *_, **__: None)
    monkeypatch.setattr("rnn.report.make.record", lambda *_: RUN | told)
    monkeypatch.setattr("rnn.report.told.read", lambda _, name: told[name])
    assert main([f"--out={tmp_path / 'out'}"]) == 0
    said = [line[:87] for line in capsys.readouterr().err.splitlines()]
    wrong, diverged = f"warning: {WRONG}"[:87], "warning: training diverged: the loss of update 11"
    at = {line: place for place, line in enumerate(said)}
    assert at["[3/5] 03_training"] == at[wrong] + 1 == at["[2/5] 02_gradcheck"] + 2
    (place,) = [place for line, place in at.items() if line.startswith(diverged)]
    assert place == at["[4/5] 04_sampling"] - 1
    assert said.count(wrong) == 1


def test_an_unfinished_report_is_named_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("other", "third"):
        with work_folder(tmp_path / name):
            pass
    monkeypatch.setattr(running, "run", lambda _, executed, *__: executed.write_text("{}"))
    for name in ("carry", "_write_document", "placing.place"):
        monkeypatch.setattr(f"rnn.report.make.{name}", lambda *_, **__: [])
    monkeypatch.setattr("rnn.report.done.note", lambda *_, **__: None)
    monkeypatch.setattr("rnn.report.make.record", lambda *_: RUN)
    monkeypatch.setattr("rnn.report.told.read", lambda _, name: RUN[name])
    assert main([f"--out={tmp_path / 'out'}"]) == 0
    said = capsys.readouterr().err.splitlines()
    (named,) = [line for line in said if "never finished" in line]
    # The stand-in for putting a report into its place leaves its own folder.
    assert named == (
        f"3 folders in {tmp_path} hold what was begun and never finished: make it again to resume"
        " it, or remove them: .other.work, .out.work, .third.work"
    )


HEAVY = ("seaborn", "pandas", "scipy.stats", "matplotlib.figure", "papermill")


@pytest.mark.parametrize("option", ["params=lr=1", "book=none.txt", "preset=fast", "notes=none.md"])
def test_a_request_is_refused_without_what_draws_or_runs(option: str) -> None:
    code = (
        "import sys; from rnn.report.__main__ import main; status = main(sys.argv[1:2]);"
        "print(status, *(name for name in sys.argv[2:] if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, f"--{option}", *HEAVY],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["2"], done.stderr


@pytest.mark.parametrize("metadata", ["caption=3", 'label="A b"', 'alt=["a", 1]'])
def test_a_caption_that_is_none_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], metadata: str
) -> None:
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    wrong = MINE.replace('caption="A *curve*." alt="It falls"', metadata)
    (tmp_path / "notebooks" / "05_mine.py").write_text(wrong)
    assert main([f"--out={tmp_path / 'out'}"], tmp_path / "notebooks") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"cell 2 of 05_mine.py: {metadata.split('=')[0]} must be" in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("for t in range(T):", "for t in range(T)", "SyntaxError: expected ':'"),
        ("BLOCKS, STATES = 1, 1", "BLOCKS, STATES = 1, one", "NameError: name 'one' is not"),
        ("import Parameters", "import Parameter", "ImportError: cannot import name 'Parameter'"),
        ("        for i in range(B):", "       for i in range(B):", "IndentationError: unindent"),
    ],
)
def test_a_source_that_can_not_be_loaded_is_one_line(
    right: str, wrong: str, said: str, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "rnn", tmp_path / "rnn", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "rnn" / "vanilla.py"
    source = path.read_text(encoding="utf-8")
    assert right in source
    path.write_text(source.replace(right, wrong, 1), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "from rnn.report.__main__ import main; raise SystemExit(main([]))"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    (line,) = done.stderr.splitlines()
    assert re.match(r"rnn\.report: error: .*: rnn/vanilla\.py, line \d+: ", line)
    assert said in line
    assert done.returncode == 1
