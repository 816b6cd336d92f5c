import pytest

from rnn.report.outputs.svg import clean
from rnn.report.paper.drawings import _glyphs, drawing
from rnn.report.paper.exporter import pdf
from tests import own

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="30">'


def text(words: str, style: str = "") -> str:
    return clean(f'{HEAD}<text y="20" {style}>{words}</text></svg>')


@pytest.mark.parametrize(
    "words",
    ["漢字", "\u202eabc", "\U0001f600", "\ue000", "a\u0301 \u200b", "שלום العربية", "∂⇒⊗Ж☃ é"],
)
def test_text_without_a_glyph_does_not_stop_typst(words: str) -> None:
    for style in ('font-family="Times"', 'style="font-family: DejaVu Sans Mono; fill: red"', ""):
        assert pdf(own.document(own.cell(own.svg(text(words, style))))).startswith(b"%PDF")


def test_every_glyph_of_the_font_is_set_and_others_are_named() -> None:
    every = " ".join(sorted(c for c in _glyphs() if c > " " and c not in "<&")).replace("\x7f", "")
    assert len(every) > 5000
    assert pdf(own.document(own.cell(own.svg(text(every))))).startswith(b"%PDF")
    made = drawing(text("漢 \u202e é", 'font-family="Times"'))
    assert "U+6F22 U+202E é" in made
    assert 'font-family="DejaVu Sans"' in made


def test_plain_text_is_left_alone() -> None:
    plain = text("plain", 'font-family="Times"')
    assert drawing(plain) == plain
