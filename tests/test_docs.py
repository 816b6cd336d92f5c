"""The generated pages are up to date."""

from tools import parameters


def test_the_table_of_parameters_is_up_to_date() -> None:
    made = parameters.PAGE.read_text(encoding="utf-8")
    assert made == parameters.page(), "docs/parameters.md is out of date: make sync"
