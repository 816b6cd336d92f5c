"""The sources are taken in by processes that have none of them, or others."""

import os
import subprocess
import sys
import time
from pathlib import Path

import cloudpickle
import pytest

from rnn.study.sources import PACKAGE, arrival, name, sources

ROOT = PACKAGE.parent
# The project is on the path of its own .venv; a worker elsewhere does not have it.
ARRIVE = """
import pickle, sys
sys.path[:] = [path for path in sys.path if path != {project!r}]
arrive, name, files = pickle.loads(open({sent!r}, "rb").read())
print(arrive(name, files))
{then}
"""


def arrive(
    folder: Path, files: dict[str, bytes], then: str = "", path: Path | None = None
) -> list[str]:
    """Let a new process take in sources, and return what it printed."""
    sent = folder / "sent"
    sent.write_bytes(cloudpickle.dumps((arrival(), name(files), files)))
    program = ARRIVE.format(project=str(ROOT), sent=str(sent), then=then)
    environment = os.environ | {"XDG_CACHE_HOME": str(folder)}
    environment.pop("PYTHONPATH", None)
    if path:
        environment["PYTHONPATH"] = str(path)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def tiny() -> dict[str, bytes]:
    return {"rnn/__init__.py": b"", "rnn/word.py": b"WORD = 'sent'\n"}


def test_what_travels_is_all_that_a_run_imports(tmp_path: Path) -> None:
    then = "import rnn.study.work; print(rnn.study.work.__file__)"
    folder, work = arrive(tmp_path, sources(), then)
    assert folder == str(tmp_path / "char-rnn-study" / name(sources()))
    assert work == f"{folder}/rnn/study/work.py"


def test_a_package_with_the_same_files_is_used_where_it_is(
    tmp_path: Path, tiny: dict[str, bytes]
) -> None:
    (tmp_path / "clone" / "rnn").mkdir(parents=True)
    for path, content in tiny.items():
        (tmp_path / "clone" / path).write_bytes(content)
    assert arrive(tmp_path, tiny, path=tmp_path / "clone") == [str(tmp_path / "clone")]
    assert not (tmp_path / "char-rnn-study").exists()


def test_a_package_of_another_version_is_not_used(tmp_path: Path, tiny: dict[str, bytes]) -> None:
    (tmp_path / "clone" / "rnn").mkdir(parents=True)
    (tmp_path / "clone/rnn/__init__.py").write_text("")
    (tmp_path / "clone/rnn/word.py").write_text("WORD = 'of before'\n")
    then = "import rnn.word; print(rnn.word.WORD)"
    folder, word = arrive(tmp_path, tiny, then, path=tmp_path / "clone")
    assert word == "sent"
    assert Path(folder).parent == tmp_path / "char-rnn-study"


def test_sources_that_change_replace_those_that_were_loaded(
    tmp_path: Path, tiny: dict[str, bytes]
) -> None:
    then = """
import rnn.word
first = rnn.word.WORD
files["rnn/word.py"] = b"WORD = 'sent later'"
arrive("another", files)
import rnn.word
print(first, rnn.word.WORD, sum("char-rnn-study" in path for path in sys.path))
"""
    assert arrive(tmp_path, tiny, then)[1] == "sent sent later 1"


def test_a_folder_that_is_damaged_is_mended(tmp_path: Path, tiny: dict[str, bytes]) -> None:
    (folder,) = arrive(tmp_path, tiny)
    Path(folder, "rnn/word.py").write_bytes(b"WORD = ")
    Path(folder, "rnn/__init__.py").unlink()
    assert arrive(tmp_path, tiny, "import rnn.word; print(rnn.word.WORD)")[1] == "sent"


def test_sources_unused_for_a_month_are_removed(tmp_path: Path, tiny: dict[str, bytes]) -> None:
    old, recent = (tmp_path / "char-rnn-study" / which for which in ("old", "recent"))
    for folder, days in ((old, 31), (recent, 20)):
        (folder / "rnn").mkdir(parents=True)
        at = time.time() - days * 24 * 3600
        os.utime(folder, (at, at))
    arrive(tmp_path, tiny)
    assert not old.exists()
    assert recent.exists()


def test_the_name_tells_apart_what_differs() -> None:
    ways = [{"a": b"bc"}, {"ab": b"c"}, {"a": b"", "b": b"c"}, {"a": b"b", "c": b""}]
    assert len({name(files) for files in ways}) == len(ways)
    assert name({"a": b"1", "b": b"2"}) == name({"b": b"2", "a": b"1"})
