"""Numbers as they are printed, and in words, for captions and alternative texts."""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from rnn.exhibits.prose import plain

LETTERS = re.compile(r"\b[KTUVWbcxy]\b")  # of parameters and sizes; see `rnn.vanilla`
EXPONENT = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?e[-+]?\d+\b")
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, form: str = ".3g") -> str:
    """Write a number with a true minus sign, and with a power of ten in place of an exponent.

    It is plain text, so that it is the same in tables, captions, prose and figures.

    >>> [number(value) for value in (1.1e-7, 1e-6, -0.25, 12)]
    ['1.1 × 10⁻⁷', '10⁻⁶', '−0.25', '12']
    >>> number(1e-6, ".1e"), number(0, ".1e")
    ('1.0 × 10⁻⁶', '0')
    """
    digits, exponent, power = format(value, form).replace("-", "−").partition("e")
    if not exponent or not value:
        return digits if value else "0"
    tens = "10" + str(int(power.replace("−", "-"))).translate(RAISED)
    return digits.removesuffix("1") + tens if digits in ("1", "−1") else f"{digits} × {tens}"


def written(text: str) -> str:
    """Return text, such as a program's, with its numbers as `number` writes them.

    >>> written("an error of 1.1e-07 is above 1e-10")
    'an error of 1.1 × 10⁻⁷ is above 10⁻¹⁰'
    """
    return EXPONENT.sub(lambda found: number(float(found[0]), "g"), text)


def from_to(series: Mapping[str, Iterable[float]]) -> str:
    """Say where each series begins and ends; those without numbers are left out.

    >>> from_to({"the loss": [4.0, 2.5, 1.25], "the rest": []})
    'the loss goes from 4 to 1.25'
    """
    known = {name: [v for v in values if np.isfinite(v)] for name, values in series.items()}
    return "; ".join(
        f"{name} goes from {number(values[0])} to {number(values[-1])}"
        for name, values in known.items()
        if values
    )


def extremes(values: Sequence[float], places: Sequence[str]) -> str:
    """Say which of some values are the smallest and the largest, and where; NaN is skipped.

    >>> extremes([3.0, 1.0, 2.0], ["here", "there", "yonder"])
    'from 1.00 there to 3.00 here'
    """
    low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
    smallest, largest = (number(values[i], ".2f") for i in (low, high))
    return f"from {smallest} {places[low]} to {largest} {places[high]}"


def letters(text: str) -> str:
    """Return text as Markdown in which the letters of parameters are set as formulas.

    >>> letters("W is not transposed")
    '$W$ is not transposed'
    """
    return LETTERS.sub(r"$\g<0>$", plain(text))


def listed(names: Sequence[str]) -> str:
    """Join names as in a sentence.

    >>> listed(["U", "W", "b"])
    'U, W and b'
    """
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
