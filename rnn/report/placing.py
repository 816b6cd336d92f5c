"""Put a finished report into its place, so that at every moment one whole report stands there.

The new folder is assembled in the work folder, written to the disk, and exchanged with the old one
by a single rename (`RENAME_EXCHANGE` on Linux, `RENAME_SWAP` on macOS). On a disk without such a
rename, no report stands there for a moment between two renames; if the command is killed then, the
next one puts the old report back.

The user may keep other files in the folder. The new folder has them from the start, as hard links;
those that can't be linked are moved after the exchange. An executed notebook of the old report, or
a model of an old study, is not the user's, unless they have changed it.
"""

import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from rnn.files import checkpoint
from rnn.files.storage import replacing
from rnn.report import finished
from rnn.report.errors import StageError

MARK = "work-of-rnn-report"  # the file that marks a work folder as this program's
STAGES = ".stages"  # in a finished report: files that the stages share, for the next run
NEW, OLD = WHOLE = ("new", "old")  # whole reports in the work folder
HERE = -100  # AT_FDCWD
EXCHANGE = 2  # RENAME_EXCHANGE, and RENAME_SWAP
UNKNOWN = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)


def place(work: Path, where: Path, files: Sequence[str]) -> list[Path]:
    """Put the files of a finished report into place; return their paths.

    The stages' other files and the checkpoint at which training ended go into a hidden folder, for
    the next run. The work folder is removed.

    Raises
    ------
    StageError
        When the report can't be put there: the earlier one still stands, and the new one is in the
        work folder. Or when the earlier one can't be removed after that.
    """
    try:
        _assemble(work, where, files)
        _put(work, where)
    except OSError as error:
        raise StageError(
            f"the report can't be put into {where}: {_reason(error)}; it is in {work}"
        ) from None
    try:
        _sync(where.parent)
        recover(work, where)
        remove(work)
    except OSError as error:
        raise StageError(
            f"the report is in {where}, but {work} can't be removed: {_reason(error)}"
        ) from None
    return [where / name for name in files]


def recover(work: Path, where: Path) -> None:
    """Clear the work folder of whole reports, which a command that was killed may have left there.

    The user's other files in them are moved to the report in place. If the command was killed when
    no report was in place, the old one goes back.
    """
    if (work / OLD).is_dir() and not where.exists():
        (work / OLD).replace(where)
    for report in (work / NEW, work / OLD):
        if not report.is_dir():
            continue
        if where.is_dir():
            for path in finished.own(report, report / STAGES):
                (report / path).unlink()  # before their record: they would be taken for the user's
            for path in _others(report, where):
                (where / path).parent.mkdir(parents=True, exist_ok=True)
                (report / path).rename(where / path)
        shutil.rmtree(report)


def separate(work: Path) -> None:
    """Give the work folder files of its own.

    If a command was killed after the exchange, they are those of the report in place, and what a
    stage writes to one would be written to the other.
    """
    for path in work.rglob("*"):
        if path.name != MARK and path.is_file() and path.stat().st_nlink > 1:
            with replacing(path) as new, path.open("rb") as old:
                shutil.copyfileobj(old, new)


def _assemble(work: Path, where: Path, files: Sequence[str]) -> None:
    """Make the new folder: the report, what the next run needs, and the user's other files."""
    new = work / NEW
    new.mkdir()
    if where.exists():
        shutil.copymode(where, new)
    last = checkpoint.latest(work) or checkpoint.latest(where / STAGES)
    shared = [path for path in left(work) if path.name not in files]
    own = {name: work / name for name in files}
    own |= {f"{STAGES}/{path.name}": path for path in [*shared, *filter(None, [last])]}
    for name, path in own.items():
        (new / name).parent.mkdir(exist_ok=True)
        _link(path, new / name)
        _sync(new / name)
    for path in _others(where, new):
        (new / path).parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):  # it can't be linked: it is moved after the exchange
            os.link(where / path, new / path, follow_symlinks=False)
    for folder, _, _ in os.walk(new, topdown=False):
        _sync(Path(folder))


def _others(report: Path, other: Path) -> Iterator[Path]:
    """Yield the user's files of a folder, relative to it, that another lacks."""
    ours = finished.own(report, report / STAGES)  # of notebooks that have been removed
    for name, folders, names in os.walk(report):
        folder = Path(name).relative_to(report)
        links = [each for each in folders if Path(name, each).is_symlink()]
        for path in (folder / each for each in [*names, *links]):
            if path.parts[0] != STAGES and path not in ours and not os.path.lexists(other / path):
                yield path


def _link(path: Path, to: Path) -> None:
    """Let a file stand in a second place, as a copy where the disk knows no hard links."""
    try:
        os.link(path, to)
    except OSError:
        shutil.copyfile(path, to)


def _put(work: Path, where: Path) -> None:
    """Put the assembled folder into place; the old one is in the work folder afterwards."""
    if not where.exists():
        (work / NEW).replace(where)
    elif not _exchange(work / NEW, where):
        where.replace(work / OLD)
        (work / NEW).replace(where)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders at once; return False where the system can't."""
    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "darwin":
        failed = libc.renamex_np(*names, EXCHANGE)
    elif hasattr(libc, "renameat2"):
        failed = libc.renameat2(HERE, names[0], HERE, names[1], EXCHANGE)
    else:
        return False
    if failed and (number := ctypes.get_errno()) not in UNKNOWN:
        raise OSError(number, os.strerror(number), str(other))
    return not failed


def _reason(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)


def _sync(path: Path) -> None:
    """Write a file, or the entries of a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def left(work: Path) -> list[Path]:
    """Return the files that stages wrote to a work folder, except checkpoints."""
    paths = [path for path in work.iterdir() if not path.name.startswith((".", checkpoint.NAME))]
    return [path for path in paths if path.is_file() and path.name != MARK]


def remove(work: Path) -> None:
    """Remove the work folder; its mark, which carries the lock, goes last."""
    for path in work.iterdir():
        if path.name != MARK:
            folder = path.is_dir() and not path.is_symlink()
            shutil.rmtree(path) if folder else path.unlink()
    (work / MARK).unlink()
    with suppress(OSError):  # the next command has already claimed it
        work.rmdir()
