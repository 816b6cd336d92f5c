"""Every character can be seen."""

import pytest

from rnn.exhibits.characters import direction, pieces, visible


def test_what_cannot_be_seen_gets_a_sign() -> None:
    text = "a\t\x01 \u00a0\u200b\n\u2028é\U0001f600"
    signs = [mark for _, mark in pieces(text) if mark]
    assert signs == ["⇥", "U+0001", "U+00A0", "U+200B", "U+2028"]
    assert "".join(piece for piece, _ in pieces(text)) == text
    assert visible("a\tb\nc") == "a⇥b c"


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("", "ltr"), ("1. (", "ltr"), ("a \u05d0", "ltr"), ("\u6f22", "ltr"), ("\u0416", "ltr"),
        ("\u05d0 a", "rtl"), ("12: \u0627", "rtl"), ("\u0710", "rtl"), ("\u0780", "rtl"),
        ("\U0001e900", "rtl"), ("\u200f1", "rtl"), ("\u200e\u05d0", "ltr"), ("\u0661 a", "ltr"),
    ],
)  # fmt: skip
def test_text_runs_as_its_first_letter_does(text: str, runs: str) -> None:
    assert direction(text) == runs
