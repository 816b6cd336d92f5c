"""The cells, forward and backward.

Every cell of the registry keeps the contract of `rnn.cells`, and has the gradient of its own
forward pass. Those that `tests.reference` also implements are tested against it and PyTorch.
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rnn import gru, lstm, vanilla
from rnn.cells import NAMES, Cell, check_contract, shapes
from rnn.evaluation import read
from rnn.network import CELLS, Network, find_cell, for_cell, initialise
from rnn.output import loss
from tests import reference

Array = NDArray[Any]

SIZES = [  # (K, m, T, B), all different, so that no two axes can be mixed up unnoticed
    (5, 3, 4, 1),
    (3, 5, 4, 1),
    (5, 3, 1, 1),
    (5, 3, 4, 2),
    (4, 7, 3, 5),
    (6, 2, 1, 3),
    (2, 1, 6, 3),
]
sizes = pytest.mark.parametrize(("K", "m", "T", "B"), SIZES)
cells = pytest.mark.parametrize("cell", CELLS)
known = pytest.mark.parametrize("cell", reference.CELLS)


class Case:
    """A network, a sequence, and the results of the fast code."""

    def __init__(
        self, cell: str, K: int, m: int, T: int, B: int, dtype: str = "float64", dropout: float = 0
    ) -> None:
        random = np.random.default_rng([K, m, T, B])
        self.cell, self.module = cell, find_cell(cell)
        drawn = reference.drawn(random, cell, K, m, scale=0.7)
        self.network = drawn.like(drawn.theta.astype(dtype))
        self.x, self.y = random.integers(0, K, (T, B)), random.integers(0, K, (T, B))
        self.p, self.gradient = self.network.p, np.full_like(self.network.theta, 7)
        self.d = self.network.like(self.gradient).p
        self.work = self.network.workspace(T, B, dropout > 0)
        self.output = self.work.output
        self.states = random.normal(0, 0.5, (self.module.STATES, B, m)).astype(dtype)
        self.work.states[:, 0] = self.states
        kept = random.uniform(size=self.output.mask.shape) > dropout
        self.output.mask[:] = kept / (1 - dropout)
        self.mask = self.output.mask.reshape(T, B, m) if dropout else None
        self.weights = reference.weights(self.network)

    def run(self, change: Any = lambda function: function) -> float:
        """Fill all arrays by a forward and backward pass; return the loss."""
        change(self.module.forward)(self.p, self.x, self.work)
        value = loss(self.output.log_P, self.y)
        change(self.module.backward)(self.p, self.x, self.y, self.work, self.d)
        return float(value)

    def check(self) -> None:
        """Compare loss and gradients with automatic differentiation."""
        B = self.x.shape[1]
        masks = [None if self.mask is None else self.mask[:, i] for i in range(B)]
        each = [
            (self.weights, self.x[:, i], self.y[:, i], self.states[:, i], self.cell, masks[i])
            for i in range(B)
        ]
        value = sum(float(reference.loss(*arguments)) for arguments in each) / B
        assert self.run() == pytest.approx(value, rel=1e-13)
        right = [reference.automatic_gradients(*arguments) for arguments in each]
        for name, part in self.d._asdict().items():
            expected = sum(d[name] for d in right) / B
            assert np.allclose(part, expected, rtol=1e-12, atol=1e-12), name


def arrays(work: Any) -> Iterator[Array]:
    """Yield all arrays of a pass, including those in nested tuples."""
    for part in work:
        yield from [part] if isinstance(part, np.ndarray) else arrays(part)


# The contract that every cell of the registry keeps.


@cells
@sizes
def test_parameters_and_arrays_have_the_shapes_of_the_contract(
    cell: str, K: int, m: int, T: int, B: int
) -> None:
    module, network = find_cell(cell), initialise(cell, K, m, seed=1)
    rows = module.BLOCKS * m
    assert network.p.U.shape == (rows, K)
    assert network.p.W.shape == (rows, m)
    assert network.p.V.shape == (K, m)
    assert network.p.b.shape == (rows,)
    assert network.p.c.shape == (K,)
    for dropout in (False, True):
        for dtype in ("float64", "float32", "complex128"):
            work = module.workspace(K, m, T, B, dtype, dropout)
            assert work.states.shape == (module.STATES, T + 1, B, m)
            assert work.output.P.shape == (T * B, K)
            assert work.output.dh.shape == (T * B, m)
            masked = (T * B, m) if dropout else (0, 0)
            assert work.output.mask.shape == work.output.masked.shape == masked
            assert not any(array.any() for array in arrays(work))
            assert {array.dtype for array in arrays(work)} == {np.dtype(dtype)}


@cells
@pytest.mark.parametrize("dropout", [0, 0.4])
@sizes
def test_the_gradient_is_that_of_the_complex_step(
    cell: str, K: int, m: int, T: int, B: int, dropout: float
) -> None:
    """For all entries, from a nonzero state; this needs no second implementation of the cell."""
    case = Case(cell, K, m, T, B, dropout=dropout)
    case.run()
    moved = case.network.like(case.network.theta.astype(complex))
    work = moved.workspace(T, B, dropout > 0)
    work.states[:, 0], work.output.mask[:] = case.states, case.output.mask
    for i, right in enumerate(case.gradient):
        moved.theta[i] += 1e-30j
        case.module.forward(moved.p, case.x, work)
        assert loss(work.output.log_P, case.y).imag / 1e-30 == pytest.approx(
            right, rel=1e-11, abs=1e-13
        )
        moved.theta[i] = case.network.theta[i]


@cells
@sizes
def test_state_gradients_are_those_of_differences_in_the_state_before(
    cell: str, K: int, m: int, T: int, B: int
) -> None:
    """L from time t on, of passes that begin there; parts of the state other than h are fixed."""
    case = Case(cell, K, m, T, B)
    case.run()
    found = case.module.state_gradients(case.p, case.work)
    assert found.shape == (T, B, m)
    states = case.work.states.copy()
    for t in range(T):
        work = case.network.workspace(T - t, B)
        x, y = case.x[t:], case.y[t:]

        def rest(i: int, j: int, change: float) -> float:
            work.states[:, 0] = states[:, t]  # noqa: B023  called within the round
            work.states[0, 0, i, j] += change  # noqa: B023
            case.module.forward(case.p, x, work)  # noqa: B023
            return float(loss(work.output.log_P, y))  # noqa: B023

        for i, j in np.ndindex(B, m):
            difference = (rest(i, j, 1e-5) - rest(i, j, -1e-5)) / 2e-5
            assert found[t, i, j] == pytest.approx(difference, rel=1e-6, abs=1e-9), (t, i, j)


def test_a_module_that_lacks_something_is_refused_and_what_it_lacks_is_named() -> None:
    whole = {name: getattr(vanilla, name) for name in NAMES}
    check_contract("mine", SimpleNamespace(**whole))
    for name in NAMES:
        part = SimpleNamespace(**{other: whole[other] for other in NAMES if other != name})
        with pytest.raises(
            TypeError, match=rf"^the cell 'mine' does not define {name}: see "
        ) as refused:
            check_contract("mine", part)
        assert "\n" not in str(refused.value)
    with pytest.raises(TypeError, match=", ".join(NAMES)):
        check_contract("mine", SimpleNamespace())


def test_the_contract_asks_for_all_that_its_protocol_has() -> None:
    members = {name for name in vars(Cell) if not name.startswith("_")} | set(Cell.__annotations__)
    assert members == set(NAMES)


# Against the slow implementation.


@known
@sizes
def test_gradients_are_those_of_automatic_differentiation(
    cell: str, K: int, m: int, T: int, B: int
) -> None:
    Case(cell, K, m, T, B).check()


@known
@sizes
def test_gradients_with_a_fixed_mask(cell: str, K: int, m: int, T: int, B: int) -> None:
    case = Case(cell, K, m, T, B, dropout=0.4)
    assert case.output.mask.shape == (T * B, m)
    case.check()


@known
@sizes
def test_states_and_probabilities_are_those_of_the_equations(
    cell: str, K: int, m: int, T: int, B: int
) -> None:
    case = Case(cell, K, m, T, B)
    case.module.forward(case.p, case.x, case.work)
    P = case.output.P.reshape(T, B, K)
    for i in range(B):
        states, probabilities = reference.forward(
            case.weights, case.x[:, i], case.states[:, i], cell
        )
        assert np.allclose(case.work.states[:, :, i].swapaxes(0, 1), states, rtol=0, atol=1e-14)
        assert np.allclose(P[:, i], probabilities, rtol=0, atol=1e-14)


@sizes
def test_gradients_are_those_of_the_slow_network(K: int, m: int, T: int, B: int) -> None:
    case = Case("rnn", K, m, T, B)
    case.run()
    right = reference.mean_gradients(case.weights, case.x, case.y, case.states)
    for name, part in right.items():
        assert np.allclose(getattr(case.d, name), part, rtol=0, atol=1e-13), name


@cells
@sizes
def test_compiled_is_as_uncompiled(cell: str, K: int, m: int, T: int, B: int) -> None:
    for dropout in (0.0, 0.4):
        fast, slow = (Case(cell, K, m, T, B, dropout=dropout) for _ in range(2))
        value = slow.run(reference.uncompiled)
        assert fast.run() == pytest.approx(value, rel=1e-14)
        assert np.allclose(fast.work.states, slow.work.states, rtol=0, atol=1e-14)
        assert np.allclose(fast.gradient, slow.gradient, rtol=0, atol=1e-13)


@cells
def test_nothing_is_left_over_from_the_pass_before(cell: str) -> None:
    case, fresh = Case(cell, 5, 3, 4, 2), Case(cell, 5, 3, 4, 2)
    other = case.x.copy()
    case.x[:] = case.y
    case.run()
    case.x[:] = other
    assert case.run() == fresh.run()
    assert np.array_equal(case.gradient, fresh.gradient)


@cells
def test_parameters_and_the_state_before_are_left_alone(cell: str) -> None:
    case = Case(cell, 5, 3, 4, 2, dropout=0.4)
    theta, x, y, mask = (a.copy() for a in (case.network.theta, case.x, case.y, case.output.mask))
    case.run()
    assert np.array_equal(case.network.theta, theta)
    assert np.array_equal(case.work.states[:, 0], case.states)
    assert np.array_equal(case.x, x)
    assert np.array_equal(case.y, y)
    assert np.array_equal(case.output.mask, mask)


@cells
def test_float32_stays_float32(cell: str) -> None:
    case, exact = Case(cell, 5, 3, 4, 2, "float32", 0.4), Case(cell, 5, 3, 4, 2, dropout=0.4)
    assert case.run() == pytest.approx(exact.run(), rel=1e-5)
    assert np.allclose(case.gradient, exact.gradient, rtol=0, atol=1e-5)
    assert {array.dtype for array in (*arrays(case.work), *case.d)} == {np.dtype("float32")}


@cells
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_gates_that_are_wide_open_or_shut_overflow_nothing(cell: str, dtype: str) -> None:
    for sign in (-1, 1):
        case = Case(cell, 5, 3, 4, 2, dtype)
        case.p.b[:] = sign * 1e4
        case.run()
        assert np.isfinite(case.work.states).all()
        assert np.isfinite(case.gradient).all()
        assert not case.d.b.any(), "nothing moves what is saturated"


def test_sizes_are_those_of_the_table() -> None:
    assert shapes(vanilla, 5, 3) == {"U": (3, 5), "W": (3, 3), "V": (5, 3), "b": (3,), "c": (5,)}
    assert shapes(gru, 5, 3) == {"U": (9, 5), "W": (9, 3), "V": (5, 3), "b": (9,), "c": (5,)}
    assert shapes(lstm, 5, 3) == {"U": (12, 5), "W": (12, 3), "V": (5, 3), "b": (12,), "c": (5,)}
    assert [module.STATES for module in (vanilla, gru, lstm)] == [1, 1, 2]


def test_loops_are_made_anew_for_other_cells_only() -> None:
    assert for_cell(read, "rnn") is read
    made = {cell: for_cell(read, cell) for cell in CELLS}
    assert len({loop.__qualname__ for loop in made.values()}) == len(CELLS)
    assert all(for_cell(read, cell) is made[cell] for cell in CELLS), "one is compiled once"


# Against PyTorch, whose form of the cells we use.


def numbers(*shape: int) -> Array:
    """Return some fixed numbers, made without a random generator."""
    return np.sin(1 + np.arange(np.prod(shape))).reshape(shape)


def small(cell: str) -> tuple[Network, Array]:
    """Return a small network and a text."""
    K, m = 3, 2
    network = initialise(cell, K, m, seed=0)
    p = network.p
    p.U[:], p.W[:], p.V[:] = numbers(*p.U.shape), numbers(*p.W.shape), numbers(K, m)
    p.b[:], p.c[:] = numbers(*p.b.shape) / 2, numbers(K) / 2
    return network, np.array([0, 2, 1, 1, 0])


def torch_pass(torch: Any, cell: str) -> tuple[float, dict[str, Array], list[Array]]:
    """Return the loss, the gradients and the last states by PyTorch."""
    network, text = small(cell)
    layer = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell](3, 2)
    out = torch.nn.Linear(2, 3)
    both = {
        "U": layer.weight_ih_l0,
        "W": layer.weight_hh_l0,
        "V": out.weight,
        "b": layer.bias_ih_l0,
        "c": out.bias,
    }
    with torch.no_grad():
        layer.bias_hh_l0.zero_()
    for name, parameter in both.items():
        parameter.data = torch.tensor(getattr(network.p, name).copy())
    layer.bias_hh_l0.data = layer.bias_hh_l0.data.double()
    hidden, last = layer(torch.tensor(np.eye(3)[text[:-1]]))
    value = torch.nn.functional.cross_entropy(out(hidden), torch.tensor(text[1:]), reduction="sum")
    value.backward()
    states = [one.detach().numpy().ravel() for one in (last if cell == "lstm" else [last])]
    gradients = {name: parameter.grad.numpy() for name, parameter in both.items()}
    return value.item(), gradients, states


# Made with torch 2.13.0+cpu: torch_pass(torch, cell), only b's gradients.
TORCH = {
    "rnn": (
        4.965438253861902,
        [0.595010014432879, 0.7300290019162659],
        [[0.9181537855874072, 0.11745412411445015]],
    ),
    "gru": (
        4.029643065937572,
        [
            *(-0.025047566266255625, -0.0020679276371507807, 0.17630226968722967),
            *(0.055580092335519596, -0.32052871172103115, 0.062178812294090724),
        ],
        [[0.3356640646991053, -0.760657821142362]],
    ),
    "lstm": (
        3.8736748319942826,
        [
            *(-0.04079269994628733, -0.025936424417116064, -0.024229554552197632),
            *(0.002970377996427527, 0.08548566820623626, 0.15325659321677526),
            *(-0.06901820239935241, -0.04787384298280706),
        ],
        [[0.5387348021503154, -0.20409242081578732], [0.8616209987782861, -0.45257524549500133]],
    ),
}


def fast_pass(cell: str) -> tuple[float, dict[str, Array], Array]:
    """Return the loss, the gradients and the last states by ours."""
    (network, text), module = small(cell), find_cell(cell)
    p, d, work = network.p, network.like(np.zeros_like(network.theta)).p, network.workspace(4, 1)
    x, y = text[:-1, None], text[1:, None]
    module.forward(p, x, work)
    value, states = loss(work.output.log_P, y), work.states[:, -1, 0].copy()
    module.backward(p, x, y, work, d)
    return value, d._asdict(), states


@known
def test_the_cell_is_as_pytorch_was(cell: str) -> None:
    value, d, states = fast_pass(cell)
    right, gradient, last = TORCH[cell]
    assert value == pytest.approx(right, rel=1e-14)
    assert np.allclose(d["b"], gradient, rtol=1e-13, atol=1e-15)
    assert np.allclose(states, last, rtol=1e-14, atol=0)


@known
def test_the_cell_is_as_pytorch_is(cell: str) -> None:
    torch = pytest.importorskip("torch")
    value, d, states = fast_pass(cell)
    right, gradients, last = torch_pass(torch, cell)
    assert value == pytest.approx(right, rel=1e-14)
    assert np.allclose(states, last, rtol=1e-14, atol=0)
    for name, part in gradients.items():
        assert np.allclose(d[name], part, rtol=1e-12, atol=1e-14), name
