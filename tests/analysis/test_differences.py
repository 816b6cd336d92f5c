"""Paired differences against SciPy's, and against slow computations from the definitions."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rnn.analysis.differences import FEWEST, holm, paired

GENERATOR = np.random.default_rng(3)
VALUES = GENERATOR.normal(2, 0.1, (6, 8)) + np.arange(6)[:, None] / 30
VALUES[2, 3] = VALUES[3, :5] = VALUES[4, 2:] = np.nan


def test_it_is_scipy_s_paired_t_test() -> None:
    found = paired(VALUES)
    for setting in (1, 2, 3):
        known = np.isfinite(VALUES[setting])
        expected = stats.ttest_rel(VALUES[setting, known], VALUES[0, known])
        interval = expected.confidence_interval(0.95)
        assert found.pairs[setting] == known.sum() >= FEWEST
        assert found.p[setting] == pytest.approx(expected.pvalue, rel=1e-9)
        assert (found.low[setting], found.high[setting]) == pytest.approx(
            (interval.low, interval.high), rel=1e-9
        )


def density(t: float, freedom: int) -> float:
    gammas = math.gamma((freedom + 1) / 2) / math.gamma(freedom / 2)
    power: float = (1 + t * t / freedom) ** (-(freedom + 1) / 2)
    return gammas / math.sqrt(freedom * math.pi) * power


def test_it_is_the_area_under_the_density_of_t() -> None:
    """Written out in plain Python: sums, a density, and the area under it by Simpson's rule."""
    base, other = [1.92, 1.95, 1.90, 1.97], [1.90, 1.94, 1.87, 1.96]
    differences = [b - a for a, b in zip(base, other, strict=True)]
    mean = sum(differences) / 4
    spread = math.sqrt(sum((d - mean) ** 2 for d in differences) / 3)
    found = paired([base, other])
    assert found.mean[1] == pytest.approx(mean)

    def within(t: float, steps: int = 20_000) -> float:
        width = t / steps
        ends = density(0, 3) + density(t, 3)
        odd = sum(density(i * width, 3) for i in range(1, steps, 2))
        even = sum(density(i * width, 3) for i in range(2, steps, 2))
        return 2 * width / 3 * (ends + 4 * odd + 2 * even)

    assert found.p[1] == pytest.approx(1 - within(abs(mean) / (spread / 2)), rel=1e-6)
    reach = (found.high[1] - found.low[1]) / 2
    assert within(reach / (spread / 2)) == pytest.approx(0.95, rel=1e-6)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=7))
def test_holm_is_the_closed_test_with_bonferroni_s(p: list[float]) -> None:
    """A hypothesis falls when each set that it belongs to falls: the largest of all their p."""
    sets = [s for size in range(1, len(p) + 1) for s in combinations(range(len(p)), size)]
    expected = [
        max(min(1, len(s) * min(p[i] for i in s)) for s in sets if one in s)
        for one in range(len(p))
    ]
    assert holm(p).tolist() == pytest.approx(expected)


def test_below_three_pairs_nothing_is_said_and_nothing_is_corrected_for() -> None:
    found = paired(VALUES)
    assert found.pairs.tolist() == [0, 8, 7, 3, 2, 8]
    for numbers in found[1:]:
        assert np.isnan(numbers).tolist() == [True, False, False, False, True, False]
    assert found.holm[1:4].tolist() == holm(found.p[[1, 2, 3, 5]])[:3].tolist()


def test_one_seed_no_baseline_and_equal_settings() -> None:
    assert np.isnan(paired([[1.0], [2.0]])[1:]).all()
    assert np.isnan(paired([[np.nan] * 4, [1.0, 2, 3, 4]])[1:]).all()
    same = paired([[1.0, 2, 3]] * 2)
    assert (same.mean[1], same.low[1], same.high[1], same.p[1]) == (0, 0, 0, 1)
    apart = paired([[1.0, 2, 3], [2.0, 3, 4]])
    assert (apart.mean[1], apart.p[1]) == (1, 0)
    assert paired([[1.0, 2, 3], [2.0, 3, 5]], baseline=1).mean[0] == pytest.approx(-4 / 3)
