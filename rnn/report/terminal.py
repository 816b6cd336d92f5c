"""The terminal of the command: lines of its own, and the progress bars of the kernels."""

import sys
from typing import TextIO


class Terminal:
    """Where a kernel's stderr is shown as it comes.

    A progress bar writes over its own line; where that can't be done, each state is a line.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.at_start = True

    def write(self, text: str) -> None:
        """Write what the kernel wrote."""
        if not self.stream.isatty():
            text = text.replace("\r", "\n")
            text = text.lstrip("\n") if self.at_start else text
        if text:
            self.at_start = text.endswith("\n")
            self.stream.write(text)
            self.stream.flush()

    def say(self, line: str) -> None:
        """Write a line, below a bar that stopped half-way."""
        self.write(f"{'' if self.at_start else chr(10)}{line}\n")
