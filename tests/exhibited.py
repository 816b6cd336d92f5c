"""Helpers for the tests of exhibits: readers of exhibits, networks of zeros, made-up runs."""

import io
import re
import unicodedata
from typing import Any

import numpy as np
from matplotlib import pyplot as plt

from rnn.exhibits.kinds import Exhibit, Picture, Sentence, Table
from rnn.network import Network, size
from rnn.run import Row, Run, Snapshot
from rnn.settings import Settings


def numbers(text: str) -> list[float]:
    """Return the numbers of a text, a percentage as a share."""
    text = re.sub(r"(\d) × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", r"\1e\2", text)
    text = re.sub(r"\b10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", r"1e\1", text)
    text = unicodedata.normalize("NFKC", text).replace("−", "-")
    found = re.findall(r"(-?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?)(%?)", text)
    return [float(n.replace(",", "")) / (100 if percent else 1) for n, percent in found]


def picture(exhibit: Exhibit) -> Picture:
    """Return an exhibit that must be a picture."""
    assert isinstance(exhibit, Picture), exhibit
    return exhibit


def table(exhibit: Exhibit) -> Table:
    """Return an exhibit that must be a table."""
    assert isinstance(exhibit, Table), exhibit
    return exhibit


def sentence(exhibit: Exhibit) -> str:
    """Return the Markdown of an exhibit that must be a sentence."""
    assert isinstance(exhibit, Sentence), exhibit
    return exhibit.markdown


def drawn(exhibit: Picture | Sentence) -> str:
    """Return a picture as SVG, with its labels as text rather than outlines."""
    with plt.rc_context({"svg.fonttype": "none"}):
        file = io.StringIO()
        picture(exhibit).figure.savefig(file, format="svg")
    return file.getvalue()


def a_network(cell: str = "rnn", K: int = 2, m: int = 3) -> Network:
    """Return a network of zeros, to which all K characters are equally likely."""
    return Network(cell, K, m, np.zeros(size(cell, K, m)))


def a_run(
    updates: int = 250, per_epoch: int = 100, best: Snapshot | None = None, **settings: Any
) -> Run:
    """Return a run whose history has a row for each update; one with a best model is concluded."""
    made = Run(Settings(**settings), a_network(), per_epoch, [], {}, step=updates, best=best)
    made.smooth_loss = 41.23
    made.history = [
        Row(s, s // per_epoch + 1, 60.0, 81.5 - s / 10, (s % 4 == 0) * 0.02, 7.0 + s)
        for s in range(updates)
    ]
    return made


def a_snapshot(validation: float | None = None) -> Snapshot:
    """Return a snapshot of a network of zeros."""
    return Snapshot(1234, a_network(), np.zeros((1, 3)), 40.0, validation)
