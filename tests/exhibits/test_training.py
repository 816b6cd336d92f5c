"""Exhibits of training: drawn for every kind of run, with the right captions."""

import math
from array import array
from itertools import pairwise, product

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray

from rnn.exhibits.training import (
    course,
    evolution,
    loss_curve,
    losses_by_position,
    outcome,
    running,
)
from rnn.run import Row, Run, Sample
from tests.exhibited import a_run, a_snapshot, drawn, numbers, picture, sentence


@pytest.mark.parametrize(
    ("updates", "per_epoch"), [(250, 100), (101, 100), (100, 100), (90, 100), (700, 10)]
)
def test_epochs_are_spoken_of_where_they_are_marked(updates: int, per_epoch: int) -> None:
    run = a_run(updates, per_epoch, a_snapshot())
    for shown in (loss_curve(run), course(run)):
        marks = [line for line in shown.figure.axes[0].lines if line.get_linestyle() == ":"]
        assert ("dotted" in shown.caption) == bool(marks)


@pytest.mark.parametrize(("dropout", "validation"), list(product([0.0, 0.4], [None, 1.9876])))
def test_loss_curve(dropout: float, validation: float | None) -> None:
    best = a_snapshot(validation)
    run = a_run(best=best, dropout=dropout, seq_length=30, validation_fraction=0.2)
    said = loss_curve(run)
    assert ("dropped before the output layer" in said.caption) == bool(dropout)
    assert ("Without a validation part" in said.caption) == (validation is None)
    expected = [250, 30, 41.23, *([0.4] if dropout else [])]
    expected += [1234] if validation is None else [1234, 1.988]
    assert numbers(said.caption) == expected
    assert numbers(said.alt) == [81.5, 41.2]
    assert "nats per sequence of 30" in drawn(said)


@pytest.mark.parametrize("validations", [[], [(10, 2.0)]])
def test_the_loss_on_the_validation_part_is_drawn_in_the_same_unit(
    validations: list[tuple[int, float]],
) -> None:
    run = a_run(best=a_snapshot(), seq_length=30)
    run.validations = validations
    shown = loss_curve(run)
    assert ("loss on the validation part" in drawn(shown)) == bool(validations)
    if validations:
        assert shown.figure.axes[0].lines[-1].get_ydata() == [60.0]


def test_evolution() -> None:
    run = a_run(sample_length=200, sample_every=10_000)
    run.samples = [Sample(0, 99.5, np.array([0, 1])), Sample(10_000, 40.0, np.array([1, 1]))]
    shown = evolution(run, "ab")
    assert numbers(shown.caption) == [200, 10_000, 10_000]
    run.samples = run.samples[:1]
    assert numbers(evolution(run, "ab").caption) == [200]
    assert shown.samples == [
        {"step": 0, "smooth_loss": 99.5, "text": "ab"},
        {"step": 10_000, "smooth_loss": 40.0, "text": "bb"},
    ]


def seldom(steps: list[int], norm: float = 40.0) -> Run:
    run = a_run(per_epoch=80)
    run.history = [Row(step, 1, 50.0, 60.0, 0.01, norm) for step in steps]
    return run


@pytest.mark.parametrize("radii", [[], [(0, 0.1), (50, 1.2)]])
@pytest.mark.parametrize("validations", [[], [(10, 2.0)], [(10, 2.0), (20, 1.9)]])
def test_course(validations: list[tuple[int, float]], radii: list[tuple[int, float]]) -> None:
    for steps in ([0, 100, 200], [0]):
        run = seldom(steps)
        run.validations, run.radii = validations, radii
        svg = drawn(course(run))
        assert ("validation loss" in svg) == (len(validations) > 1)  # one point is no curve
        assert ("spectral radius" in svg) == bool(radii)
        assert "norm of the gradient" in svg


@pytest.mark.parametrize(
    ("low", "high"),
    [(52, 58), (30, 70), (20, 60), (9, 11), (8, 200), (1e-3, 1e3), (1e-12, 1e9), (3e-5, 4e-5)],
)
def test_no_label_of_an_axis_lies_on_another(low: float, high: float) -> None:
    run = a_run(per_epoch=80)
    norms = np.geomspace(low, high, 200)
    run.history = [Row(i, 1, 50.0, 60.0, norm / high, norm) for i, norm in enumerate(norms)]
    run.validations = [(10, high), (20, low)]
    run.radii = [(0, low), (50, high)]
    figure = course(run).figure
    FigureCanvasAgg(figure).draw()  # type: ignore[no-untyped-call]
    for axes in figure.axes:
        inside = axes.get_ylim()
        ticks = [*axes.yaxis.get_major_ticks(), *axes.yaxis.get_minor_ticks()]
        boxes = sorted(
            (tick.label1.get_window_extent().y0, tick.label1.get_window_extent().y1)
            for tick in ticks
            if tick.label1.get_text() and inside[0] <= tick.get_loc() <= inside[1]
        )
        assert len(boxes) >= 2, axes.get_title(loc="left")
        for (_, top), (bottom, _) in pairwise(boxes):
            assert top <= bottom, axes.get_title(loc="left")


def test_a_gradient_that_is_always_zero_has_no_panel() -> None:
    assert "norm of the gradient" not in drawn(course(seldom([0, 100, 200], norm=0.0)))


@pytest.mark.parametrize("clip_by", ["value", "norm"])
def test_course_says_how_often_something_was_clipped(clip_by: str) -> None:
    said = course(a_run(240, clip_by=clip_by))
    assert ("scaled down" in said.caption) == (clip_by == "norm")
    assert ("% of the entries" in said.caption) == (clip_by == "value")
    # A quarter of the updates, a fiftieth of the entries in each.
    assert numbers(said.caption) == [0.25, *([0.005] if clip_by == "value" else [])]


def test_course_says_that_nothing_was_clipped() -> None:
    run = a_run()
    run.history = [row._replace(clipped=0.0) for row in run.history]
    assert ". Nothing was clipped." in course(run).caption


def test_course_speaks_of_what_was_followed() -> None:
    run = a_run()
    without = course(run)
    assert "not followed" in without.caption
    assert without.alt == "The norm of the gradient goes from 7 to 256."
    run.validations, run.radii = [(10, 2 * math.log(2)), (20, math.log(2))], [(0, 0.25), (9, 1.5)]
    followed = course(run)
    assert "not followed" not in followed.caption
    assert numbers(followed.alt) == [7, 256, 2, 1, 0.25, 1.5]


def test_running() -> None:
    values = np.random.default_rng(0).random(300)
    middle = running(np.nanmedian, values.tolist(), 11)
    assert len(middle) == 300
    assert middle[150] == np.median(values[145:156])
    assert middle[0] == np.median(values[:6])
    assert running(np.nanmean, [3.0]).tolist() == [3]


def by_position(known: NDArray[np.float64], streams: int = 1) -> Run:
    """Return a run whose losses are these, of shape (epochs, bins), 32 updates in each bin."""
    run = a_run(known.size * 32, known.shape[1] * 32, batch_size=streams)
    losses = np.repeat(known.ravel(), 32)
    run.history = [
        row._replace(loss=float(loss)) for row, loss in zip(run.history, losses, strict=True)
    ]
    return run


@pytest.mark.parametrize("streams", [1, 4])
def test_losses_by_position(streams: int) -> None:
    known = np.array([[9.0] * 5, [5, 4, 3, 1, 6], [5, 4, 3, 3, 8]])
    later = picture(losses_by_position(by_position(known, streams)))
    assert "is left out" in later.caption
    assert ("streams" in later.caption) == (streams > 1)
    # Of the means of two epochs in five parts, the fourth and the fifth.
    ends = [2, 0.7, 7, 0.9]
    alike = round(np.corrcoef(known[1], known[2])[0, 1], 2)
    assert numbers(later.alt) == ends
    assert numbers(later.caption) == [5, *([4] if streams > 1 else []), *ends, alike]
    only = picture(losses_by_position(by_position(known[:1], streams)))
    assert "Only one epoch" in only.caption
    assert "left out" not in only.caption


def test_epochs_and_their_mean_are_drawn() -> None:
    losses = np.random.default_rng(0).random((4, 20))
    svg = drawn(losses_by_position(by_position(losses)))
    assert svg.count(">one epoch<") == svg.count(">their mean<") == 1
    assert "their mean" not in drawn(losses_by_position(by_position(np.ones((1, 5)))))


@pytest.mark.parametrize(
    ("noise", "said"),
    [(0.1, "belong to the book"), (1.4, "some of the bumps come back"), (30.0, "no bumps")],
)
def test_bumps_come_back_where_they_do(noise: float, said: str) -> None:
    """The same bumps in each epoch, with noise of its own in each part of it."""
    random = np.random.default_rng(1)
    bumps = np.sin(np.arange(40)) * np.sqrt(2) + random.normal(0, noise, (6, 40))
    assert said in picture(losses_by_position(by_position(60 + bumps))).caption


@pytest.mark.parametrize("epochs", [1, 3])
def test_nothing_is_said_of_bumps_that_cannot_be_compared(epochs: int) -> None:
    said = picture(losses_by_position(by_position(np.full((epochs, 6), 50.0))))
    assert "bumps" not in said.caption


def test_the_loss_of_every_update_is_used_where_it_is_kept() -> None:
    run = by_position(np.array([[9.0] * 5, [5, 4, 3, 1, 6], [5, 4, 3, 3, 8]]))
    whole = picture(losses_by_position(run)).caption
    run.losses = array("f", [row.loss for row in run.history])
    run.history = run.history[::10]
    assert picture(losses_by_position(run)).caption == whole


def test_a_short_run_has_no_picture_of_that() -> None:
    assert "too short" in sentence(losses_by_position(by_position(np.ones((2, 4)))))
    run = by_position(np.ones((1, 20)))
    run.history = run.history[:100]  # the end of the book was never read
    assert "too short" in sentence(losses_by_position(run))


def test_outcome() -> None:
    run = a_run()
    expected = "The smoothed loss began at 60.00 nats per sequence and ended at 41.23."
    assert outcome(run).markdown == expected
    run.smooth_loss = 60.0
    assert "ended at 60.00: the network learned nothing." in outcome(run).markdown
