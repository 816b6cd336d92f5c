"""The folder of a report: check that it may be replaced, and claim the work folder beside it.

A folder holds a report of this program if its `run.json` names the program and the book. A study
has such a file, too; see `Kind`. All that
is read or written in it and in the work folder is a plain file or folder of the user's own: links
and what others own are refused by name, before any work.
"""

import fcntl
import json
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from rnn.errors import InputError
from rnn.report import placing
from rnn.report.placing import MARK, STAGES
from rnn.report.stages import RUN

FORMAT = "rnn report 1"
PATIENCE = 5.0  # seconds


class Kind(NamedTuple):
    """What a folder holds.

    Attributes
    ----------
    name
        What it is called in messages.
    file
        The JSON file by which it is known, with the book's SHA-256.
    format
        What that file says of its format.
    folders
        The folders in it.
    """

    name: str
    file: str
    format: str
    folders: tuple[str, ...]


REPORT = Kind("report", RUN, FORMAT, ("notebooks",))


def check(out: Path, sha256: str, files: Sequence[str], kind: Kind = REPORT) -> Path:
    """Return the folder for a report, as an absolute path, if the report may be written there.

    Parameters
    ----------
    out
        The folder as the user named it; relative to the working directory.
    sha256
        The SHA-256 of the book.
    files
        The names of the files to be written there.
    kind
        What is to be written there.

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
            _check_folder(out, where, sha256, files, kind)
        parent = next(folder for folder in where.parents if folder.exists())
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before Python 3.13
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"OUT: {out} can't be used: {reason}") from None
    if not parent.is_dir():
        raise InputError(f"OUT: {parent} is not a folder")
    most = os.pathconf(parent, "PC_NAME_MAX") - len(os.fsencode(work_name("")))
    if len(os.fsencode(where.name)) > most:
        raise InputError(f"OUT: the name {where.name} is too long: use at most {most} bytes")
    for folder in (where, parent):
        if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
            raise InputError(f"OUT: {folder} is not writable")
    return where


def _check_folder(out: Path, where: Path, sha256: str, files: Sequence[str], kind: Kind) -> None:
    """Refuse an existing folder that a report must not replace."""
    if not where.is_dir():
        raise InputError(f"OUT: {out} is a file: name a folder")
    if where.is_mount():
        raise InputError(f"OUT: {out} is a mount point: name a subfolder")
    if not any(where.iterdir()):
        return
    book = _book_of(where / kind.file, kind.format)
    if book is None:
        raise InputError(
            f"OUT: {out} is neither empty nor an earlier {kind.name}: name another folder"
        )
    if book != sha256:
        raise InputError(
            f"OUT: {out} holds the {kind.name} of another book: name another folder or remove it"
        )
    for name in ("", *kind.folders, STAGES):
        _check_plain(where / name, out / name, folder=True)
        if (where / name).exists() and not os.access(where / name, os.W_OK | os.X_OK):
            raise InputError(f"OUT: {out / name} is not writable")
    for name in (*files, *(f"{STAGES}/{path.name}" for path in where.glob(f"{STAGES}/*"))):
        _check_plain(where / name, out / name, folder=False)
    for path, folders, _ in os.walk(where):
        if mounts := [name for name in folders if Path(path, name).is_mount()]:
            raise InputError(f"OUT: {Path(path, mounts[0])} is a mount point: unmount it first")


def _check_plain(path: Path, name: Path, *, folder: bool) -> None:
    """Refuse what stands in the place of our file or folder and is no plain one of the user's."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISLNK(found.st_mode):
        raise InputError(f"OUT: {name} is a symbolic link: remove it")
    if folder and not stat.S_ISDIR(found.st_mode):
        raise InputError(f"OUT: {name} is a file, but a folder must go there: remove it")
    if stat.S_ISDIR(found.st_mode) and not folder:
        raise InputError(f"OUT: {name} is a folder, but a file must go there: remove it")
    if not (folder or stat.S_ISREG(found.st_mode)):
        raise InputError(f"OUT: {name} is not a regular file: remove it")
    if found.st_uid != os.geteuid():
        raise InputError(f"OUT: {name} belongs to another user: name another folder")


def _book_of(file: Path, format: str) -> str | None:
    """Return the SHA-256 of a report's book, or None if the file is not this program's."""
    try:
        record = json.loads(file.read_bytes())
        return str(record["book"]["sha256"]) if record["format"] == format else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def work_name(name: str) -> str:
    """Return the name of the work folder beside a folder of a report."""
    return f".{name}.work"


@contextmanager
def work_folder(where: Path, kind: Kind = REPORT) -> Iterator[tuple[Path, int]]:
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
    work = where.with_name(work_name(where.name))
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        _check_work(work)
        lock = _claim(work / MARK, where, kind)
    except OSError as error:
        raise InputError(f"OUT: the folder {work} can't be made: {error.strerror}") from None
    try:
        os.pwrite(lock, f"{os.getpid():<20}".encode(), 0)
        placing.recover(work, where)
        placing.separate(work)
        for name in kind.folders:
            (work / name).mkdir(exist_ok=True)
        yield work, lock
    finally:
        os.close(lock)


def _check_work(work: Path) -> None:
    """Refuse a work folder that this program did not make for this user."""
    try:
        found = work.lstat()
    except FileNotFoundError:
        return
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    # A command that is killed while it makes or removes the folder leaves it empty.
    if not (ours and ((work / MARK).is_file() or not any(work.iterdir()))):
        raise InputError(f"OUT: {work} is in the way of the work folder: remove it")
    for path, folders, names in os.walk(work):
        if Path(path).name in placing.WHOLE:  # whole reports, with the user's other files
            folders.clear()
            continue
        for name in folders:
            _check_plain(Path(path, name), Path(path, name), folder=True)
        for name in names:
            _check_plain(Path(path, name), Path(path, name), folder=False)


def _claim(mark: Path, where: Path, kind: Kind) -> int:
    """Take the lock; the kernel of a command that died may hold it for a moment longer."""
    until = time.monotonic() + PATIENCE
    while True:
        with suppress(FileExistsError):
            mark.parent.mkdir(mode=0o700)
        lock = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if mark.exists() and os.path.samestat(os.fstat(lock), mark.stat()):
                return lock
        except BlockingIOError:
            owner = os.pread(lock, 20, 0).strip()
            if time.monotonic() > until or (owner.isdigit() and _runs(int(owner))):
                os.close(lock)
                raise InputError(
                    f"OUT: another command is making a {kind.name} in {where}"
                ) from None
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
