"""Training for a given time: the schedule is planned for the updates that fit into it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.evaluation import evaluate
from rnn.files.book import read_book
from rnn.network import Network, find_cell
from rnn.run import Run
from rnn.settings import Settings
from rnn.text import Parts, split
from rnn.training import train

VALIDATION, TEST = 0.05, 0.1  # fractions of a book
NOTHING = np.zeros(0, np.uint8)


@dataclass(frozen=True)
class Text:
    """A book read with its upper and lower case: its parts, and its vocabulary size."""

    name: str
    parts: Parts
    K: int


def read(path: Path, validation: float = VALIDATION) -> Text:
    """Read a book; its last tenth is the test part, a fraction before it the validation part."""
    book = read_book(path, lowercase=False)
    return Text(path.name, split(book.indices, validation, TEST), len(book.vocabulary))


def changed(settings: Settings) -> dict[str, Any]:
    """Return the parameters that differ from their defaults; `read` decides how a book is read."""
    usual = asdict(Settings())
    return {name: value for name, value in asdict(settings).items() if value != usual[name]}


def loss_on(part: NDArray[Any], network: Network, states: NDArray[Any] | None = None) -> float:
    """Return the loss on a part, with the state carried through, in nats per character.

    Parameters
    ----------
    part
        The characters, as indices.
    network
        The network.
    states
        The state before them, of shape (STATES, m); zeros by default.
    """
    zero = np.zeros((find_cell(network.cell).STATES, network.m), network.theta.dtype)
    return evaluate(network, part, zero if states is None else states)


def run_for(
    text: Text, settings: Settings, seconds: float, say: Callable[[str], None] = print
) -> Run:
    """Train for a given number of seconds of the training loop, and return the run.

    A short run first measures how many updates fit in. A tenth fewer are planned, since a run that
    slows down later would be cut off before its learning rate has fallen, which costs far more.
    """
    quiet = replace(settings, epochs=10**6, max_updates=0, sample_every=10**12)
    speed = _speed(train(text.parts.training, NOTHING, text.K, quiet), min(seconds / 20, 10))
    fitted = replace(quiet, max_updates=max(1, int(0.9 * seconds * speed)))
    shown = 0.0
    for run in train(text.parts.training, NOTHING, text.K, fitted):
        if run.seconds > shown + seconds / 10:
            shown = run.seconds
            say(f"    {shown:.0f} s, update {run.step:,} of {run.updates:,}")
        if run.seconds >= seconds:
            break
    return run


def _speed(runs: Any, seconds: float) -> float:
    """Return the updates per second, measured over the given time."""
    for run in runs:
        if run.seconds > seconds:
            break
    return float(run.step / run.seconds)
