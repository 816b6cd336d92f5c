"""Exhibits of the book: its size, its characters, and how much there is to learn about them."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import findfont, get_font
from numpy.typing import NDArray

from rnn.analysis.counting.entropies import Entropies, entropy
from rnn.exhibits.kinds import Picture, Sentence, Table
from rnn.exhibits.look import BLUE, GREY
from rnn.exhibits.style import LOW, VISIBLE, plot
from rnn.text import Parts, decode

COMMONEST = 40  # characters of the vocabulary that are shown


def sizes(parts: Parts, K: int) -> Table:
    """Tabulate the number of characters in the book, its parts, and its vocabulary."""
    rows = {
        "the whole book": sum(map(len, parts)),
        **{f"the {name} part": len(part) for name, part in parts._asdict().items()},
        "different characters: the vocabulary size K": K,
    }
    return Table(
        ["", "characters"],
        [[name, f"{count:,}"] for name, count in rows.items()],
        caption="The size of the book, of its parts, and of its vocabulary.",
        label="tab-book",
        math=[0],
    )


def character_counts(
    counts: NDArray[np.int64], vocabulary: str, most: int = COMMONEST, across: int = 4
) -> Table:
    """Tabulate the commonest characters and their counts, in columns to be read downwards.

    Parameters
    ----------
    counts
        How often each character occurs, of shape (K,).
    vocabulary
        The K characters.
    most
        How many of them are shown.
    across
        How many pairs of a character and its count stand side by side.
    """
    order = np.argsort(-counts, kind="stable")[:most]
    pairs = [[VISIBLE.get(vocabulary[i], vocabulary[i]), f"{counts[i]:,}"] for i in order]
    across = min(across, len(pairs))
    height = -(-len(pairs) // across)
    pairs += [["", ""]] * (across * height - len(pairs))
    caption = "The vocabulary and how often each character occurs in the book, the commonest first."
    if (hidden := len(counts) - most) > 0:
        share = 1 - counts[order].sum() / counts.sum()
        caption += f" The {hidden:,} characters that are not shown make up {share:.2%} of the book."
    return Table(
        ["character", "count"] * across,
        [[cell for pair in pairs[r::height] for cell in pair] for r in range(height)],
        caption=caption,
        label="tab-vocabulary",
    )


def guessing(counts: NDArray[np.int64]) -> Sentence:
    """State what guessing costs, blindly and with the counts (K,) of the characters known."""
    return Sentence(
        f"Guessing blindly costs $\\ln K$ = {np.log(len(counts)):.2f} nats per character; guessing"
        f" by the frequencies costs their entropy, {entropy(counts):.2f} nats."
    )


def character_frequencies(
    counts: NDArray[np.int64], vocabulary: str, most: int = COMMONEST
) -> Picture:
    """Draw how often each of the commonest characters occurs, as a share of the book.

    Parameters
    ----------
    counts
        How often each character occurs, of shape (K,).
    vocabulary
        The K characters.
    most
        How many of them are drawn.
    """
    order = np.argsort(-counts, kind="stable")
    frequencies = counts[order] / counts.sum()
    half = np.searchsorted(frequencies.cumsum(), 0.5) + 1
    order, drawn = order[:most], frequencies[:most]
    with plot(LOW) as (figure, axes):
        axes.bar(range(len(order)), 100 * counts[order] / counts.sum(), color=BLUE)
        _name_bars(axes, [vocabulary[i] for i in order])
        axes.set(ylabel="% of the characters", xlabel="character", xlim=(-0.7, len(order) - 0.3))
    return Picture(
        figure,
        caption="How often the commonest characters occur, as a share of the whole book. The "
        f"commonest {half} of the {len(counts):,} make up half of it.",
        alt=f"Bar chart of character frequencies in descending order, from {drawn[0]:.1%} "
        f"for {vocabulary[order[0]]!r} down to {drawn[-1]:.2%}.",
        label="fig-characters",
    )


def _name_bars(axes: Axes, characters: list[str]) -> None:
    """Label each bar with its character; names are rotated, single characters are not."""
    names = [_name(character) for character in characters]
    axes.set_xticks(range(len(names)), names, parse_math=False)
    for label, name in zip(axes.get_xticklabels(), names, strict=True):
        label.set_rotation(90 if len(name) > 1 else 0)


def _name(character: str) -> str:
    """Return a label that identifies a character, even if the font lacks it."""
    if character in VISIBLE:
        return VISIBLE[character]
    drawn = get_font(findfont("sans")).get_char_index(ord(character))
    return character if drawn and character.isprintable() else f"U+{ord(character):04X}"


def entropies(known: Entropies, K: int) -> Picture:
    """Draw the entropy, in bits, of a character given the n - 1 before it, against n."""
    bits = known.bits[np.isfinite(known.bits)].tolist()
    guessing = float(np.log2(K))  # n = 0
    values = [guessing, *bits]
    names = [f"n = {n}\n{count:,} different" for n, count in enumerate(known.distinct, 1)]
    with plot(LOW) as (figure, axes):
        axes.bar(range(len(values)), values, color=[GREY, *[BLUE] * len(bits)], width=0.6)
        for place, value in enumerate(values):
            axes.annotate(
                f"{value:.2f}", (place, value), (0, 3), textcoords="offset points", ha="center"
            )
        axes.set_xticks(range(len(values)), ["guessing", *names[: len(bits)]])
        axes.set(ylabel="bits per character", ylim=(0, 1.15 * max(*values, 0.1)))
    return Picture(
        figure,
        caption="The entropy of a character once the $n - 1$ before it are known, counted on "
        f"{'the last ' if known.shortened else ''}{known.counted:,} characters. Guessing blindly "
        f"costs $\\log_2 K$ = {guessing:.2f} bits. The number of different n-grams stands under "
        "each bar.",
        alt=f"Bar chart of the entropy in bits per character: {guessing:.2f} when guessing, then "
        f"{', '.join(f'{value:.2f}' for value in bits)} for n = 1 to {len(bits)}.",
        label="fig-entropies",
    )


def sequence(x: NDArray[np.integer], y: NDArray[np.integer], vocabulary: str) -> Table:
    """Write out a sequence and its target, both of shape (T,), as characters and as indices."""
    rows = [
        [name, repr(decode(indices, vocabulary)), " ".join(map(str, indices))]
        for name, indices in {"x": x, "y": y}.items()
    ]
    return Table(
        ["", "characters", "indices"],
        rows,
        caption="The first sequence of the book and its target.",
        label="tab-sequence",
        code=[1],
        math=[0],
    )
