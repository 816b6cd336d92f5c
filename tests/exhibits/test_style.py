"""What pictures share."""

from itertools import pairwise
from pathlib import Path

import pytest
import seaborn as sns
from matplotlib import pyplot as plt

from rnn.exhibits.look import STYLE, rc_file
from rnn.exhibits.style import (
    POINTS,
    canvas,
    epoch_marks,
    legend_above,
    mark_epochs,
    name_lines,
    plot,
    thin,
)


def test_epochs_are_marked_unless_there_are_too_many() -> None:
    assert list(epoch_marks(250, 100)) == [100, 200]
    assert not epoch_marks(100, 100)
    assert not epoch_marks(10_000, 100)


@pytest.mark.parametrize("count", [0, 1, POINTS, POINTS + 1, 10 * POINTS])
def test_thin_keeps_the_first_and_the_last(count: int) -> None:
    kept = thin(range(count))
    assert len(kept) == min(count, POINTS)
    assert kept == sorted(set(kept))
    assert kept[:1] + kept[-1:] == [0, count - 1][: 2 * bool(count)]


def test_the_style_is_seaborns_with_ours() -> None:
    """Whatever the notebook has set; seaborn itself is slow to import."""
    with plt.rc_context({"axes.grid": True, "xtick.direction": "in", "font.family": "serif"}):
        with canvas():
            found = {name: plt.rcParams[name] for name in plt.rcParams}
        with sns.axes_style("ticks", STYLE), plt.rc_context(STYLE):
            theirs = {name: plt.rcParams[name] for name in plt.rcParams}
    del found["image.cmap"], theirs["image.cmap"]
    assert found == theirs


def test_no_figure_stays_open() -> None:
    plt.get_backend()  # chooses one, if none was needed yet
    before = plt.rcParams.copy()
    with canvas(), plot():
        assert not plt.get_fignums()  # or the notebook would show it once more
    assert plt.rcParams == before


def test_a_plain_figure_has_letters_as_large_as_ours(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text(rc_file(), encoding="utf-8")
    with plt.rc_context(fname=tmp_path / "matplotlibrc"):
        _, axes = plt.subplots()
        axes.plot([0, 1], label="one")
        texts = [axes.set_title("title"), axes.set_xlabel("x"), *axes.legend().get_texts()]
        theirs = {text.get_fontsize() for text in [*texts, *axes.get_xticklabels()]}
        plt.close()
    with plot() as (_, axes):
        assert theirs == {axes.set_xlabel("x").get_fontsize()}


def test_a_legend_has_each_name_once() -> None:
    with plot() as (figure, axes):
        for name in ("one", "one", "two"):
            axes.plot([1, 2], label=name)
        legend_above(axes)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["one", "two"]


def test_names_of_lines_that_end_together_stand_apart() -> None:
    with plot() as (figure, axes):
        for _ in range(3):
            axes.plot([0, 1], [5, 5])
        name_lines(axes, ["a", "b", "c"])
        figure.draw_without_rendering()
        boxes = [text.get_window_extent() for text in axes.texts]
    assert [text.get_text() for text in axes.texts] == ["a", "b", "c"]
    assert all(low.y1 < high.y0 for low, high in pairwise(boxes))
    for line, leader, box in zip(axes.lines[:3], axes.lines[3:], boxes, strict=True):
        assert leader.get_color() == line.get_color()
        (start, end) = axes.transAxes.transform(leader.get_xydata())
        assert start[1] == pytest.approx(axes.transData.transform((1, 5))[1])
        assert box.y0 < end[1] < box.y1
        assert end[0] < box.x0


@pytest.mark.parametrize("level", [0, 5, 10])
def test_names_of_lines_stay_beside_the_axes(level: float) -> None:
    with plot() as (figure, axes):
        for place in range(5):
            axes.plot([0, 1], [5, level + place / 1000])
        axes.set(ylim=(0, 10))
        name_lines(axes, list("abcde"))
        figure.draw_without_rendering()
        boxes = sorted((text.get_window_extent() for text in axes.texts), key=lambda box: box.y0)
        low, high = axes.bbox.intervaly
    assert all(below.y1 < above.y0 for below, above in pairwise(boxes))
    assert low < boxes[0].y1
    assert boxes[-1].y0 < high


def test_names_of_lines_that_end_apart_need_no_other_line() -> None:
    with plot() as (_, axes):
        for level in (1, 5, 9):
            axes.plot([0, 1], [5, level])
        name_lines(axes, list("abc"))
        assert len(axes.lines) == 3


@pytest.mark.parametrize(
    ("last", "per_epoch", "expected"),
    [
        (250, 100, ["epoch 1", "2", "3"]),
        (100, 100, []),
        (202, 100, ["epoch 1", "2"]),  # the third has only just begun
        (700, 100, ["epoch 1", *"234567"]),
        (4000, 100, [str(n) for n in range(1, 41, 3)]),
    ],
)
def test_epochs_have_numbers_in_their_middle(
    last: int, per_epoch: int, expected: list[str]
) -> None:
    with plot() as (figure, axes):
        axes.set_xlim(0, last)
        mark_epochs(axes, last, per_epoch)
        figure.draw_without_rendering()
    labels = [label for above in axes.child_axes for label in above.get_xticklabels()]
    assert [label.get_text() for label in labels] == expected
    for label in labels:
        number = int(label.get_text().removeprefix("epoch "))
        middle = ((number - 1) * per_epoch + min(number * per_epoch, last)) / 2
        assert label.get_position()[0] == middle
    boxes = [label.get_window_extent() for label in labels]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_a_panel_below_has_lines_without_numbers() -> None:
    with plot() as (_, axes):
        mark_epochs(axes, 250, 100, numbered=False)
    assert len(axes.lines) == 2
    assert not axes.child_axes
