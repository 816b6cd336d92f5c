"""Every parameter once: its default, what it may be, and one line on what it means.

The notebooks, the command and the dashboard check values here, so they refuse them in the same
words. `make sync` generates `docs/parameters.md` from this file.
"""

import ast
import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, NamedTuple

from rnn.errors import InputError
from rnn.network import CELLS, INITIALISATIONS, Network, find_cell, initialise, size
from rnn.optimisers import CLIPS, OPTIMISERS, SCHEDULES
from rnn.text import UNICODE_FORMS, Parts

MEMORY = 4e9  # bytes that the arrays of training may take
SAMPLED = 2_000_000  # characters in all samples together
KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


class Range(NamedTuple):
    """A range of numbers; `ends` says which ends belong to it, as in [0, 1).

    >>> print(Range(0, 1, "[)"))
    at least 0 and below 1
    """

    low: float
    high: float = math.inf
    ends: str = "[]"

    def __str__(self) -> str:
        words = [f"{'at least' if self.ends[0] == '[' else 'above'} {self.low}"]
        if self.high < math.inf:
            words.append(f"{'at most' if self.ends[1] == ']' else 'below'} {self.high}")
        return " and ".join(words)

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, int | float):
            return False
        above = value >= self.low if self.ends[0] == "[" else value > self.low
        return above and (value <= self.high if self.ends[1] == "]" else value < self.high)


Allowed = Range | tuple[str, ...] | None


def _parameter(default: Any, allowed: Allowed, meaning: str) -> Any:
    return field(default=default, metadata={"allowed": allowed, "meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """All parameters of the notebooks; the defaults are those of the assignment.

    Upper limits are far above what makes sense: they keep a typing error from filling the memory.
    """

    # The book
    lowercase: bool = _parameter(True, None, "whether the book is converted to lower case")
    unicode_form: str = _parameter(
        "nfc", UNICODE_FORMS, "Unicode normal form of the book; as_is: unchanged"
    )
    encoding: str = _parameter("", None, "encoding of the book; detected if empty")
    validation_fraction: float = _parameter(
        0.05, Range(0, 1, "[)"), "fraction of the book, before the test part, that chooses a model"
    )
    test_fraction: float = _parameter(
        0.05, Range(0, 1, "[)"), "fraction at the end of the book that is read once, to judge"
    )
    validation_limit: int = _parameter(
        200_000, Range(0, 10**12), "characters that are read of the validation part; 0: all"
    )
    test_limit: int = _parameter(
        200_000, Range(0, 10**12), "characters that are read of the test part; 0: all"
    )
    # The network
    cell: str = _parameter("rnn", tuple(CELLS), "the recurrent cell")
    hidden_size: int = _parameter(100, Range(1, 10_000), "m, the number of hidden units")
    initialisation: str = _parameter("normal", INITIALISATIONS, "how W is initialised")
    init_scale: float = _parameter(0.01, Range(0), "standard deviation of the initial weights")
    dtype: str = _parameter("float64", ("float64", "float32"), "floating-point precision")
    # Training
    seq_length: int = _parameter(25, Range(1, 100_000), "T, the length of a sequence")
    batch_size: int = _parameter(1, Range(1, 100_000), "B, the number of parallel streams")
    epochs: int = _parameter(7, Range(1, 10**9), "number of passes over the training part")
    max_updates: int = _parameter(0, Range(0, 10**12), "maximum number of updates; 0: no limit")
    optimiser: str = _parameter("adagrad", tuple(OPTIMISERS), "the update rule")
    learning_rate: float | None = _parameter(
        None,
        Range(0, ends="(]"),
        "the highest learning rate; default: "
        + ", ".join(f"{rule.rate:g} for {name}" for name, rule in OPTIMISERS.items()),
    )
    schedule: str = _parameter("constant", SCHEDULES, "the learning-rate schedule")
    warmup: int = _parameter(0, Range(0, 10**12), "updates over which the rate rises from 0")
    clip: float = _parameter(5.0, Range(0, ends="(]"), "the limit for clipping the gradient")
    clip_by: str = _parameter("value", tuple(CLIPS), "what is limited: each entry or the norm")
    dropout: float = _parameter(
        0.0, Range(0, 1, "[)"), "probability that a hidden unit is dropped before the output layer"
    )
    random_offset: bool = _parameter(
        False, None, "whether each epoch starts at a random one of the first T characters"
    )
    threads: int = _parameter(
        1, Range(1, 256), "threads that share the streams; the same number gives the same bits"
    )
    seed: int = _parameter(400, Range(0, 2**32 - 1), "the seed of all random numbers")
    # Samples on the way
    sample_every: int = _parameter(10_000, Range(1, 10**12), "updates between samples")
    sample_length: int = _parameter(200, Range(1, 100_000), "length of a sample, in characters")
    evolution_until: int = _parameter(
        100_000, Range(0, 10**12), "samples are written up to this update"
    )
    # Checkpoints
    checkpoint_every: int = _parameter(50_000, Range(1, 10**12), "updates between checkpoints")
    checkpoint_seconds: float = _parameter(20.0, Range(0, ends="(]"), "seconds between checkpoints")
    # The passage
    passage_length: int = _parameter(
        1000, Range(1, 1_000_000), "length of the passage, in characters"
    )
    temperature: float = _parameter(
        1.0,
        Range(0, ends="(]"),
        "below 1, likely characters become likelier; above 1, unlikely ones",
    )
    top_p: float = _parameter(
        1.0, Range(0, 1, "(]"), "total probability of the likeliest characters to draw from; 1: all"
    )
    prime: str = _parameter("", None, "the text that the passage continues")

    @property
    def rate(self) -> float:
        """The learning rate: the given one, or the optimiser's default."""
        given = self.learning_rate
        return OPTIMISERS[self.optimiser].rate if given is None else given

    @property
    def reading(self) -> dict[str, Any]:
        """How to read the book: the keyword arguments of `rnn.files.book.read_book`."""
        names = ("lowercase", "encoding", "unicode_form")
        return {name: getattr(self, name) for name in names}

    @property
    def of_training(self) -> dict[str, Any]:
        """The values that determine training: all but those of checkpoints and the passage."""
        return {name: value for name, value in asdict(self).items() if name not in LATER}


LATER = (
    *("checkpoint_every", "checkpoint_seconds"),
    *("passage_length", "temperature", "top_p", "prime"),
)


def first_network(settings: Settings, K: int) -> Network:
    """Return the untrained network for a book with K different characters."""
    return initialise(
        settings.cell,
        K,
        settings.hidden_size,
        seed=settings.seed,
        init_scale=settings.init_scale,
        initialisation=settings.initialisation,
        dtype=settings.dtype,
    )


class Parameter(NamedTuple):
    """A parameter: its name, type, default, allowed values and meaning."""

    name: str
    kind: type
    default: Any
    allowed: Allowed
    meaning: str

    @property
    def choices(self) -> tuple[str, ...]:
        """The allowed values, if they can be listed."""
        return () if self.allowed is None or isinstance(self.allowed, Range) else self.allowed

    def check(self, value: Any) -> Any:
        """Return the value, converted to the parameter's type.

        Raises
        ------
        ValueError
            When the value is not allowed; the message says what is.
        """
        if value is None and self.default is None:
            return value
        if self.kind is float and type(value) is int and abs(value) < 2**53:
            value = float(value)
        if type(value) is not self.kind or value in (math.inf, -math.inf):
            raise ValueError(KINDS[self.kind])
        if isinstance(self.allowed, Range) and value not in self.allowed:
            raise ValueError(str(self.allowed))
        if self.choices and value not in self.choices:
            raise ValueError(" or ".join(self.choices))
        return value


def _parameters() -> Iterator[tuple[str, Parameter]]:
    for one in fields(Settings):
        kind: Any = float if one.default is None else type(one.default)
        about = one.metadata
        yield one.name, Parameter(one.name, kind, one.default, about["allowed"], about["meaning"])


PARAMETERS = dict(_parameters())


def checked(values: Mapping[str, Any]) -> Settings:
    """Return the settings among some values by name, such as a notebook's `locals()`.

    Other names are ignored; a parameter that is not among the values has its default.

    Raises
    ------
    InputError
        When a value is not allowed.

    Examples
    --------
    >>> checked({"epochs": 2, "book": "mine.txt"}).epochs
    2
    >>> checked({"dropout": 1.5})
    Traceback (most recent call last):
    rnn.errors.InputError: dropout must be at least 0 and below 1, not 1.5
    """
    given = {}
    for name in PARAMETERS:
        if name not in values:
            continue
        try:
            given[name] = PARAMETERS[name].check(values[name])
        except ValueError as error:
            shown = " ".join(map(str.strip, repr(values[name]).splitlines()))  # of an array, say
            raise InputError(f"{name} must be {error}, not {shown}") from None
    return Settings(**given)


def to_word(value: Any) -> str:
    """Return a value as `from_word` reads it.

    >>> to_word(True), to_word(0.1)
    ('true', '0.1')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def from_word(word: str, kind: type) -> Any:
    """Return the value of a word: a Python literal, true or false, or the text itself.

    >>> from_word("true", bool), from_word("25", int), from_word("once upon", str)
    (True, 25, 'once upon')
    """
    if kind is bool:
        return {"true": True, "false": False}.get(word.lower(), word)
    if kind is str and word[:1] not in ("'", '"'):
        return word
    try:
        with warnings.catch_warnings(action="ignore"):  # on odd escapes
            value = ast.literal_eval(word)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return word
    return word if kind is str and not isinstance(value, str) else value


def updates_per_epoch(characters: int, settings: Settings) -> int:
    """Return how many sequences of T characters fit into each stream, with a character after each.

    Raises
    ------
    InputError
        When not even one fits.

    Examples
    --------
    >>> updates_per_epoch(1001, Settings(seq_length=25, batch_size=1))
    40
    """
    B, T = settings.batch_size, settings.seq_length
    spare = T - 1 if settings.random_offset else 0  # so that they fit wherever an epoch starts
    fit = (characters // B - spare - 1) // T
    if fit < 1:
        sizes = "2 seq_length" if settings.random_offset else "(seq_length + 1)"
        raise InputError(
            f"the training part of the book has {characters:,} characters, but batch_size x {sizes}"
            f" = {B * (T + 1 + spare):,} are needed: use a longer book or smaller values"
        )
    return fit


def check_fit(settings: Settings, parts: Parts, K: int, book: str) -> None:
    """Check that a network can be trained on a book with these settings.

    Parameters
    ----------
    settings
        The parameters.
    parts
        The parts of the book.
    K
        Vocabulary size.
    book
        The name of the book in messages.

    Raises
    ------
    InputError
        When the book is too short, or when the arrays or the samples would be too large.
    """
    try:
        updates = settings.epochs * updates_per_epoch(len(parts.training), settings)
    except InputError as error:
        raise InputError(f"the book {book} is too short: {error}") from None
    for name in ("validation", "test"):
        part, limit = getattr(parts, name), getattr(settings, f"{name}_limit")
        read = len(part[: limit or None])
        if getattr(settings, f"{name}_fraction") and read < 2:
            raise InputError(
                f"the {name} part of {book} has {read} characters within {name}_limit, but at"
                f" least 2 are needed: take more, or set {name}_fraction=0"
            )
    m, T, B = settings.hidden_size, settings.seq_length, settings.batch_size
    # Parameters, gradient, the optimiser's memory, two kept models; the arrays of a sequence.
    rows = find_cell(settings.cell).BLOCKS * m
    numbers = 7 * size(settings.cell, K, m) + 4 * B * T * (K + rows)
    if 8 * numbers > MEMORY:
        raise InputError(
            f"with hidden_size={m}, seq_length={T}, batch_size={B} and the {K} characters of"
            f" {book}, training would take about {8 * numbers / 1e9:.0f} GB of memory, more"
            f" than {MEMORY / 1e9:.0f} GB"
        )
    last = min(updates, settings.max_updates or updates, settings.evolution_until)
    sampled = (last // settings.sample_every + 1) * settings.sample_length
    if sampled > SAMPLED:
        raise InputError(
            f"sample_every={settings.sample_every} would write samples of {sampled} characters"
            f" in all, more than {SAMPLED}: increase it or decrease evolution_until"
        )
