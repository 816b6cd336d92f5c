"""The command's terminal: its own lines, and the progress bars of the kernels."""

import sys
from typing import TextIO


class Terminal:
    """Shows a kernel's stderr as it arrives.

    On a terminal, a progress bar overwrites its own line; elsewhere each state gets its own line.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.at_start = True

    def write(self, text: str) -> None:
        """Write some of a kernel's stderr."""
        if not self.stream.isatty():
            text = text.replace("\r", "\n")
            text = text.lstrip("\n") if self.at_start else text
        if text:
            self.at_start = text.endswith("\n")
            self.stream.write(text)
            self.stream.flush()

    def say(self, line: str) -> None:
        """Write a line of the command's own, below any unfinished progress bar."""
        self.write(f"{'' if self.at_start else chr(10)}{line}\n")
