"""The sources that notebooks show."""

import re
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
    forward = listings.forward_pass(Settings(cell=cell)).code
    assert "def forward(" in forward
    assert "def multiply(" in forward
    backward = listings.backward_pass(Settings(cell=cell)).code
    assert backward.index("def predict_backward(") < backward.index("def backward(")


@pytest.mark.parametrize(("optimiser", "clip_by"), list(product(OPTIMISERS, CLIPS)))
def test_an_update_is_clipping_and_the_rule(optimiser: str, clip_by: str) -> None:
    code = listings.update(Settings(optimiser=optimiser, clip_by=clip_by)).code
    assert code.index(f"def {CLIPS[clip_by].__name__}(") < code.index(f"def {optimiser}(")


def test_the_rest_is_listed() -> None:
    assert "def softmax(" in listings.output_layer(Settings()).code
    assert "def loss(" in listings.loss_function().code
    assert "def draw(" in listings.drawing(Settings()).code


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(), ["one stream", "no dropout", "one stream and no dropout"]),
        (Settings(batch_size=2), ["", "no dropout", "no dropout"]),
        (Settings(dropout=0.1), ["one stream", "", "one stream"]),
        (Settings(batch_size=2, dropout=0.1), ["", "", ""]),
    ],
)
def test_what_a_run_skips_is_said(settings: Settings, said: list[str]) -> None:
    made = [listings.forward_pass, listings.output_layer, listings.backward_pass]
    for function, words in zip(made, said, strict=True):
        listing = function(settings)
        assert ("This run has" in listing.caption) == bool(words)
        assert f" {words}, and so skips " in listing.caption or not words
        for code in re.findall("`([^`/]+|g /= B)`", listing.caption.partition("skips")[2]):
            assert code in listing.code, "it names what is listed"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(), "At temperature 1 and top-p 1, as for the passage, `adjust` skips both parts"),
        (Settings(top_p=0.9), "At temperature 1, as for the passage, `adjust` skips the part for"),
        (Settings(temperature=0.5), "At top-p 1, as for the passage"),
    ],
)
def test_what_is_skipped_in_drawing_is_said(settings: Settings, said: str) -> None:
    assert said in listings.drawing(settings).caption


def test_where_all_is_used_in_drawing_nothing_is_said() -> None:
    assert "skips" not in listings.drawing(Settings(temperature=0.5, top_p=0.9)).caption
