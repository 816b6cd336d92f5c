"""Progress bars and messages for long work."""

import os
import sys
from collections.abc import Iterable, Sized
from typing import Any

from tqdm import tqdm


def in_report() -> bool:
    """Return whether the notebook runs for a report, where only progress bars are shown."""
    return bool(os.environ.get("RNN_REPORT"))


def progress(pieces: Iterable[Any], what: str = "") -> Iterable[Any]:
    """Pass on pieces of work, with a progress bar on standard error."""
    bar: Iterable[Any] = tqdm(
        pieces, desc=what or None, total=len(pieces) if isinstance(pieces, Sized) else None
    )
    return bar


def say(line: str) -> None:
    """Write a line to standard error without disturbing the bars."""
    tqdm.write(line, file=sys.stderr)
