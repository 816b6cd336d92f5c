"""The last chapter: the command that makes the report again, and the entry to cite it by."""

import copy
from typing import Any

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from rnn.numerics.compiled import state_of_sources
from rnn.report.document import assemble
from rnn.report.nodes import Title, shown
from rnn.report.record import versions
from tests.executed import RUN, notebooks

TITLE = Title("A report", "A. Student")


@pytest.fixture(scope="module")
def document() -> Any:
    return assemble(notebooks(), RUN, TITLE)


def test_the_recipe_names_what_differs_from_the_defaults(document: Any) -> None:
    command, book, parameters, versions = shown(document.cells[-7])
    assert "BOOK=data/tales.txt" in command["code"]
    assert "hidden_size=100 " in command["code"]
    assert "AUTHOR='A. Student'" in command["code"]
    assert book["rows"] == [["SHA-256", RUN["book"]["sha256"]], ["read as", "utf-8"]]
    assert ["seed", "400"] in parameters["rows"]
    assert ["numpy", "2.2.0"] in versions["rows"]
    run = copy.deepcopy(RUN)
    run["parameters"] |= {"hidden_size": 50, "prime": ""}
    command, *_ = shown(assemble(notebooks(), run, TITLE).cells[-7])
    assert "hidden_size" not in command["code"]
    assert "NOTES" not in command["code"]
    assert "FORM" not in command["code"]
    run["report"] = {
        "notes": "my notes.md",
        "references": "r s.bib",
        "form": "lesson",
        "excerpt": True,
        "code": True,
    }
    command, *_ = shown(assemble(notebooks(), run, TITLE).cells[-7])
    assert (
        "NOTES='my notes.md' \\\n  REFERENCES='r s.bib' \\\n  FORM=lesson \\\n  EXCERPT=1 \\\n"
        "  CODE=1" in command["code"]
    )


def test_whose_functions_they_are_is_said_and_how_to_use_them_again() -> None:
    run = copy.deepcopy(RUN)
    run["report"] = {"student": "a b/my_student.py", "student_sha256": "5" * 64}
    made = assemble(notebooks(), run, Title("A report", "A. Student; B. Student"))
    command, *_ = shown(made.cells[-7])
    assert "STUDENT='a b/my_student.py'" in command["code"]
    texts = [cell.source for cell in made.cells if cell.cell_type == "markdown"]
    (lead,) = [text for text in texts if text.startswith("The functions of `my_student.py` by")]
    assert "by A&#46; Student" not in lead
    assert f"A. Student and B. Student (SHA-256 `{'5' * 64}`)" in lead
    assert any("The functions are those of `a b/my_student.py`" in text for text in texts)


def test_which_model_writes_is_said_and_how_to_use_it_again() -> None:
    run = copy.deepcopy(RUN)
    run["report"] = {"model": "a b/my_model.npz", "model_sha256": "6" * 64}
    made = assemble(notebooks(), run, TITLE)
    command, *_ = shown(made.cells[-7])
    assert "MODEL='a b/my_model.npz'" in command["code"]
    texts = [cell.source for cell in made.cells if cell.cell_type == "markdown"]
    (lead,) = [text for text in texts if text.startswith("The best model is the one at step")]
    assert f"by the one saved in `my_model.npz` (SHA-256 `{'6' * 64}`)" in lead
    assert any("The model that writes is that of `a b/my_model.npz`" in text for text in texts)


def test_which_promise_of_sameness_holds_where_is_said(document: Any) -> None:
    (said,) = [cell.source for cell in document.cells if "`threads`" in cell.source]
    assert "On the same machine" in said
    assert "the same bits" in said
    assert "On another machine, or with other versions" in said
    assert "within 5\u00a0%" in said


def test_the_sources_of_the_network_are_recorded() -> None:
    assert versions()["sources of the network"] == state_of_sources()


def test_the_sources_of_the_network_stand_beside_the_book() -> None:
    run = copy.deepcopy(RUN)
    run["versions"]["sources of the network"] = "7" * 64
    _, book, _, shown_versions = shown(assemble(notebooks(), run, TITLE).cells[-7])
    assert ["SHA-256 of the sources of the network", "7" * 64] in book["rows"]
    assert not any("7" * 64 in row for row in shown_versions["rows"])


def test_notebooks_of_one_s_own_are_named(document: Any) -> None:
    mine = notebooks() | {"05_mine": new_notebook(cells=[new_markdown_cell("# Mine")])}
    told = [cell.source for cell in assemble(mine, RUN, TITLE).cells]
    assert any("It needs `notebooks/05_mine.py`, of this report's own" in text for text in told)
    assert not any("of this report's own" in cell.source for cell in document.cells)
