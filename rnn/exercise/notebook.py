"""The lesson: `notebooks/exercise.py` for one exercise, paired with an .ipynb."""

from collections.abc import Collection
from pathlib import Path

import jupytext
import nbformat

from rnn.exercise.folder.check import FUNCTIONS
from rnn.network import CELLS

SOURCE = Path(__file__).resolve().parents[2] / "notebooks" / "exercise.py"


def lesson(
    cell: str, without: Collection[str] = FUNCTIONS, source: Path = SOURCE
) -> dict[str, str]:
    """Return the notebook as text, by file name.

    Parameters
    ----------
    cell
        Cells of the notebook that are tagged with the name of a cell of the network are kept for
        that one alone.
    without
        The functions that are blank. Cells tagged with the name of a function are kept if it is
        blank, those tagged `write` if any is, and those tagged `debug` if none is.
    source
        The notebook.
    """
    notebook = jupytext.read(source)
    others = (CELLS.keys() - {cell}) | ({*FUNCTIONS} - {*without})
    others |= {"debug" if without else "write"}
    kept = []
    for number, part in enumerate(notebook.cells, 1):
        tags = part.metadata.pop("tags", [])
        if not others & set(tags):
            part["id"] = f"exercise-{number}"  # a random one would differ each time
            kept.append(part)
    notebook.cells = kept
    return {
        "exercise.ipynb": nbformat.writes(notebook) + "\n",
        "exercise.py": jupytext.writes(notebook, fmt="py:percent"),
    }
