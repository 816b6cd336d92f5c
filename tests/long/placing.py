"""The engine in a process of its own: it places runs, and writes a line on each event."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from rnn.errors import InputError
from rnn.settings import Settings
from rnn.study.engine import run
from rnn.study.errors import EngineError
from rnn.study.task import Task, Where, send
from tests.long.command import ROOT, parents

TALES = ROOT / "data" / "tales.txt"


class Placing:
    """A process of `python -m tests.long.placing` whose terminal is a file."""

    def __init__(
        self, said: Path, where: dict[str, Any], settings: list[dict[str, Any]], root: Path = ROOT
    ) -> None:
        self.said = said
        with said.open("wb") as terminal:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.long.placing", json.dumps([where, settings])],
                cwd=root,
                env=os.environ | {"PYTHONPATH": str(root), "TMPDIR": str(said.parent)},
                stdout=terminal,
                stderr=terminal,
                start_new_session=True,  # as a terminal's command, a group of its own
            )

    def lines(self, what: str = "") -> list[str]:
        """Return the lines so far that begin so."""
        return [line for line in self.said.read_text().splitlines() if line.startswith(what)]

    def until(self, what: str | Callable[[], bool], seconds: float = 300) -> None:
        """Wait for a line with this beginning, or for a condition."""
        end = time.monotonic() + seconds
        while not (what() if callable(what) else self.lines(what)):
            assert time.monotonic() < end, self.lines()
            assert self.process.poll() is None, self.lines()
            time.sleep(0.02)

    def end(self, seconds: float = 600) -> int:
        """Wait for its end and return the exit status."""
        return self.process.wait(seconds)

    def workers(self) -> list[int]:
        """Return the processes that train."""
        return [
            one
            for one, parent in parents().items()
            if parent == self.process.pid and "spawn_main" in _arguments(one)
        ]

    def results(self) -> dict[str, str]:
        """Return the hash of each result, by key."""
        return dict(line.split()[1:3] for line in self.lines("finished"))


def _arguments(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""


def main() -> int:
    """Place runs as the argument says; return the exit status."""

    def say(*words: object) -> None:
        print(*words, flush=True)

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, interrupt)
    where, settings = json.loads(sys.argv[1])
    book = send(TALES, sha256(TALES.read_bytes()).hexdigest())
    tasks = [Task(f"run{k}", Settings(**values)) for k, values in enumerate(settings)]
    try:
        run(
            tasks,
            book,
            lambda key, data: say("finished", key, determined(data), len(data)),
            lambda key, reason: say("failed", key, reason),
            where=Where(**where),
            say=lambda line: say("said", line),
        )
    except (InputError, EngineError) as error:
        say("error", error)
        return 1
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    return 0


def determined(data: bytes) -> str:
    """Return a hash of what a result's key determines: all but its time and its machine."""
    from rnn.files.results import pack, unpack

    result = unpack(data)
    return sha256(pack(result._replace(seconds=0.0, machine=""))).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
