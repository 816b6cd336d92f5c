"""Printed text as a terminal would have left it, with its colours.

A carriage return, a backspace and the moves of the cursor by which progress bars write over
themselves are followed; colours are kept as the names of a few that the report has for light and
dark. Any other control character stays, for the report to show.
"""

import math
import re
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

FOLD = 40  # lines; what is longer is folded in the page and cut in the PDF
LONGEST = 2000  # lines in the page
LARGEST = 200_000  # characters in the page
WIDEST = 2000  # characters of a line
ROW = 110  # characters of a line in the PDF
COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
SHADES = (  # what terminals show for them
    (0, 0, 0), (205, 49, 49), (13, 188, 121), (229, 229, 16),
    (36, 114, 200), (188, 63, 188), (17, 168, 205), (229, 229, 229),
)  # fmt: skip
MOVES = re.compile(
    r"\x1b\[([\d;:]*)[ -/]*([@-~])"  # a control sequence: its numbers, and what it does
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]"  # titles, links and the like
    r"|[\r\b\n]"
)
FARTHEST = 10_000  # columns or lines that a cursor is moved

Run = tuple[str, str]  # text, and its style: the names of a colour and "bold", or nothing


class Printed(NamedTuple):
    """The lines to show, each a list of runs, and how many lines were printed in all."""

    lines: list[list[Run]]
    total: int


def read(text: str) -> Printed:
    """Return printed text as the lines that a terminal shows."""
    lines = _plain(text) if not re.search(r"[\r\b\x1b]", text) else _followed(text)
    while lines and not lines[-1]:
        lines.pop()
    kept: list[list[Run]] = []
    room = LARGEST
    for line in lines[:LONGEST]:
        kept.append(_cut(line))
        room -= _size(kept[-1])
        if room < 0:
            break
    return Printed(kept, len(lines))


def fitting(lines: Sequence[Sequence[Run]]) -> int:
    """Return how many of some lines take no more than FOLD rows of the PDF; at least one."""
    rows = accumulate(max(1, math.ceil(_size(line) / ROW)) for line in lines)
    return max(1, sum(row <= FOLD for row in rows))


def _size(line: Sequence[Run]) -> int:
    return sum(len(piece) for piece, _ in line)


def _plain(text: str) -> list[list[Run]]:
    return [[(line, "")] if line else [] for line in text.split("\n")]


def _cut(line: list[Run]) -> list[Run]:
    """Return the beginning of a line that is too long, and how much longer it was."""
    if (size := _size(line)) <= WIDEST:
        return line
    kept, room = [], WIDEST
    for piece, style in line:
        kept.append((piece[:room], style))
        room -= len(piece)
        if room <= 0:
            break
    return [*kept, (f" … {size - WIDEST:,} more characters", "white")]


def _followed(text: str) -> list[list[Run]]:
    """Write text on a screen as high and wide as it needs, and return what is there then."""
    screen: list[list[Run]] = [[]]  # of each line the characters, with their styles
    seen: dict[Run, Run] = {}  # each kept once, to take less memory
    row = column = 0
    colour, bold = "", False
    at = 0
    for found in [*MOVES.finditer(text), None]:
        piece = text[at : found.start() if found else len(text)]
        if piece:
            style = " ".join(filter(None, [colour, "bold" if bold else ""]))
            line = screen[row]
            line += [(" ", "")] * (column - len(line))
            line[column : column + len(piece)] = [
                seen.setdefault((c, style), (c, style)) for c in piece
            ]
            column += len(piece)
        if not found:
            break
        at = found.end()
        what, numbers = found[2] or found[0], _numbers(found[1])
        steps = min(max(numbers[0], 1), FARTHEST)
        match what:
            case "\n":
                row, column = row + 1, 0
            case "\r":
                column = 0
            case "\b" | "D":
                column = max(column - (steps if what == "D" else 1), 0)
            case "A":
                row = max(row - steps, 0)
            case "B":
                row += min(steps, len(screen) - 1 - row) if row < len(screen) else 0
            case "C":
                column += steps
            case "G":
                column = steps - 1
            case "K" if row < len(screen):
                line = screen[row]
                first, last = ((column, None), (0, column + 1), (0, None))[min(numbers[0], 2)]
                line[first:last] = [(" ", "")] * (len(line[first:last]) if last else 0)
            case "J" if numbers[0] >= 2:
                screen, row, column = [[]], 0, 0
            case "m":
                colour, bold = _styled(numbers, colour, bold=bold)
        while len(screen) <= row:
            screen.append([])
    return [_joined(line) for line in screen]


def _numbers(parameters: str | None) -> list[int]:
    return [int(number[:6] or 0) for number in re.split("[;:]", parameters or "")]


def _styled(numbers: list[int], colour: str, *, bold: bool) -> tuple[str, bool]:
    """Return the colour of the text and whether it is bold, after a sequence that sets them."""
    rest = iter(numbers)
    for number in rest:
        if number in (0, 39):
            colour, bold = "", bold and bool(number)
        elif number in (1, 22):
            bold = number == 1
        elif 30 <= number <= 37 or 90 <= number <= 97:
            colour = COLOURS[number % 10]
        elif number in (38, 48):  # one of many colours: of the text, or behind it
            shade = _shade(rest)
            colour = _nearest(shade) if number == 38 and shade else colour
    return colour, bold


def _shade(rest: Iterable[int]) -> tuple[int, ...]:
    """Read a colour by its number among 256, or by its parts."""
    numbers = iter(rest)
    kind = next(numbers, 0)
    if kind == 2:
        parts = [next(numbers, 0) for _ in range(3)]
        return tuple(parts)
    if kind != 5:
        return ()
    n = next(numbers, 0)
    if n < 16:
        return SHADES[n % 8]
    if n < 232:
        return tuple((n - 16) // step % 6 * 51 for step in (36, 6, 1))
    return ((n - 232) * 10 + 8,) * 3


def _nearest(shade: tuple[int, ...]) -> str:
    far = [sum((a - b) ** 2 for a, b in zip(shade, known, strict=True)) for known in SHADES]
    return COLOURS[far.index(min(far))]


def _joined(line: list[Run]) -> list[Run]:
    """Join neighbours of one style; blanks at the end, which a bar left there, fall."""
    while line and line[-1][0] == " ":
        line.pop()
    runs: list[Run] = []
    for character, style in line:
        if runs and runs[-1][1] == style:
            runs[-1] = (runs[-1][0] + character, style)
        else:
            runs.append((character, style))
    return runs
