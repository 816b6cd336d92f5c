"""The widgets of the notebooks, driven without a browser."""

import itertools
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from rnn.analysis.adapting import USUAL, Way, adapted, sizes
from rnn.files.book import Book, read_book
from rnn.files.storage import load_model
from rnn.interactive import dashboard as dashboards
from rnn.interactive import sampler as samplers
from rnn.interactive.background import Background
from rnn.interactive.bars import probability_bars
from rnn.interactive.chart import loss_chart, ticks
from rnn.interactive.dashboard import Dashboard, bound, dashboard, keep
from rnn.interactive.sampler import LEARN, NOTHING, Sampler, letters, sampler
from rnn.network import Model, Network
from rnn.run import Row, Sample
from rnn.sampling import compose
from rnn.settings import Settings
from rnn.text import encode, split
from rnn.training import conclude, train
from tests import reference

ROOT = Path(__file__).parents[2]
MARKUP = "<script>alert(1)</script></pre>{{ $x$ }}<b>&amp;\n"
Kernel = tuple[KernelManager, BlockingKernelClient]
SMALL = Settings(hidden_size=8, seq_length=10, sample_every=1000, sample_length=40)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    path = tmp_path / "book.txt"
    path.write_text(MARKUP * 300, encoding="utf-8")
    return read_book(path)


def made(book: Book, folder: Path, **values: str) -> Dashboard:
    """Return a dashboard with some values typed in."""
    shown = dashboard(book, SMALL, folder)
    assert shown is not None
    for name, value in values.items():
        shown.fields[name].value = value
    return shown


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


def shown_text(html: str) -> str:
    return unescape(re.sub("<[^>]*>", "", html))


# Background


def test_work_pauses_resumes_and_stops() -> None:
    done: list[int] = []
    rests: list[int] = []
    ends: list[Exception | None] = []
    closed: list[bool] = []

    def pieces() -> Generator[int, None, None]:
        try:
            for i in range(10**9):
                time.sleep(0.001)
                yield i
        finally:
            closed.append(True)

    work = Background(
        pieces(), each=done.append, end=ends.append, rest=lambda: rests.append(len(done))
    )
    work.start()
    until(lambda: len(done) > 3)
    work.pause()
    until(lambda: bool(rests))
    before = len(done)
    time.sleep(0.05)
    assert (len(done), work.paused, work.running) == (before, True, True)
    work.resume()
    until(lambda: len(done) > before)
    work.pause()
    work.stop()  # while it is paused
    work.wait(10)
    assert (work.running, ends, closed) == (False, [None], [True])
    assert done == list(range(len(done)))


def test_what_goes_wrong_is_handed_to_the_end() -> None:
    ends: list[Exception | None] = []

    def pieces() -> Generator[int, None, None]:
        yield 1
        raise ValueError("two")

    work = Background(pieces(), each=lambda _: None, end=ends.append)
    work.start()
    work.wait(10)
    assert [str(end) for end in ends] == ["two"]


# The dashboard


def test_a_run_is_that_of_the_command(book: Book, tmp_path: Path) -> None:
    shown = made(book, tmp_path / "mine", max_updates="2500", learning_rate="0.05", seed="7")
    shown.start.click()
    shown.wait(60)
    settings = replace(SMALL, max_updates=2500, learning_rate=0.05, seed=7)
    training, validation, _ = split(book.indices, 0.05, 0.05)
    *_, run = train(training, validation, len(book.vocabulary), settings)
    assert shown.run is not None
    assert shown.model is not None
    assert np.array_equal(shown.run.network.theta, run.network.theta)
    assert shown.run.history == run.history
    assert [sample.step for sample in shown.run.samples] == [0, 1000, 2000]
    saved = load_model(tmp_path / "mine" / "model.npz")
    assert np.array_equal(saved.network.theta, conclude(run, validation).network.theta)
    assert np.array_equal(saved.network.theta, shown.model.network.theta)
    assert "Done: update 2,500 of 2,500" in shown.status.value
    assert shown.bar.value == 1
    assert shown.message.value == ""
    assert {"model.npz", "history.csv", "evolution.txt"} <= {
        file.name for file in (tmp_path / "mine").iterdir()
    }


def test_start_pause_resume_stop(book: Book, tmp_path: Path) -> None:
    shown = made(book, tmp_path / "mine", epochs="1000000")

    def enabled() -> list[bool]:
        return [not each.disabled for each in (shown.start, shown.pause, shown.stop)]

    assert enabled() == [True, False, False]
    shown.start.click()
    assert enabled() == [False, True, True]
    assert all(field.disabled for field in shown.fields.values())
    until(lambda: shown.run is not None and shown.run.step > 1000 and bool(shown.chart.value))
    run = shown.run
    assert run is not None
    shown.start.click()  # does nothing now
    shown.pause.click()
    assert shown.pause.description == "Resume"
    until(lambda: shown.status.value.count("Paused") == 1)
    step = run.step
    time.sleep(0.1)
    assert run.step == step
    assert f"update {step:,} of" in shown.status.value
    shown.pause.click()
    assert shown.pause.description == "Pause"
    until(lambda: run.step > step)
    shown.pause.click()
    shown.stop.click()  # also while it is paused
    shown.wait(30)
    assert "Stopped" in shown.status.value
    assert enabled() == [True, False, False]
    assert shown.pause.description == "Pause"
    assert not any(field.disabled for field in shown.fields.values())
    assert shown.run is run
    assert shown.model is not None
    assert load_model(tmp_path / "mine" / "model.npz").network.m == 8

    shown.fields["max_updates"].value = "300"
    shown.start.click()  # another run
    shown.wait(30)
    assert shown.run is not run
    assert "Done: update 300 of 300" in shown.status.value


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("hidden_size", "0", "hidden_size must be at least 1"),
        ("hidden_size", "ten", "hidden_size must be a whole number"),
        ("hidden_size", "8 seed=1", "hidden_size must be a whole number"),
        ("hidden_size", "<b>", "hidden_size must be a whole number"),
        ("hidden_size", "10000", "GB of memory, more than 4 GB"),
        ("seq_length", "2.5", "seq_length must be a whole number"),
        ("seq_length", "50000", "training part of the book has"),
        ("learning_rate", "nan", "learning_rate must be a number"),
        ("learning_rate", "-1", "learning_rate must be above 0"),
        ("dropout", "1", "dropout must be at least 0 and below 1"),
        ("seed", "-1", "seed must be at least 0"),
        ("clip", "'", "clip must be a number"),
    ],
)
def test_nonsense_is_refused_in_a_line(
    book: Book, tmp_path: Path, name: str, value: str, message: str
) -> None:
    shown = made(book, tmp_path / "mine", **{name: value})
    shown.start.click()
    assert not shown.running
    assert message in shown_text(shown.message.value)
    assert "PARAMS" not in shown.message.value
    assert "\n" not in shown.message.value
    assert "<b>'" not in shown.message.value
    assert not (tmp_path / "mine").exists()
    shown.fields[name].value = str(getattr(SMALL, name) or "")
    shown.fields["max_updates"].value = "100"
    shown.start.click()
    shown.wait(60)
    assert shown.message.value == ""
    assert "Done" in shown.status.value


def test_a_run_that_diverges_says_so_in_a_line(book: Book, tmp_path: Path) -> None:
    shown = made(book, tmp_path / "mine", learning_rate="1e308")
    shown.start.click()
    shown.wait(60)
    assert re.search(
        r"diverged: the loss of update \d+ is .*: try a", shown_text(shown.message.value)
    )
    assert "Ended: update" in shown.status.value
    assert not shown.start.disabled


def test_a_folder_that_can_not_be_written_is_named(book: Book, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("in the way")
    shown = made(book, tmp_path / "mine", max_updates="100")
    shown.start.click()
    shown.wait(60)
    assert "mine" in shown_text(shown.message.value)
    assert "Ended: before the first update" in shown.status.value  # nothing is lost


def test_a_folder_that_turns_unwritable_keeps_the_model(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "model.npz")

    monkeypatch.setattr("rnn.interactive.dashboard.save_run", full)
    shown = made(book, tmp_path / "mine", max_updates="100")
    shown.start.click()
    shown.wait(60)
    assert "No space left" in shown_text(shown.message.value)
    assert "Not saved: update 100" in shown.status.value
    assert shown.model is not None  # it is still in the kernel


def test_a_run_whose_kernel_ended_resumes(book: Book, tmp_path: Path) -> None:
    """A copy of the folder, as a kernel that is killed leaves it, is gone on from."""
    settings = replace(SMALL, max_updates=40000, epochs=1000, checkpoint_every=1000)
    shown = dashboard(book, settings, tmp_path / "mine")
    assert shown is not None
    shown.start.click()
    until(lambda: shown.run is not None and shown.run.step > 2000)
    shown.pause.click()
    until(lambda: "Paused" in shown.status.value)
    shutil.copytree(tmp_path / "mine", tmp_path / "copy")
    shown.pause.click()
    shown.wait(60)
    assert not list((tmp_path / "mine").glob("checkpoint-*"))

    again = dashboard(book, settings, tmp_path / "copy")
    assert again is not None
    again.start.click()
    until(lambda: bool(again.message.value))
    assert re.search(r"resumes at update [\d,]+ of 40,000", shown_text(again.message.value))
    again.wait(60)
    assert again.run is not None
    assert shown.run is not None
    assert np.array_equal(again.run.network.theta, shown.run.network.theta)


def test_a_panel_whose_kernel_has_gone_says_so(book: Book, tmp_path: Path) -> None:
    panel = made(book, tmp_path / "mine").panel
    shown = "".join(str(getattr(each, "value", "")) for each in panel.children)
    assert "The kernel has ended" in shown
    assert ".jupyter-widgets-disconnected .rnn-live { display: none }" in shown


def test_markup_in_the_book_shows_as_it_is(book: Book, tmp_path: Path) -> None:
    shown = made(book, tmp_path / "mine", max_updates="2000")
    shown.start.click()
    shown.wait(60)
    assert shown.run is not None
    value = shown.sample.value
    inside = value[value.index("<pre") : value.rindex("</pre>")]
    assert inside.count("<") == 1
    assert "&lt;" in inside


def test_the_dashboard_that_trains_is_shown_again(book: Book, tmp_path: Path) -> None:
    shown = made(book, tmp_path / "mine", epochs="1000000")
    shown.start.click()
    assert made(book, tmp_path / "mine") is shown
    assert made(book, tmp_path / "other") is not shown
    shown.stop.click()
    shown.wait(30)
    assert made(book, tmp_path / "mine") is not shown


def test_a_report_has_neither(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNN_REPORT", "1")
    assert dashboard(book, SMALL, tmp_path) is None
    assert sampler(reference.small_model(), 1, TRAINING) is None


def test_the_time_left_is_said_roughly() -> None:
    said = [dashboards._duration(seconds) for seconds in (1, 119, 120, 7199, 7200, 10**7)]
    assert said == ["1 s", "119 s", "2 min", "119 min", "2 h", "2,777 h"]


# What it remembers


@pytest.mark.parametrize("most", [4, 10, 1000])
@pytest.mark.parametrize("every", [100, 3])
def test_rows_are_thinned_evenly(most: int, every: int) -> None:
    rows: list[tuple[int]] = []
    for step in range(0, 30_000 * every, every):
        rows.append((step,))
        keep(rows, (row[0] for row in rows), most)
        assert len(rows) <= most
    steps = [step for (step,) in rows]
    assert steps == sorted(set(steps))
    assert (steps[0], steps[-1]) == (0, 29_999 * every)
    # Widths are powers of two, so they are at most twice the smallest that would do.
    assert max(np.diff(steps)) <= 4 * steps[-1] / (most // 2) + every


def test_three_million_updates_are_remembered_in_bounded_memory(book: Book) -> None:
    training, validation, _ = split(book.indices, 0.05, 0.05)
    run = next(train(training, validation, len(book.vocabulary), SMALL))
    largest = 0
    for step in range(0, 3_000_000, 100):
        run.history.append(Row(step, 1, 50.0, 50.0, 0.0, 1.0))
        run.validations.append((step, 2.0))
        run.samples.append(Sample(step, 50.0, np.zeros(200, np.int64)))
        run.step = step
        bound(run)
        if step % 100_000 == 0:
            largest = max(largest, len(loss_chart(run)))
    assert len(run.history) <= dashboards.ROWS
    assert len(run.validations) <= dashboards.ROWS
    assert len(run.samples) <= dashboards.SAMPLES
    assert (run.history[0].step, run.history[-1].step) == (0, 2_999_900)
    assert largest < 25_000  # characters, to send each time


# The chart


def test_ticks_are_round_and_few() -> None:
    assert ticks(0, 100) == [0, 20, 40, 60, 80, 100]
    assert ticks(0.12, 0.19) == pytest.approx([0.12, 0.14, 0.16, 0.18])
    random = np.random.default_rng(1)
    for low, span in zip(random.normal(0, 100, 500), 10 ** random.uniform(-3, 7, 500), strict=True):
        found = ticks(low, low + span)
        assert 1 <= len(found) <= 7
        assert low - 1e-9 * span <= found[0] <= found[-1] <= low + span * (1 + 1e-9)


def test_the_chart_of_a_run_of_one_update_can_be_drawn(book: Book, tmp_path: Path) -> None:
    shown = made(book, tmp_path / "mine", max_updates="1")
    shown.start.click()
    shown.wait(60)
    assert "<svg" in shown.chart.value
    assert "nan" not in shown.chart.value


# The sampler


TRAINING = np.random.default_rng(6).integers(0, 6, 300).astype(np.uint8)


def small_sampler(
    vocabulary: str = "\n abcé", way: Way | None = None, **values: Any
) -> tuple[Model, Sampler]:
    model = replace(reference.small_model(vocabulary), way=way)
    shown = sampler(model, 5, TRAINING)
    assert shown is not None
    shown.controls["characters"].value = 0
    for name, value in values.items():
        shown.controls[name.replace("_", "-")].value = value
    return model, shown


@pytest.mark.parametrize("prime", ["", "a", "ab\ncé", "ABE\u0301"])
def test_it_writes_what_compose_writes(prime: str) -> None:
    model, shown = small_sampler(prime=prime, temperature=0.7, top_p=0.8, length=150, seed=11)
    shown.write.click()
    shown.wait(30)
    same = compose(model, 150, prime=prime, temperature=0.7, top_p=0.8, seed=11)
    assert shown.text == same
    assert shown.prime in ("", "a", "ab\ncé", "abé")
    assert not shown.write.disabled


def test_each_letter_comes_with_the_probabilities_of_the_next() -> None:
    model = reference.small_model()
    for temperature, top_p in [(1.0, 1.0), (0.5, 0.6)]:
        pieces = letters(model, prime="ab", temperature=temperature, top_p=top_p, seed=3)
        found = list(itertools.islice(pieces, 51))
        assert len(found) == 51
        for letter, after in itertools.pairwise(found):
            assert letter.P.sum() == pytest.approx(1)
            assert letter.P[model.vocabulary.index(after.character)] > 0
    assert found[0].character == "b"


def test_it_writes_as_one_watches_and_stops() -> None:
    _, shown = small_sampler(characters=100, length=5000)
    shown.write.click()
    assert shown.write.disabled
    assert shown.controls["temperature"].disabled
    until(lambda: len(shown.text) > 20)
    shown.write.click()  # does nothing now
    seen = shown_text(shown.page.value)
    assert 0 < len(shown.text) < 5000
    assert shown.text[:5] in seen
    shown.stop.click()
    shown.wait(5)
    assert not shown.running
    assert 20 < len(shown.text) < 5000
    assert not shown.write.disabled
    assert shown.stop.disabled
    assert shown_text(shown.page.value).endswith(shown.text)


def test_the_bars_follow_the_controls() -> None:
    _, shown = small_sampler()
    seen = {shown.bars.value}
    for name, value in [("temperature", 0.3), ("top-p", 0.5), ("prime", "ab")]:
        shown.controls[name].value = value
        assert shown.bars.value not in seen
        seen.add(shown.bars.value)


@pytest.mark.parametrize("prime", ["", "ab"])
def test_the_next_character_can_be_chosen(prime: str) -> None:
    model, shown = small_sampler(prime=prime, length=30, temperature=0.5)
    for _ in range(5):
        shown.next[2].click()
    chosen = shown.text
    assert len(chosen) == 5
    # The network read what was chosen: another network, reading it, expects the same.
    pieces = letters(model, prime=prime, temperature=0.5, top_p=1, seed=5)
    letter = next(pieces)
    for character in chosen:
        likely = np.argsort(-letter.P, kind="stable")
        assert character == model.vocabulary[likely[2]]
        letter = pieces.send(character)
    assert shown.next[0].tooltip.endswith(f": {letter.P.max():.1%}")
    shown.write.click()  # goes on after it
    shown.wait(10)
    assert shown.text.startswith(chosen)
    assert len(shown.text) == 35
    shown.next[0].click()
    assert len(shown.text) == 36
    shown.controls["temperature"].value = 0.4  # begins anew
    assert shown.text == ""
    shown.write.click()
    shown.wait(10)
    assert len(shown.text) == 30


def test_there_are_buttons_for_likely_characters_alone() -> None:
    _, shown = small_sampler(prime="ab", top_p=0.05)
    assert [button.layout.display for button in shown.next].count("none") == len(shown.next) - 1
    shown.next[0].click()
    shown.controls["prime"].value = "<>"  # which the book lacks
    assert shown.choices.layout.display == "none"


def test_another_seed_gives_another_text() -> None:
    _, shown = small_sampler(length=100)
    shown.write.click()
    shown.wait(10)
    first = shown.text
    shown.another.click()
    shown.wait(10)
    assert shown.controls["seed"].value == 6
    assert shown.text != first


def written(shown: Sampler) -> str:
    shown.write.click()
    shown.wait(30)
    return shown.text


@pytest.mark.parametrize("way", [None, Way(0.05, 0.02)])
def test_it_writes_as_the_network_that_has_learned_from_the_prime_text(way: Way | None) -> None:
    prime = "ABE\u0301 cab\n" * 30
    model, shown = small_sampler(way=way, prime=prime, length=200, seed=11)
    shown.controls[LEARN].value = True
    text, zero = encode("abé cab\n" * 30, model.vocabulary), np.zeros_like(model.states)
    size = sizes(model.network, TRAINING, model.states)
    learned = replace(model, network=adapted(model.network, text, zero, way or USUAL, size))
    P = next(letters(learned, prime=prime, temperature=1, top_p=1, seed=11)).P
    assert shown.next[0].tooltip.endswith(f": {P.max():.1%}")
    assert shown.message.value == ""
    assert written(shown) == compose(learned, 200, prime=prime, seed=11)
    shown.next[1].click()
    assert len(shown.text) == 201


def test_the_network_that_does_not_learn_any_more_is_the_trained_one() -> None:
    model, shown = small_sampler(way=Way(0.05, 0.0), prime="abca" * 50, length=200)
    theta, bars, text = model.network.theta.copy(), shown.bars.value, written(shown)
    shown.controls[LEARN].value = True
    assert shown.bars.value != bars
    assert shown.text == ""
    assert written(shown) != text
    shown.controls[LEARN].value = False
    assert shown.bars.value == bars
    assert written(shown) == text
    assert np.array_equal(model.network.theta, theta)


@pytest.mark.parametrize("prime", ["", "a", "e\u0301"])
def test_from_no_prime_text_nothing_is_learned_and_that_is_said(prime: str) -> None:
    model, shown = small_sampler(prime=prime, length=100)
    shown.controls[LEARN].value = True
    assert shown_text(shown.message.value) == NOTHING
    assert written(shown) == compose(model, 100, prime=prime, seed=5)
    shown.controls["prime"].value = "ab"
    assert shown.message.value == ""
    shown.controls["prime"].value = "<"
    assert "the book has no '<'" in shown_text(shown.message.value)
    shown.controls["prime"].value = prime
    shown.controls[LEARN].value = False
    assert shown.message.value == ""


def test_it_learns_once_from_a_text_and_measures_the_book_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[int] = []

    def counted(function: Callable[..., Any], network: Network, text: Any, *others: Any) -> Any:
        read.append(len(text))
        return function(network, text, *others)

    for function in (sizes, adapted):
        monkeypatch.setattr(samplers, function.__name__, partial(counted, function))
    _, shown = small_sampler(prime="abc", length=20)
    assert read == []
    shown.controls[LEARN].value = True
    shown.controls["temperature"].value = 0.5
    shown.another.click()
    shown.wait(30)
    assert sorted(read) == [3, len(TRAINING)]
    shown.controls["prime"].value = "abca<"
    assert "the book has no '<'" in shown_text(shown.message.value)
    shown.controls["prime"].value = "abca"
    assert sorted(read) == [3, 4, len(TRAINING)]


def test_characters_the_book_lacks_are_named() -> None:
    _, shown = small_sampler(prime="a<z>")
    assert "'<' (U+003C), '>' (U+003E), 'z' (U+007A)" in shown_text(shown.message.value)
    assert "<z>" not in shown.message.value
    shown.write.click()
    assert not shown.running
    shown.controls["prime"].value = "ab"
    assert shown.message.value == ""


def test_a_vocabulary_of_markup_shows_as_it_is() -> None:
    _, shown = small_sampler(vocabulary='\n"&/<>b\u202e', prime='</b>"&', length=300)
    shown.write.click()
    shown.wait(30)
    page = shown.page.value
    inside = re.sub('<span class="odd"[^>]*>.</span>', "", page[page.index("<pre") :])
    assert re.findall("<[^>]*>", inside) == [
        '<pre style="margin:0;line-height:1.35">',
        *("<b>", "</b>", "</pre>", "</div>"),
    ]
    assert set(re.findall("<(/?[a-z]+)", shown.bars.value)) == {"div", "/div", "span", "/span"}
    assert "U+202E" in shown.bars.value


def test_bars_are_sorted_named_and_add_up() -> None:
    P = np.array([0.5, 0.2, 0.1, 0.1, 0.1, 0.0])
    words = shown_text(probability_bars(P, " \nabcd", 3)).replace("\xa0", "")
    assert words == "space50.0%line end20.0%a10.0%2 others20.0%"


# In a kernel


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path / "ipython")}
    environment.pop("RNN_REPORT", None)
    manager, client = start_new_kernel(cwd=str(tmp_path), env=environment)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run_cell(client: BlockingKernelClient, code: str, *, timeout: float = 60) -> str:
    """Run a cell to its end and return what it wrote on standard output."""
    return finish(client, client.execute(code), timeout=timeout)


def finish(client: BlockingKernelClient, cell: str, *, timeout: float = 60) -> str:
    written = ""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        message = client.get_iopub_msg(timeout=timeout)
        if message["parent_header"].get("msg_id") != cell:
            continue
        content = message["content"]
        if message["msg_type"] == "error":
            raise AssertionError("\n".join(content["traceback"]))
        if message["msg_type"] == "stream" and content["name"] == "stdout":
            written += content["text"]
        if message["msg_type"] == "status" and content["execution_state"] == "idle":
            return written
    raise AssertionError("the cell did not end")


BEGIN = """
from rnn.files.book import read_book
from rnn.interactive.dashboard import dashboard
from rnn.interactive.watch import watch
from rnn.settings import Settings
from rnn.text import split
from rnn.training import conclude, train
from pathlib import Path
Path("book.txt").write_text("abc, abd; the end of it.\\n" * 2000)
data = read_book("book.txt")
training, validation, _ = split(data.indices, 0.05, 0.05)
settings = Settings(hidden_size=8, epochs=10**6, sample_every=1000)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interrupt_ends_training_cleanly(kernel: Kernel) -> None:
    manager, client = kernel
    run_cell(client, BEGIN)
    cell = client.execute(
        "run = watch(train(training, validation, len(data.vocabulary), settings), data.vocabulary)"
    )
    seen = ""
    while "smoothed loss" not in seen:  # training is under way
        message = client.get_iopub_msg(timeout=60)
        seen += str(message["content"].get("data", ""))
    time.sleep(0.5)
    manager.interrupt_kernel()
    written = finish(client, cell, timeout=30)
    assert "what was learned is kept" in written
    code = "import json; best = conclude(run, validation); print(json.dumps([run.step, best.step]))"
    step, best = json.loads(run_cell(client, code))
    assert 0 < best <= step
    assert run_cell(client, "print(best.network.theta.any())").strip() == "True"
    # The button works as ever afterwards.
    cell = client.execute("import time\ntry: time.sleep(60)\nexcept KeyboardInterrupt: print('ok')")
    time.sleep(0.5)
    manager.interrupt_kernel()
    assert finish(client, cell, timeout=10).strip() == "ok"


def messages(client: BlockingKernelClient, code: str) -> list[tuple[str, dict[str, Any]]]:
    """Run a cell and return what it published: the types of messages with their content."""
    cell = client.execute(code)
    found: list[tuple[str, dict[str, Any]]] = []
    while True:
        message = client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") != cell:
            continue
        content = message["content"]
        assert message["msg_type"] != "error", content
        if message["msg_type"] == "status" and content["execution_state"] == "idle":
            return found
        if message["msg_type"] not in ("status", "execute_input"):
            found.append((message["msg_type"], content))


PROGRESS = {
    "training": "settings = Settings(hidden_size=8, max_updates=3000)\n"
    "run = watch(train(training, validation, len(data.vocabulary), settings), data.vocabulary)",
    "pieces": "from rnn.interactive.progress import progress\nimport time\n"
    "for _ in progress(range(3), 'Steps'): time.sleep(0.3)",
    "a generator": "from rnn.interactive.progress import progress\nimport time\n"
    "for _ in progress(i for i in range(3)): time.sleep(0.3)",
}


@pytest.mark.parametrize("what", PROGRESS)
def test_progress_is_one_display_that_ends_as_a_line(kernel: Kernel, what: str) -> None:
    _, client = kernel
    run_cell(client, BEGIN)
    published = messages(client, PROGRESS[what])
    assert {kind for kind, _ in published} == {"display_data", "update_display_data"}
    (first, _), *others = published
    assert first == "display_data"
    assert all(kind == "update_display_data" for kind, _ in others)
    assert len({content["transient"]["display_id"] for _, content in published}) == 1
    moving, last = published[-2][1]["data"], published[-1][1]["data"]
    assert "<progress" in moving["text/html"]
    assert "<style" not in moving["text/html"]
    assert last.keys() == {"text/plain"}
    line = {
        "training": "3,000 of 3,000 updates",
        "pieces": "Steps: 3 of 3",
        "a generator": "3 done",
    }
    assert last["text/plain"].startswith(line[what])


def test_what_is_said_in_a_notebook_is_output_and_not_pink(kernel: Kernel) -> None:
    _, client = kernel
    code = "from rnn.interactive.progress import say; say('it resumes'); say('at 3 %')"
    published = messages(client, code)
    assert {content["name"] for _, content in published} == {"stdout"}
    assert "".join(content["text"] for _, content in published) == "it resumes\nat 3 %\n"


def test_the_kernel_answers_while_it_trains(kernel: Kernel) -> None:
    manager, client = kernel
    run_cell(client, BEGIN)
    run_cell(
        client,
        'mine = dashboard(data, settings, folder="mine")\nmine.start.click()',
    )
    run_cell(
        client, "import time\nwhile mine.run is None or mine.run.step < 1000: time.sleep(0.01)"
    )
    slowest = 0.0
    for _ in range(30):
        begin = time.monotonic()
        assert run_cell(client, "print(mine.running)").strip() == "True"
        slowest = max(slowest, time.monotonic() - begin)
    assert slowest < 1
    run_cell(client, "step = mine.run.step\ntime.sleep(0.5)\nassert mine.run.step > step")
    # An interrupt is for the cell that runs, not for the dashboard.
    cell = client.execute("try: time.sleep(60)\nexcept KeyboardInterrupt: print('ok')")
    time.sleep(0.5)
    manager.interrupt_kernel()
    assert finish(client, cell).strip() == "ok"
    run_cell(client, "assert mine.running; mine.stop.click(); mine.wait(30)")
    assert "Stopped" in run_cell(client, "print(mine.status.value)")
    assert run_cell(client, "print(Path('mine/model.npz').exists())").strip() == "True"
