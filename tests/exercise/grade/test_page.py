"""What docs/teaching.md says is so."""

import re
import shutil
import subprocess
import sys
import threading
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from rnn.exercise.folder import check
from rnn.exercise.folder.check import FUNCTIONS
from rnn.exercise.grade.marks import GRAVEST, mark, questions
from rnn.exercise.grade.process import Limits
from rnn.exercise.grade.request import SHIPPED
from rnn.exercise.grade.submissions import submissions
from rnn.exercise.student import solution, source
from tests.exercised import answers

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")


def block(words: str) -> str:
    """Return the code that holds some words."""
    (found,) = (code for code in re.findall(r"```\w+\n(.*?)```", PAGE, re.DOTALL) if words in code)
    return str(found)


def test_the_rubric_is_that_of_the_weights_that_ship() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", PAGE, re.MULTILINE))
    weights = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    assert {name: int(points) for name, points in table.items()} == weights
    assert [*weights] == [*FUNCTIONS]
    assert sum(weights.values()) == 100


def test_each_status_and_each_variable_is_explained() -> None:
    for status in GRAVEST:
        assert f"`{status}`" in PAGE
    for line in (SHIPPED.parent / "variables.txt").read_text().splitlines():
        assert re.search(rf"\b{line.split()[0]}\b", PAGE), line


def test_what_it_says_of_reading_is_so(tmp_path: Path) -> None:
    """Reading the submissions is noticed and other files are not; the file must load alone."""
    assert "Reading other files of yours is not noticed." in PAGE
    (tmp_path / "mine").touch()
    functions = ("softmax",)
    asked = questions(answers("rnn", 1), functions)
    for kept, status in (((), "right"), ((str(tmp_path),), "tampered")):
        code = f"{source('rnn', ())}try: open({str(tmp_path / 'mine')!r})\nexcept OSError: pass\n"
        limits = Limits(20, 400_000_000, kept)
        found = mark(code.encode(), answers("rnn", 1), asked, limits, threading.Event())
        assert found.status == status
    for page in (PAGE, (ROOT / "rnn/exercise/folder/README.md").read_text(encoding="utf-8")):
        assert "must load alone" in page
    limits = Limits(20, 400_000_000)
    found = mark(b"import mine", answers("rnn", 1), asked, limits, threading.Event())
    assert found.status == "can't be loaded"


def test_every_file_that_it_links_to_is_there() -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", PAGE)
    assert targets
    assert not [target for target in targets if not (ROOT / "docs" / target).exists()]


def test_the_command_of_a_classroom_is_one_that_the_check_takes() -> None:
    ((step,),) = [yaml.safe_load(block("autograding-command-grader"))]
    hint, number, name = step["with"]["command"].removeprefix("python check.py ").split()
    assert (hint, int(number), name) == ("--hint", 1, "backward")


def test_the_graded_cell_of_nbgrader_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "check", check)
    monkeypatch.setattr(check, "load_answers", answers)
    cell = block("from check import FUNCTIONS")
    exec(cell, {"student": SimpleNamespace(**solution("rnn"))})
    wrong = {**solution("rnn"), "backward": lambda *_: None}
    with pytest.raises(AssertionError):
        exec(cell, {"student": SimpleNamespace(**wrong)})


def test_what_nbgrader_collects_is_a_folder_of_submissions(tmp_path: Path) -> None:
    (tmp_path / "ada" / "exercise").mkdir(parents=True)
    (tmp_path / "ada" / "exercise" / "student.py").write_text("x")
    (one,), _ = submissions(tmp_path)
    assert (one.name, one.source) == ("ada", b"x")


def contained() -> bool:
    """Return whether bubblewrap is there and may make namespaces."""
    command = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
    return bool(shutil.which("bwrap")) and not subprocess.run(command, check=False).returncode


@pytest.mark.skipif(not contained(), reason="bubblewrap can't be used on this machine")
def test_the_container_grades(tmp_path: Path) -> None:
    """The command of the page, with other folders."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ada.py").write_text(source("rnn", ()))
    code = block("bwrap").replace('"$PWD/grades"', f'"{tmp_path}"')
    code = code.replace("mkdir -p grades", f"cd {ROOT}").replace(".venv/bin/python", sys.executable)
    code = code.replace("handed-in --out grades", f"{tmp_path}/in --out {tmp_path}/out")
    environment = {"HOME": str(tmp_path.parent), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["sh", "-e", "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert "1 submission: 1 right" in done.stderr
