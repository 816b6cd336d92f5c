"""The figures: drawn for all that may come, and with what they say."""

import io

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from rnn.analysis.calibration import reliability
from rnn.exhibits import figures
from rnn.training import Row


def drawn(figure: Figure) -> str:
    """Return a figure as SVG with its texts as text."""
    with plt.rc_context({"svg.fonttype": "none"}):
        file = io.StringIO()
        figure.savefig(file, format="svg")
    return file.getvalue()


def test_entropies() -> None:
    svg = drawn(figures.entropies([4.3, 3.4, 2.7], [55, 1186, 9011], 55))
    assert all(text in svg for text in ("guessing", "5.78", "4.30", "n = 3", "9,011 different"))


@pytest.mark.parametrize("bits", [[np.nan] * 5, [0.0, np.nan, np.nan], []])
def test_entropies_of_next_to_nothing(bits: list[float]) -> None:
    assert "guessing" in drawn(figures.entropies(bits, [1] * len(bits), 1))


def test_step_sweep() -> None:
    errors = {"U": np.array([1, 1e-9, 1e-3]), "W": np.zeros(3)}
    svg = drawn(figures.step_sweep(np.array([1e-14, 1e-4, 1]), errors, 3e-16, 1e-4))
    assert all(text in svg for text in ("complex step: 3e-16", "h = 1e-04", ">U<", ">W<"))
    assert "complex step: 0" in drawn(figures.step_sweep(np.ones(3), errors, 0.0, 1e-4))


def rows(steps: list[int]) -> list[Row]:
    return [Row(step, 1, 50.0, 60.0, 0.01, 40.0) for step in steps]


@pytest.mark.parametrize("radii", [[], [(0, 0.1), (50, 1.2)]])
@pytest.mark.parametrize("validations", [[], [(10, 2.0)], [(10, 2.0), (20, 1.9)]])
def test_course(validations: list[tuple[int, float]], radii: list[tuple[int, float]]) -> None:
    svg = drawn(figures.course(rows([0, 100, 200]), 80, validations, radii))
    assert ("held-out loss" in svg) == (len(validations) > 1)  # one point is no curve
    assert ("spectral radius" in svg) == bool(radii)
    assert "norm of the gradient" in svg
    drawn(figures.course(rows([0]), 1, validations, radii))


def test_a_gradient_that_is_always_zero_has_no_panel() -> None:
    still = [row._replace(norm=0.0) for row in rows([0, 100, 200])]
    assert "norm of the gradient" not in drawn(figures.course(still, 80, [], []))


def test_epochs_are_marked_unless_there_are_too_many() -> None:
    assert list(figures.epoch_marks(250, 100)) == [100, 200]
    assert not figures.epoch_marks(100, 100)
    assert not figures.epoch_marks(10_000, 100)


def test_running() -> None:
    values = np.random.default_rng(0).random(300)
    middle = figures.running(np.nanmedian, values.tolist(), 11)
    assert len(middle) == 300
    assert middle[150] == np.median(values[145:156])
    assert middle[0] == np.median(values[:6])
    assert figures.running(np.nanmean, [3.0]).tolist() == [3]


def test_losses_by_position() -> None:
    svg = drawn(figures.losses_by_position(np.random.default_rng(0).random((3, 20)), 25))
    assert svg.count(">one epoch<") == svg.count(">their mean<") == 1
    assert "their mean" not in drawn(figures.losses_by_position(np.ones((1, 5)), 25))


def test_reaches() -> None:
    norms = {"before": 0.1 ** np.arange(30.0), "after": 0.9 ** np.arange(30.0)}
    svg = drawn(figures.reaches(norms, 25))
    assert all(text in svg for text in ("before", "after", "T = 25"))
    drawn(figures.reaches({"zero": np.zeros(2)}, 25))


def test_rungs() -> None:
    svg = drawn(figures.rungs({n: 2 / n for n in range(1, 9)}, 1.0))
    assert "n = 8" in svg
    assert "the network: 1.44" in svg
    drawn(figures.rungs(dict.fromkeys(range(1, 9), 0.0), 0.0))


def test_calibration() -> None:
    found = reliability(np.array([0.2, 0.7]), np.array([False, True]))
    assert "share that came" in drawn(figures.calibration(found))


@pytest.mark.filterwarnings("error")
def test_neurons() -> None:
    rows = ["Who is\tthere? $x^2$\n", "漢\u0301 \x01\U0001f600"]
    values = [[np.linspace(-1, 1, len(row)) for row in rows]] * 2
    svg = drawn(figures.neurons(rows, values, ["unit 1", "unit 2"]))
    assert all(text in svg for text in ("unit 1", "unit 2", "↵", "→", "□", ">W<", ">$<"))
    drawn(figures.neurons(["a"], [[np.zeros(1)]], ["unit 0"]))
    drawn(figures.neurons(["a"], [[np.full(1, 1.0000001)]], ["unit 0"]))
