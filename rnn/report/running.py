"""Run a stage: papermill runs its notebook, a .py file, in a kernel of its own."""

import asyncio
import logging
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import jupytext
import nbformat
import papermill
import zmq
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop, run_sync
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError, strip_color
from papermill.iorw import LocalHandler, papermill_io
from papermill.translators import translate_parameters

from rnn.exhibits.look import rc_file
from rnn.files import child, process
from rnn.report import ROOT
from rnn.report.errors import StageError
from rnn.report.outputs.kept import last_line
from rnn.report.terminal import Terminal, Turn

COMMAND = [sys.executable, "-P", "-m", "rnn.report.kernel", "-f", "{connection_file}"]
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
PATIENCE = 5.0  # seconds
# What differs from run to run in an output: where an object is in memory, a style's random name,
# and the date of a figure.
VARYING = (
    ("text/plain", re.compile(r"(?<= at )0x[0-9a-f]{6,}"), "0x…"),
    ("text/html", re.compile(r"\bT_[0-9a-f]{5}(?=[_\" ])"), "T_table"),
    ("image/svg+xml", re.compile(r"<dc:date>[^<]*</dc:date>"), ""),
)
# A machine may sleep, and the command may be stopped, for as long as one likes. That a kernel has
# died is noticed without a limit of time.
AGES = 1_000_000  # seconds


# The kernels that run, and when each was asked to end.
_running: dict[AsyncKernelManager, float | None] = {}


class _Client(PapermillNotebookClient):  # type: ignore[misc]
    """A client that sends stderr to the terminal, not the notebook, and knows the running cell."""

    running = -1

    def execute_cell(self, cell: Any, cell_index: int, **kwargs: Any) -> Any:
        self.running = cell_index
        executed = super().execute_cell(cell, cell_index, **kwargs)
        if "raises-exception" in cell.metadata.get("tags", []):  # or papermill takes it for a fault
            cell.outputs = [_as_said(output) for output in cell.outputs]
        return executed

    def output(self, outs: Any, msg: Any, display_id: Any, cell_index: int) -> Any:
        if msg["msg_type"] == "stream" and msg["content"]["name"] == "stderr":
            self.stderr_file.write(msg["content"]["text"])
            return None
        return super().output(outs, msg, display_id, cell_index)


class _Engine(Engine):  # type: ignore[misc]
    """An engine whose kernel runs on this same Python, whatever kernels are installed."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        folder: Path,
        stderr_file: Terminal | Turn,
        lock: int | None,
        **_: Any,
    ) -> None:
        """Run the cells until one fails, and end the kernel in any case."""
        with (
            tempfile.TemporaryDirectory(prefix="rnn-kernel-") as private,
            Path(private, "said").open("w+b") as said,
        ):
            manager = AsyncKernelManager(
                kernel_name=kernel_name,
                kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),  # only ipykernel's own
                connection_file=str(Path(private) / "kernel.json"),
                # Sockets in the private folder if possible: any user can connect to a port.
                transport="ipc" if os.name == "posix" and len(private) < 80 else "tcp",
                transport_encryption="auto",
            )
            (Path(private) / "matplotlibrc").write_text(rc_file(), encoding="utf-8")
            manager.kernel_spec.argv = COMMAND  # type: ignore[union-attr]
            manager.context.setsockopt(zmq.RCVHWM, 0)  # see kernel.py
            client = _Client(
                nb_man,
                manager,
                extra_arguments=["--InlineBackend.figure_formats={'png', 'svg'}"],
                log=_silent(),
                stderr_file=stderr_file,
                timeout=None,
                startup_timeout=AGES,
                iopub_timeout=AGES,
                coalesce_streams=True,  # their chunks vary from run to run
                store_widget_state=False,
                shutdown_kernel="immediate",
            )
            _running[manager] = None
            try:
                client.execute(
                    cwd=str(folder),
                    env=environment(private, stderr_file.stream),
                    stdout=said,
                    stderr=said,
                    pass_fds=() if lock is None else (lock,),
                    preexec_fn=child.starting(),
                )
            except DeadKernelError:
                if _running[manager] is not None:
                    raise StageError("it was ended") from None
                raise PapermillExecutionError(
                    client.running,
                    client.code_cells_executed,
                    nb_man.nb.cells[client.running].source,
                    "the kernel died",
                    _cause(manager),
                    [],
                ) from None
            except (RuntimeError, zmq.ZMQError) as error:
                if client.running >= 0:
                    raise
                said.seek(0)
                lines = said.read().decode(errors="replace").split("\n")
                reason = next((line for line in reversed(lines) if line.strip()), str(error))
                raise StageError(f"no kernel can be started: {reason.strip()}") from None
            finally:
                run_sync(_end_tasks)()
                if client.km is not None:  # nbclient cleans up by itself where none was started
                    client._cleanup_kernel()
                del _running[manager]
                ensure_event_loop().close()


papermill_engines.register("rnn", _Engine)


class _Local(LocalHandler):  # type: ignore[misc]
    """Papermill's files, with paths that are whole: it would change the folder for all threads."""

    def cwd(self, _: str | None) -> None:
        """Keep the folder."""


papermill_io.register("local", _Local())


def _silent() -> logging.Logger:
    """Return a logger that prints nothing: the command itself reports errors, once."""
    log = logging.getLogger(__name__)
    log.disabled = True
    return log


def stop() -> None:
    """Ask the kernels of all threads to end; kill those that were asked long ago.

    During training, a kernel writes a checkpoint first.
    """
    for manager, asked in list(_running.items()):
        process = getattr(manager.provisioner, "process", None)
        if process is None:  # it is about to start
            continue
        with suppress(ProcessLookupError):
            if asked is None:
                _running[manager] = time.monotonic()
                process.send_signal(signal.SIGTERM)
            elif time.monotonic() - asked > PATIENCE:
                process.kill()


async def _end_tasks() -> None:
    """Cancel the tasks that a dead kernel left waiting."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _cause(manager: AsyncKernelManager) -> str:
    """Return how a dead kernel ended."""
    status = run_sync(manager.provisioner.poll)() or 0  # type: ignore[union-attr]
    if status == -signal.SIGKILL:
        return "killed: perhaps the memory ran out"
    if status in (-signal.SIGSEGV, -signal.SIGBUS):
        name = signal.Signals(-status).name
        return (
            f"{name}: perhaps compiled code went beyond an array; docs/python.md says how to look"
        )
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"


def environment(private: str, stream: TextIO) -> dict[str, str]:
    """Return a kernel's environment: the same each time, without the user's own settings.

    Parameters
    ----------
    private
        A folder in which Jupyter and IPython keep their files, and which has a matplotlibrc.
    stream
        Where the kernel's progress bars are shown.
    """
    kept = {name: os.environ[name] for name in process.KERNEL if name in os.environ}
    fonts = process.FONTS if os.access(Path(process.FONTS).parent, os.W_OK) else private
    live = stream.isatty()
    columns, rows = shutil.get_terminal_size() if live else (100, 24)
    bars = {
        "TQDM_NCOLS": str(columns - 1),
        "TQDM_NROWS": str(rows),
        "TQDM_MININTERVAL": "0.2" if live else "10",
    }
    if "utf" not in (stream.encoding or "").lower():
        bars["TQDM_ASCII"] = " 123456789#"
    return (
        {"HOME": private}  # if there is none
        | kept
        | bars
        | dict.fromkeys(process.THREADS, "1")
        | {
            "RNN_REPORT": "1",
            "PYTHONPATH": str(ROOT),
            "PYTHONHASHSEED": "0",
            "PYTHONNOUSERSITE": "1",
            "PYTHONUTF8": "1",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "SOURCE_DATE_EPOCH": "0",
            "IPYTHONDIR": private,
            "JUPYTER_RUNTIME_DIR": private,
            "MATPLOTLIBRC": str(Path(private) / "matplotlibrc"),
            "MPLCONFIGDIR": fonts,
        }
    )


def run(
    notebook: Path,
    executed: Path,
    parameters: dict[str, Any],
    terminal: Terminal | Turn | None = None,
    lock: int | None = None,
    saved: dict[str, Any] | None = None,
) -> None:
    """Run a notebook, with its own folder as working directory, and save it with its outputs.

    Parameters
    ----------
    notebook
        The .py file.
    executed
        The .ipynb to write once the notebook has finished. If it fails, the part that was run is
        saved beside it as `<name>.failed.ipynb`.
    parameters
        The values of the parameters that the notebook declares.
    terminal
        Where the kernel's stderr is shown.
    lock
        The file descriptor of the work folder's lock, which the kernel inherits.
    saved
        Values of parameters that the saved notebook has in place of those of this run.

    Raises
    ------
    StageError
        When a cell fails.
    """
    cells = jupytext.read(notebook)
    cells.metadata.kernelspec = KERNEL
    own = [*cells.cells]
    running = executed.with_suffix(".running.ipynb")
    try:
        result = papermill.execute_notebook(
            cells,
            str(running).replace("{", "{{").replace("}", "}}"),  # papermill formats paths
            parameters,
            engine_name="rnn",
            kernel_name=KERNEL["name"],
            language=KERNEL["language"],
            progress_bar=False,
            stderr_file=terminal or Terminal(),
            folder=notebook.parent,
            lock=lock,
        )
        for index, cell in enumerate(result.cells):
            code = cell.cell_type == "code" and cell.source.strip()
            if code and cell.execution_count is None:  # the cell before it called sys.exit()
                raise PapermillExecutionError(index, 0, cell.source, "it was not run", "", [])
    except PapermillExecutionError as error:
        failed = running.replace(executed.with_suffix(".failed.ipynb"))
        what = f"{error.ename}: {error.evalue}".rstrip(": ")
        raise StageError(
            f"{notebook.stem} failed in cell {_number(own, error.cell_index, bool(parameters))},"
            f" {_first_line(error.source)!r}: {_first_line(strip_color(what))}; see {failed}"
        ) from None
    for cell in result.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            values = parameters | (saved or {})
            cell.source = translate_parameters(KERNEL["name"], KERNEL["language"], values)
    nbformat.write(_tidy(result, notebook.stem), running)
    running.replace(executed)


def _number(cells: Sequence[Any], index: int, injected: bool) -> int:
    """Return the number of a cell among the code cells of a notebook, as JupyterLab counts them.

    Parameters
    ----------
    cells
        The cells of the notebook.
    index
        The cell's index in the notebook as it was run.
    injected
        Whether papermill has put a cell behind that of the parameters, or before all.
    """
    tagged = ["parameters" in cell.metadata.get("tags", []) for cell in cells]
    after = tagged.index(True) + 1 if True in tagged else 0
    end = index if injected and index >= after else index + 1
    return sum(cell.cell_type == "code" for cell in cells[:end])


def _first_line(text: str) -> str:
    """Return the first line that is not empty, in at most 200 characters."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= 200 else line[:199] + "…"


def _as_said(output: Any) -> Any:
    """Return an exception that was raised on purpose as its last line."""
    if output.output_type != "error":
        return output
    return new_output("display_data", data={"text/plain": last_line(output)})


def _tidy(notebook: Any, name: str) -> Any:
    """Remove from an executed notebook everything that differs from run to run."""
    notebook.metadata = {key: notebook.metadata[key] for key in ("kernelspec", "language_info")}
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"{name}-{number}"
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        for output in cell.get("outputs", []):
            for kind, pattern, steady in VARYING:
                if isinstance(text := output.get("data", {}).get(kind), str):
                    output.data[kind] = pattern.sub(steady, text)
    return notebook
