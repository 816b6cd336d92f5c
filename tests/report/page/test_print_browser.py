"""The page in print, and what is too wide for it."""

import re
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from rnn.exhibits.forms import SHOWN
from rnn.report.document import assemble
from rnn.report.nodes import Title
from rnn.report.page.exporter import page
from tests import executed, wide

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PAPER = 627  # pixels between the margins of A4
BEYOND = """(edge) => [...document.querySelectorAll("body *")].filter((element) =>
  element.getBoundingClientRect().right > edge + 1
  && !element.closest(".scroll, pre")?.contains(element.parentElement)
).map((element) => element.outerHTML.slice(0, 99))"""
BEYOND_ALL = BEYOND.replace('element.closest(".scroll, pre")', "null")


@pytest.fixture(scope="module")
def html() -> str:
    """Return a page with several figures, and commentary under each part."""
    notebooks = executed.notebooks()
    loss = next(cell for cell in notebooks["03_training"].cells if "loss_curve" in cell.source)
    for n in range(5):
        another = deepcopy(loss)
        for output in another.outputs:
            if SHOWN in output.data:
                output.data[SHOWN] |= {"label": f"fig-{n}", "part": None}
        notebooks["03_training"].cells.append(another)
    notes = dict.fromkeys((1, 2, 3, 4), "Mine: [a page](https://example.org/mine).")
    return page(assemble(notebooks, executed.RUN, Title("T", "A"), notes), executed.model())


@pytest.fixture(scope="module")
def too_wide() -> str:
    document = assemble(executed.notebooks(), wide.BOOK, wide.TITLE, wide.NOTES)
    return page(document, executed.model())


def opened(browser: Browser, tmp_path: Path, html: str, **options: Any) -> Page:
    file = tmp_path / "page.html"
    file.write_text(html, encoding="utf-8")
    view = browser.new_page(**({"viewport": WIDE} | options))
    view.goto(file.as_uri())
    return view


def printed(view: Page) -> list[str]:
    """Return the text of each page of paper."""
    made = PdfReader(BytesIO(view.pdf(format="A4", print_background=True)))
    return [sheet.extract_text() for sheet in made.pages]


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_paper_has_no_controls_and_no_empty_page(
    browser: Browser, tmp_path: Path, html: str, viewport: Any
) -> None:
    view = opened(browser, tmp_path, html, viewport=viewport)
    sheets = printed(view)
    assert 8 <= len(sheets) <= 14
    assert all(len(sheet.split()) > 5 for sheet in sheets)
    whole = " ".join(" ".join(sheets).split())
    for control in (
        "Write with the model", "Temperature 1", "Unfold", "Theme", "Play", "Show all",
        "What the network expected", "hidden units before", "shade the text", "With JavaScript",
        "Code of cell", "show(loss_curve(",
    ):  # fmt: skip
        assert control not in whole, control
    for said in ("Contents", "Step 0,", "Step 10,000,", "Step 20,000,", "Mine: a page", "softmax"):
        assert said in whole, said
    view.emulate_media(media="print")
    assert not view.locator(
        "button:visible, input:visible, textarea:visible, select:visible, canvas:visible, "
        ".live:visible, output:visible"
    ).count()
    contents = view.get_by_role("navigation", name="Contents")
    assert contents.evaluate("element => getComputedStyle(element).position") == "static"
    view.close()


def test_chapters_begin_on_pages_and_parts_do_not_as_in_the_pdf(
    browser: Browser, tmp_path: Path, html: str
) -> None:
    sheets = printed(opened(browser, tmp_path, html))
    begun = [" ".join(sheet.split())[:40] for sheet in sheets]
    for chapter in (
        "1 The book",
        "2 The gradients",
        "3 Training",
        "4 The passage",
        "5 How to make",
    ):
        assert len([start for start in begun if start.startswith(chapter)]) == 1, chapter
    assert "Part 2" in sheets[0] or "Part 2" in sheets[1]


def test_no_figure_is_cut(browser: Browser, tmp_path: Path, html: str) -> None:
    view = opened(browser, tmp_path, html)
    count = view.evaluate(
        """() => {
          const drawings = [...document.querySelectorAll("figure.figure svg")];
          drawings.forEach((svg, n) => {
            const { height } = svg.viewBox.baseVal;
            for (const [name, y] of [["top", 12], ["middle", height / 2], ["bottom", height - 4]]) {
              const text = document.createElementNS("http://www.w3.org/2000/svg", "text");
              text.setAttribute("y", y);
              text.textContent = `${name}-${n}.`;
              svg.append(text);
            }
          });
          return drawings.length;
        }"""
    )
    assert count == 6
    sheets = printed(view)
    for n in range(count):
        places = [
            [number for number, sheet in enumerate(sheets) if f"{name}-{n}." in sheet]
            for name in ("top", "middle", "bottom")
        ]
        assert places[0] == places[1] == places[2], places
        assert len(places[0]) == 1


def test_a_picture_of_notes_is_whole_and_leaves_little_of_a_sheet_empty(
    browser: Browser, tmp_path: Path
) -> None:
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="1600">'
        '<path d="M0 0H600V1600H0Z" fill="#123456"/></svg>'
    )
    images = {2: {"x.svg": (drawn.encode(), "image/svg+xml")}}
    notes = {2: "![a](x.svg 'Mine.')\n\nText.\n\n![b](x.svg)"}
    document = assemble(executed.notebooks(), executed.RUN, Title("T"), notes, images)
    view = opened(browser, tmp_path, page(document))
    view.set_viewport_size({"width": PAPER, "height": 970})
    view.emulate_media(media="print")
    sizes = view.locator(".notes img").evaluate_all(
        "(all) => all.map((one) => [one.clientWidth, one.clientHeight])"
    )
    assert len(sizes) == 2
    for wide_, high in sizes:
        assert 200 < high < 970 / 2
        assert abs(high / wide_ - 1600 / 600) < 0.05
    for picture in view.locator(".notes figure, .notes p:has(> img)").all():
        assert picture.evaluate("e => getComputedStyle(e).breakInside") == "avoid"
    view.close()


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_no_word_of_a_table_is_broken_on_paper(
    browser: Browser, tmp_path: Path, viewport: Any
) -> None:
    names = "Parameter", "Differences", "Backpropagation", "Observation", "Straightforwardly"
    row = f"|{'|'.join(names)}|{'indistinguishable from it|' * 3}"
    notes = {1: f"{row}\n{'|---' * 8}|\n{row}"}
    document = assemble(executed.notebooks(), executed.RUN, Title("T"), notes)
    view = opened(browser, tmp_path, page(document, executed.model()), viewport=viewport)
    view.evaluate("dispatchEvent(new Event('beforeprint'))")
    view.set_viewport_size({"width": PAPER, "height": 970})
    view.emulate_media(media="print")
    view.evaluate("document.body.style.padding = 0")
    lines = "(cell) => { const range = document.createRange(); range.selectNodeContents(cell);"
    lines += " return new Set([...range.getClientRects()].map((one) => one.top)).size; }"
    words = "(cell) => cell.textContent.trim().split(/\\s+/).length"
    cells = view.locator("main :is(td, th):not(:has(code, math))").all()
    assert len(cells) > 40
    for cell in cells:
        assert cell.evaluate(lines) <= cell.evaluate(words), cell.text_content()
    assert view.evaluate(BEYOND_ALL, PAPER) == []
    view.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not view.locator(".fitted").count()
    view.close()


def test_code_is_printed_where_the_reader_has_unfolded_it(
    browser: Browser, tmp_path: Path, html: str
) -> None:
    view = opened(browser, tmp_path, html)
    assert "show(loss_curve(" not in " ".join(printed(view))
    view.get_by_role("button", name="Unfold all code").click()
    said = " ".join(printed(view))
    assert "show(loss_curve(" in said
    assert "Fold all code" not in said
    view.get_by_role("button", name="Fold all code", exact=True).click()
    view.locator("details.code").first.evaluate("block => { block.open = true; }")
    said = " ".join(printed(view))
    assert "hidden_size = 100" in said
    assert "show(loss_curve(" not in said


@pytest.mark.parametrize("theme", ["system", "light", "dark"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_is_white(
    browser: Browser, tmp_path: Path, html: str, scheme: Any, theme: str
) -> None:
    view = opened(browser, tmp_path, html, color_scheme=scheme)
    view.get_by_text(theme, exact=True).click()
    view.emulate_media(media="print")
    style = "getComputedStyle(document.body)"
    assert view.evaluate(f"{style}.backgroundColor") == "rgb(255, 255, 255)"
    assert view.evaluate(f"{style}.color") == "rgb(0, 0, 0)"
    fill = view.locator("figure svg").first.evaluate("svg => getComputedStyle(svg).fill")
    assert fill == "rgb(0, 0, 0)"
    view.close()


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("unfolded", [False, True])
def test_what_is_too_wide_scrolls_or_breaks(
    browser: Browser, tmp_path: Path, too_wide: str, viewport: Any, unfolded: bool
) -> None:
    view = opened(browser, tmp_path, too_wide, viewport=viewport)
    if unfolded:
        view.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert view.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    assert view.evaluate(BEYOND, viewport["width"]) == []
    for scrolls in view.locator(".notes .scroll:has(table)").all()[1:2]:
        assert scrolls.evaluate("e => e.scrollWidth > e.clientWidth && e.tabIndex === 0")
    view.close()


def test_what_is_too_wide_stays_on_the_paper(
    browser: Browser, tmp_path: Path, too_wide: str
) -> None:
    view = opened(browser, tmp_path, too_wide)
    view.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    view.evaluate("dispatchEvent(new Event('beforeprint'))")
    view.set_viewport_size({"width": PAPER, "height": 970})
    view.emulate_media(media="print")
    view.evaluate("document.body.style.padding = 0")
    assert view.evaluate(BEYOND_ALL, PAPER) == []
    assert view.evaluate("document.documentElement.scrollWidth") <= PAPER
    said = re.sub(r"\s", "", "".join(printed(view)))
    for letter in wide.LONG:
        assert letter * 200 in said, letter
    assert said.count("0.123456") == 44 * 3
    view.close()


def test_no_display_formula_has_a_vertical_scrollbar(browser: Browser, tmp_path: Path) -> None:
    tall = r"$$\frac{\frac{a}{b}}{\sqrt{\frac{c}{d}}} = \sum_{i=0}^{n} x_i^{2^2}$$"
    notes = {1: tall, 2: r"$$\binom{n}{k} \hat{x} \int_0^1$$", 3: "$$y_{t_{t_t}} = g_j$$"}
    document = assemble(executed.notebooks(), executed.RUN, Title("T"), notes)
    view = opened(browser, tmp_path, page(document))
    over = view.locator("span.scroll").evaluate_all(
        "all => all.map(e => e.scrollHeight - e.clientHeight)"
    )
    assert len(over) >= 4
    assert set(over) == {0}, "or else ink is cut"
    assert set(
        view.locator(".scroll").evaluate_all("all => all.map(e => getComputedStyle(e).overflowY)")
    ) == {"hidden"}
