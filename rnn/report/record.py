"""`run.json`: the book, the parameters, the results and the versions of a report."""

import platform
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pypandoc

from rnn.report import ROOT, folder, told
from rnn.report.errors import StageError
from rnn.report.request import Plan

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
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {
        "format": folder.FORMAT,
        "book": tells.pop("book") | {"path": _as_named(plan.book)},
        "parameters": plan.values,
        **tells,
        "versions": {
            "rnn": project["version"],
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            **{name: version(name) for name in LIBRARIES},
            "pandoc": str(pypandoc.get_pandoc_version()),
        },
        "platform": platform.platform(),
        "report": vars(plan.title)
        | {
            "notes": _as_named(plan.notes_path) if plan.notes_path else "",
            "references": _as_named(plan.references_path) if plan.references_path else "",
            "form": plan.form,
            "code": plan.code,
            "fonts": _as_named(plan.fonts_path) if plan.fonts_path else "",
            "font_files": {file.path.name: file.sha256 for file in plan.fonts.files},
            "lacks": plan.lacks,
        },
    }


def changed(book: Path) -> str:
    """Return the error message for a book that changed."""
    return f"the book {book} changed while its report was being made: run the command again"


def _as_named(path: Path) -> str:
    """Return a path for `run.json`: relative to the project if it lies within, else as typed."""
    whole = path.resolve()
    return (whole.relative_to(ROOT) if whole.is_relative_to(ROOT) else path).as_posix()
