"""Outputs of one's own cells in the PDF."""

import re
from io import BytesIO

import pandas as pd
import pytest
from pypdf import PdfReader

from rnn.report.paper.exporter import TypstExporter, pdf
from tests import own

LINES = "".join(f"line {i}.\n" for i in range(230))
INK = re.compile(r"[^\s\u200b]+")


@pytest.fixture(scope="module")
def reader() -> PdfReader:
    frame = pd.DataFrame({"a": [1.5, 2], "b": ["#read(1)", "[y] $x$"]}).to_html()
    made = own.document(
        own.cell(own.svg(), caption="A *drawing*.", alt="A path", label="my-drawing"),
        own.cell(own.data(image_png=own.picture()), caption='A "#picture".', alt='Red "#x"'),
        own.cell(own.data({"height": 9000}, image_jpeg=own.picture("JPEG"))),
        own.cell(own.data(text_html=frame), own.data(text_html="<b>bold</b> <i>#eval(1)</i>")),
        own.cell(own.data(text_html=frame), caption="A frame."),
        own.cell(own.data(text_latex=r"$\displaystyle \sqrt{x}$ and \(\undefined{y}\)")),
        own.cell(own.said(LINES), own.said("\x1b[1;31mred\x1b[0m \x07 #x(1)\n" + "y" * 400)),
        own.cell(own.data(**{"application_vnd.jupyter.widget-view+json": {}})),
    )
    return PdfReader(BytesIO(pdf(made)))


@pytest.fixture(scope="module")
def text(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_all_is_there(text: str) -> None:
    for mark in (
        "Figure 2 A drawing.",
        "Figure 3 A “#picture”.",
        "Table 3 A frame.",
        "#read(1)",
        "bold #eval(1)",
        "red U+0007 #x(1)",
        "The output of cell 8 of 05_mine (a widget) can’t be shown in a report.",
    ):
        assert INK.findall(mark) == [w for w in INK.findall(mark) if w in text], mark


def test_what_is_long_is_shortened_with_a_count(text: str) -> None:
    assert "line 39." in text
    assert "line 40." not in text
    assert "… 190 more lines, in the HTML page" in text


def test_a_long_line_stays_on_the_page(reader: PdfReader) -> None:
    beyond = []

    def note(said: str, _: object, at: list[float], *__: object) -> None:
        if said.strip():
            beyond.append(at[4])

    for page in reader.pages:
        page.extract_text(visitor_text=note)
        width = float(page.mediabox.width)
        assert max(beyond, default=0) < width - 40
    lines = [m for page in reader.pages for m in re.findall("y{5,}", page.extract_text())]
    assert sum(map(len, lines)) == 400
    assert max(map(len, lines)) < 140


def test_pictures_have_their_words_and_their_size(reader: PdfReader) -> None:
    source, resources = TypstExporter().from_notebook_node(  # type: ignore[no-untyped-call]
        own.document(own.cell(own.data(image_png=own.picture()), caption="C", alt="Red"))
    )
    assert re.search(r'as-large\("\d+\.png", "Red", 30pt, 15pt\)', source)
    assert sum(name.endswith(".png") for name in resources["outputs"]) == 1
    images = [image for page in reader.pages for image in page.images]
    assert {(image.image.width, image.image.height) for image in images if image.image} == {
        (40, 20)
    }


def test_long_lines_take_no_more_rows_than_many_short_ones() -> None:
    made = PdfReader(BytesIO(pdf(own.document(own.cell(own.said(("z" * 1500 + "\n") * 30))))))
    text = " ".join(" ".join(page.extract_text() for page in made.pages).split())
    assert text.count("z") < 40 * 120
    assert "… 28 more lines, in the HTML page" in text
