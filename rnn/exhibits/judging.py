"""Exhibits of what was learned: the reach of gradients, counting as a rival, calibration."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from rnn.analysis.calibration import Reliability, guesses, reliability
from rnn.analysis.counting.ladder import Ladder
from rnn.analysis.reach import faded
from rnn.exhibits.kinds import Picture, Sentence
from rnn.exhibits.look import BLUE, GREY, INK, ORANGE, SKY
from rnn.exhibits.style import LOW, canvas, legend_above, name_powers, plot
from rnn.exhibits.words import from_to
from rnn.network import Network
from rnn.run import Run, concluded


def moments(start: Network, run: Run) -> dict[str, Network]:
    """Return the network at some moments of training, in order, by the name of the moment.

    Parameters
    ----------
    start
        The network before the first update.
    run
        The concluded run; a short one has no early moment.
    """
    best = concluded(run)
    found = {"before training": start}
    if run.early is not None and run.early_step > 0:
        found[f"after {run.early_step:,} updates"] = run.early
    found[f"the best model, {best.step:,} updates"] = best.network
    return found


def reaches(norms: Mapping[str, NDArray[np.float64]], T: int) -> Picture | Sentence:
    """Draw the norm of the gradient against the number of steps back.

    Parameters
    ----------
    norms
        For each moment of training, |dL_t / dh_{t-k}| for k = 0, 1, ..., of shape (n,).
    T
        The sequence length; marked if the norms go back that far.
    """
    if not all(values.any() for values in norms.values()):
        return Sentence(
            "In this book there is no gradient to follow: every next character is certain."
        )
    last = max(len(values) for values in norms.values()) - 1
    mark = "The dotted line is the sequence length, where training cuts the gradient off. "
    left = ", ".join(f"{faded(values)} characters ({name})" for name, values in norms.items())
    ends = from_to({name.capitalize(): values for name, values in norms.items()})
    return Picture(
        _norms(norms, last, T),
        caption="The norm of $\\partial L_t / \\partial h_{t-k}$, averaged over places in the "
        f"book. {mark if last >= T else ''}Less than a hundredth of it is left after {left}.",
        alt=f"Curves on a logarithmic axis. {ends}.",
        label="fig-reach",
    )


def _norms(norms: Mapping[str, NDArray[np.float64]], last: int, T: int) -> Figure:
    """Draw norms against k = 0 to `last` on a logarithmic axis."""
    with plot(LOW) as (figure, axes):
        top = max(float(values.max(initial=0)) for values in norms.values()) or 1.0
        least = 1e-10 * top
        for colour, (name, values) in zip((GREY, SKY, ORANGE), norms.items(), strict=False):
            seen = np.where(values >= least, values, np.nan)
            axes.semilogy(seen, color=colour, linewidth=1.8, marker="o", markersize=2.5, label=name)
        name_powers(axes.yaxis)
        if last >= T:
            axes.axvline(T, color=INK, alpha=0.5, linewidth=0.8, linestyle=":")
            mark = ("data", "axes fraction")
            axes.annotate(
                f"T = {T}", (T, 1), (4, 0), xycoords=mark, textcoords="offset points", va="top"
            )
        axes.set(xlabel="k, characters back", ylabel="norm of the gradient")
        axes.set(xlim=(0, max(last, 1)), ylim=(least, 3 * top))
        legend_above(axes)
        return figure


def rungs(counted: Ladder, network: float | None) -> Picture | Sentence:
    """Draw the loss of n-gram models against n, with that of the network.

    Parameters
    ----------
    counted
        The losses of n-grams on the test part.
    network
        The loss of the network, in nats per character; None if there is no test part.
    """
    if network is None:
        return Sentence("There is no test part, so there is no text for a fair comparison.")
    rules = {"Witten-Bell": counted.witten_bell, "Kneser-Ney": counted.kneser_ney}
    best = {rule: min(nats, key=nats.__getitem__) for rule, nats in rules.items()}
    least = rules["Kneser-Ney"][best["Kneser-Ney"]]
    gap = (least - network) / np.log(2)
    verdict = (
        f"{'the network' if gap > 0 else 'counting'} wins, by {abs(gap):.2f} bits per character."
    )
    bits, known = (
        {name: {n: loss / np.log(2) for n, loss in nats.items()} for name, nats in table.items()}
        for table in (rules, {"entropy": counted.entropies})
    )
    line = network / np.log(2)
    listed = "; ".join(
        f"{rule}, " + ", ".join(f"{value:.2f} for n = {n}" for n, value in values.items())
        for rule, values in (bits | known).items()
    )
    return Picture(
        _bars_and_line(bits, best, known["entropy"], line),
        caption="The loss on the test part, of the network and of n-gram models counted on "
        f"{'the last ' if counted.shortened else ''}{counted.fitted:,} characters of the training "
        "part. The short lines are the entropy there: the loss of plain frequencies on the very "
        "text that they were counted on, too low for long contexts. The best by Witten and Bell's "
        "rule, with "
        f"n = {best['Witten-Bell']}, loses {rules['Witten-Bell'][best['Witten-Bell']]:.3f} nats "
        f"per character, the best by Kneser and Ney's, with n = {best['Kneser-Ney']}, {least:.3f}, "
        f"and the network {network:.3f}: as trained, "
        f"{'neither wins.' if abs(gap) < 0.005 else verdict}",
        alt=f"Bar chart of bits per character for n-gram models: {listed}; a line at "
        f"{line:.2f} for the network.",
        label="fig-ngrams",
    )


def _bars_and_line(
    bits: Mapping[str, Mapping[int, float]],
    best: Mapping[str, int],
    known: Mapping[int, float],
    line: float,
) -> Figure:
    """Draw bars, the best named, and the entropy for each n, and a line; nats on the right."""
    with plot(LOW) as (figure, axes):
        for side, colour, (rule, values) in zip((-1, 1), (GREY, BLUE), bits.items(), strict=True):
            places = np.array(list(values)) + 0.2 * side
            bars = axes.bar(places, list(values.values()), color=colour, width=0.36, label=rule)
            names = [f"{value:.2f}" if n == best[rule] else "" for n, value in values.items()]
            axes.bar_label(bars, names, padding=2, fontsize=8)
        axes.hlines(
            [*known.values()],
            np.array([*known]) - 0.44,
            np.array([*known]) + 0.44,
            color=INK,
            linewidth=1.6,
            label="entropy of what was counted",
        )
        longest = max(map(max, bits.values()))
        axes.set_xticks(range(1, longest + 1), [f"n = {n}" for n in range(1, longest + 1)])
        axes.axhline(line, color=ORANGE, linewidth=1.8)
        axes.annotate(
            f"the network: {line:.2f}",
            (1, line),
            (-4, 3),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            color=ORANGE,
        )
        top = max(*(value for values in bits.values() for value in values.values()), 0.1)
        axes.set(ylabel="bits per character", xlim=(0.4, longest + 2.1))
        axes.set_ylim(0, 1.12 * max(top, line))
        other = axes.secondary_yaxis(
            "right", functions=(lambda b: b * np.log(2), lambda n: n / np.log(2))
        )
        other.set_ylabel("nats per character")
        legend_above(axes)
        return figure


def calibration(network: Network, test: NDArray[Any], states: NDArray[Any]) -> Picture | Sentence:
    """Draw how often a network's likeliest character was right, by the probability it was given.

    Parameters
    ----------
    network
        The network that predicts.
    test
        The test part as indices; there may be none.
    states
        The state before it, of shape (STATES, m).
    """
    if not len(test):
        return Sentence("Calibration, too, can only be measured on a test part.")
    given, came = guesses(network, test, states)
    found = reliability(given, came)
    ends = from_to({"the probability": found.expected, "the share that was right": found.came})
    return Picture(
        _diagonal_and_counts(found),
        caption="How often the likeliest character was right, by the probability that it was "
        f"given, and how many such guesses there were, on {len(given):,} characters of the test "
        f"part. On average it was given {given.mean():.1%} and was right {came.mean():.1%} of the "
        "time; the mean distance from the dashed line, the expected calibration error, is "
        f"{found.error:.1%}. Points for fewer than ten guesses are not drawn.",
        alt=f"Reliability curve beside the diagonal, from low to high: {ends}. Next to it, a bar "
        "chart of how many characters were given each probability.",
        label="fig-calibration",
    )


def _diagonal_and_counts(found: Reliability) -> Figure:
    """Draw the reliability curve, and next to it the number of guesses in each bin."""
    bins, enough = len(found.counts), found.counts >= min(10, found.counts.max())
    expected, came = found.expected[enough], found.came[enough]
    with canvas(LOW) as figure:
        left, right = figure.subplots(1, 2)
        left.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle="--")
        left.plot(expected, came, "o-", color=BLUE, markersize=4, clip_on=False)
        left.annotate("overconfident", (0.97, 0.06), ha="right")
        left.annotate("underconfident", (0.03, 0.9))
        left.set(xlabel="probability given", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
        left.set_aspect("equal")
        edges = np.arange(bins) / bins
        right.bar(edges, found.counts, width=0.9 / bins, align="edge", color=GREY)
        right.set(xlabel="probability given", ylabel="characters", xlim=(0, 1))
        right.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        return figure
