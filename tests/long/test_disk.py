"""A disk that fills up, and a folder that turns read-only: a one-line error; nothing is lost."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.long.command import SMALL, Report, differences, made, steps

OFTEN = f"{SMALL} checkpoint_every=2000"

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


@pytest.mark.parametrize("left", [0, 20_000, 100_000, 300_000])
def test_a_disk_that_is_full_is_one_line_and_room_makes_it_go_on(
    left: int, disk: Path, book: Path, unbroken: Path, tmp_path: Path
) -> None:
    """The disk fills up in one stage or another, depending on the room left."""
    ballast = fill(disk, left)
    report = Report(book, disk / "out", SMALL, said=tmp_path)
    status, lines = report.end(), report.lines()
    ballast.unlink()
    assert status in (1, 2)
    assert "Traceback" not in "\n".join(lines)
    assert lines[-1].startswith("rnn.report: error: ")
    assert "No space left on device" in lines[-1]
    made(book, disk / "out", SMALL)
    assert not differences(disk / "out", unbroken)


@pytest.mark.parametrize("stage", ["[3/5]", "[4/5]", "[5/5]"])
def test_a_disk_that_fills_up(
    stage: str, disk: Path, book: Path, unbroken: Path, tmp_path: Path
) -> None:
    out, work = disk / "out", disk / ".out.work"
    report = Report(book, out, OFTEN, said=tmp_path)
    report.until(stage)
    if stage == "[3/5]":
        report.until(lambda: steps(work)[-1:] > [0])
    ballast = fill(disk)
    status = report.end()
    lines = report.lines()
    assert "Traceback" not in "\n".join(lines)
    if stage == "[3/5]" or status:  # the last stage may have written all that it needs
        assert status == 1
        assert lines[-1].startswith("rnn.report: error: ")
        assert "No space left on device" in lines[-1]
    kept = steps(work)
    ballast.unlink()
    said = made(book, out, OFTEN)
    if stage == "[3/5]":
        assert f"training resumes at update {kept[-1]:,} of 120,000" in said
    assert not differences(out, unbroken, ("history.csv", "model.npz", "passage.txt"))


def test_a_folder_that_turns_read_only(book: Path, unbroken: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    out, work = folder / "out", folder / ".out.work"
    folder.mkdir()
    report = Report(book, out, OFTEN, said=tmp_path)
    report.until(lambda: steps(work)[-1:] > [0])
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
    assert f"training resumes at update {kept[-1]:,} of 120,000" in made(book, out, OFTEN)
    assert not differences(out, unbroken, ("history.csv", "model.npz", "passage.txt"))
