"""The loss by position: against sorting into bins by hand, and with known bumps."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnn.analysis.position import MOST, loss_by_position, recurrence, settled


@settings(deadline=None)
@given(st.integers(1, 5000), st.integers(1, 60), st.integers(1, 30))
def test_sorting_by_hand_gives_the_same(per_epoch: int, rows: int, apart: int) -> None:
    steps = np.arange(rows) * apart
    losses = np.sin(steps) + 3
    found = loss_by_position(steps, losses, per_epoch)
    epochs, bins = found.shape
    assert epochs == steps[-1] // per_epoch + 1
    assert 1 <= bins <= MOST
    sorted_by_hand = defaultdict(list)
    for step, loss in zip(steps.tolist(), losses, strict=True):
        sorted_by_hand[step // per_epoch, step % per_epoch * bins // per_epoch].append(loss)
    for e in range(epochs):
        for b in range(bins):
            if (e, b) in sorted_by_hand:
                assert found[e, b] == pytest.approx(np.mean(sorted_by_hand[e, b]))
            else:
                assert np.isnan(found[e, b])


def test_a_hard_passage_shows_where_it_stands() -> None:
    steps = np.arange(0, 70_000, 25)
    place = steps % 10_000 / 10_000
    losses = 50 - 0.0001 * steps + 10 * ((place > 0.6) & (place < 0.7))
    mean = settled(loss_by_position(steps, losses, 10_000)).mean(axis=0)
    assert len(mean) == 12
    assert mean.argmax() == int(0.65 * 12)


def test_settled() -> None:
    epochs = np.arange(12.0).reshape(4, 3)
    epochs[3, 2] = np.nan
    assert settled(epochs).tolist() == epochs[1:3].tolist()
    assert settled(epochs, 1).tolist() == epochs[2:3].tolist()
    assert settled(epochs[:1]).tolist() == epochs[:1].tolist()
    assert np.isnan(settled(epochs[3:])).any()


def test_no_history() -> None:
    assert loss_by_position(np.zeros(0, int), np.zeros(0), 10).shape == (0, 0)


def test_recurrence_is_the_mean_over_pairs() -> None:
    losses = np.random.default_rng(0).random((4, 9))
    pairs = [np.corrcoef(losses[i], losses[j])[0, 1] for i in range(4) for j in range(i)]
    assert recurrence(losses) == pytest.approx(np.mean(pairs))
    assert recurrence(np.array([losses[0], 2 * losses[0] + 1])) == pytest.approx(1)
    assert recurrence(np.array([losses[0], -losses[0]])) == pytest.approx(-1)


@pytest.mark.parametrize("losses", [np.zeros((0, 5)), np.ones((3, 5)), np.eye(1, 5)])
def test_what_does_not_change_recurs_in_no_way(losses: NDArray[np.float64]) -> None:
    assert np.isnan(recurrence(losses))
