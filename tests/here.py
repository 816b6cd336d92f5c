"""A stand-in for the kernels: it runs the notebooks in this process, for the tests of all else."""

from contextlib import chdir, redirect_stderr
from pathlib import Path
from typing import Any

from papermill.engines import Engine, NotebookExecutionManager

from rnn.report.terminal import Terminal


class Here(Engine):  # type: ignore[misc]
    """Take the place of the engine of `rnn.report.running`, for notebooks without outputs."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,  # noqa: ARG003
        *,
        folder: Path,
        stderr_file: Terminal,
        **_: Any,
    ) -> None:
        """Run the cells in the notebook's own folder, one after another."""
        names: dict[str, Any] = {}
        nb_man.nb.metadata.language_info = {"name": "python"}
        with chdir(folder), redirect_stderr(stderr_file):  # type: ignore[type-var]
            for index, cell in enumerate(nb_man.nb.cells):
                if cell.cell_type == "code":
                    exec(cell.source, names)
                    cell.execution_count = index
