"""The gradient check: it passes what is right, and catches what is wrong."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rnn import gradcheck
from rnn import vanilla as model
from rnn.cells import CELLS
from rnn.gradcheck import (
    GradientCheck,
    analytic_gradient,
    check_gradients,
    first_sequence,
    meets_bars,
    relative_error,
)
from rnn.network import initialise, size, slices
from tests import reference

Array = NDArray[Any]
NAMES = ["U", "W", "V", "b", "c"]
K, M, T, B = 6, 4, 5, 2
cells = pytest.mark.parametrize("cell", CELLS)


def network(seed: int = 1, scale: float = 0.5, cell: str = "rnn") -> tuple[Array, Array, Array]:
    random = np.random.default_rng(seed)
    theta = random.normal(0, scale, size(K, M, cell))
    return theta, random.integers(0, K, (T, B)), random.integers(0, K, (T, B))


def slow_gradient(theta: Array, x: Array, y: Array, error: str = "") -> Array:
    """Return the gradient of the slow network, flat."""
    weights = reference.weights(theta, K, M)
    right = reference.mean_gradients(weights, x, y, np.zeros((1, x.shape[1], M)), error)
    return reference.flat(right, K, M)


def bars_hold(check: GradientCheck, name: str) -> list[bool]:
    return [check.central_difference[name] < 1e-6, check.complex_step[name] < 1e-14]


@cells
@pytest.mark.parametrize("scale", [0.01, 0.5])
def test_right_gradients_pass(cell: str, scale: float) -> None:
    theta, x, y = network(scale=scale, cell=cell)
    check = check_gradients(theta, K, M, x, y, cell=cell)
    names = list(CELLS[cell].Parameters._fields)
    assert list(check.central_difference) == list(check.complex_step) == names
    assert all(all(bars_hold(check, name)) for name in names), check
    assert meets_bars(check)
    assert check.entries == check.checked == size(K, M, cell)


@cells
@pytest.mark.parametrize(("T", "B"), [(1, 1), (7, 1), (1, 3)])
def test_any_length_and_batch(cell: str, T: int, B: int) -> None:
    random = np.random.default_rng(2)
    x, y = random.integers(0, 9, (T, B)), random.integers(0, 9, (T, B))
    theta = random.normal(0, 0.3, size(9, 5, cell))
    check = check_gradients(theta, 9, 5, x, y, cell=cell)
    assert meets_bars(check), check


@cells
def test_a_fresh_network_of_some_size_passes(cell: str) -> None:
    random = np.random.default_rng(3)
    text = random.integers(0, 20, 16)
    theta = initialise(20, 30, seed=400, initialisation="orthogonal", cell=cell)
    check = check_gradients(theta, 20, 30, text[:-1, None], text[1:, None], cell=cell)
    assert meets_bars(check), check


def test_the_slow_network_passes_too() -> None:
    theta, x, y = network()
    check = check_gradients(theta, K, M, x, y, gradient=slow_gradient(theta, x, y))
    assert all(all(bars_hold(check, name)) for name in NAMES), check


@pytest.mark.parametrize("scale", [0.01, 0.5])
@pytest.mark.parametrize("error", reference.ERRORS)
def test_a_planted_error_is_caught(
    error: str, scale: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong backward pass fails both checks, and only for the parameters it is wrong for."""

    def wrong(p: Any, x: Array, y: Array, work: Any, d: Any) -> None:
        weights = {name: np.array(part) for name, part in p._asdict().items()}
        found = reference.mean_gradients(weights, x, y, work.states[:, 0], error)
        for name, part in found.items():
            getattr(d, name)[:] = part

    monkeypatch.setattr(model, "backward", wrong)
    theta, x, y = network(scale=scale)
    check = check_gradients(theta, K, M, x, y)
    for name in NAMES:
        assert bars_hold(check, name) == [name not in reference.ERRORS[error]] * 2, (name, check)


@cells
def test_one_wrong_entry_is_caught(cell: str) -> None:
    theta, x, y = network(cell=cell)
    for i in (0, theta.size // 2, theta.size - 1):
        gradient = analytic_gradient(theta, K, M, x, y, cell)
        gradient[i] += 1e-4 * (1 + abs(gradient[i]))
        check = check_gradients(theta, K, M, x, y, cell=cell, gradient=gradient)
        parts = slices(K, M, cell).items()
        (name,) = [name for name, where in parts if where.start <= i < where.stop]
        assert {n for n in NAMES if not all(bars_hold(check, n))} == {name}


def test_it_is_done_in_float64_and_changes_nothing() -> None:
    theta, x, y = network()
    single = theta.astype(np.float32)
    before = single.copy()
    check = check_gradients(single, K, M, x, y)
    assert all(all(bars_hold(check, name)) for name in NAMES), check
    assert single.dtype == np.float32
    assert np.array_equal(single, before)


def test_of_many_entries_a_seeded_choice_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradcheck, "LIMIT", 30)
    monkeypatch.setattr(gradcheck, "FEW", 3)
    theta, x, y = network()

    def check(seed: int) -> GradientCheck:
        return check_gradients(theta, K, M, x, y, seed=seed)

    assert check(1).entries == size(K, M)
    assert 30 <= check(1).checked <= 30 + 2 * 3, "of b and c, which are short, a few more"
    assert check(1) == check(1)
    assert check(1) != check(2)
    assert all(all(bars_hold(check(1), name)) for name in NAMES)


def test_of_a_large_network_fewer_are_checked_and_some_of_each_parameter() -> None:
    """So that the check of an LSTM of 512 takes no half-hour."""
    K, m, T = 65, 512, 64
    for cell in CELLS:
        entries = gradcheck._chosen(K, m, T, cell, 1)
        assert np.array_equal(entries, np.unique(entries))
        assert entries.size * size(K, m, cell) * T < 1.3 * gradcheck.WORK
        for where in slices(K, m, cell).values():
            inside = (entries >= where.start) & (entries < where.stop)
            assert inside.sum() >= gradcheck.FEW
    assert gradcheck._chosen(54, 100, 25, "rnn", 1).size == 20_954, "the assignment's: all"


def test_progress_sees_every_piece_of_work() -> None:
    seen = []

    def watch(pieces: Iterable[Any]) -> Iterable[Any]:
        for piece in pieces:
            yield piece
            seen.append(piece)

    theta, x, y = network()
    assert check_gradients(theta, K, M, x, y, progress=watch) == check_gradients(theta, K, M, x, y)
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
