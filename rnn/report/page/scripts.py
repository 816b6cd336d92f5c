"""The page's script: one file for each thing that moves, joined into one."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent / "template" / "scripts"
CELLS = FOLDER / "cells"
# In the order in which they run. What needs no model comes first.
NAMES = (
    "elements.js",
    "frame.js",
    "contents.js",
    "evolution.js",
    "network.js",
    *(f"cells/{path.name}" for path in sorted(CELLS.glob("*.js"))),
    "sampling.js",
    "model.js",
    "bars.js",
    "units.js",
    "reader.js",
    "writer.js",
)


def join() -> str:
    """Return all files as one script. They share a block, so that none of their names is global."""
    files = (FOLDER.joinpath(name).read_text(encoding="utf-8") for name in NAMES)
    return '"use strict";\n{\n' + "\n".join(files) + "}\n"


SCRIPT = join()
SOURCE = f"'sha256-{b64encode(sha256(SCRIPT.encode()).digest()).decode()}'"  # for the page's policy


def runs(cell: str) -> bool:
    """Return whether the page can run a cell: it needs a file of the cell's name."""
    return (CELLS / f"{cell}.js").is_file()
