"""Groups of streams against a single group, and the loops made for each cell and rule."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from rnn.network import CELLS, initialise
from rnn.numerics.generator import DROPOUT
from rnn.optimisers import CLIPS, OPTIMISERS
from rnn.updates import (
    Plan,
    Record,
    begin,
    gradients_of_groups,
    groups,
    loops,
    updates,
    updates_of_groups,
)
from tests import reference

K, M, T = 6, 4, 5
STREAMS = np.random.default_rng(3).integers(0, K, (7, 60)).astype(np.uint8)


def test_groups_are_as_equal_as_can_be_and_none_is_empty() -> None:
    assert groups(32, 2) == [16, 16]
    assert groups(7, 3) == [3, 2, 2]
    assert groups(2, 5) == [1, 1]
    assert groups(1, 256) == [1]
    for B in range(1, 20):
        for threads in range(1, 20):
            sizes = groups(B, threads)
            assert sum(sizes) == B
            assert len(sizes) == min(B, threads)
            assert max(sizes) - min(sizes) <= 1


def trained(threads: int, cell: str = "rnn", **options: Any) -> tuple[Any, list[Any], Record]:
    """Make eight updates of seven streams and return the parameters, the learners, the record."""
    optimiser = options.get("optimiser", "adagrad")
    network = initialise(cell, K, M, seed=1, init_scale=0.3)
    sizes = groups(len(STREAMS), threads)
    learners = begin(network, T, sizes, **options)
    streams = np.split(STREAMS, np.cumsum(sizes)[:-1])
    loop, fill, move = loops(cell, optimiser, "value")
    record = Record(*np.zeros((4, 8)))
    now = (Plan(np.full(8, 0.1), 0.05, 0.5), 10, 0, 0.0, record)
    with ThreadPoolExecutor(threads) as pool:
        if threads == 1:
            assert loop(learners[0], streams[0], *now) == 8
        else:
            assert updates_of_groups(pool, fill, move, learners, streams, *now) == 8
    return network.theta, learners, record


@pytest.mark.parametrize("threads", [2, 3, 7, 9])
@pytest.mark.parametrize("cell", CELLS)
def test_groups_learn_what_one_group_learns(cell: str, threads: int) -> None:
    theta, (one,), record = trained(1, cell=cell, optimiser="adam")
    other, learners, noted = trained(threads, cell=cell, optimiser="adam")
    assert len(learners) == min(threads, 7)
    assert np.allclose(other, theta, rtol=0, atol=1e-10)
    for mine, theirs in zip(noted, record, strict=True):
        assert np.allclose(mine, theirs, rtol=0, atol=1e-10)
    states = np.concatenate([learner.work.states[:, 0] for learner in learners], axis=1)
    assert np.allclose(states, one.work.states[:, 0], rtol=0, atol=1e-10)


def test_groups_give_the_same_bits_each_time() -> None:
    one, other = trained(3)[0], trained(3)[0]
    assert np.array_equal(one, other)


def test_each_group_draws_masks_of_its_own() -> None:
    _, learners, _ = trained(2, dropout=True, seed=9)
    masks = [learner.work.output.mask for learner in learners]
    assert [mask.shape for mask in masks] == [(T * 4, M), (T * 3, M)]
    assert not np.array_equal(masks[0][: T * 3], masks[1])
    for group, mask in enumerate(masks):
        random = reference.Sfc32(9, DROPOUT | group << 8)
        drawn = [2.0 * (random.uniform() >= 0.5) for _ in range(8 * mask.size)]
        assert np.array_equal(mask.ravel(), drawn[-mask.size :])


def test_a_loss_that_is_no_number_stops_all_groups_before_the_update() -> None:
    network = initialise("rnn", K, M, seed=1)
    learners = begin(network, T, [4, 3])
    learners[1].work.states[:, 0] = np.nan
    _, fill, move = loops("rnn", "adagrad", "value")
    streams, record = [STREAMS[:4], STREAMS[4:]], Record(*np.zeros((4, 2)))
    before, state = network.theta.copy(), learners[0].work.states[:, 0].copy()
    with ThreadPoolExecutor(1) as pool:
        rest = (Plan(np.full(2, 0.1), 5.0, 0.0), 0, 0, 0.0, record)
        assert updates_of_groups(pool, fill, move, learners, streams, *rest) == 0
    assert np.isnan(record.losses[0])
    assert np.array_equal(network.theta, before)
    assert np.array_equal(learners[0].work.states[:, 0], state)


def test_the_gradient_of_groups_is_that_of_the_mean_of_the_losses() -> None:
    """With groups of unequal size, against differences of the slow network's loss."""
    network = initialise("rnn", K, M, seed=1, init_scale=0.3)
    theta, learners = network.theta, begin(network, T, [4, 2, 1])
    _, fill, _ = loops("rnn", "adagrad", "value")
    streams = np.split(STREAMS, [4, 6])
    with ThreadPoolExecutor(2) as pool:
        loss = gradients_of_groups(pool, fill, learners, Plan(np.zeros(1), 5.0, 0.0), streams, 10)

    def slow(flat: Any) -> float:
        p, zero = reference.weights(network.like(flat)), np.zeros((1, M))
        texts = STREAMS[:, 10 : 10 + T + 1]
        return float(np.mean([reference.loss(p, t[:-1], t[1:], zero, "rnn") for t in texts]))

    assert loss == pytest.approx(slow(theta), abs=1e-12)
    for i in range(0, theta.size, 7):
        step = np.zeros_like(theta)
        step[i] = 1e-5
        difference = (slow(theta + step) - slow(theta - step)) / 2e-5
        assert learners[0].gradient[i] == pytest.approx(difference, abs=1e-8)


def test_each_cell_and_rule_has_a_loop_of_its_own() -> None:
    assert loops("rnn", "adagrad", "value")[0] is updates
    made = {
        loops(cell, optimiser, clip)[0].__qualname__
        for cell in CELLS
        for optimiser in OPTIMISERS
        for clip in CLIPS
    }
    assert len(made) == len(CELLS) * len(OPTIMISERS) * len(CLIPS)
    assert loops("gru", "adam", "norm") == loops("gru", "adam", "norm"), "compiled once"
