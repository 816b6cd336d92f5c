"""The parameters of a report: declared by the notebooks, set by PARAMS, checked before any work.

Values are parsed as Python literals and never evaluated.
"""

import ast
import difflib
import shlex
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import jupytext

from rnn.errors import InputError
from rnn.files.book import Book, read_book
from rnn.optimisers import OPTIMISERS
from rnn.report.presets import PRESETS
from rnn.settings import KINDS, PARAMETERS, Parameter, Settings, check_fit, checked, from_word
from rnn.text import encode, normalise, split

# What other programs call our parameters.
ALIASES = {
    "lr": "learning_rate",
    "eta": "learning_rate",
    "step_size": "learning_rate",
    "hidden": "hidden_size",
    "units": "hidden_size",
    "m": "hidden_size",
    "rnn_size": "hidden_size",
    "model": "cell",
    "bs": "batch_size",
    "streams": "batch_size",
    "t": "seq_length",
    "block_size": "seq_length",
    "context": "seq_length",
    "bptt": "seq_length",
    "steps": "max_updates",
    "iterations": "max_updates",
    "iters": "max_updates",
    "max_iters": "max_updates",
    "method": "optimiser",
    "solver": "optimiser",
    "precision": "dtype",
    "start": "prime",
    "prompt": "prime",
    "length": "passage_length",
    "nucleus": "top_p",
    "val_split": "validation_fraction",
    "held_out": "test_fraction",
    "test_split": "test_fraction",
}
# Set by an option of the command, not by PARAMS.
PATHS = {"book": "BOOK", "folder": "OUT", "student": "STUDENT", "model_file": "MODEL"}


def declared(notebook: Path) -> dict[str, Any]:
    """Return the defaults in a notebook's `parameters` cell, by name, without running it.

    Raises
    ------
    InputError
        When a default is not a literal.
    """
    try:
        return declared_in(jupytext.read(notebook))
    except (SyntaxError, ValueError):
        raise InputError(
            f"the parameters cell of {notebook} may assign only literals, as in epochs = 7"
        ) from None


def declared_in(notebook: Any) -> dict[str, Any]:
    """Return the defaults in the `parameters` cell of a loaded notebook, by name."""
    sources = [c.source for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    return {name: ast.literal_eval(value) for name, value in _literals("".join(sources[:1]))}


def defaults(declared: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the parameters that PARAMS can set, with the defaults that the notebooks declare.

    Raises
    ------
    InputError
        When a default makes no sense, or when two notebooks disagree about one.
    """
    found: dict[str, Any] = {}
    first: dict[str, str] = {}
    for notebook, parameters in declared.items():
        try:
            checked(parameters)
        except InputError as error:
            raise InputError(f"in the parameters cell of {notebook}, {error}") from None
        for name, value in parameters.items():
            if name in PATHS:
                continue
            other = found.setdefault(name, value)
            before = first.setdefault(name, notebook)
            if (type(value), value) != (type(other), other):
                raise InputError(
                    f"{notebook} declares {name} = {value!r}, and {before} {name} = {other!r}:"
                    " a parameter has one default"
                )
    return found


def as_used(source: str, used: Mapping[str, Any]) -> str:
    """Return the source of a parameters cell with the values of the run in place of the defaults.

    The report shows this rather than the cell that papermill injects, which has no comments and
    holds the paths of one machine.
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
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value


def read(words: str, defaults: dict[str, Any], preset: str = "assignment") -> dict[str, Any]:
    """Return the defaults, overridden by the preset and then by PARAMS.

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
        When a name is unknown, or a value is not allowed.
    """
    return settled(given(words, defaults), defaults, preset)


def given(words: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters in PARAMS alone; see `read`."""
    return {
        name: value(name, word, defaults, "PARAMS")
        for name, word in pairs(words, defaults, "PARAMS").items()
    }


def pairs(words: str, known: Collection[str], option: str) -> dict[str, str]:
    """Return the words of an option by the parameters that they are for.

    Raises
    ------
    InputError
        When a parameter is unknown or given twice.
    """
    try:
        split_words = shlex.split(words)
    except ValueError as error:
        raise InputError(f"{option} can't be split into words: {error}") from None
    found: dict[str, str] = {}
    for pair in split_words:
        name, equals, word = pair.partition("=")
        if not equals:
            raise InputError(f"{option}: {pair!r} is not of the form name=value")
        if name in PATHS:
            raise InputError(f"{option}: {name} can't be set here: use {PATHS[name]}")
        if name not in known:
            near = _nearest(name, known)
            hint = f"did you mean {near}?" if near else f"choose from {', '.join(known)}"
            raise InputError(f"{option}: there is no parameter {name!r}: {hint}")
        if name in found:
            raise InputError(f"{option}: {name} is given twice")
        found[name] = word
    return found


def value(name: str, word: str, defaults: Mapping[str, Any], option: str) -> Any:
    """Return the value of a parameter that a word of an option stands for.

    Raises
    ------
    InputError
        When it is not allowed.
    """
    try:
        return _value(name, word, defaults[name])
    except ValueError as error:
        raise InputError(f"{option}: {f'{name}={word}'!r}: {name} must be {error}") from None


def settled(
    given: Mapping[str, Any], defaults: Mapping[str, Any], preset: str = "assignment"
) -> dict[str, Any]:
    """Return the defaults, overridden by the preset and then by what is given; see `read`."""
    if preset not in PRESETS:
        raise InputError(f"there is no PRESET {preset!r}: choose from {', '.join(PRESETS)}")
    values = {**defaults, **PRESETS[preset], **given}
    if "optimiser" in given and "learning_rate" not in given:
        values["learning_rate"] = None  # the preset's rate suits its own optimiser
    if "optimiser" in values and values.get("learning_rate", 0) is None:
        values["learning_rate"] = OPTIMISERS[values["optimiser"]].rate
    return values


def _nearest(name: str, known: Collection[str]) -> str:
    """Return the parameter that a name probably stands for, or an empty string."""
    typed = name.lower().replace("-", "_")
    if ALIASES.get(typed) in known:
        return ALIASES[typed]
    return next(iter(difflib.get_close_matches(typed, known, 1, 0.5)), "")


def _value(name: str, word: str, default: Any) -> Any:
    """Return the value of a word, or raise a ValueError that says what it must be."""
    own = Parameter(name, type(default), default, None, "")  # for the user's own notebook
    parameter = PARAMETERS.get(name, own)
    value = from_word(word, parameter.kind)
    if parameter.kind not in KINDS:  # one of theirs, which may be a list, for instance
        if default is None or type(value) is parameter.kind:
            return value
        raise ValueError(f"a {parameter.kind.__name__}, as {default!r} is")
    if value is None:
        raise ValueError(KINDS[parameter.kind])
    return parameter.check(value)


def check_book(path: Path, parameters: dict[str, Any]) -> Book:
    """Return the book if a network can be trained on it with these parameters.

    Raises
    ------
    InputError
        When it can't be read, is too short, lacks a character of the prime text, or when the
        arrays or the samples would be too large.
    """
    settings = checked(parameters)
    book = read_book(path, **settings.reading)
    check_settings(path, book, settings)
    return book


def check_settings(path: Path, book: Book, settings: Settings) -> None:
    """See that a network can be trained on a book that has been read; see `check_book`."""
    parts = split(book.indices, settings.validation_fraction, settings.test_fraction)
    check_fit(settings, parts, len(book.vocabulary), str(path))
    prime = settings.prime
    try:
        encode(normalise(prime, settings.lowercase, settings.unicode_form), book.vocabulary)
    except InputError as error:
        raise InputError(f"PARAMS: prime={prime!r}: {error}") from None
