"""The kinds of exhibit. `rnn.exhibits.show.show` publishes any of them.

Captions are Markdown and may hold $math$. The label is what the page names the exhibit by, and
links lead to; it is lower-case letters, digits and hyphens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Picture:
    """A figure; `alt` says in words what it shows."""

    figure: Figure
    caption: str
    alt: str
    label: str


@dataclass(frozen=True)
class Table:
    """The heads of columns, and rows with a cell for each."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    caption: str
    label: str


@dataclass(frozen=True)
class Passage:
    """Sampled text, to be shown with every character as it is."""

    text: str
    caption: str
    label: str


@dataclass(frozen=True)
class Evolution:
    """How the text changed: samples of {"step", "smooth_loss", "text"} in order of step."""

    samples: Sequence[Mapping[str, Any]]
    caption: str
    label: str


@dataclass(frozen=True)
class Listing:
    """Source code."""

    code: str
    caption: str
    label: str


@dataclass(frozen=True)
class Sentence:
    """Markdown that was computed, or that says why there is nothing to show.

    It has neither number nor label. Values that are not numbers go into it by
    `rnn.exhibits.prose.plain`.
    """

    markdown: str


Exhibit = Picture | Table | Passage | Evolution | Listing | Sentence
