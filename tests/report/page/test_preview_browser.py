"""What a link within the page leads to, shown where the link is, in a real browser."""

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
NOTES = (
    "See [the loss](#fig-loss), [the table](#tab-gradients), [the listing](#src-loss), "
    "[the samples](#text-evolution) and [the chapter](#chapter-3)."
)
LOSS = '<a href="#fig-loss">the loss</a>'
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def html() -> str:
    document = assemble(executed.notebooks(), executed.RUN, Title("T"), {1: NOTES})
    # An equation has an anchor, to which a link can be written in the page alone.
    return page(document).replace(LOSS, f'<a href="#equation-1">the equation</a>, {LOSS}', 1)


@pytest.fixture
def opened(browser: Browser, tmp_path: Path, html: str) -> Iterator[Open]:
    wrong: list[str] = []

    def visit(**options: Any) -> Page:
        file = tmp_path / "page.html"
        file.write_text(html, encoding="utf-8")
        view = browser.new_page(**({"viewport": WIDE} | options))
        view.set_default_timeout(10_000)
        for event in ("console", "pageerror"):
            view.on(event, lambda what: wrong.append(str(what)))
        view.goto(file.as_uri())
        return view

    yield visit
    assert wrong == []


HELD = [
    ("the equation", "math"),
    ("the loss", "svg path"),
    ("the table", "td"),
    ("the listing", "code"),
    ("the samples", "pre"),
]


@pytest.mark.parametrize(("name", "content"), HELD)
def test_a_link_shows_what_it_leads_to_while_the_pointer_is_on_either(
    opened: Open, name: str, content: str
) -> None:
    view = opened()
    height = view.evaluate("document.documentElement.scrollHeight")
    link, box = view.locator(".notes").get_by_role("link", name=name), view.locator(".preview")
    assert not box.is_visible()
    link.hover()
    box.locator(content).first.wait_for()
    target = str(link.get_attribute("href"))
    assert (box.text_content() or "").strip()[:20] in (view.locator(target).text_content() or "")
    assert view.evaluate("document.documentElement.scrollHeight") == height
    assert not box.locator("button, input, [id], [tabindex]").count()
    ids = view.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(set(ids)) == len(ids)
    edges, window = box.bounding_box(), view.viewport_size
    assert edges
    assert window
    assert 0 <= edges["x"] <= edges["x"] + edges["width"] <= window["width"]
    assert 0 <= edges["y"] <= edges["y"] + edges["height"] <= window["height"]
    box.hover()  # on the way to it and on it, it stays
    view.wait_for_timeout(600)
    assert box.is_visible()
    view.mouse.move(5, 5)
    box.wait_for(state="hidden")


def test_it_is_shown_on_focus_and_escape_closes_it(opened: Open) -> None:
    view = opened()
    box = view.locator(".preview")
    link = view.locator(".notes").get_by_role("link", name="the loss")
    view.locator(".notes").get_by_role("link", name="the equation").focus()
    view.keyboard.press("Tab")
    box.locator("svg").wait_for()
    view.keyboard.press("Escape")
    box.wait_for(state="hidden")
    assert link.evaluate("(e) => e === document.activeElement")
    view.keyboard.press("Shift+Tab")
    box.locator("math").wait_for()
    view.keyboard.press("Shift+Tab")  # away from the links
    box.wait_for(state="hidden")


def test_a_heading_is_not_shown_and_a_finger_shows_nothing(opened: Open) -> None:
    view = opened()
    view.locator(".notes").get_by_role("link", name="the chapter").hover()
    view.wait_for_timeout(500)
    assert not view.locator(".preview").is_visible()
    phone = opened(viewport=PHONE, has_touch=True, is_mobile=True)
    phone.locator(".notes").get_by_role("link", name="the loss").tap()
    phone.wait_for_timeout(500)
    assert not phone.locator(".preview").is_visible()
    assert phone.url.endswith("#fig-loss")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_no_rule_of_axe_is_broken_while_it_is_shown(
    opened: Open, scheme: str, viewport: Any
) -> None:
    view = opened(viewport=viewport, color_scheme=scheme)
    for name, _ in HELD:
        view.locator(".notes").get_by_role("link", name=name).hover()
        view.locator(".preview").wait_for()
        violations: Any = Axe().run(view).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []
        assert view.evaluate("document.documentElement.scrollWidth") == viewport["width"]
        view.keyboard.press("Escape")


def test_an_open_preview_is_not_printed(opened: Open) -> None:
    view = opened()
    view.locator(".notes").get_by_role("link", name="the loss").hover()
    view.locator(".preview").wait_for()
    view.emulate_media(media="print")
    assert not view.locator(".preview").is_visible()


def test_a_link_to_an_equation_is_copied(browser: Browser, tmp_path: Path, html: str) -> None:
    context = browser.new_context(viewport=WIDE)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    view, file = context.new_page(), tmp_path / "page.html"
    file.write_text(html, encoding="utf-8")
    view.goto(file.as_uri())
    button = view.get_by_role("button", name="Copy link to equation 1")
    button.focus()
    assert button.evaluate("(e) => getComputedStyle(e.parentElement).opacity") == "1"
    view.keyboard.press("Enter")
    view.get_by_text("Copied the link to equation 1.").wait_for()
    copied = view.evaluate("navigator.clipboard.readText()")
    assert copied == f"{file.as_uri()}#equation-1"
    assert view.locator("#equation-1 math").count() == 1
    context.close()
