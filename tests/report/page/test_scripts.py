import re
from dataclasses import replace

import pytest

from rnn.network import CELLS, Model
from rnn.report.document import assemble
from rnn.report.nodes import Title
from rnn.report.page import scripts
from rnn.report.page.exporter import page
from tests.executed import RUN, model, notebooks

FILES = {path.relative_to(scripts.FOLDER).as_posix() for path in scripts.FOLDER.rglob("*.*")}
NO_SCRIPT = "The page has no script for the model's cell, {}, so you can't write with it here."


def page_of(given: Model) -> str:
    return page(assemble(notebooks(), RUN, Title("A title")), given).replace("&#39;", "'")


def test_the_script_is_each_file_once_and_no_file_is_left_out() -> None:
    assert len(FILES) > 10
    assert sorted(scripts.NAMES) == sorted(FILES)
    rest = scripts.SCRIPT
    for name in scripts.NAMES:
        text = (scripts.FOLDER / name).read_text(encoding="utf-8")
        assert scripts.SCRIPT.count(text) == 1, name
        rest = rest.replace(text, "")
    assert re.sub(r"\s", "", rest) == '"usestrict";{}'


def test_the_script_can_stand_in_a_page() -> None:
    assert not re.search("</script|<!--", scripts.SCRIPT, re.IGNORECASE)


def test_each_script_of_a_cell_is_of_a_cell_in_python() -> None:
    assert {path.stem for path in scripts.CELLS.iterdir()} <= set(CELLS)


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_has_a_script_or_its_page_says_that_it_has_none(cell: str) -> None:
    source = page_of(model(cell))
    assert ('<script type="application/json" id="model">' in source) == scripts.runs(cell)
    assert (NO_SCRIPT.format(cell) in source) == (not scripts.runs(cell))


def test_a_cell_without_a_script_leaves_a_page_without_its_model() -> None:
    source = page_of(replace(model(), network=replace(model().network, cell="new")))
    assert source.count(NO_SCRIPT.format("new")) == 1
    passage, sentence = source.index('id="text-passage"'), source.index(NO_SCRIPT.format("new"))
    assert re.fullmatch(r'.*</figure>\s*<p class="elsewhere">', source[passage:sentence], re.DOTALL)
    assert "<figure" not in source[passage:sentence]
    for part in ('id="model"', 'id="write"', 'class="reader', 'href="#write"', "more than a page"):
        assert part not in re.sub("<script>.*?</script>", "", source, flags=re.DOTALL), part
