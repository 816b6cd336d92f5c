"""How two reports or studies differ: tables of rows, each with what one and the other has."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from rnn.analysis.differences import FEWEST, paired
from rnn.files.lines import printable
from rnn.report.compare.sides import Side
from rnn.report.verify.values import parting

K = TypeVar("K")
Rows = list[list[str]]
AROUND = 30  # characters shown on either side of where two texts part
WIDEST = 70  # characters of a value in a table
LONGEST = 200  # characters of a name, or of a sentence that is made of names


def different(one: Mapping[str, str], other: Mapping[str, str]) -> Rows:
    """Return the values that differ, with their names."""
    return [
        [shown(name), *_beside(one.get(name, ""), other.get(name, ""))]
        for name in dict.fromkeys([*one, *other])
        if one.get(name) != other.get(name)
    ]


def _beside(one: str, other: str) -> tuple[str, str]:
    """Return two values that differ, cut so that what differs is seen."""
    long = max(len(one), len(other)) > WIDEST
    start = max(parting(one, other) - AROUND, 0) if long else 0
    before = "…" if start else ""
    return before + shown(one[start:], WIDEST), before + shown(other[start:], WIDEST)


def shown(text: str, most: int = LONGEST) -> str:
    """Return a text on one line, with its control characters as in Python, and not too long."""
    return printable(text[:most]) + ("…" if len(text) > most else "")


def losses(a: Side, b: Side) -> Rows:
    """Return the losses that both have, with their difference and the number of shared seeds.

    They are means over the seeds that both have; if they share none, over all seeds of each.
    """
    rows = []
    for name in shared(a.losses, b.losses):
        one, other = a.losses[name], b.losses[name]
        if not one or not other:
            continue
        seeds = shared(one, other)
        means = [float(np.mean([some[seed] for seed in seeds or some])) for some in (one, other)]
        difference = f"{means[1] - means[0]:+.4f}"
        rows.append([shown(name), *(f"{mean:.4f}" for mean in means), difference, str(len(seeds))])
    return rows


def shared(one: Mapping[K, Any], other: Mapping[K, Any]) -> list[K]:
    """Return the names that both have."""
    return [name for name in one if name in other]


def chance(a: Side, b: Side) -> list[str]:
    """Say which differences of losses the seeds could explain."""
    if a.losses == b.losses:
        return ["All losses are the same."]
    if a.kind == "report":
        return [
            "Each report was trained with one seed. Another seed alone would change these losses,"
            " and how much can't be said from one, so neither report is called better. To find out,"
            " train several seeds of each setting, as in make study SEEDS=5, and compare the"
            " studies."
        ]
    said = []
    for name in shared(a.losses, b.losses):
        seeds = shared(a.losses[name], b.losses[name])
        if len(seeds) < FEWEST:
            are = "seed is" if len(seeds) == 1 else "seeds are"
            said.append(
                f"{shown(name)}: {len(seeds) or 'no'} {are} in both; at least {FEWEST} are needed"
                " to say anything about chance."
            )
            continue
        found = paired([[side.losses[name][seed] for seed in seeds] for side in (a, b)])
        low, high = found.low[1], found.high[1]
        apart = low > 0 or high < 0
        said.append(
            f"{shown(name)}: B − A is {found.mean[1]:+.4f} over {len(seeds)} seeds, with a 95 %"
            f" interval from {low:+.4f} to {high:+.4f}:"
            f" the seeds {'do not explain' if apart else 'can explain'} that."
        )
    return said or ["No setting is in both and measured alike, so no losses are compared."]


def cautions(a: Side, b: Side) -> list[str]:
    """Say what is to be known before losses are compared."""
    said = []
    for name, side, other in (("A", a, b), ("B", b, a)):
        said += [f"{name}, {shown(one)}" for one in side.missing]
        if alone := [one for one in side.losses if one not in other.losses]:
            said.append(f"Only {name} has {shown('; '.join(alone))}.")
    if a.sources.get("book's SHA-256") != b.sources.get("book's SHA-256"):
        said.append("The books differ, so a lower loss does not mean that a network learned more.")
    if a.parameters.get("seq_length") != b.parameters.get("seq_length"):
        said.append(
            "The sequences differ in length, so losses in nats per sequence can't be compared."
        )
    return said


def agreements(a: Side, b: Side) -> list[str]:
    """Return a line for each text that both have: how far it agrees, and where it parts."""
    said = [
        f"{side} has no text that can be read here."
        for side, some in (("A", a), ("B", b))
        if not some.passages
    ]
    for name in shared(a.passages, b.passages):
        one, other = a.passages[name], b.passages[name]
        if one == other:
            said.append(f"{shown(name)}: the same {len(one):,} characters.")
            continue
        length = parting(one, other)
        before = one[max(length - AROUND, 0) : length]
        agreed = "differ from the first character on"
        if length:
            count = "1 character" if length == 1 else f"{length:,} characters"
            agreed = f"the same for {count}, to {before!r}, and then differ"
        said.append(
            f"{shown(name)}: {agreed}: {_then(one, length)} in A, and {_then(other, length)} in B."
        )
    return said or ["They have no text in common."]


def _then(text: str, place: int) -> str:
    return repr(text[place : place + AROUND]) if place < len(text) else "nothing more"


def table(head: Sequence[str], rows: Rows) -> list[str]:
    """Return the lines of a table for a terminal."""
    if not rows:
        return ["none"]
    lines = [list(head), *rows]
    widths = [max(len(row[i]) for row in lines) for i in range(len(head))]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in lines
    )
    return [line.rstrip() for line in padded]
