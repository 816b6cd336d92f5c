import copy
from itertools import pairwise
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from rnn.exhibits.forms import SHOWN
from rnn.exhibits.listings import backward_pass
from rnn.exhibits.show import show
from rnn.report.document import PARTS, SAYS, assemble
from rnn.report.errors import StageError
from rnn.report.nodes import Title, shown
from rnn.settings import Settings
from tests import executed, own
from tests.executed import RUN, notebooks

TITLE = Title("A report", "A. Student")


@pytest.fixture(scope="module")
def document() -> Any:
    return assemble(notebooks(), RUN, TITLE)


def test_the_parts_come_first_in_order_then_the_chapters(document: Any) -> None:
    contents = document.metadata.rnn.contents
    top = [entry.number for entry in contents if entry.level == 2]
    assert top == ["Part 1", "Part 2", "Part 3", "Part 4", "1", "2", "3", "4", "5"]
    assert [entry.text for entry in contents][:4] == list(PARTS.values())
    assert [entry.number for entry in contents if entry.level > 2] == [
        "1.1",
        "2.1",
        "4.1",
        "4.1.1",
        "5.1",
        "5.2",
    ]


def test_a_part_stands_at_the_front_and_its_chapter_links_to_it(document: Any) -> None:
    labels = {"tab-gradients": 1, "fig-loss": 2, "text-evolution": 3, "text-passage": 4}
    found = [(cell.id[0], about) for cell in document.cells for about in shown(cell)]
    for label, part in labels.items():
        (front, first), (chapter, link) = [pair for pair in found if pair[1].get("label") == label]
        assert (front, first["part"]) == ("0", part)
        assert (chapter > "0", link["kind"], link["part"]) == (True, "link", part)
        assert link["name"] == f"{first['noun']} {first['number']}"
        assert link["says"] == SAYS[label]


def test_what_one_shows_as_a_part_is_referred_to_as_well() -> None:
    books = notebooks()
    books["04_sampling"].cells[-1].outputs[0].data[SHOWN]["label"] = "mine"
    links = [a for c in assemble(books, RUN, TITLE).cells for a in shown(c) if a["kind"] == "link"]
    assert links[-1]["says"] == "is the result"


def test_what_is_shown_is_numbered_by_kind(document: Any) -> None:
    names = [f"{a['noun']} {a['number']}" for c in document.cells for a in shown(c) if "noun" in a]
    assert names[:6] == ["Table 1", "Figure 1", "Text 1", "Text 2", "Table 2", "Listing 1"]
    assert len(set(names)) == len(names)


def test_cells_are_named_by_chapter_and_number(document: Any) -> None:
    assert [cell.id for cell in document.cells if cell.id[0] == "1"] == [
        f"1-{n}" for n in range(1, 7)
    ]


def test_nothing_of_one_run_is_in_it(document: Any) -> None:
    assert assemble(notebooks(), RUN, TITLE) == document
    text = str(document)
    assert "/home/me" not in text
    assert "41.1" not in text  # the seconds
    assert "41.2" not in text  # stderr
    assert not any("text/html" in o.get("data", {}) for c in document.cells for o in outputs(c))


def outputs(cell: Any) -> Any:
    return cell.get("outputs", [])


def test_the_parameters_cell_has_the_values_that_were_used(document: Any) -> None:
    (cell,) = [cell for cell in document.cells if cell.source.startswith("book = ")]
    assert "hidden_size = 100  # m\n" in cell.source
    assert "book = '../data/tales.txt'\n" in cell.source, "as the notebooks see it"


def test_links_between_notebooks_lead_to_chapters(document: Any) -> None:
    assert any("[the training](#chapter-3)" in cell.source for cell in document.cells)


def test_a_further_notebook_is_a_chapter_before_the_recipe() -> None:
    books = notebooks()
    books["02_gradcheck"].cells[0].source += "\n\nMore [in mine](05_mine.ipynb), [x](06_no.ipynb)."
    books["05_mine"] = new_notebook(
        cells=[
            new_markdown_cell("# Mine\n\nAs in [the data](./01_data.py#characters).\n\n## A part"),
            new_code_cell("mine = 2  # mine", metadata={"tags": ["parameters"]}),
        ]
    )
    run = copy.deepcopy(RUN)
    run["parameters"]["mine"] = 3
    document = assemble(books, run, TITLE)
    entries = [(e.number, e.text, e.anchor) for e in document.metadata.rnn.contents]
    assert entries[-5:] == [
        ("5", "Mine", "chapter-5"),
        ("5.1", "A part", "section-5-1"),
        ("6", "How to make this report again", "again"),
        ("6.1", "Cite this report", "cite"),
        ("6.2", "Check this report", "verify"),
    ]
    prose = "\n".join(cell.source for cell in document.cells)
    assert "[in mine](#chapter-5), [x](06_no.ipynb)" in prose
    assert "[the data](#chapter-1)" in prose
    assert "mine = 3  # mine" in prose
    command = next(
        about for c in document.cells for about in shown(c) if "again-command" in str(about)
    )
    assert "mine=3" in command["code"]


@pytest.mark.parametrize(
    ("validation", "test", "said"),
    [
        (
            55770,
            111540,
            "; 55,770 were used to choose the best model and 111,540 were used to judge it.",
        ),
        (55770, 0, "; 55,770 were used to choose the best model."),
        (0, 111540, "; 111,540 were used to judge it."),
        (0, 0, "; nothing was held out."),
    ],
)
def test_the_parts_held_out_are_said(validation: int, test: int, said: str) -> None:
    run = copy.deepcopy(RUN)
    run["book"] |= {"validation_characters": validation, "test_characters": test}
    assert any(said in cell.source for cell in assemble(notebooks(), run, TITLE).cells[:6])


@pytest.mark.parametrize(
    ("tested", "adapting", "said"),
    [
        (1.991, {"network": 1.7}, "1.991 nats per character as trained, and 1.700 if it goes on"),
        (1.991, {}, "; on the test part it loses 1.991 nats per character."),
        (None, {}, "loss on the validation part, 1.984 nats per character."),
    ],
)
def test_how_the_model_is_judged_is_said(
    tested: float | None, adapting: dict[str, float], said: str
) -> None:
    run = copy.deepcopy(RUN)
    run["training"] |= {"test_nats_per_char": tested, "adapting_nats_per_char": adapting}
    assert any(said in cell.source for cell in assemble(notebooks(), run, TITLE).cells)


def test_a_part_that_is_missing_is_named() -> None:
    books = notebooks()
    books["04_sampling"].cells.pop()
    with pytest.raises(StageError, match="part 4"):
        assemble(books, RUN, TITLE)


def test_a_label_that_is_there_twice_is_named() -> None:
    books = notebooks()
    books["04_sampling"].cells[-1].outputs[1].data[SHOWN]["label"] = "fig-loss"
    with pytest.raises(StageError, match="fig-loss"):
        assemble(books, RUN, TITLE)


def test_code_that_shows_nothing_is_joined_to_what_follows() -> None:
    books = notebooks()
    books["04_sampling"].cells[1:1] = [
        new_code_cell("a = 1  # fmt: skip"),
        new_code_cell("b = 2  # two"),
    ]
    sources = [c.source for c in assemble(books, RUN, TITLE).cells if c.metadata.rnn.role == "code"]
    assert sources[-1] == "a = 1\n\nb = 2  # two\n\nwrite()"


def test_the_notes_stand_in_their_parts() -> None:
    cells = assemble(notebooks(), RUN, TITLE, {2: "*Mine*", 4: "Last"}).cells
    roles = [cell.metadata.rnn.role for cell in cells[:14]]
    part = ["heading", "prose", "shown"]
    assert roles == [*part, *part, "notes", *part, *part, "notes"]
    assert [c.source for c in cells if c.metadata.rnn.role == "notes"] == ["*Mine*", "Last"]


def test_ones_own_pictures_and_tables_have_numbers_if_they_have_captions() -> None:
    table = own.data(text_html="<table><tr><td>1</td></tr></table>")
    made = own.document(
        own.cell(own.svg()),
        own.cell(own.svg(), own.data(image_png=own.picture()), caption=["One.", "Two."]),
        own.cell(table, caption="Three.", label="my-table"),
        own.cell(table),
    )
    mine = [about for cell in made.cells if cell.id[0] == "5" for about in shown(cell)]
    assert [(about.get("noun"), about["kind"]) for about in mine] == [
        (None, "drawing"),
        ("Figure", "drawing"),
        ("Figure", "image"),
        ("Table", "tree"),
        (None, "tree"),
    ]
    assert [about["number"] for about in mine if "number" in about] == [2, 3, 3]
    assert "my-table" in made.metadata.rnn.anchors
    labels = [about["label"] for about in mine]
    assert len(set(labels)) == len(labels)
    assert [remark.split(":")[0] for remark in made.metadata.rnn.remarks] == [
        "cell 1 of 05_mine",
        "cell 2 of 05_mine",
        "cell 2 of 05_mine",
    ]


def test_a_part_4_without_a_text_is_refused() -> None:
    books = notebooks()
    about = books["04_sampling"].cells[-1].outputs[0].data[SHOWN]
    about |= {"kind": "source", "code": "x"}
    with pytest.raises(StageError, match="part 4"):
        assemble(books, RUN, TITLE)


def lessons() -> dict[str, Any]:
    """Return the notebooks with cells for a lesson in the midst, and one that shows a part."""
    books = notebooks()
    books["02_gradcheck"].cells[1:1] = [
        new_markdown_cell("## Your turn\n\nPress it.", metadata={"tags": ["lesson"]}),
        new_code_cell("press()", metadata={"tags": ["lesson", "x"]}, outputs=[own.said("pressed")]),
        new_markdown_cell("## After it\n\nSee [the passage](04_sampling.ipynb)."),
    ]
    books["03_training"].cells[2].metadata["tags"] = ["lesson"]  # the loss
    return books


def numbered(document: Any) -> dict[str, str]:
    return {entry.number: entry.text for entry in document.metadata.rnn.contents}


def test_a_lesson_keeps_what_a_report_leaves_out() -> None:
    lesson = assemble(lessons(), RUN, TITLE, form="lesson")
    report = assemble(lessons(), RUN, TITLE)
    assert numbered(lesson)["2.2"] == "Your turn"
    assert numbered(lesson)["2.3"] == "After it"
    assert numbered(report)["2.2"] == "After it"
    assert "Your turn" not in numbered(report).values()
    for word in ("Press it", "press()", "pressed", "loss_curve("):
        assert word in str(lesson)
        assert word not in str(report)
    labels = [{about.get("label") for c in m.cells for about in shown(c)} for m in (report, lesson)]
    assert labels[0] - {None} == labels[1] - {None}, "what belongs to a part is never left out"
    for made in (lesson, report):
        assert "See [the passage](#chapter-4)" in str(made)
        assert numbered(made)["5"] == "How to make this report again"
        anchors = [entry.anchor for entry in made.metadata.rnn.contents]
        assert [entry.number.replace(".", "-") for entry in made.metadata.rnn.contents] == [
            anchor.removeprefix("section-").removeprefix("chapter-").replace("part-", "Part ")
            if anchor not in ("again", "cite", "verify")
            else {"again": "5", "cite": "5-1", "verify": "5-2"}[anchor]
            for anchor in anchors
        ]


def test_a_short_report_has_the_parts_the_recipe_and_the_code() -> None:
    books = lessons()
    notes = {2: "Mine, as in [chapter 3](#chapter-3)."}
    document = assemble(books, RUN, TITLE, notes, form="short")
    assert [*numbered(document).items()] == [
        *((f"Part {part}", name) for part, name in PARTS.items()),
        ("1", "How to make this report again"),
        ("1.1", "Cite this report"),
        ("1.2", "Check this report"),
        ("A", "The code of the notebooks"),
        ("A.1", "The book"),
        ("A.2", "The gradients"),
        ("A.3", "Training"),
        ("A.4", "The passage"),
    ]
    roles = [cell.metadata.rnn.role for cell in document.cells]
    assert "code" not in roles
    code = [cell.source for cell in document.cells if cell.metadata.rnn.role == "appendix"]
    assert "counts = rnn.count(book)" in code[1]
    assert not any("press()" in source for source in code)
    prose = [cell.source for cell in document.cells if cell.metadata.rnn.role == "prose"]
    assert not any("](#" in source or "Chapter" in source for source in prose), "nothing is there"
    kinds = [about["kind"] for cell in document.cells for about in shown(cell)]
    assert "link" not in kinds
    assert len({cell.id for cell in document.cells}) == len(document.cells)


def test_a_short_report_keeps_what_is_the_author_s_own() -> None:
    works = "## Further reading\n\n- A. Lovelace (1843). *The Book*. The Publisher."
    mine = new_notebook(
        cells=[
            new_markdown_cell("# Mine\n\nAs in [the training](03_training.ipynb)."),
            own.cell(own.svg()),
            new_markdown_cell(works),
        ]
    )
    books = notebooks() | {"05_mine": mine}
    books["02_gradcheck"].cells[1] = executed.code(
        "listing()", lambda: show(backward_pass(Settings()))
    )
    books["01_data"].cells.append(own.cell(own.svg()))  # a picture that is left out
    document = assemble(books, RUN, TITLE, form="short")
    top = [(entry.number, entry.text) for entry in document.metadata.rnn.contents]
    assert top[4:] == [
        ("1", "Mine"),
        ("2", "References"),
        ("3", "How to make this report again"),
        ("3.1", "Cite this report"),
        ("3.2", "Check this report"),
        ("A", "The code of the notebooks"),
        ("A.1", "Mine"),
        ("A.2", "The book"),
        ("A.3", "The gradients"),
        ("A.4", "Training"),
        ("A.5", "The passage"),
    ]
    (remark,) = document.metadata.rnn.remarks
    assert "cell 1 of 05_mine" in remark
    code = [cell.source for cell in document.cells if cell.metadata.rnn.role == "appendix"]
    assert code[0] == "mine()"
    assert not any("mine()" in cell.source for cell in document.cells if cell.id[0] == "1"), "once"
    appendix = document.cells[[cell.source for cell in document.cells].index("listing()", 30) :]
    listed = [about for cell in appendix for about in shown(cell)]
    assert [about["label"] for about in listed] == ["code-backward"]
    assert "def backward(" in listed[0]["code"]
    assert listed[0]["noun"] == "Listing"


@pytest.mark.parametrize("form", ["report", "short"])
def test_a_wrong_gradient_is_said_in_part_1(form: str) -> None:
    right = [cell.source for cell in assemble(notebooks(), RUN, TITLE, form=form).cells[:3]]
    assert not any("**" in source for source in right)
    run = copy.deepcopy(RUN)
    run["gradient_check"]["complex_step"] |= {"U": 8.6e-5, "b": 1e-6}
    run["gradient_check"]["larger"] |= {"U": 0.5}
    lead = assemble(notebooks(), run, TITLE, form=form).cells[1].source
    assert "**The gradient of $U$ and $b$ is wrong:**" in lead
    assert "an error of 5.0 × 10⁻¹ in $U$" in lead


def test_divergence_is_said_once_in_part_2_and_where_the_best_model_writes() -> None:
    run = copy.deepcopy(RUN)
    run["training"] |= {"diverged": "the loss of update 11 is inf", "best_step": 7}
    cells = assemble(notebooks(), run, TITLE).cells
    leads = {
        before.metadata.rnn.anchor: cell.source
        for before, cell in pairwise(cells)
        if before.metadata.rnn.get("anchor", "").startswith("part-")
    }
    assert [name for name, lead in leads.items() if "diverged" in lead] == ["part-2", "part-4"]
    assert "at step 7" in leads["part-4"]
    assert "**Training diverged:** the loss of update 11 is inf." in leads["part-2"]


@pytest.mark.parametrize(
    ("typed", "names", "shown_as"),
    [
        ("", [], ""),
        (" ; ", [], ""),
        ("Ada Lovelace", ["Ada Lovelace"], "Ada Lovelace"),
        ("Ada Lovelace; Charles  Babbage;", ["Ada Lovelace", "Charles Babbage"],
         "Ada Lovelace and Charles Babbage"),
        ("A;B;王小明", ["A", "B", "王小明"], "A, B and 王小明"),
        ("Lovelace, Ada; Babbage, Charles", ["Lovelace, Ada", "Babbage, Charles"],
         "Lovelace, Ada; Babbage, Charles"),
    ],
)  # fmt: skip
def test_semicolons_separate_authors(typed: str, names: list[str], shown_as: str) -> None:
    front = Title("T", typed).front
    assert (front["authors"], front["author"]) == (names, shown_as)
