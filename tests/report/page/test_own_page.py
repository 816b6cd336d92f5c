"""Outputs of one's own cells in the page, in a browser."""

from pathlib import Path
from typing import Any

import html5lib
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_output
from playwright.sync_api import Browser, Page

from rnn.exhibits.forms import SHOWN
from rnn.report.document import assemble
from rnn.report.nodes import Title
from rnn.report.page.exporter import page
from tests import own
from tests.executed import RUN, notebooks

ELSEWHERE = "https://example.org/x"
BAD_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="300" onload="alert(1)">'
    f'<foreignObject><meta http-equiv="refresh" content="0;url={ELSEWHERE}"/></foreignObject>'
    f"<style>@import url({ELSEWHERE});</style><script>alert(1)</script>"
    f'<image href="{ELSEWHERE}"/><use href="{ELSEWHERE}#a"/>'
    f'<path id="p" d="M10 10h400" stroke="black" style="fill: url({ELSEWHERE})"/>'
    '<use href="#p"/><text x="9" y="90">#222222</text></svg>'
)
BAD_HTML = (
    f"<p style='background: url({ELSEWHERE})' onclick=x>text</p><script>alert(1)</script>"
    f"<img src={ELSEWHERE}><iframe src={ELSEWHERE}></iframe><link rel=stylesheet href={ELSEWHERE}>"
    f"<meta http-equiv=refresh content='0;url={ELSEWHERE}'>"
)
LINES = "".join(f"line {i}\n" for i in range(230))


@pytest.fixture(scope="module")
def html() -> str:
    frame = pd.DataFrame({"a": [1.5, 2], "b": ["x", "y"]}).to_html()
    return page(
        own.document(
            own.cell(own.svg(BAD_SVG)),
            own.cell(own.svg(BAD_SVG), caption="A *drawing*.", alt="A <line>", label="my-drawing"),
            own.cell(own.data({"width": 4000}, image_png=own.picture()), caption="P.", alt="P"),
            own.cell(own.data(text_html=BAD_HTML), own.data(text_html=frame)),
            own.cell(own.data(text_html=frame), caption="A frame.", label="my-frame"),
            own.cell(own.data(text_latex=r"$\displaystyle \sqrt{x}$")),
            own.cell(own.said(LINES), own.said("\x1b[31mred\x1b[0m \x07 <b>" + "x" * 400)),
            own.cell(own.data(**{"application_vnd.jupyter.widget-view+json": {}})),
        )
    )


def visit(browser: Browser, html: str, tmp_path: Path, **options: Any) -> tuple[Page, list[str]]:
    """Open a page; return it with what it asks for and what it says."""
    (tmp_path / "report.html").write_text(html, encoding="utf-8")
    visited = browser.new_context(**options).new_page()
    seen: list[str] = []
    visited.on("request", lambda request: seen.append(request.url))
    visited.on("console", lambda message: seen.append(message.text))
    visited.on("dialog", lambda dialog: seen.append(dialog.message))
    visited.goto((tmp_path / "report.html").as_uri())
    return visited, [line for line in seen if not line.startswith(("data:", "file:"))]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_is_seen_and_nothing_is_asked(
    browser: Browser, html: str, tmp_path: Path, scheme: Any
) -> None:
    options = {"color_scheme": scheme, "viewport": {"width": 800, "height": 900}}
    visited, seen = visit(browser, html, tmp_path, **options)
    visited.wait_for_timeout(300)
    assert seen == []
    assert "example.org/x" not in html
    assert visited.url.startswith("file:")
    drawing = visited.locator("figure#my-drawing")
    assert drawing.get_by_role("img", name="A <line>").is_visible()
    assert (drawing.locator("figcaption").text_content() or "").startswith("Figure 2 A drawing.")
    line = drawing.locator("path").first
    stroke = line.evaluate("e => getComputedStyle(e).stroke")
    assert stroke == ("rgb(29, 29, 31)" if scheme == "light" else "rgb(230, 229, 225)")
    assert drawing.get_by_text("#222222").count() == 1
    assert visited.locator("#my-frame td, #my-frame th").count() == 9
    assert visited.locator("#my-frame figcaption > span").text_content() == "Table 3 A frame."
    assert visited.get_by_text("cell 8 of 05_mine (a widget) can’t be shown").is_visible()
    assert visited.locator("math msqrt").count() >= 1
    violations: Any = Axe().run(visited).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []


def test_nothing_is_wider_than_the_text_nor_enlarged(
    browser: Browser, html: str, tmp_path: Path
) -> None:
    visited, _ = visit(browser, html, tmp_path, viewport={"width": 390, "height": 800})
    wide, room = visited.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= room
    visited.set_viewport_size({"width": 1400, "height": 900})
    box = visited.locator("figure#my-drawing svg").bounding_box()
    assert box
    assert abs(box["width"] - 600) < 1
    shape = visited.locator(".picture img").first.bounding_box()
    assert shape
    assert abs(shape["width"] / shape["height"] - 2) < 0.05


def test_what_is_long_is_folded(browser: Browser, html: str, tmp_path: Path) -> None:
    visited, _ = visit(browser, html, tmp_path)
    assert visited.get_by_text("line 9", exact=False).first.is_visible()
    assert not visited.get_by_text("line 229").is_visible()
    visited.get_by_text("220 more lines").click()
    assert visited.get_by_text("line 229").is_visible()
    red = visited.locator(".said-red")
    assert red.text_content() == "red"
    assert red.evaluate("e => getComputedStyle(e).color") == "rgb(163, 32, 26)"


def test_a_forged_report_can_not_put_markup_into_the_page(browser: Browser, tmp_path: Path) -> None:
    books = notebooks()
    for name, book in books.items():
        for cell in book.cells:
            for output in cell.get("outputs", []):
                if "image/svg+xml" in output.get("data", {}):
                    output.data["image/svg+xml"] = BAD_SVG
                if SHOWN in output.get("data", {}):
                    output.data["text/html"] = BAD_HTML
                    output.data[SHOWN]["noun"] = output.data[SHOWN]["svg"] = BAD_HTML
        forms = {"text/html": BAD_HTML, "text/plain": f"<script>{name}</script>"}
        book.cells.append(own.cell(new_output("display_data", data=forms)))
        book.cells.append(own.cell(own.data(text_markdown=f"![x]({ELSEWHERE}) {BAD_HTML}")))
    made = page(assemble(books, RUN, Title("A report")))
    tree = html5lib.parse(made, namespaceHTMLElements=False)
    tags = [str(element.tag).rpartition("}")[2] for element in tree.iter()]
    assert not {"foreignObject", "iframe", "link"} & set(tags)
    assert (tags.count("script"), tags.count("meta")) == (1, 5)
    for element in tree.iter():
        assert not [name for name in element.keys() if str(name).startswith("on")]  # noqa: SIM118
        assert ELSEWHERE not in str(dict(element.items()))
    visited, seen = visit(browser, made, tmp_path)
    visited.wait_for_timeout(300)
    assert (seen, visited.url[:5]) == ([], "file:")


def test_a_wide_drawing_scrolls_on_a_phone_as_a_figure_does(
    browser: Browser, tmp_path: Path
) -> None:
    wide = own.SVG.replace('width="60" height="30"', 'width="800" height="360"')
    html = page(own.document(own.cell(own.svg(wide), own.svg(), caption="A.", alt="B")))
    visited, _ = visit(browser, html, tmp_path, viewport={"width": 390, "height": 800})
    widths = [
        (found.bounding_box() or {"width": 0})["width"]
        for found in visited.locator("span.drawing svg").all()
    ]
    theirs = visited.locator("figure.figure svg").first.bounding_box()
    assert theirs
    assert widths == [theirs["width"], 60]
    assert visited.locator("span.drawing").first.evaluate("e => e.scrollWidth > e.clientWidth")
    wide_page, room = visited.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide_page <= room
