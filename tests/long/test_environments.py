"""Whole reports in odd environments: the same bytes, and files that follow the umask."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.long.command import ROOT, contents
from tests.long.once import once
from tests.report.test_environment import HOSTILE

TINY = "hidden_size=4 seq_length=20 max_updates=20 sample_every=10"
# What becomes of what is said, and the umask of the same report.
UNHEARD = {"2>&-": "077", "<&- >&- 2>&-": "002", "| head -1": "027", "2>&1 | head -1": "022"}


def report(out: Path, *before: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    path = os.pathsep.join(filter(None, [variables.get("PYTHONPATH"), str(ROOT)]))
    command = [sys.executable, "-m", "rnn.report", f"--out={out}", f"--params={TINY}"]
    return subprocess.run(
        [*before, *command],
        env=environment | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return a report in the environment of the tests."""

    def make(folder: Path) -> None:
        done = report(folder / "out")
        assert done.returncode == 0, done.stderr

    return contents(once(tmp_path_factory, "plain", make) / "out")


def test_the_report_is_the_same_whatever_is_set(
    plain: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd/numpy.py").write_text("raise SystemExit('another numpy')")
    (tmp_path / "matplotlibrc").write_text("font.size: 40\nbackend: Qt4Agg\n")
    monkeypatch.chdir(tmp_path)
    everything = {name: value for each in HOSTILE.values() for name, value in each.items()}
    done = report(tmp_path / "ü", **everything)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "arning" not in done.stderr
    assert contents(tmp_path / "ü") == plain


def test_the_report_of_a_user_whom_nobody_knows(plain: dict[str, bytes], tmp_path: Path) -> None:
    nobody = ["unshare", "-U", "--map-user=12345", "--map-group=12345"]
    if subprocess.run([*nobody, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs the right to use unshare")
    done = report(tmp_path / "out", *nobody, "env", "-u", "HOME")
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "out") == plain


@pytest.fixture(params=UNHEARD)
def unheard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a report whose words went nowhere, made with the umask of UNHEARD."""
    number, redirection = [*UNHEARD].index(request.param), request.param

    def make(folder: Path) -> None:
        script = f'umask {UNHEARD[redirection]}; "$@" {redirection}'
        done = report(folder / "out", "sh", "-c", script, "sh")
        assert done.returncode == 0, done.stderr

    return once(tmp_path_factory, f"unheard{number}", make) / "out"


def test_nobody_has_to_listen(unheard: Path, plain: dict[str, bytes]) -> None:
    assert contents(unheard) == plain


def test_all_files_follow_the_umask(unheard: Path, request: pytest.FixtureRequest) -> None:
    mask = int(UNHEARD[request.node.callspec.params["unheard"]], 8)
    for path in [unheard, *unheard.rglob("*")]:
        most = 0o777 if path.is_dir() else 0o666
        assert path.stat().st_mode & 0o777 == most & ~mask, path
