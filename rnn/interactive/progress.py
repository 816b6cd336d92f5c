"""How far long work is: a bar on standard error, or in a notebook one display that is updated."""

import os
import sys
import time
from collections.abc import Generator, Iterable, Sized
from html import escape
from typing import Any

from IPython.display import DisplayHandle, display
from tqdm import tqdm

from rnn.exhibits.show import in_lab
from rnn.files.lines import printable

PAUSE = 0.25  # seconds between two drawings of a bar


def in_report() -> bool:
    """Return whether the notebook runs for a report, where only progress bars are shown."""
    return bool(os.environ.get("RNN_REPORT"))


class Shown:
    """One display of a notebook that is updated, and ends as a line of text."""

    def __init__(self) -> None:
        self._handle: DisplayHandle | None = None

    def draw(self, line: str, done: float, html: str = "") -> None:
        """Show a line, a bar that is filled to the share that is done, and more below it."""
        bar = f'<progress value="{done:.4f}" max="1" aria-label="done"></progress>'
        self._put({"text/html": f"<div>{bar} {escape(line)}</div>{html}", "text/plain": line})

    def end(self, line: str) -> None:
        """Leave a line."""
        self._put({"text/plain": line})

    def _put(self, data: dict[str, str]) -> None:
        if self._handle is None:
            self._handle = DisplayHandle()
            display(data, raw=True, display_id=self._handle.display_id)
        else:
            self._handle.update(data, raw=True)


def progress(pieces: Iterable[Any], what: str = "") -> Iterable[Any]:
    """Pass pieces of work on, and show how many are done."""
    total = len(pieces) if isinstance(pieces, Sized) else None
    if in_lab():
        return _in_lab(pieces, total, what)
    bar: Iterable[Any] = tqdm(pieces, desc=what or None, total=total)
    return bar


def _in_lab(pieces: Iterable[Any], total: int | None, what: str) -> Generator[Any]:
    shown, began, drawn, done = Shown(), time.monotonic(), 0.0, 0

    def line() -> str:
        of = f"{done:,}" if total is None else f"{done:,} of {total:,}"
        return f"{what + ': ' if what else ''}{of} done, {time.monotonic() - began:.1f} s"

    try:
        for piece in pieces:
            if time.monotonic() - drawn > PAUSE:
                shown.draw(line(), done / total if total else 0)
                drawn = time.monotonic()
            yield piece
            done += 1
    finally:
        shown.end(line())


def say(line: str) -> None:
    """Say a line: in a notebook as output, else on standard error, beside the bars."""
    if in_lab():
        print(printable(line))
    else:
        tqdm.write(printable(line), file=sys.stderr)
