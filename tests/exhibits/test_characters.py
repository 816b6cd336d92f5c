"""Every character can be seen."""

from rnn.exhibits.characters import pieces, visible


def test_what_cannot_be_seen_gets_a_sign() -> None:
    text = "a\t\x01 \u00a0\u200b\n\u2028é\U0001f600"
    signs = [mark for _, mark in pieces(text) if mark]
    assert signs == ["⇥", "U+0001", "U+00A0", "U+200B", "U+2028"]
    assert "".join(piece for piece, _ in pieces(text)) == text
    assert visible("a\tb\nc") == "a⇥b c"
