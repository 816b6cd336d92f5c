"""The process of a submission, seen from the one that grades: what it is asked, and how it ends."""

import ast
import contextlib
import fcntl
import json
import os
import re
import resource
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np

from rnn.exercise.folder.check import Call, Failure, Outcome
from rnn.exercise.grade.wire import packed, unpacked
from rnn.files.lines import printable

LATE, MEMORY, ENDED, UNREADABLE = "did not end", "out of memory", "ended", "can't be read"
HERE = Path(__file__).resolve().parent
COPIED = (HERE / "inside.py", HERE / "wire.py", HERE.parent / "folder" / "check.py")
ROOT = HERE.parents[1]  # the package, which has the solution
PREFIX, LOCK = "rnn-grade-", "lock"  # of a temporary folder, and the file that says it is in use
STACK = "stack"  # the file in which a process tells where it is
START = 60  # seconds for Python and NumPy to start, on a busy machine
REPLY = 20_000_000  # bytes of all that a function returns
TEXT = 300  # characters of what a submission tells
REMARKS = 10


class Limits(NamedTuple):
    """What a submission may take.

    Attributes
    ----------
    seconds
        For each function, and for loading the file.
    memory
        Bytes of its address space.
    kept
        Folders that it may not read, such as that of all submissions.
    """

    seconds: int
    memory: int
    kept: tuple[str, ...] = ()


class Ended(Exception):
    """The process of a submission has ended, or had to be ended: a status, and what was seen."""

    def __init__(self, status: str, what: str) -> None:
        super().__init__(what)
        self.status, self.what = status, what


class Stopped(Exception):
    """The grading is stopped."""


class Process:
    """A process with a submission in it, in a session and a temporary folder of its own.

    Attributes
    ----------
    did
        What the submission did that no solution needs.
    over
        Whether nothing more can be asked.
    """

    def __init__(self, source: bytes, limits: Limits, stop: threading.Event) -> None:
        self.did: list[str] = []
        self.over = False
        self._source = source
        self._limits, self._stop, self._received = limits, stop, bytearray()
        self._folder = tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True)
        self._lock = os.open(Path(self._folder.name, LOCK), os.O_RDWR | os.O_CREAT)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._inside, self._room = (
            Path(self._folder.name).resolve() / name for name in ("inside", "room")
        )
        try:
            for folder in (self._inside, self._room):
                folder.mkdir()
            for path in COPIED:
                shutil.copyfile(path, self._inside / path.name)
            (self._room / "student.py").write_bytes(source)
            self._process = self._started()
        except BaseException:
            self._clean()
            raise

    def _started(self) -> "subprocess.Popen[bytes]":
        limits = self._limits
        options = (
            str(Path(np.__file__).parents[1]),
            str(10 * limits.seconds + START),  # the clock of `_message` comes first
            str(limits.memory),
            str(os.getpid()),
            json.dumps([str(ROOT), limits.kept]),
        )
        command = [sys.executable, "-BPSs", str(self._inside / "inside.py"), *options]
        return subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._room,
            env={
                "HOME": str(self._room),
                "TMPDIR": str(self._room),
                "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1",
                "MKL_NUM_THREADS": "1",
                "PYTHONHASHSEED": "0",
            },
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._kill()
        self._clean()

    def _clean(self) -> None:
        self._folder.cleanup()
        os.close(self._lock)

    def _kill(self) -> int:
        """Kill all of the session, and return the exit status of its first process."""
        if self._process.returncode is None:  # until it is waited for, its number is its own
            os.killpg(self._process.pid, signal.SIGKILL)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        return self._process.wait()

    def loaded(self) -> str:
        """Wait until the submission is loaded; return what went wrong, or nothing."""
        self._message(("ready",), START)
        return self.cleaned(self._message(("loaded",), self._limits.seconds)[1])

    def outcomes(self, name: str, calls: Sequence[Call], data: bytes) -> list[Outcome] | str:
        """Ask for the calls of a function; return what came out, or why it can't be read.

        Parameters
        ----------
        name
            The function's name.
        calls
            The calls.
        data
            The calls, packed.

        Raises
        ------
        Ended
            When the process is lost, or the memory is used up.
        """
        try:
            return self._outcomes(name, calls, data)
        except Ended:
            self.over = True
            raise

    def _outcomes(self, name: str, calls: Sequence[Call], data: bytes) -> list[Outcome] | str:
        (self._inside / name).write_bytes(data)
        try:
            os.write(self._process.stdin.fileno(), f"{name}\n".encode())  # type: ignore[union-attr]
        except BrokenPipeError:
            raise self._end() from None
        kind, rows = self._message(("outcomes", "unreadable", "memory"), self._limits.seconds)
        if kind == "memory":
            raise Ended(MEMORY, self.cleaned(rows))
        if kind == "unreadable":
            return self.cleaned(rows)
        try:
            return [self._outcome(call, *row) for call, row in zip(calls, rows, strict=True)]
        except (ValueError, TypeError, OverflowError):
            raise self._forged() from None

    def _outcome(self, call: Call, value: Any, arguments: Any, failure: Any) -> Outcome:
        if failure is not None:
            status, what = failure
            return Outcome(None, (), Failure(self.cleaned(status), self.cleaned(what)))
        if arguments is None:
            return Outcome(unpacked(value), call.arguments, None)
        if len(arguments) != len(call.arguments):
            raise ValueError("it has other arguments")
        return Outcome(unpacked(value), tuple(map(unpacked, arguments)), None)

    def cleaned(self, text: Any) -> str:
        """Return a text of the submission in a line that is the same each time."""
        for folder in (self._room, self._inside):
            text = str(text).replace(f"{folder}/", "").replace(str(folder), ".")
        text = re.sub(r"\b0x[0-9a-f]{6,}", "0x...", printable(" ".join(text.split())))
        return text if len(text) <= TEXT else f"{text[:TEXT]} ..."

    def _message(self, kinds: Sequence[str], seconds: float) -> tuple[str, Any]:
        """Wait for a message of some kind, and return the kind and what it holds."""
        end = time.monotonic() + seconds
        while True:
            message = self._line(end, seconds)
            for kind in kinds:
                if kind in message:
                    return kind, message[kind]
            if len(self.did) < REMARKS and "did" in message:
                did = self.cleaned(message["did"])
                self.did += [did] if did not in self.did else []

    def _line(self, end: float, seconds: float) -> dict[str, Any]:
        pipe = self._process.stdout.fileno()  # type: ignore[union-attr]
        while b"\n" not in self._received:
            if self._stop.is_set():
                raise Stopped
            left = end - time.monotonic()
            if left <= 0:
                full = self._fills()
                much = " and more than half of the memory" if full else ""
                what = f"it takes longer than {seconds:g} seconds{much}{self._where()}"
                raise Ended(MEMORY if full else LATE, what)
            if not select.select([pipe], [], [], min(left, 0.5))[0]:
                continue
            got = os.read(pipe, 1 << 16)
            if not got:
                raise self._end()
            self._received += got
            if len(self._received) > REPLY:
                raise Ended(UNREADABLE, f"it returns more than {REPLY // 10**6} MB")
        line, _, self._received = self._received.partition(b"\n")
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            raise self._forged()
        return message

    def _fills(self) -> bool:
        """Return whether the process is about to fill its memory, where Linux tells."""
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            return False
        return pages * resource.getpagesize() > self._limits.memory / 2

    def _where(self) -> str:
        """Return in which line the submission is, as far as its process tells."""
        path, said = self._inside / STACK, ""
        os.kill(self._process.pid, signal.SIGUSR1)
        for _ in range(20):
            time.sleep(0.05)
            before, said = said, path.read_text(errors="replace") if path.exists() else ""
            if said and said == before:
                break
        stack = [int(number) for number in re.findall(r'student\.py", line (\d+) in', said)]
        entry = stuck(self._source, stack[::-1])
        return self.cleaned(f": it is in student.py, line {entry}") if entry else ""

    def _forged(self) -> Ended:
        what = "tells what no call returns"
        self.did.append(what)
        return Ended(UNREADABLE, f"its process {what}")

    def _end(self) -> Ended:
        """Return how the process ended; it may be about to."""
        for _ in range(100):
            flags = os.WEXITED | os.WNOWAIT | os.WNOHANG
            if os.waitid(os.P_PID, self._process.pid, flags):
                break
            time.sleep(0.02)
        else:
            return Ended(ENDED, "its process answers no more")
        status = self._kill()
        if status >= 0:
            return Ended(ENDED, f"its process ends with exit status {status}")
        if status == -signal.SIGXCPU:
            return Ended(LATE, "its process computes too long")
        return Ended(ENDED, f"its process was ended by {signal.Signals(-status).name}")


def sweep() -> None:
    """Remove the temporary folders of gradings that were killed: nothing holds their locks."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                continue
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def stuck(source: bytes, stack: Sequence[int]) -> str:
    """Return the line of a loop that does not end, and what stands there.

    Where a process is when it is stopped is chance, the outermost `while` around it is not.

    Parameters
    ----------
    source
        The file.
    stack
        The numbers of the lines in which its functions are, the innermost last.
    """
    try:
        nodes = [*ast.walk(ast.parse(source))]
        lines = ["", *source.decode().splitlines()]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    for kind in (ast.While, ast.For):
        loops = [node for node in nodes if isinstance(node, kind)]  # the outermost first
        for number in stack:
            around = [one for one in loops if one.lineno <= number <= (one.end_lineno or 0)]
            if around:
                return f"{around[0].lineno}: {lines[around[0].lineno].strip()}"
    number = stack[-1] if stack else 0
    return f"{number}: {lines[number].strip()}" if 0 < number < len(lines) else ""


def prepared(calls: Sequence[Call]) -> bytes:
    """Return the calls of a function, packed."""
    rows = [[call.name, [*map(packed, call.arguments)], call.follows] for call in calls]
    return json.dumps(rows).encode()
