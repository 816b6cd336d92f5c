"""Updates: forward, backward, clip and step, in a loop; groups of streams in a thread each.

The compiled loop keeps one core busy. With several streams, each thread can take a group of them.
The groups share the parameters, and each fills its own gradient; the gradient of an update is their
mean, weighted by their numbers of streams. So the sums, and the last bits, depend on the number of
groups and on nothing else.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.cells import Parameters
from rnn.network import Network, for_cell
from rnn.numerics.arrays import zeros
from rnn.numerics.compiled import compiled, specialise
from rnn.numerics.generator import DROPOUT, generator
from rnn.optimisers import CLIPS, OPTIMISERS, clip
from rnn.optimisers import adagrad as update
from rnn.output import draw_mask, loss
from rnn.vanilla import backward, forward

SMOOTHING = 0.001


class Learner(NamedTuple):
    """The arrays that an update changes for a group of streams.

    All groups share `theta`, `memory` and `p`. `p` and `d` are views into `theta` and `gradient`;
    `random` is the state of the random number generator for dropout.
    """

    theta: NDArray[Any]
    gradient: NDArray[Any]
    memory: NDArray[Any]
    p: Parameters
    d: Parameters
    work: Any
    random: NDArray[np.int64]


def groups(B: int, threads: int) -> list[int]:
    """Return how many of B streams each group has: as equal as possible, and none empty.

    >>> groups(5, threads=2)
    [3, 2]
    """
    return [len(group) for group in np.array_split(np.arange(B), min(threads, B))]


def begin(
    network: Network,
    T: int,
    sizes: list[int],
    *,
    optimiser: str = "adagrad",
    dropout: bool = False,
    seed: int = 0,
) -> list[Learner]:
    """Return a learner for each group of streams, before the first update.

    Parameters
    ----------
    network
        The network that learns; its parameters are changed in place.
    T
        The sequence length.
    sizes
        The number of streams of each group.
    optimiser
        A name in `rnn.optimisers.OPTIMISERS`.
    dropout
        Whether there is dropout.
    seed
        The seed of dropout; each group has its own generator.
    """
    theta, p = network.theta, network.p
    memory = zeros((OPTIMISERS[optimiser].rows, theta.size), theta.dtype)
    learners = []
    for group, B in enumerate(sizes):
        gradient = zeros(theta.size, theta.dtype)
        d, work = network.like(gradient).p, network.workspace(T, B, dropout)
        random = generator(seed, DROPOUT, group)
        learners.append(Learner(theta, gradient, memory, p, d, work, random))
    return learners


class Plan(NamedTuple):
    """What a series of updates needs besides the learner.

    Attributes
    ----------
    rates
        The learning rate of each update.
    clip
        The limit for clipping the gradient.
    dropout
        The probability that a hidden unit is dropped before the output layer.
    """

    rates: NDArray[np.float64]
    clip: float
    dropout: float


class Record(NamedTuple):
    """What is recorded of some updates, an entry for each.

    The loss of the forward pass and the smoothed loss after it, in nats per sequence; the share of
    the gradient's entries that were clipped; and, of the first and the last update only, the norm
    of the gradient before clipping.
    """

    losses: NDArray[np.float64]
    smoothed: NDArray[np.float64]
    clipped: NDArray[np.float64]
    norms: NDArray[np.float64]


@compiled
def gradients(learner: Learner, plan: Plan, streams: NDArray[Any], start: int) -> float:
    """Fill the gradient for the sequences that begin at `start`, and return their loss.

    If the loss is not a finite number, the gradient is left unchanged.

    Parameters
    ----------
    learner
        `work.states[:, 0]` is the state before the sequences.
    plan
        Gives the dropout.
    streams
        The streams of the group, of shape (B, n).
    start
        The position in the streams where the sequences begin.
    """
    work = learner.work
    T, B = work.states.shape[1] - 1, streams.shape[0]
    x, y = np.empty((T, B), np.int64), np.empty((T, B), np.int64)
    for t in range(T):
        for i in range(B):
            x[t, i] = streams[i, start + t]
            y[t, i] = streams[i, start + t + 1]
    if work.output.mask.size:
        draw_mask(work.output.mask, plan.dropout, learner.random)
    forward(learner.p, x, work)
    value: float = loss(work.output.log_P, y)
    if np.isfinite(value):
        backward(learner.p, x, y, work, learner.d)
    return value


@compiled
def follow(
    learner: Learner, plan: Plan, record: Record, k: int, step: int, smooth_loss: float
) -> float:
    """Make the k-th update along the gradient, record it, and return the new smoothed loss."""
    theta, gradient, memory = learner.theta, learner.gradient, learner.memory
    if step + k == 0:
        record.smoothed[k] = record.losses[k]
    else:
        record.smoothed[k] = (1 - SMOOTHING) * smooth_loss + SMOOTHING * record.losses[k]
    if k == 0 or k == plan.rates.size - 1:
        record.norms[k] = np.sqrt(np.dot(gradient, gradient))
    record.clipped[k] = clip(gradient, plan.clip)
    update(theta, gradient, memory, plan.rates[k], step + k)
    after: float = record.smoothed[k]
    return after


@compiled
def carry(learner: Learner) -> None:
    """Carry the state after the sequences over to the next ones."""
    states = learner.work.states
    for one in states:  # h, and the memory of an LSTM
        for i in range(one.shape[1]):
            for j in range(one.shape[2]):
                one[0, i, j] = one[-1, i, j]


@compiled
def updates(
    learner: Learner,
    streams: NDArray[Any],
    plan: Plan,
    position: int,
    step: int,
    smooth_loss: float,
    record: Record,
) -> int:
    """Make as many updates as the plan has rates, and return how many were made.

    The loop stops early, before the update, at a loss that is not a finite number.

    Parameters
    ----------
    learner
        Changed in place.
    streams
        The training part, cut into B streams, of shape (B, n).
    plan
        The learning rates, the limit for clipping and the dropout.
    position
        The position in the streams where the first sequence begins.
    step
        The number of updates made before.
    smooth_loss
        The smoothed loss so far; at step 0 it becomes the first loss.
    record
        Filled with the results.
    """
    T = learner.work.states.shape[1] - 1
    for k in range(plan.rates.size):
        record.losses[k] = gradients(learner, plan, streams, position + k * T)
        if not np.isfinite(record.losses[k]):
            return k
        smooth_loss = follow(learner, plan, record, k, step, smooth_loss)
        carry(learner)
    return plan.rates.size


def gradients_of_groups(
    pool: Executor,
    fill: Callable[..., float],
    learners: list[Learner],
    plan: Plan,
    streams: list[NDArray[Any]],
    start: int,
) -> float:
    """Fill the first learner's gradient with that of all groups, and return their loss.

    Parameters
    ----------
    pool
        Threads, one for each group but the first.
    fill
        `gradients`, compiled for a cell.
    learners, streams
        One for each group.
    plan, start
        As for `gradients`.
    """
    others = [
        pool.submit(fill, learner, plan, part, start)
        for learner, part in zip(learners[1:], streams[1:], strict=True)
    ]
    losses = [fill(learners[0], plan, streams[0], start), *(one.result() for one in others)]
    sizes = np.array([len(part) for part in streams])
    weights = sizes / sizes.sum()
    total = learners[0].gradient
    total *= total.dtype.type(weights[0])
    for learner, weight in zip(learners[1:], weights[1:], strict=True):
        total += np.multiply(learner.gradient, total.dtype.type(weight), out=learner.gradient)
    return float(weights @ losses)


def updates_of_groups(
    pool: Executor,
    fill: Callable[..., float],
    move: Callable[..., float],
    learners: list[Learner],
    streams: list[NDArray[Any]],
    plan: Plan,
    position: int,
    step: int,
    smooth_loss: float,
    record: Record,
) -> int:
    """Make updates as `updates` does, with several groups of streams at once.

    Parameters
    ----------
    pool, fill, learners, streams
        As for `gradients_of_groups`.
    move
        `follow`, for an update rule and a way of clipping.
    plan, position, step, smooth_loss, record
        As for `updates`.
    """
    T = learners[0].work.states.shape[1] - 1
    for k in range(plan.rates.size):
        start = position + k * T
        record.losses[k] = gradients_of_groups(pool, fill, learners, plan, streams, start)
        if not np.isfinite(record.losses[k]):
            return k
        smooth_loss = move(learners[0], plan, record, k, step, smooth_loss)
        for learner in learners:
            carry(learner)
    return plan.rates.size


def loops(cell: str, optimiser: str, clip_by: str) -> tuple[Callable[..., Any], ...]:
    """Return `updates`, `gradients` and `follow` for a cell, an update rule and a clipping."""
    fill = for_cell(gradients, cell)
    move = specialise(follow, update=OPTIMISERS[optimiser].update, clip=CLIPS[clip_by])
    return specialise(updates, gradients=fill, follow=move), fill, move
