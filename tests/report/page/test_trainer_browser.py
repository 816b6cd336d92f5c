"""Training, adapting and model files in the page, in a real browser, against Python."""

import json
import struct
import time
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from rnn.evaluation import evaluate
from rnn.files.storage import load_model, model_arrays, save_model
from rnn.network import CELLS, Model, initialise
from rnn.report.document import assemble
from rnn.report.nodes import Title
from rnn.report.page.excerpt import Excerpt
from rnn.report.page.exporter import page
from rnn.report.page.scripts import runs
from rnn.sampling import compose
from rnn.text import encode
from rnn.updates import Plan, Record, begin, loops
from tests import executed

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
EXCERPT = Excerpt(executed.HOSTILE * 20, executed.HOSTILE)
Open = Callable[..., Page]


def built(excerpt: Excerpt | None = EXCERPT, **values: Any) -> str:
    notebooks, run = executed.notebooks(), {**executed.RUN}
    run["parameters"] = {**run["parameters"], "prime": "", **values}
    return page(assemble(notebooks, run, Title("T", "A")), executed.model(), "", excerpt)


@pytest.fixture(scope="module")
def html() -> str:
    return built()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens a page from a file; no error and no request may follow."""
    contexts, wrong, requests = [], [], []

    def visit(html: str, **options: Any) -> Page:
        file = tmp_path / "report.html"
        file.write_text(html, encoding="utf-8")
        context = browser.new_context(**({"viewport": WIDE} | options))
        contexts.append(context)
        visited = context.new_page()
        visited.set_default_timeout(30_000)
        visited.on("console", lambda message: wrong.append(message.text))
        visited.on("pageerror", lambda error: wrong.append(str(error)))
        visited.goto(file.as_uri())
        visited.on("request", lambda request: requests.append(request.url))
        return visited

    yield visit
    for context in contexts:
        context.close()
    assert wrong == []
    assert [url for url in requests if not url.startswith("blob:")] == []


def fill(visited: Page, **values: Any) -> None:
    for name, value in values.items():
        visited.locator(f"#train-{name}").fill(str(value))


def press(visited: Page, name: str, within: str = "train") -> None:
    visited.locator(f"#{within}").get_by_role("button", name=name, exact=True).click()


def says(visited: Page, words: str, within: str = "train") -> None:
    visited.locator(f"#{within}-status, #{within}-done").get_by_text(words).wait_for()


def losses(visited: Page, name: str) -> list[str]:
    """Return a loss in nats per sequence and per character, and in bits per character."""
    return visited.locator(f"#train-{name} td").all_text_contents()


def saved(visited: Page, path: Path, what: str = "the page’s network (model.npz)") -> Model:
    with visited.expect_download() as download:
        press(visited, f"Save {what}")
    assert what.endswith(f"({download.value.suggested_filename})")
    download.value.save_as(path)
    return load_model(path)


def offer(visited: Page, content: bytes, name: str = "mine.npz") -> None:
    file: Any = {"name": name, "mimeType": "application/zip", "buffer": content}
    visited.locator("#train-open").set_input_files(file)


def test_what_it_trains_is_what_python_trains(opened: Open, html: str, tmp_path: Path) -> None:
    visited, vocabulary = opened(html), executed.model().vocabulary
    visited.locator("#train-optimiser").select_option("adam")
    assert visited.locator("#train-rate").input_value() == "0.002"
    fill(visited, size=9, length=7, seed=5, clip=0.5)
    for made in ("1 update", "2 updates", "3 updates"):
        press(visited, "One update")
        says(visited, f"{made} made.")
    found = saved(visited, tmp_path / "model.npz", "this run (run.npz)")
    the_page_s = saved(visited, tmp_path / "other.npz").network.theta  # is not the run's yet
    assert np.array_equal(the_page_s, executed.model().network.theta.astype(np.float32))
    network = initialise("rnn", len(vocabulary), 9, seed=5)
    (learning,) = begin(network, 7, [1], optimiser="adam")
    record, plan = Record(*np.zeros((4, 3))), Plan(np.full(3, 0.002), 0.5, 0.0)
    text = encode(EXCERPT.training, vocabulary)[None]
    loop = loops("rnn", "adam", "value")[0]
    loop(learning, text, plan, 0, 0, np.nan, record)
    assert np.abs(found.network.theta - network.theta).max() < 1e-12
    assert np.abs(found.states - learning.work.states[:, 0, 0]).max() < 1e-12
    assert (found.vocabulary, found.first) == (vocabulary, text[0, 0])
    for name, found_loss in (("loss", record.losses[-1]), ("smooth", record.smoothed[-1])):
        bits = found_loss / 7 / np.log(2)
        assert losses(visited, name) == [
            f"{found_loss:.2f}",
            f"{found_loss / 7:.3f}",
            f"{bits:.3f}",
        ]
    # What the last update did to the loss of its own sequence, which began in the state after two.
    two = initialise("rnn", len(vocabulary), 9, seed=5)
    (learning,) = begin(two, 7, [1], optimiser="adam")
    loop(
        learning, text, plan._replace(rates=plan.rates[:2]), 0, 0, np.nan, Record(*np.zeros((4, 2)))
    )
    after = 7 * evaluate(network, text[0, 14:22], learning.work.states[:, 0, 0])
    effect = f"lowered the loss of its own sequence from {record.losses[-1]:.2f} to {after:.2f}."
    assert effect in (visited.locator("#train-status").text_content() or "")


def test_it_begins_with_weights_as_large_as_the_report_s(opened: Open, tmp_path: Path) -> None:
    visited = opened(built(init_scale=0.3, dropout=0.2))
    words = (
        "The report also used a dropout of 0.2, which this page doesn’t do, so its losses differ."
    )
    assert words in (visited.locator("#train > p").first.text_content() or "")
    fill(visited, size=9, length=7, seed=5, rate="1e-12")
    press(visited, "One update")
    says(visited, "1 update made.")
    found = saved(visited, tmp_path / "model.npz", "this run (run.npz)").network
    expected = initialise("rnn", found.K, 9, seed=5, init_scale=0.3)
    assert np.abs(found.theta - expected.theta).max() < 1e-11


def test_it_trains_pauses_goes_on_and_begins_anew(opened: Open, html: str) -> None:
    visited = opened(html)
    fill(visited, size=20)
    field, curve = visited.locator("#train-size"), visited.locator("#train-curve polyline")
    press(visited, "Start")
    visited.locator("#train-sample").get_by_text("a").first.wait_for()
    press(visited, "Pause")
    says(visited, "Paused after")
    assert field.is_disabled()
    smooth = float(losses(visited, "smooth")[0])
    assert 0 < smooth < 25 * np.log(len(executed.model().vocabulary))
    assert len((curve.last.get_attribute("points") or "").split()) > 10
    assert float(visited.locator("#train-radius").text_content() or "") > 0
    assert float(losses(visited, "held-out")[1]) > 0
    press(visited, "Go on")
    press(visited, "Pause")
    press(visited, "Reset")
    assert field.is_enabled()
    assert visited.locator("#train-updates").text_content() == "–"
    assert visited.get_by_role("button", name="Start", exact=True).evaluate(
        "button => button === document.activeElement"
    )


def test_a_run_is_compared_with_the_one_before(opened: Open, html: str) -> None:
    visited = opened(html)
    fields, line = visited.locator("#train-fields"), visited.locator("#train-curve .before")
    fill(visited, size=5, rate=0.02)
    for made in ("1 update", "2 updates", "3 updates"):
        press(visited, "One update")
        says(visited, f"{made} made.")
    words = "rnn, 5 units, sequences of 25, adagrad at 0.02"
    summary = visited.locator("#train-settings summary")
    assert summary.text_content() == f"Settings: {words}. Reset to change them."
    assert not fields.is_visible()
    drawn = visited.locator("#train-curve .smoothed").get_attribute("points") or ""
    assert not line.count()
    press(visited, "Reset")
    assert fields.is_visible()
    assert (
        visited.locator("#train-before").text_content()
        == f"smoothed loss of the run before: {words}"
    )
    assert [point.split(",")[0] for point in (line.get_attribute("points") or "").split()] == [
        point.split(",")[0] for point in drawn.split()
    ]
    fill(visited, length=12)  # the same losses per character are smaller per sequence
    press(visited, "One update")
    says(visited, "1 update made.")
    assert len((line.get_attribute("points") or "").split()) == 3
    level = visited.locator("#train-curve .level").get_attribute("d") or ""
    first = (line.get_attribute("points") or "").split()[0].split(",")[1]
    assert abs(float(level.split()[1].split("H")[0]) - float(first)) < 3  # it began as a guess


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_it_takes_no_more_room_than_it_needs(opened: Open, html: str, viewport: Any) -> None:
    visited = opened(html, viewport=viewport)

    def check(state: str) -> None:
        height = visited.locator("#train").evaluate("element => element.scrollHeight")
        assert height < 2000, state

    check("idle")
    press(visited, "One update")
    says(visited, "1 update")
    assert visited.locator("#train-weights").is_visible()
    check("begun")
    press(visited, "Reset")
    check("reset")


def test_the_page_writes_and_reads_with_it_and_returns(
    opened: Open, html: str, tmp_path: Path
) -> None:
    visited, writing = opened(html), "compose({ length: 60, seed: 4 })"
    reported, shaded = visited.evaluate(writing), "#text-passage output"
    read = visited.locator(shaded).text_content()
    back = visited.locator("#train-back")
    assert back.is_disabled()
    fill(visited, size=5)
    visited.locator("#train-cell").select_option("lstm")
    press(visited, "One update")
    press(visited, "Use this network in the page")
    found = visited.evaluate(writing)
    assert found == compose(saved(visited, tmp_path / "model.npz"), 60, seed=4) != reported
    assert visited.locator(shaded).text_content() != read
    back.click()
    assert visited.evaluate(writing) == reported
    assert visited.locator(shaded).text_content() == read


def test_a_text_of_one_s_own_has_its_own_characters(
    opened: Open, html: str, tmp_path: Path
) -> None:
    visited = opened(html)
    visited.locator("#train-source").select_option("own")
    visited.locator("#train-file").set_input_files(
        {"name": "t.txt", "mimeType": "text/plain", "buffer": ("żółw\r\nje " * 40).encode()}
    )
    says(visited, "t.txt has been read.")
    press(visited, "One update")
    press(visited, "Use this network in the page")
    found = saved(visited, tmp_path / "model.npz")
    assert found.vocabulary == "".join(sorted(set("żółw\nje ")))
    assert not visited.locator(".reader").is_visible()  # it lacks characters of the passage
    press(visited, "Back to the report’s network")
    assert visited.locator(".reader").is_visible()


def test_the_whole_page_returns_after_a_network_that_lacks_the_passage(opened: Open) -> None:
    visited = opened(built(prime="the end"))
    place, runs = visited.locator("#apart-place"), visited.locator("#apart .runs")
    place.get_by_text("1 of 693:").wait_for()
    visited.locator("#train-source").select_option("own")
    visited.locator("#train-own").fill("żółw je " * 40)
    press(visited, "One update")
    press(visited, "Use this network in the page")
    said = runs.text_content() or ""
    assert said.startswith("The page runs a network trained here. It doesn’t know all characters")
    says(visited, "The page now writes and reads with this network.")
    press(visited, "Back to the report’s network", "adapt")
    assert runs.text_content() == "The page runs the report’s network."
    assert visited.locator("#train-done").text_content() == ""
    assert visited.evaluate("document.activeElement.id") == "adapt-start"
    place.get_by_text("1 of 693:").wait_for()
    visited.locator("#apart-sum:not(:empty)").wait_for()


def test_what_makes_no_sense_is_said_in_a_line(opened: Open, html: str) -> None:
    visited = opened(html)
    for name, value, words in [
        ("size", 201, "Hidden units must be a whole number from 1 to 200."),
        ("length", "", "Sequence length must be a whole number from 1 to 200."),
        ("rate", 1001, "Learning rate must be a number above 0 and at most 1,000."),
    ]:
        field = visited.locator(f"#train-{name}")
        before = field.input_value()
        field.fill(str(value))
        press(visited, "Start")
        says(visited, words)
        assert field.get_attribute("aria-invalid") == "true"
        field.fill(before)
    visited.locator("#train-source").select_option("own")
    for text, words in [
        ("too short", "There are 9 characters to train on, but a sequence of 25 needs 26."),
        ("".join(map(chr, range(0x4E00, 0x5300))), "The text has 1,280 different characters"),
    ]:
        visited.locator("#train-own").fill(text)
        press(visited, "Start")
        says(visited, words)
    visited.locator("#train-begin").select_option("trained")
    visited.locator("#train-own").fill("Щ" * 100)
    press(visited, "Start")
    says(visited, "100 characters that the network does not know are left out: “Щ” (U+0429).")
    own, source = visited.locator("#train-own"), visited.locator("#train-source")
    assert own.get_attribute("aria-invalid") == "true"
    source.select_option("excerpt")
    assert own.get_attribute("aria-invalid") is None
    visited.locator("#train-begin").select_option("new")
    visited.locator("#train-cell").select_option("lstm")
    fill(visited, size=200, length=200)
    press(visited, "Start")
    says(visited, "parameters, the sequence length can be at most")
    source.select_option("own")
    file: Any = {"name": "x.txt", "mimeType": "text/plain", "buffer": b"\xff\xfe\xe9" * 9}
    visited.locator("#train-file").set_input_files(file)
    says(visited, "x.txt is not a text in UTF-8.")
    before = visited.locator("#train-own").input_value()
    visited.locator("#train-file").set_input_files(file | {"buffer": b"x" * 2_000_001})
    says(visited, "The text has 2,000,001 characters, more than 2,000,000.")
    assert visited.locator("#train-own").input_value() == before


def test_divergence_is_said(opened: Open) -> None:
    visited = opened(built(learning_rate=1e308))
    fill(visited, size=5)
    press(visited, "Start")
    says(visited, "Diverged: the loss of update")
    assert visited.get_by_role("button", name="One update").is_disabled()
    assert visited.evaluate("document.activeElement.id") == "train-reset"
    press(visited, "Use this network in the page")
    says(visited, "The weights are no longer finite numbers, or are too large to compute with.")


def test_a_run_that_is_worse_than_guessing_is_said_to_diverge(opened: Open, html: str) -> None:
    visited = opened(html, viewport=PHONE)
    fill(visited, size=20, rate=1000)
    press(visited, "Start")
    guess = f"{25 * np.log(len(executed.model().vocabulary)):.2f}"
    says(visited, f"Diverged: worse than guessing ({guess} nats per sequence).")
    visited.locator("#train-sampled").get_by_text("after ").wait_for()
    press(visited, "Pause")
    assert "Diverged" in (visited.locator("#train-status").text_content() or "")
    assert losses(visited, "guessing")[0] == guess
    assert visited.locator("#train-curve").get_by_text("guessing").is_visible()
    left = "texts => Math.min(...texts.map((text) => text.getBBox().x))"
    assert visited.locator("#train-curve text").evaluate_all(left) >= 0
    assert all(len(loss) < 12 for loss in losses(visited, "loss"))


@pytest.mark.parametrize("cell", [cell for cell in CELLS if runs(cell)])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_it_opens_what_python_saved_and_python_what_it_saves(
    opened: Open, html: str, tmp_path: Path, cell: str, dtype: str
) -> None:
    visited, model, path = opened(html), executed.model(cell), tmp_path / "model.npz"
    network = model.network.like(model.network.theta.astype(dtype))
    model = Model(
        network, model.vocabulary, model.states.astype(dtype), 2, True, "nfd", (0.002, 0.001)
    )
    save_model(path, model)
    offer(visited, path.read_bytes())
    says(visited, "The page now writes and reads with mine.npz.")
    again = saved(visited, tmp_path / "again.npz")
    assert np.array_equal(again.network.theta, network.theta)
    assert np.array_equal(again.states, model.states)
    names = ("vocabulary", "first", "lowercase", "unicode_form", "way")
    assert [getattr(again, name) for name in names] == [getattr(model, name) for name in names]
    with np.load(path) as arrays:  # NumPy can compress, too
        np.savez_compressed(path, **arrays)
    assert zipfile.ZipFile(path).infolist()[0].compress_type == zipfile.ZIP_DEFLATED
    offer(visited, path.read_bytes(), "compressed.npz")
    says(visited, "The page now writes and reads with compressed.npz.")


def changed(name: str, value: Any) -> bytes:
    """Return a model's file with another array in the place of one, or without it."""
    arrays = model_arrays(executed.model()) | {name: value}
    if value is None:
        del arrays[name]
    file = BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def hostile() -> Iterator[tuple[str, bytes]]:
    """Yield what is wrong with a file, as the page says it, and its bytes."""
    given = model_arrays(executed.model())
    whole = changed("c", given["c"])
    U = np.array(given["U"])
    yield (
        "U has a number that is not finite or is too large",
        changed("U", np.where(U.max() == U, np.nan, U)),
    )
    yield "U has another size or type", changed("U", U[:-1])
    yield "U has another size or type", changed("U", U.astype(np.int64))
    yield "hidden_size makes no sense", changed("hidden_size", np.array(10**9))
    yield "hidden_size makes no sense", changed("hidden_size", np.array(2.5))
    yield "is too large", changed("hidden_size", np.array(9999))
    yield "vocabulary_size makes no sense", changed("vocabulary_size", np.array(-1))
    yield "vocabulary makes no sense", changed("vocabulary", given["vocabulary"][::-1].copy())
    yield "vocabulary_size makes no sense", changed("vocabulary_size", np.array(20_001))
    surrogate = np.where(given["vocabulary"] == 0xFFFD, 0xD800, given["vocabulary"])
    yield "vocabulary makes no sense", changed("vocabulary", surrogate.astype(np.uint32))
    yield "V has a number that is not finite or is too large", changed("V", given["V"] * 1e300)
    yield "first makes no sense", changed("first", np.array(1000))
    yield "cell that this page lacks", changed("cell", np.array("constructor"))
    yield "an array has texts", changed("cell", np.array(["rnn"] * 100_000))
    yield "vocabulary makes no sense", changed("vocabulary", np.arange(1_000_000, dtype=np.uint32))
    yield "has no states", changed("states", None)
    yield "belongs to another version", changed("format", np.array(1))
    yield "way makes no sense", changed("way", np.array([np.inf, 1.0]))
    yield "an array is of <c16", changed("W", np.zeros((7, 7), complex))
    yield "it is not an archive", b""
    yield "it is not an archive", whole[:-30]
    yield "it is not an archive", b"<script>alert(1)</script>" * 100
    flipped = bytearray(whole)
    flipped[whole.index(np.array(given["V"]).tobytes()) + 9] ^= 1
    yield "is damaged", bytes(flipped)
    bomb = bytearray(whole)
    for at in [i for i in range(len(bomb)) if bomb[i : i + 4] == b"PK\x01\x02"]:
        struct.pack_into("<I", bomb, at + 24, 2**32 - 1)
    yield "it is too large", bytes(bomb)
    for place in (10, 20, 42):  # the way of compression, the size, the place in the file
        odd = bytearray(whole)
        struct.pack_into("<H", odd, odd.index(b"PK\x01\x02") + place, 0xFFF7)
        yield "or is damaged", bytes(odd)


def test_a_file_that_is_no_model_is_refused_in_a_line_and_changes_nothing(
    opened: Open, html: str
) -> None:
    visited = opened(html)
    before = visited.evaluate("compose({ length: 60, seed: 4 })")
    for i, (words, content) in enumerate(hostile()):
        offer(visited, content, f"{i}.npz")
        said = f"{i}.npz is not a model of this program, or is damaged"
        says(visited, said)
        shown = visited.locator("#train-done").text_content() or ""
        assert words in shown, i
        assert "DataView" not in shown, "the words of an engine"
    assert visited.evaluate("compose({ length: 60, seed: 4 })") == before


def test_the_network_adapts_and_writes_after_it(opened: Open, html: str) -> None:
    visited = opened(html)
    before = visited.evaluate("compose({ length: 60, seed: 4 })")
    press(visited, "Adapt", "adapt")
    says(visited, "Adapting needs a text of at least two characters.", "adapt")
    visited.locator("#adapt-text").fill("the end, the end, " * 150)
    press(visited, "Adapt", "adapt")
    says(visited, "The whole text has been read.", "adapt")
    still, loss = (
        float((visited.locator(f"#adapt-{name}").text_content() or "").split()[0])
        for name in ("still", "loss")
    )
    assert loss < 0.9 * still
    falling = (visited.locator("#adapt-curve .smoothed").get_attribute("points") or "").split()
    heights = [float(point.split(",")[1]) for point in falling]
    assert heights[-1] > heights[0] + 20  # pixels, from the top
    press(visited, "Write with the adapted network", "adapt")
    assert visited.evaluate("document.activeElement.id") == "write-start"
    says(visited, "characters written.", "write")
    assert visited.locator("#write-text").text_content()
    says(visited, "The page now writes and reads with the adapted network.", "adapt")
    assert visited.evaluate("compose({ length: 60, seed: 4 })") != before
    press(visited, "Back to the report’s network", "adapt")
    assert visited.evaluate("compose({ length: 60, seed: 4 })") == before


def test_a_short_text_says_so_and_the_example_shows_an_effect(opened: Open, html: str) -> None:
    visited = opened(html)
    curve = visited.locator("#adapt-curve")
    assert not curve.is_visible()
    visited.locator("#adapt-text").fill("the end")
    press(visited, "Adapt", "adapt")
    says(visited, "In fewer than 500 characters there is little to adapt to.", "adapt")
    assert curve.locator("text").all_text_contents()[-4:] == ["0", "2", "4", "6"]
    assert len((curve.locator(".smoothed").get_attribute("points") or "").split()) == 2
    press(visited, "Fill in an example", "adapt")
    press(visited, "Adapt", "adapt")
    visited.locator("#adapt-status").get_by_text(
        "The whole text has been read.", exact=True
    ).wait_for()
    still, loss = (
        float((visited.locator(f"#adapt-{name}").text_content() or "").split()[0])
        for name in ("still", "loss")
    )
    assert loss < 0.98 * still


def test_adapting_goes_on_while_units_are_switched_off(opened: Open, html: str) -> None:
    visited = opened(html)
    visited.locator("#adapt-text").fill("the end, the end, " * 600)
    press(visited, "Adapt", "adapt")
    says(visited, "Adapting …", "adapt")
    visited.locator("#apart-grid button").nth(3).click()
    says(visited, "The whole text has been read.", "adapt")
    visited.locator("#adapt-text").fill("a 漢 😺")
    press(visited, "Adapt", "adapt")
    says(visited, "that the network does not know is left out: “😺” (U+1F63A).", "adapt")


def tasks_while_typing(visited: Page, browser: Browser) -> list[float]:
    """Return the time that each task of the browser had the processor, in milliseconds.

    The machine may do other things meanwhile.
    """
    browser.start_tracing(page=visited, categories=["toplevel"])
    press(visited, "Start")
    visited.locator("#write-prime").fill("")
    visited.locator("#write-prime").press_sequentially("the end of the line", delay=50)
    time.sleep(1)
    press(visited, "Pause")
    events = json.loads(browser.stop_tracing())["traceEvents"]
    says(visited, "Paused after")
    assert visited.locator("#write-prime").input_value() == "the end of the line"
    press(visited, "Reset")
    return [event["tdur"] / 1000 for event in events if "tdur" in event]


def test_it_leaves_time_for_the_reader(opened: Open, html: str, browser: Browser) -> None:
    visited = opened(html)
    for _ in range(3):  # on a busy machine a task can take longer than its work
        tasks = tasks_while_typing(visited, browser)
        if max(tasks) < 50:
            break
    assert sum(5 < task < 50 for task in tasks) > 10  # the slices
    assert max(tasks) < 50


@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "light"), (PHONE, "dark")])
def test_no_rule_of_axe_is_broken_in_any_state(
    opened: Open, html: str, viewport: Any, scheme: str
) -> None:
    visited = opened(html, viewport=viewport, color_scheme=scheme)

    def check(state: str) -> None:
        violations: Any = Axe().run(visited).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == [], state
        assert visited.evaluate("document.documentElement.scrollWidth") <= viewport["width"], state

    check("idle")
    press(visited, "Start")
    visited.locator("#train-sample").get_by_text("a").first.wait_for()
    check("training")
    press(visited, "Pause")
    press(visited, "Reset")
    visited.locator("#train-source").select_option("own")
    press(visited, "Start")
    check("refused")
    visited.locator("#train-source").select_option("excerpt")
    fill(visited, rate=1000)
    press(visited, "Start")
    says(visited, "Diverged")
    check("diverged")
    press(visited, "Adapt", "adapt")
    check("nothing to adapt to")
    press(visited, "Fill in an example", "adapt")
    press(visited, "Adapt", "adapt")
    says(visited, "The whole text has been read.", "adapt")
    check("adapted")


def test_without_an_excerpt_one_trains_on_a_text_of_one_s_own(opened: Open) -> None:
    visited = opened(built(None))
    assert visited.locator("#train-source option").all_text_contents() == ["your own"]
    visited.locator("#train-own").fill("abc " * 50)
    press(visited, "One update")
    says(visited, "1 update made.")
