"""The command's terminal: its own lines, and the progress bars of the kernels."""

import re
import sys
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
