"""Where pages differ that someone made to be slow to read, or to break what reads them."""

import time

import pytest

from rnn.report.verify.pages import in_page

MADE = (
    "<!doctype html>\n<html><head><title>A report</title></head><body><main>"
    '<h2 id="part-1">Part 1 The gradients</h2><p>A number, 3.5.</p>'
    '<script type="application/json" id="recipe">{"a":1}</script></main></body></html>\n'
)


@pytest.mark.parametrize(
    "hostile",
    [
        "<b>" * 100_000,
        "<b " * 100_000,
        "<!--" * 100_000,
        "<a href='" + "x=" * 100_000,
        "&" * 200_000,
        "</main>" * 100_000,
        "<![CDATA[" * 50_000,
        "<?" * 100_000,
    ],
)
def test_a_page_that_was_made_to_be_slow_is_not(hostile: str) -> None:
    begun = time.process_time()
    assert in_page(MADE.replace("A number", hostile), MADE).startswith("Part 1 The gradients: ")
    assert in_page(hostile, MADE)
    assert in_page(MADE + hostile, MADE)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("value", ["[" * 100_000, '{"a":' + "9" * 10_000 + "}", "{", '{"a":NaN}'])
def test_a_recipe_that_can_not_be_read_is_a_difference(value: str) -> None:
    found = in_page(MADE.replace('{"a":1}', value), MADE)
    assert found.startswith("the recipe that it carries: ")
    assert "\n" not in found


def test_a_number_a_tag_and_a_value_are_shown() -> None:
    assert in_page(MADE.replace("3.5", "3.6"), MADE) == (
        "Part 1 The gradients: A number, 3.6. there, A number, 3.5. made again"
    )
    assert in_page(MADE.replace("part-1", "part-2"), MADE) == (
        "the page: id=part-2 there, id=part-1 made again"
    )
    assert in_page(MADE.replace('{"a":1}', '{"a":2}'), MADE) == (
        "the recipe that it carries: a: 2 there, 1 made again"
    )
    excerpt = MADE.replace('id="recipe"', 'id="excerpt"')
    assert in_page(excerpt.replace("1}", "2}"), excerpt).startswith("the excerpt of the book that")
    assert in_page(MADE, MADE) == ""
