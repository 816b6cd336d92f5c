"""The error of central differences against their step h: why no h makes them exact."""

import numpy as np
from numpy.typing import NDArray

from rnn.gradcheck import analytic_gradient, central_differences, relative_error
from rnn.network import Network, slices
from rnn.numerics.generator import GRADIENT_CHECK

STEPS = np.logspace(-14, 0, 15)
ENTRIES = 40  # of each parameter, chosen at random


def sweep(
    network: Network,
    x: NDArray[np.int64],
    y: NDArray[np.int64],
    *,
    gradient: NDArray[np.float64] | None = None,
    seed: int = 0,
) -> dict[str, NDArray[np.float64]]:
    """Return the relative error of each parameter's gradient for each of STEPS.

    Parameters
    ----------
    network, x, y, gradient
        As for `rnn.gradcheck.check_gradients`.
    seed
        The seed for choosing among the entries whose gradient is not zero. Most entries of U have a
        zero gradient, since most characters do not occur in a sequence.
    """
    network = network.like(network.theta.astype(np.float64))
    if gradient is None:
        gradient = analytic_gradient(network, x, y)
    random = np.random.default_rng([seed, GRADIENT_CHECK])
    differences, work = network.loop(central_differences), network.workspace(*x.shape)
    errors = {}
    for name, where in slices(network.cell, network.K, network.m).items():
        entries = where.start + np.flatnonzero(gradient[where])
        entries = np.sort(random.choice(entries, min(ENTRIES, entries.size), replace=False))
        numeric = np.zeros((STEPS.size, entries.size))
        for h, row in zip(STEPS, numeric, strict=True):
            differences(network.theta, network.p, x, y, work, entries, h, row)
        errors[name] = np.array([relative_error(gradient[entries], row) for row in numeric])
    return errors
