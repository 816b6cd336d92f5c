"""A stand-in for the kernels: it runs a notebook as a program, for the tests of all else."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from papermill.engines import Engine, NotebookExecutionManager

from rnn.report.terminal import Terminal, Turn


class Program(Engine):  # type: ignore[misc]
    """Take the place of the engine of `rnn.report.running`, for notebooks without outputs."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,  # noqa: ARG003
        *,
        folder: Path,
        stderr_file: Terminal | Turn,
        **_: Any,
    ) -> None:
        """Run all cells in the notebook's own folder."""
        cells = [cell for cell in nb_man.nb.cells if cell.cell_type == "code"]
        program = "\n".join(cell.source for cell in cells)
        done = subprocess.run(
            [sys.executable, "-I", "-c", program],
            cwd=folder,
            stderr=subprocess.PIPE,
            text=True,
            check=True,
        )
        stderr_file.write(done.stderr)
        nb_man.nb.metadata.language_info = {"name": "python"}
        for count, cell in enumerate(cells, 1):
            cell.execution_count = count
