"""The notebooks' further reading, gathered into the list of references."""

from io import BytesIO
from pathlib import Path
from typing import Any

import jupytext
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pypdf import PdfReader

from rnn.exhibits import citations
from rnn.exhibits.prose import words
from rnn.report import ROOT
from rnn.report.document import assemble
from rnn.report.further import take
from rnn.report.nodes import Title
from rnn.report.page.exporter import page
from rnn.report.paper.exporter import pdf
from tests.executed import RUN, notebooks

SECTION = """## Further reading

- C. E. Shannon (1951). Prediction and entropy. *Bell System Technical
  Journal* 30(1), 50–64.
- T. M. Cover and J. A. Thomas (2006). *Elements of Information Theory*, second edition, chapter
  2.1. Wiley.
"""


def section_of(page: str) -> str:
    return page.split("```markdown\n")[1].split("```")[0]


def test_the_examples_of_the_docs_are_read() -> None:
    page = (ROOT / "docs" / "chapters.md").read_text(encoding="utf-8")
    cells, works = take({"one": new_notebook(cells=[new_markdown_cell(section_of(page))])})
    assert not cells["one"]
    assert len(works) == 3


def entries(*items: str) -> list[str]:
    source = "# Further reading\n" + "".join(f"- {item}\n" for item in items)
    cells, works = take({"one": new_notebook(cells=[new_markdown_cell(source)])})
    assert not cells["one"], "it was not read"
    listed = citations.further(citations.NOTHING, works).entries
    return [words(entry) for entry in listed]


@pytest.mark.parametrize(
    ("item", "entry"),
    [
        ("J. Duchi, E. Hazan and Y. Singer (2011). On learning: a study. *Journal* 12, 2121–2159.",
         "Duchi, J., E. Hazan, and Y. Singer. 2011. “On Learning: A Study.” Journal 12: 2121–59."),
        ("L. van der Berg, and Fei-Fei O'Neil (2016). Why? *ICLR*.",
         "Berg, L. van der, and F.-F. O’Neil. 2016. “Why?” ICLR."),
        ("OpenAI (2019). *The Book*. The Press.", "OpenAI. 2019. The Book. The Press."),
        ("É. Ünal (2016). *Deep Learning*, section 10.2. MIT Press.",
         "Ünal, É. 2016. Deep Learning. Section 10.2. MIT Press."),
        ("A. Karpathy (2015). [The networks](https://example.org/2015/a-b_c/).",
         "Karpathy, A. 2015. “The Networks.” https://example.org/2015/a-b_c/."),
    ],
)  # fmt: skip
def test_each_form_is_set_as_what_notes_cite(item: str, entry: str) -> None:
    assert entries(item) == [entry]


@pytest.mark.parametrize(
    "source",
    [
        "## Further reading\n\n- A blog.",
        f"{SECTION}- D. Rumelhart et al. (1986). Learning. *Nature* 323, 533–536.",
        f"{SECTION}- Lovelace, Ada (1843). Notes. *Memoirs*.",
        f"{SECTION}- A. Lovelace (1843). *A $x$*. Wiley.",
        f"{SECTION}\nAnd a word about them.",
        f"Before.\n\n{SECTION}",
        SECTION.replace("Further reading", "Reading"),
        "## Further reading",
    ],
)
def test_what_is_written_otherwise_stays_in_its_chapter(source: str) -> None:
    cells = [new_markdown_cell(source), new_code_cell(SECTION)]
    assert take({"one": new_notebook(cells=cells)}) == ({"one": cells}, [])


def test_that_of_the_projects_own_notebooks_is_read() -> None:
    sources = {
        path.stem: jupytext.read(path) for path in sorted(Path(ROOT).glob("notebooks/0*.py"))
    }
    kept, works = take(sources)
    assert all(len(kept[name]) == len(sources[name].cells) - 1 for name in kept)
    named = sum(cell.source.count("\n- ") for one in sources.values() for cell in one.cells[-1:])
    assert len(citations.further(citations.NOTHING, works).entries) == len(works) == named


@pytest.mark.parametrize("path", sorted(Path(ROOT).glob("notebooks/0*.py")), ids=lambda p: p.stem)
def test_each_work_that_they_list_is_cited_where_it_is_used(path: Path) -> None:
    kept, works = take({"it": jupytext.read(path)})
    prose = (cell.source for cell in kept["it"] if cell.cell_type == "markdown")
    text = " ".join("\n".join(prose).split())
    for work in works:
        names = citations.further(citations.NOTHING, [work]).named
        assert any(name in text for name in names), f"{path.name} does not cite {list(names)[:1]}"


def test_a_citation_leads_to_its_entry_in_page_and_pdf() -> None:
    books = with_reading()
    books["03_training"].cells[0].source += "\n\nAs Shannon (1951) says (Cover and Thomas 2006)."
    document = assemble(books, RUN, Title("T"))
    html = " ".join(page(document).split())
    assert '<a href="#reference-2">Shannon (1951)</a>' in html
    assert '<a href="#reference-1">Cover and Thomas 2006</a>' in html
    assert 'id="reference-2"' in html
    made = PdfReader(BytesIO(pdf(document)))
    (listed,) = (one for one in made.pages if "Cover, T. M., and J. A." in one.extract_text())
    marks = [note.get_object() for one in made.pages for note in one.get("/Annots", [])]
    leads = [note["/Dest"] for note in marks if "/Dest" in note]
    led_to = [one[0]["/Contents"] for one in leads if isinstance(one, list)]
    assert led_to.count(listed["/Contents"]) >= 2


def with_reading() -> dict[str, Any]:
    found = notebooks()
    for name in list(found)[1:]:
        found[name].cells.insert(1, new_markdown_cell(SECTION))
        found[name].cells.append(new_markdown_cell("## The end"))
    return found


@pytest.mark.parametrize(
    ("form", "cites", "listed", "kept"),
    [
        ("report", False, 2, 0),
        ("report", True, 3, 0),
        ("lesson", False, 0, 3),
        ("lesson", True, 3, 0),
        ("short", False, 0, 0),
        ("short", True, 1, 0),
    ],
)
def test_where_it_stands_in_each_form(form: str, cites: bool, listed: int, kept: int) -> None:
    bibliography = citations.read_entries("@book{B, title={Béta}, author={Ada Zed}}")
    cited = citations.cite(citations.read(["@B"] * cites), bibliography)
    document = assemble(with_reading(), RUN, Title("T"), {1: "@B"}, form=form, cited=cited)
    headings = document.metadata.rnn.contents
    assert sum(one.text == "Further reading" for one in headings) == kept
    lists = [c.metadata.rnn.entries for c in document.cells if c.metadata.rnn.role == "references"]
    assert [len(one) for one in lists] == [listed] * bool(listed)
    assert ("references" in {one.anchor for one in headings}) == bool(listed)
    sections = [one.number for one in headings if one.number.startswith("2.")]
    assert sections == [f"2.{n + 1}" for n in range(len(sections))], "no number is missing"
