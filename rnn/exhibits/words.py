"""Numbers put into words, for captions and alternative texts."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np


def from_to(series: Mapping[str, Iterable[float]]) -> str:
    """Say where each series begins and ends; those without numbers are left out.

    >>> from_to({"the loss": [4.0, 2.5, 1.25], "the rest": []})
    'the loss goes from 4 to 1.25'
    """
    known = {name: [v for v in values if np.isfinite(v)] for name, values in series.items()}
    return "; ".join(
        f"{name} goes from {values[0]:.3g} to {values[-1]:.3g}"
        for name, values in known.items()
        if values
    )


def extremes(values: Sequence[float], places: Sequence[str]) -> str:
    """Say which of some values are the smallest and the largest, and where; NaN is skipped.

    >>> extremes([3.0, 1.0, 2.0], ["here", "there", "yonder"])
    'from 1.00 there to 3.00 here'
    """
    low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
    return f"from {values[low]:.2f} {places[low]} to {values[high]:.2f} {places[high]}"
