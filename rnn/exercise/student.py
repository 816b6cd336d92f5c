"""`student.py`: the source of the solution, with the bodies of some functions taken out."""

import ast
import inspect
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from textwrap import dedent
from typing import Any, NamedTuple

from rnn.analysis import plain
from rnn.analysis.plain import Slip
from rnn.analysis.planted import changed
from rnn.exercise.folder.check import FUNCTIONS
from rnn.exercise.solution import gru, lstm, output, rnn, training
from rnn.network import find_cell

FORWARDS = {"rnn": rnn.forward, "gru": gru.forward, "lstm": lstm.forward}
NAMES = {"rnn": "vanilla network", "gru": "gated recurrent unit", "lstm": "long short-term memory"}
BLANK = "    raise NotImplementedError\n"
HEAD = '''"""The {name}: write what is missing, and run `python check.py`.

| letter | meaning | shape |
|---|---|---|
| K | vocabulary size | |
| m | hidden size | |
| T | sequence length | |
| U | input to hidden | ({rows}, K) |
| W | hidden to hidden | ({rows}, m) |
| V | hidden to output | (K, m) |
| b | hidden bias | ({rows},) |
| c | output bias | (K,) |
| x, y | characters as indices; y is one ahead of x | (T,) |
| h | states; row 0 is the state before the sequence | {states} |
| P | probabilities of the next character | (T, K) |

Here dW is short for the derivative of the loss L with respect to W, and so on. Logarithms are
natural, so losses are in nats.
"""

from typing import NamedTuple

import numpy as np


class Parameters(NamedTuple):
    """The five parameters of a network, or five arrays of their shapes: p.W is W."""

    U: np.ndarray
    W: np.ndarray
    V: np.ndarray
    b: np.ndarray
    c: np.ndarray
'''


class Piece(NamedTuple):
    """A function's source in parts: helpers, its first line, its docstring and its body."""

    helpers: str
    head: str
    text: str
    body: str


@cache
def pieces(cell: str) -> dict[str, Piece]:
    """Return the source of each function of the solution, by name."""
    made = {name: _piece(function, name) for name, function in _functions(cell).items()}
    helper = "".join(_piece(plain.output, "output"))
    made["backward"] = made["backward"]._replace(helpers=f"{helper}\n\n")
    return made


def _functions(cell: str) -> dict[str, Callable[..., Any]]:
    return {
        "softmax": output.softmax,
        "forward": FORWARDS[cell],
        "loss": output.loss,
        "backward": plain.PASSES[cell],
        "clip": training.clip,
        "adagrad": training.adagrad,
        "synthesise": training.synthesise,
    }


def _piece(function: Callable[..., Any], name: str) -> Piece:
    """Return the source of a function, without the types in its first line."""
    source = dedent(inspect.getsource(function))
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.FunctionDef)  # noqa: S101
    first, *_ = node.body
    lines = source.splitlines(keepends=True)
    head = f"def {name}({', '.join(argument.arg for argument in node.args.args)}):\n"
    end = first.end_lineno
    return Piece("", head, "".join(lines[first.lineno - 1 : end]), "".join(lines[end:]))


def _written(piece: Piece, slips: Sequence[Slip]) -> str:
    """Return a function with slips in its code, and none in its docstring."""
    code = f"{piece.helpers}{piece.head}\0{piece.body}"
    for slip in slips:
        code = changed(code, slip)
    return code.replace("\0", piece.text)


def equation(cell: str, name: str) -> str:
    """Return the equations in a function's docstring."""
    text = inspect.getdoc(_functions(cell)[name]) or ""
    found = re.search(r"^    .*(?:\n    .*)*", text.partition("\nParameters\n")[0], re.MULTILINE)
    return dedent(found[0]) if found else ""


def source(
    cell: str,
    without: Collection[str] = FUNCTIONS,
    slips: Mapping[str, tuple[Slip, ...]] | None = None,
) -> str:
    """Return the text of `student.py`.

    Parameters
    ----------
    cell
        A name in `rnn.network.CELLS`.
    without
        The functions whose bodies are taken out.
    slips
        The slips to plant in functions that are given, by name.

    Raises
    ------
    ValueError
        When the code that a slip changes does not occur exactly once.
    """
    blocks = find_cell(cell).BLOCKS
    states = "(2, T + 1, m): h and the memory q" if cell == "lstm" else "(T + 1, m)"
    rows = "m" if blocks == 1 else f"{blocks}m"
    made = [HEAD.format(name=NAMES[cell], rows=rows, states=states)]
    if cell != "rnn":
        made.append("".join(_piece(plain.logistic, "logistic")))
    for name, piece in pieces(cell).items():
        if name in without:
            made.append(f"{piece.head}{piece.text}{BLANK}")
        else:
            made.append(_written(piece, (slips or {}).get(name, ())))
    return "\n\n".join(made)


def solution(cell: str, slips: Mapping[str, tuple[Slip, ...]] | None = None) -> dict[str, Any]:
    """Return the functions of the solution by name, perhaps with slips in them.

    Raises
    ------
    ValueError
        When the code that a slip changes does not occur exactly once.
    """
    names = dict(_right(cell))
    for name, those in (slips or {}).items():
        exec(_written(pieces(cell)[name], those), names)  # noqa: S102  our own source
    return names


@cache
def _right(cell: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "student"}
    exec(source(cell, ()), names)  # noqa: S102  our own source
    return names
