"""The set-up: done once, completely or not at all, with a one-line error if it fails."""

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tools import make_venv

# A stand-in for uv: it records each call, and makes only what the script looks at.
UV = """#!/bin/sh
echo "$1" >>calls
if [ "$1" = venv ]; then
    mkdir -p .venv/bin .venv/lib/python3.11/site-packages
    touch .venv/pyvenv.cfg
    echo '#!/bin/sh' >.venv/bin/python
    chmod +x .venv/bin/python
else
    sleep "${SLEEP:-0}"
    echo "$FAILURE"
    [ -z "$FAILURE" ]
fi
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with the script, a lock that asks for nothing, and uv's stand-in."""
    (tmp_path / "tools").mkdir()
    shutil.copy(make_venv.__file__, tmp_path / "tools")
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/uv").write_text(UV)
    (tmp_path / "bin/uv").chmod(0o755)
    return tmp_path


def start(project: Path, **environment: str) -> subprocess.Popen[str]:
    path = f"{project / 'bin'}:{os.environ['PATH']}"
    return subprocess.Popen(
        [sys.executable, "tools/make_venv.py", "requirements.txt"],
        cwd=project,
        env={**os.environ, "PATH": path, **environment},
        stderr=subprocess.PIPE,
        text=True,
    )


def set_up(project: Path, **environment: str) -> tuple[int, list[str]]:
    """Run the script and return its exit status and what it said."""
    process = start(project, **environment)
    _, said = process.communicate()
    return process.returncode, said.splitlines()


def calls(project: Path) -> list[str]:
    return (project / "calls").read_text().split()


def stamps(project: Path) -> list[str]:
    return [path.name for path in (project / ".venv").glob("*.installed")]


def setting_up(packages: int, locks: str = "requirements.txt") -> str:
    return (
        f"Setting up .venv: up to {packages} packages of {locks}. The first time this takes a few"
        " minutes; .venv.log shows how far it is ..."
    )


SETTING_UP = setting_up(0)


def test_what_is_installed_is_said(in_process: Path) -> None:
    for lock, text in {
        "a.txt": "# numpy==1\nnumpy==2.2.0 \\\n    --hash=sha256:1\n",
        "b.txt": "a==1 ; python_version < '3.12' \\\na==2 ; python_version > '3.11'\n",
        "c.txt": "nbformat==5 \\\nruamel.yaml==1 \\\n    # via numpy==2\n",
    }.items():
        (in_process / lock).write_text(text)
    assert make_venv.setting_up(["a.txt"]) == setting_up(1, "a.txt")
    assert make_venv.setting_up(["b.txt"]) == setting_up(1, "b.txt")
    assert make_venv.setting_up(["a.txt", "c.txt"]) == setting_up(3, "a.txt and c.txt")


def test_it_is_done_once(project: Path) -> None:
    assert set_up(project) == (0, [SETTING_UP])
    assert stamps(project) == ["requirements.txt.installed"]
    assert set_up(project) == (0, [])
    assert calls(project) == ["venv", "pip"]


def test_the_project_is_importable_wherever_it_is_moved(project: Path) -> None:
    set_up(project)
    moved = project.rename(project.with_name("moved"))
    (path,) = moved.glob(".venv/lib/*/site-packages/*.pth")
    assert (path.parent / path.read_text().splitlines()[0]).resolve() == moved


def test_a_new_lock_is_installed_into_the_old_venv(project: Path) -> None:
    set_up(project)
    (project / "requirements.txt").write_text("# another\n")
    assert set_up(project) == (0, [SETTING_UP])
    assert calls(project) == ["venv", "pip", "pip"]


def test_a_venv_whose_python_has_gone_is_made_afresh(project: Path) -> None:
    set_up(project)
    (project / ".venv/bin/python").unlink()
    assert set_up(project) == (0, [SETTING_UP])
    assert calls(project) == ["venv", "pip", "venv", "pip"]


@pytest.mark.parametrize(
    ("failure", "line"),
    [
        (
            "error sending request for url",
            "The package index can't be reached: check the network and run make again.",
        ),
        ("hash mismatch", "The packages could not be installed."),
    ],
)
def test_a_failed_install_is_one_line_and_leaves_no_stamp(
    project: Path, failure: str, line: str
) -> None:
    said = [SETTING_UP, f"make: {line} Details are in .venv.log."]
    assert set_up(project, FAILURE=failure) == (1, said)
    assert failure in (project / ".venv.log").read_text()
    assert stamps(project) == []
    # The remains are not reused.
    assert set_up(project) == (0, [SETTING_UP])
    assert calls(project) == ["venv", "pip", "venv", "pip"]


def test_a_failed_renewal_leaves_no_stamp(project: Path) -> None:
    set_up(project)
    (project / "requirements.txt").write_text("# another\n")
    assert set_up(project, FAILURE="x")[0] == 1
    assert stamps(project) == []


def test_two_at_a_time_take_turns(project: Path) -> None:
    first = start(project, SLEEP="1.5")
    while not (project / "calls").exists():
        time.sleep(0.01)
    assert set_up(project) == (0, ["Another make is setting up .venv: waiting for it."])
    assert first.communicate()[1].splitlines() == [SETTING_UP]
    assert first.returncode == 0
    assert calls(project) == ["venv", "pip"]


def test_one_that_was_killed_is_not_waited_for(project: Path) -> None:
    killed = start(project, SLEEP="1")
    while not (project / "calls").exists():
        time.sleep(0.01)
    killed.kill()
    killed.communicate()
    assert set_up(project) == (0, [SETTING_UP])


def test_pip_without_an_index_says_so(project: Path) -> None:
    (project / "requirements.txt").write_text(f"six==1.17.0 --hash=sha256:{'0' * 64}\n")
    no_index = {
        "PATH": "",  # no uv
        "PIP_INDEX_URL": "https://127.0.0.1:9/simple",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": "",
        "PIP_RETRIES": "1",
    }
    status, said = set_up(project, **no_index)
    assert status == 1
    assert said[1:] == [
        "make: The package index can't be reached: check the network and run make again. "
        "Details are in .venv.log."
    ]
    assert stamps(project) == []


@pytest.fixture
def in_process(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the script of this process work in the project, with the stand-in for uv."""
    for name, path in {"ROOT": "", "VENV": ".venv", "LOG": ".venv.log"}.items():
        monkeypatch.setattr(make_venv, name, project / path)
    monkeypatch.setattr(make_venv, "PYTHON", project / ".venv/bin/python")
    monkeypatch.setenv("PATH", f"{project / 'bin'}:{os.environ['PATH']}")
    monkeypatch.chdir(project)
    return project


def test_a_python_without_venv_says_so(
    in_process: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # As on Debian without the package python3-venv.
    python = in_process / "python"
    python.write_text("#!/bin/sh\necho because ensurepip is not available\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("PATH", "/bin")  # no uv
    assert make_venv.main(["requirements.txt"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        SETTING_UP,
        "make: This Python has no venv module: on Debian and Ubuntu, "
        "apt install python3-venv. Details are in .venv.log.",
    ]


def test_the_commands_are_those_of_the_project(project: Path) -> None:
    pyproject = Path(make_venv.__file__).parents[1] / "pyproject.toml"
    scripts = tomllib.loads(pyproject.read_text())["project"]["scripts"]
    assert make_venv.COMMANDS.keys() == scripts.keys()
    for name, module in make_venv.COMMANDS.items():
        assert scripts[name] in (f"{module}:command", f"{module}.__main__:command")
    assert set_up(project) == (0, [SETTING_UP])
    for name in make_venv.COMMANDS:  # an earlier version of this project has none
        (project / ".venv/bin" / name).unlink()
        assert set_up(project) == (0, [])
        assert os.access(project / ".venv/bin" / name, os.X_OK)
    python = project / ".venv/bin/python"
    python.write_text('#!/bin/sh\necho "$@"\n')
    moved = project.rename(project.with_name("moved about"))
    done = subprocess.run(
        [moved / ".venv/bin/rnn-report", "--out=a b"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "-I -m rnn.report --out=a b\n"


@pytest.mark.parametrize("there", ["nothing", "an empty folder", "a half-made one"])
def test_a_link_to_another_disk_stays(there: str, project: Path) -> None:
    disk = project / "another disk" / "venv"
    if there != "nothing":
        disk.mkdir(parents=True)
    if there == "a half-made one":
        (disk / "pyvenv.cfg").touch()
        (disk / "lib").mkdir()
    (project / ".venv").symlink_to(disk)
    assert set_up(project) == (0, [SETTING_UP])
    assert (project / ".venv").is_symlink()
    assert (disk / "requirements.txt.installed").exists()
    assert set_up(project) == (0, [])


def test_a_link_to_something_else_is_refused_and_it_stays(project: Path) -> None:
    (project / "mine").mkdir()
    (project / "mine/letters.txt").touch()
    (project / ".venv").symlink_to(project / "mine")
    line = f"make: .venv is a link to {project / 'mine'}, which holds something else: remove it."
    assert set_up(project) == (1, [SETTING_UP, line])
    assert (project / "mine/letters.txt").exists()


@pytest.mark.parametrize("where", [".venv.lock", ".venv.log", ".venv/requirements.txt.installed"])
def test_what_is_another_user_s_is_one_line(
    where: str,
    in_process: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (in_process / ".venv/bin").mkdir(parents=True)
    (in_process / ".venv/requirements.txt.installed").touch()
    opened = io.open

    def refuse(file: Any, *rest: Any, **more: Any) -> Any:
        if str(file).endswith(where):
            raise PermissionError(13, "Permission denied", str(file))
        return opened(file, *rest, **more)

    (in_process / ".venv/bin/python").touch()
    monkeypatch.setattr(io, "open", refuse)
    assert make_venv.main(["requirements.txt"]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert (
        last
        == f"make: {in_process / where} can't be used: Permission denied; is it another user's?"
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"PIP_USER": "1"},
        {"PIP_CONFIG_FILE": "pip.conf"},
        {"PIP_TARGET": "elsewhere"},
        {"PIP_PREFIX": "elsewhere", "PYTHONWARNINGS": "error"},
        {"PYTHONPATH": "lib", "PYTHONUSERBASE": "elsewhere"},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_pip_installs_into_venv_whatever_is_set(settings: dict[str, str], project: Path) -> None:
    (project / "pip.conf").write_text("[install]\nuser = true\n")
    (project / "lib/pip").mkdir(parents=True)
    (project / "lib/pip/__init__.py").write_text("raise SystemExit('another pip')")
    (project / "requirements.txt").write_text(
        f"nothing-at-all==1.0 \\\n    --hash=sha256:{wheel(project)}\n"
    )
    offline = {"PATH": "", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(project)}
    assert set_up(project, **offline, **settings) == (0, [setting_up(1)])
    assert [*project.glob(".venv/lib/*/site-packages/nothing_at_all.py")]
    assert not (project / "elsewhere").exists()


def test_settings_that_send_packages_elsewhere_are_told(project: Path) -> None:
    (project / "pip.conf").write_text(f"[install]\ntarget = {project / 'elsewhere'}\n")
    (project / "requirements.txt").write_text(
        f"nothing-at-all==1.0 \\\n    --hash=sha256:{wheel(project)}\n"
    )
    offline = {"PATH": "", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(project)}
    line = "make: The packages are not in .venv: pip's or uv's settings send them elsewhere."
    assert set_up(project, **offline, PIP_CONFIG_FILE="pip.conf") == (
        1,
        [setting_up(1), f"{line} Details are in .venv.log."],
    )
    assert stamps(project) == []


@pytest.mark.parametrize(
    ("version", "fault"), [((3, 10), "old"), ((3, 9), "old"), ((3, 14), "new"), ((4, 0), "new")]
)
def test_a_python_out_of_range_is_refused(
    version: tuple[int, int],
    fault: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(make_venv, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(sys, "version_info", (*version, 1))
    assert make_venv.main(["requirements.txt"]) == 1
    shown = f"{version[0]}.{version[1]}"
    assert capsys.readouterr().err == (
        f"make: Python {shown} is too {fault}: this project runs on Python 3.11 to 3.13; "
        "name one with make PYTHON=/path/to/python3.\n"
    )


def wheel(folder: Path) -> str:
    """Make a wheel of nothing, and return its SHA-256."""
    path = folder / "nothing_at_all-1.0-py3-none-any.whl"
    about = "nothing_at_all-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("nothing_at_all.py", "")
        made.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: nothing-at-all\nVersion: 1.0\n"
        )
        made.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        made.writestr(f"{about}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("lock", ["right", "wrong", "none"])
def test_the_hashes_of_the_lock_are_enforced(lock: str, project: Path) -> None:
    digest = wheel(project)
    hashes = {"right": digest, "wrong": "0" * 64}
    demand = f" --hash=sha256:{hashes[lock]}" if lock in hashes else ""
    (project / "requirements.txt").write_text(f"nothing-at-all==1.0{demand}\n")
    local = {
        "PATH": "",  # no uv: pip installs
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": str(project),
    }
    status, said = set_up(project, **local)
    there = [path.name for path in project.glob(".venv/lib/*/site-packages/nothing_at_all.py")]
    if lock == "right":
        assert (status, said[1:], there) == (0, [], ["nothing_at_all.py"])
        return
    assert status == 1
    assert said[1:] == ["make: The packages could not be installed. Details are in .venv.log."]
    assert "hash" in (project / ".venv.log").read_text().lower()
    assert there == []
    assert stamps(project) == []


def test_every_line_of_the_locks_has_hashes() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-study.txt"):
        text = (Path(make_venv.__file__).parents[1] / name).read_text()
        demands = [line for line in text.replace("\\\n", " ").splitlines() if "==" in line]
        demands = [line for line in demands if not line.lstrip().startswith("#")]
        assert len(demands) > 10
        assert all("--hash=sha256:" in line for line in demands)
        assert not re.search(
            r"^\s*(-e|--(extra-)?index-url|--find-links|https?:|git\+)", text, re.M
        )
