"""One source, two speeds: how Numba compiles the plain functions of this package.

A function marked `compiled` runs as machine code or, with NUMBA_DISABLE_JIT=1, as plain Python. The
machine code is kept on disk, so that only the first run waits for the compiler.
"""

import atexit
import hashlib
import io
import os
import shutil
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba import njit
from numba.core import event
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.errors import NumbaError

from rnn.numerics.faults import SourceError, line

Function = TypeVar("Function", bound=Callable[..., Any])

# `numpy`: 1/0 is infinite, as in NumPy, and division can be vectorised. `contract`: a*b + c may be
# rounded once. Nothing else is relaxed: sums keep their order, NaN and infinity their meaning.
# `forceinline`: which products are fused depends on the surrounding code. A function that is called
# may exist twice, compiled by itself and within its caller, and a process uses the copy that it
# loaded first, so the last bits would depend on what ran before. Inlined, each loop has its own.
# `nogil`: other threads run meanwhile, so that a notebook responds while it trains.
OPTIONS: Any = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract"},
    "forceinline": True,
}

PACKAGE = Path(__file__).parents[1]
MATH, ANALYSIS = ("*.py", "numerics/*.py"), "analysis/**/*.py"
KEPT = 7 * 24 * 3600  # seconds for which unused machine code is kept


def state_of_sources(*more: str) -> str:
    """Return a hash of the sources of the math, `rnn/*.py` and `rnn/numerics/*.py`, and of more."""
    files = sorted(file for pattern in (*MATH, *more) for file in PACKAGE.glob(pattern))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _cache_folder() -> Path:
    """Return the folder for machine code, one for each state of these sources.

    Numba recompiles a function when its own file has changed, but not when a function that it calls
    in another file has. Naming the folder by a hash of all sources solves that.
    """
    folder = PACKAGE / "__pycache__" / f"numba-{state_of_sources(ANALYSIS)[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            os.utime(folder)  # marks it as in use
        _remove_stale(folder.parent)
        return folder
    except OSError:  # a read-only install: compile anew in each process
        folder = Path(tempfile.mkdtemp(prefix="rnn-numba-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return folder


def _remove_stale(folder: Path) -> None:
    """Remove the machine code of other sources that no process has started to use recently."""
    for old in folder.glob("numba-*"):
        with suppress(OSError):  # another process may be doing the same
            if time.time() - old.stat().st_mtime > KEPT:
                shutil.rmtree(old)


if "NUMBA_CACHE_DIR" not in os.environ:
    numba.config.CACHE_DIR = str(_cache_folder())  # type: ignore[attr-defined]


class _Announcer(event.Listener):
    """Says once that code is being compiled: otherwise a first run would be silent for long."""

    def on_start(self, _: event.Event) -> None:
        event.unregister("numba:compile", self)  # type: ignore[no-untyped-call]
        print("compiling, as only a first run does: this takes up to a minute", file=sys.stderr)

    def on_end(self, _: event.Event) -> None:
        """Say nothing."""


event.register("numba:compile", _Announcer())  # type: ignore[no-untyped-call]


class _SoundFiles(IndexDataCacheFile):
    """Numba's files of machine code, each with its SHA-256 behind what Numba reads of it.

    Numba fails with what a power loss or a full disk has cut, or runs it. Here it is compiled anew.
    """

    @contextmanager
    def _open_for_write(self, filepath: str) -> Iterator[io.BytesIO]:
        content = io.BytesIO()
        yield content
        with super()._open_for_write(filepath) as file:
            file.write(content.getvalue() + hashlib.sha256(content.getvalue()).digest())

    def _load_index(self) -> Any:
        return super()._load_index() if _sound(self._index_path) else {}  # type: ignore[no-untyped-call]

    def _load_data(self, name: str) -> Any:
        if not _sound(self._data_path(name)):  # type: ignore[no-untyped-call]
            raise OSError("damaged")  # as if it were not there
        return super()._load_data(name)  # type: ignore[no-untyped-call]


def _sound(path: str) -> bool:
    """Return whether a file of machine code can be read and is as it was written."""
    try:
        content = Path(path).read_bytes()
    except OSError:
        return False
    if hashlib.sha256(content[:-32]).digest() == content[-32:]:
        return True
    print(f"the machine code in {Path(path).name} is damaged: it is compiled anew", file=sys.stderr)
    return False


class _SoundCache(FunctionCache):
    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        self._cache_file.__class__ = _SoundFiles


def compiled(function: Function) -> Function:
    """Compile a function with the options of this package."""
    result: Any = njit(**OPTIONS)(function)
    if hasattr(result, "_cache"):  # not with NUMBA_DISABLE_JIT
        result._cache = _SoundCache(function)
        result._compile_for_args = _explained(result._compile_for_args)
    found: Function = result
    return found


def _explained(compile_for: Callable[..., Any]) -> Callable[..., Any]:
    """Return what compiles a function when it is called, with an error in one line if it can't."""

    def compile_or_say(*args: Any, **names: Any) -> Any:
        try:
            return compile_for(*args, **names)
        except (NumbaError, NotImplementedError, AssertionError, AttributeError) as error:
            raise SourceError(line(error)) from None

    return compile_or_say


@cache
def specialise(function: Callable[..., Any], **names: Callable[..., Any]) -> Callable[..., Any]:
    """Return a compiled function in which some global names stand for other functions.

    The loops over updates, sequences and characters are written once, for the vanilla network and
    AdaGrad. Here another cell or update rule replaces `forward`, `backward` or `update`. A function
    that uses none of the names, or already has these functions, is returned unchanged.

    Parameters
    ----------
    function
        A compiled function.
    **names
        The global names to replace, and the functions that replace them.
    """
    source = getattr(function, "py_func", function)
    code, before = source.__code__, source.__globals__
    new = {name: f for name, f in names.items() if name in code.co_names and before[name] is not f}
    if not new:
        return function
    copy = types.FunctionType(code, {**before, **new}, source.__name__)
    parts = (f"{f.__module__.rpartition('.')[2]}_{f.__qualname__}" for f in new.values())
    copy.__qualname__ = "-".join([source.__qualname__, *parts])  # names the file in the cache
    copy.__doc__ = source.__doc__
    return compiled(copy)
