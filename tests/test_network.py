"""The parameters as one vector: every entry in one place, and the start of training."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rnn.cells import Parameters
from rnn.errors import InputError
from rnn.network import (
    CELLS,
    Network,
    find_cell,
    for_cell,
    initialise,
    size,
    slices,
    spectral_radius,
    views,
)

BLOCKS = {name: cell.BLOCKS for name, cell in CELLS.items()}  # of m rows in U, W and b
cells = pytest.mark.parametrize("cell", CELLS)


@cells
def test_every_entry_belongs_to_one_parameter(cell: str) -> None:
    assert size(cell, 5, 3) == BLOCKS[cell] * (15 + 9 + 3) + 15 + 5
    where = slices(cell, 5, 3)
    assert list(where) == list(Parameters._fields) == ["U", "W", "V", "b", "c"]
    ends = [0, *(part.stop for part in where.values())]
    assert [part.start for part in where.values()] == ends[:-1]
    assert ends[-1] == size(cell, 5, 3)


@cells
def test_names_are_views_into_the_vector(cell: str) -> None:
    flat = np.zeros(size(cell, 5, 3))
    p, n = views(flat, cell, 5, 3), BLOCKS[cell]
    shapes = {"U": (3 * n, 5), "W": (3 * n, 3), "V": (5, 3), "b": (3 * n,), "c": (5,)}
    for number, (name, shape) in enumerate(shapes.items()):
        part = getattr(p, name)
        assert part.shape == shape
        part[:] = number
        assert np.all(flat[slices(cell, 5, 3)[name]] == number), name
    flat += 1
    assert [np.unique(part).tolist() for part in p] == [[1], [2], [3], [4], [5]]


@cells
def test_rows_lie_together_and_so_does_the_column_of_a_character(cell: str) -> None:
    p = views(np.zeros(size(cell, 5, 3)), cell, 5, 3)
    assert p.U[:, 2].flags.c_contiguous
    assert p.W.flags.c_contiguous
    assert p.V.flags.c_contiguous


# A network as one value.


@cells
@pytest.mark.parametrize("dtype", ["float64", "float32", "complex128"])
def test_a_network_knows_its_parts(cell: str, dtype: str) -> None:
    network = Network(cell, 5, 3, np.arange(size(cell, 5, 3)).astype(dtype))
    for mine, right in zip(network.p, views(network.theta, cell, 5, 3), strict=True):
        assert np.array_equal(mine, right)
        assert np.shares_memory(mine, network.theta)
    work = network.workspace(4, 2)
    assert work.states.shape == (CELLS[cell].STATES, 5, 2, 3)
    assert work.states.dtype == work.output.P.dtype == dtype
    assert work.output.P.shape == (8, 5)
    assert work.output.mask.size == 0
    assert network.workspace(4, 2, dropout=True).output.mask.shape == (8, 3)


@cells
def test_a_network_like_another_has_parameters_of_its_own(cell: str) -> None:
    network = initialise(cell, 5, 3, seed=1)
    other = network.like(network.theta.copy())
    assert (other.cell, other.K, other.m) == (cell, 5, 3)
    assert np.array_equal(other.theta, network.theta)
    assert not np.shares_memory(other.theta, network.theta)
    assert np.shares_memory(network.like(network.theta).theta, network.theta)


def test_an_unknown_cell_is_refused_by_name() -> None:
    network = Network("mlp", 5, 3, np.zeros(20))
    for call in (
        lambda: find_cell("mlp"),
        lambda: for_cell(find_cell, "mlp"),
        lambda: size("mlp", 5, 3),
        lambda: slices("mlp", 5, 3),
        lambda: initialise("mlp", 5, 3, seed=1),
        lambda: network.p,
        lambda: network.workspace(4, 2),
        lambda: network.loop(find_cell),
    ):
        with pytest.raises(InputError, match=r"^there is no cell 'mlp': choose from ") as refused:
            call()
        assert str(refused.value).endswith(", ".join(CELLS))


@cells
def test_start_is_normal_with_zero_biases(cell: str) -> None:
    p = initialise(cell, 50, 40, seed=7, init_scale=0.02).p
    assert not p.b.any()
    assert not p.c.any()
    for part in (p.U, p.W, p.V):
        assert abs(part.mean()) < 5 * 0.02 / np.sqrt(part.size)
        assert part.std() == pytest.approx(0.02, rel=5 / np.sqrt(2 * part.size))
    assert np.mean(np.abs(p.W) < 0.02) == pytest.approx(0.6827, abs=0.06)  # as in a normal one


def test_start_depends_on_the_seed_alone() -> None:
    def start(**options: Any) -> NDArray[Any]:
        return initialise("rnn", 5, 3, **options).theta

    one = start(seed=1)
    assert np.array_equal(one, start(seed=1))
    assert not np.array_equal(one, start(seed=2))
    assert np.allclose(start(seed=1, init_scale=0.1), 10 * one, rtol=1e-15)
    single = start(seed=1, dtype="float32")
    assert single.dtype == np.float32
    assert np.array_equal(single, one.astype(np.float32))


@cells
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_orthogonal_start(cell: str, dtype: str) -> None:
    """Each block of W is orthogonal, of either determinant; the rest is as in the normal start."""
    usual = initialise(cell, 5, 8, seed=7).p
    network = initialise(cell, 5, 8, seed=7, initialisation="orthogonal", dtype=dtype)
    p = network.p
    assert network.theta.dtype == dtype
    blocks = [p.W[i : i + 8] for i in range(0, len(p.W), 8)]
    assert len(blocks) == BLOCKS[cell]
    near = 1e-14 if dtype == "float64" else 1e-6
    for block in blocks:
        assert np.allclose(block @ block.T, np.eye(8), rtol=0, atol=near)
    assert len({block.tobytes() for block in blocks}) == len(blocks), "none is another's copy"
    for name in "UVbc":
        assert np.array_equal(getattr(p, name), getattr(usual, name).astype(dtype)), name


def test_orthogonal_start_is_drawn_evenly() -> None:
    """Signs and determinants are balanced, which a plain QR decomposition would not give."""

    def W(seed: int) -> NDArray[Any]:
        return initialise("rnn", 2, 3, seed=seed, initialisation="orthogonal").p.W

    drawn = np.array([W(seed) for seed in range(300)])
    assert np.array_equal(W(5), drawn[5])
    far = 5 / np.sqrt(300)
    assert np.all(np.abs(drawn.mean(axis=0)) < far / np.sqrt(3))
    assert abs(np.sign(np.linalg.det(drawn)).mean()) < far
    assert np.all(np.abs(np.sign(drawn).mean(axis=0)) < far)


def test_spectral_radius() -> None:
    turn = np.array([[0, -3], [3, 0]], np.float32)  # eigenvalues 3i and -3i
    assert spectral_radius(turn) == pytest.approx(3)
    assert spectral_radius(np.diag([1.0, -2.0, 0.5])) == 2
    assert np.isnan(spectral_radius(np.full((2, 2), np.inf)))
