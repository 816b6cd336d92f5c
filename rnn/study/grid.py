"""The grid of a study: the settings that VARY asks for, and the seeds of SEEDS."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from rnn.errors import InputError
from rnn.report.parameters import pairs, value
from rnn.settings import LATER, PARAMETERS, to_word

MOST = 10_000  # runs
EXAMPLE = 'VARY="learning_rate=0.05,0.1 cell=rnn,gru"'
SEEDS = 3  # the fewest with which two settings can be told apart
FIXED = {
    "seed": "use SEEDS",
    "encoding": "use ENCODING",
    **dict.fromkeys(
        (*LATER, "sample_every", "sample_length", "evolution_until"),
        "the network learns the same with any value",
    ),
}


def settings(vary: str, defaults: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the values of what varies in each setting, the baseline first.

    Parameters
    ----------
    vary
        Grids, joined by semicolons. Each is the product of lists of values, as in
        `learning_rate=0.05,0.1 cell=rnn,gru`.
    defaults
        All parameters.

    Raises
    ------
    InputError
        When a grid is empty, a parameter can't vary or is unknown, or a value is not allowed or is
        given twice.

    Examples
    --------
    >>> settings("epochs=1,2; cell=gru", {"epochs": 7, "cell": "rnn"})
    [{'epochs': 1}, {'epochs': 2}, {'cell': 'gru'}]
    """
    if not vary.strip():
        raise InputError(f"VARY is missing: say what varies, as in {EXAMPLE}")
    grids = [_lists(grid, defaults) for grid in vary.split(";")]
    check_number(sum(math.prod(map(len, grid.values())) for grid in grids))
    return [
        dict(zip(grid, values, strict=True)) for grid in grids for values in product(*grid.values())
    ]


def _lists(grid: str, defaults: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the values of each parameter in a grid."""
    words = pairs(re.sub(r"\s*,\s*", ",", grid), defaults, "VARY")
    if not words:
        raise InputError(
            "VARY: a grid is empty: a ; stands between two, as in cell=gru; epochs=2,4"
        )
    lists = {}
    for name, listed in words.items():
        if name in FIXED:
            raise InputError(f"VARY: {name} can't vary: {FIXED[name]}")
        lists[name] = [value(name, word, defaults, "VARY") for word in listed.split(",")]
        if twice := _repeated(lists[name]):
            raise InputError(f"VARY: {name}={to_word(twice[0])} is given twice")
    return lists


def _repeated(values: list[Any]) -> list[Any]:
    """Return the values that there are several times."""
    return [one for one, times in Counter(values).items() if times > 1]


def check_number(runs: int) -> None:
    """Refuse more runs than anyone would wait for.

    Raises
    ------
    InputError
        When there are too many.
    """
    if runs > MOST:
        raise InputError(f"VARY and SEEDS ask for {runs:,} runs, more than {MOST:,}: name fewer")


def seeds(asked: str, first: int) -> tuple[int, ...]:
    """Return the seeds that SEEDS stands for.

    Parameters
    ----------
    asked
        Their number or, with commas, a list of them; empty for the usual number.
    first
        The first seed of a number.

    Raises
    ------
    InputError
        When it is neither, a seed is not allowed or is given twice.

    Examples
    --------
    >>> seeds("3", 400), seeds("7, 5", 400)
    ((400, 401, 402), (7, 5))
    """
    words = [word.strip() for word in (asked.strip() or str(SEEDS)).split(",")]
    try:
        numbers = list(_whole(words))
    except ValueError:
        raise InputError(
            f"SEEDS must be a number of seeds or a list of them, as in 5 or 400,401, not {asked!r}"
        ) from None
    if len(numbers) == 1:
        if numbers[0] < 1:
            raise InputError(f"SEEDS must be at least 1, not {asked.strip()}")
        check_number(numbers[0])
        numbers = list(range(first, first + numbers[0]))
    for seed in numbers:
        try:
            PARAMETERS["seed"].check(seed)
        except ValueError as error:
            raise InputError(f"SEEDS: a seed must be {error}, not {seed}") from None
    if twice := _repeated(numbers):
        raise InputError(f"SEEDS: {twice[0]} is given twice")
    return tuple(numbers)


def _whole(words: list[str]) -> Iterator[int]:
    for word in words:
        if not re.fullmatch("-?[0-9]{1,20}", word):
            raise ValueError
        yield int(word)
