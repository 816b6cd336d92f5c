"""The file that a student gets: nothing of what was taken out is left anywhere in the folder."""

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn.exercise import make
from rnn.exercise.folder.check import FUNCTIONS
from rnn.exercise.request import Request, check
from rnn.exercise.student import equation, solution, source
from rnn.network import find_cell
from tests import reference
from tests.exercised import CELLS, answers

cells = pytest.mark.parametrize("cell", CELLS)


def statements(code: str, names: set[str]) -> set[str]:
    """Return the statements with arithmetic in some functions, written one way."""
    found = set()
    for function in ast.parse(code).body:
        if isinstance(function, ast.FunctionDef) and function.name in names:
            for node in ast.walk(function):
                if isinstance(node, ast.stmt) and not hasattr(node, "body"):
                    parts = {type(part) for part in ast.walk(node)}
                    if parts & {ast.BinOp, ast.AugAssign, ast.Call}:
                        found.add("".join(ast.unparse(node).split()))
    return found


@pytest.mark.parametrize("without", [(), ("backward", "adagrad"), ("forward",), ("synthesise",)])
@cells
def test_nothing_that_was_taken_out_stands_in_the_folder(
    cell: str, without: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "answers", answers)
    made = make.files(check(Request(out=str(tmp_path / "x"), cell=cell, without=" ".join(without))))
    whole = source(cell, ())
    blank = {*(without or FUNCTIONS)}
    if "backward" in blank:
        blank.add("output")
    given = statements(whole, {*FUNCTIONS, "output", "logistic"} - blank)
    taken = statements(whole, blank) - given
    assert len(taken) > 2
    for name, content in made.items():
        if name.endswith((".py", ".ipynb", ".md")):
            text = "".join(content.decode().replace('\\"', '"').split())
            assert not [statement for statement in taken if statement in text], name
            assert "def output" not in content.decode() or "output" not in blank


@cells
def test_what_is_left_blank_raises_and_the_rest_is_as_in_the_solution(cell: str) -> None:
    tree = ast.parse(source(cell, ("backward", "adagrad")))
    whole = ast.parse(source(cell, ()))
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
    solved = {n.name: n for n in whole.body if isinstance(n, ast.FunctionDef)}
    assert functions.keys() == solved.keys() - {"output"}
    for name, function in functions.items():
        assert ast.get_docstring(function) == ast.get_docstring(solved[name])
        last = ast.unparse(function.body[-1])
        assert (last == "raise NotImplementedError") == (name in ("backward", "adagrad"))
        if name not in ("backward", "adagrad"):
            assert ast.unparse(function) == ast.unparse(solved[name])


@cells
def test_each_function_says_shapes_and_its_equation(cell: str) -> None:
    tree = ast.parse(source(cell))
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in FUNCTIONS]
    assert [function.name for function in functions] == list(FUNCTIONS)
    for function in functions:
        text = ast.get_docstring(function) or ""
        assert "Parameters\n----------" in text
        assert equation(cell, function.name).splitlines()[0] in text
        assert "=" in equation(cell, function.name)
    assert "nats" in source(cell)


@cells
def test_the_solution_agrees_with_the_slow_network(cell: str) -> None:
    random = np.random.default_rng(2)
    network = reference.drawn(random, cell, 6, 4)
    x, y = random.integers(0, 6, (2, 7))
    rows = find_cell(cell).STATES
    state = random.normal(0, 0.5, (rows, 4))
    functions = solution(cell)
    p: Any = network.p
    h, P = functions["forward"](p, x, state if rows > 1 else state[0])
    states, probabilities = reference.forward(reference.weights(network), x, state, cell)
    expected = np.moveaxis(np.array(states), 0, 1)
    np.testing.assert_allclose(h, expected if rows > 1 else expected[0], rtol=1e-12)
    np.testing.assert_allclose(P, np.array(probabilities), rtol=1e-12)
    L = functions["loss"](P, y)
    assert pytest.approx(float(reference.loss(reference.weights(network), x, y, state, cell))) == L
    d = functions["backward"](p, x, y, h, P)
    slow = reference.automatic_gradients(reference.weights(network), x, y, state, cell)
    for name, part in d._asdict().items():
        np.testing.assert_allclose(part, slow[name], rtol=1e-9, atol=1e-12)
