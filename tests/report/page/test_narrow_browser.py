"""The page where it is narrow, or where its reader has set larger type."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from rnn.report.document import assemble
from rnn.report.nodes import Title
from rnn.report.page.exporter import page
from tests import executed

LONG = " + ".join(f"x_{{{i}}}" for i in range(30))
TABLE = "\n".join("|" + 30 * f"{cell}|" for cell in ("a", "-", "1,000"))
FORMULA = "$a_t = W h_{t-1} + U x_t + b$"  # the widest within a line of the chapters
ERRORS = "| planted error | becomes |\n|---|---|\n| the derivative is dropped | `range(len(x))` |\n"
NOTES = (
    f"It falls: {FORMULA}.\n\n$$ y = {LONG} $$\n\n```\n{'code ' * 60}\n```\n\n{TABLE}\n\n{ERRORS}"
)
# What scrolls where it is too wide: of figures, equations, code and tables.
SCROLLING = (
    "#fig-loss .scroll",
    ".notes [aria-label=Equation]",
    ".notes pre",
    ".notes .scroll:has(table)",
)
READABLE = 9.5  # pixels; the text under figures has 15


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    html = page(
        assemble(executed.notebooks(), executed.RUN, Title("T", "A"), {2: NOTES}), executed.model()
    )
    file = tmp_path_factory.mktemp("narrow") / "page.html"
    file.write_text(html, encoding="utf-8")
    return file


def opened(
    browser: Browser, file: Path, width: int, *, type_size: int = 16, dark: bool = False
) -> Page:
    view = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    # As a reader sets it in the browser.
    session = view.context.new_cdp_session(view)
    session.send("Page.setFontSizes", {"fontSizes": {"standard": type_size, "fixed": type_size}})
    view.goto(file.as_uri())
    return view


def edges(element: Locator, left: float) -> tuple[float, float]:
    """Return how light the left and the right edge of an element are, scrolled to a place."""
    element.evaluate("(element, left) => { element.scrollLeft = left; }", left)
    image = Image.open(BytesIO(element.screenshot())).convert("L")
    columns = [image.crop((x, 0, x + 1, image.height)).tobytes() for x in (0, image.width - 1)]
    return median(columns[0]), median(columns[1])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("what", SCROLLING)
def test_an_edge_shows_that_there_is_more(
    browser: Browser, file: Path, what: str, dark: bool
) -> None:
    view = opened(browser, file, 390, dark=dark)
    element = view.locator(what).first
    hidden = element.evaluate("(element) => element.scrollWidth - element.clientWidth")
    assert hidden > 50
    start, middle, end = (edges(element, left) for left in (0, hidden / 2, hidden))
    shade = 20 if dark else -20
    for there_is_more, none in (
        (start[1], end[1]),
        (end[0], start[0]),
        (middle[0], start[0]),
        (middle[1], end[1]),
    ):
        assert (there_is_more - none) / shade > 1
    view.close()


@pytest.mark.parametrize("what", SCROLLING)
def test_what_fits_has_no_such_edge(browser: Browser, file: Path, what: str) -> None:
    view = opened(browser, file, 1440)
    element = view.locator(what).first
    if element.evaluate("(element) => element.scrollWidth <= element.clientWidth"):
        left, right = edges(element, 0)
        assert left == right
    view.close()


@pytest.mark.parametrize("width", [320, 390, 600, 800, 1440])
def test_type_in_figures_can_be_read_and_is_text(browser: Browser, file: Path, width: int) -> None:
    view = opened(browser, file, width)
    texts = view.locator("#fig-loss svg text")
    assert "step" in texts.all_text_contents()
    sizes = texts.evaluate_all(
        "(all) => all.map((t) => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a)"
    )
    assert min(size for size in sizes if size) >= READABLE
    view.close()


@pytest.mark.parametrize("width", [320, 390, 800, 1440])
@pytest.mark.parametrize("type_size", [20, 24])
def test_with_larger_type_nothing_scrolls_sideways(
    browser: Browser, file: Path, width: int, type_size: int
) -> None:
    view = opened(browser, file, width, type_size=type_size)
    assert view.evaluate("getComputedStyle(document.documentElement).fontSize") == f"{type_size}px"
    assert view.evaluate("document.documentElement.scrollWidth") == width
    view.locator(".reader").first.wait_for()
    view.close()


def test_no_word_of_a_table_is_broken_on_a_phone(browser: Browser, file: Path) -> None:
    view = opened(browser, file, 390)
    lines = "(cell) => { const range = document.createRange(); range.selectNodeContents(cell);"
    lines += " return new Set([...range.getClientRects()].map((one) => one.top)).size; }"
    words = "(cell) => cell.textContent.trim().split(/\\s+/).length"
    cells = view.locator(".notes td:not(:has(code)), .notes td code, #tab-gradients td")
    for cell in cells.all():
        assert cell.evaluate(lines) <= cell.evaluate(words), cell.text_content()
    view.close()


def test_the_contents_of_a_phone_list_the_controls_and_close(browser: Browser, file: Path) -> None:
    view = opened(browser, file, 390)
    menu = view.locator(".contents summary")
    view.locator("#fig-loss").scroll_into_view_if_needed()
    shown = view.locator(".contents li:visible")
    assert not shown.count()
    ways: list[Callable[[], None]] = [
        lambda: view.keyboard.press("Escape"),
        lambda: view.mouse.wheel(0, 5),
        lambda: view.locator(".contents a[href='#part-2']").click(),
    ]
    for close in ways:
        menu.click()
        names = [name.strip() for name in shown.all_text_contents()]
        assert {"Write with the model", "Let it adapt to your text", "Take it apart"} <= {*names}
        view.mouse.move(200, 880)
        close()
        shown.first.wait_for(state="hidden")
    view.close()


def test_an_open_menu_reaches_from_edge_to_edge(browser: Browser, file: Path) -> None:
    view = opened(browser, file, 390)
    view.locator(".contents summary").click()
    for top in range(0, 6000, 400):
        view.evaluate("(top) => scrollTo({ top, behavior: 'instant' })", top)
        box = view.locator(".contents").bounding_box()
        assert box
        left = Image.open(BytesIO(view.screenshot())).convert("RGB").crop(
            (0, int(box["y"]) + 2, 15, int(box["y"] + box["height"]) - 2)
        )  # fmt: skip
        assert left.getextrema() == ((255, 255),) * 3, top
    view.close()


def test_what_stays_in_view_covers_little_of_a_phone(browser: Browser, file: Path) -> None:
    view = browser.new_page(viewport={"width": 390, "height": 844})
    view.goto(file.as_uri())
    view.locator(".reader").first.wait_for()
    covered = """() => [...document.querySelectorAll("body *")]
      .filter((e) => ["sticky", "fixed"].includes(getComputedStyle(e).position))
      .map((e) => e.getBoundingClientRect())
      .map((box) => Math.max(0, Math.min(box.bottom, innerHeight) - Math.max(box.top, 0)))
      .reduce((sum, height) => sum + height, 0) / innerHeight"""
    end = view.evaluate("document.documentElement.scrollHeight")
    for top in range(600, end, 500):
        view.evaluate("(top) => scrollTo({ top, behavior: 'instant' })", top)
        assert view.evaluate(covered) < 1 / 4, top
    panel = view.locator(".reader").first
    panel.scroll_into_view_if_needed()
    assert not panel.locator("canvas").is_visible()
    panel.get_by_text("Hidden units and shading").click()
    assert panel.locator("canvas").is_visible()
    view.set_viewport_size({"width": 844, "height": 390})
    assert panel.evaluate("e => getComputedStyle(e).position") == "static"
    view.close()
