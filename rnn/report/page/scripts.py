"""The page's script, joined from one file for each interactive element."""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent / "template" / "scripts"
CELLS = FOLDER / "cells"
# In the order in which they run: first those that need no model.
NAMES = (
    "elements.js",
    "saving.js",
    "frame.js",
    "present.js",
    "contents.js",
    "print.js",
    "evolution.js",
    "drawing.js",
    "actions.js",
    "preview.js",
    "network.js",
    *(f"cells/{path.name}" for path in sorted(CELLS.glob("*.js"))),
    "sampling.js",
    "training/products.js",
    "training/output.js",
    "training/optimisers.js",
    "training/normal.js",
    "training/initial.js",
    "training/updates.js",
    "training/segments.js",
    "training/run.js",
    "training/measures.js",
    "training/sliced.js",
    "training/adapting.js",
    "files/zip.js",
    "files/npy.js",
    "files/modelfile.js",
    "model.js",
    "slices.js",
    "training/material.js",
    "fields.js",
    "letters.js",
    "running.js",
    "bars.js",
    "scale.js",
    "units.js",
    "reader.js",
    "writer.js",
    "curve.js",
    "trainer.js",
    "adapter.js",
    "parts.js",
    "signed.js",
    "grid.js",
    "apart.js",
    "silence.js",
    "nearest.js",
)


# Those of a study's page, which has no model.
OF_STUDY = (*NAMES[: NAMES.index("network.js")], "comparison.js")


def join(names: Iterable[str]) -> str:
    """Return files as one script, in one block so that none of their names is global."""
    files = (FOLDER.joinpath(name).read_text(encoding="utf-8") for name in names)
    return '"use strict";\n{\n' + "\n".join(files) + "}\n"


def source(script: str) -> str:
    """Return what the policy of a page names its script by."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


SCRIPT, STUDY_SCRIPT = join(NAMES), join(OF_STUDY)


def runs(cell: str) -> bool:
    """Return whether the page can run a cell: there must be a script with the cell's name."""
    return (CELLS / f"{cell}.js").is_file()
