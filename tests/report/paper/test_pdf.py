import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import typst
from PIL import Image
from pypdf import PdfReader

from rnn.report.document import assemble
from rnn.report.errors import StageError
from rnn.report.nodes import Title
from rnn.report.page.exporter import page
from rnn.report.paper.exporter import TEMPLATE, TypstExporter, pdf
from rnn.report.paper.glyphs import FONTS, glyphs, set_in_code, typst_string, typst_text
from rnn.report.paper.markdown import to_typst
from rnn.report.render import read_notebook, render
from rnn.report.stages import STAGES
from tests import wide
from tests.executed import HOSTILE, RUN, model, notebooks, write
from tests.report.page.test_page import CAPTIONED

ROOT = Path(__file__).parents[3]
TITLE = Title('#read("/etc/passwd") <script> $x$ {{ 7*7 }} 漢', "A & B", "DD2424", "May")


def build() -> bytes:
    return pdf(assemble(notebooks(), RUN, TITLE))


@pytest.fixture(scope="module")
def made() -> bytes:
    return build()


@pytest.fixture(scope="module")
def reader(made: bytes) -> PdfReader:
    return PdfReader(BytesIO(made))


@pytest.fixture(scope="module")
def text(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def inner(reader: PdfReader) -> Iterator[Any]:
    """Yield the links within a document."""
    for sheet in reader.pages:
        for note in sheet.get("/Annots", ()):
            if "/Dest" in note.get_object() or "/D" in note.get_object().get("/A", {}):
                yield note


def squeezed(text: str) -> str:
    """Return text without blanks, which are not reliable when a PDF is read back."""
    return re.sub(r"\s", "", text)


def nodes(reader: PdfReader) -> Iterator[Any]:
    """Yield the elements of the PDF's structure tree."""
    trailer: Any = reader.trailer
    todo = [trailer["/Root"]["/StructTreeRoot"]]
    while todo:
        node = todo.pop().get_object()
        if isinstance(node, list):
            todo.extend(node)
        elif hasattr(node, "get"):
            if "/S" in node:
                yield node
            todo.extend([node["/K"]] if "/K" in node else [])


def test_the_same_bytes_twice(made: bytes) -> None:
    assert build() == made


def test_it_is_tagged_and_says_what_it_is(reader: PdfReader) -> None:
    trailer: Any = reader.trailer
    root = trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part>1<" in root["/Metadata"].get_object().get_data()
    assert reader.metadata is not None
    assert reader.metadata.title == TITLE.title
    assert reader.metadata.author == "A & B"
    tags = Counter(node["/S"] for node in nodes(reader))
    assert {"/Title", "/H1", "/H2", "/Table", "/TH", "/Figure", "/Formula", "/Code"} <= set(tags)
    alts = [node["/Alt"] for node in nodes(reader) if "/Alt" in node]
    assert "A curve that falls from 110 to 50" in alts
    assert "a_t" in " ".join(alts)
    assert all("/Alt" in n for n in nodes(reader) if n["/S"] in ("/Figure", "/Formula"))


def test_the_front_names_the_book_and_the_authors() -> None:
    names = ["Ada <Lovelace>", 'Öz "van" Çelik', '#read("x") $y$']
    title = Title("T", "; ".join(names), book="War & #Peace*")
    made = PdfReader(BytesIO(pdf(assemble(notebooks(), RUN, title))))
    assert made.metadata is not None
    assert made.metadata.author == ", ".join(names)
    front = squeezed(made.pages[0].extract_text())
    assert squeezed("Trained on War & #Peace*") in front
    assert squeezed(f"{names[0]}, {names[1]} and {names[2]}") in front


def test_the_parts_come_first_in_order(reader: PdfReader, text: str) -> None:
    outline = [str(entry["/Title"]) for entry in reader.outline if isinstance(entry, dict)]
    starts = [" ".join(entry.split()[:2]) for entry in outline[:4]]
    assert starts == ["Part 1", "Part 2", "Part 3", "Part 4"]
    assert [entry[0] for entry in outline[4:]] == list("12345")
    body = squeezed(text)
    captions = ["Table1Rel", "Figure1The", "Text1The", "Text2The", "Table2Counts", "Listing1The"]
    places = [body.index(caption) for caption in captions]
    assert places == sorted(places)
    for said in (
        "2.1e-09",
        "10%ofthebookheldout",
        "55,770wereusedtochoosethebestmodeland55,770wereusedtojudgeit",
        "Step10,000,smoothedloss54.32",
    ):
        assert said in body
    assert RUN["book"]["sha256"] in body


def test_hostile_text_is_text(text: str) -> None:
    body = squeezed(text)
    assert 'read("/etc/passwd")<script>$x${{7*7}}U+6F22' in body
    assert "root:" not in body
    for said in ("<script>alert(1)</script>", "[a](b)`c`*d*_e_<!--f-->@g~-----", "*///"):
        assert body.count(said) >= 5  # two samples, thrice in the passage, and in a sentence
    assert "<script>alert(2)</script>" in body


def test_every_character_of_sampled_text_shows(text: str) -> None:
    body = squeezed(text)
    assert 'A"quoted"⇥line,twoblanks;' in body
    assert "éßΩЯ∂“”…U+00A0U+200BU+202EU+0001" in body
    assert "\U0001f600U+6F22U+5B57" in body


def test_code_is_left_out_but_the_source_of_functions_is_not(text: str) -> None:
    body = squeezed(text)
    assert "show(loss_curve(" not in body
    assert "defsoftmax(o:Any,P:Any)->None:" in body
    assert "done<b>in3steps" in body


def test_links_lead_to_what_they_name(reader: PdfReader) -> None:
    annotations = [a.get_object() for page in reader.pages for a in page.get("/Annots", [])]
    targets = [a["/A"]["/URI"] for a in annotations if "/A" in a and "/URI" in a["/A"]]
    assert targets == ["https://example.org/a?b=c&d"]
    assert len(annotations) > 20


def compiled(body: str, tmp_path: Path) -> PdfReader:
    """Compile Typst with the same options as the report."""
    return PdfReader(BytesIO(compiled_bytes(body, tmp_path)))


def compiled_bytes(body: str, tmp_path: Path) -> bytes:
    document = assemble(notebooks(), RUN, Title("t"))
    source, _ = TypstExporter().from_notebook_node(document)  # type: ignore[no-untyped-call]
    head = source[: source.index("#heading-at(")]
    (tmp_path / "main.typ").write_text(head + body, encoding="utf-8")
    (tmp_path / "report.typ").write_bytes((TEMPLATE / "report.typ").read_bytes())
    made = typst.compile(
        str(tmp_path / "main.typ"),
        font_paths=[str(FONTS[1].parent)],
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
    )
    assert isinstance(made, bytes)
    return made


def runs(sheet: Any) -> list[tuple[str, float, float]]:
    """Return the runs of text of a page, each with where it begins, from the left, and its size."""
    found: list[tuple[str, float, float]] = []

    def note(said: str, to: Any, at: Any, _: Any, size: float) -> None:
        found.append((said.strip(), at[4] * to[0] + to[4], size * abs(at[0] * to[0])))

    sheet.extract_text(visitor_text=note)
    return [run for run in found if run[0]]


def test_every_character_said_to_have_a_glyph_has_one(tmp_path: Path) -> None:
    # PDF/UA makes a missing glyph an error.
    every = " ".join(map("".join, zip(*[iter(sorted(glyphs()))] * 30, strict=False)))
    assert len(every) > 5000
    compiled(f"#sample({typst_text(every)})", tmp_path)


def test_a_long_word_is_broken_within_the_line(tmp_path: Path) -> None:
    page = compiled(f"#sample({typst_text('x' * 1000)})", tmp_path).pages[0]
    lines = re.findall("x+", page.extract_text())
    assert sum(map(len, lines)) == 1000
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize(
    "tex", [r"a \odot b \otimes c \ominus d", r"\bigcap_i x_i \cap y \sqcap z"]
)
def test_equations_are_in_the_names_of_this_typst(tex: str, tmp_path: Path) -> None:
    compiled(to_typst(f"It is ${tex}$[so](#a)(b).\n\n$$\n{tex}\n$$", ()), tmp_path)


def test_code_has_no_character_without_a_glyph() -> None:
    assert set_in_code("a\t\u200b漢\n") == "a\tU+200BU+6F22\n"


def test_notes_and_code_are_set_when_they_are_asked_for() -> None:
    notes = {
        3: 'It *learns*.[^1] #read("/etc/passwd") <b> [x](https://example.org/n)\n\n[^1]: So $x^2$.'
    }
    made = PdfReader(BytesIO(pdf(assemble(notebooks(), RUN, TITLE, notes), code=True)))
    body = squeezed("\n".join(page.extract_text() for page in made.pages))
    assert body.index("Step20,000") < body.index("Commentary") < body.index("Part4Apassage", 900)
    assert "read(“/etc/passwd”)<b>x" in body
    assert "root:" not in body
    assert {"/Note", "/FENote"} & {node["/S"] for node in nodes(made)}
    outline = [str(entry["/Title"]) for entry in made.outline if isinstance(entry, dict)]
    assert outline[-1] == "A Thecodeofthenotebooks" or "code of the notebooks" in outline[-1]
    assert body.index("show(loss_curve(") > body.index("Thecodeofthenotebooks")


def test_links_and_images_of_notes_are_set() -> None:
    links = "[a](#part-2) [b](#details) [c](#größe)[^1] ![a red dot](x.png) and ![](y.svg)"
    notes = {
        1: f"{links}\n\n## Details\n\n## Größe\n\n[^1]: [d](#details)",
        2: "[e](#details)\n\n## Details\n\n![far](z.png)",
    }
    dot = BytesIO()
    Image.new("RGB", (2000, 9000), "red").save(dot, "png")
    drawn = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0L9 9"/></svg>'
    )
    images = {1: {"x.png": (dot.getvalue(), "image/png"), "y.svg": (drawn, "image/svg+xml")}}
    few = PdfReader(BytesIO(pdf(assemble(notebooks(), RUN, TITLE, {2: "far"}))))
    made = PdfReader(BytesIO(pdf(assemble(notebooks(), RUN, TITLE, notes, images))))
    words = [str(node["/Alt"]) for node in nodes(made) if node["/S"] == "/Figure"]
    assert {"a red dot", "An image"} <= set(words)
    assert len(list(inner(made))) == len(list(inner(few))) + 5 + 2, (
        "and a footnote's, there and back"
    )
    sizes = [image.image.size for sheet in made.pages for image in sheet.images if image.image]
    assert (2000, 9000) in sizes


def test_captions_of_notes_have_the_numbers_that_the_page_gives_them() -> None:
    dot = BytesIO()
    Image.new("RGB", (20, 30), "red").save(dot, "png")
    images = {part: {"x.png": (dot.getvalue(), "image/png")} for part in CAPTIONED}
    document = assemble(notebooks(), RUN, TITLE, CAPTIONED, images)
    made = PdfReader(BytesIO(pdf(document)))
    said = squeezed("".join(sheet.extract_text() for sheet in made.pages))
    for caption in ("Figure2Thefirst.", "Table2Mytable.", "Figure3Thesecond.", "Figure4Thethird."):
        assert caption in said
    # Each part is named in the contents, too.
    part, after = said.rindex("Part2Theloss"), said.rindex("Part3Theevolution")
    assert part < said.index("Figure2Thefirst.") < after < said.index("Figure4Thethird.")
    unlinked = {**CAPTIONED, 2: CAPTIONED[2].partition("\n\n")[2]}
    fewer = PdfReader(BytesIO(pdf(assemble(notebooks(), RUN, TITLE, unlinked, images))))
    assert len(list(inner(made))) == len(list(inner(fewer))) + 1


def test_what_is_written_from_right_to_left_begins_on_the_right() -> None:
    notes = {1: "\u05d0\u05d1\u05d2.\n\nEnglish.\n\n- \u05d3\u05d4\u05d5\n\n> \u0627\u0628 x1."}
    made = PdfReader(BytesIO(pdf(assemble(notebooks(), RUN, TITLE, notes))))
    places: dict[str, float] = {}

    def note(said: str, to: Any, at: Any, *_: Any) -> None:
        for mark in ("English", "\u05d1", "\u05d4", "x1"):
            if mark in said:
                places[mark] = at[4] * to[0] + to[4]

    for sheet in made.pages:
        sheet.extract_text(visitor_text=note)
    middle = float(made.pages[0].mediabox.width) / 2
    assert {mark: at > middle for mark, at in places.items()} == {
        "English": False, "\u05d1": True, "\u05d4": True, "x1": True,
    }  # fmt: skip


def test_a_table_in_notes_goes_on_on_the_next_page() -> None:
    rows = "\n".join(f"| row{n}. | {n} |" for n in range(120))
    notes = {1: f"| name | n |\n|---|---|\n{rows}"}
    made = PdfReader(BytesIO(pdf(assemble(notebooks(), RUN, TITLE, notes))))
    heights = {}
    for number, sheet in enumerate(made.pages):

        def note(said: str, to: Any, at: Any, *_: Any, number: int = number) -> None:
            for row in re.findall(r"row\d+", said):
                heights[row] = (number, round(at[5] * to[3] + to[5]))

        sheet.extract_text(visitor_text=note)
    assert len(heights) == 120
    assert len(set(heights.values())) == 120, "no two on one line"
    assert len({number for number, _ in heights.values()}) >= 3


def ends(made: bytes) -> list[float]:
    """Return where each run of text ends at least: a letter is a quarter of its size wide."""
    sheets = PdfReader(BytesIO(made)).pages
    return [x + 0.25 * size * len(said) for sheet in sheets for said, x, size in runs(sheet)]


def test_nothing_is_beyond_the_margin() -> None:
    document = assemble(notebooks(), wide.BOOK, wide.TITLE, wide.NOTES)
    made = pdf(document, code=True)
    assert max(ends(made)) <= 536, "of 595, with a margin of 62 and something for a point"
    said = squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(made)).pages))
    for letter in wide.LONG:
        assert letter * 200 in re.sub("[-\u00ad]", "", said), letter
    assert said.count("0.123456") >= 14 * 3, "a table that fits when it is smaller is whole"


@pytest.mark.parametrize("columns", [2, 8, 14, 30, 60])
def test_a_table_of_any_width_is_within_the_margins(columns: int, tmp_path: Path) -> None:
    body = to_typst(wide.table(columns), (), block=True)
    cells = ", ".join(['chars("0.123456")'] * columns)
    of_an_exhibit = f"#rows(1, {columns}, (), ({cells}), (({cells}),))"
    for source in (body, of_an_exhibit):
        made = compiled_bytes(source, tmp_path)
        assert max(ends(made)) <= 536
        sheets = PdfReader(BytesIO(made)).pages
        left = min(x for sheet in sheets for said, x, _ in runs(sheet) if said.startswith("0"))
        assert left < 70, "it does not stand in the middle"


def test_a_table_with_sentences_wraps_them_and_stays_as_large(tmp_path: Path) -> None:
    sentence = "some words that go on for longer than a line of the paper is wide, " * 2
    sources = [
        to_typst(f"| a | b |\n|---|---|\n| x | {sentence} |", (), block=True),
        f"#rows(1, 2, (), (), ((chars({typst_text('x')}), chars({typst_text(sentence)})),))",
    ]
    for source in sources:
        sizes = [
            size
            for sheet in compiled(source, tmp_path).pages
            for said, _, size in runs(sheet)
            if "words" in said
        ]
        assert sizes
        assert min(sizes) == 9


def test_commentary_is_not_alone_at_the_foot_of_a_page(tmp_path: Path) -> None:
    for height in range(600, 720, 7):
        made = compiled(f"#v({height}pt)\n#notes[Mine.]", tmp_path)
        for sheet in made.pages:
            said = sheet.extract_text()
            assert ("Commentary" in said) == ("Mine." in said), height


@pytest.mark.parametrize(("lines", "breaks"), [(15, False), (22, False), (40, True), (200, True)])
def test_only_a_long_listing_breaks(lines: int, breaks: bool, tmp_path: Path) -> None:
    code = "\n".join(f"line{n}." for n in range(lines))
    source = f'#v(520pt)\n#functions({typst_string(code)}, "python")'
    made = compiled(source, tmp_path)
    with_first = [n for n, sheet in enumerate(made.pages) if "line0." in sheet.extract_text()]
    with_last = [
        n for n, sheet in enumerate(made.pages) if f"line{lines - 1}." in sheet.extract_text()
    ]
    assert (with_first != with_last) == breaks
    if breaks:
        assert with_first == [0], "it begins where it stands"


@pytest.mark.parametrize("before", ["one\ntwo", "one\n", "", "\n\n"])
def test_no_last_line_stands_alone_on_a_page(before: str, tmp_path: Path) -> None:
    """Typst itself lets it, where the line before it is empty."""
    said = typst_text("\n".join([*["line"] * 9, before, "end"]))
    heights = range(540, 680, 9)
    body = "#pagebreak()".join(f"#v({height}pt)\n#sample({said})\n" for height in heights)
    sheets = [sheet.extract_text() for sheet in compiled(body, tmp_path).pages]
    assert len(sheets) > len(heights) + 5
    for said in sheets:
        assert "end" not in said or any(word in said for word in ("line", "one", "two"))


def test_a_head_runs_from_the_second_page_on(reader: PdfReader) -> None:
    first, *others = (
        [said for said, _, size in runs(sheet) if abs(size - 8.5) < 0.1] for sheet in reader.pages
    )
    assert "A & B" not in first
    for said in others:
        assert "A & B" in " ".join(said)
        assert "$x$" in " ".join(said)


@pytest.mark.parametrize("title", ["A title", "A very long title, " * 20, "\u202e\u05d0" * 90])
def test_a_head_is_one_line_within_the_margins(title: str) -> None:
    document = assemble(notebooks(), RUN, Title(title, "An author of many names " * 9))
    made = pdf(document)
    assert max(ends(made)) <= 536
    sheet = PdfReader(BytesIO(made)).pages[2]
    assert "author" in sheet.extract_text()


def test_the_words_of_figures_are_text(text: str) -> None:
    for words in ("nats per sequence", "smoothed <loss>"):
        assert squeezed(words) in squeezed(text)


def test_pages_are_numbered_and_captions_too(reader: PdfReader) -> None:
    for number, sheet in enumerate(reader.pages, 1):
        assert sheet.extract_text().split()[-1] == str(number)
    tags = Counter(node["/S"] for node in nodes(reader))
    assert tags["/Caption"] >= 5


def test_render_writes_both(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "notebooks" / "01_data.failed.ipynb").write_text("left by an earlier try")
    render(tmp_path, STAGES, TITLE)
    document = assemble(notebooks(), RUN, TITLE)
    course = (tmp_path / "history.csv").read_text()
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == page(document, model(), course)
    assert (tmp_path / "report.pdf").read_bytes() == pdf(document)
    assert HOSTILE.splitlines()[-1] in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"cells": 3, "nbformat": 4}', "\x00" * 99])
def test_a_notebook_of_an_earlier_report_that_is_none_is_one_line(
    tmp_path: Path, content: str
) -> None:
    write(tmp_path)
    (tmp_path / "notebooks" / "03_training.ipynb").write_text(content)
    with pytest.raises(StageError, match=r"^03_training\.ipynb is no notebook: [^\n]+$"):
        render(tmp_path, STAGES, TITLE)


@pytest.mark.parametrize("change", [("id", None), ("id", "x"), ("more", 1)])
def test_nothing_is_said_of_what_nbformat_mends(
    tmp_path: Path, change: tuple[str, object], recwarn: pytest.WarningsRecorder
) -> None:
    write(tmp_path)
    path = tmp_path / "notebooks" / "03_training.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        cell.update([change])
        if change[1] is None:
            del cell[change[0]]
    path.write_text(json.dumps(notebook))
    with suppress(StageError):
        read_notebook(path)
    assert not recwarn.list


def test_the_same_folder_gives_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from rnn.report.nodes import Title;"
        "from rnn.report.render import render; from rnn.report.stages import STAGES;"
        "notes = {1: 'Mine[^1]\\n\\n[^1]: x'};"
        "render(Path(sys.argv[1]), STAGES, Title('T', 'A'), notes, code=True)"
    )
    made = []
    for seed, name in (("1", "a"), ("2", "b/c")):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        write(folder / "report")
        subprocess.run(
            [sys.executable, "-c", script, str(folder / "report")],
            cwd=folder,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            check=True,
        )
        made.append(
            [(folder / "report" / f"report.{kind}").read_bytes() for kind in ("html", "pdf")]
        )
    assert made[0] == made[1]
