"""Training for a given time: the schedule is planned for the updates that fit into it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.evaluation import evaluate
from rnn.files.book import read_book
from rnn.network import Network
from rnn.run import Run
from rnn.settings import Settings
from rnn.text import split
from rnn.training import train

NOTHING = np.zeros(0, np.uint8)


@dataclass(frozen=True)
class Text:
    """A book read with its upper and lower case, and with its last tenth held out."""

    name: str
    training: NDArray[Any]
    held_out: NDArray[Any]
    K: int


def read(path: Path) -> Text:
    """Read a book and split it for training."""
    book = read_book(path, lowercase=False)
    return Text(path.name, *split(book.indices, 0.1), len(book.vocabulary))


def changed(settings: Settings) -> dict[str, Any]:
    """Return the parameters that differ from their defaults; `read` decides how a book is read."""
    usual = asdict(Settings())
    return {name: value for name, value in asdict(settings).items() if value != usual[name]}


def held_out_loss(text: Text, network: Network, limit: int = 0) -> float:
    """Return the loss on the held-out part, with the state carried through, in nats a character."""
    return evaluate(network, text.held_out, limit)


def run_for(
    text: Text, settings: Settings, seconds: float, say: Callable[[str], None] = print
) -> Run:
    """Train for a given number of seconds of the training loop, and return the run.

    A short run first measures how many updates fit in. A tenth fewer are planned, since a run that
    slows down later would be cut off before its learning rate has fallen, which costs far more.
    """
    quiet = replace(settings, epochs=10**6, max_updates=0, sample_every=10**12)
    speed = _speed(train(text.training, NOTHING, text.K, quiet), min(seconds / 20, 10))
    fitted = replace(quiet, max_updates=max(1, int(0.9 * seconds * speed)))
    shown = 0.0
    for run in train(text.training, NOTHING, text.K, fitted):
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
