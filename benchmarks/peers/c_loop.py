"""A plain loop in C over OpenBLAS, compiled by this machine's C compiler when it is measured.

`-ffast-math` lets the compiler take vectors of the C library's exp and tanh, and reorder sums.
"""

import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.task import CLIP, EPS, Arrays, Task
from rnn.numerics.arrays import zeros

SOURCE = Path(__file__).with_suffix(".c")
FLAGS = ("-std=c11", "-O3", "-march=native", "-ffast-math", "-shared", "-fPIC")
COMPILER = shutil.which("cc")


def compiled(dtype: str) -> Any:
    """Return the loop, compiled for a precision and loaded with OpenBLAS."""
    import scipy_openblas32 as blas

    real, letter = ("double", "d") if dtype == "float64" else ("float", "s")
    where = blas.get_lib_dir()
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "loop.so"
        subprocess.run(  # noqa: S603  our own source
            [
                str(COMPILER),
                *FLAGS,
                f"-DREAL={real}",
                f"-DGEMM=scipy_cblas_{letter}gemm",
                f"-DGEMV=scipy_cblas_{letter}gemv",
                f"-I{blas.get_include_dir()}",
                str(SOURCE),
                "-o",
                str(library),
                f"-L{where}",
                f"-Wl,-rpath,{where}",
                "-lscipy_openblas",
                "-lm",
            ],
            check=True,
        )
        return ctypes.CDLL(str(library))


class Peer:
    """The arrays of the C loop, and the loop."""

    def __init__(self, task: Task) -> None:
        self.task = task
        K, m, T, B = task.K, task.m, task.T, task.B
        self.theta, self.gradients, memory = zeros((3, 2 * K * m + m * m + m + K), task.dtype)
        for name, value in task.initial.items():
            self._named(self.theta)[name][:] = value
        work = [zeros(shape, task.dtype) for shape in ((T + 1, B, m), (T * B, K), (T * B, m))]
        self.kept = [self.theta, self.gradients, memory, *work]
        real = ctypes.c_double if task.dtype == "float64" else ctypes.c_float

        class Learner(ctypes.Structure):
            _fields_ = (
                [(name, ctypes.c_int) for name in "KmTB"]
                + [(name, real) for name in ("rate", "clip", "eps")]
                + [(f"array{i}", ctypes.c_void_p) for i in range(len(self.kept))]
            )

        pointers = [array.ctypes.data for array in self.kept]
        self.learner = Learner(K, m, T, B, task.rate, CLIP, EPS, *pointers)
        self.text = np.ascontiguousarray(task.streams.T, np.int32)  # (n, B)
        self.library = compiled(task.dtype)
        self.library.fill_gradient.restype = ctypes.c_double

    def _named(self, flat: NDArray[Any]) -> Arrays:
        K, m = self.task.K, self.task.m
        U, W, V, b, c = np.split(flat, np.cumsum([K * m, m * m, K * m, m]))
        return {
            "U": U.reshape(K, m).T,
            "W": W.reshape(m, m),
            "V": V.reshape(K, m),
            "b": b,
            "c": c,
        }

    def train(self, count: int) -> NDArray[np.float64]:
        """Make updates and return the losses."""
        losses = np.zeros(count)
        self.library.train(
            ctypes.byref(self.learner),
            ctypes.c_void_p(self.text.ctypes.data),
            ctypes.c_int(count),
            ctypes.c_void_p(losses.ctypes.data),
        )
        return losses

    def gradient(self) -> Arrays:
        """Return the gradient for the first sequence."""
        self.kept[3][0] = 0
        start = self.text.ctypes.data
        self.library.fill_gradient(
            ctypes.byref(self.learner),
            ctypes.c_void_p(start),
            ctypes.c_void_p(start + 4 * self.task.B),
        )
        return {name: value.copy() for name, value in self._named(self.gradients).items()}

    def weights(self) -> Arrays:
        """Return the weights."""
        return {name: value.copy() for name, value in self._named(self.theta).items()}
