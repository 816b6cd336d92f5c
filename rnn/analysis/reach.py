"""How far back a gradient reaches: why a vanilla network forgets.

The gradient of the loss at one time step with respect to an earlier state h_{t-k} is a product of k
matrices, W^T diag(1 - h^2) for the vanilla network. Such a product vanishes or explodes, roughly
like the k-th power of W's spectral radius (Bengio, Simard and Frasconi, 1994).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.network import Network, find_cell
from rnn.numerics.generator import PLACES

LEAD = 50  # characters read first, so that the state is a typical one
MOST = 64  # places in the text, at most
NUMBERS = 4_000_000  # probabilities at most: a large vocabulary allows fewer places


def reach(network: Network, text: NDArray[Any], back: int, *, seed: int = 0) -> NDArray[np.float64]:
    """Return |dL_t / dh_{t-k}| for k = 0 to `back`, averaged over random places in a text.

    L_t is the loss of time step t alone. For the LSTM the gradient is with respect to h, with the
    memory held fixed.

    Parameters
    ----------
    network
        The network that reads.
    text
        The characters as indices; if the text is too short, the result has fewer entries.
    back
        How many characters to go back.
    seed
        The seed for choosing the places.
    """
    back = min(back, len(text) - 1)
    T = min(back + LEAD, len(text) - 1)
    if T < 1:
        return np.zeros(0)
    B = max(1, min(MOST, NUMBERS // (T * network.K)))
    starts = np.random.default_rng([seed, PLACES]).integers(0, len(text) - T, B)
    window = text[starts + np.arange(T + 1)[:, None]].astype(np.int64)  # (T + 1, B)

    cell, exact = find_cell(network.cell), network.like(network.theta.astype(np.float64))
    p, d = exact.p, exact.like(np.zeros_like(exact.theta)).p
    work = exact.workspace(T, B, dropout=True)
    work.output.mask.reshape(T, B, -1)[-1] = 1  # so that only the last loss depends on the states
    cell.forward(p, window[:-1], work)
    cell.backward(p, window[:-1], window[1:], work, d)

    last = work.output.P.reshape(T, B, -1)[-1] @ p.V
    before = cell.state_gradients(p, work)
    gradients = np.concatenate([last[None], before[::-1]])[: back + 1]  # k = 0, 1, 2, ...
    norms: NDArray[np.float64] = B * np.linalg.norm(gradients, axis=2).mean(axis=1)
    return norms


def faded(norms: NDArray[np.float64], share: float = 0.01) -> str:
    """Say after how many steps back the norm falls below a share of the first one."""
    below = np.flatnonzero(norms < share * norms[0])
    return str(below[0]) if below.size else f"more than {len(norms) - 1}"
