"""The data for the page's script: the model and the passage, as JSON, which is never run."""

import json
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup
from nbformat import NotebookNode

from rnn.analysis.adapting import USUAL
from rnn.errors import InputError
from rnn.exhibits.characters import sign
from rnn.exhibits.words import listed
from rnn.network import Model
from rnn.numerics.generator import PASSAGE
from rnn.report.nodes import shown
from rnn.report.page.excerpt import Excerpt
from rnn.report.page.scripts import runs
from rnn.settings import Settings, checked
from rnn.text import code_points, encode, normalise

LARGEST = 8_000_000  # bytes of weights that a page carries
READ = 5000  # characters of the passage that its reader can step through
MOST = 200  # hidden units, and characters in a sequence, of what its reader trains


@dataclass(frozen=True)
class Live:
    """What the template needs to make a page that runs the model.

    Attributes
    ----------
    label
        The label of the passage.
    obstacle
        Why the page can't run the model, as the beginning of a sentence; empty if it can.
    data
        JSON that is safe in HTML; None if there is an obstacle.
    excerpt
        The excerpt of the book, as JSON that is safe in HTML, if there is one.
    settings
        The parameters with which the passage was written.
    training
        Those with which the page's reader trains, as long as nothing else is chosen.
    beyond
        What the report was trained with and the page can't train with, in words.
    evolution
        The label of the evolution of the text, below which one trains; empty if there is none.
    most
        The most hidden units of what the reader trains, and the most characters in a sequence.
    """

    label: str
    obstacle: str
    data: Markup | None
    excerpt: Markup | None
    settings: dict[str, Any]
    training: Settings
    beyond: str
    evolution: str
    most: int = MOST


def live(document: NotebookNode, model: Model, excerpt: Excerpt | None = None) -> Live:
    """Return the data that a page gets for its model and passage, and for training.

    The weights are rounded to float32, little-endian, in base64; the hidden state at the end of
    training stays in float64.
    """
    exhibits = [about for cell in document.cells for about in shown(cell)]
    passage = next(one for one in exhibits if one["part"] == 4 and one["kind"] == "text")
    evolutions = (one for one in exhibits if one["part"] == 3 and one["kind"] == "evolution")
    evolution = str(next(evolutions, {"label": ""})["label"])
    settings = dict(document.metadata.rnn.writing)
    label = str(passage["label"])
    training = checked(document.metadata.rnn.training)
    beyond = _beyond(training)
    obstacle = _obstacle(model)
    if obstacle:
        return Live(label, obstacle, None, None, settings, training, beyond, evolution)
    prime = normalise(settings["prime"], model.lowercase, model.unicode_form)
    value = {
        "cell": model.network.cell,
        "hiddenSize": model.network.m,
        "vocabulary": code_points(model.vocabulary).tolist(),
        "signs": {k: sign(c) for k, c in enumerate(model.vocabulary) if sign(c)},
        "first": model.first,
        "lowercase": model.lowercase,
        "unicodeForm": "" if model.unicode_form == "as_is" else model.unicode_form.upper(),
        "stream": PASSAGE,
        "way": model.way or USUAL,
        "neurons": _neurons(document, model.network.m),
        "passage": {
            "prime": _indices(prime, model.vocabulary),
            "text": _indices(passage["text"][:READ], model.vocabulary),
        },
        "states": _base64(model.states, "<f8"),
        "weights": _base64(model.network.theta, "<f4"),
    }
    text = for_script(excerpt._asdict()) if excerpt else None
    return Live(label, "", for_script(value), text, settings, training, beyond, evolution)


def _beyond(settings: Settings) -> str:
    """Say what the report was trained with and the page can't train with."""
    used = {
        f"{settings.hidden_size} hidden units": settings.hidden_size > MOST,
        f"sequences of {settings.seq_length} characters": settings.seq_length > MOST,
        f"{settings.batch_size} streams": settings.batch_size > 1,
        f"a dropout of {settings.dropout:g}": settings.dropout > 0,
        f"the schedule {settings.schedule}": settings.schedule != "constant",
        f"a warm-up of {settings.warmup} updates": settings.warmup > 0,
        "epochs that start at a random character": settings.random_offset,
        f"{settings.initialisation} initial weights": settings.initialisation != "normal",
        settings.dtype: settings.dtype != "float64",
    }
    words = [what for what, is_used in used.items() if is_used]
    return listed(words) if words else ""


def _obstacle(model: Model) -> str:
    """Return why the page can't run a model, as the beginning of a sentence; empty if it can."""
    if not runs(model.network.cell):
        return f"The page has no script for the model's cell, {model.network.cell}"
    size = 4 * model.network.theta.size  # bytes, in float32
    if size > LARGEST:
        return f"The model's weights take {size / 1e6:.0f} MB, more than a page should carry"
    return ""


def _neurons(document: NotebookNode, m: int) -> list[Any]:
    """Return the hidden units that the figures show, each with its feature and the correlation."""
    return [
        neuron
        for cell in document.cells
        for about in shown(cell)
        for neuron in about.get("neurons", ())
        if 0 <= neuron[0] < m
    ]


def for_script(value: Any) -> Markup:
    """Return a value as JSON without any character that is special in HTML."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)  # in ASCII
    for mark in "<>&":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return Markup(text)  # noqa: S704


def _indices(text: str, vocabulary: str) -> list[int]:
    """Return the indices of a text; an empty list if the model can't have written it."""
    try:
        return list(map(int, encode(text, vocabulary)))
    except InputError:
        return []


def _base64(array: Any, dtype: str) -> str:
    return b64encode(np.ascontiguousarray(array, dtype).tobytes()).decode()
