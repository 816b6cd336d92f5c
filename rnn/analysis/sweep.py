"""The error of central differences against their step h: why no h makes them exact."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.cells import CELLS, for_cell
from rnn.gradcheck import analytic_gradient, central_differences, relative_error
from rnn.network import slices, views
from rnn.numerics.generator import GRADIENT_CHECK

STEPS = np.logspace(-14, 0, 15)
ENTRIES = 40  # of each parameter, a seeded choice


def sweep(
    theta: NDArray[Any],
    K: int,
    m: int,
    x: NDArray[np.int64],
    y: NDArray[np.int64],
    *,
    cell: str = "rnn",
    seed: int = 0,
) -> dict[str, NDArray[np.float64]]:
    """Return the relative error of each parameter's gradient for each of STEPS.

    Parameters
    ----------
    theta, K, m, x, y, cell
        As for `rnn.gradcheck.check_gradients`.
    seed
        Of the choice among the entries whose gradient is not zero: most of U has none, as most
        characters do not occur in a sequence.
    """
    flat = theta.astype(np.float64)
    gradient = analytic_gradient(flat, K, m, x, y, cell)
    random = np.random.default_rng([seed, GRADIENT_CHECK])
    work, p = CELLS[cell].workspace(K, m, *x.shape, flat.dtype), views(flat, K, m, cell)
    errors = {}
    for name, where in slices(K, m, cell).items():
        entries = where.start + np.flatnonzero(gradient[where])
        entries = np.sort(random.choice(entries, min(ENTRIES, entries.size), replace=False))
        numeric = np.zeros((STEPS.size, entries.size))
        for h, row in zip(STEPS, numeric, strict=True):
            for_cell(central_differences, cell)(flat, p, x, y, work, entries, h, row)
        errors[name] = np.array([relative_error(gradient[entries], row) for row in numeric])
    return errors
