"""The sources that notebooks show."""

from itertools import product

import pytest

from rnn import output
from rnn.exhibits import listings
from rnn.exhibits.listings import for_readers, source
from rnn.network import CELLS
from rnn.optimisers import CLIPS, OPTIMISERS
from rnn.settings import Settings


def test_source_is_that_of_the_compiled_function() -> None:
    code = source(output.softmax, output.loss)
    assert "def softmax(" in code
    assert "def loss(" in code


def test_what_only_tools_read_is_left_out_of_code() -> None:
    code = "f(x)  # noqa: ARG001  why\ng()  # type: ignore[a-b]  # the rest\n"
    code += ")  # fmt: skip\nx  # a note"
    assert for_readers(code) == "f(x)\ng()  # the rest\n)\nx  # a note"


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_is_listed_both_ways(cell: str) -> None:
    assert "def forward(" in listings.forward_pass(cell).code
    assert "def multiply(" in listings.forward_pass(cell).code
    backward = listings.backward_pass(cell).code
    assert backward.index("def predict_backward(") < backward.index("def backward(")


@pytest.mark.parametrize(("optimiser", "clip_by"), list(product(OPTIMISERS, CLIPS)))
def test_an_update_is_clipping_and_the_rule(optimiser: str, clip_by: str) -> None:
    code = listings.update(Settings(optimiser=optimiser, clip_by=clip_by)).code
    assert code.index(f"def {CLIPS[clip_by].__name__}(") < code.index(f"def {optimiser}(")


def test_the_rest_is_listed() -> None:
    assert "def softmax(" in listings.output_layer().code
    assert "def loss(" in listings.loss_function().code
    assert "def draw(" in listings.drawing().code
