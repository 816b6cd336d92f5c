"""The bar of a training: no time left from the first updates."""

import re
from collections.abc import Generator
from typing import Any

import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

from rnn.interactive import watch as watching
from rnn.interactive.watch import watch
from rnn.run import Run
from rnn.settings import Settings
from rnn.training import train


def runs() -> Generator[Run, None, None]:
    text = np.random.default_rng(1).integers(0, 5, 3000).astype(np.uint8)
    settings = Settings(hidden_size=4, max_updates=800, sample_every=100, validation_limit=100)
    yield from train(text, text[:500], 5, settings)


@pytest.mark.parametrize(("early", "estimated"), [(60.0, False), (0.0, True), (-1.0, True)])
def test_the_time_left_is_estimated_after_some_seconds(
    early: float,
    estimated: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "EARLY", early)
    monkeypatch.setenv("TQDM_MININTERVAL", "0")
    assert watch(runs(), "abcde").step == 800
    said = capsys.readouterr().err
    assert "800/800" in said
    assert "smoothed loss" in said
    first = re.split(r"[\r\n]", said)[1]
    assert "update/s" not in first
    assert ("update/s" in said) == estimated


def test_all_is_compiled_or_loaded_before_the_first_update(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded: list[object] = []
    load: Any = Dispatcher.compile

    def noted(self: object, signature: object) -> object:
        loaded.append(self)
        return load(self, signature)

    monkeypatch.setattr(Dispatcher, "compile", noted)
    training = runs()
    run = next(training)
    assert (run.step, run.samples, run.validations) == (0, [], [])
    before = len(loaded)
    assert [run.step for run in training][-1] == 800
    assert len(run.samples) == 9
    assert loaded[before:] == []
