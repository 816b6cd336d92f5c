"""Exhibits of adapting: what going on learning is worth, and where."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rnn.analysis.counting.adapting import CONTEXT, COUNTED
from rnn.analysis.counting.ladder import Ladder
from rnn.analysis.differences import FEWEST, paired
from rnn.analysis.together import CHOSEN_BY, Together
from rnn.exhibits.kinds import Picture, Sentence, Table
from rnn.exhibits.look import BLUE, GREEN, GREY, ORANGE
from rnn.exhibits.style import LOW, canvas, legend_above, plot
from rnn.exhibits.words import extremes

PIECES = 50  # of the test part, at most, that are drawn
LEAST = 200  # characters of a piece: fewer say nothing
NAMES = {
    "as_trained": "the network, as trained",
    "network": "the network, adapting",
    "counting": "counting, adapting",
    "mixed": "both, mixed",
}
COLOURS = dict(zip(NAMES, (GREY, BLUE, ORANGE, GREEN), strict=True))
# Thin lines on thick ones: what adapts, or is mixed, may lie on what it is compared with.
WIDTHS = dict(zip(NAMES, (3.2, 1.2, 3.2, 1.2), strict=True))
SHORT = Sentence("There is no test part, or it is too short, to say what adapting is worth.")


def two_ways(counted: Ladder, adapted: Together) -> Table | Sentence:
    """Tabulate the losses on the test part as trained and adapting.

    Parameters
    ----------
    counted
        The losses of n-grams.
    adapted
        Those of adapting.
    """
    if not adapted.mixed.size:
        return SHORT
    best = {
        rule: min(nats, key=nats.__getitem__)
        for rule, nats in (("WB", counted.witten_bell), ("KN", counted.kneser_ney))
    }
    witten_bell, kneser_ney = counted.witten_bell[best["WB"]], counted.kneser_ney[best["KN"]]
    network, counting, mixed, still = (
        getattr(adapted, name).mean() for name in ("network", "counting", "mixed", "as_trained")
    )
    rows = {
        f"n-grams, Witten-Bell, n = {best['WB']}": (witten_bell, None),
        f"n-grams, Kneser-Ney, n = {best['KN']}": (kneser_ney, counting),
        "the network": (still, network),
        "the network and counting, mixed": (None, mixed),
    }
    least = min(losses := {"counting": counting, "the network": network}, key=losses.__getitem__)
    alone = adapted.counting if least == "counting" else adapted.network
    return Table(
        ["", "as trained", "adapting"],
        [[name, *map(_nats, both)] for name, both in rows.items()],
        caption=f"The loss on {adapted.mixed.size:,} characters of the test part, in nats per "
        f"character (in brackets: bits). {_before(adapted)} Counting that adapts looks at up to "
        f"{CONTEXT} characters before each{_shortened(counted)}. "
        + _verdict(least, alone, adapted.mixed),
        label="tab-adapting",
    )


def _verdict(name: str, alone: NDArray[np.float64], mixed: NDArray[np.float64]) -> str:
    """Say by how much the mixture is better than the better of the two, and how sure that is."""
    gain, pieces = alone.mean() - mixed.mean(), min(PIECES, mixed.size // LEAST)
    if gain < 0.0005:
        return f"The mixture is no better than {name} alone."
    words = f"The mixture is better than {name} alone by {gain:.3f}"
    if pieces < FEWEST:
        return f"{words}."
    means = [[part.mean() for part in np.array_split(some, pieces)] for some in (mixed, alone)]
    found = paired(means)
    words += (
        f" ({found.low[1]:.3f} to {found.high[1]:.3f}, a paired 95 % interval over {pieces} pieces"
        " of the test part)"
    )
    if found.low[1] > 0:
        return f"{words}: each knows something that the other does not."
    return f"{words}, which may be chance."


def _shortened(counted: Ladder) -> str:
    """Say what counting that adapts has counted, if that is not all of the training part."""
    if not counted.shortened and counted.fitted <= COUNTED:
        return ""
    return f", and has counted the last {COUNTED:,} characters of the training part"


def _before(adapted: Together) -> str:
    """Say what else than the test part was adapted to, and what chose the rates."""
    if adapted.before:
        first = f"the first {CHOSEN_BY:,} of them" if adapted.before > CHOSEN_BY else "they"
        return (
            f"What adapts reads {adapted.before:,} characters of the validation part first, and "
            f"learns from them; {first} also chose how the network adapts."
        )
    return (
        "There is no validation part: what adapts begins with the test part, and the network does "
        "so in the usual way."
    )


def _nats(loss: float | None) -> str:
    return "–" if loss is None or not np.isfinite(loss) else f"{loss:.3f} ({loss / np.log(2):.2f})"


def along(adapted: Together) -> Picture | Sentence:
    """Draw the losses along the test part, in equal pieces."""
    pieces = min(PIECES, adapted.mixed.size // LEAST)
    if pieces < 5:
        return SHORT
    curves = {
        name: np.array([part.mean() for part in np.array_split(getattr(adapted, name), pieces)])
        for name in NAMES
    }
    gains = curves["as_trained"] - curves["network"]
    ends = extremes(gains.tolist(), [f"at {(i + 0.5) / pieces:.0%}" for i in range(pieces)])
    return Picture(
        _curves(curves),
        caption=f"The loss along the test part, in {pieces} equal pieces of some "
        f"{adapted.mixed.size // pieces:,} characters. What the network gains by adapting ranges "
        f"{ends} nats per character. It adapts at a rate of {adapted.way.rate:g}, with a decay of "
        f"{adapted.way.decay:g}.",
        alt="Curves of the loss along the test part; the mean is "
        + ", ".join(f"{curve.mean():.2f} for {NAMES[name]}" for name, curve in curves.items())
        + ".",
        label="fig-along",
    )


def _curves(curves: Mapping[str, NDArray[np.float64]]) -> Figure:
    with plot(LOW) as (figure, axes):
        for name, curve in curves.items():
            middle = 100 * (np.arange(len(curve)) + 0.5) / len(curve)
            axes.plot(middle, curve, color=COLOURS[name], linewidth=WIDTHS[name], label=NAMES[name])
        axes.set(xlabel="% of the test part", ylabel="nats per character", xlim=(0, 100))
        legend_above(axes)
        return figure


def by_kind(adapted: Together, which: Mapping[str, NDArray[np.bool_]]) -> Picture | Sentence:
    """Draw the losses by kind of character.

    Parameters
    ----------
    adapted
        The losses.
    which
        As `rnn.analysis.kinds.kinds` returns it for the test part, of which all characters but the
        first were predicted.
    """
    if not adapted.mixed.size:
        return SHORT
    which = {kind: chosen[1:] for kind, chosen in which.items() if chosen[1:].any()}
    shares = {kind: float(chosen.mean()) for kind, chosen in which.items()}
    table = {
        name: [float(getattr(adapted, name)[chosen].mean()) for chosen in which.values()]
        for name in NAMES
    }
    better = [
        f"{kind} ({network:.2f} against {counting:.2f})"
        for kind, network, counting in zip(which, table["network"], table["counting"], strict=True)
        if network < counting
    ]
    verdict = (
        f"Of the two that adapt, the network is better than counting at {', '.join(better)}."
        if better
        else "Of the two that adapt, counting is better than the network at each kind."
    )
    return Picture(
        _dots(table, [f"{kind}\n{share:.1%} of the text" for kind, share in shares.items()]),
        caption="The loss by kind of character. A new word is one that the training part lacks, "
        f"as many names are. {verdict}",
        alt="Points in a row for each kind of character: "
        + "; ".join(
            f"{kind}, "
            + ", ".join(f"{losses[i]:.2f} for {NAMES[name]}" for name, losses in table.items())
            for i, kind in enumerate(which)
        )
        + ".",
        label="fig-kinds",
    )


def _dots(table: Mapping[str, list[float]], rows: list[str]) -> Figure:
    with canvas((LOW[0], 0.8 + 0.42 * len(rows))) as figure:
        axes = figure.subplots()
        axes.grid(axis="x", linewidth=0.6)
        axes.set_axisbelow(True)
        places = np.arange(len(rows))
        rows_apart = np.linspace(-0.24, 0.24, len(table))  # or the marks would lie on one another
        for (name, losses), mark, apart in zip(table.items(), "osDX", rows_apart, strict=True):
            axes.plot(
                losses, places + apart, mark, color=COLOURS[name], markersize=6, label=NAMES[name]
            )
        axes.set_yticks(places, rows)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set(xlabel="nats per character")
        axes.set_xlim(left=0)
        legend_above(axes)
        return figure
