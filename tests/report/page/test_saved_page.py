"""A page that a browser saved, with what its scripts made of it, and opened again."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from rnn.exhibits.forms import SHOWN
from rnn.report.document import assemble
from rnn.report.nodes import Title
from rnn.report.page.exporter import page
from tests import executed

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SAVED = "'<!doctype html>' + document.documentElement.outerHTML"
# The order of attributes and an empty class are not compared.
SHOWN_NOW = """(() => {
  const copy = document.documentElement.cloneNode(true);
  for (const element of copy.querySelectorAll("*")) {
    const all = [...element.attributes].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name } of all) element.removeAttribute(name);
    for (const { name, value } of all) {
      if (value || name !== "class") element.setAttribute(name, value);
    }
  }
  return copy.outerHTML;
})()"""
READ = (
    "!document.querySelector('#text-passage pre > span:not([style])')"
    " && document.querySelector('#apart-chosen data')"
    " && document.querySelector('#apart-passage data')"
)


@pytest.fixture(scope="module")
def html() -> str:
    """Return a page whose texts begin with line ends, which HTML may drop."""
    notebooks, run = executed.notebooks(), {**executed.RUN}
    run["parameters"] = {**run["parameters"], "prime": "\n\nit's"}
    passage = notebooks["04_sampling"].cells[-1].outputs[0].data[SHOWN]
    passage["text"] = "\n" + passage["text"]
    document = assemble(notebooks, run, Title("T"), {1: "Mine.[^1]\n\n[^1]: So."})
    return page(document, executed.model(), executed.HISTORY)


def opened(browser: Browser, tmp_path: Any, html: str, viewport: Any = WIDE) -> Page:
    """Open a page, and wait until its scripts have done what they do by themselves."""
    file = tmp_path / "page.html"
    file.write_text(html, encoding="utf-8")
    view = browser.new_page(viewport=viewport)
    view.set_default_timeout(10_000)
    wrong: list[str] = []
    view.on("pageerror", lambda error: wrong.append(str(error)))
    view.goto(file.as_uri())
    while not view.evaluate(READ):
        assert wrong == []
        view.wait_for_timeout(50)
    assert wrong == []
    return view


def write_slowly(view: Page) -> None:
    view.get_by_label("Pace").select_option("slow")
    view.get_by_role("button", name="Write", exact=True).click()


def show_all(view: Page) -> None:
    view.get_by_role("button", name="Show all").click()


def play(view: Page) -> None:
    view.get_by_role("button", name="Play").click()


def type_what_is_refused(view: Page) -> None:
    view.get_by_label("Prime text").fill("\u1234")


def read_on(view: Page) -> None:
    view.locator("#text-passage").get_by_role("slider").press("End")
    if view.locator("#text-passage details:not([open])").count():  # on a phone
        view.locator("#text-passage summary").click()
    view.locator("#text-passage").get_by_role("checkbox").press("Space")


def follow_a_link(view: Page) -> None:
    view.evaluate("document.querySelector('.contents a[href=\"#part-3\"]').click()")
    view.locator("[aria-current]").wait_for(state="attached")


def choose_a_bar(view: Page) -> None:
    view.locator(".writer .next").nth(2).click()


def copy_a_link(view: Page) -> None:
    view.get_by_role("button", name="Copy link to").first.click()
    view.locator("#said:not(:empty)").wait_for()


def take_back(view: Page) -> None:
    choose_a_bar(view)
    view.get_by_role("button", name="Take back").click()


def switch_a_unit_off(view: Page) -> None:
    view.locator("#apart-grid button").nth(2).click()
    view.locator("#apart-passage td:nth-child(3) data").wait_for()
    view.get_by_role("button", name="Find the nearest states").click()
    view.get_by_text("The 10 nearest of").wait_for()


def refuse_an_own_text(view: Page) -> None:
    view.get_by_label("my own").check()
    view.get_by_label("Text of your own").fill("\u1234")


def preview(view: Page) -> None:
    view.locator("main a[href='#fig-loss']:not(.name)").first.evaluate(
        "(e) => { e.focus({ focusVisible: true }); }"
    )
    view.locator(".preview").wait_for()


def present(view: Page) -> None:
    view.locator("#present").evaluate("(e) => e.click()")
    view.locator("body").press("ArrowRight")


def refuse_a_length(view: Page) -> None:
    view.get_by_label("Length", exact=True).fill("0")
    view.get_by_role("button", name="Write", exact=True).click()


def nothing(_: Page) -> None:
    pass


USES = [
    nothing, write_slowly, show_all, play, type_what_is_refused, read_on, follow_a_link,
    choose_a_bar, copy_a_link, take_back, refuse_a_length, switch_a_unit_off, refuse_an_own_text,
    preview, present,
]  # fmt: skip


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("use", USES)
def test_it_starts_as_it_did_at_first(
    browser: Browser, tmp_path: Any, html: str, use: Callable[[Page], None], viewport: Any
) -> None:
    fresh = opened(browser, tmp_path, html, viewport)
    expected = fresh.evaluate(SHOWN_NOW)
    use(fresh)
    again = opened(browser, tmp_path, fresh.evaluate(SAVED), viewport)
    assert again.evaluate(SHOWN_NOW) == expected
    assert again.get_by_label("Prime text").input_value() == "\n\nit's"
    fresh.close()
    again.close()


def test_the_theme_and_unfolded_code_are_kept_and_every_control_works(
    browser: Browser, tmp_path: Any, html: str
) -> None:
    fresh = opened(browser, tmp_path, html)
    fresh.get_by_text("dark", exact=True).click()
    fresh.get_by_role("button", name="Unfold all code").click()
    expected = fresh.evaluate("getComputedStyle(document.body).backgroundColor")
    again = opened(browser, tmp_path, fresh.evaluate(SAVED))
    assert again.evaluate("getComputedStyle(document.body).backgroundColor") == expected
    assert again.get_by_role("radio", name="dark").is_checked()
    assert not again.locator("details.code:not([open])").count()
    again.get_by_role("button", name="Fold all code", exact=True).click()
    assert not again.locator("details.code[open]").count()
    again.get_by_label("Pace").select_option("at once")
    again.get_by_role("button", name="Write", exact=True).click()
    again.get_by_text("1,000 characters written.").wait_for()
    slider = again.locator("#text-passage").get_by_role("slider")
    slider.press("End")
    slider.press("Home")
    assert "“line end”" in (again.locator("#text-passage output").text_content() or "")
    assert again.locator(".read").count() == 1
