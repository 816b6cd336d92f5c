"""The command as a process of its own: started, watched, killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rnn.files.storage import save_json
from rnn.report import finished
from rnn.report.folder import work_name
from rnn.report.placing import MARK, STAGES

ROOT = Path(__file__).parents[2]
SAME = ("history.csv", "model.npz", "passage.txt", "report.html", "report.pdf", "evolution.txt")
# The training takes some seconds; each other stage takes little longer than starting its kernel.
SMALL = (
    "hidden_size=8 seq_length=30 epochs=999 max_updates=120000 sample_every=30000"
    " checkpoint_every=2000"
)


class Report:
    """A process of `python -m rnn.report` whose terminal is a file."""

    def __init__(
        self, book: Path, out: Path, params: str = SMALL, *more: str, said: Path | None = None
    ) -> None:
        self.said = (said or out.parent) / f"{out.name}-{time.monotonic_ns()}.said"
        with self.said.open("wb") as terminal:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "rnn.report"),
                    *(f"--book={book}", f"--out={out}", f"--params={params}", *more),
                ],
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdout=terminal,
                stderr=terminal,
            )

    def lines(self) -> list[str]:
        """Return the output so far."""
        return self.said.read_text(encoding="utf-8").splitlines()

    def until(self, what: str | Callable[[], bool], seconds: float = 300) -> bool:
        """Wait for a line with this beginning, or for a condition; return whether it came."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ended = self.process.poll() is not None
            if what() if callable(what) else any(line.startswith(what) for line in self.lines()):
                return True
            if ended:
                return False
            time.sleep(0.02)
        raise TimeoutError("\n".join(self.lines()))

    def end(self, seconds: float = 600) -> int:
        """Wait for its end and return the exit status."""
        return self.process.wait(seconds)

    def family(self) -> list[int]:
        """Return the process and all its descendants."""
        found = [self.process.pid]
        for one in found:
            found += [child for child, parent in parents().items() if parent == one]
        return found

    def kill(self) -> list[int]:
        """Kill only the command, and return the processes that it had started."""
        started = self.family()[1:]
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        return started


def steps(work: Path) -> list[int]:
    """Return the steps of the existing checkpoints."""
    return sorted(int(path.name.rpartition("-")[2]) for path in work.glob("checkpoint-*"))


def parents() -> dict[int, int]:
    """Return the parent of each process that runs."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state not in "ZX":
            found[int(path.parent.name)] = int(parent)
    return found


def made(book: Path, out: Path, params: str = SMALL, *more: str) -> list[str]:
    """Make a report and return the output."""
    report = Report(book, out, params, *more)
    status = report.end()
    assert status == 0, report.lines()
    return report.lines()


def begun(report: Path, out: Path) -> Path:
    """Leave and return the work folder of a command that was killed once two stages were done.

    Parameters
    ----------
    report
        A report with the same book and parameters, whose stages they were.
    out
        The folder that the command was to write.
    """
    work = out.with_name(work_name(out.name))
    (work / "notebooks").mkdir(parents=True)
    (work / MARK).touch()
    all_done = finished.read(report / STAGES)
    done = {stage: all_done[stage] for stage in ("01_data", "02_gradcheck")}
    for name in (name for stage in done.values() for name in stage["files"]):
        shutil.copy2(next(path for path in _places(report, name) if path.exists()), work / name)
    save_json(work / finished.RECORD, done)
    return work


def _places(report: Path, name: str) -> tuple[Path, Path]:
    """Return where a report may keep a file of a stage: for its reader, or for the next run."""
    return report / name, report / STAGES / name


def seconds_of_training(report: Path) -> float:
    """Return how long the training of a report took, a measure of this machine's speed."""
    run = json.loads((report / "run.json").read_text(encoding="utf-8"))
    return float(run["training"]["seconds"])


def contents(out: Path, names: tuple[str, ...] = SAME) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in names}


def differences(out: Path, unbroken: Path, names: tuple[str, ...] = SAME) -> list[str]:
    """Return the files in which two reports differ."""
    return [name for name in names if (out / name).read_bytes() != (unbroken / name).read_bytes()]


def peak_memory(report: Report, seconds: float = 1800) -> dict[int, int]:
    """Wait for the end of a report, and return the most memory that each process held, in bytes."""
    most: dict[int, int] = {}
    start = time.monotonic()
    while report.process.poll() is None:
        for one in report.family():
            try:
                status = Path(f"/proc/{one}/status").read_text()
            except OSError:
                continue
            held = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
            most[one] = max(most.get(one, 0), *(1024 * int(size) for size in held), 0)
        assert time.monotonic() - start < seconds, "\n".join(report.lines())
        time.sleep(0.1)
    return most
