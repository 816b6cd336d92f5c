"""How a command starts: with its own packages alone, and with its three streams open.

Only what Python loads by itself may be imported here: until a command has begun anew, any other
name might be that of a file in the working folder.
"""

import os
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source, find_spec
from types import CodeType

# What reaches the notebooks' kernels of the user's environment, and nothing else does: a report is
# the same whatever is set. `tests/report/test_environment.py` compares this with docs/promises.md.
KERNEL = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "NUMBA_CACHE_DIR")
# What the command keeps besides, for its words on the terminal.
TERMINAL = ("TERM", "COLUMNS", "LINES", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES")
# How many threads BLAS may use, by the library.
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FONTS = os.path.join(ROOT, "rnn", "__pycache__", "matplotlib")  # matplotlib lists them once


def start(module: str) -> None:
    """Begin a command's process: call this before anything else is imported.

    Python puts the working folder on its path, where `numpy.py` would be taken for NumPy, and heeds
    PYTHONPATH, PYTHONWARNINGS and so on. So the command is begun anew, in this same process,
    unless Python was told to do neither.

    Parameters
    ----------
    module
        What `python -m` is given.
    """
    _open_streams()
    if not (sys.flags.safe_path and sys.flags.ignore_environment):
        program = (
            "import runpy, sys\n"
            # Where a .venv serves several copies of the project, it has imported its own.
            "for name in [name for name in sys.modules if name.split('.')[0] == 'rnn']:\n"
            "    del sys.modules[name]\n"
            f"sys.path.insert(0, {ROOT!r})\n"
            f"runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
        )
        os.execv(sys.executable, [sys.executable, "-EP", "-c", program, *sys.argv[1:]])  # noqa: S606
    for stream in (sys.stdout, sys.stderr):
        # An odd character in a file's name must not end the command.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    heal()


def heal() -> None:
    """Let Python compile anew what is damaged in `__pycache__`, as after a power loss.

    By itself it does so only where the first bytes are missing.
    """
    get_code = SourceFileLoader.get_code

    def whole(loader: SourceFileLoader, name: str) -> CodeType | None:
        try:
            return get_code(loader, name)
        except (EOFError, ValueError, TypeError):
            source = loader.get_filename(name)
            kept = cache_from_source(source)
            print(f"{os.path.basename(kept)} is damaged: it is compiled anew", file=sys.stderr)
            if os.access(os.path.dirname(kept), os.W_OK):
                os.unlink(kept)
            return loader.source_to_code(loader.get_data(source), source)

    SourceFileLoader.get_code = whole  # type: ignore[assignment, method-assign]


def settle() -> None:
    """Leave of this process's environment only the lists above, and of the user's settings none."""
    import logging

    for name in os.environ.keys() - {*KERNEL, *TERMINAL}:
        del os.environ[name]
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    os.environ.update(dict.fromkeys(folders, os.devnull), MPLCONFIGDIR=FONTS)
    os.environ["MATPLOTLIBRC"] = matplotlibrc()
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # of folders it can't write


def matplotlibrc() -> str:
    """Return the path of matplotlib's own settings, without importing it, which reads some."""
    package = os.path.dirname(str(getattr(find_spec("matplotlib"), "origin", "")))
    return os.path.join(package, "mpl-data", "matplotlibrc")


def _open_streams() -> None:
    """Open what was closed: otherwise the next file that is opened would take its place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "r" if number == 0 else "w", closefd=False))  # noqa: SIM115
