"""A run: its states over groups of streams, its position, and when it is measured."""

from typing import Any

import numpy as np
import pytest

from rnn import run as module
from rnn.network import CELLS, initialise
from rnn.run import EARLY, RADII, Run
from rnn.settings import Settings
from rnn.updates import begin, groups

K, M, T = 6, 4, 5


def made(per_epoch: int = 100, **changes: Any) -> Run:
    """Return a run before its first update."""
    settings = Settings(hidden_size=M, seq_length=T, **changes)
    network = initialise(settings.cell, K, M, seed=1)
    sizes = groups(settings.batch_size, settings.threads)
    return Run(settings, network, per_epoch, begin(network, T, sizes), random={})


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("B", "threads"), [(1, 1), (5, 1), (5, 2), (3, 8)])
def test_states_are_those_of_all_groups_in_order(cell: str, B: int, threads: int) -> None:
    run, rows = made(cell=cell, batch_size=B, threads=threads), CELLS[cell].STATES
    states = np.random.default_rng(2).normal(0, 1, (rows, B, M))
    run.states = states
    assert np.array_equal(run.states, states)
    parts = np.split(states, np.cumsum(groups(B, threads))[:-1], axis=1)
    for learner, part in zip(run.learners, parts, strict=True):
        assert np.array_equal(learner.work.states[:, 0], part)
        assert not learner.work.states[:, 1:].any()
    run.states[:] = 7
    assert np.array_equal(run.states, states), "what is handed out is a copy"


def test_where_the_next_sequence_begins() -> None:
    run = made(per_epoch=3)
    found = []
    for run.step in range(8):
        found.append(run.position)
    assert found == [0, 5, 10, 0, 5, 10, 0, 5]
    run.offset = 2
    assert run.position == 7


def test_how_many_updates_there_are() -> None:
    assert made(epochs=3).updates == 300
    assert made(epochs=3, max_updates=50).updates == 50
    assert made(epochs=3, max_updates=10**6).updates == 300


@pytest.mark.parametrize("updates", [1, 7, RADII, RADII + 1, 1000, 10**7])
def test_looks_at_the_radius_are_few_and_evenly_spread(updates: int) -> None:
    every = made(per_epoch=updates, epochs=1).radius_every
    assert every >= 1
    looks = len(range(0, updates + 1, every))
    assert min(updates, RADII // 2) <= looks <= RADII + 1


def test_a_copy_is_kept_after_a_tenth_or_so_many_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    assert made(per_epoch=9, epochs=1).early_step == 0
    assert made(per_epoch=240, epochs=1).early_step == 24
    assert made(per_epoch=10**6, epochs=1).early_step == EARLY
    monkeypatch.setattr(module, "EARLY", 11)
    assert made(per_epoch=240, epochs=1).early_step == 11
