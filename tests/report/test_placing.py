"""A report is put into place whole, whenever the command is killed and whatever fails."""

import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rnn.report import folder, placing
from rnn.report.errors import StageError
from rnn.report.finished import RECORD, sha256
from rnn.report.folder import work_folder
from rnn.report.placing import place
from rnn.report.stages import RUN
from tests.finished import FILES, SHA256, finished, move

EVENTS = ("os.", "open", "shutil.")
SMALL = multiprocessing.get_context("forkserver")  # a process of many tests takes long to fork
SMALL.set_forkserver_preload([__name__])


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_report_is_moved_into_place_and_made_again() -> None:
    out = Path("out").absolute()
    assert move(finished(out, "old"), out) == [out / name for name in FILES]
    assert [path.name for path in Path.cwd().iterdir()] == ["out"]
    Path("out/notes.txt").write_text("mine")
    Path("out/notebooks/05_mine.ipynb").write_text("mine")

    assert check(out, SHA256) == out
    move(finished(out, "new"), out)
    assert {(out / name).read_text() for name in FILES if name != RUN} == {"new"}
    assert Path("out/notes.txt").read_text() == "mine"
    assert Path("out/notebooks/05_mine.ipynb").read_text() == "mine"
    found = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert found == {*FILES, "notes.txt", "notebooks/05_mine.ipynb"}


def test_what_the_stages_left_besides_is_kept_hidden_with_the_last_checkpoint() -> None:
    out = Path("out").absolute()
    for newest in (7, 5):  # the second time with other parameters
        work = finished(out)
        (work / "book.json").write_text("{}")
        (work / "mine.csv").write_text("1")
        for step, hours in ((6, 3), (newest, 1)):
            path = work / f"checkpoint-{step:012x}-{step:015d}"
            path.write_text(str(step))
            os.utime(path, (time.time() - 3600 * hours,) * 2)
        assert move(work, out) == [out / name for name in FILES]
        last = f"checkpoint-{newest:012x}-{newest:015d}"
        assert {path.name for path in (out / ".stages").iterdir()} == {
            *("book.json", "mine.csv", last)
        }
    move(finished(out), out)  # all stages were reused: no checkpoint was written
    assert (out / ".stages" / last).read_text() == "5"


def test_a_link_in_the_place_of_our_file_is_replaced_not_followed() -> None:
    out = Path("out").absolute()
    move(finished(out), out)
    Path("mine.txt").write_text("mine")
    (out / "passage.txt").unlink()
    (out / "passage.txt").symlink_to(Path("mine.txt").absolute())
    move(finished(out), out)
    assert Path("mine.txt").read_text() == "mine"
    assert not (out / "passage.txt").is_symlink()


def begun(out: Path, *, old: bool) -> Path:
    """Return the work folder of a report for a folder, which may hold an old one."""
    if old:
        work = finished(out, "old")
        (work / "book.json").write_text("old")
        files = {}
        for name in (*REMOVED, CHANGED):  # the chapters that there were then
            (work / name).write_text("chapter")
            files[name] = sha256(work / name)
        record = {"05": {"key": "k", "given": "g", "files": files}}
        (work / RECORD).write_text(json.dumps(record))
        place(work, out, [*FILES, *files])
        (out / CHANGED).write_text("mine")
        (out / "mine").mkdir()
        for name in MINE:
            (out / name).write_text("mine")
        (out / "link").symlink_to("mine")
        out.chmod(0o750)
    work = finished(out)
    (work / "book.json").write_text("new")
    return work


def check(out: Path, sha256: str) -> Path:
    return folder.check(out, sha256, FILES)


REMOVED = ("notebooks/05_removed.ipynb", "notebooks/06_removed.ipynb")
CHANGED = "notebooks/07_changed.ipynb"
MINE = ("thesis.txt", "mine/data.csv", "notebooks/08_mine.ipynb", CHANGED)
CAN_EXCHANGE = pytest.mark.parametrize("can_exchange", [True, False])


def stopped(
    work: Path, out: Path, step: int, fault: Callable[[], None], can_exchange: bool
) -> int | None:
    """Put a report into place in a process with a fault at one of its steps.

    Return its status: 0 if there was no such step, 1 if the fault was told, 3 if it did not matter.
    """
    child = SMALL.Process(target=stop, args=(work, out, step, fault, can_exchange))
    child.start()
    child.join()
    return child.exitcode


def stop(work: Path, out: Path, step: int, fault: Callable[[], None], can_exchange: bool) -> None:
    """Do what `stopped` says in its process."""
    steps = 0

    def count(event: str, _: object) -> None:
        nonlocal steps
        if event.startswith(EVENTS):
            steps += 1
            if steps == step:
                fault()

    if not can_exchange:
        placing._exchange = lambda *_: False
    sys.addaudithook(count)
    try:
        move(work, out)
    except StageError:
        os._exit(1)
    os._exit(3 if steps >= step else 0)


def kill() -> None:
    os._exit(9)


def fail() -> None:
    raise OSError(28, "No space left on device")


def contents(out: Path) -> set[str]:
    """Return what a report's files hold; they are all there."""
    return {(out / name).read_text() for name in (*FILES, ".stages/book.json") if name != RUN}


@CAN_EXCHANGE
@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize("fault", [kill, fail])
def test_at_every_step_one_whole_report_stands_there(
    fault: Callable[[], None], old: bool, can_exchange: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not can_exchange:  # nor when what was begun is made ready
        monkeypatch.setattr(placing, "_exchange", lambda *_: False)
    seen = set()
    for step in range(1, 1000):
        out = Path(str(step), "out").absolute()
        work = begun(out, old=old)
        status = stopped(work, out, step, fault, can_exchange)
        if out.exists():
            (found,) = contents(out)
            seen.add(found)
            assert not old or all((out / name).read_text() == "mine" for name in MINE)
            assert check(out, SHA256) == out
        else:
            assert not (old and can_exchange)
        with work_folder(out) as (work, _):  # the next command
            assert not any((work / name).exists() for name in placing.WHOLE)
            for path in (path for path in work.rglob("*") if path.is_file()):
                path.write_text("written in place")  # as a stage may
        if old:
            (found,) = contents(out)
            assert all((out / name).read_text() == "mine" for name in MINE)
            assert (out / "link").is_symlink()
            assert out.stat().st_mode & 0o777 == 0o750
            if fault is kill:  # where their record can't be read, they stay
                assert {(out / name).exists() for name in REMOVED} == {found == "old"}
        if status == 0:
            break
    assert step > 30
    assert seen == ({"old", "new"} if old else {"new"})


def test_a_report_that_can_not_be_put_there_is_a_line_that_says_where_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = Path("out").absolute()
    work = begun(out, old=True)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "x.html")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StageError) as failed:
        move(work, out)
    assert str(failed.value) == (
        f"the report can't be put into {out}: x.html: No space left on device; it is in {work}"
    )
    assert contents(out) == {"old"}
    assert contents(work) == {"new"} if (work / ".stages").exists() else True


def test_where_files_can_not_be_linked_they_are_copied_and_moved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = Path("out").absolute()
    work = begun(out, old=True)

    def unable(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", unable)
    move(work, out)
    assert contents(out) == {"new"}
    assert all((out / name).read_text() == "mine" for name in MINE)
    assert not any((out / name).exists() for name in REMOVED)
    assert not work.exists()


def test_a_link_to_what_a_stage_wrote_is_the_users() -> None:
    out = Path("out").absolute()
    work = begun(out, old=True)
    Path("copy").write_text("chapter")
    (out / REMOVED[0]).unlink()
    (out / REMOVED[0]).symlink_to(Path("copy").absolute())
    move(work, out)
    assert (out / REMOVED[0]).is_symlink()
    assert not (out / REMOVED[1]).exists()
