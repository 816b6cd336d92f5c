"""The parameters of a report: set by PARAMS, checked before any work.

Nothing is evaluated: values are read as Python literals.
"""

import difflib
import shlex
from pathlib import Path
from typing import Any

from rnn.errors import InputError
from rnn.files.book import Book, read_book
from rnn.optimisers import OPTIMISERS
from rnn.report.presets import PRESETS
from rnn.settings import KINDS, PARAMETERS, Parameter, check_fit, checked, from_word
from rnn.text import encode, normalise, split

PATHS = ("book", "folder")  # set by the command itself, not by PARAMS


def read(words: str, defaults: dict[str, Any], preset: str = "assignment") -> dict[str, Any]:
    """Return the defaults, with those that the preset and then PARAMS set replaced.

    Parameters
    ----------
    words
        PARAMS, as in `epochs=2 prime='Once upon a time'`, split as a shell splits words.
    defaults
        All parameters that the notebooks declare.
    preset
        A name in `PRESETS`.

    Raises
    ------
    InputError
        When a name is unknown, or a value makes no sense.
    """
    if preset not in PRESETS:
        raise InputError(f"there is no PRESET {preset!r}: known are {', '.join(PRESETS)}")
    try:
        pairs = shlex.split(words)
    except ValueError as error:
        raise InputError(f"PARAMS can't be split into words: {error}") from None
    given: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise InputError(f"PARAMS: {pair!r} is not of the form name=value")
        if name in PATHS:
            raise InputError(f"PARAMS: {name} can't be set here, but by BOOK and OUT")
        if name not in defaults:
            near = difflib.get_close_matches(name, defaults, 1, 0.5)
            known = f"did you mean {near[0]}?" if near else f"known are {', '.join(defaults)}"
            raise InputError(f"PARAMS: there is no parameter {name!r}: {known}")
        if name in given:
            raise InputError(f"PARAMS: {name} is given twice")
        try:
            given[name] = _value(name, value, defaults[name])
        except ValueError as error:
            raise InputError(f"PARAMS: {pair!r}: {name} must be {error}") from None
    values = defaults | PRESETS[preset] | given
    if "optimiser" in given and "learning_rate" not in given:
        values["learning_rate"] = None  # the preset's was for its own optimiser
    if "optimiser" in values and values.get("learning_rate", 0) is None:
        values["learning_rate"] = OPTIMISERS[values["optimiser"]].rate
    return values


def _value(name: str, word: str, default: Any) -> Any:
    """Return the value that a word stands for, or raise what it must be."""
    own = Parameter(name, type(default), default, None, "")  # of a notebook that a user added
    parameter = PARAMETERS.get(name, own)
    value = from_word(word, parameter.kind)
    if value is None:
        raise ValueError(KINDS[parameter.kind])
    return parameter.check(value)


def check_book(path: Path, parameters: dict[str, Any]) -> Book:
    """Return the book, when it can be trained on with these parameters.

    Raises
    ------
    InputError
        When it can't be read, is too short, lacks a character of the prime text, or when the
        arrays or the samples would be too large.
    """
    settings = checked(parameters)
    book = read_book(path, **settings.reading)
    training, validation = split(book.indices, settings.validation_fraction)
    check_fit(settings, len(training), len(validation), len(book.vocabulary), str(path))
    prime = settings.prime
    try:
        encode(normalise(prime, settings.lowercase, settings.unicode_form), book.vocabulary)
    except InputError as error:
        raise InputError(f"PARAMS: prime={prime!r}: {error}") from None
    return book
