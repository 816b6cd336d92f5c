"""REFERENCES: what is refused before anything runs, and where the list stands."""

import os
import re
from io import BytesIO
from pathlib import Path

import html5lib
import pytest
from pypdf import PdfReader

from rnn.errors import InputError
from rnn.exhibits.citations import Cited
from rnn.report.document import assemble
from rnn.report.nodes import Title
from rnn.report.notes.references import read, unread
from rnn.report.notes.sections import read_notes
from rnn.report.page.exporter import page
from rnn.report.paper.exporter import pdf
from rnn.report.render import check_notes
from rnn.report.request import check_added
from tests.executed import RUN, notebooks

GOOD = "@book{graves2013, author={Graves, Alex}, title={T}, year=2013}\n@book{B, title={Béta}}\n"


def cited(folder: Path, notes: str, references: str | bytes = GOOD) -> tuple[Cited, list[str]]:
    (folder / "notes.md").write_text(notes, encoding="utf-8")
    path = folder / "refs.bib"
    path.write_bytes(references if isinstance(references, bytes) else references.encode())
    return read(path, read_notes(folder / "notes.md"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("So [@graves2031].", "line 3: part 1 cites @graves2031, .*: did you mean @graves2013?"),
        ("One\ntwo @b.", "line 4: part 1 cites @b, .*: did you mean @B?"),
        ("x[^1]\n\n[^1]: [see @GRAVES, p. 3]", "@GRAVES, .*: did you mean @graves2013"),
        ("@nothing-alike", r"part 1 cites @nothing-alike, which REFERENCES lacks: it has "
         r"graves2013, B\. Write \\@nothing-alike if it cites nothing"),
        ("[@graves2013; @zzz]", "part 1 cites @zzz"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_refused_with_the_nearest(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=rf"^NOTES: [^\n]*{said}[^\n]*$"):
        cited(tmp_path, f"# Part 1\n\n{text}")


@pytest.mark.parametrize(
    ("references", "said"),
    [
        ("", "has no entries, such as @book"),
        ("hello", "has no entries"),
        ("@comment{x}", "has no entries"),
        (
            "@book{a, title={A}\n@book{b, title={B}}",
            "can't be read: pandoc: Error at .*: correct it, .*",
        ),
        (b"@book{a, title={\xe9}}", r"is not in UTF-8, at byte 16 \(line 1\)"),
        ("@" * 1_000_001, "is larger than 1 MB"),
    ],
)
def test_a_file_that_is_no_bibliography_is_refused(
    tmp_path: Path, references: str | bytes, said: str
) -> None:
    with pytest.raises(InputError, match=rf"^REFERENCES: [^\n]*refs\.bib {said}[^\n]*$"):
        cited(tmp_path, "# Part 1\n[@a]", references)


@pytest.mark.parametrize(
    ("loop", "said"),
    [
        (
            "@book{a, title={A}, crossref={b}}\n@book{b, title={B}, crossref={a}}",
            "entries .* in a circle, a -> b -> a:",
        ),
        ('@book{a, CrossRef = "a"}', "entries .* in a circle, a -> a:"),
        (
            "@book{a, title={A}, xdata={b}}\n@xdata{b, xdata={x, c}}\n@xdata(c, xdata={b})",
            "entries .* in a circle, b -> c -> b:",
        ),
        (
            "@book{c, title={{@x{y,}}}, crossref={b}}\n@book{b, crossref={c}}",
            "pandoc: it was not done after 1 second ",
        ),
    ],
)
def test_entries_that_refer_to_one_another_are_refused_soon(
    tmp_path: Path, loop: str, said: str
) -> None:
    with pytest.raises(InputError, match=rf"^REFERENCES: [^\n]* can't be read: {said}[^\n]*$"):
        cited(tmp_path, "# Part 1\n[@a]", loop)


def test_entries_may_refer_to_others(tmp_path: Path) -> None:
    entries = "".join(f"@book{{k{n}, title={{T}}, crossref={{k{n + 1}}}}}\n" for n in range(99))
    found, _ = cited(tmp_path, "# Part 1\n[@k1; @k2]", entries)
    assert len(found.entries) == 2


def test_the_largest_file_has_the_time_that_it_takes(tmp_path: Path) -> None:
    about = "title={A {NASA} title}, author={Doe, John and Smith, Ann}, year=2011"
    entries = "".join(f"@book{{k{n}, {about}}}\n" for n in range(11_000))
    assert 900_000 < len(entries) < 1_000_000
    found, _ = cited(tmp_path, "# Part 1\n@k10999", entries)
    assert len(found.entries) == 1


def test_a_pipe_and_a_folder_are_refused(tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("# Part 1\nx")
    os.mkfifo(tmp_path / "pipe")
    for name, said in (("pipe", "not a regular file"), ("", "can't be read"), ("x", "can't be")):
        with pytest.raises(InputError, match=f"^REFERENCES: .*{said}"):
            read(tmp_path / name, read_notes(notes))


def test_what_is_not_used_is_said(tmp_path: Path) -> None:
    found, said = cited(tmp_path, "# Part 1\n`[@graves2013]`")
    assert not found.entries
    (line,) = said
    assert re.fullmatch(r"REFERENCES: .*refs\.bib is not used: cite its entries in NOTES, .*", line)


@pytest.mark.parametrize("form", ["report", "lesson", "short"])
def test_the_list_stands_after_the_chapters_and_links_lead_to_it(tmp_path: Path, form: str) -> None:
    text = "# Part 2\nSee [@graves2013; @B].[^1]\n\n[^1]: @B\n# Part 4\n@graves2013 says."
    found, said = cited(tmp_path, text)
    assert not said
    notes = read_notes(tmp_path / "notes.md")
    check_notes(notes.sections, {}, notes.place, cited=found)
    document = assemble(notebooks(), RUN, Title("T"), notes.sections, form=form, cited=found)
    number = 1 if form == "short" else 5
    tops = [(e.number, e.anchor) for e in document.metadata.rnn.contents if e.level == 2]
    assert (str(number), "references") in tops
    assert (str(number + 1), "again") in tops

    html = page(document)
    links = re.findall(r'href="#(reference-\d)"', html)
    assert links == ["reference-2", "reference-1", "reference-1", "reference-2"]
    root = html5lib.parse(html, namespaceHTMLElements=False)
    entries = {e.get("id"): "".join(e.itertext()).strip() for e in root.iterfind(".//main/ul/li")}
    assert entries == {"reference-1": "Béta. n.d.", "reference-2": "Graves, A. 2013. T."}

    made = PdfReader(BytesIO(pdf(document)))
    (listed,) = (one for one in made.pages if "Graves, A. 2013." in one.extract_text())
    marks = [note.get_object() for one in made.pages for note in one.get("/Annots", [])]
    leads = [note["/Dest"] for note in marks if "/Dest" in note]
    led_to = [one[0]["/Contents"] for one in leads if isinstance(one, list)]
    assert led_to.count(listed["/Contents"]) >= len(links)


def test_without_references_what_looks_like_a_citation_is_named(tmp_path: Path) -> None:
    text = (
        "So [@graves2013], and again [@graves2013]; [see @b, p. 3]. Mail a@example.org or\n"
        "[me@example.org](mailto:me@example.org), ask @somebody, `[@code]`, \\[@no], [^1].\n\n"
        "    [@indented]\n\n[^1]: [@note]"
    )
    (tmp_path / "notes.md").write_text(f"# Part 1\n\n{text}", encoding="utf-8")
    lines = unread(read_notes(tmp_path / "notes.md"))
    named = [line.partition(" is shown as typed")[0].rpartition(": ")[2] for line in lines]
    assert named == ["[@graves2013]", "[see @b, p. 3]", "[@note]"]
    assert "notes.md, line 3: part 1: " in lines[0]
    assert all("REFERENCES=refs.bib" in line and "\n" not in line for line in lines)
    options = Title("T"), "ab", str(tmp_path / "notes.md"), "", ""
    assert check_added(*options).said == lines
