"""The grid of a study: which settings and seeds are asked for, and what is refused."""

from dataclasses import asdict
from itertools import product

import pytest

from rnn.errors import InputError
from rnn.settings import LATER, Settings
from rnn.study import grid

DEFAULTS = asdict(Settings())


def test_a_grid_is_the_product_of_its_lists_in_order() -> None:
    found = grid.settings("learning_rate=0.1,0.05 cell=rnn,gru, lstm", DEFAULTS)
    expected = product((0.1, 0.05), ("rnn", "gru", "lstm"))
    assert [tuple(one.items()) for one in found] == [
        (("learning_rate", rate), ("cell", cell)) for rate, cell in expected
    ]


def test_grids_are_joined_in_order() -> None:
    asked = "cell=rnn,gru; optimiser=adam learning_rate=0.002,0.004"
    assert grid.settings(asked, DEFAULTS) == [
        {"cell": "rnn"},
        {"cell": "gru"},
        {"optimiser": "adam", "learning_rate": 0.002},
        {"optimiser": "adam", "learning_rate": 0.004},
    ]


def test_values_have_the_type_of_their_parameter() -> None:
    (one,) = grid.settings("learning_rate=1 lowercase=False hidden_size=7 dtype=float32", DEFAULTS)
    assert [*map(repr, one.values())] == ["1.0", "False", "7", "'float32'"]


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ("", "VARY is missing: say what varies, as in VARY="),
        (" \t\n", "VARY is missing"),
        (";", "VARY: a grid is empty"),
        ("cell=gru;", "VARY: a grid is empty"),
        ("cell", "VARY: 'cell' is not of the form name=value"),
        ("cell=", "VARY: 'cell=': cell must be rnn or gru or lstm"),
        ("cell=rnn,", "VARY: 'cell=': cell must be"),
        ("cell=rnn,grue", "VARY: 'cell=grue': cell must be rnn or gru or lstm"),
        ("epochs=1,2.5", "VARY: 'epochs=2.5': epochs must be a whole number"),
        ("learning_rate=0.1,-1", "VARY: 'learning_rate=-1': learning_rate must be above 0"),
        ("learning_rate=nan", "learning_rate must be a"),
        ("lr=0.1", "VARY: there is no parameter 'lr': did you mean learning_rate?"),
        ("hiden_size=1", "VARY: there is no parameter 'hiden_size': did you mean hidden_size?"),
        ("book=a,b", "VARY: book can't be set here"),
        ("cell=rnn cell=gru", "VARY: cell is given twice"),
        ("cell=rnn,gru,rnn", "VARY: cell=rnn is given twice"),
        ("learning_rate=0.1,0.10", "VARY: learning_rate=0.1 is given twice"),
        ("lowercase=true,True", "VARY: lowercase=true is given twice"),
        ("seed=1,2", "VARY: seed can't vary: use SEEDS"),
        ("encoding=utf-8,latin-1", "VARY: encoding can't vary: use ENCODING"),
        ("cell='rnn", "VARY can't be split into words: No closing quotation"),
        (
            " ".join(f"{name}={','.join(map(str, range(1, 100)))}" for name in ("epochs", "warmup"))
            + " hidden_size=1,2",
            "VARY and SEEDS ask for 19,602 runs, more than 10,000",
        ),
    ],
)
def test_refusals(vary: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        grid.settings(vary, DEFAULTS)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", [*LATER, "sample_every"])
def test_what_changes_nothing_in_training_can_not_vary(name: str) -> None:
    with pytest.raises(InputError, match=f"VARY: {name} can't vary: the network learns the same"):
        grid.settings(f"{name}=1,2", DEFAULTS)


def test_seeds_are_counted_from_the_first_or_listed() -> None:
    assert grid.seeds("", 400) == (400, 401, 402)
    assert grid.seeds(" 1 ", 7) == (7,)
    assert grid.seeds("9,2,  5", 7) == (9, 2, 5)
    assert grid.seeds("0,4294967295", 7) == (0, 2**32 - 1)


@pytest.mark.parametrize(
    ("asked", "first", "said"),
    [
        ("0", 1, "SEEDS must be at least 1, not 0"),
        ("-3", 1, "SEEDS must be at least 1, not -3"),
        ("three", 1, "SEEDS must be a number of seeds or a list of them, as in 5 or 400,401"),
        ("1.5", 1, "SEEDS must be a number of seeds"),
        ("1,", 1, "SEEDS must be a number of seeds"),
        ("1,²", 1, "SEEDS must be a number of seeds"),
        ("1,2,1", 1, "SEEDS: 1 is given twice"),
        ("1,-2", 1, "SEEDS: a seed must be at least 0 and at most 4294967295, not -2"),
        ("2", 2**32 - 1, "SEEDS: a seed must be at least 0 and at most 4294967295, not 4294967296"),
        ("1000000000000", 1, "VARY and SEEDS ask for 1,000,000,000,000 runs, more than 10,000"),
    ],
)
def test_seeds_that_are_refused(asked: str, first: int, said: str) -> None:
    with pytest.raises(InputError) as refused:
        grid.seeds(asked, first)
    assert said in str(refused.value)
