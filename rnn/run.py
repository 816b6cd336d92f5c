"""A run of training: its progress, and what is kept of it."""

import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.evaluation import evaluate
from rnn.network import Model, Network
from rnn.sampling import write
from rnn.settings import Settings
from rnn.updates import Learner

RADII = 25  # times that the spectral radius of W is measured, spread over the run
EARLY = 1000  # updates after which a copy of the network is kept; in a short run, a tenth of it


class Row(NamedTuple):
    """A row of the history: the results of the forward and backward pass of update step + 1.

    Losses are in nats per sequence; `clipped` is the share of the gradient's entries that were
    clipped, and `norm` the gradient's norm before clipping.
    """

    step: int
    epoch: int
    loss: float
    smooth_loss: float
    clipped: float
    norm: float


@dataclass(frozen=True)
class Sample:
    """A text that the network wrote after `step` updates, as indices."""

    step: int
    smooth_loss: float
    indices: NDArray[np.int64]


@dataclass(frozen=True)
class Snapshot:
    """A copy of the network at a step.

    Attributes
    ----------
    network
        The network, with its own copy of the parameters.
    states
        The state carried into the next update, for the first stream, of shape (STATES, m).
    smooth_loss
        Nats per sequence.
    validation
        Loss on the validation part, in nats per character; None if there is none.
    """

    step: int
    network: Network
    states: NDArray[Any]
    smooth_loss: float
    validation: float | None


class Functions(NamedTuple):
    """What training calls; functions of one's own may take the place of the compiled ones.

    Attributes
    ----------
    updates
        As `rnn.updates.updates`; without it, that for the cell, the optimiser and the clipping.
    write, evaluate
        As `rnn.sampling.write` and `rnn.evaluation.evaluate`.
    """

    updates: Callable[..., int] | None = None
    write: Callable[..., NDArray[np.int64]] = write
    evaluate: Callable[..., float] = evaluate


COMPILED = Functions()


@dataclass
class Run:
    """The progress of training and what it has found so far.

    Attributes
    ----------
    settings
        The parameters.
    network
        The network that learns.
    updates_per_epoch
        The number of updates in an epoch.
    learners
        One for each group of streams; all share the parameters of `network`.
    random
        The state of a random number generator for each use of randomness.
    offset
        Where in the streams the current epoch began.
    step, smooth_loss, seconds
        The number of updates made, the smoothed loss after them, and the time they took.
    losses
        The loss of each update, in single precision.
    history, samples
        Rows of the updates that are looked at closely, and the texts written during training.
    validations, radii
        Pairs of a step and a value measured then: the loss on the validation part, in nats per
        character, and the spectral radius of the vanilla network's W.
    early
        A copy of the network early in training.
    best, best_score
        The best model so far, and the loss that makes it the best.
    diverged
        Why training is to be called diverged, and what to try; empty if it is not.
    functions
        What training calls.
    """

    settings: Settings
    network: Network
    updates_per_epoch: int
    learners: list[Learner]
    random: dict[int, NDArray[np.int64]]
    offset: int = 0
    step: int = 0
    smooth_loss: float = math.nan
    seconds: float = 0.0
    losses: "array[float]" = field(default_factory=lambda: array("f"))
    history: list[Row] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    validations: list[tuple[int, float]] = field(default_factory=list)
    radii: list[tuple[int, float]] = field(default_factory=list)
    early: Network | None = None
    best: Snapshot | None = None
    best_score: float = math.inf
    diverged: str = ""
    functions: Functions = COMPILED

    @property
    def states(self) -> NDArray[Any]:
        """A copy of the states before the next sequences, of shape (STATES, B, m)."""
        return np.concatenate([learner.work.states[:, 0] for learner in self.learners], axis=1)

    @states.setter
    def states(self, states: NDArray[Any]) -> None:
        first = 0
        for learner in self.learners:
            group = learner.work.states[:, 0]
            group[:] = states[:, first : first + group.shape[1]]
            first += group.shape[1]

    @property
    def position(self) -> int:
        """Where in each stream the next sequence begins."""
        return self.offset + self.step % self.updates_per_epoch * self.settings.seq_length

    @property
    def updates(self) -> int:
        """The number of updates that the run will make."""
        whole = self.settings.epochs * self.updates_per_epoch
        return min(whole, self.settings.max_updates or whole)

    @property
    def radius_every(self) -> int:
        """After how many updates the spectral radius of W is measured again."""
        return -(-self.updates // RADII)

    @property
    def early_step(self) -> int:
        """After how many updates a copy of the early network is kept."""
        return min(EARLY, self.updates // 10)


def concluded(run: Run) -> Snapshot:
    """Return the best model of a run that has ended, by itself or by `rnn.training.conclude`."""
    assert run.best is not None, "conclude the run first"  # noqa: S101
    return run.best


def judged(run: Run, test: NDArray[Any]) -> float | None:
    """Return the best model's loss on the test part, in nats per character; None if there is none.

    Parameters
    ----------
    run
        A concluded run.
    test
        The test part, as indices.
    """
    if not len(test):
        return None
    best, limit = concluded(run), run.settings.test_limit
    return run.functions.evaluate(best.network, test, best.states, limit)


def trained_model(run: Run, vocabulary: str, first: int) -> Model:
    """Return the best model of a concluded run, ready to read and write text.

    Parameters
    ----------
    run
        A concluded run.
    vocabulary
        The characters of the book.
    first
        The index of the book's first character.
    """
    best, settings = concluded(run), run.settings
    return Model(
        network=best.network,
        vocabulary=vocabulary,
        states=best.states,
        first=int(first),
        lowercase=settings.lowercase,
        unicode_form=settings.unicode_form,
    )
