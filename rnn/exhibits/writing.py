"""Exhibits of what the network writes: a passage, variants, copying from the book, and units."""

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from numpy.typing import NDArray

from rnn.analysis.copying import SEARCHED, Copy, has_words, whole_words
from rnn.analysis.neurons import Neuron, passage_rows
from rnn.analysis.variants import Variant
from rnn.exhibits.kinds import Passage, Picture, Sentence, Table
from rnn.exhibits.look import STYLE
from rnn.exhibits.prose import as_code, plain
from rnn.exhibits.style import WIDE
from rnn.exhibits.words import number
from rnn.network import Model

BEGINNING = 110  # characters shown of a text
RUN = 80  # characters shown of a copied run
NEW_WORDS = 12  # listed, at most
MONO_ADVANCE = 0.602  # width of a character of DejaVu Sans Mono, in font sizes
HEIGHT = 0.2  # inches, of a line of coloured characters
# From -1 to 1. All are light enough for dark text, and none is a grey that the page would replace.
SHADES = ("#e69f00", "#ecb540", "#f2cb7f", "#f8e2bf", "#fdfdfa", "#d5edfa", "#aadaf4", "#80c8ee",
          "#56b4e9")  # fmt: skip
ON_SHADES = "#111112"
CELLS = {" ": "", "\n": "↵", "\t": "→"}
LACKING = "□"
SIGNS = {"↵": "a line end", "→": "a tab", LACKING: "a character that the font lacks"}

Box = list[tuple[float, float]]  # its corners


def whose(model: Model, model_file: str) -> Sentence:
    """Say which model writes: that of the training, or one that was saved in a file."""
    sizes = (
        f"its cell is {as_code(model.network.cell)}, and it has {model.network.m:,} hidden units"
    )
    if not model_file:
        return Sentence(f"The model is the best one of the training; {sizes}.")
    return Sentence(
        f"The model is not that of the training, but the one saved in"
        f" {as_code(Path(model_file).name)}; {sizes}."
    )


def passage(
    text: str, temperature: float, top_p: float, prime: str, model_file: str = ""
) -> Passage:
    """Show a passage, by which model, how it was sampled, and whether it follows a prime text."""
    by = f"the model in {as_code(Path(model_file).name)}" if model_file else "the best model"
    return Passage(
        text,
        caption=f"{len(text):,} characters by {by}, at temperature {temperature:g} and "
        f"top-p {top_p:g}{', after the prime text' if prime else ''}.",
        label="text-passage",
    )


def variants(written: Sequence[Variant]) -> Table:
    """Tabulate what a model wrote at several settings, with the entropy in bits per character."""
    rows = [
        [f"{v.temperature:g}", f"{v.top_p:g}", f"{v.bits:.2f}", v.text[:BEGINNING]] for v in written
    ]
    return Table(
        ["temperature", "top-p", "bits", "text"],
        rows,
        caption="The same network with the same random numbers at several settings. The bits are "
        "the entropy of the distribution from which each character was drawn, a mean over "
        f"{len(written[0].text):,} characters; the first of them are shown.",
        label="tab-variants",
    )


def memory(
    texts: Mapping[str, str], copies: Mapping[str, Copy], known: Collection[str], trained: int
) -> Table:
    """Tabulate what texts take from the book, one column per text.

    Words are left out where they can't be told apart.

    Parameters
    ----------
    texts
        The texts by name; the first is the passage, whose new words the caption names.
    copies
        By the same names, the longest run that each text shares with the training part.
    known
        The words of the training part.
    trained
        The number of characters in the training part.
    """
    names = [
        "longest copied run, in characters",
        "the run",
        "its position in the training part",
        "words",
        "words found in the training part",
    ]
    columns = [_column(text, copies[name], known, trained) for name, text in texts.items()]
    if has_words("".join(texts.values())):
        written = whole_words(next(iter(texts.values())))
        own = list(dict.fromkeys(word for word in written if word not in known))
        listed = plain(", ".join(own[:NEW_WORDS]))
        new = f" New words: {listed}." if own else " It has no new words."
    else:
        new, names, columns = "", names[:-2], [column[:-2] for column in columns]
    cut = f" Only the last {SEARCHED:,} characters were searched." if trained > SEARCHED else ""
    return Table(
        ["", *texts],
        [list(row) for row in zip(names, *columns, strict=True)],
        caption=f"What the passage takes from the book.{new}{cut}",
        label="tab-memory",
    )


def _column(text: str, copy: Copy, known: Collection[str], trained: int) -> list[str]:
    """Return the column of a text."""
    used = whole_words(text)
    found = sum(word in known for word in used)
    return [
        f"{copy.length:,}",
        repr(text[copy.passage :][: min(copy.length, RUN)]),
        f"{copy.book / trained:.1%}",
        f"{len(used):,}",
        f"{found / len(used):.0%}" if used else "",
    ]


def neurons(
    picked: Sequence[Neuron], h: NDArray[Any], text: str, *, test: bool
) -> Picture | Sentence:
    """Draw lines of text, each character coloured by the value of a unit after reading it.

    Parameters
    ----------
    picked
        The units; there may be none.
    h
        The hidden states after each character, from -1 to 1, of shape (n, m).
    text
        The n characters.
    test
        Whether the text is the test part; otherwise it is the end of the book.
    """
    if not picked:
        return Sentence(
            "In this book there is nothing to follow: quotes, line ends, blanks and letters are"
            " absent, or all that it has."
        )
    rows = passage_rows(text)
    values = {
        f"unit {n.unit} and {n.feature}: r = {number(n.correlation, '.2f')}": [
            h[row, n.unit] for row in rows
        ]
        for n in picked
    }
    found = "; ".join(
        f"unit {n.unit} has a correlation of {number(n.correlation, '.2f')} with {n.feature}"
        for n in picked
    )
    where = "of the test part" if test else "at the end of the book"
    shown = "".join(map(_cell, "".join(text[row] for row in rows)))
    signs = "".join(f" {sign} is {what}." for sign, what in SIGNS.items() if sign in shown)
    return Picture(
        _coloured_lines([text[row] for row in rows], values),
        caption="Hidden units over a passage from the book: the colour is the value of the unit "
        f"after it has read the character. The correlations $r$ are over {len(h):,} characters "
        f"{where}; if $r$ is near zero, no unit follows that feature.{signs}",
        alt=f"Lines of text, once for each unit, coloured by its value: {found}.",
        label="fig-neurons",
        neurons=picked,
    )


def _coloured_lines(rows: Sequence[str], values: Mapping[str, Sequence[NDArray[Any]]]) -> Figure:
    """Draw the lines once below each title, coloured by the values under that title."""
    width = max(40, *map(len, rows))  # in characters
    block = len(rows) + 1.35  # lines per unit
    tall = block * len(values) + 1.2
    size = 72 * min(WIDE[0] / width / MONO_ADVANCE, HEIGHT / 1.25)
    boxes: list[tuple[Box, str]] = []
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(WIDE[0], HEIGHT * tall))
        plt.close(figure)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(tall, 0))
        axes.axis("off")
        for u, (title, found) in enumerate(values.items()):
            axes.text(0, u * block + 0.55, title, va="center")
            for r, (row, shown) in enumerate(zip(rows, found, strict=True)):
                boxes += _colours(shown, u * block + 1 + r)
                _characters(axes, row, u * block + 1 + r, size)
        boxes += _scale(axes, tall)
        places, colours = zip(*boxes, strict=True)
        axes.add_collection(PolyCollection(places, facecolors=colours, edgecolors="none", zorder=0))
        return figure


def _colours(values: NDArray[Any], top: float) -> list[tuple[Box, str]]:
    """Return boxes and their colours, one for each run of values with the same shade."""
    last = len(SHADES) - 1
    shades = np.clip(np.rint((values + 1) / 2 * last), 0, last)
    return [
        (_box(start, end, top, top + 1), SHADES[int(shades[start])]) for start, end in _runs(shades)
    ]


def _characters(axes: Axes, row: str, top: float, size: float) -> None:
    """Write a line, each character in a cell of its own."""
    for i, character in enumerate(row):
        axes.text(i + 0.5, top + 0.54, _cell(character), color=ON_SHADES, size=size,
                  family="DejaVu Sans Mono", ha="center", va="center_baseline",
                  parse_math=False)  # fmt: skip


def _scale(axes: Axes, tall: float) -> list[tuple[Box, str]]:
    """Label the scale of colours on the last line, and return its boxes."""
    axes.text(3.5, tall - 0.5, "−1", ha="right", va="center")
    axes.text(4.5 + 2 * len(SHADES), tall - 0.5, "+1: the value of the unit", va="center")
    return [(_box(4 + 2 * i, 6 + 2 * i, tall - 1, tall), shade) for i, shade in enumerate(SHADES)]


def _box(left: float, right: float, top: float, bottom: float) -> Box:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _runs(values: NDArray[Any]) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each run of equal values."""
    ends = [*(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    yield from zip([0, *ends], ends, strict=False)


def _cell(character: str) -> str:
    """Return the character to draw in a cell."""
    if character in CELLS:
        return CELLS[character]
    drawn = get_font(findfont("DejaVu Sans Mono")).get_char_index(ord(character))
    plain = character.isprintable() and not unicodedata.combining(character)
    return character if drawn and plain else LACKING
