"""Make a report again from the recipe that it carries, in a folder of its own."""

import hashlib
import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from rnn.errors import InputError
from rnn.exhibits.pandoc import UnsetError
from rnn.files.library import is_free, title_of
from rnn.files.paths import as_typed
from rnn.report import ROOT, request, stages
from rnn.report.make import carry_out
from rnn.report.nodes import Title
from rnn.report.notes import images
from rnn.report.paper import fonts
from rnn.report.record import record, versions
from rnn.report.request import Plan, Request
from rnn.report.terminal import Terminal
from rnn.report.verify import carried, foreign
from rnn.report.verify.carried import LISTED, MACHINE
from rnn.report.verify.values import clipped
from rnn.settings import to_word

Recipe = Mapping[str, Any]
NAMED = {
    "texts": "the author's text",
    "pictures": "the picture",
    "fonts": "the font",
    "models": "the model",
    "chapters": "the notebook",
}
DEEPEST = 50  # folders that a picture may lie above the notes


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
            f"REPORT was made by other sources of rnn {clipped(then.get('rnn'))}, with SHA-256"
            f" {recipe['program']} over all of them: verify it with those. Its archive has them;"
            " what they say proves something only if that hash is the one of a known release"
        )
    free = {path[-1] for path in MACHINE}
    for name in now:
        if name not in free and now[name] != then.get(name):
            raise InputError(
                f"REPORT was made with {name} {clipped(then.get(name))}, and here is"
                f" {now[name]}: run make setup, which installs the versions of the lock"
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


def own_code(recipe: Recipe) -> list[tuple[str, str]]:
    """Return the code that a report carries, each text after the name of its file."""
    added = recipe["added"]
    code = [(f"notebooks/{name}.py", text) for name, text in added["chapters"].items()]
    if "student" in added["texts"]:
        name = str(recipe["run"]["report"].get("student", "student.py"))
        code.append((name, added["texts"]["student"]))
    return code


def title_block(recipe: Recipe) -> Title:
    """Return the title block of a report; the title of a book that is known is its own."""
    run = recipe["run"]
    block = Title(**{name: str(run["report"].get(name, "")) for name in Title.__dataclass_fields__})
    book = run["book"]
    if is_free(book["sha256"]):
        block = replace(block, book=title_of(Path(book["path"]), book["sha256"]))
    return block


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
        foreign.write(notebooks / f"{_chapter(name)}.py", text)
    place = folder / "book" / foreign.plain(PurePosixPath(run["book"]["path"]).name)
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
    _check_added(added, carried.added(plan))
    return plan._replace(added=plan.added._replace(title=title_block(recipe)))


def make(plan: Plan, recipe: Recipe, terminal: Terminal) -> Path:
    """Make a report again and return its folder; its `run.json` has the names of the recipe."""

    def tell(plan: Plan, work: Path) -> dict[str, Any]:
        return as_named(record(plan, work), recipe["run"])

    carry_out(plan, terminal, tell)
    return plan.out


def as_named(made: dict[str, Any], run: Mapping[str, Any]) -> dict[str, Any]:
    """Return the contents of `run.json` with the recipe's names of files and of the machine."""
    files = {name: run["report"][name] for name in carried.FILES if name in run["report"]}
    machine = {path[-1]: run["versions"].get(path[-1], "") for path in MACHINE}
    return made | {
        "book": made["book"] | {"path": run["book"]["path"]},
        "report": made["report"] | files,
        "versions": made["versions"] | machine,
    }


def _chapter(name: str) -> str:
    """Return the name of a chapter of the author's own, without its ending."""
    if name in LISTED or not stages.NAME.fullmatch(name):
        raise InputError(f"REPORT: its recipe names a notebook {name!r}, which can't be made")
    return name


def find_book(book: Mapping[str, Any], beside: Path, typed: str) -> Path:
    """Return the path of the book with the recipe's SHA-256."""
    if typed:
        path = as_typed(typed, "BOOK")
        if not foreign.is_the(path, book["sha256"]):
            raise InputError(
                f"BOOK: {typed} is not the report's book, whose SHA-256 is {book['sha256']}"
            )
        return path
    named = Path(book["path"])
    folders = (ROOT / "data", ROOT.parent / "book", beside, Path.cwd())
    files = (path for folder in folders for path in sorted(folder.glob("*.txt")))
    for path in (ROOT / named, named, *files):
        if foreign.is_the(path, book["sha256"]):
            return path
    raise InputError(
        f"the report's book, {named.name} with SHA-256 {book['sha256']}, is not at {named}, nor in"
        " data/, nor beside the report: name it by BOOK=, or fetch it by make book"
    )


def _files(recipe: Recipe, beside: Path, folder: Path) -> dict[str, str]:
    """Return the options that name the author's files, once these are in the folder."""
    added, asked = recipe["added"], recipe["run"]["report"]
    options = {}
    # So deep that a picture's ../../ stays within the folder.
    up = max((PurePosixPath(name).parts.count("..") for name in added["pictures"]), default=0)
    if up > DEEPEST:
        raise InputError(f"REPORT: its recipe names a picture {up} folders above its notes")
    here = folder.joinpath("added", *["deeper"] * up, "here")
    here.mkdir(parents=True)
    for name, text in added["texts"].items():
        path = here / foreign.plain(PurePosixPath(str(asked.get(name, ""))).name)
        foreign.write(path, text)
        options[name] = str(path)
    notes = Path(str(asked.get("notes") or "")).parent
    for target, digest in added["pictures"].items():
        content = picture(target, digest, (ROOT / notes, notes, beside))
        # One with an absolute path is read where it is.
        if content is not None and not target.startswith("/"):
            _place(here, target, folder / "added", content)
    if added["fonts"]:
        at = Path(str(asked.get("fonts") or ""))
        options["fonts"] = str(folder / "fonts")
        (folder / "fonts").mkdir()
        for name, digest in added["fonts"].items():
            place = folder / "fonts" / foreign.plain(name)
            for source in (ROOT / at, at, beside, beside / "fonts"):
                if foreign.bring(source / name, digest, place, fonts.LARGEST):
                    break
    for name, digest in added["models"].items():
        if found := model(recipe, digest, beside):
            options["model"] = str(folder / "model" / foreign.plain(name))
            (folder / "model").mkdir()
            foreign.bring(found, digest, Path(options["model"]))
    return options


def model(recipe: Recipe, digest: str, beside: Path) -> Path | None:
    """Return the file of a saved model, of any name if it lies beside the report."""
    at = Path(str(recipe["run"]["report"].get("model") or ""))
    files = (ROOT / at, at, *sorted(beside.glob("*.npz")))
    return next((path for path in files if foreign.is_the(path, digest)), None)


def picture(target: str, digest: str, folders: Sequence[Path]) -> bytes | None:
    """Return the file of a picture from the first folder where it has the recipe's SHA-256.

    That is the hash of the picture as encoded anew, so no other file is ever given on.
    """
    for folder in folders:
        with suppress(UnsetError):
            content = images.content_of(folder, target)
            if hashlib.sha256(images.encoded(content)[0]).hexdigest() == digest:
                return content
    return None


def _place(here: Path, target: str, within: Path, content: bytes) -> None:
    """Write a picture at its place as seen from the notes; leave it to be asked for if it can't.

    Its name is taken as it is written, and is read first so: `%2e%2e` is a folder of that name.
    """
    place = here / target
    if not Path(os.path.normpath(place)).is_relative_to(within):
        return
    with suppress(OSError, ValueError):  # such as of two names for one place
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as file:
            file.write(content)


def _check_added(recipe: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    """Refuse to begin where something that the author added is missing, or is another one."""
    for kind, words in NAMED.items():
        for name in dict.fromkeys([*recipe[kind], *here[kind]]):
            if name not in here[kind]:
                raise InputError(
                    f"{words} {name} is needed: put the one that the report was made with beside it"
                )
            if recipe[kind].get(name) != here[kind][name]:
                raise InputError(f"{words} {name} is not the one that the report was made with")
