"""The probabilities of the next character as bars, in HTML."""

from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.exhibits.characters import sign
from rnn.exhibits.look import BLUE
from rnn.exhibits.style import VISIBLE


def named(character: str) -> str:
    """Return a visible name of a character."""
    return VISIBLE.get(character) or sign(character) or character


def probability_bars(P: NDArray[Any], vocabulary: str, most: int = 12) -> str:
    """Draw the likeliest characters with their probabilities P (K,), and the others as one bar."""
    order = np.argsort(-P, kind="stable")[:most]
    rows = [(named(vocabulary[k]), float(P[k]), BLUE) for k in order if P[k] > 0]
    if (rest := np.count_nonzero(P) - len(rows)) > 0:
        others = max(0.0, 1 - sum(share for _, share, _ in rows))
        rows.append((f"{rest} other{'s' if rest > 1 else ''}", others, "#888888"))
    cells = "".join(
        f'<span style="text-align:right;white-space:pre">{escape(name)}</span>'
        f'<span style="background:{colour};width:{100 * share:.1f}%;height:.9em"></span>'
        f'<span style="text-align:right">{100 * share:.1f}&nbsp;%</span>'
        for name, share, colour in rows
    )
    return (
        '<div style="display:grid;grid-template-columns:minmax(5em,max-content) 1fr 4em;'
        f'gap:2px .6em;align-items:center;line-height:1.25">{cells}</div>'
    )
