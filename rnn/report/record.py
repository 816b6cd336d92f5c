"""`run.json`: what a report was made of, what was found, and with which versions."""

import json
import platform
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pypandoc

from rnn.report import ROOT, folder
from rnn.report.errors import StageError
from rnn.report.request import Plan

LIBRARIES = ("numpy", "numba", "scipy", "matplotlib", "jupytext", "papermill", "nbconvert", "typst")


def record(plan: Plan, work: Path) -> dict[str, Any]:
    """Return what `run.json` holds, once the stages are done.

    Raises
    ------
    StageError
        When they read another book than was asked for.
    """
    told = {
        stage.tells: json.loads((work / f"{stage.tells}.json").read_text(encoding="utf-8"))
        for stage in plan.stages
        if stage.tells
    }
    if told["book"]["sha256"] != plan.sha256:
        raise StageError(changed(plan.book))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {
        "format": folder.FORMAT,
        "book": told.pop("book") | {"path": _as_named(plan.book)},
        "parameters": plan.values,
        **told,
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
            "notes": _as_named(Path(plan.notes_path)) if plan.notes_path else "",
            "code": plan.code,
        },
    }


def changed(book: Path) -> str:
    """Return what is said of a book that is no longer what it was."""
    return f"the book {book} changed while its report was made: make it again"


def _as_named(path: Path) -> str:
    """Return a path for `run.json`: from the project's folder if it is in it, else as typed."""
    whole = path.resolve()
    return (whole.relative_to(ROOT) if whole.is_relative_to(ROOT) else path).as_posix()
