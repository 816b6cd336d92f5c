"""The folder of a report: what is refused, what is moved, and what is left alone."""

import fcntl
import json
import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest

from rnn.errors import InputError
from rnn.report import folder
from rnn.report.folder import FORMAT, UNFINISHED, work_folder
from rnn.report.stages import RUN, files

FILES = files()
SHA256 = "5" * 64


def check(out: Path, sha256: str) -> Path:
    return folder.check(out, sha256, FILES)


def move(work: Path, out: Path) -> list[Path]:
    return folder.move(work, out, FILES)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def finished(out: Path, content: str = "new", sha256: str = SHA256) -> Path:
    """Return the work folder of a report that is ready to move."""
    with work_folder(out) as (work, _):
        pass
    for name in FILES:
        (work / name).write_text(content)
    (work / RUN).write_text(json.dumps({"format": FORMAT, "book": {"sha256": sha256}}))
    return work


def refusal(out: str | Path) -> str:
    with pytest.raises(InputError) as refused:
        check(Path(out), SHA256)
    assert str(refused.value).startswith("OUT: ")
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_new_folder_and_an_empty_one() -> None:
    assert check(Path("new/er"), SHA256) == Path("new/er").absolute()
    assert not Path("new").exists()
    Path("new").mkdir()
    assert check(Path("new/../new/"), SHA256) == Path("new").absolute()


@pytest.mark.parametrize("out", [".", "..", "", "./", "../here", "x/..", "/", "../../.."])
def test_the_working_directory_is_refused_though_empty(out: str) -> None:
    assert "working directory" in refusal(out)


def test_another_folder_is_refused() -> None:
    Path("mine").mkdir()
    Path("mine/thesis.txt").write_text("years of work")
    assert refusal("mine") == (
        "OUT: mine is neither empty nor an earlier report: name another folder"
    )


@pytest.mark.parametrize(
    "record",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        "null",
        "{}",
        json.dumps({"book": {"sha256": SHA256}}),
        json.dumps({"format": FORMAT}),
        json.dumps({"format": FORMAT, "book": None}),
        json.dumps({"format": "other", "book": {"sha256": SHA256}}),
    ],
)
def test_a_run_json_of_someone_else_is_no_report(record: str) -> None:
    Path("mine").mkdir()
    Path("mine/run.json").write_text(record)
    assert "nor an earlier report" in refusal("mine")


def test_a_file_is_refused() -> None:
    Path("file").touch()
    assert refusal("file") == "OUT: file is a file: name a folder"
    assert "is not a folder" in refusal("file/below")


def test_a_name_that_is_too_long_is_refused() -> None:
    assert "can't be used" in refusal("x" * 300)


@pytest.mark.parametrize("target", ["folder", "nowhere"])
def test_a_symbolic_link_is_refused(target: str) -> None:
    Path("folder").mkdir()
    Path("link").symlink_to(target)
    assert "is a symbolic link" in refusal("link")
    assert "is a symbolic link" in refusal("link/")


def test_a_loop_of_links_is_refused() -> None:
    Path("loop").symlink_to("loop")
    Path("one").symlink_to("other")
    Path("other").symlink_to("one")
    for out in ("loop", "loop/x", "loop/x/y", "one/x"):
        assert refusal(out)


def test_a_folder_reached_by_a_link_is_that_folder() -> None:
    Path("folder").mkdir()
    Path("link").symlink_to("folder")
    assert check(Path("link/report"), SHA256) == Path("folder/report").absolute()


def test_a_mount_point_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("disk").mkdir()
    monkeypatch.setattr(Path, "is_mount", lambda _: True)
    assert "is a mount point" in refusal("disk")


@pytest.mark.parametrize("locked", ["out", "here"])
def test_what_is_not_writable_is_refused(locked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("out").mkdir()
    # Root may write everywhere, so the answer is faked.
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != locked)
    assert "is not writable" in refusal("out")


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


def test_the_report_of_another_book_is_refused() -> None:
    out = Path("out").absolute()
    move(finished(out, sha256="6" * 64), out)
    assert (
        refusal("out")
        == "OUT: out holds the report of another book: name another folder or remove it"
    )


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("stop", range(len(FILES) + 2))
def test_a_move_cut_short_leaves_a_folder_that_is_ours(
    stop: int, again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = Path("out").absolute()
    if again:
        move(finished(out, "old"), out)
    work = finished(out)
    replaced: list[Path] = []
    replace = Path.replace

    def fail(self: Path, target: Path) -> Path:
        if len(replaced) == stop:
            raise OSError("the power is cut")
        replaced.append(target)
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        if stop <= len(FILES):
            with pytest.raises(OSError, match="power"):
                move(work, out)
        else:
            move(work, out)
    assert replaced[:1] == [out / UNFINISHED][:stop]
    # run.json stands only beside a whole report: the old one, or all of the new one.
    if (out / RUN).exists():
        contents = {(out / name).read_text() for name in FILES if name != RUN}
        assert contents == {"old" if stop <= len(FILES) else "new"}
    assert check(out, SHA256) == out
    move(finished(out, "newer"), out)
    assert (out / "report.html").read_text() == "newer"
    assert not (out / UNFINISHED).exists()


def test_files_in_the_way_are_refused_before_any_work() -> None:
    out = Path("out").absolute()
    move(finished(out), out)
    (out / "passage.txt").unlink()
    (out / "passage.txt").mkdir()
    assert "passage.txt is a folder" in refusal("out")


@pytest.mark.parametrize("name", ["notebooks", ".stages"])
def test_a_link_in_the_place_of_our_folder_is_refused(name: str) -> None:
    out = Path("out").absolute()
    move(finished(out), out)
    (out / name).rename("elsewhere")
    (out / name).symlink_to(Path("elsewhere").absolute())
    assert f"{name} is a symbolic link" in refusal("out")


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


def claim(out: Path) -> Path:
    """Claim the work folder for a moment."""
    with work_folder(out) as (work, _):
        return work


def test_the_work_folder_is_beside_and_what_is_in_it_stays() -> None:
    out = Path("new/out").absolute()
    work = claim(out)
    assert work == Path("new/.out.work").absolute()
    (work / "notebooks" / "01.ipynb").touch()
    assert claim(out) == work
    assert [path.name for path in (work / "notebooks").iterdir()] == ["01.ipynb"]


def test_one_command_at_a_time_may_make_a_report(tmp_path: Path) -> None:
    out = Path("out").absolute()
    with work_folder(out):
        with pytest.raises(InputError, match=f"OUT: another command is making a report in {out}"):
            claim(out)
        claim(tmp_path / "other")
    claim(out)


def test_of_a_command_that_died_its_kernel_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Path("out").absolute()
    work = claim(out)
    held = os.open(work / folder.MARK, os.O_RDWR)
    fcntl.flock(held, fcntl.LOCK_EX)
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    os.pwrite(held, f"{gone.pid:<20}".encode(), 0)
    threading.Timer(0.5, os.close, [held]).start()
    started = time.monotonic()
    claim(out)
    assert time.monotonic() - started > 0.4

    monkeypatch.setattr(folder, "PATIENCE", 0.2)
    for owner in (str(gone.pid), "", "not a number"):
        held = os.open(work / folder.MARK, os.O_RDWR)
        fcntl.flock(held, fcntl.LOCK_EX)
        os.pwrite(held, f"{owner:<20}".encode(), 0)
        with pytest.raises(InputError, match="another command"):
            claim(out)
        os.close(held)


def test_a_claim_on_a_folder_that_its_owner_has_just_removed_is_made_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = Path("out").absolute()
    work = claim(out)
    flock = fcntl.flock
    calls: list[int] = []

    def late(lock: int, operation: int) -> None:
        if not calls:  # the other command ends between our opening the file and locking it
            shutil.rmtree(work)
        calls.append(lock)
        flock(lock, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    assert claim(out) == work
    assert len(calls) == 2
    assert {path.name for path in work.iterdir()} == {folder.MARK, "notebooks"}


def test_an_empty_work_folder_is_ours() -> None:
    """A command that is killed while it makes or removes the folder leaves it empty."""
    Path(".out.work").mkdir()
    claim(Path("out").absolute())


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_a_work_folder_that_is_not_ours_is_refused(kind: str) -> None:
    work = Path(".out.work")
    Path("folder").mkdir()
    Path("folder", folder.MARK).touch()
    if kind == "folder":
        work.mkdir()
        (work / "mine").touch()
    elif kind == "file":
        work.touch()
    else:
        work.symlink_to("folder")
    with pytest.raises(InputError, match="is in the way"):
        claim(Path("out").absolute())
    assert kind != "folder" or (work / "mine").exists()
