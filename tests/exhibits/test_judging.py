"""Exhibits that judge what was learned."""

import math
import re

import numpy as np
import pytest

from rnn.analysis.counting.ladder import Ladder
from rnn.exhibits import judging
from rnn.exhibits.judging import calibration, moments, reaches, rungs
from rnn.run import Run, Snapshot
from rnn.settings import Settings
from tests.exhibited import a_network, drawn, numbers, picture, sentence

ZERO = np.zeros((1, 3))


@pytest.mark.parametrize(("updates", "early"), [(50_000, 1000), (500, 50), (9, 0)])
def test_moments(updates: int, early: int) -> None:
    start, soon, last = (a_network() for _ in range(3))
    run = Run(Settings(epochs=1), a_network(), updates, [], {}, step=updates, early=soon)
    run.best = Snapshot(1234, last, np.zeros((1, 3)), 40.0, None)
    found = moments(start, run)
    expected = [start, soon, last] if early else [start, last]
    assert all(value is wanted for value, wanted in zip(found.values(), expected, strict=True))
    assert [re.sub(r"\D", "", name) for name in found] == [
        "",
        *([str(early)] if early else []),
        "1234",
    ]
    run.early = None
    assert list(moments(start, run).values()) == [start, last]


@pytest.mark.parametrize("T", [4, 5, 6])
def test_reaches(T: int) -> None:
    norms = {"before": 0.04 ** np.arange(6.0), "after 9 updates": np.ones(6)}
    said = picture(reaches(norms, T))
    # Up to five characters back are drawn.
    assert ("dotted line" in said.caption) == (f"T = {T}" in drawn(said)) == (T <= 5)
    assert "after 2 characters (before), more than 5 characters (after 9 up" in said.caption
    assert numbers(said.alt) == [1, 1.02e-7, 9, 1, 1]


def test_reaches_are_drawn() -> None:
    norms = {"before": 0.1 ** np.arange(30.0), "after": 0.9 ** np.arange(30.0)}
    svg = drawn(reaches(norms, 25))
    assert all(text in svg for text in ("before", "after", "T = 25"))
    drawn(reaches({"one": np.ones(1)}, 25))


@pytest.mark.parametrize("nothing", [np.zeros(2), np.zeros(0)])
def test_without_a_gradient_there_is_none_to_follow(nothing: np.ndarray) -> None:
    assert "no gradient" in sentence(reaches({"before": np.ones(2), "after": nothing}, 25))


@pytest.mark.parametrize("shortened", [False, True])
@pytest.mark.parametrize(
    ("network", "verdict"),
    [(1.0, "the network wins, by 0.72"), (2.0, "counting wins, by 0.72"), (1.501, "neither wins")],
)
def test_rungs(network: float, verdict: str, shortened: bool) -> None:
    witten_bell, kneser_ney = {1: 3.0, 2: 1.8, 3: 1.75}, {1: 3.0, 2: 1.5, 3: 1.6}
    entropies = {1: 2.9, 2: 1.4, 3: 0.7}
    said = picture(rungs(Ladder(witten_bell, kneser_ney, entropies, 98765, shortened), network))
    assert verdict in said.caption
    assert said.caption.count("win") == 1
    assert ("the last " in said.caption) == shortened
    found = numbers(said.caption)
    assert found[:6] == [98765, 3, 1.75, 2, 1.5, network]
    bits = [round(nats / math.log(2), 2) for nats in (3, 1.8, 1.75, 3, 1.5, 1.6, network)]
    assert numbers(said.alt)[::2][:3] == bits[:3]
    assert numbers(said.alt)[-1] == bits[-1]
    assert f"entropy, {2.9 / math.log(2):.2f} for n = 1" in said.alt


def test_rungs_are_drawn() -> None:
    nats = {n: 2 / n for n in range(1, 9)}
    svg = drawn(rungs(Ladder(nats, nats, nats, 1, False), 1.0))
    for text in ("n = 8", "the network: 1.44", "Kneser-Ney", "entropy of what was counted"):
        assert text in svg
    certain = dict.fromkeys(range(1, 9), 0.0)
    drawn(rungs(Ladder(certain, certain, certain, 1, False), 0.0))


def test_without_a_part_held_out_there_is_nothing_to_compare_on() -> None:
    none = dict.fromkeys(range(1, 9), math.nan)
    nothing = Ladder(none, none, none, 1, False)
    assert "no test part" in sentence(rungs(nothing, None))
    assert "test part" in sentence(calibration(a_network(), np.zeros(0, int), ZERO))


def test_calibration(monkeypatch: pytest.MonkeyPatch) -> None:
    given, came = np.array([0.2] * 500 + [0.6] * 1000), np.arange(1500) % 2 == 0
    monkeypatch.setattr(judging, "guesses", lambda *_, **__: (given, came))
    said = picture(calibration(a_network(), np.zeros(1501, int), ZERO))
    error = (500 * 0.3 + 1000 * 0.1) / 1500
    assert numbers(said.caption) == [1500, 0.467, 0.5, pytest.approx(error, abs=5e-4)]
    assert numbers(said.alt) == [0.2, 0.6, 0.5, 0.5]


def test_calibration_is_that_of_the_network_on_what_was_held_out() -> None:
    # A network of zeros gives each of two characters a half, and names the first.
    said = picture(calibration(a_network(), np.array([0, 1, 1, 1, 0]), ZERO))
    assert numbers(said.caption)[:3] == [4, 0.5, 0.25]
    assert "share right" in drawn(said)
