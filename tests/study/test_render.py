"""A study's page and PDF from its executed notebook."""

import io
import re
from pathlib import Path

import nbformat
from pypdf import PdfReader

from rnn.files.results import write_study
from rnn.report.nodes import Title
from rnn.report.page.exporter import page
from rnn.report.page.scripts import STUDY_SCRIPT
from rnn.report.paper.exporter import pdf
from rnn.study.render import render
from tests.studies import MADE, a_study, document, executed, study_page

TITLE = Title("A study of rates", "Ada Lovelace", "DD2424", "May 2026", "Tales")


def made(folder: Path) -> list[str]:
    study = a_study(lost={2: "diverged"})
    (folder / "notebooks").mkdir(parents=True)
    nbformat.write(executed(study), folder / "notebooks" / "study.ipynb")
    write_study(folder, study, MADE)
    return render(folder, TITLE, {1: "It **is** so."})


def test_it_writes_a_page_and_a_pdf_and_the_same_bytes_again(tmp_path: Path) -> None:
    assert made(tmp_path / "one") == made(tmp_path / "other") == []
    for name in ("study.html", "study.pdf"):
        one, other = ((tmp_path / run / name).read_bytes() for run in ("one", "other"))
        assert one == other
    reader = PdfReader(tmp_path / "one" / "study.pdf")
    text = "\n".join(sheet.extract_text() for sheet in reader.pages)
    assert reader.metadata
    assert (reader.metadata.title, reader.metadata.author) == (TITLE.title, TITLE.author)
    for words in ("Part 1", "Part 4", "It is so.", "5 diverged", "How to make this study again"):
        assert words in text, words


def test_the_parts_and_the_chapters_follow_the_notebook() -> None:
    found = document(a_study(), {1: "One.", 4: "Four."})
    heads = [
        (entry["number"], entry["anchor"], entry["text"]) for entry in found.metadata.rnn.contents
    ]
    assert heads == [
        ("Part 1", "part-1", "The question"),
        ("Part 2", "part-2", "How they learned"),
        ("Part 3", "part-3", "The losses compared"),
        ("Part 4", "part-4", "The same opening"),
        ("1", "chapter-1", "The runs"),
        ("2", "again", "How to make this study again"),
        ("2.1", "cite", "Cite this study"),
    ]
    roles = [cell.metadata.rnn for cell in found.cells]
    notes = [i for i, about in enumerate(roles) if about.role == "notes"]
    assert [roles[i].part for i in notes] == [1, 4]
    assert roles[notes[0] + 1].anchor == "part-2", "after the part that it is about"
    assert roles[notes[1] + 1].anchor == "chapter-1"


def test_the_page_has_a_switch_for_each_setting_if_there_are_several() -> None:
    boxes = re.compile('<input type="checkbox" value="\\d+" checked>')
    assert len(boxes.findall(study_page(a_study()))) == 3
    assert not boxes.findall(study_page(a_study({"cell": ("rnn",)})))


def test_nothing_of_a_report_is_in_a_study_s_page() -> None:
    source = re.sub("<script>.*?</script>", "", study_page(a_study()), flags=re.DOTALL)
    for words in ("the report", "Write with the model", 'id="model"', 'id="history"'):
        assert words not in source, words


def test_a_long_table_is_left_to_a_file_in_the_pdf_and_scrolls_in_the_page() -> None:
    found = document(a_study({"hidden_size": tuple(range(1, 31))}, 4))
    reader = PdfReader(io.BytesIO(pdf(found)))
    text = " ".join("\n".join(sheet.extract_text() for sheet in reader.pages).split())
    assert "80 more rows, in the HTML page and in runs.csv" in text
    source = page(found, script=STUDY_SCRIPT)
    assert source.count("data-mark=") == 30 + 29 + 24 + 120
    assert '<div class="scroll tall"' in source
