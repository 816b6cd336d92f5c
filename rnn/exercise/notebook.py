"""The lesson: `notebooks/exercise.py` for one cell, paired with an .ipynb."""

from pathlib import Path

import jupytext
import nbformat

from rnn.network import CELLS

SOURCE = Path(__file__).resolve().parents[2] / "notebooks" / "exercise.py"


def lesson(cell: str, source: Path = SOURCE) -> dict[str, str]:
    """Return the notebook as text, by file name.

    Cells of the notebook that are tagged with the name of a cell of the network are kept for that
    one alone.
    """
    notebook = jupytext.read(source)
    others = CELLS.keys() - {cell}
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
