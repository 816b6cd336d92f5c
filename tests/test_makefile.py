"""The user's values reach the command unchanged, and nothing in them is run."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnn.report.command import variables

ROOT = Path(__file__).parent.parent
ROOMS = (
    *("report", "study", "exercise", "exercise/grade"),
    *("report/verify", "report/compare", "report/archive"),
)
LISTS = [f"rnn/{name}/variables.txt" for name in ROOMS]

VALUES = [
    "$(shell touch made_by_make)",
    "`touch made_by_the_shell`; touch made_by_the_shell # $(BOOK) ${BOOK}",
    """x"; y $$z'#.txt""",
    '#read("/etc/passwd")',
    "a $ b",
    "$",
    "$$",
    "$$(BOOK)$(error x)${HOME}",
    "back\\slash \\ at the end\\",
    "two\nlines\tand a tab\nendef\n$(shell touch made_by_make)",
    "a=b :c %d * ? ~/e &f|g>h (i) {j,k} !l",
    "-x --out y",
    "trailing blanks  ",
    "Žluťoučký kůň – 字",
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with the Makefile, and a .venv whose Python only records its arguments."""
    for name in ("Makefile", *LISTS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(
        f"#!{sys.executable}\nimport json, sys\njson.dump(sys.argv[1:], open('arguments', 'w'))\n"
    )
    python.chmod(0o755)
    return tmp_path


def make(
    project: Path, *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    # Settings of a make that runs these tests must not reach the make under test.
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", "PYTHON=true", *arguments],
        cwd=project,
        env={**clean, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def arguments_of(project: Path) -> list[str]:
    arguments = json.loads((project / "arguments").read_text())
    assert isinstance(arguments, list)
    return arguments


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("variable", ["BOOK", "PARAMS", "PRESET", "TITLE"])
def test_a_value_arrives_byte_for_byte(project: Path, variable: str, value: str) -> None:
    option = f"--{variable.lower()}={value}"
    before = sorted(project.iterdir())
    done = make(project, "report", f"{variable}={value}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert arguments_of(project) == ["-I", "-m", "rnn.report", option]
    # The same from the environment.
    (project / "arguments").unlink()
    assert make(project, "report", environment={variable: value}).returncode == 0
    assert arguments_of(project) == ["-I", "-m", "rnn.report", option]
    # No code in it was run.
    (project / "arguments").unlink()
    assert sorted(project.iterdir()) == before


@pytest.mark.parametrize("value", ["  two blanks", "\ttab ", " $(shell touch made_by_make)"])
def test_leading_blanks_arrive_but_for_those_that_make_drops(project: Path, value: str) -> None:
    """Make drops leading blanks on its command line."""
    assert make(project, "report", f"TITLE={value}").returncode == 0
    assert arguments_of(project)[3:] == [f"--title={value.lstrip()}"]
    assert make(project, "report", environment={"TITLE": value}).returncode == 0
    assert arguments_of(project)[3:] == [f"--title={value}"]
    assert not (project / "made_by_make").exists()


def test_each_variable_is_an_option_and_empty_ones_are_left_out(project: Path) -> None:
    names = [*variables()]
    assert {"BOOK", "OUT", "PARAMS", "PRESET", "TITLE", "NOTES"} <= set(names)
    make(project, "report", *(f"{name}=the {name}" for name in names))
    assert arguments_of(project)[3:] == [f"--{name.lower()}=the {name}" for name in names]
    make(project, "report", "BOOK=", environment={"TITLE": ""})
    assert arguments_of(project)[3:] == []


def test_the_variables_of_an_exercise_are_its_options(project: Path) -> None:
    assert make(project, "exercise", "OUT=a b", "WITHOUT=backward adagrad").returncode == 0
    given = arguments_of(project)
    assert given == ["-I", "-m", "rnn.exercise", "--out=a b", "--without=backward adagrad"]
    refused = make(project, "exercise", "BOOK=x")
    assert "*** make exercise takes no BOOK." in refused.stderr
    assert "(OUT WITHOUT CELL MODE SEED)" in make(project).stdout


def test_each_variable_of_a_study_is_an_option_of_its_command(project: Path) -> None:
    names = [*variables(ROOT / LISTS[1])]
    assert {"VARY", "SEEDS", "BOOK", "WORKERS", "CLUSTER"} <= set(names)
    done = make(project, "study", *(f"{name}=the {name}" for name in names))
    assert (done.returncode, done.stderr) == (0, "")
    options = [f"--{name.lower()}=the {name}" for name in names]
    assert arguments_of(project) == ["-I", "-m", "rnn.study", *options]


def test_the_variables_of_grades_are_the_options_of_its_command(project: Path) -> None:
    names = [line.split()[0] for line in (ROOT / LISTS[3]).read_text().splitlines()]
    assert {"SUBMISSIONS", "OUT", "WEIGHTS", "HINT", "WORKERS"} <= set(names)
    assert make(project, "grade", *(f"{name}=the {name}" for name in names)).returncode == 0
    options = [f"--{name.lower()}=the {name}" for name in names]
    assert arguments_of(project) == ["-I", "-m", "rnn.exercise.grade", *options]
    assert "make grade takes no BOOK." in make(project, "grade", "BOOK=x").stderr
    assert f"({' '.join(names)})" in make(project).stdout


def test_the_command_s_exit_status_is_reported(project: Path) -> None:
    (project / ".venv/bin/python").write_text("#!/bin/sh\nexit 130\n")
    done = make(project, "report")
    assert done.returncode == 2
    assert re.fullmatch(r"make: \*\*\* \[.*report\] Error 130\n", done.stderr)


def test_an_unknown_variable_is_refused(project: Path) -> None:
    done = make(project, "report", "BOK=x")
    assert done.returncode == 2
    assert "there is no variable BOK: choose from BOOK" in done.stderr
    assert not (project / "arguments").exists()


@pytest.mark.parametrize(
    ("goals", "given", "said"),
    [
        (["test"], "BOOK=x", "make test takes no BOOK"),
        (["book"], "BOOK=x", "make book takes no BOOK"),
        (["report"], "NAME=x", "make report takes no NAME"),
        (["report"], "VARY=cell=rnn", "make report takes no VARY"),
        (["study"], "CODE=1", "make study takes no CODE"),
        (["report"], "LAB_ARGS=x", "make report takes no LAB_ARGS"),
        (["lint", "book"], "PARAMS=x", "make lint book takes no PARAMS"),
        ([], "BOOK=x", "make takes no BOOK"),
    ],
)
def test_a_variable_of_another_target_is_refused(
    project: Path, goals: list[str], given: str, said: str
) -> None:
    done = make(project, *goals, given)
    assert done.returncode == 2
    assert f"*** {said}." in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (project / "arguments").exists()


def test_what_all_targets_take_and_what_one_of_two_does(project: Path) -> None:
    for given in ("OMP_NUM_THREADS=2", "MKL_NUM_THREADS=2"):
        assert make(project, "sync", given).returncode == 0
    assert make(project, "report", "sync", "BOOK=x").returncode == 0
    assert make(project, "sync", environment={"BOOK": "x"}).returncode == 0


def test_a_variable_without_its_value_is_refused_before_any_work(project: Path) -> None:
    done = make(project, "report", "COURSE")
    assert done.returncode == 2
    assert "COURSE has no value: write COURSE=..." in done.stderr
    assert not (project / "arguments").exists()


def test_a_book_is_fetched_by_name(project: Path) -> None:
    make(project, "book", "NAME=$(shell touch x) 'alice")
    assert arguments_of(project) == ["-I", "-m", "rnn.files.fetch", "$(shell touch x) 'alice"]
    make(project, "book", environment={"NAME": "a computer"})
    assert arguments_of(project) == ["-I", "-m", "rnn.files.fetch"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", []),
        ("--allow-root", ["--allow-root"]),
        ("--ip=0.0.0.0  --no-browser\t--port=1", ["--ip=0.0.0.0", "--no-browser", "--port=1"]),
        ("* $(shell touch x) `touch x`;&", ["*", "$(shell", "touch", "x)", "`touch", "x`;&"]),
    ],
)
def test_the_words_of_lab_args_come_last(project: Path, given: str, words: list[str]) -> None:
    done = make(project, "lab", f"LAB_ARGS={given}")
    assert (done.returncode, done.stderr) == (0, "")
    assert arguments_of(project) == [
        *("-I", "-m", "jupyterlab", f"--ServerApp.root_dir={project}"),
        "--LabApp.default_url=/lab/tree/notebooks/01_data.ipynb",
        *words,
    ]
    assert not (project / "x").exists()


def test_help_is_the_default_and_lists_the_targets(project: Path) -> None:
    done = make(project)
    assert done.returncode == 0
    listed = dict(re.findall(r"^make ([\w-]+) +(.+)$", done.stdout, re.MULTILINE))
    assert len(listed) == len(done.stdout.splitlines())
    assert f"({' '.join(variables(ROOT / LISTS[1]))})" in listed["study"]
    assert {"report", "test", "test-long", "lab", "sync", "lint", "clean", "help"} <= set(listed)
    assert f"({' '.join(variables())})" in listed["report"]


def test_blas_gets_one_thread_unless_told_otherwise(project: Path) -> None:
    (project / ".venv/bin/python").write_text('#!/bin/sh\necho "$OMP_NUM_THREADS"\n')
    assert make(project, "report", environment={"OMP_NUM_THREADS": "2"}).stdout == "2\n"
    assert make(project, "report", "OMP_NUM_THREADS=3").stdout == "3\n"


def test_without_python_one_line_says_so(project: Path) -> None:
    done = make(project, "report", "PYTHON=no-such-python")
    assert done.returncode == 2
    line, makes_own = done.stderr.splitlines()
    assert line.startswith("make: there is no no-such-python: install Python 3.11 to 3.13")
    assert makes_own.startswith("make: ***")


def test_clean_leaves_reports_and_books(project: Path) -> None:
    for kept in ("reports/book/report.html", "data/book.txt"):
        (project / kept).parent.mkdir(parents=True)
        (project / kept).touch()
    (project / "rnn/__pycache__").mkdir()
    assert make(project, "clean").returncode == 0
    (project / "arguments").unlink()  # the stand-in for Python was asked for leftovers
    left = {str(p.relative_to(project)) for p in project.rglob("*") if not p.is_dir()}
    assert left == {
        "Makefile",
        *LISTS,
        "reports/book/report.html",
        "data/book.txt",
    }
