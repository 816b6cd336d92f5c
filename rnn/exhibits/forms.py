"""What a notebook and its report agree on: the names of an exhibit's forms, and columns of numbers.

It is apart from `show`, so that a report is checked without what draws figures.
"""

import re
from collections.abc import Iterable, Sequence

SHOWN = "application/vnd.rnn.shown+json"
CAPTION = "application/vnd.rnn.caption+json"
ACROSS = 779.2  # pixels; the width of our figures, which are drawn 8 inches wide and fill a line


def number_columns(rows: Iterable[Sequence[str]]) -> list[int]:
    """Return the indices of the columns of a table that hold only numbers."""
    number = re.compile(r"[-+−]?\d[\d,]*(\.\d+)?(e[-+−]?\d+| × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?( ?%)?|")
    columns = zip(*rows, strict=True)
    return [i for i, cells in enumerate(columns) if all(map(number.fullmatch, cells))]
