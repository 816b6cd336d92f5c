"""A disk that fills up, and a folder that turns read-only: a one-line error; nothing is lost."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.long.command import Report, begun, differences, made, steps

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root can mount a small disk"
)


def run(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a disk of 40 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not run("mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)):
        pytest.skip("mounting is not allowed here")
    yield folder
    run("umount", "--lazy", str(folder))


def fill(disk: Path, left: int = 0) -> Path:
    """Leave a number of bytes free on a disk, and return the file that fills the rest."""
    ballast = disk / "ballast"
    ballast.touch()
    with suppress(OSError), ballast.open("wb", buffering=0) as file:  # the report writes meanwhile
        while (room := os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - left) > 0:
            file.write(bytes(min(room, 1_000_000)))
    return ballast


def test_a_disk_that_is_full_is_one_line_and_room_makes_it_go_on(
    disk: Path, book: Path, unbroken: Path, tmp_path: Path
) -> None:
    """Four times in a row; the room left decides in which stage the disk fills up."""
    for left in (0, 20_000, 100_000, 300_000):
        ballast = fill(disk, left)
        report = Report(book, disk / "out", said=tmp_path)
        status, lines = report.end(), report.lines()
        ballast.unlink()
        assert status in (1, 2)
        assert "Traceback" not in "\n".join(lines)
        assert lines[-1].startswith("rnn.report: error: ")
        assert "No space left on device" in lines[-1]
    made(book, disk / "out")
    assert not differences(disk / "out", unbroken)


def test_a_disk_that_fills_up(disk: Path, book: Path, unbroken: Path, tmp_path: Path) -> None:
    """In each of the last three stages, one after another."""
    out, kept = disk / "out", 0
    work = begun(unbroken, out)
    for stage in ("[3/5]", "[4/5]", "[5/5]"):
        report = Report(book, out, said=tmp_path)
        assert report.until(stage), report.lines()
        if stage == "[3/5]":
            assert report.until(lambda: steps(work)[-1:] > [0]), report.lines()
        ballast = fill(disk)
        status, lines = report.end(), report.lines()
        assert "Traceback" not in "\n".join(lines)
        if stage == "[3/5]" or status:  # a later stage may have written all that it needs
            assert status == 1
            assert lines[-1].startswith("rnn.report: error: ")
            assert "No space left on device" in lines[-1]
        if stage == "[3/5]":
            kept = steps(work)[-1]
        elif stage == "[4/5]":
            assert f"training resumes at update {kept:,} of 120,000" in lines
        ballast.unlink()
    made(book, out)
    assert not differences(out, unbroken)


def test_a_folder_that_turns_read_only(book: Path, unbroken: Path, tmp_path: Path) -> None:
    out = tmp_path / "folder" / "out"
    work = begun(unbroken, out)
    report = Report(book, out, said=tmp_path)
    assert report.until(lambda: steps(work)[-1:] > [0]), report.lines()
    if not run("chattr", "+i", str(work)):
        report.kill()
        pytest.skip("this file system has no attribute that stops root from writing")
    try:
        status, lines, kept = report.end(), report.lines(), steps(work)
    finally:
        run("chattr", "-i", str(work))
    assert status == 1
    assert "Traceback" not in "\n".join(lines)
    assert lines[-1].startswith("rnn.report: error: 03_training failed in cell ")
    assert "Operation not permitted" in lines[-1]
    assert f"training resumes at update {kept[-1]:,} of 120,000" in made(book, out)
    assert not differences(out, unbroken)
