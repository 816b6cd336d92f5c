"""Make a report again from the recipe that it carries, in a folder of its own."""

import hashlib
import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import product
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from rnn.errors import InputError
from rnn.files.paths import as_typed
from rnn.report import ROOT, request
from rnn.report.make import carry_out
from rnn.report.nodes import Title
from rnn.report.record import record, versions
from rnn.report.request import Plan, Request
from rnn.report.terminal import Terminal
from rnn.report.verify import carried
from rnn.report.verify.carried import LISTED, MACHINE
from rnn.settings import to_word

Recipe = Mapping[str, Any]
NAMED = {"texts": "the author's text", "pictures": "the picture", "fonts": "the font"}


def check_program(recipe: Recipe) -> None:
    """Refuse the recipe of another state of the program, or of other libraries.

    Raises
    ------
    InputError
        Says which, and how to get them.
    """
    then, now = recipe["run"]["versions"], versions()
    if recipe["lock"] != carried.lock():
        raise InputError(
            f"REPORT was made with other libraries, those of the requirements.txt with SHA-256"
            f" {recipe['lock']}: {_commit(recipe['lock'])}"
        )
    if recipe["program"] != carried.program():
        raise InputError(
            f"REPORT was made by other sources of rnn {then.get('rnn')}, with SHA-256"
            f" {recipe['program']} over all of them: verify it with those, as its archive has them"
        )
    free = {path[-1] for path in MACHINE}
    for name in now:
        if name not in free and now[name] != then.get(name):
            raise InputError(
                f"REPORT was made with {name} {then.get(name)}, and here is {now[name]}:"
                " run make setup, which installs the versions of the lock"
            )


def _commit(lock: str) -> str:
    """Return how to get the state of the project that has a lock."""
    git = ["git", "-C", str(ROOT)]
    with suppress(OSError, subprocess.CalledProcessError):
        log = [*git, "log", "--format=%H", "--", "requirements.txt"]
        for commit in subprocess.run(log, capture_output=True, check=True).stdout.decode().split():  # noqa: S603
            show = [*git, "show", f"{commit}:requirements.txt"]
            content = subprocess.run(show, capture_output=True, check=True).stdout  # noqa: S603
            if hashlib.sha256(content).hexdigest() == lock:
                return f"git checkout {commit}, and verify it again"
    return "get the version of the project that has it, or the report's archive"


def own_code(recipe: Recipe) -> dict[str, str]:
    """Return the code that a report carries, by the names of its files."""
    added = recipe["added"]
    code = {f"{name}.py": text for name, text in added["chapters"].items()}
    if "student" in added["texts"]:
        path = PurePosixPath(recipe["run"]["report"].get("student", "student.py"))
        code[path.name] = added["texts"]["student"]
    return code


def prepared(recipe: Recipe, beside: Path, book: str, folder: Path) -> Plan:
    """Return the plan for making a report again, with all that it needs in a folder of its own.

    Parameters
    ----------
    recipe
        What the report carries.
    beside
        The folder in which pictures, fonts and the book are also looked for.
    book
        The path of the book as typed; empty to look for it.
    folder
        The folder, which is empty.

    Raises
    ------
    InputError
        When something that the recipe names can't be had.
    """
    run, added = recipe["run"], recipe["added"]
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    for name in LISTED:
        (notebooks / f"{name}.py").symlink_to(ROOT / "notebooks" / f"{name}.py")
    for name, text in added["chapters"].items():
        _write(notebooks / f"{_plain(name)}.py", text)
    place = folder / "book" / _plain(PurePosixPath(run["book"]["path"]).name)
    place.parent.mkdir()
    place.symlink_to(find_book(run["book"], beside, book).resolve())
    words = [shlex.quote(f"{name}={to_word(value)}") for name, value in run["parameters"].items()]
    asked = run["report"]
    given = {name: asked.get(name) or "" for name in ("title", "author", "course", "date", "form")}
    plan = request.check(
        Request(
            book=str(place),
            out=str(folder / "report"),
            params=" ".join(words),
            code="1" if asked.get("code") else "",
            excerpt="1" if asked.get("excerpt") else "",
            **given,
            **_files(recipe, beside, folder),
        ),
        notebooks,
    )
    title = Title(**{name: str(asked.get(name, "")) for name in Title.__dataclass_fields__})
    _check_added(added, carried.added(plan))
    return plan._replace(added=plan.added._replace(title=title))


def make(plan: Plan, recipe: Recipe, terminal: Terminal) -> Path:
    """Make a report again and return its folder; its `run.json` has the names of the recipe."""

    def tell(plan: Plan, work: Path) -> dict[str, Any]:
        return as_named(record(plan, work), recipe["run"])

    carry_out(plan, terminal, tell)
    return plan.out


def as_named(made: dict[str, Any], run: Mapping[str, Any]) -> dict[str, Any]:
    """Return the contents of `run.json` with the recipe's names of files and of the machine."""
    names = ("notes", "references", "fonts", "student")
    files = {name: run["report"][name] for name in names if name in run["report"]}
    machine = {path[-1]: run["versions"].get(path[-1], "") for path in MACHINE}
    return made | {
        "book": made["book"] | {"path": run["book"]["path"]},
        "report": made["report"] | files,
        "versions": made["versions"] | machine,
    }


def _plain(name: str) -> str:
    """Return the name of a file in a recipe, if it is nothing but that."""
    if not name or name.startswith(".") or "/" in name or "\0" in name:
        raise InputError(f"REPORT: its recipe names a file {name!r}, which can't be made")
    return name


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode(errors="surrogateescape"))


def find_book(book: Mapping[str, Any], beside: Path, typed: str) -> Path:
    """Return the path of the book with the recipe's SHA-256."""
    if typed:
        path = as_typed(typed, "BOOK")
        if not _is(path, book["sha256"]):
            raise InputError(
                f"BOOK: {typed} is not the report's book, whose SHA-256 is {book['sha256']}"
            )
        return path
    named = Path(book["path"])
    folders = (ROOT / "data", ROOT.parent / "book", beside, Path.cwd())
    files = (path for folder in folders for path in sorted(folder.glob("*.txt")))
    for path in (ROOT / named, named, *files):
        if _is(path, book["sha256"]):
            return path
    raise InputError(
        f"the report's book, {named.name} with SHA-256 {book['sha256']}, is not at {named}, nor in"
        " data/, nor beside the report: name it by BOOK=, or fetch it by make book"
    )


def _is(path: Path, sha256: str) -> bool:
    """Return whether a path is a file with a hash."""
    with suppress(OSError, ValueError):
        if path.is_file():
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    return False


def _files(recipe: Recipe, beside: Path, folder: Path) -> dict[str, str]:
    """Return the options that name the author's files, once these are in the folder."""
    added, asked = recipe["added"], recipe["run"]["report"]
    options = {}
    # So deep that a picture's ../../ stays within the folder.
    up = max([target.count("../") for target in added["pictures"]], default=0)
    here = folder.joinpath("added", *["deeper"] * up, "here")
    here.mkdir(parents=True)
    for name, text in added["texts"].items():
        path = here / _plain(PurePosixPath(str(asked.get(name, ""))).name)
        _write(path, text)
        options[name] = str(path)
    notes = Path(str(asked.get("notes") or "")).parent
    for target in added["pictures"]:
        _bring(target, (ROOT / notes, notes, beside), here)
    if added["fonts"]:
        at = Path(str(asked.get("fonts") or ""))
        options["fonts"] = str(folder / "fonts")
        (folder / "fonts").mkdir()
        for name in added["fonts"]:
            _bring(_plain(name), (ROOT / at, at, beside, beside / "fonts"), folder / "fonts")
    return options


def _bring(target: str, folders: Sequence[Path], here: Path) -> None:
    """Copy a file into the folder, at the same place as seen from there."""
    for folder, name in product(folders, (target, unquote(target))):
        place = Path(os.path.normpath(here / name))
        if not place.is_relative_to(here.parents[name.count("../")]):
            return  # of an absolute path, which is read where it is
        with suppress(OSError, ValueError):
            if (folder / name).is_file():
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes((folder / name).read_bytes())
                return


def _check_added(recipe: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    """Refuse to begin where something that the author added is missing, or is another one."""
    for kind, words in NAMED.items():
        for name in dict.fromkeys([*recipe[kind], *here[kind]]):
            if name not in here[kind]:
                raise InputError(f"{words} {name} is needed: put it beside the report")
            if recipe[kind].get(name) != here[kind][name]:
                raise InputError(f"{words} {name} is not the one that the report was made with")
