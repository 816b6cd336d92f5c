import re
from dataclasses import replace
from html import unescape

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
    assert {*scripts.NAMES, *scripts.OF_STUDY} == FILES
    both = ((scripts.NAMES, scripts.SCRIPT), (scripts.OF_STUDY, scripts.STUDY_SCRIPT))
    for names, rest in both:
        assert len(set(names)) == len(names)
        for name in names:
            text = (scripts.FOLDER / name).read_text(encoding="utf-8")
            assert rest.count(text) == 1, name
            rest = rest.replace(text, "")
        assert re.sub(r"\s", "", rest) == '"usestrict";{}'


def test_a_script_can_stand_in_a_page() -> None:
    for script in (scripts.SCRIPT, scripts.STUDY_SCRIPT):
        assert not re.search("</script|<!--", script, re.IGNORECASE)


def test_a_page_s_policy_names_its_own_script_alone() -> None:
    for script in (scripts.SCRIPT, scripts.STUDY_SCRIPT):
        source = page(assemble(notebooks(), RUN, Title("A title")), script=script)
        found = re.findall("script-src (.*?); ", unescape(source))
        assert found == [scripts.source(script)]
        assert script in source


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
