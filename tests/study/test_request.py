"""The plan of a study: what each setting comes to, and what is refused before the first run."""

from pathlib import Path

import numpy as np
import pytest

from rnn.errors import InputError
from rnn.files.keys import run_key
from rnn.optimisers import OPTIMISERS
from rnn.report import ROOT
from rnn.settings import Settings
from rnn.study import request
from rnn.study.request import Plan, Request, check
from rnn.text import split

TEXT = "Once upon a time there was a miller.\n" * 40


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("book.txt").write_text(TEXT)
    return "book.txt"


def plan(book: str, vary: str, **options: str) -> Plan:
    return check(Request(vary=vary, book=book, **options), ROOT / "notebooks")


def refusal(book: str, vary: str = "cell=rnn,gru", **options: str) -> str:
    with pytest.raises(InputError) as refused:
        plan(book, vary, **options)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_setting_has_its_values_and_those_that_all_share(book: str) -> None:
    found = plan(book, "hidden_size=5,6", params="epochs=2 seed=9", seeds="2")
    assert found.names == ("hidden_size",)
    assert found.combinations == ({"hidden_size": 5}, {"hidden_size": 6})
    assert found.seeds == (9, 10)
    assert [(one.hidden_size, one.epochs) for one in found.settings] == [(5, 2), (6, 2)]
    assert found.common["epochs"] == 2
    assert not {"hidden_size", "seed"} & found.common.keys()
    assert {*found.common, "hidden_size", "seed"} == {*vars(Settings())}
    parts = split(np.arange(len(TEXT)), 0.05, 0.05)
    assert found.book["training_characters"] == len(parts.training)
    assert found.book["test_characters"] == len(parts.test)
    assert found.opening == TEXT[parts.test[0] :].lower()[: request.OPENING]


def test_runs_have_keys_of_their_own_and_each_setting_gets_a_first_run_first(book: str) -> None:
    found = plan(book, "cell=rnn,gru", seeds="5,3")
    runs = found.runs()
    assert [(i, seed) for i, seed, _ in runs.values()] == [(0, 5), (1, 5), (0, 3), (1, 3)]
    for key, (i, seed, task) in runs.items():
        assert (task.key, task.settings.seed) == (key, seed)
        assert task.settings.cell == ("rnn", "gru")[i]
        assert key == run_key(task.settings, found.sha256)


def test_keys_do_not_know_what_else_is_asked_for(book: str) -> None:
    few = plan(book, "cell=rnn,gru", seeds="1").runs()
    more = plan(book, "cell=lstm,gru,rnn", seeds="2", params="passage_length=9", title="T").runs()
    assert few.keys() <= more.keys()
    assert not few.keys() & plan(book, "cell=rnn,gru", params="epochs=1").runs().keys()


def test_an_optimiser_brings_its_rate_which_then_varies_too(book: str) -> None:
    found = plan(book, "optimiser=adagrad,adam")
    assert found.names == ("optimiser", "learning_rate")
    assert [one["learning_rate"] for one in found.combinations] == [
        OPTIMISERS[name].rate for name in ("adagrad", "adam")
    ]
    assert "learning_rate" not in found.common
    same = plan(book, "optimiser=adagrad,adam", params="learning_rate=0.03")
    assert same.names == ("optimiser",)
    assert [one.learning_rate for one in same.settings] == [0.03, 0.03]


def test_a_grid_that_does_not_vary_a_parameter_has_its_common_value(book: str) -> None:
    found = plan(book, "cell=gru; hidden_size=7", params="epochs=3")
    assert found.combinations == (
        {"cell": "gru", "hidden_size": 100},
        {"cell": "rnn", "hidden_size": 7},
    )


def test_a_preset_yields_to_what_varies(book: str) -> None:
    found = plan(book, "batch_size=1,2", preset="adam", params="seq_length=9")
    assert [one.batch_size for one in found.settings] == [1, 2]
    assert {one.optimiser for one in found.settings} == {"adam"}


def test_the_opening_is_the_prime_text_as_it_is_read(book: str) -> None:
    assert plan(book, "cell=gru", params="prime='A Miller'").opening == "a miller"
    whole = plan(book, "cell=gru", params="validation_fraction=0 test_fraction=0")
    assert whole.opening == TEXT.lower()[: request.OPENING]


def test_as_many_workers_as_cores_unless_runs_have_threads(
    book: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request, "cores", lambda: 8)
    assert plan(book, "cell=gru").where.workers == 8
    assert plan(book, "threads=1,3", params="batch_size=3").where.workers == 2
    assert plan(book, "threads=1,16", params="batch_size=16 seq_length=9").where.workers == 1
    assert plan(book, "threads=1,3", params="batch_size=3", workers="5").where.workers == 5


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"vary": "cell=rnn; cell=gru,rnn"}, "VARY: the setting cell=rnn is there twice"),
        ({"vary": "optimiser=adam; learning_rate=0.1; cell=rnn"}, "cell=rnn is there twice"),
        ({"params": "cell=gru"}, "cell is given in both VARY and PARAMS: choose one"),
        ({"params": "epoch=1"}, "PARAMS: there is no parameter 'epoch': did you mean epochs?"),
        ({"preset": "adma"}, "there is no PRESET 'adma'"),
        ({"seeds": "0"}, "SEEDS must be at least 1"),
        ({"seeds": "9999"}, "VARY and SEEDS ask for 19,998 runs, more than 10,000"),
        ({"vary": "seq_length=9,9000"}, "with seq_length=9000: the book book.txt is too short"),
        ({"vary": "hidden_size=9,9999"}, "with hidden_size=9999: with hidden_size=9999, seq"),
        ({"params": "prime=é"}, "with cell=rnn: PARAMS: prime='é': the book has no 'é'"),
        ({"book": "none.txt"}, "there is no book none.txt"),
        ({"workers": "0"}, "WORKERS must be at least 1, not 0"),
        ({"workers": "-1"}, "WORKERS must be a number of processes, not '-1'"),
        ({"workers": "two"}, "WORKERS must be a number of processes, not 'two'"),
        (
            {"kept": "nowhere"},
            "KEPT: nowhere has no folder runs: name one",
        ),
        ({"workers": "2", "cluster": "tls://a:1"}, "WORKERS is for this machine"),
        ({"cluster": "a:1"}, "CLUSTER must be the address of a Dask scheduler"),
        ({"cluster": "tcp://a:1"}, "CLUSTER=tcp://a:1 is not encrypted"),
        ({"insecure": "yes"}, "INSECURE must be 1 or 0, not 'yes'"),
        ({"dashboard": "x"}, "DASHBOARD must be 1 or 0, not 'x'"),
        ({"shared": "none"}, "there is no folder SHARED=none"),
        ({"notes": "none.md"}, "NOTES"),
        ({"references": "none.bib"}, "REFERENCES"),
        ({"fonts": "none"}, "FONTS"),
    ],
)
def test_refusals(book: str, options: dict[str, str], said: str) -> None:
    assert said in refusal(**{"book": book, **options})


@pytest.mark.parametrize("package", request.PACKAGES)
def test_without_what_a_study_needs_it_says_how_to_get_it(
    package: str, book: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request, "find_spec", lambda name: None if name == package else name)
    said = refusal(book)
    assert said.startswith(f"the package {package}, which a study needs, is missing: make study")
