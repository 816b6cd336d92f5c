"""Where the data of two reports first differ: JSON, CSV, notebooks, arrays and text, in words.

Each function returns a place with what is there and what was made again, or "" if there is no
difference.
"""

import csv
import io
import json
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import numpy as np

from rnn.files.archive import read_arrays
from rnn.report.verify.carried import notebook

SHOWN = 60  # characters of a value
ROOM = 1_000_000  # bytes that a file may have beyond twice those of the one made again
AROUND = 20  # characters of a text before its first difference


def versus(there: Any, made: Any) -> str:
    """Return two values beside one another."""
    return f"{clipped(there)} there, {clipped(made)} made again"


def clipped(value: Any) -> str:
    """Return a value as it is shown, of one that is long its beginning."""
    text = "nothing" if value is None else value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def in_json(there: Any, made: Any) -> str:
    """Compare two values of JSON; the place is the path of keys."""
    if isinstance(there, dict) and isinstance(made, dict):
        for name in dict.fromkeys([*made, *there]):
            if name not in there or name not in made:
                return f"{name}: {versus(there.get(name), made.get(name))}"
            if found := in_json(there[name], made[name]):
                return f"{name}: {found}"
        return ""
    if isinstance(there, list) and isinstance(made, list):
        for number, (one, other) in enumerate(zip_longest(there, made), 1):
            if found := in_json(one, other):
                return f"item {number}: {found}"
        return ""
    if isinstance(there, str) and isinstance(made, str) and max(len(there), len(made)) > SHOWN:
        return in_text(there, made)
    same = type(there) is type(made) and there == made
    return "" if same else versus(there, made)


def parting(there: str | bytes, made: str | bytes) -> int:
    """Return the place where two texts, or the bytes of two files, first differ."""
    pairs = zip(there, made, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(there), len(made)))


def in_text(there: str, made: str) -> str:
    """Compare two texts; the place is a line and what stands around the difference."""
    if there == made:
        return ""
    at = parting(there, made)
    start = max(at - AROUND, made.rfind("\n", 0, at) + 1)
    line = made.count("\n", 0, at) + 1
    around = [
        text[start : at + AROUND].replace("\r", "␍").replace("\n", "⏎") for text in (there, made)
    ]
    return f"line {line}, character {at - made.rfind(chr(10), 0, at)}: " + versus(
        *(f"“{one}”" for one in around)
    )


def in_csv(there: str, made: str) -> str:
    """Compare two tables; the place is a row and a column."""
    rows = zip_longest(csv.reader(io.StringIO(there)), csv.reader(io.StringIO(made)))
    head = next(csv.reader(io.StringIO(made)), [])
    for number, (one, other) in enumerate(rows):
        if one is None or other is None:
            return f"row {number}: {versus(_row(one), _row(other))}"
        for column, (a, b) in enumerate(zip_longest(one, other)):
            if a != b:
                name = head[column] if column < len(head) else f"column {column + 1}"
                return f"row {number}, {name}: {versus(a, b)}"
    return in_text(there, made)


def _row(row: Sequence[str] | None) -> str | None:
    return None if row is None else ",".join(row)


def in_notebook(there: bytes, made: bytes) -> str:
    """Compare two executed notebooks; the place is a cell and a key in it."""
    one, other = notebook(there), notebook(made)
    cells = zip_longest(one["cells"], other["cells"])
    for number, (cell, again) in enumerate(cells, 1):
        if found := in_json(cell, again):
            return f"cell {number}, {found}"
    return in_json(one, other)


def in_arrays(there: bytes, made: bytes) -> str:
    """Compare two archives of arrays; the place is an array's name and an index."""
    one, other = read_arrays(there), read_arrays(made)
    for name in dict.fromkeys([*other, *one]):
        if name not in one or name not in other:
            return f"the array {name}: only {'there' if name in one else 'made again'}"
        a, b = one[name], other[name]
        if a.dtype != b.dtype or a.shape != b.shape:
            return f"the array {name}: {versus(_kind(a), _kind(b))}"
        size = a.dtype.itemsize
        bits = [np.frombuffer(x.tobytes(), np.uint8).reshape(a.size, size) for x in (a, b)]
        apart = np.flatnonzero((bits[0] != bits[1]).any(axis=1))
        if apart.size:
            index = tuple(int(i) for i in np.unravel_index(apart[0], a.shape))
            place = f"{name}[{', '.join(map(str, index))}]" if index else name
            return f"the array {place}: {versus(str(a[index]), str(b[index]))}"
    return ""


def _kind(array: Any) -> str:
    return f"{array.dtype} of shape {array.shape}"


def in_bytes(there: bytes, made: bytes) -> str:
    """Compare two files by their bytes."""
    if there == made:
        return ""
    at = parting(there, made)
    one, other = there[at : at + 8].hex(" ") or None, made[at : at + 8].hex(" ") or None
    return f"byte {at}: {versus(one, other)}"
