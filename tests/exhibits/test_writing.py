"""Exhibits of what the network writes."""

import re
from collections import Counter

import numpy as np
import pytest

from rnn.analysis.copying import Copy, longest_copy
from rnn.analysis.neurons import Neuron
from rnn.analysis.variants import Variant
from rnn.exhibits import writing
from rnn.exhibits.prose import to_html
from rnn.exhibits.writing import memory, neurons, passage, variants, whose
from rnn.text import encode
from tests.exhibited import drawn, numbers, picture, sentence
from tests.reference import small_model

NONE = Copy(0, 0, 0)


@pytest.mark.parametrize("prime", ["", "Once"])
def test_passage(prime: str) -> None:
    shown = passage("ab" * 500, 0.75, 0.9, prime)
    assert shown.text == "ab" * 500
    assert numbers(shown.caption) == [1000, 0.75, 0.9]
    assert ("prime" in shown.caption) == bool(prime)


def test_a_passage_by_another_model_names_its_file() -> None:
    assert "by the best model" in passage("ab", 1, 1, "").caption
    caption = passage("ab", 1, 1, "", "../models/my_model.npz").caption
    assert "by the model in `my_model.npz`" in caption
    assert "best" not in caption


def test_whose_model_writes() -> None:
    model = small_model(m=7, cell="gru")
    assert whose(model, "").markdown == (
        "The model is the best one of the training; its cell is `gru`, and it has 7 hidden units."
    )
    assert whose(model, "a/b*c.npz").markdown == (
        "The model is not that of the training, but the one saved in `b*c.npz`; its cell is"
        " `gru`, and it has 7 hidden units."
    )


def test_variants_show_the_beginning() -> None:
    table = variants([Variant(0.5, 1.0, 1.234, "ab" * 500)])
    assert dict(zip(table.columns, table.rows[0], strict=True)) == {
        "temperature": "0.5",
        "top-p": "1",
        "bits": "1.23",
        "text": "ab" * 55,
    }
    assert numbers(table.caption) == [1000]


def test_memory() -> None:
    book = "the sea was wide\nand the day was long"
    texts = {"one": "xx the sea was blue yy", "two": "zz"}
    alphabet = "".join(sorted({*book, *"".join(texts.values())}))
    indices = encode(book, alphabet)
    copies = {name: longest_copy(encode(text, alphabet), indices) for name, text in texts.items()}
    table = memory(texts, copies, set(book.split()), len(book))
    assert table.columns == ["", "one", "two"]
    length, run, place, words, found = ([*row[1:]] for row in table.rows)
    assert length == ["12", "0"]
    assert run == ["'the sea was '", "''"]
    assert place[0] == "0.0%"
    assert words == ["4", "0"]  # the first and last word may be cut
    assert found == ["75%", ""]


def test_a_long_run_is_shown_in_part() -> None:
    text = "abc" * 50
    copies = {"it": longest_copy(encode(text, "abc"), encode("cc" + text, "abc"))}
    table = memory({"it": text}, copies, set(), 152)
    assert [row[1] for row in table.rows[:3]] == ["150", repr(text[:80]), "1.3%"]


def said_of(text: str, known: set[str], trained: int = 10) -> str:
    """Return the caption of a passage beside another text, which the caption leaves out."""
    texts = {"the passage": text, "other": "cut unheard words cut"}
    return memory(texts, dict.fromkeys(texts, NONE), known, trained).caption


def test_new_words_are_named_once_and_not_too_many() -> None:
    known = {"the", "sea", "is"}
    caption = said_of("cu the blue sea is blue, *wide* an", known)
    assert "blue, wide." in re.sub("<.*?>", "", to_html(caption))
    assert "no new words" in said_of("cu the sea is cut", known)
    named = said_of(" ".join("abcdefghijklmnopqr"), known).split(": ")[1]
    assert named.rstrip(".").split(", ") == list("bcdefghijklm")


def test_new_words_are_those_that_the_table_does_not_find() -> None:
    text, known = "a sea as wide as wide b", {"sea", "as"}
    table = memory({"it": text}, {"it": Copy(1, 0, 0)}, known, 10)
    counted = Counter(text.split()[1:-1])
    new = sum(n for word, n in counted.items() if word in table.caption.split(": ")[1])
    assert table.rows[-1][1] == f"{1 - new / counted.total():.0%}"


def test_a_long_book_is_searched_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "SEARCHED", 5000)
    assert "Only" not in said_of("a b", set(), 5000)
    assert numbers(said_of("a b", set(), 5001)) == [5000]


PICKED = [Neuron(7, "being inside quotes", -0.5), Neuron(60, "the position in the line", 0.25)]


@pytest.mark.parametrize("test", [False, True])
def test_neurons(test: bool) -> None:
    said = picture(neurons(PICKED, np.zeros((20_000, 61)), "so far. \n" * 2222 + "so", test=test))
    assert ("of the test part" in said.caption) == test
    assert ("end of the book" in said.caption) != test
    assert numbers(said.caption) == [20_000]
    assert numbers(said.alt) == [7, -0.5, 60, 0.25]
    assert all(neuron.feature in said.alt for neuron in PICKED)
    assert said.neurons == PICKED


@pytest.mark.filterwarnings("error")
def test_neurons_are_drawn() -> None:
    text = "Who is\tthere? $x^2$\n漢\u0301 \x01\U0001f600"
    h = np.linspace(-1, 1, len(text))[:, None].repeat(61, axis=1)
    svg = drawn(neurons(PICKED, h, text, test=True))
    titles = ("unit 7 and being inside quotes: r = −0.50", "unit 60 and the position")
    assert all(text in svg for text in (*titles, "↵", "→", "□", ">W<", ">$<"))
    for value in (0.0, 1.0000001):
        drawn(neurons([Neuron(0, "it", 1.0)], np.full((1, 1), value), "a", test=True))


@pytest.mark.parametrize(
    ("text", "signs"), [("ab c", ""), ("a\nb", "↵"), ("a\tb\n", "↵→"), ("在海\n", "↵□")]
)
def test_only_the_signs_that_are_drawn_are_explained(text: str, signs: str) -> None:
    said = picture(neurons(PICKED, np.zeros((len(text), 61)), text, test=True))
    assert "".join(re.findall(r" (\S) is a", said.caption)) == signs


def test_where_words_can_not_be_told_apart_there_are_none() -> None:
    table = memory({"it": "在海里。在山上。"}, {"it": Copy(2, 0, 0)}, set(), 10)
    assert [row[0] for row in table.rows] == [
        "longest copied run, in characters",
        "the run",
        "its position in the training part",
    ]
    assert "ords" not in table.caption


def test_a_book_with_nothing_to_follow() -> None:
    assert "nothing to follow" in sentence(neurons([], np.zeros((2, 3)), "aa", test=True))
