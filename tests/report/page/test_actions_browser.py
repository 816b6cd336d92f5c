"""What a reader can save, copy, keep and take back in the page, in a real browser."""

import csv
import json
from collections.abc import Callable, Iterator
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from playwright.sync_api import Browser, BrowserContext, Page

from rnn.report.document import assemble
from rnn.report.page.exporter import page
from rnn.report.page.history import LARGEST, history
from tests import executed
from tests.report.page.test_page_browser import TITLE, trained, written

WIDE: Any = {"width": 1440, "height": 900}
PHONE: Any = {"width": 390, "height": 844}
Open = Callable[..., Page]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=WIDE)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture
def opened(context: BrowserContext, tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens a page from a file; no error and no request may follow."""
    wrong: list[str] = []

    def visit(html: str, prepare: str = "") -> Page:
        file = tmp_path / "report.html"
        file.write_text(html, encoding="utf-8")
        visited = context.new_page()
        visited.set_default_timeout(10_000)
        for event in ("console", "pageerror"):
            visited.on(event, lambda what: wrong.append(str(what)))
        if prepare:
            visited.add_init_script(prepare)
        visited.goto(file.as_uri())
        visited.on("request", lambda request: wrong.append(request.url))
        return visited

    yield visit
    assert wrong == []


@pytest.fixture(scope="module")
def html() -> str:
    return written("rnn")


def saved(visited: Page, button: str) -> tuple[str, str]:
    """Press a button; return the name and the content of the file that it saves."""
    with visited.expect_download() as download:
        visited.get_by_role("button", name=button).first.click()
    name = download.value.suggested_filename
    assert visited.get_by_role("status").get_by_text(f"Saved as {name}.").is_visible()
    return name, Path(download.value.path()).read_text(encoding="utf-8")


def test_texts_and_the_history_are_saved_as_the_report_has_them(opened: Open, html: str) -> None:
    visited = opened(html)
    passage = visited.locator("#text-passage pre").text_content()
    assert saved(visited, "Save text of Text 2") == ("passage.txt", passage)
    samples = "\n".join(
        f"=== step {one['step']}, smoothed loss {one['smooth_loss']:.4f} ===\n{one['text']}\n"
        for one in executed.SAMPLES
    )
    assert saved(visited, "Save samples of Text 1") == ("evolution.txt", samples)
    assert saved(visited, "Save history (CSV) of Figure 1") == ("history.csv", executed.HISTORY)


def test_the_model_and_what_it_wrote_are_saved(opened: Open, html: str) -> None:
    visited = opened(html)
    name, content = saved(visited, "Save the report’s model (JSON)")
    assert name == "model.json"
    model = json.loads(content)
    assert "".join(map(chr, model["vocabulary"])) == trained("rnn").vocabulary
    visited.get_by_label("Pace").select_option("at once")
    visited.get_by_label("Length", exact=True).fill("30")
    visited.get_by_role("button", name="Write", exact=True).click()
    visited.get_by_text("30 characters written.").wait_for()
    assert saved(visited, "Save this text") == (
        "text.txt",
        visited.locator("#write-text").text_content(),
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_figure_is_saved_as_a_drawing_of_its_own_in_light_colours(
    opened: Open, html: str, theme: str
) -> None:
    visited = opened(html)
    visited.get_by_text(theme, exact=True).click()
    name, content = saved(visited, "Save SVG of Figure 1")
    assert name == "loss.svg"
    root = fromstring(content)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("fill") == "#1d1d1f"
    assert "#fff" in content
    assert not any(word in content for word in ("var(", "light-dark", "<script"))


def test_links_code_and_the_citation_are_copied(opened: Open, html: str) -> None:
    visited = opened(html)
    clipboard = "navigator.clipboard.readText()"
    address = visited.url
    visited.get_by_role("button", name="Copy link to Figure 1").press("Enter")
    visited.get_by_text("Copied the link to Figure 1.").wait_for()
    assert visited.evaluate(clipboard) == f"{address}#fig-loss"
    visited.goto(f"{address}#fig-loss")
    visited.get_by_role("button", name="Copy link to Table 1").click()
    visited.get_by_text("Copied the link to Table 1.").wait_for()
    assert visited.evaluate(clipboard) == f"{address}#tab-gradients"
    entry = visited.locator("#cite-entry")
    entry.get_by_role("button", name="Copy code").click()
    visited.get_by_text("Copied Listing").or_(visited.get_by_text("Copied Code")).wait_for()
    assert visited.evaluate(clipboard).startswith("@misc{")
    block = visited.locator("details.code").first
    block.locator("summary").click()
    block.get_by_role("button", name="Copy code of cell").click()
    visited.get_by_text("Copied the code of cell").wait_for()
    assert visited.evaluate(clipboard) == block.locator("pre").text_content()


def test_where_the_clipboard_is_refused_copying_works_or_says_that_it_does_not(
    opened: Open, html: str
) -> None:
    refuse = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"
    visited = opened(html, refuse)
    button = visited.get_by_role("button", name="Copy link to Figure 1")
    button.click()
    visited.get_by_text("Copied the link to Figure 1.").wait_for()
    assert button.evaluate("e => e === document.activeElement")
    visited.evaluate("document.execCommand = () => false")
    button.click()
    visited.get_by_text("This browser does not let the page copy.").wait_for()


def test_the_theme_is_kept_for_the_next_page(opened: Open, html: str) -> None:
    first = opened(html)
    first.get_by_text("dark", exact=True).click()
    paper = first.evaluate("getComputedStyle(document.body).backgroundColor")
    again = opened(html)
    assert again.get_by_role("radio", name="dark").is_checked()
    assert again.evaluate("getComputedStyle(document.body).backgroundColor") == paper
    again.get_by_text("system", exact=True).click()
    assert opened(html).get_by_role("radio", name="system").is_checked()
    again.evaluate("localStorage.setItem('rnn-report-theme', 'plaid')")
    assert opened(html).get_by_role("radio", name="system").is_checked()


def test_where_nothing_may_be_kept_the_page_works(opened: Open, html: str) -> None:
    refuse = (
        "Object.defineProperty(window, 'localStorage',"
        " { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    visited = opened(html, refuse)
    visited.get_by_text("dark", exact=True).click()
    assert visited.evaluate("document.documentElement.dataset.theme") == "dark"


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_theme_and_folding_are_seen_without_scrolling(
    opened: Open, html: str, viewport: Any
) -> None:
    visited = opened(html)
    visited.set_viewport_size({"width": viewport["width"], "height": 400})
    if viewport is PHONE:
        visited.locator("#chapter-3").scroll_into_view_if_needed()
        visited.locator(".contents summary").click()
    contents = visited.locator(".contents")
    for scrolled in (0, 10_000):
        if viewport is WIDE:
            contents.evaluate("(e, top) => e.scrollTo({ top, behavior: 'instant' })", scrolled)
        for control in ("#fold-code", ".tools label"):
            box = visited.locator(control).first.bounding_box()
            assert box
            assert 0 <= box["y"] <= 400 - box["height"]


def test_backspace_takes_back_what_the_reader_chose(opened: Open, html: str) -> None:
    visited = opened(html)
    text, bars = visited.locator("#write-text"), visited.locator(".writer .next")
    shares = visited.locator(".writer .share")
    back = visited.get_by_role("button", name="Take back")
    visited.get_by_label("Pace").select_option("at once")
    visited.get_by_label("Length", exact=True).fill("20")
    visited.get_by_role("button", name="Write", exact=True).click()
    visited.get_by_text("20 characters written.").wait_for()
    assert back.is_disabled()
    states = []
    for bar in (0, 2, 1, 5):
        states.append((text.text_content(), shares.all_text_contents()))
        bars.nth(bar).click()
    uses: list[Callable[[], None]] = [
        lambda: bars.first.press("Backspace"),
        lambda: text.press("Backspace"),
        lambda: back.click(),
        lambda: back.press("Enter"),
    ]
    for use in uses:
        use()
        assert (text.text_content(), shares.all_text_contents()) == states.pop()
    assert back.is_disabled()
    bars.first.press("Backspace")
    assert visited.get_by_text("Only characters that you chose last can be taken back.").count()
    assert len(text.text_content() or "") == 20
    visited.get_by_role("button", name="One character").click()
    with_one = text.text_content()
    bars.first.press("Backspace")
    assert text.text_content() == with_one


def test_a_character_that_is_shown_by_a_sign_is_taken_back(opened: Open) -> None:
    document = assemble(executed.notebooks(), executed.RUN, TITLE)
    visited = opened(page(document, executed.model()))
    text, bars = visited.locator("#write-text"), visited.locator(".writer .next")
    before = text.text_content()
    for _ in range(3):
        for bar in range(bars.count()):
            bars.nth(bar).click()
    for _ in range(3 * bars.count()):
        bars.first.press("Backspace")
    assert text.text_content() == before


@pytest.mark.parametrize("value", ["0", "20001", "-3", "1.5", ""])
def test_a_length_that_makes_no_sense_is_said(opened: Open, html: str, value: str) -> None:
    visited = opened(html)
    length, status = visited.get_by_label("Length", exact=True), visited.locator("#write-status")
    length.fill(value)
    for name in ("Write", "Continue"):
        visited.get_by_role("button", name=name, exact=True).click()
        assert status.text_content() == "Length must be a whole number from 1 to 20,000."
        assert length.get_attribute("aria-invalid") == "true"
        assert (length.input_value(), visited.locator("#write-text").text_content()) == (value, "")
    length.fill("3")
    assert (status.text_content(), length.get_attribute("aria-invalid")) == ("", None)
    visited.locator("#write").get_by_role("spinbutton", name="Seed").fill("-1")
    visited.get_by_role("button", name="Write", exact=True).click()
    assert status.text_content() == "Seed must be a whole number from 0 to 4,294,967,295."


def test_nothing_of_it_is_printed(opened: Open, html: str) -> None:
    visited = opened(html)
    visited.get_by_role("button", name="Copy link to Figure 1").click()
    visited.emulate_media(media="print")
    assert not visited.locator("button:visible, #said:visible").count()


def test_a_long_history_is_thinned_and_markup_in_it_is_text() -> None:
    rows = [f"{100 * i},1,{i / 7},{i / 9}" for i in range(20_000)]
    made = history("\n".join(["step,epoch,loss,smooth_loss", *rows]) + "\n")
    assert len(made) < LARGEST * 1.1
    read = list(csv.DictReader(StringIO(json.loads(made))))
    assert read[-1]["step"] == "1999900"
    gaps = {int(b["step"]) - int(a["step"]) for a, b in pairwise(read)}
    assert len(gaps) == 1
    for odd in ("</script><b>\n1\n", "a\n<!--<script>\n", "&amp;\n\u2028\n"):
        assert not set("<>&") & set(history(odd))
