"""`run.json`: the book, the parameters, the results and the versions of a report."""

import platform
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rnn.exhibits import pandoc
from rnn.files.machine import processor
from rnn.numerics.compiled import state_of_sources
from rnn.report import ROOT, folder, told
from rnn.report.errors import StageError
from rnn.report.recipe import SOURCES
from rnn.report.request import Added, Plan

LIBRARIES = ("numpy", "numba", "scipy", "matplotlib", "jupytext", "papermill", "nbconvert", "typst")


def record(plan: Plan, work: Path) -> dict[str, Any]:
    """Return the contents of `run.json`, once all stages are done.

    Raises
    ------
    StageError
        When the stages read a different book from the one requested, or tell something odd.
    """
    tells = {stage.tells: told.read(work, stage.tells) for stage in plan.stages if stage.tells}
    if tells["book"]["sha256"] != plan.sha256:
        raise StageError(changed(plan.book))
    added = plan.added
    return {
        "format": folder.FORMAT,
        "book": tells.pop("book") | {"path": as_named(plan.book)},
        "parameters": plan.values,
        **tells,
        "versions": versions(),
        "platform": platform.platform(),
        "report": vars(added.title)
        | {
            "notes": as_named(added.notes_path) if added.notes_path else "",
            "references": as_named(added.references_path) if added.references_path else "",
            "form": plan.form,
            "excerpt": plan.excerpt,
            "code": plan.code,
            "fonts": as_named(added.fonts_path) if added.fonts_path else "",
            "font_files": font_files(added),
            "lacks": added.lacks,
        }
        | _own(plan),
    }


def _own(plan: Plan) -> dict[str, str]:
    """Return path and SHA-256 of a student's functions and of a saved model, if there are some."""
    about: dict[str, str] = {}
    for name, file in (("student", plan.student), ("model", plan.model)):
        if file:
            about |= {name: as_named(file.path), f"{name}_sha256": file.sha256}
    return about


def versions() -> dict[str, str]:
    """Return the versions of all that a report is made with."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {
        "rnn": project["version"],
        SOURCES: state_of_sources(),  # the user may have written another backward pass
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        **{name: version(name) for name in LIBRARIES},
        "pandoc": pandoc.version(),
    }


def font_files(added: Added) -> dict[str, str]:
    """Return the SHA-256 of each font file that the author adds, by its name."""
    return {file.path.name: file.sha256 for file in added.fonts.files}


def changed(file: Path, what: str = "book") -> str:
    """Return the error message for a book, or another file, that changed."""
    return f"the {what} {file} changed while its report was being made: run the command again"


def as_named(path: Path) -> str:
    """Return a path for `run.json`: relative to the project if it lies within, else as typed."""
    whole = path.resolve()
    return (whole.relative_to(ROOT) if whole.is_relative_to(ROOT) else path).as_posix()
