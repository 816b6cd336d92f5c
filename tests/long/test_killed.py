"""A report that is killed or stopped and started again equals an undisturbed one."""

import random
import re
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from tests.long.command import (
    SMALL,
    Report,
    begun,
    contents,
    differences,
    made,
    parents,
    seconds_of_training,
    steps,
)

# The moments of the twenty kills: after this event, up to so many seconds later. After a
# checkpoint, the delay is up to this share of the training, however fast the machine is. Stages run
# side by side: what trains beside the first two is another run, which comes to nothing (ENDLESS).
KERNEL, CHECKPOINT = "a kernel", "the next checkpoint"
EARLY = [
    *[("", 2.5)] * 2,
    *[("[1/5]", 4.0)] * 2,
    *[(KERNEL, 4.0)] * 2,
    *[("[2/5]", 4.0)] * 2,
    *[("[3/5]", 2.0)] * 2,
]
LATE = [
    *[(CHECKPOINT, 0.1)] * 5,
    *[("[4/5]", 4.0)] * 3,
    *[("[5/5]", 1.5)] * 2,
]
ENDLESS = SMALL.replace("=120000", "=100000000").replace("=2000", "=1000000000")
ENDLESS += " checkpoint_seconds=1e9"


def files(*folders: Path) -> dict[str, tuple[int, int]]:
    """Return the time and the inode of each file."""
    return {
        str(path): (path.stat().st_mtime_ns, path.stat().st_ino)
        for folder in folders
        if folder.exists()
        for path in sorted(folder.rglob("*"))
    }


def test_killed_twenty_times_it_is_the_same_report(
    book: Path, unbroken: Path, tmp_path: Path
) -> None:
    """Two seconds after the command, its kernel has ended, and nothing more is written."""
    chance = random.Random(6)
    out, work = tmp_path / "out", tmp_path / ".out.work"
    kernels, resumed, at = 0, [], []
    for number, (event, within) in enumerate([*EARLY, *LATE]):
        report = Report(book, out, ENDLESS if number < len(EARLY) else SMALL)
        before_it = steps(work)[-1:] or [0]
        if event == CHECKPOINT:
            assert report.until(partial(lambda seen: steps(work)[-1:] > seen, before_it))
            within *= seconds_of_training(unbroken)
        elif event == KERNEL:
            assert report.until(partial(lambda report: bool(report.family()[1:]), report))
        elif event:
            assert report.until(event), report.lines()
        time.sleep(chance.uniform(0, within))
        started = report.kill()
        kernels += len(started)
        at.append((report.lines() or ["the start"])[-1][:60])
        dead = time.monotonic() + 2
        while time.monotonic() < dead and set(started) & parents().keys():
            time.sleep(0.02)
        assert not set(started) & parents().keys(), f"outlives its command: {at[-1]}"
        before = files(out, work)
        time.sleep(0.3)
        assert files(out, work) == before, f"written after the end: {at[-1]}"
        resumed += [line for line in report.lines() if "training resumes at" in line]
    last = made(book, out)
    resumed += [line for line in last if "training resumes at" in line]
    print("killed at:", *at, "resumed:", *resumed, sep="\n  ")
    assert kernels >= 7
    assert len(set(resumed)) >= 4
    assert all(re.match(r"training resumes at update [\d,]+ of 120,000$", one) for one in resumed)
    assert not differences(out, unbroken)
    assert not work.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopped_it_saves_where_it_is_and_goes_on_from_there(
    number: signal.Signals, book: Path, unbroken: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    work = begun(unbroken, out)
    rarely = f"{SMALL.replace('=2000', '=25000')} checkpoint_seconds=1e9"
    report = Report(book, out, rarely)
    assert report.until(lambda: steps(work)[-1:] > [0]), report.lines()
    time.sleep(0.05 * seconds_of_training(unbroken))
    report.process.send_signal(number)
    assert report.end() == 130
    assert report.lines()[-1] == "rnn.report: interrupted"
    latest = steps(work)[-1]
    assert 0 < latest < 120_000
    assert latest % 25_000, "a checkpoint that was due anyway"
    said = made(book, out, rarely)
    assert f"training resumes at update {latest:,} of 120,000" in said
    assert sorted(line for line in said if line[0] == "[") == [
        "[1/5] 01_data: already done",
        "[2/5] 02_gradcheck: already done",
        "[3/5] 03_training",
        "[4/5] 04_sampling",
        "[5/5] report.html and report.pdf",
    ]
    assert not differences(out, unbroken, ("history.csv", "model.npz", "passage.txt"))


def test_of_two_at_once_into_one_folder_the_second_says_so(
    book: Path, unbroken: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    work = begun(unbroken, out)
    first = Report(book, out)
    assert first.until("[1/5]"), first.lines()
    second = Report(book, out)
    assert second.end() == 2
    (line,) = second.lines()
    assert line == f"rnn.report: error: OUT: another command is making a report in {out}"
    # A command started after a kill waits for the old kernel to end, and then resumes.
    assert first.until(lambda: steps(work)[-1:] > [0]), first.lines()
    first.kill()
    made(book, out)
    assert not differences(out, unbroken)


def test_eight_at_once_do_not_disturb_one_another(
    book: Path, unbroken: Path, tmp_path: Path
) -> None:
    reports = [Report(book, tmp_path / f"out{i}") for i in range(8)]
    assert [report.end(1200) for report in reports] == [0] * 8
    for i in range(8):
        assert not differences(tmp_path / f"out{i}", unbroken), i


def done(lines: list[str]) -> list[bool]:
    """Return which of the four notebooks were skipped."""
    stages = sorted(line for line in lines if line[:1] == "[" and line[1] in "1234")
    return [line.endswith("already done") for line in stages]


def test_what_is_done_is_not_done_again(book: Path, unbroken: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert done(made(book, out, f"{SMALL} lowercase=false")) == [False] * 4
    assert done(made(book, out)) == [False] * 4
    before = contents(out)
    assert done(made(book, out)) == [True] * 4
    assert contents(out) == before == contents(unbroken)
    assert done(made(book, out, SMALL, "--title=Another")) == [True] * 4
    assert b"Another" in (out / "report.html").read_bytes()

    assert done(made(book, out, f"{SMALL} temperature=0.5")) == [True] * 3 + [False]
    assert differences(out, unbroken) == ["passage.txt", "report.html", "report.pdf"]
    assert done(made(book, out, f"{SMALL} learning_rate=0.05")) == [True] * 2 + [False] * 2
    assert done(made(book, out)) == [True] * 2 + [False] * 2
    assert not differences(out, unbroken)
