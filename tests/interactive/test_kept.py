"""Runs that the dashboard keeps, and a study then takes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnn.files.book import Book, read_book
from rnn.files.keys import run_key
from rnn.files.results import run_file, unpack
from rnn.interactive.dashboard import Dashboard, dashboard
from rnn.interactive.kept import kept_runs, view
from rnn.settings import Settings
from rnn.study.task import send
from rnn.study.work import train_one

SMALL = Settings(hidden_size=8, seq_length=10, max_updates=200, sample_every=1000, sample_length=40)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    path = tmp_path / "book.txt"
    path.write_text("once upon a time <b>&amp;</b>\n" * 200, encoding="utf-8")
    return read_book(path)


def kept(book: Book, folder: Path, **values: str) -> Dashboard:
    """Return a dashboard that has made and kept a run with some values typed in."""
    shown = dashboard(book, SMALL, folder)
    assert shown is not None
    assert shown.keep.disabled
    for name, value in values.items():
        shown.fields[name].value = value
    shown.start.click()
    assert shown.keep.disabled
    shown.wait(60)
    assert not shown.keep.disabled, shown.message.value
    shown.keep.click()
    assert shown.keep.disabled
    return shown


def test_a_kept_run_is_what_a_study_would_make(book: Book, tmp_path: Path) -> None:
    kept(book, tmp_path / "mine")
    key = run_key(SMALL, book.sha256)
    mine = unpack((tmp_path / "mine" / run_file(key)).read_bytes())
    made = train_one(SMALL, send(book.path, book.sha256))
    assert made is not None
    theirs = unpack(made)
    np.testing.assert_array_equal(mine.model.network.theta, theirs.model.network.theta)
    np.testing.assert_array_equal(mine.curve, theirs.curve)
    np.testing.assert_array_equal(mine.validations, theirs.validations)
    assert (mine.status, mine.validation, mine.machine) == (
        "done",
        theirs.validation,
        theirs.machine,
    )


def test_kept_runs_are_drawn_together_and_tabled(book: Book, tmp_path: Path) -> None:
    kept(book, tmp_path)
    shown = kept(book, tmp_path, learning_rate="0.05")
    assert shown.kept.value.count("<polyline") == 2
    assert '<th scope="col">learning_rate</th><th scope="col">updates</th>' in shown.kept.value
    assert "<td>the optimiser&#x27;s own</td><td>200</td>" in shown.kept.value
    assert "<td>0.05</td><td>200</td>" in shown.kept.value


def test_the_same_run_is_kept_once(book: Book, tmp_path: Path) -> None:
    kept(book, tmp_path)
    shown = kept(book, tmp_path)
    assert shown.kept.value.count("<polyline") == 1


def test_kept_runs_are_there_again_in_another_kernel(book: Book, tmp_path: Path) -> None:
    shown = kept(book, tmp_path, seed="7")
    again = Dashboard(book, SMALL, tmp_path)
    assert again.kept.value == shown.kept.value != ""
    assert not kept_runs(tmp_path, "of another book")


@pytest.mark.parametrize("suffix", [".npz", ".json"])
@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff"])
def test_what_is_damaged_is_passed_over(
    book: Book, tmp_path: Path, suffix: str, content: bytes
) -> None:
    kept(book, tmp_path)
    key = run_key(SMALL, book.sha256)
    (tmp_path / run_file(key)).with_suffix(suffix).write_bytes(content)
    assert kept_runs(tmp_path, book.sha256) == []


def test_a_run_that_was_stopped_is_not_kept(book: Book, tmp_path: Path) -> None:
    shown = dashboard(book, replace(SMALL, max_updates=0, epochs=1_000_000), tmp_path)
    assert shown is not None
    shown.start.click()
    shown.stop.click()
    shown.wait(60)
    assert shown.keep.disabled


def test_without_kept_runs_there_is_nothing_to_see() -> None:
    assert view([]) == ""
