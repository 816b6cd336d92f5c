"""Hidden units that follow a feature of the text: quotes, the position in the line, and so on.

The network is never told about these features. Karpathy, Johnson and Fei-Fei (2016), "Visualizing
and understanding recurrent networks", found that single units learn to follow them.
"""

import re
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.analysis.reading import read_through
from rnn.network import Network

LENGTH = 20_000  # characters on which the correlations are measured
NUMBERS = 20_000_000  # in the states, at most: a very wide network reads fewer characters


class Neuron(NamedTuple):
    """A unit, the feature that it follows, and the correlation between them."""

    unit: int
    feature: str
    correlation: float


def features(text: str) -> dict[str, NDArray[np.float64]]:
    """Return the features that a unit might follow: the values of each after every character.

    A quote that is left open ends with the paragraph. What says nothing but how far the text has
    been read, such as the position in the line of a text without line ends, is zero.
    """
    opening, closing, either = _quotes(text)
    quoted, line, blank, run = np.zeros((4, len(text)))
    inside, since, letters = False, 0, 0
    for i, character in enumerate(text):
        if character in either:
            inside = not inside
        elif character in opening + closing:
            inside = character in opening
        elif text[i - 1 : i + 1] == "\n\n":
            inside = False
        since = 0 if character == "\n" else since + 1
        letters = letters + 1 if character.isalpha() else 0
        quoted[i], line[i], blank[i], run[i] = inside, since, character.isspace(), letters
    return {
        "being inside quotes": quoted,
        "the position in the line": line * ("\n" in text),
        "having just read whitespace": blank,
        "the number of letters in a row": run * (not text.isalpha()),
    }


def _quotes(text: str) -> tuple[str, str, str]:
    """Return the marks that open quotes in a text, those that close them, and those that do both.

    >>> _quotes("„Ja“, sagte sie.")
    ('„「', '“”」', '»"')
    """
    curly = ("„", "“”", "") if "„" in text else ("“", "”", "") if "“" in text else ("", "", "”")
    ahead, behind = (len(re.findall(rf"{mark}\w", text)) for mark in "«»")
    angled = ("", "", "»")
    if "«" in text:
        angled = ("«", "»", "") if ahead >= behind else ("»", "«", "")
    opening, closing, either = map("".join, zip(curly, angled, ("「", "」", '"'), strict=True))
    return opening, closing, either


def correlations(h: NDArray[Any], feature: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Pearson correlation of each unit (n, m) with a feature (n,); 0 if constant."""
    units = h.astype(np.float64) - h.mean(axis=0)
    feature = feature - feature.mean()
    size = np.sqrt((units**2).sum(axis=0) * (feature**2).sum())
    return np.asarray(np.divide(units.T @ feature, size, np.zeros_like(size), where=size > 1e-12))


def states_over(network: Network, text: NDArray[Any], states: NDArray[Any]) -> NDArray[Any]:
    """Return the hidden states after each of the first characters of a text, of shape (n, m).

    Parameters
    ----------
    network
        The network that reads.
    text
        The characters as indices. The first LENGTH are read; fewer if the network is very wide.
    states
        The state before them, of shape (STATES, m).
    """
    text = text[: min(LENGTH, NUMBERS // network.m)]
    return np.concatenate([h for _, h in read_through(network, text, states)])


def pick(h: NDArray[Any], text: str) -> list[Neuron]:
    """Return for each feature the unit that follows it best, each time another while units last.

    A feature that is constant over the text, such as quotes in a book without any, is left out.
    """
    picked: list[Neuron] = []
    for name, feature in features(text).items():
        if feature.size and np.ptp(feature) > 0:
            r = correlations(h, feature)
            if len(picked) < len(r):
                r[[neuron.unit for neuron in picked]] = 0
            unit = int(np.abs(r).argmax())
            picked.append(Neuron(unit, name, float(r[unit])))
    return picked


def passage_rows(text: str, count: int = 3, width: int = 80) -> list[slice]:
    """Choose some consecutive lines of a text to draw, and return their slices.

    Lines that are partly inside quotes are preferred. A line longer than `width` is broken, at a
    space if it has one.
    """
    starts = [0, *(i + 1 for i, character in enumerate(text) if character == "\n")]
    settled = [start for start in starts if 200 <= start < len(text)] or [0]
    quoted = features(text)["being inside quotes"]
    for start in settled:
        rows = _rows(text, start, count, width)
        if 0.2 < quoted[rows[0].start : rows[-1].stop].mean() < 0.8 and len(rows) == count:
            return rows
    return _rows(text, settled[0], count, width)


def _rows(text: str, start: int, count: int, width: int) -> list[slice]:
    rows: list[slice] = []
    while len(rows) < count and start < len(text):
        piece = text[start : start + width]
        end = piece.find("\n") + 1
        if not end and start + width < len(text):
            end = piece.rfind(" ") + 1
        rows.append(slice(start, start + (end or len(piece))))
        start = rows[-1].stop
    return rows
