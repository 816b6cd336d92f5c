"""The rule of update in words: what becomes of a gradient before it moves the parameters."""

import math

from rnn.exhibits.kinds import Sentence
from rnn.optimisers import OPTIMISERS

CLIPPING = {
    "value": "Every entry of the gradient $g$ is first clipped to at most {limit:g} in absolute "
    "value, so that one steep place cannot throw the network off.",
    "norm": "A gradient $g$ whose norm is above {limit:g} is first scaled down to it, so that "
    "one steep place cannot throw the network off.",
}


def rule_of_update(
    optimiser: str, rate: float, schedule: str, warmup: int, limit: float, clip_by: str
) -> Sentence:
    """Describe what makes an update of a gradient; see `rnn.optimisers`.

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
    return Sentence(f"{clipping.format(limit=limit)} {OPTIMISERS[optimiser].rule}\n\n{words}.")
