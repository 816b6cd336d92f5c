"""How a command's process starts."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnn.files import process

ROOT = Path(__file__).parents[2]
PROGRAM = "import sys; sys.path[:0] = sys.argv[1:]; from rnn.files.process import heal; heal(); "


@pytest.mark.parametrize("kept", [0, 8, 16, 17, 60, -1])
@pytest.mark.parametrize("zeros", [False, True])
def test_what_is_damaged_in_pycache_is_compiled_anew(
    kept: int, zeros: bool, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text("value = [number**2 for number in range(5)]\n")

    def run() -> tuple[int, str, str]:
        done = subprocess.run(
            [
                sys.executable,
                "-I",
                "-c",
                f"{PROGRAM}import mine; print(mine.value)",
                ROOT,
                tmp_path,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    right = (0, "[0, 1, 4, 9, 16]\n", "")
    assert run() == right
    (file,) = (tmp_path / "__pycache__").iterdir()
    sound = file.read_bytes()
    file.write_bytes(sound[:kept] + bytes(len(sound[kept:]) if zeros else 0))
    status, out, err = run()
    assert (status, out) == right[:2]
    assert err in ("", f"{file.name} is damaged: it is compiled anew\n")
    assert run() == right
    assert file.read_bytes() == sound


def test_an_error_in_the_source_stays_one(tmp_path: Path) -> None:
    for source, error in {"x =": "SyntaxError", "raise ValueError(1)": "ValueError: 1"}.items():
        (tmp_path / "mine.py").write_text(source)
        done = subprocess.run(
            [sys.executable, "-I", "-c", f"{PROGRAM}import mine", ROOT, tmp_path],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr.splitlines()[-1].startswith(error)
        assert "damaged" not in done.stderr


def test_a_copy_of_the_project_runs_its_own_code(tmp_path: Path) -> None:
    """Whatever copy the interpreter belongs to, which imports its own at the start."""
    package = tmp_path / "rnn"
    (package / "files").mkdir(parents=True)
    for name in ("__init__.py", "files/__init__.py"):
        (package / name).touch()
    shutil.copy(process.__file__, package / "files")
    (package / "mine.py").write_text(
        "from rnn.files.process import start\n"
        "if __name__ == '__main__':\n"
        "    start('rnn.mine')\n"
        "import rnn\n"
        "print(*rnn.__path__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "rnn.mine"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(package)
