"""A student's functions, called one at a time; what they return is checked.

Where one fails, a `FunctionError` says which, what happened, and in which line of the file.
"""

import linecache
import os
import sys
import threading
import time
import traceback
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.exercise.folder import check
from rnn.exercise.folder.check import UNWRITTEN, Parameters, Read

Array = NDArray[Any]

LIMIT = 60.0  # seconds for a call
TICK = 0.25  # seconds between two looks at the clock
WRITTEN = 20  # characters a second that `synthesise` writes, at least


class FunctionError(Exception):
    """A student's function that failed, in a line; `unwritten` is its name if it has no body."""

    def __init__(self, what: str, unwritten: str = "") -> None:
        super().__init__(what)
        self.unwritten = unwritten


class Called:
    """The functions that a file defines.

    Attributes
    ----------
    functions
        What the file defines, by name.
    strict
        Whether `forward` and `loss` must return finite numbers. Later in training, numbers that are
        not finite mean that it diverged.

    Parameters
    ----------
    path
        The path of the file, for messages.
    source
        What stands in it.
    limit
        How many seconds a call may take.
    late
        Called, in another thread, with a line when a call takes longer. It must end the process.
    """

    def __init__(self, path: str, source: bytes, limit: float, late: Callable[[str], None]) -> None:
        self.strict = True
        self._path, self._file, self._limit, self._late = path, Path(path).name, limit, late
        self._running, self._left = "", limit
        threading.Thread(target=self._watch, args=(threading.get_ident(),), daemon=True).start()
        self.functions = self._load(source)

    def _load(self, source: bytes) -> dict[str, Any]:
        lines = source.decode(errors="replace").splitlines(keepends=True)
        # Messages show the lines that are run, whatever stands in the file by now.
        linecache.cache[self._path] = (len(source), None, lines, self._path)
        module = types.ModuleType("student")
        module.__file__ = self._path
        sys.modules["student"] = module
        self._left, self._running = self._limit, self._file
        try:
            exec(compile(source, self._path, "exec"), vars(module))  # noqa: S102  its purpose
        except BaseException as error:  # exit() included
            raise FunctionError(self._said(error)) from None
        finally:
            self._running = ""
        return dict(vars(module))

    def _watch(self, thread: int) -> None:
        """Count the seconds of each call; those in which the process is stopped do not count."""
        parent = os.getppid()
        while os.getppid() == parent:
            time.sleep(TICK)
            self._left -= TICK
            if self._running and self._left < 0:
                frame = sys._current_frames().get(thread)
                where = self._place(traceback.extract_stack(frame) if frame else [], None)
                self._late(f"{self._running} takes too long: it is in {where}")
        os._exit(1)

    def _said(self, error: BaseException, name: str = "") -> str:
        """Return an exception and its place in a line."""
        if isinstance(error, SyntaxError) and error.filename == self._path:
            code = f": {error.text.strip()}" if error.text else ""
            return f"{error.msg} in {self._file}, line {error.lineno}{code}"
        where = self._place(traceback.extract_tb(error.__traceback__), self.function(name))
        return f"{name or 'it'} raises {check.raised(error)} in {where}"

    def _place(self, stack: list[traceback.FrameSummary], function: Any) -> str:
        """Return the last line of the file in a stack, or else the line where a function begins."""
        if mine := [entry for entry in stack if entry.filename == self._path]:
            return check.place(mine[-1])
        line = getattr(getattr(function, "__code__", None), "co_firstlineno", None)
        entry = traceback.FrameSummary(self._path, line, name="")
        return check.place(entry) if line else self._file

    def function(self, name: str) -> Any:
        """Return what the file defines by a name; None if it does not."""
        return getattr(self, "functions", {}).get(name)

    def refusal(self, name: str, what: str) -> FunctionError:
        """Return the error of a function that returned what can't be used."""
        return FunctionError(f"{name}: {what} ({self._place([], self.function(name))})")

    def call(self, name: str, *arguments: Any, seconds: float = 0) -> Any:
        """Call a function, which may take some seconds more than the limit."""
        function = self.function(name)
        self._left, self._running = self._limit + seconds, name
        try:
            return function(*arguments)
        except BaseException as error:  # whatever a student's function raises, exit() included
            if isinstance(error, NotImplementedError):
                failure = check.failure(name, function, error)
                unwritten = name if failure.status == UNWRITTEN else ""
                what = f"{name}: {failure.what}" if failure.what else f"{name} is not written yet"
                raise FunctionError(what, unwritten) from None
            raise FunctionError(self._said(error, name)) from None
        finally:
            self._running = ""

    def array(self, name: str, what: str, value: Any, shape: tuple[int, ...], T: int = 0) -> Array:
        """Return what a function returned as an array in float64, if it has the right shape."""
        found: Array
        if isinstance(value, np.ndarray) and value.dtype == np.float64 and value.shape == shape:
            found = value
        else:
            read = Read({}, [], [])
            check.take(read, what, value, shape, T)
            if read.faults:
                raise self.refusal(name, read.faults[0])
            found = np.real(read.parts[what]).astype(np.float64)
        if self.strict and not np.isfinite(found).all():
            raise self.refusal(name, f"{what} has what is not a finite number")
        return found

    def five(self, name: str, found: Any, like: Parameters, T: int = 0) -> Parameters:
        """Return five arrays by name, each of the shape of its parameter."""
        given = check.by_name(found)
        if given is None:
            raise self.refusal(name, "there are not five arrays U, W, V, b and c")
        parts = like._asdict().items()
        return Parameters(
            *(self.array(name, key, given[key], part.shape, T) for key, part in parts)
        )

    def softmax(self, o: Array) -> Array:
        """Return the probabilities (T, K) for scores."""
        return self.array("softmax", "the result", self.call("softmax", o), o.shape)

    def forward(self, p: Parameters, x: Array, h0: Array) -> tuple[Array, Array]:
        """Return the states (T + 1, m) and the probabilities (T, K)."""
        value, T = self.call("forward", p, x, h0), len(x)
        if not (isinstance(value, tuple | list) and len(value) == 2):
            raise self.refusal("forward", "it must return two arrays, the states and probabilities")
        h = self.array("forward", "h", value[0], (T + 1, len(p.b)), T)
        return h, self.array("forward", "P", value[1], (T, len(p.c)), T)

    def loss(self, P: Array, y: Array) -> float:
        """Return the loss."""
        value = self.call("loss", P, y)
        found = check.numbers(value)
        one = found.reshape(()) if found is not None and found.size == 1 else value
        return float(self.array("loss", "the loss", one, ()))

    def backward(self, p: Parameters, x: Array, y: Array, h: Array, P: Array) -> Parameters:
        """Return the gradients by name."""
        d = self.five("backward", self.call("backward", p, x, y, h, P), p, len(x))
        if wrong := [name for name, part in d._asdict().items() if not np.isfinite(part).all()]:
            raise self.refusal("backward", f"{check.listed(wrong)} has what is not a finite number")
        return copied(d)  # a function may return the same arrays each time

    def clip(self, d: Parameters, limit: float) -> Parameters:
        """Return the gradients after clipping, be it in place or not."""
        after = copied(d)
        value = self.call("clip", after, limit)
        same = all(map(np.array_equal, after, d))
        return self.five("clip", value if same and check.by_name(value) else after, d)

    def adagrad(
        self, p: Parameters, d: Parameters, s: Parameters, eta: float
    ) -> tuple[Parameters, Parameters]:
        """Return the parameters and the sums of squares after an update, be it in place or not."""
        before = copied(p)
        value = self.call("adagrad", p, d, s, eta)
        if all(map(np.array_equal, p, before)):
            pair = isinstance(value, tuple | list) and len(value) == 2
            whole, sums = value if pair else (value, None)
            if check.by_name(whole):
                p = copied(self.five("adagrad", whole, before))
            if check.by_name(sums):
                s = copied(self.five("adagrad", sums, before))
        return self.five("adagrad", p, before), self.five("adagrad", s, before)

    def synthesise(self, p: Parameters, h: Array, x: int, n: int, uniform: Array) -> Array:
        """Return the n indices of a text."""
        value = self.call("synthesise", p, h, x, n, uniform, seconds=n / WRITTEN)
        text = self.array("synthesise", "the text", value, (n,))
        if not np.all((text % 1 == 0) & (text >= 0) & (text < len(p.c))):
            raise self.refusal("synthesise", f"the text is not of indices from 0 to {len(p.c) - 1}")
        return text.astype(np.int64)


def copied(five: Parameters) -> Parameters:
    """Return five arrays, copied."""
    return Parameters(*(part.copy() for part in five))
