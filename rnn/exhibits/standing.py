"""A pandoc that stays: it converts one text after another, each in a tenth of the time of a start.

What it can't do, or takes too much for, it leaves to a process of that text's own; see pandoc.py.
"""

import atexit
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from rnn.files import child

SCRIPT = Path(__file__).with_suffix(".lua")


class Standing:
    """The process, which is started with the first text, and again after one was too much for it.

    Parameters
    ----------
    program
        Pandoc, with its own options.
    seconds, memory
        How long it may compute, for all its texts together, and how many bytes it may hold.
    """

    def __init__(self, program: Sequence[str], *, seconds: int, memory: int) -> None:
        self.command = [*program, "lua", str(SCRIPT)]
        self.limits = {"seconds": seconds, "memory": memory}
        self.lock = Lock()
        self.process: subprocess.Popen[bytes] | None = None

    def convert(self, source: bytes, reader: str, writer: str, prefix: str) -> bytes | None:
        """Return a text in another format, or None if it can't be done here."""
        with self.lock:
            try:
                return self._ask(source, reader, writer, prefix)
            except (OSError, ValueError):  # it has ended
                self.end()
                return None

    def _ask(self, source: bytes, reader: str, writer: str, prefix: str) -> bytes | None:
        self.process = self.process or self._start()
        to, out = self.process.stdin, self.process.stdout
        asked = "\t".join((reader, writer, prefix, str(len(source))))
        to.write(asked.encode() + b"\n" + source)  # type: ignore[union-attr]  # both are pipes
        to.flush()  # type: ignore[union-attr]
        length = int(out.readline())  # type: ignore[union-attr]
        if length < 0:
            return None
        made: bytes = out.read(length)  # type: ignore[union-attr]
        if len(made) < length:
            raise OSError("it ended while it wrote")
        return made

    def _start(self) -> subprocess.Popen[bytes]:
        atexit.register(self.end)
        return subprocess.Popen(  # noqa: S603
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"HOME": os.devnull},
            preexec_fn=child.limited(**self.limits),
        )

    def end(self) -> None:
        """End the process, if there is one."""
        atexit.unregister(self.end)
        process, self.process = self.process, None
        if process:
            process.kill()
            process.communicate()
