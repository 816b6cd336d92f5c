"""The command `rnn-study`: its options, its exit statuses, and one line for each refusal."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from rnn.files.results import FORMAT
from rnn.report.command import variables
from rnn.study import grid
from rnn.study.__main__ import VARIABLES, main
from rnn.study.request import Request

ROOT = Path(__file__).parents[2]
OF_A_REPORT = ("student", "model", "form", "excerpt", "code")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_help_lists_the_options_and_those_of_a_report_mean_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    listed, report = variables(VARIABLES), variables()
    assert [name.lower() for name in listed] == list(Request._fields)
    assert all(f"--{name.lower()} {name}" in text for name in listed)
    assert f"(default: {grid.SEEDS})" in " ".join(text.split())
    shared = listed.keys() & report.keys()
    assert {name for name in shared if listed[name] != report[name]} == {"OUT", "PARAMS"}
    assert {name.lower() for name in report.keys() - shared} == {*OF_A_REPORT}


@pytest.mark.parametrize("module", ["distributed", "dask", "numba", "matplotlib"])
def test_help_needs_none_of_what_is_slow_or_optional(module: str) -> None:
    program = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "from rnn.study.__main__ import main; main(['--help'])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--vary VARY" in done.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "VARY is missing"),
        (["--vary=lr=0.1"], "VARY: there is no parameter 'lr': did you mean learning_rate?"),
        (["--vary=cell=rnn,gru", "--seeds=none"], "SEEDS must be a number of seeds"),
        (
            ["--vary=cell=rnn", "--form=short"],
            "unrecognized arguments: --form=short; see rnn-study",
        ),
        (["--vary=cell=rnn", "--out=mine"], "OUT: mine is neither empty nor an earlier study"),
        (["--vary=cell=rnn", "--out=report"], "report is neither empty nor an earlier study"),
        (["--vary=cell=rnn", "--out=other"], "OUT: other holds the study of another book"),
        (["--vary=cell=rnn", "--out=book.txt"], "OUT: book.txt is a file: name a folder"),
        (["--vary=cell=rnn", "--out=."], "OUT: . is or contains the working directory"),
        (["--vary=cell=rnn", "--title=\udce9"], "TITLE is not in UTF-8"),
        (["--vary=cell=rnn", "--cluster=tcp://10.0.0.1:8786"], "is not encrypted"),
    ],
)
def test_a_refusal_is_one_line_and_nothing_is_left(
    options: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("book.txt").write_text("Once upon a time there was a miller.\n" * 40)
    sha256 = hashlib.sha256(Path("book.txt").read_bytes()).hexdigest()
    record = '{{"format": "{}", "book": {{"sha256": "{}"}}}}'
    for name, text in {
        "mine/thesis.txt": "years of work",
        "report/run.json": record.format("rnn report 1", sha256),
        "other/study.json": record.format(FORMAT, "5" * 64),
    }.items():
        Path(name).parent.mkdir()
        Path(name).write_text(text)
    before = contents(tmp_path)
    assert main(["--book=book.txt", *options]) == 2
    shown = capsys.readouterr()
    assert not shown.out
    assert shown.err.startswith("rnn.study: error: ")
    assert said in shown.err
    assert shown.err.count("\n") == 1
    assert contents(tmp_path) == before
    assert not list(tmp_path.rglob("*.work"))


def test_the_module_runs_as_a_command() -> None:
    command = [sys.executable, "-m", "rnn.study", "--vary=cell=rnn,rnn"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "rnn.study: error: VARY: cell=rnn is given twice\n"
