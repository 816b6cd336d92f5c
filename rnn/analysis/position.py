"""The loss by position in the book: some passages are harder than others."""

import numpy as np
from numpy.typing import NDArray

MOST, ROWS = 40, 8  # bins at most, and rows of the history that each epoch has for a bin at least


def loss_by_position(
    steps: NDArray[np.int64], losses: NDArray[np.float64], updates_per_epoch: int
) -> NDArray[np.float64]:
    """Return the mean loss of each epoch by the part of the book that was being read.

    Parameters
    ----------
    steps, losses
        The updates that are known and the loss of each, of shape (n,).
    updates_per_epoch
        How many updates an epoch has.

    Returns
    -------
    ndarray
        Of shape (epochs, bins), NaN where nothing is known. The book is cut into bins of equal
        length, up to MOST, so many that each epoch has about ROWS of the steps for each.
    """
    if not len(steps):
        return np.zeros((0, 0))
    epochs = int(steps[-1]) // updates_per_epoch + 1
    known = len(steps) * updates_per_epoch / (int(steps[-1]) + 1)  # of an epoch, on average
    bins = int(np.clip(known // ROWS, 1, MOST))
    place = steps % updates_per_epoch * bins // updates_per_epoch
    which = steps // updates_per_epoch * bins + place
    with np.errstate(invalid="ignore"):
        means = np.bincount(which, losses, epochs * bins) / np.bincount(which, None, epochs * bins)
    return means.reshape(epochs, bins)


def settled(losses: NDArray[np.float64], most: int = 10) -> NDArray[np.float64]:
    """Return the latest epochs that are known whole, without the first if there are others.

    In the first epoch the loss falls so fast that the position in the book hardly shows. If no
    epoch is known whole, all are returned.

    Parameters
    ----------
    losses
        Of shape (epochs, bins), as from `loss_by_position`.
    most
        How many epochs.
    """
    whole = losses[np.isfinite(losses).all(axis=1)]
    return (whole[1:] if len(whole) > 1 else whole if len(whole) else losses)[-most:]
