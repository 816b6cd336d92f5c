"""One part of the report at a time, large, in a real browser."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from rnn.report.document import assemble
from rnn.report.nodes import Title
from rnn.report.page.exporter import page
from tests import executed

WIDE: Any = {"width": 1440, "height": 900}
PHONE: Any = {"width": 390, "height": 844}
STOPS = "main > h2, main > section.live"
IN_VIEW = "(e) => e.getBoundingClientRect().top < innerHeight / 2"
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def html() -> str:
    document = assemble(executed.notebooks(), executed.RUN, Title("T"), {1: "See [it](#fig-loss)."})
    return page(document, executed.model())


@pytest.fixture
def opened(browser: Browser, tmp_path: Path, html: str) -> Iterator[Open]:
    wrong: list[str] = []

    def visit(anchor: str = "", **options: Any) -> Page:
        file = tmp_path / "page.html"
        file.write_text(html, encoding="utf-8")
        view = browser.new_page(**({"viewport": WIDE} | options))
        view.set_default_timeout(10_000)
        for event in ("console", "pageerror"):
            view.on(event, lambda what: wrong.append(str(what)))
        view.goto(file.as_uri() + anchor)
        if options.get("viewport") is PHONE:
            view.locator(".contents summary").click()
        while anchor and not view.locator(anchor).evaluate(IN_VIEW):
            view.wait_for_timeout(50)
        view.get_by_role("button", name="Present").click()
        return view

    yield visit
    assert wrong == []


def headings(view: Page) -> list[str]:
    """Return the anchors of the stops that are shown: above a section stands its part's heading."""
    sections, shown = (view.locator(f"{one}:visible") for one in STOPS.split(", ")[::-1])
    chosen = sections if sections.count() == 1 == shown.count() else shown
    ids: list[str] = chosen.evaluate_all("(all) => all.map((e) => e.id)")
    return ids


def test_keys_change_the_part_and_escape_leaves(opened: Open) -> None:
    view = opened()
    size = (
        "parseFloat(getComputedStyle(document.querySelector('main > .prose, main > p')).fontSize)"
    )
    assert headings(view) == ["part-1"]
    assert not view.locator(".contents").is_visible()
    large = view.evaluate(size)
    for key, part in (("ArrowRight", "part-2"), ("ArrowRight", "part-3"), ("ArrowLeft", "part-2")):
        view.keyboard.press(key)
        assert headings(view) == [part]
        assert view.url.endswith(f"#{part}")
    assert view.locator("#fig-loss").is_visible()
    assert not view.locator("#tab-gradients").is_visible()
    view.keyboard.press("Escape")
    assert len(headings(view)) > 6
    assert view.locator("#present").evaluate("(e) => e === document.activeElement")
    top = view.locator("#part-2").bounding_box()
    assert top
    assert 0 <= top["y"] < 300
    assert large > 1.25 * view.evaluate(size)


def test_buttons_change_the_part_and_end_at_the_ends(opened: Open) -> None:
    view = opened()
    bar = view.get_by_role("navigation", name="Presentation")
    count = view.locator(STOPS).count()
    assert bar.get_by_role("button", name="Previous").is_disabled()
    for place in range(1, count):
        assert (bar.locator("output").text_content() or "").endswith(f"({place} of {count})")
        bar.get_by_role("button", name="Next").click()
    assert bar.get_by_role("button", name="Next").is_disabled()
    bar.get_by_role("button", name="Leave").click()
    assert not bar.is_visible()
    assert view.locator("main > :is(h2, section.live):visible").count() == count


def test_it_begins_where_the_reader_is_and_links_lead_to_their_part(opened: Open) -> None:
    view = opened("#chapter-2")
    assert headings(view) == ["chapter-2"]
    view.evaluate("location.hash = '#part-1'")
    view.locator("#part-1").wait_for()
    view.get_by_role("link", name="it", exact=True).click()
    view.locator("#fig-loss").wait_for()
    assert headings(view) == ["part-2"]


def test_what_has_controls_is_a_stop_and_a_remote_control_reaches_all(opened: Open) -> None:
    view = opened("#part-3")
    anchors = view.locator(STOPS).evaluate_all("(all) => all.map((e) => e.id)")
    assert [a for a in anchors if a in ("train", "write", "adapt", "apart")] == [
        "train", "write", "adapt", "apart",
    ]  # fmt: skip
    seen = headings(view)
    for key, way in (("PageDown", anchors), ("PageUp", anchors[::-1])):
        tops = []
        while seen[-1] != way[-1]:
            view.keyboard.press(key)
            view.wait_for_timeout(60)
            seen += [] if headings(view) == seen[-1:] else headings(view)
            tops.append(view.evaluate("scrollY"))
            assert len(tops) < 2000
        assert any(tops)  # a long stop is scrolled through
        assert seen == way[way.index(seen[0]) :]
        seen = seen[-1:]


def test_it_begins_at_the_section_that_is_read_with_the_focus_on_next(opened: Open) -> None:
    view = opened("#apart")
    assert headings(view) == ["apart"]
    assert view.evaluate("document.activeElement.textContent") == "Next"
    anchors = view.locator(STOPS).evaluate_all("(all) => all.map((e) => e.id)")
    view.keyboard.press("Space")
    assert headings(view) == [anchors[anchors.index("apart") + 1]]
    section = "main > h3:not(section h3) ~ h3"
    anchor = view.locator(section).nth(3).get_attribute("id")
    later = opened(f"#{anchor}")
    place = later.locator(f"#{anchor}").bounding_box()
    assert place
    assert 0 <= place["y"] < 100


def test_f_fills_the_screen_and_leaving_ends_that(opened: Open) -> None:
    view = opened()
    filled = "document.fullscreenElement !== null"
    view.keyboard.press("f")
    view.wait_for_function(filled)
    view.get_by_role("button", name="Leave").click()
    view.wait_for_function(f"!({filled})")


def test_the_bar_covers_nothing_and_type_is_large(opened: Open) -> None:
    view = opened("#part-2", viewport={"width": 1280, "height": 720})
    bar = view.locator(".presenter").bounding_box()
    assert bar
    assert bar["y"] + bar["height"] == 720
    assert bar["height"] < 60
    figure = view.locator("#fig-loss svg").bounding_box()
    assert figure
    assert figure["height"] < bar["y"] - 100
    for _ in range(view.locator(STOPS).count()):
        view.evaluate("scrollTo({ top: 1e6, behavior: 'instant' })")
        shown = view.locator("main > :visible").last.bounding_box()
        assert shown
        assert shown["y"] + shown["height"] < bar["y"]
        sizes = view.locator("main :is(p, label, td, button.next, .prose li):visible").evaluate_all(
            "(all) => all.map((e) => parseFloat(getComputedStyle(e).fontSize))"
        )
        assert min(sizes) >= 18
        view.keyboard.press("ArrowRight")


def test_an_address_that_is_no_code_leads_nowhere(opened: Open) -> None:
    view = opened("#part-2")
    view.evaluate("location.hash = '#100%'")
    view.wait_for_timeout(100)
    assert headings(view) == ["part-2"]


def test_a_slider_keeps_its_arrows(opened: Open) -> None:
    view = opened("#part-4")
    assert headings(view) == ["part-4"]
    slider = view.locator("#text-passage").get_by_role("slider")
    slider.press("ArrowRight")
    assert slider.input_value() == "1"
    assert headings(view) == ["part-4"]


def test_what_is_printed_is_the_whole_report(opened: Open) -> None:
    view = opened()
    view.evaluate("dispatchEvent(new Event('beforeprint'))")
    view.emulate_media(media="print")
    assert len(headings(view)) > 6
    assert not view.get_by_role("navigation", name="Presentation").is_visible()
    view.evaluate("dispatchEvent(new Event('afterprint'))")
    view.emulate_media(media="screen")
    assert headings(view) == ["part-1"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_no_rule_of_axe_is_broken_and_nothing_scrolls_sideways(
    opened: Open, scheme: str, viewport: Any
) -> None:
    view = opened(viewport=viewport, color_scheme=scheme)
    for _ in range(view.locator(STOPS).count()):
        violations: Any = Axe().run(view).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []
        assert view.evaluate("document.documentElement.scrollWidth") == viewport["width"]
        view.keyboard.press("ArrowRight")
