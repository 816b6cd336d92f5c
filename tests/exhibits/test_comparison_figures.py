"""The figures of a study: what is in them, what has a name, and what is left out."""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

from rnn.exhibits import comparison_figures
from rnn.exhibits.comparison_data import losses, means
from rnn.exhibits.kinds import Picture, Sentence
from rnn.files.results import Study
from tests.exhibited import drawn, numbers, picture, sentence
from tests.studies import a_study

SETTINGS = {count: a_study({"hidden_size": tuple(range(1, count + 1))}, 3) for count in (5, 20, 50)}
GRID = {"cell": ("rnn", "gru"), "learning_rate": (0.1, 0.2, 0.3)}
FIGURES = (
    comparison_figures.learning_curves,
    comparison_figures.losses_by_setting,
    comparison_figures.loss_against_seconds,
)


@cache
def made(figure: Callable[[Study], Picture | Sentence], count: int) -> Picture:
    """Return a figure of so many settings, which takes long to draw."""
    return picture(figure(SETTINGS[count]))


@cache
def svg_of(figure: Callable[[Study], Picture | Sentence], count: int) -> str:
    return drawn(made(figure, count))


def marks(svg: str) -> Counter[str]:
    return Counter(re.findall(r'id="((?:run|mean|band)-[\d-]+)"', svg))


@pytest.mark.parametrize("figure", FIGURES, ids=lambda one: one.__name__)
@pytest.mark.parametrize("count", SETTINGS)
def test_every_run_and_every_mean_is_there_once(count: int, figure) -> None:  # type: ignore[no-untyped-def]
    study = SETTINGS[count]
    found = marks(svg_of(figure, count))
    assert set(found.values()) == {1}
    runs = {f"run-{row.combination}-{row.seed}" for row in study.rows}
    assert {name for name in found if name.startswith("run-")} == runs
    assert {name for name in found if name.startswith("mean-")} == {
        f"mean-{i}" for i in range(count)
    }


@pytest.mark.parametrize("count", SETTINGS)
def test_the_means_and_the_bands_are_those_of_the_runs(count: int) -> None:
    study = SETTINGS[count]
    axes = made(comparison_figures.learning_curves, count).figure.axes
    lines = {line.get_gid(): line for one in axes for line in one.lines}
    bands = {band.get_gid(): band for one in axes for band in one.collections}
    curves = np.array([row.curve[:, 1] for row in study.rows if row.combination == 3]) / 25
    assert lines["mean-3"].get_ydata() == pytest.approx(curves.mean(axis=0))
    (path,) = bands["band-3"].get_paths()
    heights = np.asarray(path.vertices)[:, 1]
    low, high = heights.min(), heights.max()
    expected = curves.mean(axis=0), curves.std(axis=0, ddof=1)
    assert (low, high) == pytest.approx(
        ((expected[0] - expected[1]).min(), (expected[0] + expected[1]).max())
    )


def test_settings_are_named_in_the_figure() -> None:
    for count in SETTINGS:
        for figure in (comparison_figures.learning_curves, comparison_figures.losses_by_setting):
            assert f"hidden_size={count}" in svg_of(figure, count), count


@pytest.mark.parametrize("count", SETTINGS)
def test_no_figure_is_taller_than_a_page_of_the_pdf(count: int) -> None:
    for figure in FIGURES:
        width, height = made(figure, count).figure.get_size_inches()
        assert height * 16.6 / width < 24.5, "centimetres at the width of the text"


@pytest.mark.parametrize("count", SETTINGS)
def test_titles_and_labels_do_not_overlap(count: int) -> None:
    for figure in FIGURES[:2]:
        drawing = made(figure, count).figure
        drawing.draw_without_rendering()
        for axes in drawing.axes:
            ticks = [t.get_window_extent() for t in axes.get_yticklabels() if t.get_text()]
            ticks.sort(key=lambda box: box.y0)
            assert all(a.y1 <= b.y0 + 1 for a, b in pairwise(ticks))
        boxes = [axes.title.get_window_extent() for axes in drawing.axes if axes.get_title("left")]
        assert all(not a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_of_too_many_settings_and_seeds_the_first_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(comparison_figures, "SETTINGS", 6)
    monkeypatch.setattr(comparison_figures, "LINES", 100)
    monkeypatch.setattr(comparison_figures, "POINTS", 3000)
    study = a_study({"hidden_size": tuple(range(1, 9))}, 20, points=200)
    for figure in FIGURES:
        shown = figure(study)
        found = marks(drawn(shown))
        assert len([name for name in found if name.startswith("run-")]) == 6 * 16 <= 100
        assert "The first 6 settings are shown; the other 2 are in" in picture(shown).caption
        assert "drawn of the first 16 seeds; means are of all seeds" in picture(shown).caption
    points = sum(
        np.size(line.get_xdata())
        for axes in picture(comparison_figures.learning_curves(study)).figure.axes
        for line in axes.lines
        if str(line.get_gid()).startswith("run-")
    )
    assert 2000 < points <= 3000


def test_runs_that_diverged_are_drawn_but_in_no_mean() -> None:
    study = a_study(lost={1: "diverged"})
    shown = comparison_figures.learning_curves(study)
    found = marks(drawn(shown))
    assert {"run-1-400", "mean-0"} < found.keys()
    assert "mean-1" not in found
    assert "Dotted lines are runs that diverged" in picture(shown).caption
    strip = drawn(comparison_figures.losses_by_setting(study))
    assert "5 diverged" in strip
    assert "run-1-400" not in strip


def test_one_seed_has_neither_mean_nor_band() -> None:
    study = a_study(seeds=1)
    shown = comparison_figures.learning_curves(study)
    assert not [name for name in marks(drawn(shown)) if not name.startswith("run-")]
    assert "with one seed there is no mean" in picture(shown).caption


def test_the_map_has_the_means_as_numbers_in_their_places() -> None:
    study = a_study(GRID, lost={4: "diverged"})
    shown = picture(comparison_figures.parameter_map(study))
    texts = {text.get_position(): text.get_text() for text in shown.figure.axes[0].texts}
    for i, mean in enumerate(means(losses(study))):
        place = (i % 3 + 0.5, i // 3 + 0.5)
        assert texts.get(place) == (None if i == 4 else f"{mean:.3f}")
    assert "Empty cells have no run that is done." in shown.caption


def test_the_numbers_of_a_map_stand_out_from_their_ground() -> None:
    study = a_study({"cell": ("rnn", "gru"), "hidden_size": tuple(range(1, 13))})
    figure = picture(comparison_figures.parameter_map(study)).figure
    figure.draw_without_rendering()
    axes = figure.axes[0]
    grounds = axes.collections[0].get_facecolor()
    assert len(axes.texts) == len(grounds) == 24

    def luminance(colour: Any) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    for text, ground in zip(axes.texts, grounds, strict=True):
        one, other = sorted((luminance(to_rgb(text.get_color())), luminance(ground)))
        assert (other + 0.05) / (one + 0.05) >= 4.5, text.get_text()


def test_joined_grids_leave_cells_empty_and_huge_ones_have_no_numbers() -> None:
    study = a_study(GRID)
    joined = study._replace(
        combinations=study.combinations[:4],
        rows=tuple(row for row in study.rows if row.combination < 4),
    )
    shown = picture(comparison_figures.parameter_map(joined))
    assert len(shown.figure.axes[0].texts) == 4
    assert "Empty cells are no settings of this study." in shown.caption
    huge = a_study({"hidden_size": tuple(range(1, 121)), "cell": ("rnn", "gru")}, 3)
    shown = picture(comparison_figures.parameter_map(huge))
    assert not shown.figure.axes[0].texts
    assert "too small for numbers" in shown.caption


def test_without_two_parameters_there_is_no_map() -> None:
    for values, count in (
        ({"learning_rate": (0.1, 0.2)}, "here there is one."),
        ({"learning_rate": (0.1,), "cell": ("rnn",)}, "here there is none."),
        ({**GRID, "hidden_size": (8, 16)}, "here there are 3."),
    ):
        study = a_study(values)
        assert sentence(comparison_figures.parameter_map(study)).endswith(count)


def test_a_rate_that_follows_from_the_optimiser_needs_no_axis_of_its_own() -> None:
    study = a_study({"cell": ("rnn", "gru"), "optimiser": ("adagrad", "adam")})
    usual = {"adagrad": 0.1, "adam": 0.002}
    settings = [{**c, "learning_rate": usual[c["optimiser"]]} for c in study.combinations]
    rated = study._replace(names=(*study.names, "learning_rate"), combinations=tuple(settings))
    shown = picture(comparison_figures.parameter_map(rated))
    axes = shown.figure.axes[0]
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("cell", "optimiser")
    assert len(axes.texts) == 4
    assert "What differs besides is `learning_rate` with `optimiser`." in shown.caption
    alone = rated._replace(names=("optimiser", "learning_rate"), combinations=tuple(settings[:2]))
    assert "here there is one" in sentence(comparison_figures.parameter_map(alone))


def test_settings_that_read_different_amounts_compare_by_characters() -> None:
    study = a_study({"seq_length": (25, 50)})
    axes = picture(comparison_figures.learning_curves(study)).figure.axes[0]
    lines = {str(line.get_gid()): line for line in axes.lines}
    assert axes.get_xlabel() == "characters read"
    assert lines["run-0-400"].get_xdata()[-1] == 25_000  # type: ignore[index]
    assert lines["run-1-400"].get_xdata()[-1] == 50_000  # type: ignore[index]
    one = a_study(seeds=1)
    assert picture(comparison_figures.learning_curves(one)).figure.axes[0].get_xlabel() == "updates"


def test_the_alternative_text_says_where_the_means_are() -> None:
    study = a_study()
    middle = means(losses(study))
    found = numbers(picture(comparison_figures.losses_by_setting(study)).alt)
    for mean in (min(middle), max(middle)):
        assert any(value == pytest.approx(mean, abs=0.005) for value in found)


def test_seconds_of_different_machines_are_said_not_to_compare() -> None:
    study = a_study(machines=("one", "another"))
    caption = picture(comparison_figures.loss_against_seconds(study)).caption
    assert "2 different machines, so they do not compare well" in caption


def test_the_same_study_is_the_same_drawing() -> None:
    for figure in FIGURES:
        with plt.rc_context({"svg.hashsalt": "x"}):
            one, other = (re.sub("<dc:date>.*", "", drawn(figure(a_study()))) for _ in range(2))
        assert one == other
