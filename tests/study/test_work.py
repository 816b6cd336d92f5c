import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn.errors import InputError
from rnn.evaluation import evaluate
from rnn.files.results import Result, unpack
from rnn.run import trained_model
from rnn.settings import Settings
from rnn.study.task import SentBook
from rnn.study.work import hold, make, train_one, written_to
from rnn.text import split
from rnn.training import train

TEXT = "the quick brown fox jumps over the lazy dog. " * 40
BOOK = SentBook(TEXT.encode(), sha256(TEXT.encode()).hexdigest())
SMALL = Settings(hidden_size=4, seq_length=5, max_updates=400, sample_every=1000)


def made(settings: Settings, shared: str = "") -> Result:
    packed = train_one(settings, BOOK, shared)
    assert packed is not None
    return unpack(packed)


def same(one: Result, other: Result) -> bool:
    alike: dict[str, Any] = {"seconds": 0.0, "machine": "", "model": one.model, "curve": one.curve}
    alike["validations"] = one.validations
    return (
        repr(one._replace(**alike)) == repr(other._replace(**alike))
        and np.array_equal(one.curve, other.curve)
        and np.array_equal(one.validations, other.validations)
        and np.array_equal(one.model.network.theta, other.model.network.theta)
        and np.array_equal(one.model.states, other.model.states)
    )


def test_a_run_is_what_training_makes_of_it() -> None:
    vocabulary = "".join(sorted(set(TEXT)))
    indices = np.array([vocabulary.index(c) for c in TEXT], np.uint8)
    parts = split(indices, SMALL.validation_fraction, SMALL.test_fraction)
    *_, run = train(parts.training, parts.validation, len(vocabulary), SMALL)
    model, result = trained_model(run, vocabulary, indices[0]), made(SMALL)
    assert (result.status, result.reason, result.steps) == ("done", "", 400)
    assert result.final_smooth_loss == run.smooth_loss
    assert run.best is not None
    assert (result.best_step, result.validation) == (run.best.step, run.best.validation)
    assert result.test == evaluate(run.best.network, parts.test, run.best.states)
    assert [tuple(row) for row in result.curve] == [(r.step, r.smooth_loss) for r in run.history]
    assert [tuple(row) for row in result.validations] == run.validations
    assert np.array_equal(result.model.network.theta, model.network.theta)
    assert np.array_equal(result.model.states, model.states)
    assert result.model.vocabulary == vocabulary
    assert result.seconds > 0
    assert result.machine


def test_each_run_reads_the_book_as_its_settings_say() -> None:
    text = TEXT.replace("the", "THE")
    book = SentBook(text.encode(), sha256(text.encode()).hexdigest())
    for lowercase in (True, False):
        settings = Settings(hidden_size=4, max_updates=3, lowercase=lowercase)
        packed = train_one(settings, book)
        assert packed is not None
        assert ("T" not in unpack(packed).model.vocabulary) is lowercase


def test_nothing_held_out() -> None:
    result = made(Settings(hidden_size=4, max_updates=3, validation_fraction=0, test_fraction=0))
    assert result.validation is None
    assert result.test is None
    assert result.validations.shape == (0, 2)


def test_a_run_that_diverges_is_a_result() -> None:
    result = made(Settings(hidden_size=4, learning_rate=1e300, clip=1e300, max_updates=300))
    assert result.status == "diverged"
    assert "try a smaller learning_rate" in result.reason
    assert 0 < result.steps <= 300
    assert np.isfinite(result.model.network.theta).all()


def test_so_is_one_without_a_first_update() -> None:
    result = made(Settings(hidden_size=4, init_scale=1e308, max_updates=300))
    assert (result.status, result.steps, result.best_step) == ("diverged", 0, 0)
    assert "the loss of update 1 is nan" in result.reason
    assert np.isnan(result.final_smooth_loss)
    assert result.curve.shape == (0, 2)


def test_a_run_that_is_no_longer_wanted_ends() -> None:
    asked = []

    def wanted() -> bool:
        asked.append(True)
        return len(asked) < 3

    assert train_one(SMALL, BOOK, wanted=wanted) is None
    assert len(asked) == 3


def test_a_run_that_was_given_up_resumes_where_there_is_a_shared_folder(tmp_path: Path) -> None:
    asked = []

    def wanted() -> bool:
        asked.append(True)
        return len(asked) < 4

    assert train_one(SMALL, BOOK, str(tmp_path), wanted) is None
    steps = [int(path.name.rpartition("-")[2]) for path in tmp_path.iterdir()]
    assert max(steps) > 0
    assert same(made(SMALL, str(tmp_path)), made(SMALL))
    assert not list(tmp_path.iterdir()), "the checkpoints of a finished run are removed"


def test_a_book_that_did_not_arrive_whole_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did not arrive whole"):
        hold(BOOK.content[:-1], BOOK.sha256, "")
    with pytest.raises(InputError, match="it has no folder SHARED="):
        hold(*BOOK, str(tmp_path / "none"))
    hold(*BOOK, str(tmp_path))
    packed = make({"hidden_size": 4, "max_updates": 3}, BOOK.sha256, "", lambda: True)
    assert packed is not None
    assert unpack(packed).steps == 3


def test_what_is_written_meanwhile_is_handed_on_line_by_line() -> None:
    lines: list[str] = []
    with written_to(lines.append):
        print("compiling", file=sys.stderr)
        print("in ", "parts\n\nand", sep="", end="", file=sys.stderr)
        print(" more", file=sys.stderr)
    assert lines == ["compiling", "in parts", "and more"]
