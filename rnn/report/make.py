"""Make a report: check everything, run the notebooks, render, move into place."""

import hashlib
import json
import os
import platform
import tomllib
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import pypandoc

from rnn.errors import InputError
from rnn.files.storage import save_json
from rnn.report import done, outputs, parameters, stages
from rnn.report.document import Title
from rnn.report.errors import StageError
from rnn.report.notes import read_notes
from rnn.report.render import check_notes, render
from rnn.report.terminal import Terminal

ROOT = Path(__file__).resolve().parents[2]
CHANGED = "the book {} changed while its report was made: make it again"
TITLE = "A recurrent network that learns to write"
BOOK = ROOT / "data" / "tales.txt"
LIBRARIES = ("numpy", "numba", "scipy", "matplotlib", "jupytext", "papermill", "nbconvert", "typst")


class Request(NamedTuple):
    """What the user asks for, as typed; what is empty has a default.

    Attributes
    ----------
    book
        Path of the book; by default the one that comes with the project.
    out
        Path of the folder for the report; by default `reports/<book's stem>` in the project.
    encoding
        Overrides what is found out of the book's.
    params
        Parameters, as `name=value` words.
    preset
        A name in `PRESETS`, which PARAMS is put on top of.
    title, author, course, date
        The title block.
    notes
        Path of the author's commentary, in Markdown; see notes.py.
    code
        "1" to set the notebooks' code in the PDF too.
    """

    book: str
    out: str
    params: str
    encoding: str
    preset: str
    title: str
    author: str
    course: str
    date: str
    notes: str = ""
    code: str = ""


def make(request: Request, terminal: Terminal, notebooks: Path) -> list[Path]:
    """Make a report and return the paths of its files.

    Parameters
    ----------
    request
        What is asked for.
    terminal
        Where it says how far it is.
    notebooks
        The folder of the notebooks.

    Raises
    ------
    InputError
        When any of it is refused; nothing was done then.
    StageError
        When a notebook fails; an earlier report is left as it was.
    """
    declared = {path: stages.declared(path) for path in sorted(notebooks.glob("[0-9]*.py"))}
    defaults: dict[str, Any] = {}
    for names in declared.values():
        defaults |= {name: names[name] for name in names if name not in parameters.PATHS}
    values = parameters.read(request.params, defaults, request.preset or "assignment")
    if request.encoding:
        values["encoding"] = request.encoding
    path = Path(request.book) if request.book else BOOK
    sha256 = parameters.check_book(path, values).sha256  # the text itself may be large
    out = Path(request.out) if request.out else ROOT / "reports" / path.stem
    title = Title(request.title or TITLE, request.author, request.course, request.date)
    if request.code not in ("", "0", "1"):
        raise InputError(f"CODE is 1, to set the code in the PDF, or 0, not {request.code!r}")
    notes = read_notes(Path(request.notes)) if request.notes else {}
    check_notes(notes)
    where = outputs.check(out, sha256)
    with outputs.work_folder(where) as (work, lock):
        given = values | {
            "book": _seen_from(notebooks, path),
            "folder": _seen_from(notebooks, work),
        }
        keys: dict[str, str] = {}
        for number, (notebook, names) in enumerate(declared.items(), 1):
            used = {name: given[name] for name in names}
            stage = notebook.stem
            keys[stage] = done.key(notebook, used, sha256, keys)
            there = done.stands(work, where, stage, keys[stage])
            step = f"[{number}/{len(declared) + 1}] {stage}"
            terminal.say(f"{step}: done before" if there else step)
            if not there:
                before = done.state(work)
                executed = work / "notebooks" / f"{stage}.ipynb"
                try:
                    stages.run(notebook, executed, used, terminal, lock)
                except StageError:
                    _check_unchanged(path, sha256)  # which says more than what it led to
                    raise
                _check_unchanged(path, sha256)
                done.note(work, stage, keys[stage], before)
        terminal.say(f"[{len(declared) + 1}/{len(declared) + 1}] report.html and report.pdf")
        save_json(work / outputs.RUN, _record(work, path, sha256, values, request, title))
        render(work, title, notes, code=request.code == "1")
        try:
            outputs.check(out, sha256)  # hours may have passed
        except InputError as error:
            raise InputError(f"{error}; the report was made, and is in {work}") from None
        return outputs.move(work, where)


def _check_unchanged(path: Path, sha256: str) -> None:
    """See that the book is the one that the report is of: each stage reads it anew."""
    found = ""
    with suppress(OSError):
        if path.is_file():  # a pipe would be waited for
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise StageError(CHANGED.format(path))


def _seen_from(folder: Path, path: Path) -> str:
    """Return a path for notebooks in a folder; in the project it tells not where that lies."""
    path, folder = path.resolve(), folder.resolve()
    if path.is_relative_to(folder.parent):
        return Path(os.path.relpath(path, folder)).as_posix()
    return str(path)


def _as_named(path: Path) -> str:
    """Return a path for `run.json`: from the project's folder if it is in it, else as typed."""
    whole = path.resolve()
    return (whole.relative_to(ROOT) if whole.is_relative_to(ROOT) else path).as_posix()


def _record(
    work: Path, path: Path, sha256: str, values: dict[str, Any], request: Request, title: Title
) -> dict[str, Any]:
    """Return what `run.json` holds."""
    stage = {
        name: json.loads((work / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("book", "gradient_check", "training")
    }
    if stage["book"]["sha256"] != sha256:
        raise StageError(CHANGED.format(path))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {
        "format": outputs.FORMAT,
        "book": stage["book"] | {"path": _as_named(path)},
        "parameters": values,
        "gradient_check": stage["gradient_check"],
        "training": stage["training"],
        "versions": {
            "rnn": project["version"],
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            **{name: version(name) for name in LIBRARIES},
            "pandoc": str(pypandoc.get_pandoc_version()),
        },
        "platform": platform.platform(),
        "report": vars(title)
        | {
            "notes": _as_named(Path(request.notes)) if request.notes else "",
            "code": request.code == "1",
        },
    }
