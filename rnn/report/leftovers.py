"""Work folders of reports that were begun and never finished; `make clean` removes them.

A report says which it finds beside it. They are not removed then, since making the same report
again resumes it. One with finished runs of a study, which may be the work of days, is kept.
"""

import fcntl
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from rnn.files.lines import printable, put
from rnn.report import ROOT
from rnn.report.placing import MARK, WHOLE, remove


def leftovers(folder: Path) -> list[Path]:
    """Return the work folders in a folder that are the user's own and that no command uses."""
    found = []
    for work in sorted(folder.glob(".*.work")):
        lock = _lock(work)
        if lock is not None:
            os.close(lock)
            found.append(work)
    return found


def holds(work: Path) -> str:
    """Return whether a work folder is that of a report or, if it holds runs, of a study."""
    return "study" if any(work.glob("runs/*")) else "report"


def clear(folder: Path) -> Iterator[str]:
    """Remove the leftovers in a folder, and yield a line on each.

    One with a finished report in it, which could not be put into its place, is kept.
    """
    for work in leftovers(folder):
        if any((work / name).exists() for name in ("report.html", "study.html", *WHOLE)):
            yield f"kept {work}: it holds a finished report"
            continue
        if holds(work) == "study":
            yield f"kept {work}: it holds finished runs of a study"
            continue
        lock = _lock(work)
        if lock is None:  # a command has begun to use it
            continue
        try:
            remove(work)
            yield f"removed {work}: a report that was begun and never finished"
        except OSError as error:
            yield f"{work} can't be removed: {error.strerror}"
        finally:
            os.close(lock)


def _lock(work: Path) -> int | None:
    """Take the lock of a work folder, or return None if it is not the user's own or not free."""
    with suppress(OSError):
        found = work.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            return None
        lock = os.open(work / MARK, os.O_RDWR | os.O_NOFOLLOW)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return None
        return lock
    return None


if __name__ == "__main__":
    for line in clear(ROOT / "reports"):
        put(f"{printable(line)}\n", sys.stdout)
