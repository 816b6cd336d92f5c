"""Notes, a title block and a run in which everything is too wide for a line."""

from typing import Any

from rnn.report.nodes import Title
from tests.executed import RUN


def table(columns: int) -> str:
    """Return a Markdown table of so many columns."""
    rows = [[f"c{i}" for i in range(columns)], ["---"] * columns, *[["0.123456"] * columns] * 3]
    return "\n".join(f"|{'|'.join(row)}|" for row in rows)


def word(letter: str, length: int = 300) -> str:
    return letter * length


NOTES = {
    1: f"{table(14)}\n\nThen\n\n{table(30)}\n\n| a | b |\n|--|--|\n| {word('k')} | short |",
    2: f"# A heading {word('h')}\n\nA word {word('w')}, <https://example.org/{word('u')}> and "
    f"`{word('c', 400)}`.[^1]\n\n> {word('q')}\n\n- {word('i')}\n\n[^1]: {word('g')}",
    3: f"```\n{'y + ' * 100}\n{word('z', 400)}\n```\n\n    {word('x', 400)}",
    4: f"$$s = {' + '.join(f'a_{{{i}}}' for i in range(50))}$$\n\n"
    f"so ${' + '.join(f'b_{{{i}}}' for i in range(50))}$",
}
TITLE = Title(*(f"{name} {word('t')}" for name in ("Title", "Author", "Course", "Date")))
BOOK: dict[str, Any] = {**RUN, "book": {**RUN["book"], "path": f"data/{word('b', 250)}.txt"}}
LONG = "hwcqigzxtbk"  # each occurs in a word of 250 letters or more
