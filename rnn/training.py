"""Training: the loop over updates, what it records, and the best model."""

import math
import time
from collections.abc import Callable, Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from rnn.errors import DivergedError, InputError
from rnn.network import Network, spectral_radius
from rnn.numerics.generator import EVOLUTION, OFFSET, generator, uniform
from rnn.optimisers import learning_rates
from rnn.run import COMPILED, Functions, Row, Run, Sample, Snapshot
from rnn.settings import Settings, first_network, updates_per_epoch
from rnn.updates import Plan, Record, begin, groups, loops, updates_of_groups

HISTORY_EVERY = 100  # updates between two rows of the history
VALIDATE_EVERY = 10_000  # updates between evaluations on the validation part
WIDEST = 1024  # hidden units; the eigenvalues of a larger W would take too long
MARGIN = 1.01  # of the loss of guessing; a short run that has learned nothing stays within it
PAUSE = 0.2  # seconds, at most, before compiled code returns control


def train(
    training: NDArray[Any],
    validation: NDArray[Any],
    K: int,
    settings: Settings,
    start: Callable[[Run], None] | None = None,
    functions: Functions = COMPILED,
) -> Generator[Run, None, None]:
    """Train a network, and yield the run, always the same object, at least every 0.2 s.

    The run is first yielded before the first update, with all code compiled. It is consistent
    whenever it is yielded, so the caller may stop there; `conclude` then gives the best model.

    A run whose loss is no longer a finite number ends before that update, and one that ends with a
    smoothed loss above that of guessing is no better: `run.diverged` says so, and what to try.

    Parameters
    ----------
    training, validation
        The characters, as indices; `validation` may be empty.
    K
        Vocabulary size.
    settings
        The parameters of training.
    start
        Called with the run before its first update; may restore another run's state.
    functions
        What training calls, if not the compiled functions; with `updates`, for one stream alone.

    Raises
    ------
    InputError
        When the training part is too short for one sequence, the validation part is one character,
        or there are no epochs.
    DivergedError
        When even the first loss is not a finite number.
    """
    judged = len(validation[: settings.validation_limit or None])
    if len(validation) and judged < 2:
        raise InputError(
            f"the validation part has {judged} character within validation_limit, and at least 2"
            " are needed: take more, or validation_fraction=0"
        )
    if settings.epochs < 1:
        raise InputError(f"epochs is {settings.epochs}, but at least 1 is needed")
    run = _begin(training, K, settings, functions)
    if start is not None:
        start(run)
    streams = training[: len(training) // settings.batch_size * settings.batch_size]
    streams = streams.reshape(settings.batch_size, -1)
    # BLAS gets one thread: sharing out small products would cost more time than it saves.
    with threadpool_limits(1), ThreadPoolExecutor(len(run.learners)) as pool:
        _compile(run, streams, pool, validation)
        yield run
        while run.step < run.updates:
            if run.step % run.updates_per_epoch == 0:
                _begin_epoch(run)
            text = _evolution_text(run, streams)
            _note_if_due(run)
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
            if run.diverged:
                break
            if text is not None:
                run.samples.append(Sample(row.step, row.smooth_loss, text))
            _validate_if_due(run, validation)
            yield run
        if not run.diverged:
            text = _evolution_text(run, streams)
            if text is not None:
                run.samples.append(Sample(run.step, run.smooth_loss, text))
            _note_if_due(run)
        conclude(run, validation)
        yield run


def conclude(run: Run, validation: NDArray[Any]) -> Snapshot:
    """Return the best model of a run, after evaluating the last one, too.

    The best model is the one with the lowest loss on the validation part or, if there is none, the
    one with the lowest smoothed loss. If training diverged before any was evaluated, it is the
    untrained one.

    Raises
    ------
    DivergedError
        When no update was made.
    """
    if not run.diverged:
        looked_at = [step for step, _ in run.validations[-1:]]
        if run.step not in looked_at:
            _validate(run, validation)
        guessing = run.settings.seq_length * math.log(run.network.K)
        if run.step >= HISTORY_EVERY and run.smooth_loss > MARGIN * guessing:
            run.diverged = (
                f"the smoothed loss is {run.smooth_loss:.2f} after {run.step:,} updates, which is"
                f" worse than guessing ({guessing:.2f}){_what_to_try(run)}"
            )
    if run.best is None and not run.history:
        raise DivergedError("no model was kept: no update was made")
    if run.best is None:
        untrained = first_network(run.settings, run.network.K)
        states, first = np.zeros_like(run.states[:, 0]), run.history[0].loss
        limit = run.settings.validation_limit
        score = run.functions.evaluate(untrained, validation, states, limit)
        run.best = Snapshot(0, untrained, states, first, score if len(validation) else None)
    return run.best


def _begin(
    training: NDArray[Any], K: int, settings: Settings, functions: Functions = COMPILED
) -> Run:
    """Return a run before its first update."""
    network = first_network(settings, K)
    learners = begin(
        network,
        settings.seq_length,
        groups(settings.batch_size, settings.threads),
        optimiser=settings.optimiser,
        dropout=settings.dropout > 0,
        seed=settings.seed,
    )
    random = {use: generator(settings.seed, use) for use in (EVOLUTION, OFFSET)}
    per_epoch = updates_per_epoch(len(training), settings)
    return Run(settings, network, per_epoch, learners, random, functions=functions)


def _compile(run: Run, streams: NDArray[Any], pool: Executor, validation: NDArray[Any]) -> None:
    """Compile all that training calls, by making no update, writing nothing and reading a little.

    The first updates then take as long as the others, and what is left can be estimated from them.
    """
    _advance(run, streams, pool, 0)
    random = run.random[EVOLUTION].copy()
    run.functions.write(run.network, run.states[:, 0], int(streams[0, 0]), 0, random=random)
    run.functions.evaluate(run.network, validation[:2], run.states[:, 0])


def _begin_epoch(run: Run) -> None:
    """Go back to the start of the book, or near it, with a zero state."""
    for learner in run.learners:
        learner.work.states[:, 0] = 0
    if run.settings.random_offset:
        run.offset = int(uniform(run.random[OFFSET]) * run.settings.seq_length)


def _advance(run: Run, streams: NDArray[Any], pool: Executor, count: int) -> Row:
    """Make some updates within one epoch; return the row of the first."""
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
    plan = Plan(rates, settings.clip, settings.dropout)
    now = (plan, run.position, run.step, run.smooth_loss, record)
    start = time.perf_counter()
    if len(run.learners) == 1 or count == 0:
        made = (run.functions.updates or loop)(run.learners[0], streams, *now)
    else:
        ends = np.cumsum(groups(settings.batch_size, settings.threads))[:-1]
        made = updates_of_groups(pool, fill, move, run.learners, np.split(streams, ends), *now)
    run.seconds += time.perf_counter() - start if count else 0
    epoch = run.step // run.updates_per_epoch + 1
    rows = [Row(run.step + k, epoch, *(float(values[k]) for values in record)) for k in range(made)]
    run.history += [
        row
        for row in rows
        if row.step % HISTORY_EVERY == 0 or row.step == run.updates - 1 or made < count
    ]
    run.losses.frombytes(record.losses[:made].astype(np.float32).tobytes())
    run.step += made
    if made:
        run.smooth_loss = rows[-1].smooth_loss
    if made < count:
        run.diverged = (
            f"the loss of update {run.step + 1:,} is {record.losses[made]}"
            f"{_largest_gradient(run)}{_what_to_try(run)}"
        )
        if not run.step:
            raise DivergedError(run.diverged)
    return rows[0] if rows else Row(run.step, epoch, *[math.nan] * 4)


def _what_to_try(run: Run) -> str:
    rate = run.settings.rate
    return f": try a smaller learning_rate than {rate:g}, a smaller clip or another seed"


def _largest_gradient(run: Run) -> str:
    """Say how large the gradient became before clipping, as far as the history knows."""
    if not run.history:
        return ""
    row = max(run.history, key=lambda row: row.norm)
    return (
        f", and the largest gradient before it, of update {row.step + 1:,}, has norm {row.norm:.3g}"
    )


def _evolution_text(run: Run, streams: NDArray[Any]) -> NDArray[np.int64] | None:
    """Return what the network writes at this step if a sample is due, else None."""
    settings = run.settings
    due = run.step % settings.sample_every == 0 and run.step <= settings.evolution_until
    if not due or any(sample.step == run.step for sample in run.samples[-1:]):
        return None
    return run.functions.write(
        run.network,
        run.states[:, 0],
        int(streams[0, run.position]),
        settings.sample_length,
        random=run.random[EVOLUTION],
    )


def _note_if_due(run: Run) -> None:
    """Record the spectral radius of W, and keep an early copy of the network, when due."""
    settings = run.settings
    followed = settings.cell == "rnn" and settings.hidden_size <= WIDEST
    due = run.step % run.radius_every == 0 and run.step not in [step for step, _ in run.radii[-1:]]
    if followed and due:
        run.radii.append((run.step, spectral_radius(run.network.p.W)))
    if run.step == run.early_step:
        run.early = _copy(run)


def _validate_if_due(run: Run, validation: NDArray[Any]) -> None:
    """Evaluate the model when that is due."""
    if len(validation):
        due = run.step % VALIDATE_EVERY == 0 or run.step % run.updates_per_epoch == 0
    else:
        due = run.step % HISTORY_EVERY == 0
    if due:
        _validate(run, validation)


def _validate(run: Run, validation: NDArray[Any]) -> None:
    """Evaluate the model, and keep a copy of it if it is the best so far."""
    score, measured = run.smooth_loss, None
    if len(validation):
        limit, states = run.settings.validation_limit, run.states[:, 0]
        score = measured = run.functions.evaluate(run.network, validation, states, limit)
        run.validations.append((run.step, measured))
    if score < run.best_score:
        run.best = Snapshot(run.step, _copy(run), run.states[:, 0], run.smooth_loss, measured)
        run.best_score = score


def _copy(run: Run) -> Network:
    return run.network.like(run.network.theta.copy())
