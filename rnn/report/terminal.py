"""The command's terminal: its own lines, and the progress bars of the kernels."""

import re
import sys
from collections.abc import Callable, Iterable
from functools import partial
from threading import RLock
from typing import TextIO

from rnn.files.lines import printable, put

# Carriage returns draw a bar anew; tqdm moves up to the bar above another one.
BARS = re.compile(r"([\r\n]|\x1b\[A)")
# What each kernel says for itself, and a report needs to say once; see rnn/numerics/compiled.py.
ONCE = re.compile(r"^compiling, as only a first run does\b[^\r\n]*\n?", re.MULTILINE)


class Terminal:
    """Shows a kernel's stderr as it arrives.

    On a terminal, a progress bar overwrites its own line; elsewhere each state gets its own line.
    That code is being compiled is said once, however many kernels say it.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.at_start = True
        self.compiled = False
        self.lock = RLock()

    def write(self, text: str) -> None:
        """Write some of a kernel's stderr."""
        if found := ONCE.search(text):
            after = found.start() if self.compiled else found.end()
            text = text[:after] + ONCE.sub("", text[after:])
            self.compiled = True
        live = self.stream.isatty()
        if not live:
            text = text.replace("\x1b[A", "").replace("\r", "\n")
            text = text.lstrip("\n") if self.at_start else text
        if text:
            self.at_start = text.endswith("\n")
            parts = BARS.split(text)
            parts[::2] = map(printable, parts[::2])
            put("".join(parts), self.stream)

    def say(self, line: str) -> None:
        """Write a line of the command's own, below any unfinished progress bar."""
        self.write(f"{'' if self.at_start else chr(10)}{printable(line)}\n")


class Turn:
    """What is said of a stage, and what its kernel writes: kept until it is the stage's turn."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal, self.stream = terminal, terminal.stream
        self.kept: list[Callable[[], None]] | None = []

    def write(self, text: str) -> None:
        """Write some of the kernel's stderr."""
        self._show(partial(self.terminal.write, text))

    def say(self, line: str) -> None:
        """Write a line of the command's own."""
        self._show(partial(self.terminal.say, line))

    def _show(self, show: Callable[[], None]) -> None:
        with self.terminal.lock:
            if self.kept is None:
                show()
            else:
                self.kept.append(show)

    def come(self) -> None:
        """Show what was kept, and from now on everything at once."""
        with self.terminal.lock:
            kept, self.kept = self.kept or [], None
            for show in kept:
                show()


class Turns(dict[str, Turn]):
    """The turns of stages, which come in order: each once those before it have ended."""

    def __init__(self, names: Iterable[str], terminal: Terminal) -> None:
        super().__init__((name, Turn(terminal)) for name in names)
        self.ended: set[str] = set()

    def end(self, *names: str) -> None:
        """Let the next turns come, once these stages have ended."""
        self.ended.update(names)
        for name, turn in self.items():
            turn.come()
            if name not in self.ended:
                return
