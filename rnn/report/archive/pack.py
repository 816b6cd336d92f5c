"""Make the archive of a report: a zip whose bytes are the same whenever and wherever it is made.

Its files are not packed: what packing gives depends on the library that does it.
"""

import datetime
import json
import os
import subprocess
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from rnn.errors import InputError
from rnn.files.library import is_free
from rnn.files.paths import as_typed
from rnn.files.storage import replacing
from rnn.report import ROOT
from rnn.report.archive import crate
from rnn.report.stages import RUN
from rnn.report.verify import again, carried, foreign, verdict

GIVEN = "given.npz"  # the saved model of a report made with MODEL; it is found by its hash
BEGAN = (1980, 1, 1, 0, 0, 0)  # the first date of a zip
# Of the project, beside the sources that the recipe names.
PROJECT = (
    *(
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Makefile",
        "pyproject.toml",
        "environment.yml",
        "requirements*.txt",
        "LICENSE",
    ),
    *("CITATION.cff", "tools/*.py", "docs/*.md", "data/LICENSE", "notebooks/study.py"),
    "notebooks/exercise.py",
)


def make(report: str, out: str, date: str, book: str) -> tuple[Path, list[str]]:
    """Write the archive of a report; return its path, and what is to be said about it.

    Parameters
    ----------
    report, out, date, book
        The variables as typed; see variables.txt.

    Raises
    ------
    InputError
        When there is no such report, or it can't be made again here.
    """
    if not report:
        raise InputError("REPORT is missing: name the folder of a finished report")
    folder = as_typed(report, "REPORT")
    if not folder.is_dir():
        raise InputError(f"REPORT: {report} is not the folder of a report")
    files = verdict.given(folder)
    recipe, apart = verdict.recipe_of(files)
    if apart or RUN not in files:
        raise InputError(f"REPORT: it was changed since it was made: {apart or f'no {RUN}'}")
    again.check_program(recipe)
    title = again.title_block(recipe)
    day = _day(date or title.date, given=bool(date))
    whole = folder.resolve()
    path = _zip(as_typed(out, "OUT") if out else whole.with_name(f"{whole.name}.zip"))
    contents, inside, said = _contents(folder, files, recipe, book)
    sizes = {name: len(content) for name, content in contents.items() if name.startswith("report/")}
    contents[crate.NAME] = crate.crate(recipe, title, day, sizes, inside).encode()
    contents["CITATION.cff"] = crate.citation(title, day, _project()).encode()
    contents["recipe.json"] = (json.dumps(recipe, indent=2) + "\n").encode()
    with replacing(path) as written, zipfile.ZipFile(written, "w") as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, BEGAN)
            entry.create_system = 3  # as on Unix; Windows would write another number
            entry.compress_type = zipfile.ZIP_STORED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, contents[name])
    return path, said


def _day(date: str, *, given: bool) -> str:
    """Return a date, if it is a day."""
    try:
        return datetime.date.fromisoformat(date).isoformat()
    except ValueError:
        what = f"DATE is {date!r}" if given else f"the report's date is {date!r}"
        raise InputError(f"{what}: give the day of publication, as in DATE=2026-05-31") from None


def _zip(path: Path) -> Path:
    """Return a path, if an archive may be written there."""
    if path.is_dir():
        raise InputError(f"OUT: {path} is a folder: name a file, as in OUT=report.zip")
    if path.exists() and not _is_archive(path):
        raise InputError(f"OUT: {path} is there and is no earlier archive: name another file")
    if not path.parent.is_dir():
        raise InputError(f"OUT: there is no folder {path.parent}")
    return path


def _is_archive(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return crate.NAME in archive.namelist()
    except Exception:  # a damaged one raises many kinds
        return False


def _contents(
    folder: Path, files: Mapping[str, Path], recipe: Mapping[str, Any], typed: str
) -> tuple[dict[str, bytes], str, list[str]]:
    """Return all files by their names in the archive, the book's name there, and what is left out.

    The book's name is empty if that is not among the files.
    """
    names = [*recipe["files"], carried.PAGE, carried.PDF, RUN]
    if missing := [name for name in names if name not in files]:
        raise InputError(f"REPORT: {missing[0]} is missing: make the report again")
    if apart := next(verdict.own_data(files, recipe), ""):
        raise InputError(f"REPORT: it was changed since it was made: {apart}")
    contents = {f"report/{name}": foreign.content(files[name]) for name in names}
    said = []
    notes = Path(str(recipe["run"]["report"].get("notes") or "")).parent
    for target, digest in recipe["added"]["pictures"].items():
        place = f"report/{PurePosixPath(target)}"
        found = again.picture(target, digest, (ROOT / notes, folder))
        if found and _is_below(target) and place not in contents:
            contents[place] = found
        else:
            said.append(f"the picture {target} is left out: it is not at its place below the notes")
    said += [f"the font {name} is left out: see its licence" for name in recipe["added"]["fonts"]]
    for name, digest in recipe["added"]["models"].items():
        if path := again.model(recipe, digest, folder):
            contents[f"report/{GIVEN}"] = foreign.content(path)
        else:
            said.append(
                f"the model {name} is left out: it is neither beside the report nor where it was"
            )
    packed = {path.relative_to(ROOT).as_posix(): path for path in _project_files()}
    contents |= {f"project/{name}": path.read_bytes() for name, path in packed.items()}
    said += [f"{name} is packed, though git does not track it" for name in _untracked(packed)]
    about = recipe["run"]["book"]
    name, inside = foreign.plain(PurePosixPath(about["path"]).name), ""
    if is_free(about["sha256"]):
        inside = f"project/data/{name}"
        contents[inside] = foreign.content(again.find_book(about, folder, typed))
    else:
        said.append(
            f"the book {name} is left out, since whether it may be given on is not known: whoever"
            f" verifies the report needs BOOK={name}, with SHA-256 {about['sha256']}"
        )
    return contents, inside, said


def _is_below(target: str) -> bool:
    """Return whether the name of a picture stays below the folder that it is seen from."""
    path = PurePosixPath(target)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in target


def _project_files() -> Iterator[Path]:
    yield from carried.sources()
    for pattern in PROJECT:
        yield from (path for path in sorted(ROOT.glob(pattern)) if path.is_file())


def _untracked(names: Iterable[str]) -> list[str]:
    """Return which of the project's files git does not track; none where there is no repository."""
    if not (ROOT / ".git").exists():
        return []
    git = ["git", "-C", str(ROOT), "ls-files", "-z"]
    try:
        listed = subprocess.run(git, capture_output=True, check=True).stdout  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return []
    return sorted({*names} - {*os.fsdecode(listed).split("\0")})


def _project() -> list[tuple[str, str]]:
    """Return the fields of a reference to the project."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [("title", project["description"]), ("version", project["version"])]
