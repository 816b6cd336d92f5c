"""The folder of a report: check that it may be replaced, work beside it, move the report into it.

A folder holds a report of this program if it has `run.json` or, while a report is being moved into
it, `unfinished.json`; both name the program and the book.
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from rnn.errors import InputError
from rnn.files import checkpoint
from rnn.report.stages import RUN

FORMAT = "rnn report 1"
MARK = "work-of-rnn-report"  # the file that marks a work folder as this program's
PATIENCE = 5.0  # seconds
UNFINISHED = "unfinished.json"
STAGES = ".stages"  # in a finished report: files that the stages share, for the next run


def check(out: Path, sha256: str, files: Sequence[str]) -> Path:
    """Return the folder for a report, as an absolute path, if the report may be written there.

    Parameters
    ----------
    out
        The folder as the user named it; relative to the working directory.
    sha256
        The SHA-256 of the book.
    files
        The names of the files to be written there.

    Raises
    ------
    InputError
        When the folder is not new, empty, or an earlier report of the same book, or when it can't
        be written.
    """
    try:
        where = out.parent.resolve() / out.name if out.name not in ("", "..") else out.resolve()
        if where.is_symlink():
            raise InputError(f"OUT: {out} is a symbolic link: name the folder that it points to")
        if any(folder.is_symlink() for folder in where.parents):  # resolve gave up
            raise InputError(f"OUT: {out} can't be used: its symbolic links form a loop")
        if Path.cwd().resolve().is_relative_to(where):
            raise InputError(f"OUT: {out} is or contains the working directory: name a subfolder")
        if where.exists():
            _check_folder(out, where, sha256, files)
        parent = next(folder for folder in where.parents if folder.exists())
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before Python 3.13
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"OUT: {out} can't be used: {reason}") from None
    if not parent.is_dir():
        raise InputError(f"OUT: {parent} is not a folder")
    for folder in (where, parent):
        if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
            raise InputError(f"OUT: {folder} is not writable")
    return where


def _check_folder(out: Path, where: Path, sha256: str, files: Sequence[str]) -> None:
    """Refuse an existing folder that a report must not replace."""
    if not where.is_dir():
        raise InputError(f"OUT: {out} is a file: name a folder")
    if where.is_mount():
        raise InputError(f"OUT: {out} is a mount point: name a subfolder")
    if not any(where.iterdir()):
        return
    book = _book_of(where / RUN) or _book_of(where / UNFINISHED)
    if book is None:
        raise InputError(f"OUT: {out} is neither empty nor an earlier report: name another folder")
    if book != sha256:
        raise InputError(
            f"OUT: {out} holds the report of another book: name another folder or remove it"
        )
    for name in ("notebooks", STAGES):
        if (where / name).is_symlink():
            raise InputError(f"OUT: {out / name} is a symbolic link: remove it")
    for name in files:
        if (where / name).is_dir():
            raise InputError(f"OUT: {out / name} is a folder, but a file must go there: remove it")


def _book_of(file: Path) -> str | None:
    """Return the SHA-256 of a report's book, or None if the file is not this program's."""
    try:
        record = json.loads(file.read_bytes())
        return str(record["book"]["sha256"]) if record["format"] == FORMAT else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


@contextmanager
def work_folder(where: Path) -> Iterator[tuple[Path, int]]:
    """Claim the work folder beside `where`, in which its report is made; release it at the end.

    Files that an earlier run left there stay, so that it can be resumed. The claim is a lock on a
    file, which the kernels inherit: it is free once the command and its kernel have both ended.

    Yields
    ------
    tuple
        The folder, and the file descriptor of the lock.

    Raises
    ------
    InputError
        When something else has the work folder's name, or another command is making the same
        report.
    """
    work = where.with_name(f".{where.name}.work")
    if work.is_symlink() or work.is_file():
        raise InputError(f"OUT: {work} is in the way of the work folder: remove it")
    try:
        # A command that is killed while it makes or removes the folder leaves it empty.
        ours = not work.exists() or (work / MARK).is_file() or not any(work.iterdir())
        if not ours:
            raise InputError(f"OUT: {work} is in the way of the work folder: remove it")
        lock = _claim(work / MARK, where)
        (work / "notebooks").mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(f"OUT: the folder {work} can't be made: {error.strerror}") from None
    try:
        os.pwrite(lock, f"{os.getpid():<20}".encode(), 0)
        yield work, lock
    finally:
        os.close(lock)


def _claim(mark: Path, where: Path) -> int:
    """Take the lock; the kernel of a command that died may hold it for a moment longer."""
    until = time.monotonic() + PATIENCE
    while True:
        mark.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if mark.exists() and os.path.samestat(os.fstat(lock), mark.stat()):
                return lock
        except BlockingIOError:
            owner = os.pread(lock, 20, 0).strip()
            if time.monotonic() > until or (owner.isdigit() and _runs(int(owner))):
                os.close(lock)
                raise InputError(f"OUT: another command is making a report in {where}") from None
        # Its owner is ending, or has just finished and removed the folder with the file: try again.
        os.close(lock)
        time.sleep(0.1)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def move(work: Path, where: Path, files: Sequence[str]) -> list[Path]:
    """Move the files of a finished report into place, `run.json` last; return their paths.

    `run.json` therefore stands only beside a complete report. If the move is interrupted, the
    folder can still be told to be this program's. The stages' other files and the checkpoint at
    which training ended go into a hidden folder, for the next run. Other files are not touched.
    """
    where.mkdir(exist_ok=True)
    shutil.copyfile(work / RUN, work / UNFINISHED)
    (work / UNFINISHED).replace(where / UNFINISHED)
    (where / RUN).unlink(missing_ok=True)
    hidden = where / STAGES
    hidden.mkdir(exist_ok=True)
    for path in left(work):
        if path.relative_to(work).as_posix() not in files:
            path.replace(hidden / path.name)
    if last := checkpoint.latest(work):
        last.replace(hidden / last.name)
        for path in hidden.glob(f"{checkpoint.NAME}*"):
            if path.name != last.name:
                path.unlink()
    for name in files:
        (where / name).parent.mkdir(exist_ok=True)
        (work / name).replace(where / name)
    (where / UNFINISHED).unlink()
    _remove(work)
    return [where / name for name in files]


def left(work: Path) -> list[Path]:
    """Return the files that stages wrote to a work folder, except checkpoints."""
    paths = [path for path in work.iterdir() if not path.name.startswith((".", checkpoint.NAME))]
    return [path for path in paths if path.is_file() and path.name != MARK]


def _remove(work: Path) -> None:
    """Remove the work folder; its mark, which carries the lock, goes last."""
    for path in work.iterdir():
        if path.name != MARK:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (work / MARK).unlink()
    with suppress(OSError):  # the next command has already claimed it
        work.rmdir()
