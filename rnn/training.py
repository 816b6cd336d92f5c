"""Training: the loop over updates, what it keeps track of, and the best model on the way."""

import math
import time
from collections.abc import Callable, Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from rnn.cells import CELLS, for_cell
from rnn.errors import DivergedError, InputError
from rnn.network import initialise, spectral_radius, views
from rnn.numerics.generator import EVOLUTION, OFFSET, generator, uniform
from rnn.optimisers import OPTIMISERS, learning_rates
from rnn.sampling import read, write
from rnn.updates import Learner, Record, begin, groups, loops, updates_of_groups

HISTORY_EVERY = 100  # updates: a row of the history, a look at the smoothed loss
VALIDATE_EVERY = 10_000  # updates
RADII = 25  # looks at the spectral radius of W, spread over the run
WIDEST = 1024  # hidden units: of a larger W the eigenvalues would take too long
EARLY = 1000  # updates after which a copy of the network is kept; of a short run, a tenth
PAUSE = 0.2  # seconds that compiled code runs at most before it hands control back


@dataclass(frozen=True)
class Settings:
    """What can be set in training; the values are those of the assignment."""

    hidden_size: int = 100
    seq_length: int = 25
    batch_size: int = 1
    cell: str = "rnn"
    optimiser: str = "adagrad"
    learning_rate: float | None = None  # the optimiser's own
    schedule: str = "constant"
    warmup: int = 0
    clip: float = 5.0
    clip_by: str = "value"
    dropout: float = 0.0
    initialisation: str = "normal"
    init_scale: float = 0.01
    random_offset: bool = False
    dtype: str = "float64"
    threads: int = 1
    epochs: int = 7
    max_updates: int = 0
    validation_limit: int = 200_000
    sample_every: int = 10_000
    sample_length: int = 200
    evolution_until: int = 100_000
    seed: int = 400

    @property
    def rate(self) -> float:
        """The learning rate: as given, or the optimiser's own."""
        given = self.learning_rate
        return OPTIMISERS[self.optimiser].rate if given is None else given


class Row(NamedTuple):
    """A row of the history: what the forward and backward pass of update step + 1 gave.

    Losses are in nats per sequence; `clipped` is the share of the gradient's entries that were
    clipped, and `norm` the gradient's norm before that.
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
    theta
        The parameters, flat.
    states
        The hidden state carried into the next update, for the first stream, of shape (1, m).
    smooth_loss
        Nats per sequence.
    validation
        Loss on the part held out, nats per character; None if nothing was.
    """

    step: int
    theta: NDArray[Any]
    states: NDArray[Any]
    smooth_loss: float
    validation: float | None


@dataclass
class Run:
    """Where training is and what it has seen so far.

    There is a learner for each group of streams; `theta`, what they learn, is the same in all.
    `validations` and `radii` are pairs of a step and what was found then: the loss on the part held
    out, in nats per character, and the spectral radius of the vanilla network's W. `early` are the
    parameters early in training.
    """

    settings: Settings
    K: int
    updates_per_epoch: int
    learners: list[Learner]
    random: dict[int, NDArray[np.int64]]
    offset: int = 0
    step: int = 0
    smooth_loss: float = math.nan
    seconds: float = 0.0
    history: list[Row] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    validations: list[tuple[int, float]] = field(default_factory=list)
    radii: list[tuple[int, float]] = field(default_factory=list)
    early: NDArray[Any] | None = None
    best: Snapshot | None = None
    best_score: float = math.inf

    @property
    def theta(self) -> NDArray[Any]:
        """The parameters, flat."""
        return self.learners[0].theta

    @property
    def states(self) -> NDArray[Any]:
        """A copy of the hidden states before the next sequences, of shape (1, B, m)."""
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
        """How many updates the run will make."""
        whole = self.settings.epochs * self.updates_per_epoch
        return min(whole, self.settings.max_updates or whole)

    @property
    def radius_every(self) -> int:
        """After how many updates the spectral radius of W is looked at."""
        return -(-self.updates // RADII)

    @property
    def early_step(self) -> int:
        """After how many updates a copy of the network is kept, to see it early in training."""
        return min(EARLY, self.updates // 10)


def updates_per_epoch(characters: int, settings: Settings) -> int:
    """Return how many sequences of T characters, with the one after, fit into each stream.

    Raises
    ------
    InputError
        When not even one does.
    """
    B, T = settings.batch_size, settings.seq_length
    spare = T - 1 if settings.random_offset else 0  # as many fit wherever an epoch starts
    fit = (characters // B - spare - 1) // T
    if fit < 1:
        sizes = "2 seq_length" if settings.random_offset else "(seq_length + 1)"
        raise InputError(
            f"the training part of the book has {characters:,} characters, and batch_size x {sizes}"
            f" = {B * (T + 1 + spare):,} are needed: take a longer book or smaller values"
        )
    return fit


def train(
    training: NDArray[Any],
    validation: NDArray[Any],
    K: int,
    settings: Settings,
    start: Callable[[Run], None] | None = None,
) -> Generator[Run, None, None]:
    """Train a network and hand over the run, the same object each time, every 0.2 s at most.

    It is first handed over before the first update, with all code compiled. Whenever it is handed
    over it is whole, so whoever iterates may stop there; `conclude` then gives the best model.

    Parameters
    ----------
    training, validation
        The characters, as indices; `validation` may be empty.
    K
        Vocabulary size.
    settings
        The parameters of training.
    start
        Called with the run before its first update; may bring it to where another was.

    Raises
    ------
    InputError
        When the training part is too short for one sequence, the part held out is one character,
        or there are no epochs.
    DivergedError
        When the loss is no longer a finite number.
    """
    held_out = len(validation[: settings.validation_limit or None])
    if len(validation) and held_out < 2:
        raise InputError(
            f"the part held out has {held_out} character within validation_limit, and at least 2"
            " are needed: take more, or validation_fraction=0"
        )
    if settings.epochs < 1:
        raise InputError(f"epochs is {settings.epochs}, and at least 1 is needed")
    run = _begin(training, K, settings)
    if start is not None:
        start(run)
    streams = training[: len(training) // settings.batch_size * settings.batch_size]
    streams = streams.reshape(settings.batch_size, -1)
    # BLAS has one thread: it would share out the small products, and lose time by it.
    with threadpool_limits(1), ThreadPoolExecutor(len(run.learners)) as pool:
        _advance(run, streams, pool, 0)  # compiles
        yield run
        while run.step < run.updates:
            if run.step % run.updates_per_epoch == 0:
                _begin_epoch(run)
            text = _evolution_text(run, streams)
            _observe(run)
            count = min(
                HISTORY_EVERY - run.step % HISTORY_EVERY,
                settings.sample_every - run.step % settings.sample_every,
                run.updates_per_epoch - run.step % run.updates_per_epoch,
                run.updates - run.step,
                run.radius_every - run.step % run.radius_every,
                run.early_step - run.step if run.step < run.early_step else run.updates,
                max(1, int(PAUSE * run.step / run.seconds)) if run.step else 1,
            )
            row = _advance(run, streams, pool, count)
            if text is not None:
                run.samples.append(Sample(row.step, row.smooth_loss, text))
            _look(run, validation)
            yield run
        text = _evolution_text(run, streams)
        if text is not None:
            run.samples.append(Sample(run.step, run.smooth_loss, text))
        _observe(run)
        conclude(run, validation)
        yield run


def conclude(run: Run, validation: NDArray[Any]) -> Snapshot:
    """Return the best model of a run; where training stopped is looked at as well.

    The best is the one with the lowest loss on the part held out, or, if nothing is held out, the
    one with the lowest smoothed loss.
    """
    looked_at = [step for step, _ in run.validations[-1:]]
    if run.step not in looked_at:
        _consider(run, validation)
    if run.best is None:
        raise DivergedError("no model was kept: the loss was never a finite number")
    return run.best


def evaluate(
    theta: NDArray[Any], K: int, m: int, text: NDArray[Any], limit: int = 0, cell: str = "rnn"
) -> float:
    """Return the loss on a text read as one stream from a zero state, in nats per character.

    Parameters
    ----------
    theta
        The parameters, flat.
    K, m, cell
        Vocabulary size, hidden size, and a name in `rnn.cells.CELLS`.
    text
        The characters, as indices; all but the first are predicted.
    limit
        How many of them are read; 0 is all.
    """
    text = text[: limit or None]
    if len(text) < 2:
        return math.nan
    work = CELLS[cell].workspace(K, m, 1, 1, theta.dtype)
    with threadpool_limits(1):
        total = for_cell(read, cell)(views(theta, K, m, cell), work, text)
    return float(total) / (len(text) - 1)


def _begin(training: NDArray[Any], K: int, settings: Settings) -> Run:
    """Return a run before its first update."""
    m, T, cell = settings.hidden_size, settings.seq_length, settings.cell
    theta = initialise(
        K,
        m,
        seed=settings.seed,
        init_scale=settings.init_scale,
        initialisation=settings.initialisation,
        dtype=settings.dtype,
        cell=cell,
    )
    learners = begin(
        theta,
        K,
        m,
        T,
        groups(settings.batch_size, settings.threads),
        cell=cell,
        optimiser=settings.optimiser,
        dropout=settings.dropout > 0,
        seed=settings.seed,
    )
    random = {use: generator(settings.seed, use) for use in (EVOLUTION, OFFSET)}
    return Run(settings, K, updates_per_epoch(len(training), settings), learners, random)


def _begin_epoch(run: Run) -> None:
    """Go back to the start of the book, or near it, with a zero state."""
    for learner in run.learners:
        learner.work.states[:, 0] = 0
    if run.settings.random_offset:
        run.offset = int(uniform(run.random[OFFSET]) * run.settings.seq_length)


def _advance(run: Run, streams: NDArray[Any], pool: Executor, count: int) -> Row:
    """Make some updates within one epoch and one row of the history; return the first's row."""
    settings = run.settings
    record = Record(*np.zeros((4, count)))
    loop, fill, move = loops(settings.cell, settings.optimiser, settings.clip_by)
    rates = learning_rates(
        settings.rate,
        run.step,
        count,
        run.updates,
        schedule=settings.schedule,
        warmup=settings.warmup,
    )
    now = (run.position, run.step, rates, settings.clip, settings.dropout, run.smooth_loss, record)
    start = time.perf_counter()
    if len(run.learners) == 1 or count == 0:
        made = loop(run.learners[0], streams, *now)
    else:
        ends = np.cumsum(groups(settings.batch_size, settings.threads))[:-1]
        made = updates_of_groups(pool, fill, move, run.learners, np.split(streams, ends), *now)
    run.seconds += time.perf_counter() - start if count else 0
    epoch = run.step // run.updates_per_epoch + 1
    rows = [
        Row(
            run.step + k,
            epoch,
            *(float(values[k]) for values in record),
        )
        for k in range(made)
    ]
    run.history += [
        row for row in rows if row.step % HISTORY_EVERY == 0 or row.step == run.updates - 1
    ]
    run.step += made
    if made:
        run.smooth_loss = rows[-1].smooth_loss
    if made < count:
        raise DivergedError(
            f"the loss of update {run.step + 1:,} is {record.losses[made]}"
            f"{_largest_gradient(run)}: try a smaller learning_rate than {settings.rate:g},"
            " a smaller clip or another seed"
        )
    return rows[0] if rows else Row(run.step, epoch, *[math.nan] * 4)


def _largest_gradient(run: Run) -> str:
    """Say how large the gradient became, before it was clipped, as far as the history knows."""
    if not run.history:
        return ""
    row = max(run.history, key=lambda row: row.norm)
    return (
        f", and the largest gradient before it, of update {row.step + 1:,}, has norm {row.norm:.3g}"
    )


def _evolution_text(run: Run, streams: NDArray[Any]) -> NDArray[np.int64] | None:
    """Return what the network writes at this step, if that is asked for, else None."""
    settings = run.settings
    due = run.step % settings.sample_every == 0 and run.step <= settings.evolution_until
    if not due or any(sample.step == run.step for sample in run.samples[-1:]):
        return None
    return write(
        run.theta,
        run.K,
        run.states[:, 0],
        int(streams[0, run.position]),
        settings.sample_length,
        cell=settings.cell,
        random=run.random[EVOLUTION],
    )


def _observe(run: Run) -> None:
    """Note the spectral radius of W, and keep a copy of the parameters, when it is time to."""
    settings = run.settings
    followed = settings.cell == "rnn" and settings.hidden_size <= WIDEST
    due = run.step % run.radius_every == 0 and run.step not in [step for step, _ in run.radii[-1:]]
    if followed and due:
        run.radii.append((run.step, spectral_radius(run.learners[0].p.W)))
    if run.step == run.early_step:
        run.early = run.theta.copy()


def _look(run: Run, validation: NDArray[Any]) -> None:
    """See whether the model is the best so far, when it is time to."""
    if len(validation):
        due = run.step % VALIDATE_EVERY == 0 or run.step % run.updates_per_epoch == 0
    else:
        due = run.step % HISTORY_EVERY == 0
    if due:
        _consider(run, validation)


def _consider(run: Run, validation: NDArray[Any]) -> None:
    """Measure the model and keep a copy of it if it is the best so far."""
    settings, theta = run.settings, run.theta
    score, measured = run.smooth_loss, None
    if len(validation):
        score = measured = evaluate(
            theta,
            run.K,
            settings.hidden_size,
            validation,
            settings.validation_limit,
            settings.cell,
        )
        run.validations.append((run.step, measured))
    if score < run.best_score:
        states = run.states[:, 0]
        run.best = Snapshot(run.step, theta.copy(), states, run.smooth_loss, measured)
        run.best_score = score
