"""How far back a gradient reaches: why a vanilla network forgets.

The gradient of the loss at one time step with respect to an earlier state h_{t-k} is a product of k
matrices, W^T diag(1 - h^2) for the vanilla network. Such a product fades or explodes, about as the
k-th power of W's spectral radius (Bengio, Simard and Frasconi, 1994).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.cells import CELLS
from rnn.network import views
from rnn.numerics.generator import PLACES

LEAD = 50  # characters that are read before, so that the state is one that occurs
MOST = 64  # places
NUMBERS = 4_000_000  # that the probabilities may take; with many characters, fewer places


def reach(
    theta: NDArray[Any],
    K: int,
    m: int,
    text: NDArray[Any],
    back: int,
    *,
    cell: str = "rnn",
    seed: int = 0,
) -> NDArray[np.float64]:
    """Return |dL_t / dh_{t-k}| for k = 0 to `back`, the mean over seeded places of a text.

    L_t is the loss of time step t alone. For the LSTM it is the gradient with respect to h; its
    memory is held fixed.

    Parameters
    ----------
    theta, K, m, cell
        The parameters, flat, the sizes, and a name in `rnn.cells.CELLS`.
    text
        The characters, as indices; of a text too short for it, the result has fewer entries.
    back
        How many characters back.
    seed
        Of the places.
    """
    back = min(back, len(text) - 1)
    T = min(back + LEAD, len(text) - 1)
    if T < 1:
        return np.zeros(0)
    B = max(1, min(MOST, NUMBERS // (T * K)))
    starts = np.random.default_rng([seed, PLACES]).integers(0, len(text) - T, B)
    window = text[starts + np.arange(T + 1)[:, None]].astype(np.int64)  # (T + 1, B)

    flat = theta.astype(np.float64)
    p, d = views(flat, K, m, cell), views(np.zeros_like(flat), K, m, cell)
    work = CELLS[cell].workspace(K, m, T, B, flat.dtype, dropout=True)
    work.mask.reshape(T, B, m)[-1] = 1  # of all losses, only the last sees its state
    CELLS[cell].forward(p, window[:-1], work)
    CELLS[cell].backward(p, window[:-1], window[1:], work, d)

    last = work.P.reshape(T, B, K)[-1] @ p.V
    before = _into_the_state_before(work, p, cell, (T, B, m))
    gradients = np.concatenate([last[None], before[::-1]])[: back + 1]  # k = 0, 1, 2, ...
    norms: NDArray[np.float64] = B * np.linalg.norm(gradients, axis=2).mean(axis=1)
    return norms


def _into_the_state_before(
    work: Any, p: Any, cell: str, shape: tuple[int, ...]
) -> NDArray[np.float64]:
    """Return dL / dh_{t-1} for each t, of shape (T, B, m), from what `backward` left in `work`."""
    if cell == "gru":  # past W, by the update gate, and through W
        result = work.dh.reshape(shape) + work.Wh @ p.W
    elif cell == "lstm":
        result = work.gates @ p.W
    else:
        result = work.dh.reshape(shape) @ p.W
    return np.asarray(result)


def faded(norms: NDArray[np.float64], share: float = 0.01) -> str:
    """Say after how many steps back less than a share of the first of some norms is left."""
    below = np.flatnonzero(norms < share * norms[0])
    return str(below[0]) if below.size else f"more than {len(norms) - 1}"
