"""The captions of figures, tables and texts, where they hold numbers or depend on choices.

Each function returns what `rnn.exhibits.show` takes as `caption` and, for a figure, as `alt`. It
has the name of the function of `figures` or `tables` that makes the rest, where there is one.
Losses are in nats, per sequence in training and per character elsewhere.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rnn.analysis.calibration import Reliability
from rnn.analysis.copying import SEARCHED, whole_words
from rnn.analysis.neurons import Neuron
from rnn.analysis.ngrams import Entropies, Ladder
from rnn.analysis.reach import faded
from rnn.cells import Slip
from rnn.exhibits.figures import COMMONEST, epoch_marks
from rnn.exhibits.prose import plain
from rnn.exhibits.words import extremes, from_to
from rnn.gradcheck import EXACT, GradientCheck, meets_bars
from rnn.run import Run, Snapshot

NEW_WORDS = 12  # that are named, at most


def character_counts(counts: NDArray[np.int64], most: int = COMMONEST) -> dict[str, str]:
    """Return the caption of the vocabulary, of which `most` are shown; counts are of shape (K,)."""
    caption = "The vocabulary and how often each character occurs in the book, the commonest first."
    if (hidden := len(counts) - most) > 0:
        shown = np.sort(counts)[::-1][:most].sum()
        share = 1 - shown / counts.sum()
        caption += f" The {hidden:,} that are not shown make up {share:.2%} of it."
    return {"caption": caption}


def character_frequencies(
    counts: NDArray[np.int64], vocabulary: str, most: int = COMMONEST
) -> dict[str, str]:
    """Return caption and alt of the bar chart of the `most` commonest characters.

    Parameters
    ----------
    counts
        How often each character occurs, of shape (K,).
    vocabulary
        The K characters.
    most
        How many of them are drawn.
    """
    frequencies = np.sort(counts / counts.sum())[::-1]
    half = np.searchsorted(frequencies.cumsum(), 0.5) + 1
    commonest = vocabulary[int(np.argmax(counts))]
    return {
        "caption": "How often the commonest characters occur, as a share of the whole book. It "
        f"takes only {half} of the {len(counts):,} to make up half of it.",
        "alt": f"Bar chart of character frequencies in falling order, from {frequencies[0]:.1%} "
        f"for {commonest!r} down to {frequencies[:most][-1]:.2%}.",
    }


def entropies(known: Entropies, K: int) -> dict[str, str]:
    """Return caption and alt of the entropies, in bits, of characters out of K."""
    left = [f"{bits:.2f}" for bits in known.bits[np.isfinite(known.bits)]]
    guessing = f"{np.log2(K):.2f}"
    return {
        "caption": "What is left to learn of a character once the $n - 1$ before it are known, "
        f"counted on {'the last ' if known.shortened else ''}{known.counted:,} characters. "
        f"Guessing blindly costs $\\log_2 K$ = {guessing} bits. Under each bar: how many different "
        "n-grams occur.",
        "alt": f"Bar chart of the entropy in bits per character: {guessing} when guessing, then "
        f"{', '.join(left)} for n = 1 to {len(left)}.",
    }


def parameters(entries: int, cell: str, initialisation: str, init_scale: float) -> dict[str, str]:
    """Return the caption of a network's parameters: how many entries, and how they start."""
    caption = (
        f"The parameters: {entries:,} numbers in all. They start from a normal distribution with "
        f"standard deviation {init_scale:g}, the biases from zero"
    )
    if initialisation == "orthogonal":
        blocks = "" if cell == "rnn" else "each square block of "
        caption += f", {blocks}W from a random orthogonal matrix"
    return {"caption": f"{caption}."}


def gradients(check: GradientCheck) -> dict[str, str]:
    """Return the caption of the gradient check."""
    return {
        "caption": "Relative error of the analytic gradient of each parameter; "
        f"{check.checked:,} of {check.entries:,} entries were checked, at the size that is trained "
        "below."
    }


def step_sweep(
    steps: NDArray[np.float64], errors: Mapping[str, NDArray[np.float64]], exact: float
) -> dict[str, str]:
    """Return caption and alt of the errors of central differences.

    Parameters
    ----------
    steps
        The steps h, of shape (n,).
    errors
        The relative error of each parameter's gradient for each step, of shape (n,).
    exact
        The largest error of the complex step.
    """
    tips = ", ".join(
        f"h = {steps[error.argmin()]:.0e} for {name} ({error.min():.0e})"
        for name, error in errors.items()
        if error.any()
    )
    return {
        "caption": "The error of central differences against their step, on a seeded choice of "
        "entries of each parameter. Down the right arm of the V the approximation gets better, up "
        "the left one rounding takes over. The dashed line is the complex step, the dotted one the "
        "step of the check above.",
        "alt": f"V-shaped curves, lowest at {tips}; the complex step is at {exact:.0e}.",
    }


def planted(checks: Sequence[tuple[Slip, GradientCheck]]) -> dict[str, str]:
    """Return the caption of the planted errors and what the gradient check found of each."""
    caught = sum(not meets_bars(check) for _, check in checks)
    return {
        "caption": "Errors planted in the backward pass, the parameters whose gradient they spoil, "
        "and the largest relative error against the complex step, which is below "
        f"{EXACT:.0e} where the gradient is right. The check caught {caught} of {len(checks)}."
    }


def loss_curve(run: Run, best: Snapshot, held_out: float) -> dict[str, str]:
    """Return caption and alt of the loss of a run; `held_out` is a share of the book."""
    settings, marks = run.settings, epoch_marks(run.history[-1].step, run.updates_per_epoch)
    dropped = (
        f" In training {settings.dropout:.0%} of the hidden states were kept from the output "
        "layer, at random, which makes it harder."
    )
    judged = (
        f" Nothing was held out; the best model is that of step {best.step:,}."
        if best.validation is None
        else f" {held_out:.0%} of the book was held out; on it the best model, that of step "
        f"{best.step:,}, loses {best.validation:.3f} nats per character."
    )
    return {
        "caption": f"The loss and the smoothed loss over {run.step:,} updates, in nats per "
        f"sequence of {settings.seq_length} characters"
        f"{'; dotted lines mark the epochs' if marks else ''}. The smoothed loss ends at "
        f"{run.smooth_loss:.2f}.{dropped if settings.dropout else ''}{judged}",
        "alt": "Curves of the loss and the smoothed loss. The smoothed loss falls from "
        f"{run.history[0].smooth_loss:.1f} to {run.smooth_loss:.1f}.",
    }


def evolution(length: int, every: int) -> dict[str, str]:
    """Return the caption of samples of so many characters, written after every so many updates."""
    return {
        "caption": f"The evolution of the text: {length} characters before the first update and "
        f"after every {every:,}th, each with the smoothed loss at that step."
    }


def course(run: Run) -> dict[str, str]:
    """Return caption and alt of what else went on in a run."""
    marks = epoch_marks(run.history[-1].step, run.updates_per_epoch)
    clipped = np.array([row.clipped for row in run.history])
    share = f"In {np.mean(clipped > 0):.1%} of the updates"
    if not clipped.any():
        clipping = "Nothing was clipped."
    elif run.settings.clip_by == "norm":
        clipping = f"{share} the gradient was scaled down."
    else:
        entries = f"{100 * clipped.mean():.2g}% of the entries"
        clipping = f"{share} something was clipped, on average {entries}."
    unfollowed = (
        " The spectral radius is not followed for large networks, nor for cells with gates, which "
        "have one W each."
    )
    bits = [nats / np.log(2) for _, nats in run.validations]
    ends = {
        "The norm of the gradient": [row.norm for row in run.history],
        "the held-out loss in bits per character": bits,
        "the spectral radius of W": [radius for _, radius in run.radii],
    }
    return {
        "caption": "What went on in training: thin lines are single updates, thick ones a running "
        f"median or mean{', dotted ones epochs' if marks else ''}. {clipping}"
        f"{'' if run.radii else unfollowed}",
        "alt": f"{from_to(ends)}.",
    }


def losses_by_position(
    drawn: NDArray[np.float64], known: NDArray[np.float64], streams: int
) -> dict[str, str]:
    """Return caption and alt of the loss by position.

    Parameters
    ----------
    drawn
        The loss in each epoch that is drawn, of shape (some epochs, bins), without NaN.
    known
        That of all epochs, of shape (epochs, bins).
    streams
        Into how many the book was cut.
    """
    mean = drawn.mean(axis=0)
    where = [f"at {(i + 0.5) / len(mean):.0%}" for i in range(len(mean))]
    ends = extremes(mean.tolist(), where)
    first = (
        "Only one epoch is known whole, so what was learned meanwhile can't be told from the place."
        if np.array_equal(drawn[0], known[0])
        else "The first epoch, in which the network is still learning the letters, is left out."
    )
    cut = f"{streams} streams that the book was cut into" if streams > 1 else "book"
    return {
        "caption": f"The loss by the place that was being read, in {len(mean)} equal parts of the "
        f"{cut}. The mean ranges {ends}. {first}",
        "alt": f"Curves of the loss against the place in the book, {ends}.",
    }


def reaches(norms: Mapping[str, NDArray[np.float64]], T: int) -> dict[str, str]:
    """Return caption and alt of how far gradients reach.

    Parameters
    ----------
    norms
        For each moment of training |dL_t / dh_{t-k}| for k = 0, 1, ..., of shape (n,).
    T
        The sequence length, which the figure marks if there are so many.
    """
    last = max(len(values) for values in norms.values()) - 1
    mark = "The dotted line is the sequence length, where training cuts it off. "
    left = ", ".join(f"{faded(values)} characters ({name})" for name, values in norms.items())
    ends = from_to({name.capitalize(): values for name, values in norms.items()})
    return {
        "caption": "The norm of $\\partial L_t / \\partial h_{t-k}$, a mean over places of the "
        f"book. {mark if last >= T else ''}Less than a hundredth of it is left after {left}.",
        "alt": f"Curves on a logarithmic axis. {ends}.",
    }


def rungs(counted: Ladder, network: float) -> dict[str, str]:
    """Return caption and alt of the loss of n-grams beside that of the network, in nats."""
    best = min(counted.nats, key=counted.nats.__getitem__)
    gap = (counted.nats[best] - network) / np.log(2)
    verdict = f"{'the network' if gap > 0 else 'counting'} wins, by {abs(gap):.2f} bits."
    bits = ", ".join(f"{nats / np.log(2):.2f} for n = {n}" for n, nats in counted.nats.items())
    return {
        "caption": "The loss on the part held out, of n-grams counted on "
        f"{'the last ' if counted.shortened else ''}{counted.fitted:,} characters of the training "
        f"part and of the network. The best n-gram, with n = {best}, has "
        f"{counted.nats[best]:.3f} nats per character, the network {network:.3f}: "
        f"{'neither wins.' if abs(gap) < 0.005 else verdict}",
        "alt": f"Bar chart of bits per character for n-grams: {bits}; a line at "
        f"{network / np.log(2):.2f} for the network.",
    }


def calibration(
    given: NDArray[np.float64], came: NDArray[np.bool_], found: Reliability
) -> dict[str, str]:
    """Return caption and alt of the calibration.

    Parameters
    ----------
    given, came
        The probability of each likeliest character, and whether it came, of shape (n,).
    found
        The same in bins.
    """
    ends = from_to({"the probability": found.expected, "the share that came": found.came})
    return {
        "caption": "How often the likeliest character came, by the probability that it was given, "
        f"and how many such guesses there were, on {len(given):,} characters held out. On average "
        f"it was given {given.mean():.1%} and came {came.mean():.1%} of the time; the mean "
        f"distance from the dashed line, the expected calibration error, is {found.error:.1%}. "
        "Points that would stand for fewer than ten guesses are not drawn.",
        "alt": f"Reliability curve near the diagonal, from low to high: {ends}. Beside it a bar "
        "chart of how many characters were given each probability.",
    }


def passage(length: int, temperature: float, top_p: float, prime: str) -> dict[str, str]:
    """Return the caption of the passage; the prime text may be empty."""
    return {
        "caption": f"{length:,} characters by the best model, at temperature {temperature:g} and "
        f"top-p {top_p:g}{', after the prime text' if prime else ''}."
    }


def variants(length: int) -> dict[str, str]:
    """Return the caption of what a model writes in other ways, of so many characters each."""
    return {
        "caption": "The same network with the same random numbers, and the entropy per character "
        f"of what was drawn from, a mean over {length:,} characters of which the first are shown."
    }


def memory(passage: str, known: Collection[str], trained: int) -> dict[str, str]:
    """Return the caption of what a passage has from the book.

    Parameters
    ----------
    passage
        The text.
    known
        The words of the training part.
    trained
        How many characters it has.
    """
    own = list(dict.fromkeys(word for word in whole_words(passage) if word not in known))
    new = f"Words of its own: {plain(', '.join(own[:NEW_WORDS]))}."
    cut = f" Only the last {SEARCHED:,} characters were searched." if trained > SEARCHED else ""
    return {
        "caption": "What the passage has from the book. "
        f"{new if own else 'It has no new words.'}{cut}"
    }


def neurons(picked: Sequence[Neuron], characters: int, held_out: bool) -> dict[str, str]:
    """Return caption and alt of hidden units, and over how many characters they were looked at."""
    where = "held out" if held_out else "at the end of the book"
    found = "; ".join(
        f"unit {n.unit} has a correlation of {n.correlation:.2f} with {n.feature}" for n in picked
    )
    return {
        "caption": "Hidden units over some lines of the book: the colour is the value of the unit "
        f"after it has read the character. The correlations $r$ are over {characters:,} characters "
        f"{where}; where one is near zero, no unit follows that. ↵ is a line end.",
        "alt": f"Lines of text, once for each unit, coloured by its value: {found}.",
    }
