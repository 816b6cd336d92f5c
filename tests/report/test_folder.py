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
from rnn.report.folder import FORMAT, work_folder
from rnn.report.placing import MARK
from rnn.report.stages import RUN
from tests.finished import FILES, SHA256, finished, move


def check(out: Path, sha256: str) -> Path:
    return folder.check(out, sha256, FILES)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


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


@pytest.mark.parametrize("name", ["x" * 250, "ü" * 125, "x" * 255])
def test_a_name_without_room_for_the_work_folder_is_refused(name: str) -> None:
    assert refusal(name) == f"OUT: the name {name} is too long: use at most 249 bytes"
    fits = "x" * 249
    assert claim(check(Path(fits), SHA256)).name == f".{fits}.work"


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


@pytest.mark.parametrize("name", ["notebooks", ".stages"])
def test_a_folder_of_ours_that_is_not_writable_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    existing(name)
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != name)
    assert refusal("out") == f"OUT: out/{name} is not writable"


@pytest.mark.parametrize("locked", ["out", "here"])
def test_what_is_not_writable_is_refused(locked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("out").mkdir()
    # Root may write everywhere, so the answer is faked.
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != locked)
    assert "is not writable" in refusal("out")


def test_the_report_of_another_book_is_refused() -> None:
    out = Path("out").absolute()
    move(finished(out, sha256="6" * 64), out)
    assert (
        refusal("out")
        == "OUT: out holds the report of another book: name another folder or remove it"
    )


def test_files_in_the_way_are_refused_before_any_work() -> None:
    out = Path("out").absolute()
    move(finished(out), out)
    (out / "passage.txt").unlink()
    (out / "passage.txt").mkdir()
    assert "passage.txt is a folder" in refusal("out")


OURS = [
    "notebooks",
    ".stages",
    "passage.txt",
    "run.json",
    ".stages/book.json",
    "notebooks/01_data.ipynb",
]


def existing(name: str) -> Path:
    """Make a report in out, with what the stages share, and return the path of a part of it."""
    out = Path("out").absolute()
    work = finished(out)
    (work / "book.json").write_text("{}")
    move(work, out)
    return out / name


@pytest.mark.parametrize("name", OURS)
def test_a_link_in_the_place_of_what_is_ours_is_refused(name: str) -> None:
    path = existing(name)
    path.rename("elsewhere")
    path.symlink_to(Path("elsewhere").absolute())
    assert refusal("out") == f"OUT: out/{name} is a symbolic link: remove it"


@pytest.mark.parametrize("name", OURS[2:])
def test_a_folder_in_the_place_of_our_file_is_refused(name: str) -> None:
    path = existing(name)
    content = path.read_bytes()
    path.unlink()
    path.mkdir()
    # Without run.json it is no report of ours.
    assert ("is a folder" if name != RUN else "nor an earlier report") in refusal("out")
    path.rmdir()
    path.write_bytes(content)
    assert check(Path("out"), SHA256)


@pytest.mark.parametrize("name", OURS[:2])
def test_a_file_in_the_place_of_our_folder_is_refused(name: str) -> None:
    path = existing(name)
    shutil.rmtree(path)
    path.touch()
    assert refusal("out") == f"OUT: out/{name} is a file, but a folder must go there: remove it"


@pytest.mark.parametrize("name", [name for name in OURS[2:] if name != RUN])
def test_a_pipe_in_the_place_of_our_file_is_refused(name: str) -> None:
    path = existing(name)
    path.unlink()
    os.mkfifo(path)
    assert refusal("out") == f"OUT: out/{name} is not a regular file: remove it"


@pytest.mark.parametrize("name", OURS)
def test_what_belongs_to_another_user_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, lstat = existing(name), Path.lstat

    def owned(self: Path) -> os.stat_result:
        found = lstat(self)
        values = list(found)
        values[4] += self == path
        return os.stat_result(values)

    monkeypatch.setattr(Path, "lstat", owned)
    assert refusal("out") == f"OUT: out/{name} belongs to another user: name another folder"


def test_a_disk_within_the_folder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    disk = existing("mine")
    disk.mkdir()
    monkeypatch.setattr(Path, "is_mount", lambda path: path == disk)
    assert "is a mount point" in refusal("out")


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
    held = os.open(work / MARK, os.O_RDWR)
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
        held = os.open(work / MARK, os.O_RDWR)
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
    assert {path.name for path in work.iterdir()} == {MARK, "notebooks"}


def test_an_empty_work_folder_is_ours() -> None:
    """A command that is killed while it makes or removes the folder leaves it empty."""
    Path(".out.work").mkdir()
    claim(Path("out").absolute())


@pytest.mark.parametrize("name", ["notebooks", "book.json", "notebooks/01_data.ipynb", MARK])
def test_a_link_in_the_work_folder_is_refused(name: str) -> None:
    out = Path("out").absolute()
    path = finished(out) / name
    Path("mine").mkdir() if name == "notebooks" else Path("mine").write_text("mine")
    if name == "notebooks":
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to(Path("mine").absolute())
    with pytest.raises(InputError, match=r"is a symbolic link|can't be made"):
        claim(out)
    assert list(Path("mine").iterdir()) == [] if name == "notebooks" else Path("mine").read_text()


def test_a_work_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    work = claim(Path("out").absolute())
    assert work.stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr(os, "geteuid", lambda: work.stat().st_uid + 1)
    with pytest.raises(InputError, match="is in the way"):
        claim(Path("out").absolute())


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_a_work_folder_that_is_not_ours_is_refused(kind: str) -> None:
    work = Path(".out.work")
    Path("folder").mkdir()
    Path("folder", MARK).touch()
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
