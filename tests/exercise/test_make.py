"""The folder of an exercise and the command that writes it."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from rnn.exercise import make
from rnn.exercise.__main__ import main
from rnn.exercise.folder import check
from rnn.exercise.make import chosen, files
from rnn.exercise.notebook import lesson
from rnn.exercise.request import Request
from rnn.exercise.request import check as planned
from rnn.exercise.slips import accepted, known
from rnn.exercise.student import solution, source
from tests.exercised import CELLS, answers

NAMES = [
    "README.md",
    "answers.npz",
    "check.py",
    "exercise.ipynb",
    "exercise.py",
    "live.py",
    "requirements.txt",
    "student.py",
    "tales.txt",
]
ROOT = Path(__file__).parents[2]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the check of a folder, without the project."""
    return subprocess.run(
        [sys.executable, "-I", str(folder / "check.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder.parent,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("exercise") / "a folder"
    assert main(["--out", str(out)]) == 0
    return out


def test_it_has_what_a_student_needs_and_stands_alone(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == NAMES
    assert [*folder.parent.iterdir()] == [folder], "nothing is left beside it"
    assert (folder / "tales.txt").read_bytes() == (ROOT / "data" / "tales.txt").read_bytes()
    assert len((folder / "requirements.txt").read_text().splitlines()) == 3
    for name in ("student.py", "check.py", "exercise.py", "live.py"):
        assert not re.search(r"^\s*(from|import) rnn\b", (folder / name).read_text(), re.M)
    with np.load(folder / "answers.npz", allow_pickle=False) as stored:
        assert {stored[key].dtype.kind for key in stored} <= set("fiU")
    readme = (folder / "README.md").read_text()
    assert "{" not in readme
    assert len(readme.splitlines()) < 60


def test_the_check_says_what_is_right_and_what_is_not_and_exits_by_it(folder: Path) -> None:
    blank = (folder / "student.py").read_text()
    done = run(folder)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.count("not written") == 7
    assert "\nNot tested: " in done.stdout
    try:
        (folder / "student.py").write_text(source("rnn", ()))
        done = run(folder)
        assert (done.returncode, done.stderr) == (0, "")
        assert [line.split()[1].rstrip(":") for line in done.stdout.splitlines()[:7]] == [
            "right"
        ] * 7
        (slip, *_) = known("rnn")["backward"]
        (folder / "student.py").write_text(source("rnn", (), {"backward": (slip,)}))
        assert slip.what in run(folder).stdout
        hinted = run(folder, "backward", "--hint")
        assert "Hint 1" in hinted.stdout
        assert slip.what not in hinted.stdout
        assert "softmax" not in hinted.stdout
        assert run(folder, "--hint", "backward").stdout == hinted.stdout
        assert "Hint 2" in run(folder, "--hint", "2", "backward").stdout
        assert run(folder, "--hint", "five").returncode == 2
    finally:
        (folder / "student.py").write_text(blank)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def softmax(o:\n", "student.py can't be loaded: student.py, line 1: def softmax(o:"),
        ("import numpy\nx = 1 / 0\n", "ZeroDivisionError: division by zero in student.py, line 2"),
        ("raise SystemExit(0)\n", "SystemExit: 0 in student.py, line 1"),
        ("import nothing_like_it\n", "No module named 'nothing_like_it' in student.py, line 1"),
        ("", "softmax     not written"),
    ],
)
def test_a_file_that_can_not_be_loaded_is_one_line(folder: Path, code: str, said: str) -> None:
    blank = (folder / "student.py").read_text()
    try:
        (folder / "student.py").write_text(code)
        done = run(folder)
    finally:
        (folder / "student.py").write_text(blank)
    assert (done.returncode, done.stderr) == (1, "")
    assert said in done.stdout


def test_without_answers_or_with_a_wrong_name_it_refuses(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "check.py").write_bytes((folder / "check.py").read_bytes())
    done = run(tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "there is no function bakward" in run(folder, "bakward").stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "OUT: name a new folder"),
        (["--out", "x", "--cell", "grub"], "CELL: there is no 'grub': choose from rnn, gru, lstm"),
        (["--out", "x", "--mode", "bug"], "MODE: there is no 'bug': choose from write, debug"),
        (["--out", "x", "--without", "backwards"], "WITHOUT: there is no 'backwards'"),
        (["--out", "x", "--mode", "debug", "--without", "loss"], "WITHOUT does not go with MODE"),
        (["--out", "x", "--seed", "1"], "SEED goes with MODE=debug alone"),
        (["--out", "x", "--mode", "debug", "--seed", "-1"], "SEED must be a whole number"),
        (["--out", "full"], "OUT: full is not empty"),
        (["--out", "file"], "OUT: file is a file"),
        (["--out", "link"], "OUT: link is a symbolic link"),
        (["--out", "file/x"], "file is not a folder"),
        (["--out", "a\0b"], "can't be used"),
        (["--ouf", "x"], "unrecognized arguments: --ouf x; see python -m rnn.exercise --help"),
    ],
)
def test_what_is_refused_is_one_line_and_nothing_is_touched(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("full").mkdir()
    Path("full/student.py").write_text("my work")
    Path("file").touch()
    Path("link").symlink_to("full")
    before = sorted(tmp_path.rglob("*"))
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("rnn.exercise: error: ")
    assert said in err
    assert err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before
    assert Path("full/student.py").read_text() == "my work"


def test_one_that_fails_or_is_interrupted_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "x"
    monkeypatch.setattr(make, "files", lambda _: {"student.py": b"", "no/such": b""})
    assert main(["--out", str(out)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert [*tmp_path.iterdir()] == []

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(make, "files", interrupted)
    assert main(["--out", str(out)]) == 130
    assert [*tmp_path.iterdir()] == []


def test_an_empty_folder_is_used_and_a_file_that_comes_meanwhile_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "x"
    out.mkdir()

    def slow(_: object) -> dict[str, bytes]:
        (out / "student.py").write_text("my work")
        return {"student.py": b""}

    monkeypatch.setattr(make, "files", slow)
    assert main(["--out", str(out)]) == 1
    assert (out / "student.py").read_text() == "my work"
    (out / "student.py").unlink()
    monkeypatch.setattr(make, "files", lambda _: {"student.py": b""})
    assert main(["--out", str(out)]) == 0
    assert os.listdir(out) == ["student.py"]  # noqa: PTH208


def test_the_same_bytes_each_time(folder: Path) -> None:
    again = files(planned(Request(out=str(folder.parent / "new"))))
    assert {path.name: path.read_bytes() for path in folder.glob("*.*")} == again


@pytest.mark.parametrize("cell", CELLS)
def test_a_full_solution_with_a_slip_for_each_seed(
    cell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "answers", answers)
    several = [chosen(cell, seed) for seed in range(100)]
    assert len({*several}) == 100
    assert not [slip for name, slip in several if slip in accepted(name)]
    name, slip = several[7]
    made = files(planned(Request(out=str(tmp_path / "x"), cell=cell, mode="debug", seed="7")))
    assert made["student.py"].decode() == source(cell, (), {name: (slip,)})
    finding = check.find(solution(cell, {name: (slip,)})[name], name, solution(cell), answers(cell))
    assert slip.what in finding.slips[0]
    assert "one slip in it" in made["README.md"].decode()
    with np.load(io.BytesIO(made["answers.npz"])) as stored:
        assert stored["cell"] == cell
        assert stored["hint"] == 0
    assert "Write `" not in made["exercise.py"].decode()
    assert "Find the slip" in made["exercise.py"].decode()
    assert "is for you to find" in made["README.md"].decode()
    assert not {"{", "}"} & {*made["README.md"].decode()}


@pytest.mark.parametrize("cell", CELLS)
def test_the_lesson_is_that_of_its_cell_and_paired(cell: str) -> None:
    made = lesson(cell)
    notebook, script = (
        nbformat.reads(made["exercise.ipynb"], 4),
        jupytext.reads(made["exercise.py"], "py:percent"),
    )
    nbformat.validate(notebook)
    assert [c.source for c in notebook.cells] == [c.source for c in script.cells]
    text = made["exercise.py"]
    assert ("update gate" in text, "The memory" in text) == (cell == "gru", cell == "lstm")
    for name in check.FUNCTIONS:
        assert f"check(student.{name})" in text
        assert f"Write `{name}`." in text
        assert (f"Write `{name}`." in lesson(cell, ("loss",))["exercise.py"]) == (name == "loss")
    assert "Find the slip" not in text
    assert text.count("?") > 15


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_the_lesson_runs_once_all_is_written(
    cell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "answers", answers)
    made = files(planned(Request(out=str(tmp_path / "x"), cell=cell)))
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "student.py").write_text(source(cell, ()))
    notebook = nbformat.reads(made["exercise.ipynb"].decode(), 4)
    for part in notebook.cells:
        part.source = part.source.replace("updates, every = 10_000, 200", "updates, every = 20, 10")
    client = NotebookClient(
        notebook, kernel_name="python3", timeout=300, resources={"metadata": {"path": tmp_path}}
    )
    client.execute()
    shown = "".join(str(part.get("outputs")) for part in notebook.cells)
    assert shown.count("backward    right") == 2
    assert "update 20, smoothed loss" in shown
