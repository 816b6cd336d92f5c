"""Exhibits of the gradient: they say what was checked, found and caught."""

import html
import math
import re
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from rnn.analysis.plain import Slip
from rnn.cells import Parameters
from rnn.exhibits.gradient import (
    gradients,
    other_cell,
    parameters,
    planted,
    step_sweep,
    verdict,
)
from rnn.exhibits.kinds import Table
from rnn.exhibits.prose import to_html
from rnn.exhibits.words import number
from rnn.exhibits.wrong_gradient import alarm
from rnn.gradcheck import GradientCheck
from rnn.network import CELLS, size
from rnn.settings import Settings
from tests.exhibited import a_network, drawn, numbers, picture, sentence

CHECK = GradientCheck({"U": 2e-9, "W": 0.5}, {"U": 3e-16, "W": 0.25}, 2, 2)


def test_other_cell() -> None:
    words = other_cell("gru").markdown
    assert "those of the vanilla network" in words
    assert "<code>gru</code>" in to_html(words)


@pytest.mark.parametrize("cell", CELLS)
def test_parameters_add_up(cell: str) -> None:
    table = parameters(a_network(cell, 55, 100), Settings())
    rows = [[str(one) for one in row] for row in table.rows]
    assert [row[0] for row in rows] == list(Parameters._fields)
    entries = [int(row[2].replace(",", "")) for row in rows]
    assert sum(entries) == size(cell, 55, 100) == numbers(table.caption)[0]
    shapes = [[int(n) for n in row[1].split(" × ")] for row in rows]
    assert [int(np.prod(shape)) for shape in shapes] == entries
    assert table.columns[1:] == ["shape", "entries"]


@pytest.mark.parametrize(("cell", "ini"), list(product(CELLS, ["normal", "orthogonal"])))
def test_how_the_parameters_start(cell: str, ini: str) -> None:
    settings = Settings(initialisation=ini, init_scale=0.05)
    caption = parameters(a_network(cell, 55, 100), settings).caption
    assert numbers(caption) == [size(cell, 55, 100), 0.05]
    assert ("orthogonal" in caption) == (ini == "orthogonal")
    assert ("each square block of $W$" in caption) == (ini == "orthogonal" and cell != "rnn")
    assert re.search(r"\w\.$", caption)


def test_gradients() -> None:
    table = gradients(CHECK)
    assert table.columns[1:] == ["central difference", "complex step"]
    assert table.rows == [
        ["U", "2.0 × 10⁻⁹", "3.0 × 10⁻¹⁶"],
        ["W", "5.0 × 10⁻¹", "2.5 × 10⁻¹"],
    ]


def test_how_much_was_checked() -> None:
    check = GradientCheck({"W": 1e-9}, {"W": 1e-16}, entries=54321, checked=2000)
    assert numbers(gradients(check).caption) == [2000, 54321]


STEPS = np.array([1e-14, 1e-4, 1])


def exact(error: float) -> GradientCheck:
    return GradientCheck({}, {"U": error, "W": error / 2}, 2, 2)


def test_step_sweep() -> None:
    errors = {"U": np.array([1, 1e-9, 1e-3]), "W": np.zeros(3)}
    svg = drawn(step_sweep(errors, exact(3e-16), STEPS))
    assert all(text in svg for text in ("complex step: 3 × 10⁻¹⁶", "h = 10⁻⁴", ">U<", ">W<"))
    assert "complex step: 0" in drawn(step_sweep(errors, exact(0.0), np.ones(3)))


def test_step_sweep_says_where_each_curve_is_lowest() -> None:
    errors = {"U": np.array([1, 2e-9, 1e-3]), "W": np.array([1, 0.1, 5e-4])}
    said = picture(step_sweep(errors, exact(3e-16), STEPS))
    assert numbers(said.alt) == [1e-4, 2e-9, 1, 5e-4, 3e-16]
    assert not numbers(said.caption)


@pytest.mark.parametrize("error", [1e-7, 0.66, math.nan])
def test_a_wrong_gradient_makes_no_v(error: float) -> None:
    errors = {"U": np.array([1, 2e-9, 1e-3]), "W": np.full(3, 0.66)}
    wrong = GradientCheck({"U": 1e-9, "W": error}, {"U": 1e-16, "W": error}, 2, 2)
    said = picture(step_sweep(errors, wrong, STEPS))
    assert "arm" not in said.caption
    assert "That of $W$ does not fall" in said.caption
    assert "arm of the V" in picture(step_sweep(errors, exact(3e-16), STEPS)).caption


def test_without_a_gradient_there_is_no_v() -> None:
    errors = {"U": np.zeros(3), "W": np.zeros(3)}
    assert "all gradients are zero" in sentence(step_sweep(errors, exact(0.0), STEPS))


def test_planted_names_the_gradients_that_are_wrong() -> None:
    all_wrong = GradientCheck({}, {"U": 0.1, "W": 1.0}, 2, 2)
    table = planted([(Slip("what", "a", "b"), CHECK), (Slip("", "", ""), all_wrong)])
    assert isinstance(table, Table)
    assert table.rows[0] == ["what", "a", "b", "W", "0.25"]
    assert table.rows[1][3:] == ["U W", "1.00"]
    assert len(table.columns) == 5


def test_how_many_errors_were_caught() -> None:
    slip = Slip("", "", "")
    bad, fine = (GradientCheck({"W": e}, {"W": e}, 1, 1) for e in (0.5, 0.0))
    for checks, caught in (([bad, fine], 1), ([bad] * 3, 3)):
        table = planted([(slip, check) for check in checks])
        assert isinstance(table, Table)
        assert numbers(table.caption)[1:] == [caught, len(checks)]


def test_a_cell_without_slips_says_so() -> None:
    assert "No planted errors" in sentence(planted([]))


def checked(**errors: float) -> GradientCheck:
    return GradientCheck(dict(errors), dict(errors), 2, 2)


@pytest.mark.parametrize(("error", "words"), [(1e-16, "to the last digits"), (1e-12, "rounding")])
def test_a_right_gradient_is_said_to_be(error: float, words: str) -> None:
    assert words in sentence(verdict(checked(U=error, W=error)))


@pytest.mark.parametrize("error", [1e-7, 0.66, 1.0, float("nan"), float("inf")])
def test_a_wrong_gradient_is_named_with_its_error_and_where_to_look(error: float) -> None:
    slips = [Slip("W is not transposed", "", "")]
    said = html.unescape(sentence(verdict(checked(U=1e-16, W=error, b=error), slips)))
    assert said.startswith("**The gradient of $W$ and $b$ is wrong:**")
    assert f"$W$ ({number(error, '.2g')})" in said
    assert "$U$" not in said
    assert "`d.W` and `d.b`" in said
    assert "“$W$ is not transposed”" in said
    assert "10⁻⁸" in said


def test_that_a_small_error_is_not_small_is_said_by_one_on_larger_weights() -> None:
    check = replace(checked(U=8.6e-5, W=2e-16), larger={"U": 0.37, "W": 0.9})
    for said in (alarm(check), sentence(verdict(check))):
        assert said.startswith("**The gradient of $U$ is wrong:**")
        assert "larger weights the same backward pass has an error of 3.7 × 10⁻¹ in $U$." in said
    assert not alarm(replace(checked(U=1e-16), larger={"U": 1e-16}))
    assert "larger weights" not in alarm(replace(checked(U=0.5), larger={"U": 0.1}))


def test_a_forward_pass_that_is_not_analytic_is_suspected() -> None:
    check = GradientCheck({"U": 1e-9}, {"U": 0.5}, 2, 2)
    assert "abs, max or a comparison" in sentence(verdict(check))
