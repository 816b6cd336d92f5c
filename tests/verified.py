"""A small finished report that carries its recipe, made without a kernel."""

import json
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from rnn.files.storage import save_json
from rnn.report.folder import FORMAT
from rnn.report.nodes import Title
from rnn.report.render import render
from rnn.report.stages import RUN, STAGES, files
from rnn.report.verify import carried
from tests import executed

FILES = files()
TITLE = Title("A report", "Ada Lovelace", "DD2424", "May 2026", "Tales")
NOTES = {2: "It falls, and **soon** less.", 4: "Not yet a poem."}
LOSSES = np.linspace(109.5, 43.1, 50)


def write(folder: Path) -> dict[str, Any]:
    """Write all files of a report, and return its recipe."""
    made, recipe = _made()
    for name, content in made.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return deepcopy(recipe)


@cache
def _made() -> tuple[dict[str, bytes], dict[str, Any]]:
    """Return the files of a report, drawn once, and its recipe."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        recipe = _draw_all(folder)
        files = [path for path in folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}, recipe


def _draw_all(folder: Path) -> dict[str, Any]:
    executed.write(folder)
    (folder / "history.csv").write_text(executed.HISTORY + "200,1,90.25,104.5\n", encoding="utf-8")
    np.savez(folder / "losses.npz", losses=LOSSES)
    (folder / "evolution.txt").write_text("Step 0\n\nqqq zz\n\nStep 10\n\nthe sea\n")
    (folder / "passage.txt").write_text("once upon a time the miller said no")
    report = vars(TITLE) | {"notes": "notes.md", "form": "report", "code": False}
    versions = executed.RUN["versions"] | {"system": "Linux x86_64", "processor": "Another"}
    about = {"format": FORMAT, "versions": versions, "platform": "Linux-6.1", "report": report}
    run = executed.RUN | about
    save_json(folder / RUN, run)
    names = [name for name in FILES if name not in (carried.PAGE, carried.PDF, RUN)]
    recipe = {
        "format": carried.FORMAT,
        "run": carried.without(run, (*carried.TIMES, *carried.PLATFORM)),
        "added": {
            "texts": {"notes": "# Part 2\n"},
            "pictures": {},
            "fonts": {},
            "models": {},
            "chapters": {},
        },
        "files": {name: carried.digest(folder / name) for name in names},
        "first_loss": carried.first_loss(folder / "losses.npz"),
        "program": "5" * 64,
        "lock": "6" * 64,
    }
    draw(folder, recipe)
    return recipe


def draw(folder: Path, recipe: Mapping[str, Any]) -> None:
    """Render a report's page and PDF."""
    render(folder, STAGES, TITLE, NOTES, recipe=recipe)


def named(folder: Path) -> dict[str, Path]:
    """Return the files of a report by their names."""
    return {name: folder / name for name in FILES}


def run_of(folder: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((folder / RUN).read_bytes())
    return value
