"""The command in odd environments: it says what it always says, in one line, and is not led astray.

`tests/long/test_environments.py` makes whole reports in them.
"""

import os
import re
import resource
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from rnn.files import process
from rnn.files.fetch import main as fetch
from rnn.report import machine
from rnn.report.__main__ import main
from rnn.report.running import environment
from tools import make_venv

ROOT = Path(__file__).parents[2]
NAME = "missing\x1b]0;mine\x07\u202e.txt"
SHOWN = "missing\\x1b]0;mine\\x07\\u202e.txt"
MISSING = f"rnn.report: error: there is no book {SHOWN}\n"
UNKNOWN = f"rnn.report: error: unrecognized arguments: --{SHOWN}; see rnn-report --help\n"
HOSTILE: dict[str, Mapping[str, str]] = {
    "dates": {"SOURCE_DATE_EPOCH": "abc", "TZ": "nowhere"},
    "matplotlib": {"MPLBACKEND": "Qt4Agg", "MATPLOTLIBRC": "odd", "MPLCONFIGDIR": "/proc"},
    "ascii": {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"},
    "warnings": {"PYTHONWARNINGS": "error", "PYTHONDEVMODE": "1"},
    "another numpy": {"PYTHONPATH": "odd"},
    "start-up": {"PYTHONSTARTUP": "odd/numpy.py", "PYTHONINSPECT": "1", "PYTHONOPTIMIZE": "2"},
    "temporary files": {"TMPDIR": "/proc", "TEMP": "/nowhere"},
    "no home": {"HOME": ""},
    "Jupyter": {"JUPYTER_DATA_DIR": "/proc/x", "JUPYTER_CONFIG_DIR": "odd", "JUPYTER_PATH": "odd"},
    "Numba": {"NUMBA_CPU_NAME": "nonsense", "NUMBA_DISABLE_JIT": "1", "NUMBA_THREADING_LAYER": "x"},
    "BLAS": {"OPENBLAS_CORETYPE": "Prescott", "OPENBLAS_NUM_THREADS": "64"},
}


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a .venv as `make` leaves it, of this folder and with the libraries of this Python."""
    folder = tmp_path_factory.mktemp("project") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(make_venv, "VENV", folder)
        make_venv.make_importable()
        make_venv.make_commands()
    (site,) = folder.glob("lib/python3*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder: in `odd` is another numpy, and settings for matplotlib."""
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd/numpy.py").write_text("raise SystemExit('another numpy')")
    (tmp_path / "odd/matplotlibrc").write_text("font.size: 40\nbackend: Qt4Agg\nnonsense: 1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(command: list[str], *options: str, **variables: str) -> tuple[int, str, str]:
    """Run a command; return its exit status and what it said."""
    done = subprocess.run(
        [*command, *options],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("way", [["rnn-report"], ["python", "-m", "rnn.report"]], ids=" ".join)
def test_what_is_set_or_lies_in_the_working_folder_changes_nothing(
    way: list[str], venv: Path, odd: Path
) -> None:
    everything = {name: value for each in HOSTILE.values() for name, value in each.items()}
    for name in ("rnn", "numpy", "argparse", "nbformat", "matplotlib", "resource"):
        (odd / f"{name}.py").write_text("raise SystemExit('the wrong one')\n")
    (odd / "odd/matplotlibrc").rename(odd / "matplotlibrc")
    command = [str(venv / "bin" / way[0]), *way[1:]]
    assert said(command, f"--book={NAME}", **everything) == (2, "", MISSING)


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_that_is_set_ends_in_a_traceback(name: str, venv: Path, odd: Path) -> None:
    assert (odd / "odd").exists()
    command = [str(venv / "bin/python"), "-m", "rnn.report"]
    assert said(command, f"--{NAME}", **HOSTILE[name]) == (2, "", UNKNOWN)


@pytest.mark.parametrize("file", ["rnn", "argparse", "signal", "tempfile", "shutil"])
@pytest.mark.parametrize("way", [["rnn-report"], ["python", "-m", "rnn.report"]], ids=" ".join)
def test_what_lies_in_the_working_folder_is_not_used(
    way: list[str], file: str, venv: Path, odd: Path
) -> None:
    (odd / f"{file}.py").write_text("raise SystemExit('the wrong one')\n")
    command = [str(venv / "bin" / way[0]), *way[1:]]
    assert said(command, f"--{NAME}") == (2, "", UNKNOWN)


def test_a_book_is_fetched_without_what_lies_in_the_working_folder(venv: Path, odd: Path) -> None:
    for name in ("rnn", "pooch", "argparse", "numpy"):
        (odd / f"{name}.py").write_text("raise SystemExit('the wrong one')\n")
    for command in (["bin/rnn-book"], ["bin/python", "-m", "rnn.files.fetch"]):
        status, out, err = said([str(venv / command[0]), *command[1:]], "a\x1b[31m book")
        assert (status, out) == (2, "")
        assert err.startswith("error: there is no book 'a\\x1b[31m book' to fetch")
        assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("redirection", "line"),
    [
        ("2>&-", False),
        (">&-", True),
        ("<&-", True),
        ("<&- >&- 2>&-", False),
        ("2>/dev/full", False),
        ("2>&1 | cat", True),
    ],
)
def test_a_stream_that_is_closed_or_full(
    redirection: str, line: bool, venv: Path, odd: Path
) -> None:
    status = odd / "status"
    script = f'("$@"; echo $? >{status}) {redirection}'
    _, out, err = said(["sh", "-c", script, "sh", str(venv / "bin/rnn-report")], f"--{NAME}")
    assert status.read_text() == "2\n"
    assert out + err == UNKNOWN * line


def test_a_reader_of_a_few_lines_ends_nothing(venv: Path) -> None:
    script = '("$@"; echo $? >&2) | true'
    assert said(["sh", "-c", script, "sh", str(venv / "bin/rnn-book")])[2] == "0\n"


@pytest.mark.parametrize("most", [16, 40, 64, 127])
def test_too_few_open_files_are_one_line(most: int, venv: Path, odd: Path) -> None:
    script = f'ulimit -n {most}; exec "$@"'
    status, _, err = said(["sh", "-c", script, "sh", str(venv / "bin/rnn-report")], "--out=out")
    assert status == 2
    assert err == (
        f"rnn.report: error: only {most} files may be open at a time, and a report needs 128: "
        "raise the limit (ulimit -n 128)\n"
    )
    assert [path.name for path in odd.iterdir()] == ["odd"]


@pytest.mark.parametrize("fault", ["no room", "no folder"])
def test_temporary_files_that_can_not_be_written_are_one_line(
    fault: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if fault == "no room":
        room, limits = machine.SPACE // 2, resource.getrlimit(resource.RLIMIT_FSIZE)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    else:
        monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    try:
        assert main(["--book=missing"]) == 2
    finally:
        if fault == "no room":
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    err = capsys.readouterr().err
    assert err.startswith("rnn.report: error: temporary files can't be written (")
    assert err.count("\n") == 1


def test_a_user_whom_nobody_knows(venv: Path, odd: Path) -> None:
    """Without an entry in the password file, and without HOME."""
    nobody = ["unshare", "-U", "--map-user=12345", "--map-group=12345"]
    try:
        subprocess.run([*nobody, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs unshare, and the right to use it")
    (odd / "book.txt").write_text("Once upon a time.\n" * 99)
    command = [*nobody, "env", "-u", "HOME", str(venv / "bin/rnn-report"), "--book=book.txt"]
    line = "OUT: there is no home folder ~: write ./~/x for a file of that name"
    assert said(command, "--out=~/x") == (2, "", f"rnn.report: error: {line}\n")


def test_a_home_that_no_shell_has_named(
    odd: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `make BOOK=~/book.txt` hands it on in some shells."""
    home = odd / "home"
    (home / "report").mkdir(parents=True)
    (home / "report/mine.txt").touch()
    (home / "book.txt").write_text("Once upon a time.\n" * 99)
    (home / "notes.md").write_text("no heading")
    monkeypatch.setenv("HOME", str(home))

    def refusal(*options: str) -> str:
        assert main(options) == 2
        return capsys.readouterr().err.removeprefix("rnn.report: error: ")

    assert refusal("--book=~/none.txt") == f"there is no book {home}/none.txt\n"
    assert refusal("--book=./~/book.txt") == "there is no book ~/book.txt\n"
    book = "--book=~/book.txt"
    assert refusal(book, "--notes=~/notes.md").startswith(f"NOTES: {home}/notes.md, line 1: ")
    assert refusal(book, "--out=~").startswith(f"OUT: {home} is neither")
    assert refusal(book, "--out=~/report").startswith(f"OUT: {home}/report is neither empty")
    for option in ("book", "notes", "out"):
        line = f"{option.upper()}: there is no home folder ~nobody-here: write ./~nobody-here/x"
        given = [f"--{option}=~nobody-here/x", *([book] if option != "book" else [])]
        assert refusal(*given).startswith(line)
    (home / "alice.txt").write_text("mine")
    assert fetch(["alice", "--folder=~"]) == 2
    assert str(home / "alice.txt") in capsys.readouterr().err
    assert not (odd / "~").exists()


def test_a_name_as_long_as_a_name_can_be(odd: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = odd / ("b" * 250)
    book.write_text("Once upon a time.\n" * 99)
    assert main([f"--book={book.name}", f"--out={'o' * 250}"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("rnn.report: error: OUT: ")
    assert line.endswith("too long: use at most 249 bytes")


def test_nothing_but_a_short_list_reaches_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in process.KERNEL:
        monkeypatch.setenv(name, "given")
    for variables in HOSTILE.values():
        for name, value in variables.items():
            if name not in process.KERNEL:
                monkeypatch.setenv(name, value)
    monkeypatch.setenv("A_SETTING_OF_MINE", "1")
    before = environment("private", sys.stderr)
    changed = {name for name, value in before.items() if value == "given"}
    assert changed == {*process.KERNEL}
    for name in os.environ.keys() - {*process.KERNEL}:
        monkeypatch.delenv(name)
    assert environment("private", sys.stderr) == before
    documented = (ROOT / "docs/promises.md").read_text(encoding="utf-8")
    (listed,) = re.findall(
        r"reaches the notebooks' kernels but\s+((?:`\w+`(?:,| and)?\s+)+)", documented
    )
    assert re.findall(r"`(\w+)`", listed) == [*process.KERNEL]


def test_a_kernel_has_a_home_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    assert environment("private", sys.stderr)["HOME"] == "private"
