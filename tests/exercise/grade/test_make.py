"""Grades from start to end: thirty submissions, the files, and what is refused."""

import csv
import json
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from rnn.exercise.folder.check import FUNCTIONS, RIGHT, UNTESTED, WRONG, Finding
from rnn.exercise.grade import make
from rnn.exercise.grade.__main__ import main
from rnn.exercise.grade.marks import Marked, mark, without
from rnn.exercise.grade.outputs import Graded, files
from rnn.exercise.slips import OUTSIDE, accepted, known
from rnn.exercise.student import source
from tests.exercise import styles
from tests.exercised import answers

STYLES = Path(styles.__file__).read_text(encoding="utf-8")
WHOLE = source("rnn", ())
ROOT = Path(__file__).parents[3]


def in_styles(*chosen: str) -> str:
    """Return a right solution, one function after another in a style of its own."""
    names = zip(FUNCTIONS, [*chosen] * len(FUNCTIONS), strict=False)
    return STYLES + "".join(f"{name} = {style}_{name}\n" for name, style in names)


RIGHT_ONES = {
    "given": WHOLE,
    "loops": in_styles("loops"),
    "einsum": in_styles("einsum"),
    "matrix": in_styles("matrix"),
    "mixed": in_styles("loops", "einsum", "matrix"),
    "mixed again": in_styles("matrix", "loops"),
    "talks": f"{WHOLE}\nprint('hello')\nfor _ in range(1000): print('x' * 1000)\n",
    "numpy by name": WHOLE.replace("import numpy as np", "import numpy\nnp = numpy"),
    "epsilon outside": source("rnn", (), {"adagrad": (OUTSIDE,)}),
    "main": f"{WHOLE}\nif __name__ == '__main__':\n    raise SystemExit\n",
}
SLIPS = [
    (name, slip)
    for name, several in known("rnn").items()
    for slip in several[1::5]
    if slip not in accepted(name)
][:18]


def hand_in(folder: Path) -> None:
    """Write thirty submissions: ten right ones in different styles, and twenty wrong ones."""
    for name, code in RIGHT_ONES.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "student.py").write_text(code)
    for i, (name, slip) in enumerate(SLIPS):
        with zipfile.ZipFile(folder / f"wrong {i}.zip", "w") as archive:
            archive.writestr("exercise/student.py", source("rnn", (), {name: (slip,)}))
    (folder / "blank.py").write_text(source("rnn"))
    (folder / "broken.py").write_text("def softmax(:\n")


@pytest.fixture(autouse=True)
def _same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "answers", answers)


@pytest.fixture(scope="module")
def thirty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("grade")
    hand_in(folder / "in")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(make, "answers", answers)
        options = ["--submissions", str(folder / "in"), "--out", str(folder / "out")]
        assert main([*options, "--workers", "2"]) == 0
    return folder / "in", folder / "out"


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "grades.csv").open(newline="") as file:
        return [*csv.DictReader(file)]


def contents(out: Path) -> dict[str, bytes]:
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def test_right_ones_have_all_points_and_wrong_ones_lose_those_of_what_is_wrong(
    thirty: tuple[Path, Path],
) -> None:
    found = {row["name"]: row for row in rows(thirty[1])}
    assert len(found) == 30
    for name in RIGHT_ONES:
        assert (found[name]["status"], found[name]["points"]) == (RIGHT, "100"), found[name]
    for i, (name, slip) in enumerate(SLIPS):
        row = found[f"wrong {i}"]
        assert row["status"] == WRONG
        assert row[name] == "0"
        said = (thirty[1] / "feedback" / f"wrong {i}.txt").read_text()
        assert f"what you get if {slip.what}." in said
        if name != "softmax":  # which forward uses, and synthesise
            assert float(row["points"]) >= 50
    assert (found["blank"]["status"], found["blank"]["points"]) == ("not written", "0")
    assert found["broken"]["status"] == "can't be loaded"
    assert {row["out_of"] for row in found.values()} == {"100"}


def test_each_has_its_feedback_in_three_forms(thirty: tuple[Path, Path]) -> None:
    for row in rows(thirty[1]):
        said = (thirty[1] / "feedback" / f"{row['name']}.txt").read_text()
        assert said.startswith(f"{row['name']}: {row['points']} of 100 points\n")
        assert UNTESTED.partition(".")[0] in said
        result = json.loads((thirty[1] / "gradescope" / f"{row['name']}.json").read_text())
        assert result["score"] == sum(test["score"] for test in result["tests"])
        assert result["score"] == float(row["points"])
        assert [test["name"] for test in result["tests"]] == [*FUNCTIONS]
        assert {test["status"] for test in result["tests"]} <= {"passed", "failed"}
        (suite,) = ElementTree.parse(thirty[1] / "junit" / f"{row['name']}.xml").getroot()
        bad = [case for case in suite if len(case)]
        counts = [int(suite.get(kind, "")) for kind in ("failures", "errors", "skipped")]
        assert (len(bad), len(suite)) == (sum(counts), int(suite.get("tests", "")))
        assert len(bad) == [test["status"] for test in result["tests"]].count("failed")


def test_the_same_bytes_each_time_whatever_the_number_of_workers(
    thirty: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    for name in ("mixed", "talks"):
        shutil.copytree(thirty[0] / name, tmp_path / "in" / name)
    for name in ("broken.py", "wrong 0.zip", "wrong 7.zip", "wrong 12.zip"):
        shutil.copy(thirty[0] / name, tmp_path / "in")
    out = tmp_path / "out"
    assert main(["--submissions", str(tmp_path / "in"), "--out", str(out), "--workers", "1"]) == 0
    found, before = contents(out), contents(thirty[1])
    assert len(found) == 4 * 6 + 1
    assert {*found.pop("grades.csv").splitlines()} <= {*before["grades.csv"].splitlines()}
    assert found == {path: before[path] for path in found}


def test_what_is_graded_is_not_graded_again(
    thirty: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = thirty
    before = contents(out)
    again: list[bytes] = []
    whole = mark

    def counted(code: bytes, *arguments: Any) -> Marked:
        again.append(code)
        return whole(code, *arguments)

    monkeypatch.setattr(make, "mark", counted)
    options = ["--submissions", str(folder), "--out", str(out)]
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*.txt")}
    assert main(options) == 0
    assert (again, contents(out)) == ([], before)
    assert times == {path: path.stat().st_mtime_ns for path in out.rglob("*.txt")}
    assert "30 submissions: 10 right" in capsys.readouterr().err
    # Hints and points are set otherwise, and nothing is asked again.
    weights = folder.parent / "weights.toml"
    weights.write_text("".join(f"{name} = 0.1\n" for name in FUNCTIONS))
    assert main([*options, "--hint", "0", "--weights", str(weights)]) == 0
    assert again == []
    assert {row["out_of"] for row in rows(out)} == {"0.7"}
    assert "what you get if" not in (out / "feedback" / "wrong 0.txt").read_text()
    # A record that is damaged, and a file that has changed.
    (out / ".grades" / "wrong 1.json").write_text("{")
    (folder / "blank.py").write_text(WHOLE)
    assert main(options) == 0
    assert len(again) == 2
    assert {row["name"]: row["points"] for row in rows(out)}["blank"] == "100"
    (folder / "blank.py").write_text(source("rnn"))
    assert main(options) == 0
    assert contents(out) == before


def test_other_cells_and_functions_that_were_given(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ada.py").write_text(source("gru", ()))
    (tmp_path / "in" / "bob.py").write_text(source("gru", ("loss",)))
    options = ["--submissions", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    assert main([*options, "--cell", "gru", "--without", "loss forward"]) == 0
    ada, bob = rows(tmp_path / "out")
    assert [*ada] == ["name", "status", "cell", "forward", "loss", "points", "out_of"]
    assert (ada["points"], ada["out_of"], ada["cell"]) == ("25", "25", "gru")
    assert (bob["points"], bob["status"]) == ("20", "not written")


def test_interrupted_it_keeps_what_is_graded_and_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.py").write_text(WHOLE)
    (tmp_path / "in" / "b.py").write_text("while True: pass\n")
    command = [sys.executable, "-m", "rnn.exercise.grade", "--submissions", str(tmp_path / "in")]
    command += ["--out", str(tmp_path / "out"), "--limit", "300", "--workers", "2"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as started:
        end = time.monotonic() + 100
        while not (tmp_path / "out" / ".grades" / "a.json").exists():
            assert time.monotonic() < end
            time.sleep(0.1)
        started.terminate()
        _, said = started.communicate(timeout=60)
    assert started.returncode == 130
    assert said.rstrip().endswith("interrupted: the same command goes on where it was")
    assert not (tmp_path / "out" / "grades.csv").exists()
    assert [path.name for path in (tmp_path / "out" / ".grades").iterdir()] == ["a.json"]


def test_markup_and_formulas_in_what_students_say_are_text(tmp_path: Path) -> None:
    said = "</failure>]]> & \"'<x> =1+1 \\x1b"
    finding = Finding("loss", WRONG, (said,), slips=("&",))
    made = files([Graded("ada", "rnn", Marked((finding,), ("reads </x>",)))], {"loss": 1}, None)
    (tmp_path / "x.xml").write_text(made["junit/ada.xml"])
    (suite,) = ElementTree.parse(tmp_path / "x.xml").getroot()
    assert f"{WRONG}: {said}" == suite[0][0].get("message")
    assert "=1+1" not in made["grades.csv"]
    assert json.loads(made["gradescope/ada.json"])["tests"][0]["output"] == f"wrong: {said}\n&"


def test_a_single_function_is_told_its_slip() -> None:
    finding = Finding("backward", WRONG, ("b is wrong",), slips=("b is counted twice.",))
    made = files([Graded("ada", "rnn", Marked((finding,)))], {"backward": 35}, None)
    said = made["feedback/ada.txt"].splitlines()
    assert said[2:4] == ["backward    wrong: b is wrong", f"{' ' * 12}b is counted twice."]
    assert "wrong: backward" in json.loads(made["gradescope/ada.json"])["output"].splitlines()
    one = without(["backward"], "can't be loaded", "SyntaxError")
    said = files([Graded("ada", "rnn", one)], {"backward": 35}, None)[
        "feedback/ada.txt"
    ].splitlines()
    assert said[2] == "student.py: can't be loaded: SyntaxError"


def test_gradescope_says_what_there_is_to_say_once() -> None:
    findings = (
        Finding("softmax", RIGHT),
        Finding("loss", WRONG, ("it returns nothing",), equation="a\n  b", where="here"),
        Finding("clip", RIGHT),
    )
    weights = {"softmax": 10, "loss": 5, "clip": 2.5}
    untested = f"{UNTESTED.partition('.')[0]}."

    def result(*given: Any) -> dict[str, Any]:
        made = files([Graded("ada", "rnn", Marked(*given))], weights, 2)
        return dict(json.loads(made["gradescope/ada.json"]))

    several = result(findings, ("starts a program",))
    assert several["output"].splitlines() == [
        "tampered: 12.5 of 17.5 points",
        "This file does what no solution needs: it starts a program.",
        "right: softmax, clip",
        "wrong: loss",
        untested,
    ]
    assert several["tests"][0]["output"] == "right"
    said = "wrong: it returns nothing\nHint 1: look here.\nHint 2: the equation is\n    a\n      b"
    assert several["tests"][1]["output"] == said
    assert result(without([*weights], "not handed in", "there is none").findings)[
        "output"
    ].splitlines() == [
        "not handed in: 0 of 17.5 points",
        "student.py: not handed in: there is none",
        untested,
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "SUBMISSIONS: name a folder, as in SUBMISSIONS=handed-in"),
        (["--submissions", "nowhere"], "SUBMISSIONS: 'nowhere' can't be used: No such file"),
        (["--submissions", "in/a.py"], "SUBMISSIONS: in/a.py is no folder"),
        (["--submissions", "in"], "OUT: name a new folder for the grades, as in OUT=grades"),
        (["--submissions", "in", "--out", "full"], "OUT: full is not empty"),
        (["--submissions", "in", "--out", "in/x"], "OUT: name a folder that is not in that of"),
        (["--submissions", "empty", "--out", "x"], "SUBMISSIONS: there is no folder, zip file"),
        (["--submissions", "in", "--out", "x", "--cell", "grub"], "CELL: there is no 'grub'"),
        (["--submissions", "in", "--out", "x", "--without", "los"], "WITHOUT: there is no 'los'"),
        (["--submissions", "in", "--out", "x", "--hint", "4"], "HINT must be a whole number"),
        (
            ["--submissions", "in", "--out", "x", "--seed", "0"],
            "SEED must be a whole number",
        ),
        (["--submissions", "in", "--out", "x", "--workers", "-1"], "WORKERS must be a whole"),
        (["--submissions", "in", "--out", "x", "--limit", "x"], "LIMIT must be a whole number"),
        (["--submissions", "in", "--out", "x", "--memory", "1"], "MEMORY must be a whole number"),
        (["--submissions", "in", "--out", "x", "--weights", "no"], "WEIGHTS: 'no' can't be used"),
        (["--submissions", "in", "--out", "x", "--weights", "w1"], "w1 can't be read as TOML"),
        (["--submissions", "in", "--out", "x", "--weights", "w2"], "WEIGHTS: there is no 'los'"),
        (["--submissions", "in", "--out", "x", "--weights", "w3"], "loss must be a number of"),
        (["--submissions", "in", "--out", "x", "--weights", "w4"], "w4 has no points for softmax"),
        (["--submission", "in"], "see python -m rnn.exercise.grade --help"),
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
    for folder in ("in", "full", "empty"):
        Path(folder).mkdir()
    Path("in/a.py").write_text(WHOLE)
    Path("full/mine").touch()
    texts = ("loss = ", "los = 1", "loss = -1", "loss = 1")
    for number, text in enumerate(texts, 1):
        Path(f"w{number}").write_text(text)
    before = sorted(tmp_path.rglob("*"))
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("rnn.exercise.grade: error: ")
    assert said in err
    assert sorted(tmp_path.rglob("*")) == before
