"""The update rule in words: what happens to a gradient before it changes the parameters."""

import math

from rnn.exhibits.kinds import Sentence
from rnn.exhibits.words import number
from rnn.optimisers import OPTIMISERS
from rnn.settings import Settings

CLIPPING = {
    "value": "Every entry of the gradient $g$ is first clipped to at most {limit} in absolute "
    "value, so that one steep place cannot throw the network off.",
    "norm": "A gradient $g$ whose norm is above {limit} is first scaled down to that norm, so "
    "that one steep place cannot throw the network off.",
}


def rule_of_update(settings: Settings) -> Sentence:
    """Describe how a gradient becomes an update; see `rnn.optimisers`."""
    clipping = (
        "The gradient $g$ is not clipped."
        if math.isinf(settings.clip)
        else CLIPPING[settings.clip_by].format(limit=number(settings.clip, "g"))
    )
    words = f"The learning rate $\\eta$ is {number(settings.rate, 'g')}"
    if settings.schedule == "cosine":
        words += " at its highest, and falls to zero along half a cosine"
    if settings.warmup:
        words += f"; over the first {settings.warmup:,} updates it rises to that value"
    rule = OPTIMISERS[settings.optimiser].rule
    return Sentence(f"{clipping} {rule}\n\n{words}.")
