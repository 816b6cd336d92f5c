"""Values as JSON, between the process that grades and that of a submission: no pickle.

Both sides use this file. It needs NumPy and `check.py` alone, since a copy of both goes with the
submission.
"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from rnn.exercise.folder import check
else:
    try:
        from rnn.exercise.folder import check
    except ImportError:  # in the process of a submission
        import check

TYPES = {"b": bool, "i": np.int64, "u": np.uint64, "f": float, "c": complex}
MOST = 100_000  # numbers in an array
DEPTH = 4


def packed(value: Any, depth: int = 0) -> Any:
    """Return a value as lists, numbers and text alone.

    Arrays become a kind, a shape and their numbers; five values by name become a list of five; of
    anything else the name of its type is left.

    Raises
    ------
    ValueError
        When an array is too large.
    """
    if value is None or type(value) in (int, float):
        return value
    if depth < DEPTH:
        if (five := check.by_name(value)) is not None:
            return {"five": [packed(part, depth + 1) for part in five.values()]}
        if isinstance(value, tuple | list) and len(value) < 5:
            return {"list": [packed(part, depth + 1) for part in value]}
    found = check.numbers(value)
    if found is None:
        return {"array of": value.dtype.kind} if isinstance(value, np.ndarray) else _other(value)
    if found.size > MOST:
        raise ValueError(f"it returns an array of {found.size:,} numbers")
    flat: Any = np.ravel(np.array(found, TYPES[found.dtype.kind]))  # without a subclass
    if flat.dtype.kind == "c":
        flat = flat.view(float)
    return {"array": [found.dtype.kind, list(found.shape), flat.tolist()]}


def _other(value: Any) -> Any:
    return {"other": str(type(value).__name__)[:40]}


def unpacked(tree: Any, depth: int = 0) -> Any:
    """Return the value that was packed, and trust nothing in it.

    Raises
    ------
    ValueError
        When nothing can have been packed so.
    """
    if tree is None or type(tree) in (int, float):
        return tree
    if not isinstance(tree, dict) or len(tree) != 1 or depth > DEPTH:
        raise ValueError("it is no value")
    ((kind, content),) = tree.items()
    if kind in ("five", "list") and isinstance(content, list):
        parts = [unpacked(part, depth + 1) for part in content]
        return check.Parameters(*parts) if kind == "five" else parts
    if kind == "array" and isinstance(content, list):
        return _array(*content)
    if kind == "array of" and content in ("O", "S", "U", "V", "M", "m"):
        return np.empty(0, content)
    if kind == "other" and isinstance(content, str):
        return type(content, (), {})()
    raise ValueError("it is no value")


def _array(kind: Any, shape: Any, flat: Any) -> Any:
    if kind not in TYPES or not isinstance(shape, list) or not isinstance(flat, list):
        raise ValueError("it is no array")
    if not all(type(length) is int and length >= 0 for length in shape) or len(shape) > 8:
        raise ValueError("it has no shape")
    if not all(type(number) in (bool, int, float) for number in flat):
        raise ValueError("it does not hold numbers")
    if math.prod(shape) * (2 if kind == "c" else 1) != len(flat) or len(flat) > 2 * MOST:
        raise ValueError("it does not have its shape")
    found: Any = np.array(flat, float if kind == "c" else TYPES[kind])
    return (found.view(complex) if kind == "c" else found).reshape(shape)
