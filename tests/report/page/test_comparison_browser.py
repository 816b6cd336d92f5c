"""The page of a study in a browser: its switches, and the way from a curve to a row."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.studies import RATES, a_study, study_page

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
BOX = ".settings input[value='{}']"


@cache
def html(settings: int = 3) -> str:
    values: Any = RATES if settings == 3 else {"hidden_size": tuple(range(1, settings + 1))}
    return study_page(a_study(values, lost={2: "diverged"}), {1: "So it **is**."})


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Any]:
    """Return a function that opens a page from a file; in the end nothing may have gone wrong."""
    contexts, wrong = [], []

    def visit(source: str, **options: Any) -> Page:
        file = tmp_path / "study.html"
        file.write_text(source, encoding="utf-8")
        context = browser.new_context(**({"viewport": WIDE} | options))
        contexts.append(context)
        visited = context.new_page()
        visited.set_default_timeout(10_000)
        visited.on("console", lambda message: wrong.append(message.text))
        visited.on("pageerror", lambda error: wrong.append(str(error)))
        visited.on("request", lambda request: wrong.append(request.url))
        visited.goto(file.as_uri())
        wrong.remove(file.as_uri())
        return visited

    yield visit
    for context in contexts:
        context.close()
    assert [what for what in wrong if not what.startswith("data:")] == []


def seen(page: Page, name: str) -> list[bool]:
    """Return whether what belongs to a setting or run is displayed, in each figure and table."""
    found: list[bool] = page.evaluate(
        """(name) => [...document.querySelectorAll(`svg [id$="-${name}"], [data-mark="${name}"]`)]
             .map((element) => getComputedStyle(element).display !== "none")""",
        name,
    )
    return found


def test_settings_are_switched_by_mouse_and_by_keyboard(opened: Any) -> None:
    page = opened(html())
    assert len(seen(page, "run-1-400")) == 3, "in three figures"
    page.click(BOX.format(1))
    for name in ("run-1-400", "mean-1", "band-1", "word-1", "key-1", "1-400"):
        assert seen(page, name), name
        assert not any(seen(page, name)), name
    for name in ("run-0-400", "mean-0", "0-400"):
        assert all(seen(page, name)), name
    page.focus(BOX.format(1))
    page.keyboard.press("Space")
    assert all(seen(page, "run-1-400") + seen(page, "1-400"))
    page.get_by_role("button", name="None").click()
    assert not any(seen(page, "run-0-400") + seen(page, "mean-1"))
    assert page.locator("#fig-curves output").text_content() == "No setting is shown."
    page.get_by_role("button", name="All", exact=True).click()
    assert all(seen(page, "run-0-400") + seen(page, "mean-1"))


def middle(page: Page, figure: str, mark: str) -> tuple[float, float]:
    """Return where on the screen a run's line has its middle point."""
    page.locator(f"#{figure}").scroll_into_view_if_needed()
    x, y = page.evaluate(
        """([figure, mark]) => {
             const group = document.getElementById(`${figure}-run-${mark}`);
             const drawn = group.querySelector("use") ?? group.querySelector("path");
             const box = drawn.getBoundingClientRect(), svg = group.ownerSVGElement;
             if (drawn.localName === "use") return [box.x + box.width / 2, box.y + box.height / 2];
             const at = drawn.getPointAtLength(drawn.getTotalLength() / 2);
             const seen = new DOMPoint(at.x, at.y).matrixTransform(svg.getScreenCTM());
             return [seen.x, seen.y];
           }""",
        [figure, mark],
    )
    return x, y


def picked(page: Page) -> list[str]:
    found: list[str] = page.locator("tr.picked").evaluate_all(
        "(rows) => rows.map((row) => row.dataset.mark)"
    )
    return found


@pytest.mark.parametrize("figure", ["fig-losses", "fig-seconds"])
def test_a_run_s_point_leads_to_its_row(opened: Any, figure: str) -> None:
    page = opened(html())
    page.mouse.move(*middle(page, figure, "1-402"))
    assert picked(page) == ["1-402"]
    said = page.locator(f"#{figure} output").text_content()
    assert "learning_rate 0.05, seed 402, status done" in said
    page.mouse.click(*middle(page, figure, "1-402"))
    assert page.evaluate("document.activeElement.dataset.mark") == "1-402"
    row = page.locator("tr.picked")
    page.wait_for_function(
        """() => { const box = document.activeElement.getBoundingClientRect();
                   return box.top > 0 && box.bottom < innerHeight; }"""
    )
    assert row.is_visible()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.closest('figure').id") == figure


def test_a_curve_leads_to_its_row(opened: Any) -> None:
    page = opened(html())
    page.mouse.move(*middle(page, "fig-curves", "0-401"))
    (found,) = picked(page)
    assert found.startswith("0-"), "a line of this setting, which lie close to one another"


def test_the_slider_reaches_each_run_that_is_shown(opened: Any) -> None:
    page = opened(html())
    page.click(BOX.format(0))
    slider = page.locator("#fig-losses .finder input")
    slider.focus()
    found = []
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        found += picked(page)
    assert found == ["1-401", "1-402", "1-403", "1-404"], "setting 0 is off, and 2 diverged"
    assert "seed 404" in str(slider.get_attribute("aria-valuetext"))
    page.locator("#fig-losses .finder button").press("Enter")
    assert page.evaluate("document.activeElement.dataset.mark") == "1-404"


def test_runs_that_diverged_have_a_row_too(opened: Any) -> None:
    page = opened(html())
    slider = page.locator("#fig-curves .finder input")
    assert slider.get_attribute("max") == "14"
    slider.press("End")
    assert picked(page) == ["2-404"]


def test_without_scripts_everything_is_shown_and_nothing_is_to_be_pressed(opened: Any) -> None:
    page = opened(html(), java_script_enabled=False)
    assert page.locator("#tab-runs tbody tr").count() == 15
    assert page.locator("#fig-curves svg").is_visible()
    assert page.locator("ul.openings li").count() == 2
    assert not page.locator(".settings").is_visible()
    assert page.locator(".finder").count() == 0


def test_a_saved_page_begins_as_it_did_at_first(opened: Any) -> None:
    page = opened(html())
    page.click(BOX.format(1))
    page.mouse.move(*middle(page, "fig-losses", "0-402"))
    saved = opened("<!doctype html>" + page.evaluate("document.documentElement.outerHTML"))
    assert saved.locator("#fig-curves .finder").count() == 1
    assert picked(saved) == []
    assert all(seen(saved, "run-1-400"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("settings", [3, 20])
def test_axe_finds_nothing(opened: Any, scheme: str, settings: int) -> None:
    page = opened(html(settings), color_scheme=scheme)
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [n["html"][:200] for n in one["nodes"]]) for one in found] == []


@pytest.mark.parametrize("view", [WIDE, {"width": 800, "height": 900}, PHONE])
def test_no_page_is_wider_than_its_window(opened: Any, view: dict[str, int]) -> None:
    page = opened(html(20), viewport=view)
    assert page.evaluate("document.documentElement.scrollWidth") == view["width"]


def test_no_first_word_of_a_row_is_broken_on_a_phone(opened: Any) -> None:
    page = opened(html(), viewport=PHONE)
    for head in page.locator("#tab-design th[scope=row]").all():
        lines = head.evaluate(
            """(cell) => { const range = document.createRange(); range.selectNodeContents(cell);
                 return new Set([...range.getClientRects()].map((one) => one.top)).size; }"""
        )
        assert lines <= len(head.text_content().split()), head.text_content()


def test_the_drawings_have_the_colours_of_the_page(opened: Any) -> None:
    colours = []
    for scheme in ("light", "dark"):
        page = opened(html(), color_scheme=scheme)
        colours.append(
            page.evaluate(
                """() => getComputedStyle(document.querySelector(
                     "#fig-curves-run-0-400 path")).stroke"""
            )
        )
    assert colours == ["rgb(0, 114, 178)", "rgb(86, 180, 233)"]


def test_a_label_can_hold_anything() -> None:
    study = a_study({"prime": ("</label><script>alert(1)</script>", 'b & "c"')}, 3)
    source = study_page(study)
    assert "alert(1)</script>" not in re.sub("<script>.*?</script>", "", source, flags=re.DOTALL)
