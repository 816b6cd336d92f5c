"""Every parameter: its allowed values, its error messages, and whether it fits a book."""

import ast
import dataclasses
import math
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn.errors import InputError
from rnn.settings import (
    KINDS,
    LATER,
    PARAMETERS,
    Parameter,
    Range,
    Settings,
    check_fit,
    checked,
    from_word,
    updates_per_epoch,
)
from rnn.text import Parts
from rnn.updates import Plan

ROOT = Path(__file__).parents[1]
by_name = pytest.mark.parametrize("name", PARAMETERS)
WRONG: dict[type, list[Any]] = {  # wrong values for each kind
    bool: [0, 1, 1.0, "true", None, np.True_],
    int: [2.0, True, "2", "", None, [1], 2**3 / 1, np.int64(2), math.nan, math.inf],
    float: [True, "0.5", "", [0.5], math.inf, -math.inf, 2**60, np.float64(0.5), 1j],
    str: [1, 0.5, True, None, b"rnn", ["rnn"]],
}


def refusal(values: dict[str, Any]) -> str:
    """Return the one-line error with which some values are refused."""
    with pytest.raises(InputError) as refused:
        checked(values)
    message = str(refused.value)
    assert len(message.splitlines()) == 1
    return message


# Each parameter by itself.


def test_each_field_is_a_parameter() -> None:
    fields = dataclasses.fields(Settings)
    assert [field.name for field in fields] == list(PARAMETERS)
    for field in fields:
        parameter = PARAMETERS[field.name]
        assert parameter.name == field.name
        assert parameter.default == field.default == getattr(Settings(), field.name)
        hints = {bool: "bool", int: "int", float: "float", str: "str"}
        hint = getattr(field.type, "__name__", str(field.type))
        assert hint.removesuffix(" | None") == hints[parameter.kind], field.name


@by_name
def test_its_default_is_allowed(name: str) -> None:
    parameter = PARAMETERS[name]
    assert parameter.check(parameter.default) == parameter.default
    assert checked({name: parameter.default}) == Settings()
    if isinstance(parameter.allowed, Range) and parameter.default is not None:
        assert parameter.default in parameter.allowed
    if parameter.choices:
        assert parameter.default in parameter.choices


@by_name
def test_its_meaning_is_a_line(name: str) -> None:
    meaning = PARAMETERS[name].meaning
    assert meaning.strip() == meaning != ""
    assert len(meaning.splitlines()) == 1
    assert not meaning.endswith(".")


@by_name
def test_numbers_have_a_range_and_nothing_else_has(name: str) -> None:
    parameter = PARAMETERS[name]
    assert isinstance(parameter.allowed, Range) == (parameter.kind in (int, float))
    if parameter.choices:
        assert parameter.kind is str
        assert len(set(parameter.choices)) == len(parameter.choices) > 1


@by_name
def test_a_value_of_another_kind_is_refused_by_name(name: str) -> None:
    parameter = PARAMETERS[name]
    for value in WRONG[parameter.kind]:
        if value is None and parameter.default is None:
            continue
        if type(value) is float and math.isnan(value):
            assert refusal({name: value}).startswith(f"{name} must be ")
            continue
        message = f"{name} must be {KINDS[parameter.kind]}, not {value!r}"
        assert refusal({name: value}) == message


@pytest.mark.parametrize("name", [n for n in PARAMETERS if PARAMETERS[n].kind is float])
def test_what_is_no_number_is_refused_by_name(name: str) -> None:
    assert refusal({name: math.nan}) == f"{name} must be {PARAMETERS[name].allowed}, not nan"


@pytest.mark.parametrize("name", [n for n in PARAMETERS if PARAMETERS[n].kind is float])
def test_a_whole_number_does_for_a_number(name: str) -> None:
    for value in (0, 1, 2):
        if value in PARAMETERS[name].allowed:  # type: ignore[operator]
            found = getattr(checked({name: value}), name)
            assert (found, type(found)) == (value, float)
        else:
            refusal({name: value})


@pytest.mark.parametrize("name", [n for n in PARAMETERS if PARAMETERS[n].kind in (int, float)])
def test_the_ends_of_its_range(name: str) -> None:
    parameter = PARAMETERS[name]
    allowed, kind = parameter.allowed, parameter.kind
    assert isinstance(allowed, Range)
    step: Any = 1 if kind is int else 1e-9
    for end, inside, outward in (
        (allowed.low, allowed.ends[0] == "[", -1),
        (allowed.high, allowed.ends[1] == "]", 1),
    ):
        if math.isinf(end):
            continue
        out, within = kind(end + outward * step), kind(end - outward * step)
        assert refusal({name: out}) == f"{name} must be {allowed}, not {out!r}"
        assert getattr(checked({name: within}), name) == within
        if inside:
            assert getattr(checked({name: kind(end)}), name) == end
        else:
            assert refusal({name: kind(end)}) == f"{name} must be {allowed}, not {kind(end)!r}"


@pytest.mark.parametrize("name", [n for n in PARAMETERS if PARAMETERS[n].choices])
def test_one_of_its_choices(name: str) -> None:
    choices = PARAMETERS[name].choices
    for choice in choices:
        assert getattr(checked({name: choice}), name) == choice
    for other in ("", "other", choices[0].upper(), f"{choices[0]} ", "\n"):
        message = f"{name} must be {' or '.join(choices)}, not {other!r}"
        assert refusal({name: other}) == message


# All together.


def test_other_names_are_passed_over() -> None:
    assert checked({}) == Settings()
    assert checked({"book": "mine.txt", "epochs": 2, "__builtins__": {}}) == Settings(epochs=2)
    epochs, book = 3, object()
    assert checked(locals()) == Settings(epochs=epochs)
    assert book in locals().values()


def test_the_first_that_is_wrong_is_named() -> None:
    """In the order of the parameters, so that the same mistakes give the same line."""
    wrong = {name: object() for name in reversed(PARAMETERS)}
    for name in PARAMETERS:
        assert refusal(wrong).startswith(f"{name} must be ")
        del wrong[name]


def test_a_value_that_shows_as_many_lines_is_refused_in_one() -> None:
    assert refusal({"epochs": np.zeros((3, 3))}).startswith("epochs must be a whole number, not ")
    assert "\n" not in refusal({"cell": "a\nb"})


def test_none_is_the_optimisers_own_rate_and_nothing_else() -> None:
    assert checked({"learning_rate": None}).learning_rate is None
    assert [name for name in PARAMETERS if PARAMETERS[name].default is None] == ["learning_rate"]
    assert Settings().rate == 0.1
    assert Settings(optimiser="adam").rate == 0.002
    assert Settings(optimiser="adam", learning_rate=0.5).rate == 0.5


def test_what_decides_training_is_all_but_what_comes_later() -> None:
    of_training = Settings(epochs=3).of_training
    assert of_training["epochs"] == 3
    assert of_training.keys() | set(LATER) == PARAMETERS.keys()
    assert not of_training.keys() & set(LATER)


def test_settings_can_not_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().epochs = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("ends", "low", "high", "words"),
    [
        ("[]", True, True, "at least 0 and at most 1"),
        ("[)", True, False, "at least 0 and below 1"),
        ("(]", False, True, "above 0 and at most 1"),
        ("()", False, False, "above 0 and below 1"),
    ],
)
def test_ranges(ends: str, low: bool, high: bool, words: str) -> None:
    allowed = Range(0, 1, ends)
    assert ((0 in allowed), (1 in allowed)) == (low, high)
    assert 0.5 in allowed
    assert not any(value in allowed for value in (-0.1, 1.1, math.nan, math.inf, "0.5", None))
    assert str(allowed) == words
    assert str(Range(0)) == "at least 0"
    assert 10.0**300 in Range(0)


def test_a_parameter_of_a_users_own_has_a_kind_and_no_limits() -> None:
    own = Parameter("own", int, 5, None, "")
    assert own.choices == ()
    assert own.check(-(10**9)) == -(10**9)
    with pytest.raises(ValueError, match=r"^a whole number$"):
        own.check(Fraction(1, 2))


# Words.


@pytest.mark.parametrize(
    ("word", "kind", "value"),
    [
        ("true", bool, True),
        ("False", bool, False),
        ("1", bool, "1"),
        ("25", int, 25),
        ("1_000", int, 1000),
        ("2.5", int, 2.5),
        ("2**3", int, "2**3"),
        ("(" * 5000, int, "(" * 5000),
        ("ten", int, "ten"),
        ("1e-3", float, 0.001),
        ("nan", float, "nan"),
        ("None", float, None),
        ("once upon", str, "once upon"),
        ("123", str, "123"),
        ("None", str, "None"),
        ("'a b'", str, "a b"),
        ('"line\\n"', str, "line\n"),
        ('"said she', str, '"said she'),
        ("'\\d'", str, "\\d"),
        ("'a', 'b'", str, "'a', 'b'"),
        ("", str, ""),
        ("__import__('os')", str, "__import__('os')"),
        ("__import__('os')", int, "__import__('os')"),
    ],
)
def test_what_a_word_stands_for(word: str, kind: type, value: Any) -> None:
    found = from_word(word, kind)
    assert (found, type(found)) == (value, type(value))


# What fits a book.


@pytest.mark.parametrize("B", [1, 3, 7])
@pytest.mark.parametrize("T", [1, 4, 5])
def test_updates_of_an_epoch(T: int, B: int) -> None:
    settings = Settings(seq_length=T, batch_size=B)
    for n in range(1, 80):
        # Sequences of T with the character after, that do not overlap, in a stream of n // B.
        fits = len([e for e in range(0, n // B, T) if e + T < n // B])
        assert (n / B - 1) // T == fits or not fits
        if fits:
            assert updates_per_epoch(n, settings) == fits
        else:
            with pytest.raises(InputError, match=f"has {n} characters") as refusal:
                updates_per_epoch(n, settings)
            assert f"{B * (T + 1)} are needed" in str(refusal.value)


def test_epochs_with_a_random_offset_have_equally_many_updates() -> None:
    """As many updates as fit wherever in the text an epoch begins."""
    for T, B in [(1, 1), (4, 1), (5, 1), (4, 3), (5, 7)]:
        settings = Settings(seq_length=T, batch_size=B, random_offset=True)
        for n in range(1, 120):
            fits = min(
                len([e for e in range(offset, n // B, T) if e + T < n // B]) for offset in range(T)
            )
            if fits:
                assert updates_per_epoch(n, settings) == fits
            else:
                with pytest.raises(InputError, match=f"has {n} characters") as refusal:
                    updates_per_epoch(n, settings)
                assert f"batch_size x 2 seq_length = {B * 2 * T} are" in str(refusal.value)
                assert n < B * 2 * T


def fits(
    settings: Settings, training: int = 360, validation: int = 40, test: int = 40, K: int = 4
) -> None:
    check_fit(settings, Parts(*map(np.zeros, (training, validation, test))), K, "mine.txt")


def test_a_book_that_can_be_trained_on() -> None:
    fits(Settings())
    fits(Settings(validation_fraction=0), 26, 0)
    fits(Settings(test_fraction=0), test=0)
    fits(Settings(validation_fraction=0, test_fraction=0), 26, 0, 0)
    fits(Settings(sample_every=1, max_updates=10))
    fits(Settings(hidden_size=5000), K=100)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"batch_size": 20}, r"^the book mine\.txt is too short: .*\b520 are needed"),
        ({"batch_size": 8, "random_offset": True}, r"is too short: .* x 2 seq_length = 400 are"),
        ({"validation_limit": 1}, r"validation part of mine\.txt has 1 characters"),
        ({"test_limit": 1}, r"test part of mine\.txt has 1 characters within test_limit"),
        (
            {"cell": "lstm", "hidden_size": 5000},
            r"characters of mine\.txt, .* about 6 GB of memory",
        ),
        ({"hidden_size": 10_000}, r"hidden_size=10000, .* about 6 GB of memory, more than 4 GB"),
        ({"seq_length": 300, "hidden_size": 1, "batch_size": 2}, "is too short"),
        (
            {"sample_every": 1, "epochs": 10_000, "sample_length": 1000},
            "sample_every=1 would write samples of 100001000 characters in all, more than 2000000",
        ),
    ],
)
def test_settings_that_do_not_fit_the_book(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        fits(Settings(**values))
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("part", ["validation", "test"])
def test_a_part_held_out_that_is_too_short(part: str) -> None:
    for length in (0, 1):
        with pytest.raises(InputError, match=rf"{part} part of .* has {length} char") as refused:
            fits(Settings(), **{part: length})
        assert f"or set {part}_fraction=0" in str(refused.value)
    fits(Settings(), **{part: 2})
    fits(checked({f"{part}_fraction": 0}), **{part: 0})


def test_a_book_of_one_sequence_and_one_character_suffices() -> None:
    fits(Settings(), 26)
    with pytest.raises(InputError, match=r"training part of the book has 25 .* 26 are needed"):
        fits(Settings(), 25)


def test_what_a_sequence_leaves_counts_as_well() -> None:
    wide = Settings(hidden_size=1000, seq_length=1000, batch_size=200)
    with pytest.raises(InputError, match="batch_size=200 and the 50 characters"):
        fits(wide, training=10**9, K=50)
    fits(dataclasses.replace(wide, batch_size=100), training=10**9, K=50)


def read_of(name: str, *, files: Iterable[Path]) -> set[str]:
    """Return which attributes of objects with this name some files read."""
    found = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                owner = node.value
                called = getattr(owner, "id", getattr(owner, "attr", ""))  # run.settings, too
                found |= {node.attr} if called == name else set()
    return found


def loaded_in_notebooks() -> set[str]:
    """Return the names that the notebooks' cells use."""
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "notebooks").glob("*.py"))
    nodes = (node for source in sources for node in ast.walk(ast.parse(source)))
    return {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def test_every_parameter_is_used() -> None:
    used = read_of("settings", files=(ROOT / "rnn").rglob("*.py"))
    used |= read_of("self", files=[ROOT / "rnn" / "settings.py"]) | loaded_in_notebooks()
    unused = PARAMETERS.keys() - used
    assert not unused, f"nothing reads settings.{min(unused)}: it would be ignored"


def test_every_field_of_a_plan_is_used() -> None:
    unused = set(Plan._fields) - read_of("plan", files=[ROOT / "rnn" / "updates.py"])
    assert not unused, f"rnn/updates.py never reads plan.{min(unused)}"
