"""How two reports or studies differ: tables of rows, each with what one and the other has."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, TypeVar

import numpy as np

from rnn.analysis.differences import FEWEST, paired
from rnn.report.compare.sides import Side
from rnn.settings import to_word

K = TypeVar("K")
Rows = list[list[str]]
AROUND = 30  # characters shown on either side of where two texts part


def different(one: Mapping[str, Any], other: Mapping[str, Any]) -> Rows:
    """Return the values that differ, with their names."""
    return [
        [name, *(to_word(side[name]) if name in side else "" for side in (one, other))]
        for name in dict.fromkeys([*one, *other])
        if one.get(name) != other.get(name) or (name in one) != (name in other)
    ]


def losses(a: Side, b: Side) -> Rows:
    """Return the losses that both have, as means over the seeds, with their difference."""
    rows = []
    for name in shared(a.losses, b.losses):
        one, other = a.losses[name], b.losses[name]
        if not one or not other:
            continue
        means = [float(np.mean([*some.values()])) for some in (one, other)]
        rows.append([name, *(f"{mean:.4f}" for mean in means), f"{means[1] - means[0]:+.4f}"])
    return rows


def shared(one: Mapping[K, Any], other: Mapping[K, Any]) -> list[K]:
    """Return the names that both have."""
    return [name for name in one if name in other]


def chance(a: Side, b: Side) -> list[str]:
    """Say which differences of losses the seeds could explain."""
    if len(a.seeds) == 1 and len(b.seeds) == 1:
        return [
            "Each was trained with one seed. Another seed alone would change these losses, and by"
            " how much can't be said from that, so neither is called better. A study says: make"
            " study SEEDS=5."
        ]
    said = []
    for name in shared(a.losses, b.losses):
        seeds = shared(a.losses[name], b.losses[name])
        if len(seeds) < FEWEST:
            said.append(
                f"{name}: {len(seeds)} seeds are in both, and fewer than {FEWEST} say nothing about"
                " chance."
            )
            continue
        found = paired([[side.losses[name][seed] for seed in seeds] for side in (a, b)])
        low, high = found.low[1], found.high[1]
        apart = low > 0 or high < 0
        said.append(
            f"{name}: B − A is {found.mean[1]:+.4f} over {len(seeds)} seeds, with a 95 % interval"
            f" from {low:+.4f} to {high:+.4f}:"
            f" the seeds {'do not explain' if apart else 'can explain'} that."
        )
    return said or ["No setting is in both, so no losses are compared."]


def agreements(a: Side, b: Side) -> Iterator[str]:
    """Yield a line for each text that both have: how far it agrees, and where it parts."""
    for name in shared(a.passages, b.passages):
        one, other = a.passages[name], b.passages[name]
        if one == other:
            yield f"{name}: the same {len(one):,} characters."
            continue
        pairs = zip(one, other, strict=False)
        length = len([*takewhile(lambda pair: pair[0] == pair[1], pairs)])
        before = one[max(length - AROUND, 0) : length]
        after = (text[length : length + AROUND] for text in (one, other))
        yield (
            f"{name}: the same for {length:,} characters, to {before!r}; then "
            + " against ".join(map(repr, after))
            + "."
        )


def table(head: Sequence[str], rows: Rows) -> str:
    """Return a table for a terminal."""
    lines = [list(head), *rows]
    widths = [max(len(row[i]) for row in lines) for i in range(len(head))]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in lines
    )
    return "\n".join(line.rstrip() for line in padded)
