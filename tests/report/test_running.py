"""The stages, on small stand-ins for the notebooks."""

import asyncio
import gc
import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_core.utils import ensure_event_loop

from rnn.report import running
from rnn.report.errors import StageError
from rnn.report.running import environment, run
from rnn.report.terminal import Terminal

HEAD = '# %% [markdown]\n# # A chapter\n\n# %% tags=["parameters"]\nname = "a"\ncount = 1\n\n'

Execute = Callable[..., Any]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def execute(tmp_path: Path) -> Execute:
    """Return a function that runs cells as a notebook and returns the notebook as executed."""

    def execute(*cells: str, terminal: Terminal | None = None, **parameters: Any) -> Any:
        folder = tmp_path / "note{books} of 'mine'"
        folder.mkdir(exist_ok=True)
        notebook = folder / "03_stand-in.py"
        notebook.write_text(HEAD + "\n\n".join(f"# %%\n{cell}" for cell in cells))
        executed = folder / "executed.ipynb"
        run(notebook, executed, parameters, terminal or Terminal(io.StringIO()))
        return nbformat.read(executed, as_version=4)

    return execute


def printed(notebook: Any) -> str:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(output.text for output in outputs if output.output_type == "stream")


def test_parameters_arrive_as_they_are(execute: Execute) -> None:
    name = "q\"'\\ \n\t{x} $HOME é \u2028 \U0001f600"
    notebook = execute("print(ascii(name), count)", name=name, count=-2)
    assert printed(notebook) == f"{name!a} -2\n"


@pytest.mark.parametrize("path", ["/home/a b/.out.work", "/tmp/'é\"{x}/w", "/x"])
def test_the_saved_notebook_can_have_another_value(path: str, tmp_path: Path) -> None:
    """Such as the path of a folder that is gone then; the cell saw the real one."""
    notebook = tmp_path / "03_stand-in.py"
    notebook.write_text(f"{HEAD}# %%\nprint(len(name), count)\n")
    texts = []
    for given in (path, path + path):
        run(notebook, tmp_path / "made.ipynb", {"name": given, "count": 2}, saved={"name": "b"})
        made = nbformat.read(tmp_path / "made.ipynb", as_version=4)
        assert printed(made) == f"{len(given)} 2\n"
        texts.append((tmp_path / "made.ipynb").read_text().replace(printed(made)[:-1], ""))
        assert [cell.source for cell in made.cells][2] == '# Parameters\nname = "b"\ncount = 2\n'
        assert made.cells[2].execution_count == 2
    assert texts[0] == texts[1]


def test_nothing_differs_from_run_to_run(execute: Execute, tmp_path: Path) -> None:
    cells = "print('a', flush=True)\nimport time; time.sleep(0.3)\nprint({'b', 'c', 'd'})", "1 + 1"
    first, second = (json.dumps(execute(*cells, count=2)) for _ in range(2))
    assert first == second
    assert str(tmp_path) not in first
    notebook = json.loads(first)
    assert notebook["metadata"].keys() == {"kernelspec", "language_info"}
    assert [cell["id"] for cell in notebook["cells"]] == [f"03_stand-in-{i}" for i in range(1, 6)]
    assert all(cell["metadata"].keys() <= {"tags"} for cell in notebook["cells"])
    assert [len(cell["outputs"]) for cell in notebook["cells"][3:]] == [1, 1]


def test_the_kernel_is_this_python_in_the_notebooks_folder(
    execute: Execute, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A user's kernel of the same name, start-up files and settings.
    spec = tmp_path / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    spec.joinpath("kernel.json").write_text(
        json.dumps({"argv": ["false"], "display_name": "x", "language": "python"})
    )
    start_up = tmp_path / "home" / ".ipython" / "profile_default" / "startup"
    start_up.mkdir(parents=True)
    start_up.joinpath("a.py").write_text("spoilt = True")
    (tmp_path / "a.py").write_text("spoilt = True")
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 9")
    for name, value in {
        "HOME": str(tmp_path / "home"),
        "JUPYTER_PATH": str(tmp_path / "jupyter"),
        "PYTHONSTARTUP": str(tmp_path / "a.py"),
        "MATPLOTLIBRC": str(tmp_path),
        "TQDM_DISABLE": "1",
        "OMP_NUM_THREADS": "8",
    }.items():
        monkeypatch.setenv(name, value)
    seen = printed(
        execute(
            "import os, sys, matplotlib, rnn, tqdm",
            "print(os.getcwd(), sys.executable, rnn.__file__, sep='\\n')",
            "print('spoilt' in globals(), matplotlib.rcParams['lines.linewidth'])",
            "print(*(os.environ[n] for n in ('RNN_REPORT', 'OMP_NUM_THREADS', 'PYTHONHASHSEED')))",
        )
    ).splitlines()
    root = Path(__file__).parents[2]
    assert seen == [
        str(tmp_path / "note{books} of 'mine'"),
        sys.executable,
        str(root / "rnn" / "__init__.py"),
        "False 1.5",
        "1 1 0",
    ]


def test_a_bar_is_shown_and_not_saved(execute: Execute) -> None:
    stream = io.StringIO()
    loop = "from tqdm import tqdm\nfor _ in tqdm(range(3)):\n    pass"
    notebook = execute(loop, terminal=Terminal(stream))
    assert "100%|" in stream.getvalue()
    assert "3/3" in stream.getvalue()
    assert "\r" not in stream.getvalue()
    assert "\n\n" not in stream.getvalue()
    assert not printed(notebook)


def test_a_bar_is_live_in_a_terminal() -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as stream:
        assert environment("x", stream)["TQDM_MININTERVAL"] == "0.2"
        terminal = Terminal(stream)
        terminal.write("\r 50%|")
        assert os.read(ours, 100) == b"\r 50%|"
        terminal.say("stopped")
        assert os.read(ours, 100) == b"\r\nstopped\r\n"
    os.close(ours)


def test_a_terminal_without_unicode_gets_plain_bars() -> None:
    with io.TextIOWrapper(io.BytesIO(), encoding="ascii") as stream:
        assert environment("x", stream)["TQDM_ASCII"].isascii()


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("\nx = 1 / 0", "in cell 2, 'x = 1 / 0': ZeroDivisionError: division by zero"),
        ("assert name == 'b'", "in cell 2, \"assert name == 'b'\": AssertionError"),
        ("raise ValueError('a\\nb')", "ValueError: a"),
        ("raise ValueError('\\033[31mred')", "ValueError: red"),
        ("x =", "SyntaxError: invalid syntax"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("import sys; sys.exit()", "in cell 3, 'print(2)': it was not run"),
        ("import os; os._exit(4)", "'import os; os._exit(4)': the kernel died: exit status 4"),
        ("import os; os.kill(os.getpid(), 9)", "the kernel died: killed: perhaps the memory"),
        ("import os; os.kill(os.getpid(), 11)", "the kernel died: SIGSEGV: perhaps compiled"),
    ],
)
def test_a_failure_names_notebook_and_cell_and_keeps_what_was_run(
    execute: Execute, cell: str, message: str
) -> None:
    with pytest.raises(StageError) as failure:
        execute(cell, "print(2)", count=3)
    text = str(failure.value)
    assert text.startswith("03_stand-in failed in cell ")
    assert message in text
    assert "\n" not in text
    kept = Path(text.partition("; see ")[2])
    assert kept.name == "executed.failed.ipynb"
    assert cell in kept.read_text() or json.dumps(cell)[1:-1] in kept.read_text()
    assert {path.suffix for path in kept.parent.iterdir()} == {".py", ".ipynb"}
    assert not (kept.parent / "executed.ipynb").exists()


def test_no_kernel_outlives_a_stage(execute: Execute) -> None:
    with pytest.raises(StageError) as failure:
        execute("import os", "raise ValueError(os.getpid())")
    process = int(str(failure.value).partition("ValueError: ")[2].partition(";")[0])
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


SLEEPS = "import time\ntime.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{SLEEPS}"


@pytest.mark.parametrize("cell", [SLEEPS, DEAF])
def test_a_kernel_is_ended_from_another_thread(
    cell: str,
    execute: Execute,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Asked first, then killed."""
    monkeypatch.setattr(running, "PATIENCE", 1)
    told = tmp_path / "pid"
    begun = f"import os, pathlib; pathlib.Path({str(told)!r}).write_text(str(os.getpid()))"
    with ThreadPoolExecutor() as pool:
        ending = pool.submit(execute, begun, cell)
        while not ending.done():
            if told.exists():
                running.stop()
            time.sleep(0.1)
        with pytest.raises(StageError, match="it was ended"):
            ending.result()
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)
    assert not running._running
    gc.collect()
    assert not caplog.records


def test_another_use_of_asyncio_is_not_in_the_way(execute: Execute) -> None:
    """`asyncio.run` leaves the thread without a current event loop."""
    ensure_event_loop()
    asyncio.run(asyncio.sleep(0))
    assert printed(execute("print(1 + 1)")) == "2\n"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel looks once a second")
def test_a_kernel_ends_with_its_command_whatever_it_does(tmp_path: Path) -> None:
    """Even in compiled code, during which no other thread of the kernel runs."""
    busy = (
        "import os, pathlib, numba\n"
        "@numba.njit\n"
        "def spin(x):\n"
        "    while x > 0:\n"
        "        x = x * 1.0000001 % 7 + 1\n"
        "    return x\n"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\n"
        "spin(1.0)"
    )
    notebook = tmp_path / "stand-in.py"
    notebook.write_text(f"{HEAD}# %%\n{busy}\n")
    program = "import sys, pathlib; from rnn.report.running import run\n"
    program += "run(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[1] + '.ipynb'), {})"
    pid = tmp_path / "pid"
    with subprocess.Popen([sys.executable, "-c", program, str(notebook)], cwd=ROOT) as command:
        while command.poll() is None and not (pid.exists() and pid.read_text()):
            time.sleep(0.05)
        time.sleep(1)  # by now the code is compiled
        command.kill()
    kernel = int(pid.read_text())
    until = time.monotonic() + 2
    while time.monotonic() < until and alive(kernel):
        time.sleep(0.02)
    assert not alive(kernel)


def alive(process: int) -> bool:
    """Return whether a process runs; one that has ended may wait to be noticed."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_an_exception_on_purpose_is_its_last_line_and_the_rest_runs(execute: Execute) -> None:
    def cells(tag: str) -> list[str]:
        marked = f'# %% tags=["{tag}"]\n'
        return [
            "def deep():\n    raise ValueError('no <b>\\nmore')",
            f"1\n\n{marked}deep()",
            f"2\n\n{marked}print('before')\n1 / 0",
            f"3\n\n{marked}import sys\nsys.exit('x')",
            "print('after')",
        ]

    notebook = execute(*cells("raises-exception"))
    assert printed(notebook).endswith("after\n")
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    said = [o.data["text/plain"] for o in outputs if o.output_type == "display_data"]
    assert said == ["ValueError: no <b>", "ZeroDivisionError: division by zero", "SystemExit: x"]
    assert "Traceback" not in json.dumps(notebook)
    with pytest.raises(StageError, match=r"ValueError: no <b>"):
        execute(*cells("another-tag"))


def test_a_plain_figure_is_svg_in_our_style_and_the_same_twice(execute: Execute) -> None:
    cells = [
        "import matplotlib.pyplot as plt\nimport pandas as pd",
        "plt.plot([1, 2, 3], 'o-')",
        "fig, axes = plt.subplots()\naxes.imshow([[1, 2], [3, 4]])\naxes",
        "pd.DataFrame({'a': [1]}).style.set_caption('x')",
        "[object(), plt.figure]",
        "from rnn.exhibits.style import plot\nwith plot() as (figure, axes):\n    axes.plot([1])",
        "plt.plot([1, 2])",
    ]
    first, second = (execute(*cells) for _ in range(2))
    assert json.dumps(first) == json.dumps(second)
    figures = [
        output.data
        for cell in first.cells
        for output in cell.get("outputs", [])
        if "image/svg+xml" in output.get("data", {})
    ]
    assert len(figures) == 3
    for data in figures:
        assert "image/png" in data, "for readers who see no SVG"
        assert "#222222" in data["image/svg+xml"]
        assert "<dc:date>" not in data["image/svg+xml"]
    assert "#0072b2" in figures[0]["image/svg+xml"]
    assert "#0072b2" in figures[2]["image/svg+xml"]


def test_displays_that_are_updated_and_cleared_are_as_they_end(execute: Execute) -> None:
    notebook = execute(
        "from IPython.display import clear_output, display",
        "handle = display('first', display_id=True)",
        "handle.update('second')",
        "print('gone')\nclear_output()\nprint('kept')",
        "for i in range(3):\n    clear_output(wait=True)\n    print(i)",
    )
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert [o.get("text") or o.data["text/plain"] for o in outputs] == [
        "'second'",
        "kept\n",
        "2\n",
    ]


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("import nothing_there", "ModuleNotFoundError: No module named 'nothing_there'"),
        ("raise OSError(28, 'No space left on device')", "No space left on device"),
        ("import sys; sys.exit('no \\x1b[31mlibrary')", "no \x1b[31mlibrary"),
        ("raise SystemExit(3)", "Kernel died before replying to kernel_info"),
        ("import os; os.kill(os.getpid(), 9)", "Kernel died before replying to kernel_info"),
    ],
)
def test_a_kernel_that_can_not_start_is_one_line(
    program: str, message: str, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "COMMAND", [sys.executable, "-c", program])
    with pytest.raises(StageError) as failure:
        execute("print(1)")
    assert str(failure.value).startswith("no kernel can be started: ")
    assert message in str(failure.value)


def test_a_command_that_is_stopped_meanwhile_loses_nothing(tmp_path: Path) -> None:
    """For longer than nbclient waits, with more messages than ZeroMQ keeps, and at the start."""
    notebook = tmp_path / "stand-in.py"
    cells = (
        "import sys\n"
        "for number in range(4000):\n"
        "    print(number)\n"
        "    sys.stdout.flush()\n"
        f"open({str(tmp_path / 'said')!r}, 'w').close()",
        "print('the end')",
    )
    notebook.write_text(HEAD + "\n\n".join(f"# %%\n{cell}" for cell in cells))
    program = "import sys, pathlib; from rnn.report.running import run\n"
    program += "run(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[1] + '.ipynb'), {})"
    with subprocess.Popen([sys.executable, "-c", program, str(notebook)], cwd=ROOT) as command:
        until = time.monotonic() + 60
        while not list(tmp_path.glob("said")) and time.monotonic() < until:
            time.sleep(0.3)
            command.send_signal(signal.SIGSTOP)
            time.sleep(0.3)
            if not (tmp_path / "said").exists():
                command.send_signal(signal.SIGCONT)
        time.sleep(5)
        command.send_signal(signal.SIGCONT)
        assert command.wait(60) == 0
    executed = nbformat.read(f"{notebook}.ipynb", as_version=4)
    lines = printed(executed).splitlines()
    assert lines == [*map(str, range(4000)), "the end"]
