"""The necessary parts of an update, each timed by itself and at its best: a floor, not a program.

A part may have several candidates, of which the fastest counts. Each is repeated on the same
arrays, which therefore stay in the cache as far as they fit.
"""

from typing import Any

import numpy as np
from numba import njit

from benchmarks.parts import Candidates
from benchmarks.task import EPS, Task
from rnn.numerics.compiled import compiled
from rnn.numerics.elementary import exp, tanh
from rnn.optimisers import adagrad


@compiled
def _products(n: int, rows: Any, matrix: Any, out: Any) -> None:
    """Multiply each of T blocks (B, m) by a matrix, one after another."""
    for _ in range(n):
        for t in range(rows.shape[0]):
            np.dot(rows[t], matrix, out=out)


@compiled
def _products_as_columns(n: int, rows: Any, matrix: Any, out: Any) -> None:
    """Multiply a matrix by each of T blocks (B, m), whose rows become columns."""
    for _ in range(n):
        for t in range(rows.shape[0]):
            np.dot(matrix, rows[t].T, out=out)


@compiled
def _product(n: int, a: Any, b: Any, out: Any) -> None:
    for _ in range(n):
        np.dot(a, b, out=out)


@compiled
def _columns(n: int, rows: Any, matrix: Any, out: Any) -> None:
    """Multiply T vectors by a matrix, as sums of its rows, four at a time."""
    size = matrix.shape[0]
    for _ in range(n):
        for t in range(rows.shape[0]):
            v = rows[t]
            out[:] = 0
            for k in range(0, size - 3, 4):
                a, b, c, d = matrix[k], matrix[k + 1], matrix[k + 2], matrix[k + 3]
                for j in range(out.size):
                    out[j] += (v[k] * a[j] + v[k + 1] * b[j]) + (v[k + 2] * c[j] + v[k + 3] * d[j])
            for k in range(size - size % 4, size):
                for j in range(out.size):
                    out[j] += v[k] * matrix[k, j]


@compiled
def _tanh(n: int, a: Any, out: Any) -> None:
    for _ in range(n):
        for i in range(a.size):
            out[i] = tanh(a[i])


@compiled
def _exp(n: int, a: Any, out: Any) -> None:
    for _ in range(n):
        for i in range(a.size):
            out[i] = exp(a[i])


@compiled
def _adagrad(n: int, theta: Any, gradient: Any, memory: Any) -> None:
    for _ in range(n):
        adagrad(theta, gradient, memory, 0.1, 0)


@njit(error_model="numpy", fastmath=True)
def _adagrad_fast(n: int, theta: Any, gradient: Any, s: Any, eta: Any, eps: Any) -> None:
    """Let the compiler estimate 1 / sqrt and refine it, where the processor can."""
    for _ in range(n):
        for i in range(theta.size):
            s[i] += gradient[i] * gradient[i]
            theta[i] -= eta * gradient[i] / np.sqrt(s[i] + eps)


def _numpy(n: int, function: Any, a: Any, out: Any) -> None:
    for _ in range(n):
        function(a, out=out)


def parts(task: Task) -> Candidates:
    """Return the candidates of each part."""
    T, B, m, K = task.T, task.B, task.m, task.K
    random = np.random.default_rng(0)

    def some(*shape: int) -> Any:
        """Return an array aligned to cache lines: NumPy does not ensure this, and it matters."""
        values = random.uniform(-1, 1, shape).astype(task.dtype)
        memory = np.zeros(values.nbytes + 64, np.uint8)
        start = -memory.ctypes.data % 64
        result = memory[start : start + values.nbytes].view(task.dtype).reshape(shape)
        result[:] = values
        return result

    W, transposed, V, H, g = some(m, m), some(m, m), some(K, m), some(T * B, m), some(T * B, K)
    rows, out_m, out_K = some(T, B, m), some(B, m), some(T * B, K)
    out_columns = some(m, B)
    V_transposed, out_V, out_W, out_H = some(m, K), some(K, m), some(m, m), some(T * B, m)
    size = 2 * m * K + m * m + m + K
    theta, gradient, memory = some(size), some(size), some(1, size)
    memory += 2
    eta, eps = theta.dtype.type(task.rate), theta.dtype.type(EPS)
    a, o, out_a, out_o = some(T * B * m), some(T * B * K), some(T * B * m), some(T * B * K)

    candidates: Candidates = {
        "T products W h": {
            "BLAS": lambda n: _products(n, rows, W.T, out_m),
            "BLAS, transposed": lambda n: _products(n, rows, transposed, out_m),
            "BLAS, as columns": lambda n: _products_as_columns(n, rows, W, out_columns),
        },
        "T products Wᵀ∂a": {
            "BLAS": lambda n: _products(n, rows, W, out_m),
            "BLAS, transposed": lambda n: _products(n, rows, transposed.T, out_m),
            "BLAS, as columns": lambda n: _products_as_columns(n, rows, transposed, out_columns),
        },
        "V H": {
            "BLAS": lambda n: _product(n, H, V.T, out_K),
            "BLAS, transposed": lambda n: _product(n, H, V_transposed, out_K),
        },
        "gV": {"BLAS": lambda n: _product(n, g.T, H, out_V)},
        "Vᵀg": {"BLAS": lambda n: _product(n, g, V, out_H)},
        "gW": {"BLAS": lambda n: _product(n, H.T, H, out_W)},
        "T × m tanh": {
            "compiled": lambda n: _tanh(n, a, out_a),
            "NumPy": lambda n: _numpy(n, np.tanh, a, out_a),
        },
        "T × K exp": {
            "compiled": lambda n: _exp(n, o, out_o),
            "NumPy": lambda n: _numpy(n, np.exp, o, out_o),
        },
        "optimiser": {
            "compiled": lambda n: _adagrad(n, theta, gradient, memory),
            "fast math": lambda n: _adagrad_fast(n, theta, gradient, memory[0], eta, eps),
        },
    }
    if B == 1:
        v, out_v = rows[:, 0], out_m[0]
        candidates["T products W h"] |= {
            "BLAS, vector": lambda n: _products(n, v, W.T, out_v),
            "BLAS, vector, transposed": lambda n: _products(n, v, transposed, out_v),
            "compiled": lambda n: _columns(n, v, transposed, out_v),
        }
        candidates["T products Wᵀ∂a"] |= {
            "BLAS, vector": lambda n: _products(n, v, W, out_v),
            "BLAS, vector, transposed": lambda n: _products(n, v, transposed.T, out_v),
            "compiled": lambda n: _columns(n, v, W, out_v),
        }
    return candidates
