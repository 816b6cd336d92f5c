"""Numbers put into words."""

import doctest
import re
import unicodedata

import numpy as np
import pytest

from rnn.exhibits import words as module
from rnn.exhibits.words import extremes, from_to, number


def test_the_examples_are_right() -> None:
    failed, tried = doctest.testmod(module)
    assert (failed, tried) == (0, 7)


def test_from_to() -> None:
    series = {"A": [4.0, np.nan, 1.25], "b": [], "c": [np.nan], "D": [1e-20]}
    assert from_to(series) == "A goes from 4 to 1.25; D goes from 10⁻²⁰ to 10⁻²⁰"
    assert from_to({}) == ""


def test_extremes() -> None:
    assert extremes([np.nan, 3, 1, 2], ["w", "x", "y", "z"]) == "from 1.00 y to 3.00 x"


@pytest.mark.parametrize("form", [".1e", ".0e", ".3g", ".17g", ".2f", ",.0f", "g"])
@pytest.mark.parametrize("value", [1.1e-7, -2.5e300, 5e-324, 1e-6, -1e22, 12.0, -0.25, 99.96, 1.0])
def test_a_number_reads_back_as_python_writes_it(value: float, form: str) -> None:
    written = number(value, form)
    assert "e" not in written
    assert "-" not in written
    found = re.fullmatch(r"(−?[\d,.]*?)(?: × )?(?:10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?", written)
    assert found
    digits, power = (
        unicodedata.normalize("NFKC", part or "").replace("−", "-") for part in found.groups()
    )
    read = f"{digits if digits.strip('-') else digits + '1'}e{power or 0}"
    assert float(read.replace(",", "")) == float(format(value, form).replace(",", ""))


@pytest.mark.parametrize(
    ("value", "said"),
    [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "−inf"), (0.0, "0"), (-0.0, "0")],
)
def test_what_has_no_digits(value: float, said: str) -> None:
    assert number(value) == said
