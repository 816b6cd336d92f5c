"""The plain backward passes: right against the compiled ones, and each slip wrong where it says."""

import numpy as np
import pytest

from rnn.analysis.plain import FURTHER, OWN, PASSES, SHARED, SLIPS
from rnn.analysis.planted import plain_gradient
from rnn.gradcheck import analytic_gradient, check_gradients, meets_bars, relative_error
from rnn.network import CELLS
from tests import reference

cells = pytest.mark.parametrize("cell", CELLS)


@cells
def test_the_gradient_is_right(cell: str) -> None:
    """By the complex step, which needs the forward pass alone, and by the compiled pass."""
    random = np.random.default_rng(4)
    for T in (1, 2, 9):
        network = reference.drawn(random, cell, 6, 4)
        x, y = random.integers(0, 6, (2, T, 1))
        gradient = plain_gradient(network, x, y)
        assert meets_bars(check_gradients(network, x, y, gradient=gradient))
        assert relative_error(gradient, analytic_gradient(network, x, y)) < 1e-14


def test_each_cell_has_a_pass_and_slips_of_its_own() -> None:
    assert PASSES.keys() == OWN.keys() == CELLS.keys()
    for cell in CELLS:
        assert {slip.what for slip in SLIPS[cell]} >= {slip.what for slip in SHARED}
        known = (*SLIPS[cell], *FURTHER[cell])
        assert len(known) > 25
        assert len({slip.what for slip in known}) == len(known)
        assert all(slip.right != slip.wrong for slip in known)
