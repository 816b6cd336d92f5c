"""What was handed in: a folder, a zip file or a .py for each student. None of it is trusted."""

import hashlib
import itertools
import os
import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from rnn.errors import InputError
from rnn.files.archive import read_arrays
from rnn.files.lines import printable

STUDENT, ANSWERS = "student.py", "answers.npz"
LARGEST = {STUDENT: 1_000_000, ANSWERS: 10_000_000}  # bytes
LARGEST_ZIP = 50_000_000
LISTED = 5  # names of other files, where there is no student.py


class Submission(NamedTuple):
    """One submission.

    Attributes
    ----------
    name
        Whose it is: that of the folder, the zip file or the .py.
    source
        What `student.py` holds.
    fault
        Why there is no such file.
    cell
        What the exercise's `answers.npz` beside it is about, if it is there.
    """

    name: str
    source: bytes
    fault: str = ""
    cell: str = ""

    @property
    def digest(self) -> str:
        """Return a hash of what was handed in."""
        return hashlib.sha256(repr((self.source, self.fault)).encode()).hexdigest()


def submissions(folder: Path) -> tuple[list[Submission], list[str]]:
    """Return what was handed in, by name, and the names of files that are passed over.

    Raises
    ------
    InputError
        When there is nothing, or two of one name.
    """
    made: dict[str, Submission] = {}
    names: dict[str, str] = {}
    others = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "__")):
            continue
        found = _submission(path)
        if found is None:
            others.append(path.name)
        elif (lower := found.name.lower()) in names:  # some disks do not tell them apart
            raise InputError(
                f"SUBMISSIONS: {names[lower]} and {path.name} have one name: rename one of them"
            )
        else:
            names[lower], made[found.name] = path.name, found
    if not made:
        raise InputError(f"SUBMISSIONS: there is no folder, zip file or .py in {folder}")
    return [made[name] for name in sorted(made)], others


def _submission(path: Path) -> Submission | None:
    """Return what a path holds; None if it is neither a folder nor a zip file nor a .py."""
    kind, suffix = path.lstat().st_mode, path.suffix.lower()
    name = path.name if stat.S_ISDIR(kind) else path.stem
    try:
        if stat.S_ISDIR(kind):
            files = _in_folder(path)
            alone = None if any(parts[-1] == STUDENT for parts in files) else _only_zip(path)
            if alone is None:
                return _from_files(name, files, _names_in_folder(path))
            return _from_files(name, _in_zip(alone), _names_in_zip(alone))
        if stat.S_ISREG(kind) and suffix == ".py":
            return _from_files(name, {(STUDENT,): _file(path, STUDENT)}, ())
        if stat.S_ISREG(kind) and suffix == ".zip":
            return _from_files(name, _in_zip(path), _names_in_zip(path))
    except Exception as error:  # damaged or hostile bytes raise many kinds
        said = " ".join(str(getattr(error, "strerror", "") or error).split())
        return Submission(safe(name), b"", printable(f"{path.name} can't be read: {said}")[:200])
    return None


def _only_zip(folder: Path) -> Path | None:
    """Return the zip file at the top of a folder if there is one: Moodle hands out such folders."""
    found = [path for path in folder.iterdir() if path.suffix.lower() == ".zip"]
    found = [path for path in found if stat.S_ISREG(path.lstat().st_mode)]
    return found[0] if len(found) == 1 else None


Files = dict[tuple[str, ...], bytes | str]  # contents by path, or why they are not taken


def _from_files(name: str, files: Files, others: Iterable[str]) -> Submission:
    """Return a submission from its files: student.py at the top, or one folder down."""
    tops = sorted((path for path in files if path[-1] == STUDENT), key=len)
    tops = [path for path in tops if len(path) == len(tops[0])]
    if len(tops) != 1:
        many = "more than one" if tops else "no"
        fault = f"there is {many} {STUDENT} at the top or one folder down"
        if not tops:
            fault += _instead(others)
        return Submission(safe(name), b"", fault)
    (path,) = tops
    source = files[path]
    if isinstance(source, str):
        return Submission(safe(name), b"", source)
    return Submission(safe(name), source, cell=_cell(files.get((*path[:-1], ANSWERS), b"")))


def _instead(names: Iterable[str]) -> str:
    """Return which files were handed in instead of student.py, at most five."""
    found = [printable(name)[:60] for name in itertools.islice(names, LISTED + 1)]
    more = " ..." if len(found) > LISTED else ""
    return f", but {', '.join(found[:LISTED])}{more}" if found else ""


def _names_in_folder(folder: Path) -> Iterator[str]:
    """Yield the names of files in a folder, in order; links are not followed."""
    for part, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(part, name).relative_to(folder).as_posix()


def _names_in_zip(path: Path) -> Iterator[str]:
    """Yield the names of files in a zip file, in order."""
    with zipfile.ZipFile(path) as archive:
        for member in sorted(map(_slashed, archive.namelist())):
            if not member.endswith("/") and not re.search(r"(^|/)(\.[^./]|__)", member):
                yield member


def _slashed(member: str) -> str:
    """Return the name of a member with the slashes that it should have: some programs turn them."""
    return member.replace("\\", "/")


def _in_folder(folder: Path) -> Files:
    """Return the files at the top of a folder and one folder down; links are not followed."""
    found: Files = {}
    for part in (folder, *(path for path in sorted(folder.iterdir()) if _is_folder(path))):
        for name in LARGEST:
            path = part / name
            if os.path.lexists(path):
                found[path.relative_to(folder).parts] = _file(path, name)
    return found


def _is_folder(path: Path) -> bool:
    return stat.S_ISDIR(path.lstat().st_mode) and not path.name.startswith((".", "__"))


def _file(path: Path, name: str) -> bytes | str:
    """Return the content of a regular file, or why it is not taken."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        return f"{name} is no regular file"
    if status.st_size > LARGEST[name]:
        return _too_large(name)
    return path.read_bytes()


def _too_large(name: str) -> str:
    return f"{name} is larger than {LARGEST[name] // 10**6} MB"


def _in_zip(path: Path) -> Files:
    """Return the same of a zip file; nothing of it is written anywhere.

    Raises
    ------
    Exception
        Of many kinds, when it is damaged, encrypted or not as it should be.
    """
    if path.stat().st_size > LARGEST_ZIP:
        raise ValueError(f"it is larger than {LARGEST_ZIP // 10**6} MB: zip {STUDENT} alone")
    found: Files = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            parts = PurePosixPath(_slashed(member.filename)).parts
            name = parts[-1] if parts else ""
            if name not in LARGEST or len(parts) > 2 or parts[0].startswith((".", "__", "/")):
                continue
            if member.is_dir():
                continue
            with archive.open(member) as file:
                content = file.read(LARGEST[name] + 1)  # whatever size it claims
            if parts in found:
                raise ValueError(f"it has {name} twice")
            large = len(content) > LARGEST[name]
            found[parts] = _too_large(name) if large else content
    return found


def _cell(answers: bytes | str) -> str:
    """Return which cell an exercise's answers are about, if they can be read."""
    try:
        return str(read_arrays(answers)["cell"]) if isinstance(answers, bytes) else ""
    except (ValueError, KeyError):
        return ""


def safe(name: str) -> str:
    """Return a name that can be that of a file, and is no formula in a spreadsheet.

    >>> safe("=cmd|' /C calc'!A0"), safe("Žofie Nováková"), safe("../ada")
    ("_cmd_' _C calc'_A0", 'Žofie Nováková', '_._ada')
    """
    whole = unicodedata.normalize("NFC", name)  # macOS takes letters and accents apart
    kept = "".join(c if _written(c) or c in " ._-'()@," else "_" for c in whole)
    return re.sub(r"^[^\w(]|[. ]$", "_", kept)[:100] or "_"


def _written(c: str) -> bool:
    """Return whether a character is a letter, a number, or a mark, as the vowels of Hindi are."""
    return unicodedata.category(c)[0] in "LMN"


def cells(found: Iterable[Submission], cell: str, known: Iterable[str]) -> dict[str, str]:
    """Return the cell of each submission by name: the one that is asked for, or what it says."""
    names = [*known]
    return {one.name: cell or (one.cell if one.cell in names else names[0]) for one in found}
