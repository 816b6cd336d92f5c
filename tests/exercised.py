"""The answers of exercises, made once for all tests."""

import importlib.util
import linecache
from functools import cache
from pathlib import Path
from typing import Any

from rnn.exercise.answers import answers as made
from rnn.exercise.answers import ask
from rnn.exercise.folder import check
from rnn.exercise.student import solution

CELLS = ("rnn", "gru", "lstm")


@cache
def answers(cell: str = "rnn", seed: int = 0) -> dict[str, Any]:
    return made(cell, seed)


def found(name: str, functions: dict[str, Any], cell: str = "rnn", **options: Any) -> check.Finding:
    """Check one function of several, where the others are right."""
    functions = solution(cell) | functions
    return check.find(functions[name], name, functions, answers(cell), **options)


@cache
def asked(name: str, cell: str) -> tuple[list[check.Call], list[check.Outcome]]:
    """Return the calls that check a function, and what comes out if all are right."""
    calls = check.calls(name, answers(cell))
    return calls, ask(name, calls, solution(cell))


def judged(name: str, functions: dict[str, Any], cell: str = "rnn") -> check.Finding:
    """Check one function as `found` does, where what the others return is known."""
    calls, right = asked(name, cell)
    return check.judge(name, answers(cell), ask(name, calls, functions, right))


def loaded(code: str, folder: Path) -> dict[str, Any]:
    """Return what a file with this code defines."""
    path = folder / "student.py"
    path.write_text(code)
    linecache.checkcache(str(path))
    spec = importlib.util.spec_from_file_location("student", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(vars(module))
