"""The loss by position in the book: some passages are harder than others."""

import numpy as np
from numpy.typing import NDArray

MOST, ROWS = 40, 32  # bins at most, and losses per bin and epoch at least: one alone says little


def loss_by_position(
    steps: NDArray[np.int64], losses: NDArray[np.float64], updates_per_epoch: int
) -> NDArray[np.float64]:
    """Return the mean loss of each epoch by the part of the book that was being read.

    Parameters
    ----------
    steps, losses
        The steps of the updates whose losses are known, and these, each of shape (n,).
    updates_per_epoch
        The number of updates in an epoch.

    Returns
    -------
    ndarray
        Of shape (epochs, bins); NaN where nothing is known. The book is cut into at most MOST
        bins of equal length, few enough that each epoch has about ROWS losses per bin.
    """
    if not len(steps):
        return np.zeros((0, 0))
    epochs = int(steps[-1]) // updates_per_epoch + 1
    known = len(steps) * updates_per_epoch / (int(steps[-1]) + 1)  # steps per epoch, on average
    bins = int(np.clip(known // ROWS, 1, MOST))
    place = steps % updates_per_epoch * bins // updates_per_epoch
    which = steps // updates_per_epoch * bins + place
    with np.errstate(invalid="ignore"):
        means = np.bincount(which, losses, epochs * bins) / np.bincount(which, None, epochs * bins)
    return means.reshape(epochs, bins)


def settled(losses: NDArray[np.float64], most: int = 10) -> NDArray[np.float64]:
    """Return the latest complete epochs, without the first if there are others.

    In the first epoch the loss falls so fast that the effect of the position hardly shows. If no
    epoch is complete, all are returned.

    Parameters
    ----------
    losses
        Of shape (epochs, bins), as from `loss_by_position`.
    most
        The largest number of epochs.
    """
    whole = losses[np.isfinite(losses).all(axis=1)]
    return (whole[1:] if len(whole) > 1 else whole if len(whole) else losses)[-most:]


def recurrence(losses: NDArray[np.float64]) -> float:
    """Return how much the epochs resemble one another: the mean correlation of any two of them.

    Parameters
    ----------
    losses
        Of shape (epochs, bins), as from `settled`.

    Returns
    -------
    float
        NaN if there are fewer than two epochs in which the loss changes with the position.
    """
    uneven = losses[np.ptp(losses, axis=1) > 0]
    if len(uneven) < 2:
        return float("nan")
    return float(np.corrcoef(uneven)[np.triu_indices(len(uneven), 1)].mean())
