"""The gradient check: it passes right gradients and catches wrong ones."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rnn import gradcheck
from rnn import vanilla as model
from rnn.cells import Parameters
from rnn.gradcheck import (
    GradientCheck,
    analytic_gradient,
    check_gradients,
    fault,
    first_sequence,
    meets_bars,
    relative_error,
    wrong,
)
from rnn.network import CELLS, Network, initialise, size, slices
from tests import reference

Array = NDArray[Any]
NAMES = ["U", "W", "V", "b", "c"]
K, M, T, B = 6, 4, 5, 2
cells = pytest.mark.parametrize("cell", CELLS)


def case(seed: int = 1, scale: float = 0.5, cell: str = "rnn") -> tuple[Network, Array, Array]:
    random = np.random.default_rng(seed)
    network = reference.drawn(random, cell, K, M, scale)
    return network, random.integers(0, K, (T, B)), random.integers(0, K, (T, B))


def slow_gradient(network: Network, x: Array, y: Array, error: str = "") -> Array:
    """Return the gradient of the slow network, flat."""
    weights = reference.weights(network)
    right = reference.mean_gradients(weights, x, y, np.zeros((1, x.shape[1], M)), error)
    return reference.flat(right, network)


def bars_hold(check: GradientCheck, name: str) -> list[bool]:
    return [check.central_difference[name] < 1e-6, check.complex_step[name] < 1e-14]


@cells
@pytest.mark.parametrize("scale", [0.01, 0.5])
def test_right_gradients_pass(cell: str, scale: float) -> None:
    network, x, y = case(scale=scale, cell=cell)
    check = check_gradients(network, x, y)
    names = list(Parameters._fields)
    assert list(check.central_difference) == list(check.complex_step) == names
    assert all(all(bars_hold(check, name)) for name in names), check
    assert meets_bars(check)
    assert check.entries == check.checked == size(cell, K, M)


@cells
@pytest.mark.parametrize(("T", "B"), [(1, 1), (7, 1), (1, 3)])
def test_any_length_and_batch(cell: str, T: int, B: int) -> None:
    random = np.random.default_rng(2)
    x, y = random.integers(0, 9, (T, B)), random.integers(0, 9, (T, B))
    check = check_gradients(reference.drawn(random, cell, 9, 5, scale=0.3), x, y)
    assert meets_bars(check), check


@cells
def test_a_fresh_network_of_some_size_passes(cell: str) -> None:
    random = np.random.default_rng(3)
    text = random.integers(0, 20, 16)
    network = initialise(cell, 20, 30, seed=400, initialisation="orthogonal")
    check = check_gradients(network, text[:-1, None], text[1:, None])
    assert meets_bars(check), check


def test_the_slow_network_passes_too() -> None:
    network, x, y = case()
    check = check_gradients(network, x, y, gradient=slow_gradient(network, x, y))
    assert all(all(bars_hold(check, name)) for name in NAMES), check


@pytest.mark.parametrize("scale", [0.01, 0.5])
@pytest.mark.parametrize("error", reference.ERRORS)
def test_a_planted_error_is_caught(
    error: str, scale: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong backward pass fails both checks, and only for the parameters it is wrong for."""

    def mistaken(p: Any, x: Array, y: Array, work: Any, d: Any) -> None:
        weights = {name: np.array(part) for name, part in p._asdict().items()}
        found = reference.mean_gradients(weights, x, y, work.states[:, 0], error)
        for name, part in found.items():
            getattr(d, name)[:] = part

    monkeypatch.setattr(model, "backward", mistaken)
    network, x, y = case(scale=scale)
    check = check_gradients(network, x, y)
    for name in NAMES:
        assert bars_hold(check, name) == [name not in reference.ERRORS[error]] * 2, (name, check)


@cells
def test_one_wrong_entry_is_caught(cell: str) -> None:
    network, x, y = case(cell=cell)
    entries = network.theta.size
    for i in (0, entries // 2, entries - 1):
        gradient = analytic_gradient(network, x, y)
        gradient[i] += 1e-4 * (1 + abs(gradient[i]))
        check = check_gradients(network, x, y, gradient=gradient)
        parts = slices(cell, K, M).items()
        (name,) = [name for name, where in parts if where.start <= i < where.stop]
        assert {n for n in NAMES if not all(bars_hold(check, n))} == {name}


def test_it_is_done_in_float64_and_changes_nothing() -> None:
    network, x, y = case()
    single = network.like(network.theta.astype(np.float32))
    before = single.theta.copy()
    check = check_gradients(single, x, y)
    assert all(all(bars_hold(check, name)) for name in NAMES), check
    assert single.theta.dtype == np.float32
    assert np.array_equal(single.theta, before)


def test_of_many_entries_a_seeded_choice_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradcheck, "CHECKED", 30)
    monkeypatch.setattr(gradcheck, "FEW", 3)
    network, x, y = case()

    def check(seed: int) -> GradientCheck:
        return check_gradients(network, x, y, seed=seed)

    assert check(1).entries == size("rnn", K, M)
    assert 30 <= check(1).checked <= 30 + 2 * 3, "of b and c, which are short, a few more"
    assert check(1) == check(1)
    assert check(1) != check(2)
    assert all(all(bars_hold(check(1), name)) for name in NAMES)


def test_of_a_large_network_fewer_are_checked_and_some_of_each_parameter() -> None:
    """Otherwise the check of an LSTM of 512 units would take half an hour."""
    K, m, T = 65, 512, 64
    for cell in CELLS:
        network = Network(cell, K, m, np.zeros(size(cell, K, m)))
        entries = gradcheck.chosen(network, T, 1)
        assert np.array_equal(entries, np.unique(entries))
        assert entries.size * network.theta.size * T < 1.3 * gradcheck.PRODUCTS
        for where in slices(cell, K, m).values():
            inside = (entries >= where.start) & (entries < where.stop)
            assert inside.sum() >= gradcheck.FEW
    assignment = initialise("rnn", 54, 100, seed=400)
    assert gradcheck.chosen(assignment, 25, 1).size == 20_954, "the assignment's: all"


def test_progress_sees_every_piece_of_work() -> None:
    seen = []

    def watch(pieces: Iterable[Any]) -> Iterable[Any]:
        for piece in pieces:
            yield piece
            seen.append(piece)

    network, x, y = case()
    assert check_gradients(network, x, y, progress=watch) == check_gradients(network, x, y)
    assert len(seen) >= 2


def test_relative_error() -> None:
    zero, one = np.zeros(3), np.array([1.0, -2.0, 2.0])
    assert relative_error(zero, zero) == 0
    assert relative_error(one, one) == 0
    assert relative_error(one, zero) == 1
    assert relative_error(one, -one) == 1
    assert relative_error(one, 3 * one) == pytest.approx(0.5)
    assert relative_error(zero[:0], zero[:0]) == 0


def test_the_first_sequence_and_what_follows() -> None:
    x, y = first_sequence(np.array([5, 4, 3, 2, 1], np.uint8), 3)
    assert x.tolist() == [[5], [4], [3]]
    assert y.tolist() == [[4], [3], [2]]
    assert x.dtype == y.dtype == np.int64


def test_every_parameter_must_meet_both_bars() -> None:
    def check(central: float, by_complex_step: float) -> bool:
        right, exact = dict.fromkeys(NAMES, 9e-7), dict.fromkeys(NAMES, 9e-15)
        return meets_bars(
            GradientCheck(right | {"b": central}, exact | {"U": by_complex_step}, 9, 9)
        )

    assert check(0, 0)
    assert check(9.9e-7, 9.9e-15)
    assert not check(1e-6, 0)
    assert not check(0, 1e-14)
    assert not check(np.nan, 0)
    assert not check(0, np.nan)


def test_which_gradients_are_wrong_is_said_in_a_line() -> None:
    right = GradientCheck({"U": 1e-5, "W": 1e-9}, {"U": 1e-13, "W": 0.0}, 2, 2)
    assert fault(right) == ""
    half = GradientCheck({"U": 1e-9, "W": 0.3}, {"U": 1e-16, "W": 0.3}, 2, 2)
    assert fault(half) == (
        "the gradient is wrong: the relative error of W (3.0e-01) against the complex step is above"
        " 1e-08"
    )
    assert set(wrong(GradientCheck({}, {"U": float("nan"), "W": 1e-16}, 2, 2))) == {"U"}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_gradient_that_is_not_finite_is_as_wrong_as_can_be(value: float) -> None:
    network, x, y = case()
    gradient = analytic_gradient(network, x, y)
    gradient[slices("rnn", K, M)["W"].start] = value
    check = check_gradients(network, x, y, gradient=gradient)
    assert set(wrong(check)) == {"W"}
    assert check.complex_step["W"] == check.central_difference["W"] == 1
