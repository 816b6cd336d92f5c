"""The cells, forward and backward: against automatic differentiation and a slow rewriting."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rnn import gru, lstm
from rnn import vanilla as model
from rnn.cells import CELLS, for_cell
from rnn.network import size, views
from rnn.output import loss
from rnn.sampling import read
from tests import reference

Array = NDArray[Any]

SIZES = [  # (K, m, T, B), all different, so that no two axes can be taken for one another
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


class Case:
    """A network, a sequence and what the fast code makes of them."""

    def __init__(
        self, cell: str, K: int, m: int, T: int, B: int, dtype: str = "float64", dropout: float = 0
    ) -> None:
        random = np.random.default_rng([K, m, T, B])
        self.cell, self.module = cell, CELLS[cell]
        self.theta = random.normal(0, 0.7, size(K, m, cell)).astype(dtype)
        self.x, self.y = random.integers(0, K, (T, B)), random.integers(0, K, (T, B))
        self.p, self.gradient = views(self.theta, K, m, cell), np.full_like(self.theta, 7)
        self.d = views(self.gradient, K, m, cell)
        self.work = self.module.workspace(K, m, T, B, dtype, dropout > 0)
        self.states = random.normal(0, 0.5, (len(self.work.states), B, m)).astype(dtype)
        self.work.states[:, 0] = self.states
        kept = random.uniform(size=self.work.mask.shape) > dropout
        self.work.mask[:] = kept / (1 - dropout)
        self.mask = self.work.mask.reshape(T, B, m) if dropout else None
        self.weights = reference.weights(self.theta, K, m, cell)

    def run(self, change: Any = lambda function: function) -> float:
        """Fill everything; return the loss."""
        change(self.module.forward)(self.p, self.x, self.work)
        value = loss(self.work.P, self.y)
        change(self.module.backward)(self.p, self.x, self.y, self.work, self.d)
        return float(value)

    def check(self) -> None:
        """Hold loss and gradients against automatic differentiation."""
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


@cells
@sizes
def test_gradients_are_those_of_automatic_differentiation(
    cell: str, K: int, m: int, T: int, B: int
) -> None:
    Case(cell, K, m, T, B).check()


@cells
@sizes
def test_gradients_with_a_fixed_mask(cell: str, K: int, m: int, T: int, B: int) -> None:
    case = Case(cell, K, m, T, B, dropout=0.4)
    assert case.work.mask.shape == (T * B, m)
    case.check()


@cells
@sizes
def test_states_and_probabilities_are_those_of_the_equations(
    cell: str, K: int, m: int, T: int, B: int
) -> None:
    case = Case(cell, K, m, T, B)
    case.module.forward(case.p, case.x, case.work)
    P = case.work.P.reshape(T, B, K)
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
    theta, x, y, mask = (a.copy() for a in (case.theta, case.x, case.y, case.work.mask))
    case.run()
    assert np.array_equal(case.theta, theta)
    assert np.array_equal(case.work.states[:, 0], case.states)
    assert np.array_equal(case.x, x)
    assert np.array_equal(case.y, y)
    assert np.array_equal(case.work.mask, mask)


@cells
def test_float32_stays_float32(cell: str) -> None:
    case, exact = Case(cell, 5, 3, 4, 2, "float32", 0.4), Case(cell, 5, 3, 4, 2, dropout=0.4)
    assert case.run() == pytest.approx(exact.run(), rel=1e-5)
    assert np.allclose(case.gradient, exact.gradient, rtol=0, atol=1e-5)
    assert {array.dtype for array in (*case.work, *case.d)} == {np.dtype("float32")}


@cells
def test_complex_parameters_give_the_derivative(cell: str) -> None:
    case = Case(cell, 4, 3, 3, 2)
    case.run()
    work = case.module.workspace(4, 3, 3, 2, complex)
    work.states[:, 0] = case.states
    for i in range(case.theta.size):
        theta = case.theta.astype(complex)
        theta[i] += 1e-30j
        case.module.forward(views(theta, 4, 3, cell), case.x, work)
        assert loss(work.P, case.y).imag / 1e-30 == pytest.approx(case.gradient[i], abs=1e-13)


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


def test_shapes_are_those_of_the_table() -> None:
    assert model.shapes(5, 3) == {"U": (3, 5), "W": (3, 3), "V": (5, 3), "b": (3,), "c": (5,)}
    assert gru.shapes(5, 3) == {"U": (9, 5), "W": (9, 3), "V": (5, 3), "b": (9,), "c": (5,)}
    assert lstm.shapes(5, 3) == {"U": (12, 5), "W": (12, 3), "V": (5, 3), "b": (12,), "c": (5,)}
    for cell, rows in {"rnn": 1, "gru": 1, "lstm": 2}.items():
        work = CELLS[cell].workspace(5, 3, 4, 2, "float64")
        assert work.states.shape == (rows, 5, 2, 3)
        assert work.P.shape == (8, 5)
        assert not any(array.any() for array in work)
        assert work.mask.size == work.masked.size == 0
        work = CELLS[cell].workspace(5, 3, 4, 2, "float64", dropout=True)
        assert work.mask.shape == work.masked.shape == (8, 3)


def test_loops_are_made_anew_for_other_cells_only() -> None:
    assert for_cell(read, "rnn") is read
    made = [for_cell(read, "gru"), for_cell(read, "lstm")]
    assert len({loop.__qualname__ for loop in made} | {read.__name__}) == 3
    assert for_cell(read, "gru") is made[0], "one is compiled once"


# Against PyTorch, whose form of the cells ours is.


def numbers(*shape: int) -> Array:
    """Return some numbers that need no generator."""
    return np.sin(1 + np.arange(np.prod(shape))).reshape(shape)


def small(cell: str) -> tuple[Array, Any, Array]:
    """Return the parameters of a small network, their views, and a text."""
    K, m = 3, 2
    theta = np.zeros(size(K, m, cell))
    p = views(theta, K, m, cell)
    p.U[:], p.W[:], p.V[:] = numbers(*p.U.shape), numbers(*p.W.shape), numbers(K, m)
    p.b[:], p.c[:] = numbers(*p.b.shape) / 2, numbers(K) / 2
    return theta, p, np.array([0, 2, 1, 1, 0])


def torch_pass(torch: Any, cell: str) -> tuple[float, dict[str, Array], list[Array]]:
    """Return the loss, the gradients and the last states by PyTorch."""
    _, p, text = small(cell)
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
        parameter.data = torch.tensor(getattr(p, name).copy())
    layer.bias_hh_l0.data = layer.bias_hh_l0.data.double()
    hidden, last = layer(torch.tensor(np.eye(3)[text[:-1]]))
    value = torch.nn.functional.cross_entropy(out(hidden), torch.tensor(text[1:]), reduction="sum")
    value.backward()
    states = [one.detach().numpy().ravel() for one in (last if cell == "lstm" else [last])]
    gradients = {name: parameter.grad.numpy() for name, parameter in both.items()}
    return value.item(), gradients, states


# Made with torch 2.13.0+cpu: torch_pass(torch, cell), of the gradients those of b.
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
    theta, p, text = small(cell)
    work = CELLS[cell].workspace(3, 2, 4, 1, "float64")
    d = views(np.zeros_like(theta), 3, 2, cell)
    x, y = text[:-1, None], text[1:, None]
    CELLS[cell].forward(p, x, work)
    value, states = loss(work.P, y), work.states[:, -1, 0].copy()
    CELLS[cell].backward(p, x, y, work, d)
    return value, d._asdict(), states


@cells
def test_the_cell_is_as_pytorch_was(cell: str) -> None:
    value, d, states = fast_pass(cell)
    right, gradient, last = TORCH[cell]
    assert value == pytest.approx(right, rel=1e-14)
    assert np.allclose(d["b"], gradient, rtol=1e-13, atol=1e-15)
    assert np.allclose(states, last, rtol=1e-14, atol=0)


@cells
def test_the_cell_is_as_pytorch_is(cell: str) -> None:
    torch = pytest.importorskip("torch")
    value, d, states = fast_pass(cell)
    right, gradients, last = torch_pass(torch, cell)
    assert value == pytest.approx(right, rel=1e-14)
    assert np.allclose(states, last, rtol=1e-14, atol=0)
    for name, part in gradients.items():
        assert np.allclose(d[name], part, rtol=1e-12, atol=1e-14), name
