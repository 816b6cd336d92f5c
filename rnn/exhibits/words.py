"""Numbers and choices put into words: for captions, alternative texts and prose."""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from rnn.exhibits.prose import plain
from rnn.network import Network
from rnn.run import Run, Snapshot

CLIPPING = {
    "value": "Every entry of the gradient $g$ is first clipped to at most {limit:g} in absolute "
    "value, so that one steep place cannot throw the network off.",
    "norm": "A gradient $g$ whose norm is above {limit:g} is first scaled down to it, so that "
    "one steep place cannot throw the network off.",
}
RULES = {
    "adagrad": r"""Then AdaGrad gives each parameter a step of its own, smaller the more its
gradients have added up:

$$ s \leftarrow s + g^2, \qquad
   \theta \leftarrow \theta - \eta \frac{g}{\sqrt{s + \varepsilon}}. $$""",
    "rmsprop": r"""Then RMSProp gives each parameter a step of its own, smaller the larger its
gradients have been of late:

$$ s \leftarrow \rho s + (1 - \rho) g^2, \qquad
   \theta \leftarrow \theta - \eta \frac{g}{\sqrt{s} + \varepsilon}. $$""",
    "adam": r"""Then Adam follows a running mean $v$ of the gradient, and divides it, parameter by
parameter, by the root of a running mean $s$ of its square:

$$ v \leftarrow \beta_1 v + (1 - \beta_1) g, \qquad
   s \leftarrow \beta_2 s + (1 - \beta_2) g^2, \qquad
   \theta \leftarrow \theta - \eta \frac{\hat v}{\sqrt{\hat s} + \varepsilon}. $$

Both means begin at zero. The hats make up for that: at the $t$-th update
$\hat v = v / (1 - \beta_1^t)$ and $\hat s = s / (1 - \beta_2^t)$.""",
}


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
    """Say which is the least and the largest of some values, and where; NaN is passed over.

    >>> extremes([3.0, 1.0, 2.0], ["here", "there", "yonder"])
    'from 1.00 there to 3.00 here'
    """
    low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
    return f"from {values[low]:.2f} {places[low]} to {values[high]:.2f} {places[high]}"


def rule_of_update(
    optimiser: str, rate: float, schedule: str, warmup: int, limit: float, clip_by: str
) -> str:
    """Describe, as Markdown, what makes an update of a gradient; see optimisers.py.

    Parameters
    ----------
    optimiser, rate, schedule, warmup
        The rule, its highest learning rate, and how that changes.
    limit, clip_by
        Of clipping.
    """
    clipping = "The gradient $g$ is not clipped." if math.isinf(limit) else CLIPPING[clip_by]
    words = f"The learning rate $\\eta$ is {rate:g}"
    if schedule == "cosine":
        words += " at its highest, and falls to zero along half a cosine"
    if warmup:
        words += f"; it rises to that over the first {warmup:,} updates"
    return f"{clipping.format(limit=limit)} {RULES[optimiser]}\n\n{words}."


def other_cell(cell: str) -> str:
    """Say, as Markdown, that the equations are of another cell than the one that is trained."""
    return (
        "The equations here are the vanilla network's, where the lesson is plainest. This report"
        f" trains the cell `{plain(cell)}`, and the sources and checks below are of that cell."
    )


def moments(start: Network, run: Run, best: Snapshot) -> dict[str, Network]:
    """Name some moments of training, in their order, and give the network at each.

    Parameters
    ----------
    start
        The network before the first update.
    run, best
        What became of it; of a short run no early moment is known.
    """
    found = {"before training": start}
    if run.early is not None and run.early_step > 0:
        found[f"after {run.early_step:,} updates"] = run.early
    found[f"the best model, {best.step:,} updates"] = best.network
    return found
