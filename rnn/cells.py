"""The cells, by name. The loops are written for the vanilla RNN, and made anew for the others."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from rnn import gru, lstm
from rnn import vanilla as model
from rnn.numerics.compiled import specialise

CELLS: dict[str, ModuleType] = {"rnn": model, "gru": gru, "lstm": lstm}


def for_cell(function: Callable[..., Any], cell: str) -> Any:
    """Return a compiled loop over `forward`, and perhaps `backward`, with those of a cell."""
    module = CELLS[cell]
    return specialise(function, forward=module.forward, backward=module.backward)
