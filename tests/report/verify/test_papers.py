"""What is drawn on a page of a PDF, where someone made it to be slow to read."""

import time

import pytest

from rnn.report.verify import papers
from rnn.report.verify.papers import in_paper

MADE = (
    b"%PDF-1.7\n1 0 obj\n<</Type/Pages/Kids[2 0 R]>>\nendobj\n"
    b"2 0 obj\n<</Type/Page/Contents 3 0 R/Resources 4 0 R>>\nendobj\n"
    b"3 0 obj\n<</Length 22>>\nstream\n/f0 9 Tf(\\000\\001) Tj ET\nendstream\nendobj\n"
    b"4 0 obj\n<</Font<</f0 5 0 R>>>>\nendobj\n"
    b"5 0 obj\n<</Type/Font/ToUnicode 6 0 R>>\nendobj\n"
    b"6 0 obj\n<</Length 14>>\nstream\n<0001> <0041>\n\nendstream\nendobj\n"
)


def drawing(content: bytes) -> bytes:
    """Return the PDF with something else drawn on its page."""
    head = b"3 0 obj\n<</Length %d>>\nstream\n" % len(content)
    before, _, rest = MADE.partition(b"3 0 obj\n")
    return before + head + content + b"\n" + rest[rest.index(b"endstream") :]


def test_the_words_of_a_page_are_compared() -> None:
    assert in_paper(MADE, MADE) == ""
    found = in_paper(drawing(b"/f0 9 Tf(\\000\\002) Tj ET"), MADE)
    assert found == "page 1, line 1, character 1: “⏎” there, “A” made again"


def test_a_digit_that_is_not_octal_stands_for_itself() -> None:
    assert papers._unescaped(b"\\101\\9\\n\\(") == b"A9\n("


@pytest.mark.parametrize(
    "hostile",
    [b"(" * 1_000_000, b"(" + b"\\" * 999_999, b"(a" * 500_000, b"<0" * 500_000, b"/f0" * 300_000],
)
def test_a_drawing_that_was_made_to_be_slow_is_not(hostile: bytes) -> None:
    begun = time.process_time()
    assert in_paper(drawing(hostile), MADE).startswith("page 1, ")
    assert time.process_time() - begun < 5


def test_a_pdf_whose_objects_are_missing_or_turn_in_a_circle_is_a_difference() -> None:
    assert "object 6 is only in the one made again" in in_paper(
        MADE[: MADE.index(b"6 0 obj")], MADE
    )
    circle = b"7 0 obj\n<</Type/Pages/Kids[7 0 R]/Contents 7 0 R>>\nendobj\n"
    assert in_paper(MADE + circle, MADE) == "object 7 is only there"
    assert papers.in_paper(b"%PDF", MADE).startswith("object ")
