"""The parameters of a report: declared by the notebooks, set by PARAMS, checked before any work.

Nothing is evaluated: values are read as Python literals.
"""

import ast
import difflib
import math
import shlex
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import jupytext

from rnn.cells import CELLS
from rnn.errors import InputError
from rnn.files.book import Book, read_book
from rnn.network import INITIALISATIONS, size
from rnn.optimisers import CLIPS, OPTIMISERS, SCHEDULES
from rnn.report.presets import PRESETS
from rnn.text import UNICODE_FORMS, encode, normalise, split
from rnn.training import Settings, updates_per_epoch

PATHS = ("book", "folder")  # set by the command itself, not by PARAMS
MEMORY = 4e9  # bytes that the arrays of training may take
SAMPLED = 2_000_000  # characters of all samples together


class Range(NamedTuple):
    """The numbers that make sense; `ends` says which ends belong to them, as in [0, 1)."""

    low: float
    high: float = math.inf
    ends: str = "[]"

    def __str__(self) -> str:
        words = [f"{'at least' if self.ends[0] == '[' else 'above'} {self.low}"]
        if self.high < math.inf:
            words.append(f"{'at most' if self.ends[1] == ']' else 'below'} {self.high}")
        return " and ".join(words)

    def holds(self, value: float) -> bool:
        """Return whether a number is within."""
        above = value >= self.low if self.ends[0] == "[" else value > self.low
        return above and (value <= self.high if self.ends[1] == "]" else value < self.high)


# Upper limits are far above what makes sense: they keep a slip of the pen from filling the memory.
RANGES = {
    "hidden_size": Range(1, 10_000),
    "seq_length": Range(1, 100_000),
    "batch_size": Range(1, 100_000),
    "learning_rate": Range(0, ends="(]"),
    "epochs": Range(1, 10**9),
    "max_updates": Range(0, 10**12),
    "validation_limit": Range(0, 10**12),
    "init_scale": Range(0),
    "clip": Range(0, ends="(]"),
    "dropout": Range(0, 1, "[)"),
    "warmup": Range(0, 10**12),
    "threads": Range(1, 256),
    "validation_fraction": Range(0, 1, "[)"),
    "sample_every": Range(1, 10**12),
    "sample_length": Range(1, 100_000),
    "evolution_until": Range(0, 10**12),
    "checkpoint_every": Range(1, 10**12),
    "checkpoint_seconds": Range(0, ends="(]"),
    "passage_length": Range(1, 1_000_000),
    "temperature": Range(0, ends="(]"),
    "top_p": Range(0, 1, "(]"),
    "seed": Range(0, 2**32 - 1),
}
CHOICES = {
    "cell": tuple(CELLS),
    "optimiser": tuple(OPTIMISERS),
    "schedule": SCHEDULES,
    "clip_by": tuple(CLIPS),
    "initialisation": INITIALISATIONS,
    "unicode_form": UNICODE_FORMS,
    "dtype": ("float64", "float32"),
}
OPTIONAL = {"learning_rate": float}  # None by default: what it then is depends on the others
KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


def declared(notebook: Path) -> dict[str, Any]:
    """Return the defaults in the `parameters` cell of a notebook, by name; nothing is run.

    Raises
    ------
    InputError
        When one is no literal.
    """
    try:
        return declared_in(jupytext.read(notebook))
    except (SyntaxError, ValueError):
        raise InputError(
            f"the parameters cell of {notebook} may have literals only, as in epochs = 7"
        ) from None


def declared_in(notebook: Any) -> dict[str, Any]:
    """Return the defaults in the `parameters` cell of a notebook that was read."""
    sources = [c.source for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    return {name: ast.literal_eval(value) for name, value in _literals("".join(sources[:1]))}


def defaults(declared: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what PARAMS can set, with the defaults, from what each notebook declares.

    Raises
    ------
    InputError
        When two notebooks are not of one mind about a default.
    """
    found: dict[str, Any] = {}
    for notebook, parameters in declared.items():
        for name in parameters.keys() - set(PATHS):
            value, other = parameters[name], found.get(name, parameters[name])
            if (type(value), value) != (type(other), other):
                raise InputError(
                    f"{notebook} declares {name} = {value!r}, a notebook before it {other!r}:"
                    " a parameter has one default"
                )
        found |= {name: parameters[name] for name in parameters if name not in PATHS}
    return found


def as_used(source: str, used: Mapping[str, Any]) -> str:
    """Return the source of a parameters cell with the values that were used.

    What papermill injects holds the paths of one run on one machine; the cell that it overrides
    has the comments.
    """
    lines = source.splitlines()
    for name, value in _literals(source):
        if name in used:
            line, new = lines[value.lineno - 1].encode(), repr(used[name]).encode()
            line = line[: value.col_offset] + new + line[value.end_col_offset :]
            lines[value.lineno - 1] = line.decode()
    return "\n".join(lines)


def _literals(source: str) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that a parameters cell assigns to, each with its literal."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


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
            given[name] = _value(name, value, OPTIONAL.get(name, type(defaults[name])))
        except ValueError as error:
            raise InputError(f"PARAMS: {pair!r}: {name} must be {error}") from None
    values = defaults | PRESETS[preset] | given
    if "optimiser" in given and "learning_rate" not in given:
        values["learning_rate"] = None  # the preset's was for its own optimiser
    if "optimiser" in values and values.get("learning_rate", 0) is None:
        values["learning_rate"] = OPTIMISERS[values["optimiser"]].rate
    return values


def _value(name: str, word: str, kind: Any) -> Any:
    """Return the value that a word stands for, or raise what it must be."""
    value: Any = word
    if kind is bool:
        value = {"true": True, "false": False}.get(word.lower(), word)
    elif kind is not str or word[:1] in ("'", '"'):
        try:
            with warnings.catch_warnings(action="ignore"):  # on odd escapes
                value = ast.literal_eval(word)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            pass
    if kind is str and not isinstance(value, str):
        value = word
    if kind is float and type(value) is int and abs(value) < 2**53:
        value = float(value)
    if type(value) is not kind or value in (math.inf, -math.inf):  # 1e999 is a literal
        raise ValueError(KINDS[kind])
    if name in CHOICES and value not in CHOICES[name]:
        raise ValueError(" or ".join(CHOICES[name]))
    if name in RANGES and not RANGES[name].holds(value):
        raise ValueError(RANGES[name])
    return value


def check_book(path: Path, parameters: dict[str, Any]) -> Book:
    """Return the book, when it can be trained on with these parameters.

    Raises
    ------
    InputError
        When it can't be read, is too short, lacks a character of the prime text, or when the
        arrays or the samples would be too large.
    """
    lowercase = parameters["lowercase"]
    reading = {
        name: parameters[name] for name in ("encoding", "unicode_form") if name in parameters
    }
    book = read_book(path, lowercase=lowercase, **reading)
    check_training(book, parameters)
    prime = parameters["prime"]
    try:
        encode(normalise(prime, lowercase, parameters.get("unicode_form", "nfc")), book.vocabulary)
    except InputError as error:
        raise InputError(f"PARAMS: prime={prime!r}: {error}") from None
    return book


def check_training(book: Book, parameters: dict[str, Any]) -> None:
    """See that a network can be trained on a book with these parameters.

    Raises
    ------
    InputError
        When the book is too short, or when the arrays or the samples would be too large.
    """
    path = book.path
    names = {field.name for field in fields(Settings)}
    settings = Settings(**{name: parameters[name] for name in names & parameters.keys()})
    training, validation = split(book.indices, parameters["validation_fraction"])
    held_out = len(validation[: settings.validation_limit or None])
    try:
        updates = settings.epochs * updates_per_epoch(len(training), settings)
    except InputError as error:
        raise InputError(f"the book {path} is too short: {error}") from None
    if parameters["validation_fraction"] and held_out < 2:
        raise InputError(
            f"the part of {path} that is held out has {held_out} characters within"
            " validation_limit, but at least 2 are needed, or validation_fraction=0"
        )

    K, m, cell = len(book.vocabulary), settings.hidden_size, settings.cell
    # Parameters, gradient, the optimiser's memory, two models on the way; what a sequence leaves.
    characters = settings.batch_size * settings.seq_length
    numbers = 7 * size(K, m, cell) + 4 * characters * (K + CELLS[cell].shapes(K, m)["W"][0])
    if 8 * numbers > MEMORY:
        raise InputError(
            f"PARAMS: with hidden_size={m}, seq_length={settings.seq_length},"
            f" batch_size={settings.batch_size} and the {K} characters of {path}, training would"
            f" take some {8 * numbers / 1e9:.0f} GB of memory, above {MEMORY / 1e9:.0f} GB"
        )
    last = min(updates, settings.max_updates or updates, settings.evolution_until)
    sampled = (last // settings.sample_every + 1) * settings.sample_length
    if sampled > SAMPLED:
        raise InputError(
            f"PARAMS: sample_every={settings.sample_every} would show samples of {sampled}"
            f" characters in all, above {SAMPLED}: take it larger, or evolution_until smaller"
        )
