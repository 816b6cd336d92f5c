"""Training against a slow implementation, and against all that must not influence it."""

import dataclasses
import math
import os
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_info

from rnn import run as run_module
from rnn import training
from rnn.errors import DivergedError, InputError
from rnn.evaluation import evaluate
from rnn.network import initialise
from rnn.numerics.generator import DROPOUT, EVOLUTION, OFFSET
from rnn.run import RADII, Row, Run
from rnn.settings import Settings, first_network, updates_per_epoch
from rnn.training import conclude, train
from tests import reference

Array = NDArray[Any]
K, M = 6, 4
NOTHING = np.zeros(0, np.uint8)
SMALL = Settings(hidden_size=M, seq_length=5, init_scale=0.3, epochs=3, sample_length=20, seed=7)


def book(n: int, seed: int = 0) -> Array:
    """Return a text with something to learn: each character has likely followers."""
    random = np.random.default_rng(seed)
    text = np.zeros(n, np.uint8)
    for i in range(1, n):
        text[i] = (2 * text[i - 1] + random.choice([1, 1, 1, 2, 5])) % K
    return text


TEXT, HELD_OUT = book(600), book(90, seed=1)


def run_of(settings: Settings, text: Array = TEXT, validation: Array = NOTHING) -> Run:
    """Train to the end."""
    *_, run = train(text, validation, K, settings)
    return run


def slow_run(settings: Settings, text: Array = TEXT) -> list[reference.Moment]:
    """Train the slow network from the same start."""
    T, B = settings.seq_length, settings.batch_size
    start = initialise(
        settings.cell,
        K,
        M,
        seed=settings.seed,
        init_scale=settings.init_scale,
        initialisation=settings.initialisation,
    )
    n = len(text) // B - (T - 1 if settings.random_offset else 0)
    updates = settings.epochs * ((n - 1) // T)
    updates = min(updates, settings.max_updates or updates)
    base = settings.learning_rate or {"adagrad": 0.1}.get(settings.optimiser, 0.002)
    rates = [base] * updates
    if settings.schedule == "cosine":
        left = [(k - settings.warmup) / (updates - settings.warmup) for k in range(updates)]
        rates = [base * (1 + math.cos(math.pi * part)) / 2 for part in left]
    for k in range(settings.warmup):
        rates[k] = base * (k + 1) / settings.warmup
    q, random = settings.dropout, reference.Sfc32(settings.seed, DROPOUT)
    masks = [
        np.array([0 if random.uniform() < q else 1 / (1 - q) for _ in range(T * B * M)])
        for _ in range(updates if q else 0)
    ]
    random = reference.Sfc32(settings.seed, OFFSET)
    offsets = [int(T * random.uniform()) for _ in range(settings.epochs)]
    return reference.train(
        start,
        text,
        T=T,
        B=B,
        rates=rates,
        limit=settings.clip,
        optimiser=settings.optimiser,
        clip_by=settings.clip_by,
        masks=[mask.reshape(T, B, M) for mask in masks] or None,
        offsets=offsets if settings.random_offset else None,
    )


def altered(settings: Settings = SMALL, **changes: Any) -> Settings:
    return dataclasses.replace(settings, **changes)


# Short books, for several epochs.
NEW = altered(max_updates=50, epochs=9, seq_length=7)
MODERN = altered(
    NEW,
    max_updates=75,
    batch_size=2,
    optimiser="adam",
    learning_rate=0.01,
    schedule="cosine",
    warmup=10,
    clip=0.7,
    clip_by="norm",
    dropout=0.2,
    initialisation="orthogonal",
    random_offset=True,
)


def name(settings: Settings) -> str:
    """Return the settings that differ from those of SMALL, as the id of a test."""
    fields = dataclasses.asdict(settings).items()
    return ", ".join(f"{k}={v}" for k, v in fields if v != getattr(SMALL, k)) or "small"


def at(run: Run, step: int) -> Row:
    (row,) = [row for row in run.history if row.step == step]
    return row


@pytest.mark.parametrize(
    "settings",
    [
        SMALL,
        altered(batch_size=3),
        altered(batch_size=3, seq_length=1, epochs=1),
        altered(clip=0.05, learning_rate=0.02, epochs=2),
        altered(max_updates=150),
        *(altered(NEW, cell=cell) for cell in reference.CELLS),
        *(altered(NEW, cell=cell, batch_size=3) for cell in ("gru", "lstm")),
        *(altered(NEW, cell=cell, seq_length=1) for cell in ("gru", "lstm")),
        altered(NEW, optimiser="adam"),
        altered(NEW, optimiser="rmsprop", batch_size=3),
        altered(NEW, schedule="cosine"),
        altered(NEW, warmup=30),
        altered(NEW, initialisation="orthogonal"),
        altered(NEW, dropout=0.3, batch_size=3),
        altered(NEW, random_offset=True),
        altered(NEW, random_offset=True, batch_size=3),
        *(altered(MODERN, cell=cell, max_updates=50) for cell in reference.CELLS),
    ],
    ids=name,
)
def test_every_step_is_that_of_the_slow_network(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Losses before each update, states carried over and reset at each epoch, the smoothed loss."""
    monkeypatch.setattr(training, "HISTORY_EVERY", 1)
    text = TEXT[:200] if settings.epochs == NEW.epochs else TEXT
    run, (*slow, last) = run_of(settings, text), slow_run(settings, text)
    assert [row.step for row in run.history] == list(range(len(slow)))
    for row, moment in zip(run.history, slow, strict=True):
        assert row.epoch == moment.epoch, row
        assert row.loss == pytest.approx(moment.loss, abs=1e-10), row
        assert row.smooth_loss == pytest.approx(moment.smooth_loss, abs=1e-10), row
        assert row.clipped == pytest.approx(moment.clipped, abs=1e-12), row
        assert row.norm == pytest.approx(moment.norm, rel=1e-8), row
    for name, part in reference.weights(run.network).items():
        assert np.allclose(part, last.p[name], rtol=0, atol=1e-9), name
    states = run.states
    assert np.allclose(states, last.states, rtol=0, atol=1e-9), "left with the state carried"


def test_float32_is_the_same_but_rounded() -> None:
    settings = altered(dtype="float32", max_updates=80)
    single, double = run_of(settings), run_of(altered(max_updates=80))
    assert single.network.theta.dtype == np.float32
    assert single.history[-1].loss == pytest.approx(double.history[-1].loss, rel=1e-3)


def test_shortest_book() -> None:
    settings = altered(epochs=2)
    assert [row.step for row in run_of(settings, TEXT[:6]).history] == [0, 1]
    with pytest.raises(InputError, match="has 5 characters") as refusal:
        run_of(settings, TEXT[:5])
    assert "\n" not in str(refusal.value)


def test_the_tail_is_dropped() -> None:
    whole = run_of(altered(epochs=2), TEXT[:501])  # 100 sequences and the character after
    for tail in (502, 505):
        longer = run_of(altered(epochs=2), TEXT[:tail])
        assert longer.history == whole.history
    assert run_of(altered(epochs=2), TEXT[:506]).history != whole.history
    # The last character of each of three streams of 167, and those that do not fill a stream.
    three = altered(batch_size=3, epochs=2)
    streams = TEXT[:501].reshape(3, 167)
    shorter = run_of(three, np.ascontiguousarray(streams[:, :166]).ravel())
    assert run_of(three, streams.ravel()).history == shorter.history
    assert run_of(three, TEXT[:503]).history == shorter.history


def test_a_random_offset_is_drawn_for_each_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "PAUSE", 0)
    settings = altered(seq_length=10, epochs=40, random_offset=True, sample_every=10**6)
    text, per_epoch = TEXT[:55], 4  # 5 sequences from an offset of 0 to 4, but always 4
    found: dict[int, int] = {}
    for run in train(text, NOTHING, K, settings):
        found.setdefault(run.step, run.offset)
    assert run.step == 40 * per_epoch
    # The run is yielded after an update, so the offset is that of the update's epoch.
    offsets = [found[epoch * per_epoch + 1] for epoch in range(40)]
    assert set(offsets) <= set(range(10))
    assert len(set(offsets)) > 5
    for epoch in range(40):
        assert {found[epoch * per_epoch + k] for k in (1, 2, 3, 4)} == {offsets[epoch]}
    random = reference.Sfc32(settings.seed, OFFSET)
    assert offsets == [int(10 * random.uniform()) for _ in range(40)]
    run.step = 4 * per_epoch + 3
    assert run.position == run.offset + 30
    assert max(offsets) + per_epoch * 10 < len(text)


def test_history_has_every_hundredth_step_and_the_last() -> None:
    run = run_of(SMALL)  # 119 updates in each of 3 epochs
    assert run.updates == run.step == 357
    assert [(row.step, row.epoch) for row in run.history] == [
        *[(0, 1), (100, 1), (200, 2), (300, 3)],
        (356, 3),
    ]
    assert run.history[0].smooth_loss == run.history[0].loss
    assert run.smooth_loss == run.history[-1].smooth_loss
    assert run.history[-1].smooth_loss < run.history[0].smooth_loss
    assert [row.step for row in run_of(altered(max_updates=101)).history] == [0, 100]


def test_first_loss_is_that_of_chance() -> None:
    row = run_of(altered(init_scale=1e-9, max_updates=1)).history[0]
    assert row.loss == pytest.approx(5 * np.log(K), rel=1e-6), "nats for each of the T characters"


def test_max_updates() -> None:
    assert run_of(altered(max_updates=130)).step == 130
    assert run_of(altered(max_updates=10_000)).step == 357
    assert run_of(altered(max_updates=0)).step == 357
    short, long = run_of(altered(max_updates=301)), run_of(SMALL)
    assert short.history == long.history[:4], "it ends sooner, and is the same until then"


def test_two_runs_are_equal_to_the_bit() -> None:
    one, other = run_of(SMALL), run_of(SMALL)
    assert one.history == other.history
    assert np.array_equal(one.network.theta, other.network.theta)
    assert run_of(altered(seed=8)).history != one.history
    modern = altered(MODERN, cell="gru")
    assert run_of(modern).history == run_of(modern).history
    assert run_of(altered(modern, seed=8)).history != run_of(modern).history


@pytest.mark.parametrize("modern", [False, True])
@pytest.mark.parametrize("pause", [0, 1e-5, 1e9])
def test_how_often_control_comes_back_changes_nothing(
    pause: float, modern: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = altered(sample_every=60, batch_size=2)
    if modern:
        settings = altered(MODERN, sample_every=60, max_updates=0, cell="lstm")
    usual = run_of(settings, validation=HELD_OUT)
    monkeypatch.setattr(training, "PAUSE", pause)
    run = run_of(settings, validation=HELD_OUT)
    assert run.history == usual.history
    assert np.array_equal(run.network.theta, usual.network.theta)
    assert run.validations == usual.validations
    assert run.best is not None
    assert usual.best is not None
    assert run.best.step == usual.best.step
    assert np.array_equal(run.best.network.theta, usual.best.network.theta)
    for mine, theirs in zip(run.samples, usual.samples, strict=True):
        assert mine.step == theirs.step
        assert mine.indices.tolist() == theirs.indices.tolist()


def test_control_comes_back_after_every_update_if_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(training, "PAUSE", 0)
    steps = [run.step for run in train(TEXT, NOTHING, K, altered(max_updates=30))]
    assert sorted(set(steps)) == list(range(31))


def test_whoever_stops_early_has_a_whole_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "PAUSE", 0)
    for run in train(TEXT, NOTHING, K, SMALL):
        if run.step == 137:
            break
    moment = slow_run(altered(max_updates=137))[-1]
    best = conclude(run, NOTHING)
    assert best.step == 137
    for name, part in reference.weights(best.network).items():
        assert np.allclose(part, moment.p[name], rtol=0, atol=1e-9), name
    assert np.allclose(best.states, moment.states[:, 0], rtol=0, atol=1e-9)


# The evolution of the text.


@pytest.mark.parametrize(
    "settings", [altered(MODERN, cell=cell) for cell in reference.CELLS], ids=name
)
def test_samples_and_validation_see_neither_dropout_nor_the_other_streams(
    settings: Settings,
) -> None:
    settings = altered(settings, sample_every=25)
    text = TEXT[:200]
    run, slow = run_of(settings, text, HELD_OUT), slow_run(settings, text)
    random = reference.Sfc32(settings.seed, EVOLUTION)
    assert [sample.step for sample in run.samples] == [0, 25, 50, 75]
    for sample in run.samples:
        moment = slow[sample.step]
        start = moment.states[:, 0]
        if sample.step < 75 and moment.position < settings.seq_length:  # a new epoch
            start = np.zeros_like(start)
        first = int(text[moment.position])
        written = reference.write(moment.p, start, first, 20, random, cell=settings.cell)
        assert sample.indices.tolist() == written, f"step {sample.step}"
    per_epoch = updates_per_epoch(len(text), settings)
    ends = [step for step in range(1, 76) if step % per_epoch == 0 or step == 75]
    assert [step for step, _ in run.validations] == ends
    for step, found in run.validations:
        p, reached = slow[step].p, slow[step - 1].after[:, 0]
        right = reference.loss(p, HELD_OUT[:-1], HELD_OUT[1:], reached, settings.cell) / 89
        assert found == pytest.approx(right, abs=1e-10), f"step {step}"


def test_masks_are_drawn_anew_and_the_loss_is_that_with_them() -> None:
    plain, masked = run_of(altered(NEW)), run_of(altered(NEW, dropout=0.3))
    assert masked.learners[0].work.output.mask.shape == (7, M)
    assert plain.learners[0].work.output.mask.size == 0
    assert masked.history[0].loss != plain.history[0].loss
    assert set(np.unique(masked.learners[0].work.output.mask)) == {0, 1 / 0.7}


@pytest.mark.parametrize("B", [1, 3])
def test_samples_are_those_of_the_slow_network(B: int) -> None:
    """Samples start from the state at their step and the next character, on one random stream."""
    settings = altered(batch_size=B, sample_every=25, evolution_until=150)
    run, slow = run_of(settings), slow_run(settings)
    per_epoch = updates_per_epoch(len(TEXT), settings)
    steps = [0, 25, 50, 75, 100] if B == 3 else [0, 25, 50, 75, 100, 125, 150]
    assert [sample.step for sample in run.samples] == steps
    assert run.step == 3 * per_epoch == (117 if B == 3 else 357)
    random = reference.Sfc32(settings.seed, EVOLUTION)
    for sample in run.samples:
        moment = slow[sample.step]
        first = int(TEXT[sample.step % per_epoch * settings.seq_length])
        text = reference.write(moment.p, moment.states[:, 0], first, 20, random)
        assert sample.indices.tolist() == text, f"step {sample.step}"
        assert sample.smooth_loss == pytest.approx(moment.smooth_loss, abs=1e-10)


def test_steps_of_the_samples() -> None:
    def steps(**changes: Any) -> list[int]:
        return [sample.step for sample in run_of(altered(**changes)).samples]

    assert steps() == [0], "one before the first update, at the least"
    assert steps(sample_every=150) == [0, 150, 300]
    assert steps(sample_every=119) == [0, 119, 238, 357], "at the borders of epochs, and the end"
    assert steps(sample_every=100) == [0, 100, 200, 300]
    assert steps(sample_every=100, max_updates=200) == [0, 100, 200]
    assert steps(sample_every=100, evolution_until=199) == [0, 100]
    assert steps(sample_every=100, evolution_until=200) == [0, 100, 200]
    lengths = [len(sample.indices) for sample in run_of(altered(sample_length=33)).samples]
    assert lengths == [33]


def test_samples_and_validation_do_not_influence_training() -> None:
    plain = run_of(SMALL)
    for settings, validation in [
        (altered(sample_every=1), NOTHING),
        (altered(sample_every=50, sample_length=333), NOTHING),
        (SMALL, HELD_OUT),
        (altered(sample_every=7, validation_limit=20), HELD_OUT),
    ]:
        run = run_of(settings, validation=validation)
        assert run.history == plain.history
        assert np.array_equal(run.network.theta, plain.network.theta)
    modern = altered(MODERN, cell="lstm")
    often = run_of(altered(modern, sample_every=3), validation=HELD_OUT)
    assert np.array_equal(often.network.theta, run_of(modern).network.theta)


# The part held out, and the best model.


def test_validation_at_the_end_of_epochs_and_every_so_many_updates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(training, "VALIDATE_EVERY", 100)
    run, slow = run_of(SMALL, validation=HELD_OUT), slow_run(SMALL)
    assert [step for step, _ in run.validations] == [100, 119, 200, 238, 300, 357]
    for step, found in run.validations:
        text, p, reached = HELD_OUT, slow[step].p, slow[step - 1].after[:, 0]
        right = reference.loss(p, text[:-1], text[1:], reached) / (len(text) - 1)
        assert found == pytest.approx(right, abs=1e-10), f"step {step}"


def test_best_model_has_the_lowest_validation_loss_and_is_a_copy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(training, "HISTORY_EVERY", 10)
    monkeypatch.setattr(training, "VALIDATE_EVERY", 10)
    # Half like the training part and half random, so that overfitting shows.
    held_out = np.concatenate([HELD_OUT, np.random.default_rng(2).integers(0, K, 90)])
    run, slow = run_of(SMALL, validation=held_out), slow_run(SMALL)
    step, lowest = min(run.validations, key=lambda found: found[1])
    best = conclude(run, held_out)
    assert 10 < step < run.step, "else this test holds nothing"
    assert (best.step, best.validation) == (step, lowest)
    assert best.smooth_loss == pytest.approx(slow[step - 1].smooth_loss, abs=1e-10)
    for name, part in reference.weights(best.network).items():
        assert np.allclose(part, slow[step].p[name], rtol=0, atol=1e-9), name
    assert np.allclose(best.states, slow[step].states[:, 0], rtol=0, atol=1e-9)
    assert not np.shares_memory(best.network.theta, run.network.theta)
    assert not np.shares_memory(best.states, run.learners[0].work.states)
    assert evaluate(best.network, held_out, best.states) == lowest


def test_with_nothing_held_out_the_best_has_the_lowest_smoothed_loss() -> None:
    run, slow = run_of(SMALL), slow_run(SMALL)
    best = conclude(run, NOTHING)
    # Looked at after 100, 200 and 300 updates and at the end.
    looked_at = {step: slow[step - 1].smooth_loss for step in (100, 200, 300, 357)}
    assert best.step == min(looked_at, key=lambda step: looked_at[step])
    assert best.smooth_loss == pytest.approx(min(looked_at.values()), abs=1e-10)
    assert best.validation is None
    assert run.validations == []


def test_the_best_stays_when_things_get_worse() -> None:
    """The text is easy at first, so that the smoothed loss rises afterwards."""
    chaos = np.random.default_rng(4).integers(0, K, 2000)
    text = np.concatenate([np.zeros(1000, np.uint8), chaos.astype(np.uint8)])
    settings = altered(epochs=1)
    run, slow = run_of(settings, text), slow_run(settings, text)
    best = conclude(run, NOTHING)
    assert best.step == 200
    assert best.smooth_loss < run.smooth_loss
    for name, part in reference.weights(best.network).items():
        assert np.allclose(part, slow[200].p[name], rtol=0, atol=1e-9), name
    assert np.allclose(best.states, slow[200].states[:, 0], rtol=0, atol=1e-9)


# What goes wrong.


@pytest.mark.parametrize(("dtype", "rate"), [("float64", 1e308), ("float32", 1e38)])
@pytest.mark.parametrize("held_out", [HELD_OUT, NOTHING])
def test_diverging_training_ends_and_says_where(dtype: str, rate: float, held_out: Array) -> None:
    run = run_of(altered(learning_rate=rate, dtype=dtype), validation=held_out)
    found = re.match(r"the loss of update (\d+) is (inf|nan)", run.diverged)
    assert found
    assert int(found[1]) == run.step + 1 < run.updates
    assert f"learning_rate than {rate:g}" in run.diverged
    assert "\n" not in run.diverged
    assert [row.step for row in run.history] == list(range(run.step))
    assert len(run.losses) == run.step
    best = conclude(run, held_out)
    assert np.isfinite(best.network.theta).all()
    assert best.step == 0
    untrained = first_network(run.settings, run.network.K)
    assert np.array_equal(best.network.theta, untrained.theta)
    assert (best.validation is None) == (not len(held_out))


@pytest.mark.parametrize(("dtype", "rate"), [("float64", 1e6), ("float32", 1e6), ("float32", 0.5)])
def test_training_goes_on_while_the_scores_are_finite(dtype: str, rate: float) -> None:
    run = run_of(altered(learning_rate=rate, dtype=dtype))
    assert run.step == run.updates
    assert np.isfinite(run.losses).all()


def test_worse_than_guessing_is_called_diverged() -> None:
    run = run_of(altered(learning_rate=1e6))
    guessing = run.settings.seq_length * np.log(run.network.K)
    assert run.smooth_loss > guessing
    assert f"worse than guessing ({guessing:.2f})" in run.diverged
    assert "learning_rate than 1e+06" in run.diverged
    assert run_of(altered()).diverged == ""


def test_the_losses_are_those_that_the_smoothed_one_follows() -> None:
    run = run_of(altered())
    smooth = run.losses[0]
    for loss in run.losses[1:]:
        smooth = 0.999 * smooth + 0.001 * loss
    assert len(run.losses) == run.step
    assert smooth == pytest.approx(run.smooth_loss, rel=1e-6)
    for row in run.history:
        assert run.losses[row.step] == pytest.approx(row.loss, rel=1e-6)


def test_a_run_that_was_stopped_before_its_first_update_has_no_model() -> None:
    with pytest.raises(DivergedError, match="no update was made"):
        conclude(next(train(TEXT, NOTHING, K, altered())), NOTHING)


def test_what_is_not_finite_from_the_start_is_an_error() -> None:
    with pytest.raises(DivergedError, match=r"loss of update 1 is nan: .*learning_rate than 0\.1,"):
        run_of(altered(init_scale=float("inf")))
    with pytest.raises(DivergedError, match=r"learning_rate than 0\.002,"):
        run_of(altered(init_scale=float("inf"), optimiser="adam"))


@pytest.mark.parametrize(
    ("changes", "held_out", "message"),
    [
        ({}, 1, "validation part has 1 character .* at least 2 are needed"),
        ({"validation_limit": 1}, 90, "validation part has 1 character within validation_limit"),
        ({"epochs": 0}, 0, "epochs is 0, but at least 1 is needed"),
        ({"epochs": 0}, 90, "epochs is 0"),
        ({"epochs": -1}, 90, "epochs is -1"),
    ],
)
def test_what_can_not_give_a_model_is_refused(
    changes: dict[str, Any], held_out: int, message: str
) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        run_of(altered(**changes), validation=HELD_OUT[:held_out])
    assert "\n" not in str(refusal.value)


def test_two_characters_held_out_suffice() -> None:
    run = run_of(altered(max_updates=5, validation_limit=2), validation=HELD_OUT)
    assert [step for step, _ in run.validations] == [5]
    assert run_of(altered(max_updates=5), validation=HELD_OUT[:2]).validations == run.validations


def blas_threads() -> set[int]:
    return {
        int(library["num_threads"])
        for library in threadpool_info()
        if library["user_api"] == "blas"
    }


@pytest.mark.parametrize("threads", [1, 2])
def test_blas_has_one_thread_in_training_alone_and_the_bits_stay(threads: int) -> None:
    # Products large enough for OpenBLAS to use several threads.
    settings = altered(threads=threads, hidden_size=160, batch_size=16, max_updates=12)
    text, before = np.resize(TEXT, 4000), blas_threads()
    thetas = []
    for _ in range(2):
        for run in train(text, HELD_OUT, K, settings):
            assert blas_threads() == {1}, f"step {run.step}"
            assert len(run.learners) == threads
        thetas.append(run.network.theta)
    assert np.array_equal(thetas[0], thetas[1])
    assert blas_threads() == before


def test_threads_of_a_fresh_process() -> None:
    """The BLAS that compiled code calls is loaded late, and must be limited as well."""
    code = (
        "import numpy as np; from rnn.training import *; from tests.test_training import *\n"
        "for run in train(TEXT, NOTHING, K, altered(max_updates=2)):"
        " print(blas_threads())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"OPENBLAS_NUM_THREADS": "3"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.splitlines()) == {"{1}"}


def test_more_threads_than_there_are_streams_or_cores() -> None:
    one, many = run_of(altered(max_updates=20)), run_of(altered(max_updates=20, threads=256))
    assert many.history == one.history
    modern = altered(MODERN, batch_size=8, dropout=0.0, max_updates=8)
    one, many = run_of(modern), run_of(altered(modern, threads=256))
    assert len(many.learners) == 8
    assert np.allclose(many.network.theta, one.network.theta, rtol=0, atol=1e-10)
    assert np.allclose(many.states, one.states, rtol=0, atol=1e-10)


def test_time_is_that_of_the_updates() -> None:
    run = next(iter(train(TEXT, NOTHING, K, SMALL)))
    assert (run.step, run.seconds) == (0, 0), "compiled by now, and not counted"
    assert run_of(SMALL).seconds > 0


def test_nothing_is_as_large_as_the_book_times_the_vocabulary() -> None:
    text = np.resize(TEXT, 4_000_000)
    run_of(altered(max_updates=200, sample_every=100), text, HELD_OUT)  # loads the machine code
    tracemalloc.start()
    run_of(altered(max_updates=200, sample_every=100), text, HELD_OUT)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < text.nbytes, peak


def test_the_spectral_radius_is_noted_over_the_run() -> None:
    run = run_of(SMALL)
    steps = [step for step, _ in run.radii]
    assert steps[0] == 0
    assert steps[-1] <= run.step
    assert steps == list(range(0, run.step + 1, run.radius_every))
    assert len(steps) <= RADII + 1
    start = reference.weights(initialise("rnn", K, M, seed=7, init_scale=0.3))
    assert run.radii[0][1] == pytest.approx(np.abs(np.linalg.eigvals(start["W"])).max())


def test_of_cells_with_gates_and_of_wide_networks_it_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert run_of(altered(cell="gru", max_updates=20)).radii == []
    monkeypatch.setattr(training, "WIDEST", M - 1)
    assert run_of(altered(max_updates=20)).radii == []


def test_a_copy_of_the_network_is_kept_early_on(monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(altered(max_updates=240))
    assert run.early_step == 24
    assert run.early is not None
    assert np.array_equal(run.early.theta, run_of(altered(max_updates=24)).network.theta)
    assert not np.shares_memory(run.early.theta, run.network.theta)
    monkeypatch.setattr(run_module, "EARLY", 11)
    early = run_of(SMALL).early
    assert early is not None
    assert np.array_equal(early.theta, run_of(altered(max_updates=11)).network.theta)
