"""The kinds of exhibit. `rnn.exhibits.show.show` publishes any of them.

Captions are Markdown and may hold $math$. The label identifies the exhibit on the page, for links;
it consists of lower-case letters, digits and hyphens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a report is checked without what draws figures
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Picture:
    """A figure; `alt` says in words what it shows.

    `neurons` are the hidden units that it shows: for each its number, the feature that it follows,
    and their correlation.
    """

    figure: "Figure"
    caption: str
    alt: str
    label: str
    neurons: Sequence[tuple[int, str, float]] = ()


@dataclass(frozen=True)
class Table:
    """Column headings, and rows with a cell for each column.

    `code` and `math` are the indices of columns that are set as code, and of those in which the
    letters of parameters are set as formulas. `marks` say which setting of a study a row belongs
    to, as in "3", or which run, as in "3-400" with its seed; `file` is the file that has all rows,
    to which the PDF leaves those of a long table.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    caption: str
    label: str
    code: Sequence[int] = ()
    math: Sequence[int] = ()
    marks: Sequence[str] = ()
    file: str = ""


@dataclass(frozen=True)
class Passage:
    """Sampled text, shown with every character visible."""

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
class Openings:
    """The same opening continued by several models: triples of a name, a text and a mark."""

    opening: str
    texts: Sequence[tuple[str, str, str]]
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

    It has neither a number nor a label. Values other than numbers must be escaped with
    `rnn.exhibits.prose.plain`.
    """

    markdown: str


Exhibit = Picture | Table | Passage | Evolution | Openings | Listing | Sentence
