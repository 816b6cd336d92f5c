"""The page in a real browser: its arithmetic against Python's, its controls, its requests."""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from rnn.exhibits.forms import SHOWN
from rnn.network import CELLS, Model, Network, size
from rnn.report.document import assemble
from rnn.report.nodes import Title
from rnn.report.page import live
from rnn.report.page.excerpt import Excerpt
from rnn.report.page.exporter import page
from rnn.report.page.scripts import runs
from rnn.run import trained_model
from rnn.sampling import compose
from rnn.settings import Settings
from rnn.text import code_points, encode
from rnn.training import train
from tests import executed
from tests.browser import chromium

BOOK = (Path(__file__).parents[3] / "data/tales.txt").read_text(encoding="utf-8")[:30_000].lower()
# The page can't run a cell without a script; test_scripts.py tests that the page says so.
SCRIPTED = [cell for cell in CELLS if runs(cell)]
TITLE = Title(
    "</title><script>alert(1)</script> {{ 7*7 }} $x$ \u2028", "A & B", "DD2424", "May 2026"
)
NOTES = (
    "It **falls**.[^1] </textarea></section><script>alert(9)</script> {{ 7*7 }} $x$\n\n[^1]: So."
)
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
Open = Callable[..., Page]


@cache
def trained(cell: str) -> Model:
    """Return a small model with its weights rounded as the page has them, in float64."""
    vocabulary = "".join(sorted(set(BOOK)))
    x = encode(BOOK, vocabulary)
    settings = Settings(
        cell=cell, hidden_size=16, optimiser="adam", learning_rate=0.01, max_updates=3000,
        sample_every=10_000,
    )  # fmt: skip
    *_, run = train(x, x[:0], len(vocabulary), settings)
    model = trained_model(run, vocabulary, x[0])
    return replace(model, network=rounded(model.network))


def rounded(network: Network) -> Network:
    """Return a network with its weights rounded as the page has them, in float64."""
    return network.like(network.theta.astype(np.float32).astype(np.float64))


@cache
def written(cell: str, excerpt: Excerpt | None = None) -> str:
    """Return a page with a passage that a small model wrote."""
    model, notebooks, run = trained(cell), executed.notebooks(), {**executed.RUN}
    run["parameters"] = {**run["parameters"], "prime": "", "passage_length": 400}
    passage = compose(model, 400, seed=400)
    notebooks["04_sampling"].cells[-1].outputs[0].data[SHOWN]["text"] = passage
    return page(assemble(notebooks, run, TITLE, {3: NOTES}), model, executed.HISTORY, excerpt)


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens a page from a file; in the end nothing may have gone wrong."""
    contexts, wrong, requests = [], [], []

    def visit(html: str, **options: Any) -> Page:
        file = tmp_path / "report.html"
        file.write_text(html, encoding="utf-8")
        context = browser.new_context(**({"viewport": WIDE} | options))
        contexts.append(context)
        visited = context.new_page()
        visited.set_default_timeout(10_000)
        visited.on("console", lambda message: wrong.append(message.text))
        visited.on("pageerror", lambda error: wrong.append(str(error)))
        visited.on("dialog", lambda dialog: wrong.append(dialog.message))
        visited.on("request", lambda request: requests.append(request.url))
        visited.goto(file.as_uri())
        return visited

    yield visit
    for context in contexts:
        context.close()
    assert wrong == []
    assert {url for url in requests if not url.startswith("data:")} <= {
        (tmp_path / "report.html").as_uri()
    }


def probabilities(model: Model, text: str) -> Any:
    """Return the probabilities of each character of a text, (n, K), read from the model's state."""
    network, rows = model.network, []
    work = network.workspace(1, 1)
    work.states[:, 0, 0] = model.states
    for x in [model.first, *encode(text, model.vocabulary)[:-1]]:
        CELLS[network.cell].forward(network.p, np.array([[x]]), work)
        rows.append(work.output.P[0].copy())
        work.states[:, 0] = work.states[:, 1]
    return np.array(rows)


@pytest.mark.parametrize("cell", SCRIPTED)
def test_the_probabilities_are_those_of_python(opened: Open, cell: str) -> None:
    visited, model = opened(written(cell)), trained(cell)
    text = BOOK[5000:6000]
    found = visited.evaluate(
        """(text) => {
             let state = begin([]);
             return encode(text).map((k) => {
               const P = Array.from(model.predict(state));
               state = model.step(k, state);
               return P;
             });
           }""",
        text,
    )
    expected = probabilities(model, text)
    assert np.shape(found) == (1000, len(model.vocabulary))
    assert np.abs(np.array(found) - expected).max() < 1e-10  # 1e-5 is asked for
    assert expected.max(1).std() > 0.05  # they do differ from one place to the next


@pytest.mark.parametrize("cell", SCRIPTED)
def test_the_text_of_a_seed_is_that_of_python(opened: Open, cell: str) -> None:
    visited, model = opened(written(cell)), trained(cell)
    for seed, prime, temperature, top_p in [
        (0, "", 1.0, 1.0),
        (400, "", 0.5, 1.0),
        (2**32 - 1, "Once upon a time", 1.0, 0.9),
        (2**40 + 7, "the", 1.7, 0.5),
        (9, "\n", 0.05, 0.3),
    ]:
        expected = compose(model, 500, prime=prime, temperature=temperature, top_p=top_p, seed=seed)
        given = [prime, temperature, top_p, seed]
        found = visited.evaluate(
            """([prime, temperature, topP, seed]) =>
               compose({ length: 500, prime, temperature, topP, seed })""",
            given,
        )
        assert found == expected, given


def test_a_prime_text_is_normalised_and_lacking_characters_are_named(opened: Open) -> None:
    vocabulary = "".join(sorted(set("abcé\U0001f600")))
    network = Network("rnn", 5, 7, np.zeros(size("rnn", 5, 7)))
    model = replace(executed.model(), network=network, vocabulary=vocabulary, first=0)
    model = replace(model, lowercase=True, unicode_form="nfc")
    run = {**executed.RUN, "parameters": {**executed.RUN["parameters"], "prime": ""}}
    visited = opened(page(assemble(executed.notebooks(), run, TITLE), model))
    assert not visited.locator(".reader").count()  # this model can't have written the passage
    assert visited.evaluate("encode('ABE\u0301\U0001f600')") == [0, 1, 3, 4]
    prime = visited.get_by_label("Prime text")
    prime.fill("xa\u200b\U0001f601")
    status = visited.locator("#write-status")
    said = status.text_content() or ""
    assert said.startswith(
        "The network does not know “x” (U+0078), U+200B, “\U0001f601” (U+1F601): only"
    )
    visited.get_by_role("button", name="Write", exact=True).click()
    assert status.text_content() == said
    assert prime.get_attribute("aria-invalid") == "true"
    prime.fill("ab")
    assert (status.text_content(), prime.get_attribute("aria-invalid")) == ("", None)


@pytest.fixture(scope="module")
def html() -> str:
    return written("rnn")


def test_only_what_the_console_calls_is_global(opened: Open, html: str) -> None:
    names = "Object.getOwnPropertyNames(globalThis)"
    empty = set(opened("<title>empty</title>").evaluate(names))
    visited = opened(html)
    assert set(visited.evaluate(names)) - empty == {"model", "encode", "begin", "compose"}
    inner = ("one", "still", "cells", "network", "draw", "NAMES", "writeWithModel")
    assert visited.evaluate(f"[{', '.join(f'typeof {name}' for name in inner)}]") == (
        ["undefined"] * len(inner)
    )
    called = visited.evaluate("compose({ prime: 'once', length: 200, seed: 1 })")
    assert called == compose(trained("rnn"), 200, prime="once", seed=1)


def wait(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; the page's policy forbids Playwright's own way of waiting."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def output(visited: Page) -> str:
    return visited.locator("#write-text").text_content() or ""


def finish(visited: Page, count: int) -> None:
    visited.get_by_text(f"{count:,} characters written.").wait_for()


def test_writing_with_the_mouse(opened: Open, html: str) -> None:
    visited, model = opened(html), trained("rnn")
    write = visited.get_by_role("button", name="Write", exact=True)
    visited.get_by_label("Pace").select_option("at once")
    write.click()
    finish(visited, 400)
    # With the settings that the page begins with, what comes out is the passage.
    assert output(visited) == compose(model, 400, seed=400)
    assert output(visited) == visited.locator("#text-passage pre").text_content()
    visited.get_by_label("Prime text").fill("Once ")
    visited.get_by_label("Length", exact=True).fill("50")
    visited.locator("#write").get_by_role("spinbutton", name="Seed").fill("7")
    for name, value in (("Temperature", "0.5"), ("Top-p", "0.8")):
        visited.get_by_role("slider", name=name).fill(value)
    visited.get_by_label("Pace").select_option("fast")
    write.click()
    finish(visited, 50)
    given = {"prime": "Once ", "temperature": 0.5, "top_p": 0.8, "seed": 7}
    assert output(visited) == "once " + compose(model, 50, **given)  # type: ignore[arg-type]
    visited.get_by_role("button", name="Continue").click()
    finish(visited, 100)
    visited.get_by_role("button", name="One character").click()
    finish(visited, 101)
    assert output(visited) == "once " + compose(model, 101, **given)  # type: ignore[arg-type]


def test_it_stops_and_goes_on(opened: Open, html: str) -> None:
    visited, model = opened(html), trained("rnn")
    visited.get_by_label("Pace").select_option("slow")
    visited.get_by_role("button", name="Write", exact=True).click()
    wait(lambda: len(output(visited)) > 1)
    visited.get_by_role("button", name="Stop").click()
    stopped = output(visited)
    assert 1 < len(stopped) < 400
    visited.get_by_label("Pace").select_option("at once")
    visited.get_by_role("button", name="Continue").click()
    finish(visited, 400)
    assert output(visited) == compose(model, 400, seed=400)
    assert output(visited).startswith(stopped)


def test_a_bar_forces_its_character_by_mouse_and_by_key(opened: Open, html: str) -> None:
    visited, model = opened(html), trained("rnn")
    bars = visited.get_by_role("group", name="The next character").get_by_role("button")
    names = {"space": " ", "line end": "\n"}

    def first() -> tuple[str, float]:
        name, _, share = bars.first.locator("span").all_text_contents()
        return names.get(name, name), float(share.removesuffix("%")) / 100

    text = ""
    uses: list[Callable[[], None]] = [
        lambda: bars.first.click(),
        lambda: bars.first.press("Enter"),
        lambda: bars.first.press("Space"),
    ]
    for use in uses:
        P = probabilities(model, text + "x")[-1]
        character, share = first()
        assert character == model.vocabulary[P.argmax()]
        assert abs(share - P.max()) < 0.001
        use()
        text += character
        assert output(visited) == text
    bars.nth(3).press("Q" if "q" in model.vocabulary else "e")
    assert output(visited)[3:] in ("q", "e")
    finish(visited, 4)


def test_the_evolution_by_mouse_and_by_key(opened: Open, html: str) -> None:
    visited = opened(html)
    figure = visited.locator("figure.evolution")
    slider, said = figure.get_by_role("slider"), figure.locator("output")
    samples = figure.locator("pre")

    def seen() -> list[bool]:
        return [samples.nth(i).is_visible() for i in range(3)]

    assert seen() == [True] * 3  # until one is chosen
    assert figure.get_by_role("button", name="Show all").get_attribute("aria-pressed") == "true"
    slider.press("Home")
    assert said.text_content() == "Step 0, smoothed loss 109.55"
    assert slider.get_attribute("aria-valuetext") == said.text_content()
    assert seen() == [True, False, False]
    slider.press("ArrowRight")
    assert seen() == [False, True, False]
    box = slider.bounding_box()
    assert box
    slider.click(position={"x": box["width"] - 4, "y": box["height"] / 2})
    assert said.text_content() == "Step 20,000, smoothed loss 49.87"
    figure.get_by_role("button", name="Show all").press("Enter")
    assert seen() == [True] * 3
    figure.get_by_role("button", name="Show all").click()
    assert seen() == [False, False, True]
    figure.get_by_role("button", name="Play").click()
    assert seen() == [True, False, False]
    wait(lambda: slider.input_value() == "1")
    figure.get_by_role("button", name="Pause").press("Space")
    assert figure.get_by_role("button", name="Play").count()
    visited.emulate_media(media="print")
    assert seen() == [True] * 3
    assert not slider.is_visible()


def test_the_passage_is_read_by_mouse_and_by_key(opened: Open, html: str) -> None:
    visited, model = opened(html), trained("rnn")
    figure = visited.locator("#text-passage")
    passage = figure.locator("pre").text_content() or ""
    P = probabilities(model, passage)
    slider, said = figure.get_by_role("slider"), figure.locator("output")

    def expected(i: int) -> str:
        p = P[i, model.vocabulary.index(passage[i])]
        name = {" ": "space", "\n": "line end"}.get(passage[i], passage[i])
        return f"{i + 1} of 400: “{name}”, {100 * p:.1f}%, {-np.log2(p):.1f} bits of surprise"

    slider.press("End")
    assert said.text_content() == expected(399)
    assert slider.get_attribute("aria-valuetext") == expected(399)
    slider.press("ArrowLeft")
    assert said.text_content() == expected(398)
    letters = [i for i, c in enumerate(passage) if c.isalpha()]
    figure.locator("pre > span").nth(letters[20]).hover()
    assert said.text_content() == expected(letters[20])
    figure.locator("pre > span").nth(letters[30]).click()
    visited.keyboard.press("ArrowRight")
    assert said.text_content() == expected(letters[30] + 1)
    came = figure.locator(".came .share").text_content()
    assert came == expected(letters[30] + 1).split(", ")[-2]
    units = figure.get_by_role("img", name="16 hidden units")
    assert (
        units.evaluate("c => new Set(c.getContext('2d').getImageData(0, 0, c.width, 8).data).size")
        > 4
    )
    shade = figure.get_by_role("checkbox")
    ground = "e => getComputedStyle(e).backgroundColor"
    element = figure.locator("pre > span").nth(letters[20])
    assert "0.0" not in str(element.evaluate(ground))[-5:]
    shade.press("Space")
    assert element.evaluate(ground) == "rgba(0, 0, 0, 0)"
    shade.click()
    assert element.evaluate(ground) != "rgba(0, 0, 0, 0)"


def test_theme_code_and_contents(opened: Open, html: str) -> None:
    visited = opened(html, color_scheme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = visited.evaluate(paper)
    visited.get_by_text("dark", exact=True).click()
    dark = visited.evaluate(paper)
    assert dark != light
    visited.get_by_role("radio", name="dark").press("ArrowLeft")
    assert visited.evaluate(paper) == light
    visited.get_by_role("radio", name="light").press("ArrowLeft")
    visited.emulate_media(color_scheme="dark")
    assert visited.evaluate(paper) == dark

    folded = "[...document.querySelectorAll('details.code')].map((d) => d.open)"
    visited.get_by_role("button", name="Unfold all code").click()
    assert set(visited.evaluate(folded)) == {True}
    visited.get_by_role("button", name="Fold all code", exact=True).press("Enter")
    assert set(visited.evaluate(folded)) == {False}
    visited.locator("details.code summary").first.press("Enter")
    assert visited.evaluate(folded)[0]

    contents = visited.get_by_role("navigation", name="Contents")
    current = contents.locator("[aria-current=location]")
    for anchor in ("part-3", "chapter-2"):
        contents.locator(f"a[href='#{anchor}']").press("Enter")
        contents.locator(f"a[href='#{anchor}'][aria-current=location]").wait_for()
        assert current.count() == 1
    for link in visited.locator("figcaption a.name").all():
        assert visited.locator(f"figure{link.get_attribute('href')}").count() == 1


def test_on_a_phone_the_contents_follow_as_a_bar(opened: Open, html: str) -> None:
    visited = opened(html, viewport=PHONE, has_touch=True, is_mobile=True)
    assert visited.evaluate("document.documentElement.scrollWidth") == 390
    contents = visited.get_by_role("navigation", name="Contents")
    link = contents.get_by_role("link", name="Training")
    assert not link.is_visible()
    contents.locator("summary").tap()
    link.tap()
    assert not link.is_visible()
    wait(lambda: contents.locator(".here").text_content() == "3 Training")
    box = contents.bounding_box()
    assert box
    assert abs(box["y"]) < 1
    visited.locator("#text-passage pre > span").nth(40).tap()
    assert (visited.locator("#text-passage output").text_content() or "").startswith("41 of 400")


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_rule_of_axe_is_broken(opened: Open, html: str, scheme: str, viewport: Any) -> None:
    visited = opened(html, viewport=viewport, color_scheme=scheme)
    visited.get_by_label("Pace").select_option("at once")
    visited.get_by_role("button", name="Write", exact=True).click()
    finish(visited, 400)
    for unfold in (False, True):
        if unfold:
            if viewport is PHONE:
                visited.locator(".contents summary").click()
            visited.get_by_role("button", name="Unfold all code").click()
        violations: Any = Axe().run(visited).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_no_rule_of_axe_is_broken_without_scripts(opened: Open, html: str, viewport: Any) -> None:
    # axe is a script, so scripts can't be switched off: the page's own are removed instead.
    still = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    visited = opened(still, viewport=viewport)
    for scheme in ("light", "dark"):
        visited.emulate_media(color_scheme=scheme)
        violations: Any = Axe().run(visited).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []


def test_without_scripts_all_is_there_and_still(opened: Open, html: str) -> None:
    visited = opened(html, java_script_enabled=False)
    assert not visited.locator(".live:visible, button:visible, input:visible").count()
    assert visited.get_by_text("With JavaScript on, you can write").is_visible()
    assert all(sample.is_visible() for sample in visited.locator(".evolution pre").all())
    assert visited.get_by_role("navigation", name="Contents").get_by_role("link").count() > 8
    visited.locator("details.code summary").first.click()
    assert visited.locator("details.code pre").first.is_visible()


@pytest.mark.parametrize("cell", SCRIPTED)
def test_hostile_content_is_content(opened: Open, cell: str) -> None:
    document = assemble(executed.notebooks(), executed.RUN, TITLE, {1: NOTES, 4: executed.HOSTILE})
    model = executed.model(cell)
    visited = opened(page(document, model))
    assert visited.title() == TITLE.title.replace("\u2028", "U+2028")
    assert visited.locator("script").count() == 2
    assert not visited.locator("main script, main textarea:not(.live textarea)").count()
    assert visited.get_by_text("<script>alert(9)</script>").count() == 1
    prime = executed.RUN["parameters"]["prime"]
    assert visited.get_by_label("Prime text").input_value() == prime
    visited.get_by_label("Pace").select_option("at once")
    visited.get_by_role("button", name="Write", exact=True).click()
    finish(visited, 1000)
    assert output(visited) == prime + compose(
        replace(model, network=rounded(model.network)),
        1000,
        prime=prime,
        seed=400,
    )
    assert code_points(output(visited)).max() > 0xFFFF
    passage = visited.locator("#text-passage")
    spans = passage.locator("pre > span").count()
    assert spans == len(executed.HOSTILE) * 3
    passage.get_by_role("slider").press("End")
    assert "“space”" in (passage.locator("output").text_content() or "")


def test_a_page_without_a_script_for_its_cell_says_so(opened: Open) -> None:
    model = replace(executed.model(), network=replace(executed.model().network, cell="new"))
    visited = opened(page(assemble(executed.notebooks(), executed.RUN, TITLE), model))
    assert visited.get_by_text("The page has no script for the model's cell, new").is_visible()
    assert not visited.locator("#write, .reader, a[href='#write']").count()
    assert visited.locator(".evolution [type=range]").is_visible()


def test_a_page_whose_weights_are_left_out_says_so(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LARGEST", 100)
    visited = opened(written.__wrapped__("rnn"))
    assert visited.get_by_text("more than a page should carry").is_visible()
    assert not visited.locator("#write, .reader").count()
    assert visited.locator(".evolution [type=range]").is_visible()


ROOTS = [
    r"\sqrt{s + \epsilon}",
    r"\sqrt[3]{x + 1}",
    r"\frac{g}{\sqrt{v} + \epsilon}",
    r"\sqrt{\frac{a}{b}}",
]


@pytest.fixture
def one_font(tmp_path: Path) -> Iterator[Browser]:
    """Start a browser on a machine that has a single font, without a MATH table."""
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    shutil.copy(Path(mpl.get_data_path()) / "fonts/ttf/cmr10.ttf", fonts)  # it has no root either
    config = tmp_path / "fonts.conf"
    config.write_text(
        f"<fontconfig><dir>{fonts}</dir><cachedir>{tmp_path / 'cache'}</cachedir></fontconfig>"
    )
    with chromium(FONTCONFIG_FILE=str(config)) as browser:
        yield browser


def roots(browser: Browser, html: str, file: Path) -> list[tuple[float, float]]:
    """Return by how much the box of each root is wider and higher than that of what it is of."""
    file.write_text(html, encoding="utf-8")
    view = browser.new_page()
    view.goto(file.as_uri())
    view.evaluate("document.fonts.ready.then(() => true)")
    boxes: list[tuple[float, float]] = view.evaluate(
        """[...document.querySelectorAll(".notes :is(msqrt, mroot)")].map(root => {
            const [a, b] = [root, root.firstElementChild].map(e => e.getBoundingClientRect());
            return [a.width - b.width, a.height - b.height];
        })"""
    )
    view.close()
    return boxes


def test_a_root_is_drawn_without_any_math_font_on_the_machine(
    one_font: Browser, tmp_path: Path
) -> None:
    notes = {1: "\n\n".join(f"$${tex}$$" for tex in ROOTS)}
    html = page(assemble(executed.notebooks(), executed.RUN, TITLE, notes))
    boxes = roots(one_font, html, tmp_path / "page.html")
    assert len(boxes) == len(ROOTS)
    for wider, higher in boxes:
        assert wider > 8, "the sign of the root is there"
        assert higher > 1, "and its bar"
    bare = re.sub(r"<style>@font-face.*?</style>", "", html)
    assert roots(one_font, bare, tmp_path / "bare.html")[0][0] < 8, "or else this says nothing"


BESIDE = ["10^{-6}", "x^2", "W^\\top", "(a + b)^n", "e^{-x}", "A_i", "h_{t-1}", "p_k"]


def test_scripts_stand_beside_what_they_belong_to(one_font: Browser, tmp_path: Path) -> None:
    notes = {1: "\n\n".join(f"so ${tex}$" for tex in BESIDE)}
    html = page(assemble(executed.notebooks(), executed.RUN, TITLE, notes))
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    view = one_font.new_page()
    view.goto((tmp_path / "page.html").as_uri())
    view.evaluate("document.fonts.ready.then(() => true)")
    boxes = view.evaluate(
        """[...document.querySelectorAll(".notes :is(msup, msub)")].map(script => {
            const [a, b] = [...script.children].map(e => e.getBoundingClientRect());
            const shared = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            return [shared, script.tagName == "msup" ? a.top - b.top : b.bottom - a.bottom];
        })"""
    )
    view.close()
    assert len(boxes) == len(BESIDE)
    for shared, beyond in boxes:
        assert shared > 1, "it reaches beside the letter"
        assert beyond > 1, "and above or below it"
