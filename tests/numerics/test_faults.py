"""What is wrong with a source that can't be compiled, or fails, is one line with its place."""

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rnn.cells import Parameters
from rnn.numerics import faults
from rnn.numerics.faults import SourceError, called

HEAD = """\
import numpy as np
from rnn.numerics.compiled import compiled

@compiled
def slope(a):
    1 - a * a

def plain_slope(a):
    return 1 - a * a

@compiled
def backward(d, h, x):
    T = h.shape[0]
    d.b[:] = 0
"""
M, T = 4, 6


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Parameters]:
    """Return a function that compiles and calls a backward pass which ends in some lines."""
    package = tmp_path / "rnn"
    package.mkdir()
    monkeypatch.setattr(faults, "PACKAGE", package)

    def call(lines: str) -> Parameters:
        path = package / "vanilla.py"
        path.write_text(HEAD + "".join(f"    {one}\n" for one in lines.split("\n")))
        spec = importlib.util.spec_from_file_location("own", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        d = Parameters(
            np.zeros((9, M)).T, np.zeros((M, M)), np.zeros((9, M)), np.zeros(M), np.zeros(9)
        )
        called(module.backward, d, np.ones((T, M)), np.arange(T))
        return d

    return call


@pytest.mark.parametrize(
    ("lines", "place", "said"),
    [
        ("d.b[:] += hh", 0, "the name 'hh' is not defined"),
        ("for D in (d.W, d.U):\n    D[:] = 0", 0, "can't loop over arrays of different kinds"),
        ("for t in range(T)[::-1]:\n    d.b[:] += h[t]", 0, "range(T - 1, -1, -1)"),
        ("for t in reversed(range(T)):\n    d.b[:] += h[t]", 0, "range(T - 1, -1, -1)"),
        ("d.W += np.outer(h[0], h[1])", 0, "fill the array, as in d.W[:] = ..."),
        ("d.b = np.zeros(3)", 0, "fill the array, as in d.W[:] = ..."),
        ("d.W[:] = np.dot(h, h)", 0, "shapes (6,4) and (6,4) not aligned"),
        ("d.b[:] = np.zeros(5)", 0, "shape (5,) into shape (4,)"),
        ("d.b[:] = d.b + d.c", 0, "shapes (4,) (9,)"),
        ("np.dot(h.T, h, out=d.U)", 0, "output array is not acceptable"),
        ("d.b[:] = np.einsum('ij->j', h)", 0, "compiled code has no np.einsum"),
        ("d.b[:] = np.zeroes(4)", 0, "NumPy has no np.zeroes"),
        ("d.b[:] += slope(h[0])", 0, "does a function lack its return?"),
        ("for j in range(4):\n    d.b[j] += slope(h[0, j])", 1, "does a function lack its return?"),
        ("d.b[:] += plain_slope(h[0])", 0, "write @compiled above its def"),
        ("k = np.zeros((T, T), np.int64)\nd.b[:] = np.dot(k, h)[0]", 1, "one dtype"),
        ("k = np.zeros((T, T), np.float32)\nd.b[:] = (k @ h)[0]", 1, "one dtype"),
        ("d.b[:] = np.array([h[t] for t in range(T)]).sum(axis=0)", 0, "fill one"),
        ("d.b[:] = np.zeros(4, 1)", 0, ""),
        ("d.bb[:] = 0", 0, "has no attribute 'bb'"),
        ("d.b[j] = 0", 0, "the name 'j' is not defined"),
        ("d.b[0, 0] = 0", 0, ""),
        ("d.b[T / 2] = 0", 0, ""),
        (
            "n = 0\nfor k in range(2):\n    n = np.zeros(4)\nd.b[:] = n",
            3,
            "n can't be two things",
        ),
        ("assert d.W.shape == (3, 3), 'no such shape'", 0, "no such shape"),
    ],
)
def test_what_a_student_may_write_is_one_line(
    call: Callable[[str], Parameters], lines: str, place: int, said: str
) -> None:
    with pytest.raises(SourceError) as fault:
        call(lines)
    text = str(fault.value)
    line = HEAD.count("\n") + 1 + place
    assert re.match(rf"rnn/vanilla\.py, line {line}: .", text)
    assert said in text
    assert "\n" not in text
    assert len(text) < 260
