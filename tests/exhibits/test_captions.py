"""The captions: each says the numbers that it was given, and only what is so."""

import math
import re
from collections import Counter
from itertools import product
from typing import Any

import numpy as np
import pytest

from rnn.analysis.calibration import reliability
from rnn.analysis.copying import Copy
from rnn.analysis.neurons import Neuron
from rnn.analysis.ngrams import Ladder, block_entropies
from rnn.analysis.planted import Error
from rnn.cells import CELLS
from rnn.exhibits import captions, figures, tables
from rnn.exhibits.prose import to_html
from rnn.gradcheck import GradientCheck
from rnn.training import Row, Run, Settings, Snapshot


def numbers(text: str) -> list[float]:
    """Return the numbers of a text, a percentage as a share."""
    found = re.findall(r"(-?\d[\d,]*(?:\.\d+)?(?:e[-+]\d+)?)(%?)", text)
    return [float(n.replace(",", "")) / (100 if percent else 1) for n, percent in found]


# The book


@pytest.mark.parametrize("K", [1, 40, 41, 1500])
def test_what_is_not_shown_of_the_vocabulary(K: int) -> None:
    counts = np.arange(K, 0, -1)
    caption = captions.character_counts(counts)["caption"]
    assert bool(numbers(caption)) == (K > 40)
    if K > 40:
        hidden, share = numbers(caption)
        assert hidden == K - 40
        assert share == pytest.approx(sum(range(1, K - 39)) / sum(range(1, K + 1)), abs=5e-5)


def test_as_many_characters_as_the_table_shows() -> None:
    vocabulary = "".join(map(chr, range(100, 160)))
    _, rows = tables.character_counts(np.ones(60, int), vocabulary)
    hidden = numbers(captions.character_counts(np.ones(60, int))["caption"])[0]
    assert hidden == 60 - sum(cell in vocabulary for row in rows for cell in row if cell)


def test_how_few_characters_make_up_half() -> None:
    text = "a" * 50 + "b" * 30 + "c" * 12 + "d" * 8
    counts = np.array([text.count(c) for c in "abcd"])
    said = captions.character_frequencies(counts, "abcd")
    assert numbers(said["caption"]) == [1, 4]
    assert "'a'" in said["alt"]
    assert numbers(said["alt"]) == [0.5, 0.08]
    assert numbers(captions.character_frequencies(counts, "abcd", most=2)["alt"]) == [0.5, 0.3]
    assert numbers(captions.character_frequencies(np.ones(9, int), "abcdefghi")["caption"])[0] == 5


@pytest.mark.parametrize("shortened", [False, True])
def test_entropies(shortened: bool) -> None:
    known = block_entropies(np.array([0, 1] * 600), most=3)._replace(shortened=shortened)
    said = captions.entropies(known, K=2)
    assert ("the last " in said["caption"]) == shortened
    assert 1200 in numbers(said["caption"])
    # One bit when guessing and for n = 1; then each character says the next.
    assert numbers(said["alt"]) == [1, 1, 0, 0, 1, 3]
    short = captions.entropies(block_entropies(np.array([0, 1]), most=5), K=2)
    assert "nan" not in short["alt"]


# The gradient


@pytest.mark.parametrize(("cell", "ini"), list(product(CELLS, ["normal", "orthogonal"])))
def test_how_the_parameters_start(cell: str, ini: str) -> None:
    caption = captions.parameters(12345, cell, ini, 0.05)["caption"]
    assert numbers(caption) == [12345, 0.05]
    assert ("orthogonal" in caption) == (ini == "orthogonal")
    assert ("each square block of W" in caption) == (ini == "orthogonal" and cell != "rnn")
    assert re.search(r"\w\.$", caption)


def test_how_much_was_checked() -> None:
    check = GradientCheck({"W": 1e-9}, {"W": 1e-16}, entries=54321, checked=2000)
    assert numbers(captions.gradients(check)["caption"]) == [2000, 54321]


def test_step_sweep_says_where_each_curve_is_lowest() -> None:
    errors = {"U": np.array([1, 2e-9, 1e-3]), "W": np.array([1, 0.1, 5e-4])}
    said = captions.step_sweep(np.array([1e-14, 1e-4, 1]), errors, 3e-16)
    assert numbers(said["alt"]) == [1e-4, 2e-9, 1, 5e-4, 3e-16]
    assert not numbers(said["caption"])


def test_how_many_errors_were_caught() -> None:
    error = Error("", "", "")
    bad, fine = (GradientCheck({"W": e}, {"W": e}, 1, 1) for e in (0.5, 0.0))
    assert numbers(captions.planted([(error, bad), (error, fine)])["caption"])[1:] == [1, 2]
    assert numbers(captions.planted([(error, bad)] * 3)["caption"])[1:] == [3, 3]


# Training


def a_run(updates: int = 250, per_epoch: int = 100, **settings: Any) -> Run:
    made = Run(Settings(**settings), 5, per_epoch, [], {}, step=updates, smooth_loss=41.23)
    made.history = [
        Row(s, s // per_epoch + 1, 60.0, 81.5 - s / 10, (s % 4 == 0) * 0.02, 7.0 + s)
        for s in range(updates)
    ]
    return made


def a_snapshot(validation: float | None = None) -> Snapshot:
    return Snapshot(1234, np.zeros(1), np.zeros((1, 1)), 40.0, validation)


@pytest.mark.parametrize(
    ("updates", "per_epoch"), [(250, 100), (101, 100), (100, 100), (90, 100), (700, 10)]
)
def test_epochs_are_spoken_of_where_they_are_marked(updates: int, per_epoch: int) -> None:
    run = a_run(updates, per_epoch)
    said = [captions.loss_curve(run, a_snapshot(), 0)["caption"], captions.course(run)["caption"]]
    figure = figures.loss_curve(run.history, per_epoch, [], 25)
    marks = [line for line in figure.axes[0].lines if line.get_linestyle() == ":"]
    assert ["dotted" in caption for caption in said] == [bool(marks)] * 2


@pytest.mark.parametrize(("dropout", "validation"), list(product([0.0, 0.4], [None, 1.9876])))
def test_loss_curve(dropout: float, validation: float | None) -> None:
    run = a_run(dropout=dropout, seq_length=30)
    said = captions.loss_curve(run, a_snapshot(validation), 0.1)
    assert ("kept from the output layer" in said["caption"]) == bool(dropout)
    assert ("Nothing was held out" in said["caption"]) == (validation is None)
    expected = [250, 30, 41.23, *([0.4] if dropout else [])]
    expected += [1234] if validation is None else [0.1, 1234, 1.988]
    assert numbers(said["caption"]) == expected
    assert numbers(said["alt"]) == [81.5, 41.2]


def test_evolution() -> None:
    assert numbers(captions.evolution(200, 10_000)["caption"]) == [200, 10_000]


@pytest.mark.parametrize("clip_by", ["value", "norm"])
def test_course_says_how_often_something_was_clipped(clip_by: str) -> None:
    said = captions.course(a_run(240, clip_by=clip_by))
    assert ("scaled down" in said["caption"]) == (clip_by == "norm")
    assert ("% of the entries" in said["caption"]) == (clip_by == "value")
    # A quarter of the updates, a fiftieth of the entries in each.
    assert numbers(said["caption"]) == [0.25, *([0.005] if clip_by == "value" else [])]


def test_course_says_that_nothing_was_clipped() -> None:
    run = a_run()
    run.history = [row._replace(clipped=0.0) for row in run.history]
    assert ". Nothing was clipped." in captions.course(run)["caption"]


def test_course_speaks_of_what_was_followed() -> None:
    run = a_run()
    without = captions.course(run)
    assert "not followed" in without["caption"]
    assert without["alt"] == "The norm of the gradient goes from 7 to 256."
    run.validations, run.radii = [(10, 2 * math.log(2)), (20, math.log(2))], [(0, 0.25), (9, 1.5)]
    followed = captions.course(run)
    assert "not followed" not in followed["caption"]
    assert numbers(followed["alt"]) == [7, 256, 2, 1, 0.25, 1.5]


@pytest.mark.parametrize("streams", [1, 4])
def test_losses_by_position(streams: int) -> None:
    known = np.array([[9.0] * 5, [5, 4, 3, 1, 6], [5, 4, 3, 3, 8]])
    later = captions.losses_by_position(known[1:], known, streams)
    assert "is left out" in later["caption"]
    assert ("streams" in later["caption"]) == (streams > 1)
    # Of the means of two epochs in five parts, the fourth and the fifth.
    ends = [2, 0.7, 7, 0.9]
    assert numbers(later["alt"]) == ends
    assert numbers(later["caption"]) == [5, *([4] if streams > 1 else []), *ends]
    only = captions.losses_by_position(known[:1], known, streams)
    assert "Only one epoch" in only["caption"]
    assert "left out" not in only["caption"]


@pytest.mark.parametrize("T", [4, 5, 6])
def test_reaches(T: int) -> None:
    norms = {"before": 0.04 ** np.arange(6.0), "after 9 updates": np.ones(6)}
    said = captions.reaches(norms, T)
    assert ("dotted line" in said["caption"]) == (T <= 5)  # up to five characters back are drawn
    assert "after 2 characters (before), more than 5 characters (after 9 up" in said["caption"]
    assert numbers(said["alt"]) == [1, 1.02e-7, 9, 1, 1]


@pytest.mark.parametrize("shortened", [False, True])
@pytest.mark.parametrize(
    ("network", "verdict"),
    [(1.0, "the network wins, by 0.72"), (2.0, "counting wins, by 0.72"), (1.501, "neither wins")],
)
def test_rungs(network: float, verdict: str, shortened: bool) -> None:
    said = captions.rungs(Ladder({1: 3.0, 2: 1.5, 3: 1.75}, 98765, shortened), network)
    assert verdict in said["caption"]
    assert said["caption"].count("win") == 1
    assert ("the last " in said["caption"]) == shortened
    assert numbers(said["caption"])[:4] == [98765, 2, 1.5, network]
    bits = [round(nats / math.log(2), 2) for nats in (3, 1.5, 1.75, network)]
    assert numbers(said["alt"]) == [bits[0], 1, bits[1], 2, bits[2], 3, bits[3]]


def test_calibration() -> None:
    given, came = np.array([0.2] * 500 + [0.6] * 1000), np.arange(1500) % 2 == 0
    said = captions.calibration(given, came, reliability(given, came))
    error = (500 * 0.3 + 1000 * 0.1) / 1500
    assert numbers(said["caption"]) == [1500, 0.467, 0.5, pytest.approx(error, abs=5e-4)]
    assert numbers(said["alt"]) == [0.2, 0.6, 0.5, 0.5]


# Writing


@pytest.mark.parametrize("prime", ["", "Once"])
def test_passage(prime: str) -> None:
    caption = captions.passage(1000, 0.75, 0.9, prime)["caption"]
    assert numbers(caption) == [1000, 0.75, 0.9]
    assert ("prime" in caption) == bool(prime)


def test_variants() -> None:
    assert numbers(captions.variants(1000)["caption"]) == [1000]


def test_new_words_are_named_once_and_not_too_many() -> None:
    known = {"the", "sea", "is"}
    caption = captions.memory("cu the blue sea is blue, *wide* an", known, 10)["caption"]
    assert "blue, wide." in re.sub("<.*?>", "", to_html(caption))
    assert "no new words" in captions.memory("cu the sea is cut", known, 10)["caption"]
    many = " ".join("abcdefghijklmnopqr")
    named = captions.memory(many, known, 10)["caption"].split(": ")[1]
    assert named.rstrip(".").split(", ") == list("bcdefghijklm")


def test_new_words_are_those_that_the_table_does_not_find() -> None:
    text, known = "a sea as wide as wide b", {"sea", "as"}
    _, rows = tables.memory({"it": text}, {"it": Copy(1, 0, 0)}, known, 10)
    counted = Counter(text.split()[1:-1])
    caption = captions.memory(text, known, 10)["caption"]
    new = sum(n for word, n in counted.items() if word in caption.split(": ")[1])
    assert rows[-1][1] == f"{1 - new / counted.total():.0%}"


def test_a_long_book_is_searched_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captions, "LIMIT", 5000)
    assert "Only" not in captions.memory("a b", set(), 5000)["caption"]
    assert numbers(captions.memory("a b", set(), 5001)["caption"]) == [5000]


@pytest.mark.parametrize("held_out", [False, True])
def test_neurons(held_out: bool) -> None:
    picked = [Neuron(7, "being inside quotes", -0.5), Neuron(60, "the place in the line", 0.25)]
    said = captions.neurons(picked, 20_000, held_out)
    assert ("held out" in said["caption"]) == held_out
    assert ("end of the book" in said["caption"]) != held_out
    assert numbers(said["caption"]) == [20_000]
    assert numbers(said["alt"]) == [7, -0.5, 60, 0.25]
    assert all(neuron.feature in said["alt"] for neuron in picked)
