"""The generated pages are up to date, and pages that name numbers name the right ones."""

import importlib
import re
from pathlib import Path

import numpy as np
import pytest

from tools import parameters

LOSSES = (Path(__file__).parents[1] / "docs" / "losses.md").read_text(encoding="utf-8")
NUMBERS = re.findall(r"^\| .* \| ([\d., ]+) \| `([\w/]+)\.py` \| `(\w+)` \|$", LOSSES, re.MULTILINE)


def test_the_table_of_parameters_is_up_to_date() -> None:
    made = parameters.PAGE.read_text(encoding="utf-8")
    assert made == parameters.page(), "docs/parameters.md is out of date: make sync"


@pytest.mark.parametrize(("value", "file", "name"), NUMBERS)
def test_what_recomputing_takes_has_the_numbers_of_the_program(
    value: str, file: str, name: str
) -> None:
    module = importlib.import_module(f"rnn.analysis.{file.replace('/', '.')}")
    said = [float(one.replace(",", "")) for one in value.split(", ")]
    assert said == list(np.atleast_1d(getattr(module, name)))


def test_all_of_these_numbers_are_found() -> None:
    (table,) = re.findall(r"\n### The numbers.*?\n\n(.*?)\n\n", LOSSES, re.DOTALL)
    assert len(NUMBERS) == len(table.splitlines()) - 2
