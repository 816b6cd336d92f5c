"""How far long work is."""

import os
import sys
from collections.abc import Iterable, Sized
from typing import Any

from tqdm import tqdm


def in_report() -> bool:
    """Return whether the notebook runs for a report, where nothing moves but the bars."""
    return bool(os.environ.get("RNN_REPORT"))


def progress(pieces: Iterable[Any], what: str = "") -> Iterable[Any]:
    """Pass pieces of work on, and show a bar on standard error."""
    bar: Iterable[Any] = tqdm(
        pieces, desc=what or None, total=len(pieces) if isinstance(pieces, Sized) else None
    )
    return bar


def say(line: str) -> None:
    """Write a line on standard error, beside the bars."""
    tqdm.write(line, file=sys.stderr)
