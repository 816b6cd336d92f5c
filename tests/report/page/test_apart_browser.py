"""Taking the network apart in the page, in a real browser: its sums and losses against Python's."""

import json
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from numpy.typing import NDArray
from PIL import Image, ImageColor
from playwright.sync_api import Browser, Locator, Page

from rnn.exhibits.writing import SHADES
from rnn.network import CELLS, Model
from rnn.numerics.generator import PASSAGE, generator, uniform
from rnn.report.page.excerpt import Excerpt
from rnn.sampling import compose, draw
from rnn.text import encode
from tests.report.page.test_page_browser import BOOK, SCRIPTED, trained, written

WIDE: Any = {"width": 1440, "height": 900}
PHONE: Any = {"width": 390, "height": 844}
TRAINING, VALIDATION = BOOK[:700], BOOK[9000:9400]
NEURONS = [
    [3, "being inside <quotes>", 0.5],
    [5, "the position in the line", -0.45],
    [7, "having just read a tab", 0.29],
]
Open = Callable[..., Page]


def page_of(cell: str = "rnn") -> str:
    """Return a page whose data have an excerpt of the book, and units that follow something."""
    neurons = json.dumps(NEURONS).replace("<", "\\u003c")
    html = written(cell, Excerpt(TRAINING, VALIDATION))
    assert html.count('"neurons":[]') == 1
    return html.replace('"neurons":[]', f'"neurons":{neurons}')


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens a page; no error may follow."""
    wrong: list[str] = []

    def visit(cell: str = "rnn", **options: Any) -> Page:
        file = tmp_path / "report.html"
        file.write_text(page_of(cell), encoding="utf-8")
        visited = browser.new_page(**({"viewport": WIDE} | options))
        visited.set_default_timeout(20_000)
        for event in ("console", "pageerror", "dialog"):
            visited.on(event, lambda what: wrong.append(str(what)))
        visited.goto(file.as_uri())
        settle(visited)
        return visited

    yield visit
    assert wrong == []


def settle(visited: Page) -> None:
    """Wait until the numbers of the whole network are there, or of both."""
    last = "with-all" if visited.locator("#apart-everyone").is_disabled() else "both"
    column = 2 if last == "with-all" else 3
    for row in ("chosen", "held"):
        visited.locator(f"#apart-{row} td:nth-child({column}) data").wait_for()


def passage_of(visited: Page) -> str:
    return visited.locator("#text-passage pre").text_content() or ""


def step(model: Model, x: int, states: NDArray[Any], off: Iterable[int] = ()) -> Any:
    """Return the states after a character, with some units at zero, and the probabilities."""
    network = model.network
    work = network.workspace(1, 1)
    work.states[:, 0, 0] = states
    CELLS[network.cell].forward(network.p, np.array([[x]]), work)
    after = work.states[:, 1, 0].copy()
    after[0, list(off)] = 0
    scores = network.p.V @ after[0] + network.p.c
    P = np.exp(scores - scores.max())
    return after, P / P.sum()


def states_of(model: Model, read: Iterable[int], start: NDArray[Any]) -> list[NDArray[Any]]:
    """Return the states before each character of a text, and after it."""
    states = [start]
    for x in read:
        states.append(step(model, x, states[-1])[0])
    return states


def surprise(
    model: Model, read: list[int], start: NDArray[Any], off: Iterable[int] = ()
) -> NDArray[Any]:
    """Return the surprise of each character but the first, in nats."""
    found = []
    for x, y in pairwise(read):
        start, P = step(model, x, start, off)
        found.append(-np.log(P[y]))
    return np.array(found)


def addends(rows: Locator) -> dict[str, float]:
    """Return what is added up, by name, in full precision."""
    found = rows.evaluate_all(
        """(all) => all.map((row) => [
             row.children[0].textContent, Number(row.children[2].value)])"""
    )
    assert len({name for name, _ in found}) == len(found)
    return dict(found)


def choose(visited: Page, place: int) -> None:
    """Choose a character of the passage by its index, as the slider would."""
    visited.locator("#apart-at").evaluate(
        "(e, at) => { e.value = at; e.dispatchEvent(new Event('input')); }", place + 1
    )
    visited.get_by_text(f"{place + 1} of 400:").first.wait_for()


def by_unit(shown: dict[str, float]) -> dict[int, float]:
    return {int(name[5:]): value for name, value in shown.items() if name.startswith("unit ")}


@pytest.mark.parametrize("cell", SCRIPTED)
def test_a_score_is_the_sum_that_is_shown(opened: Open, cell: str) -> None:
    visited, model = opened(cell), trained(cell)
    p, x = model.network.p, [model.first, *encode(passage_of(visited), model.vocabulary)]
    states = states_of(model, x, model.states)
    for place in (0, 37, 399):
        choose(visited, place)
        h = states[place + 1][0]
        for bar in (0, 3):  # the likeliest character, and another
            visited.locator("#apart-next .next").nth(bar).click()
            pressed = visited.locator("#apart-next [aria-pressed=true]")
            k = int(pressed.get_attribute("value") or "")
            shown = addends(visited.locator("#apart-score > *"))
            score = p.V[k] @ h + p.c[k]
            assert abs(sum(shown.values()) - score) < 1e-9
            assert abs(shown["the bias"] - p.c[k]) < 1e-12
            units = by_unit(shown)
            assert all(abs(value - p.V[k, j] * h[j]) < 1e-9 for j, value in units.items())
            assert set(units) == set(np.argsort(-np.abs(p.V[k] * h))[:8].tolist())
            said = (visited.locator("#apart-sum").text_content() or "").replace("−", "-")
            assert f"add up to {score:+.3f}, the score of" in said
            P = np.exp(p.V @ h + p.c)
            assert f"{100 * P[k] / P.sum():.1f}%" in said


def blocks_of(model: Model, j: int, x: int, before: NDArray[Any]) -> dict[str, dict[str, Any]]:
    """Return for each block of a unit its value and what went into it, as the cells are defined."""
    p, m, h = model.network.p, model.network.m, before[0]
    names = {
        "rnn": ["h"],
        "gru": ["reset gate r", "update gate z", "candidate n"],
        "lstm": ["input gate i", "forget gate f", "candidate n", "output gate o"],
    }[model.network.cell]
    found: dict[str, dict[str, Any]] = {}
    for block, name in enumerate(names):
        row = block * m + j
        gate = found["reset gate r"]["value"] if (block, len(names)) == (2, 3) else 1.0
        units = gate * p.W[row] * h
        a = units.sum() + p.U[row, x] + p.b[row]
        value = 1 / (1 + np.exp(-a)) if "gate" in name else np.tanh(a)
        found[name] = {"value": value, "units": units, "x": p.U[row, x], "b": p.b[row], "a": a}
    return found


@pytest.mark.parametrize("cell", SCRIPTED)
def test_a_unit_is_the_sums_that_are_shown_step_by_step_back(opened: Open, cell: str) -> None:
    visited, model = opened(cell), trained(cell)
    x = [model.first, *encode(passage_of(visited), model.vocabulary)]
    states = states_of(model, x, model.states)
    choose(visited, 50)
    visited.locator("#apart-score button").nth(1).click()
    names = []
    for back in range(3):
        title = (visited.locator("#apart-unit").text_content() or "").replace("−", "-")
        j, after, t = int(title.split()[1]), float(title.split()[-1]), 51 - back
        names.append(j)
        assert abs(after - states[t][0, j]) < 1e-3
        expected = blocks_of(model, j, x[t - 1], states[t - 1])
        shown = visited.locator("#apart-inside .block")
        assert shown.count() == len(expected)
        for block in shown.all():
            heading = (block.locator("h5").text_content() or "").replace("−", "-")
            one = expected[heading.split(" = ")[0]]
            assert f"{one['a']:+.3f}" in heading
            assert heading.endswith(f"≈ {one['value']:.3f}")
            sums = block.locator(".bars")
            assert np.allclose(
                list(addends(sums.nth(0).locator(":scope > *")).values()),
                [one["x"], one["units"].sum(), one["b"]],
                atol=1e-9,
            )
            units = addends(sums.nth(1).locator(":scope > *"))
            assert abs(sum(units.values()) - one["units"].sum()) < 1e-9
            assert all(abs(v - one["units"][i]) < 1e-9 for i, v in by_unit(units).items())
        if back == 0:
            visited.locator("#apart-inside button").first.press("Enter")  # another unit before it
        else:
            visited.get_by_role("button", name="One step back").click()  # the same unit
    assert len(names) == 3
    assert names[1] == names[2]
    trail = visited.locator("#apart-trail").text_content() or ""
    assert [int(step.split()[1]) for step in trail.split(" ← ")] == [*names, names[2]]
    for _ in range(3):
        visited.get_by_role("button", name="Return").click()
    assert visited.get_by_role("button", name="Return").is_disabled()
    assert (visited.locator("#apart-unit").text_content() or "").startswith(f"Unit {names[0]} ")


def value(visited: Page, row: str, column: int) -> float:
    cell = visited.locator(f"#apart-{row} td:nth-child({column + 1}) data")
    return float(cell.get_attribute("value") or "nan")


@pytest.mark.parametrize("cell", SCRIPTED)
def test_units_that_are_off_change_what_a_python_model_says(opened: Open, cell: str) -> None:
    visited, model = opened(cell), trained(cell)
    text = [model.first, *encode(passage_of(visited), model.vocabulary)]
    held = list(encode(VALIDATION, model.vocabulary))
    choose(visited, 80)
    grid = visited.locator("#apart-grid")
    grid.get_by_role("button", name="unit 3", exact=True).click()
    grid.get_by_role("button", name="unit 0", exact=True).focus()
    for key in ("ArrowRight", "ArrowRight", "End", "ArrowLeft", "Enter"):
        visited.keyboard.press(key)
    off, m = [3, 14], model.network.m
    assert visited.locator("#apart-lacking").text_content() == "without units 3, 14"
    settle(visited)
    for column, lacking in ((1, []), (2, off)):
        nats = surprise(model, text, model.states, lacking)
        assert abs(value(visited, "passage", column) - nats.mean()) < 1e-6
        both = visited.locator(f"#apart-passage td:nth-child({column + 1})").text_content()
        assert both == f"{nats.mean():.3f} ({nats.mean() / np.log(2):.3f})"
        loss = surprise(model, held, model.states, lacking).mean()
        assert abs(value(visited, "held", column) - loss) < 1e-6
        assert abs(value(visited, "chosen", column) - np.exp(-nats[80])) < 1e-6
    assert value(visited, "passage", 2) > value(visited, "passage", 1)
    assert m == 16
    assert visited.locator("#apart-at").input_value() == "81"  # the choice is kept
    said = visited.locator("#apart-sum").text_content() or ""
    assert said.startswith("The bias and the 14 units that are on add up to ")
    runs = visited.locator("#text-passage .runs")  # beside the passage
    assert runs.text_content() == "The page runs the report’s network, without units 3, 14."
    assert runs.is_visible()

    assert visited.locator("#apart-whole-sample").text_content() == compose(model, 160, seed=1)
    text_without = visited.locator("#apart-lacking-sample").text_content()
    assert text_without == without(model, off, 160)
    visited.get_by_label("Prime text").fill("")
    visited.locator("#write-seed").fill("1")
    visited.locator("#write-length").fill("160")
    visited.get_by_label("Pace").select_option("at once")
    visited.get_by_role("button", name="Write", exact=True).click()
    visited.get_by_text("160 characters written.").wait_for()
    assert visited.locator("#write-text").text_content() == text_without

    visited.get_by_role("button", name="Switch all on").click()
    settle(visited)
    assert not grid.locator("[aria-pressed=true]").count()
    assert not runs.is_visible()
    assert not visited.locator("#apart-lacking-sample").is_visible()
    assert visited.evaluate("compose({ length: 160, seed: 1 })") == compose(model, 160, seed=1)


def without(model: Model, off: list[int], length: int) -> str:
    """Write a text as `compose` does, with some units at zero after every character."""
    random, text = generator(1, PASSAGE), ""
    states, P = step(model, model.first, model.states, off)
    while len(text) < length:
        k = draw(P, uniform(random))
        text += model.vocabulary[k]
        states, P = step(model, k, states, off)
    return text


def test_switching_a_unit_keeps_what_the_reader_was_at(opened: Open) -> None:
    visited = opened()
    visited.get_by_label("Pace").select_option("at once")
    visited.get_by_label("Length", exact=True).fill("30")
    visited.get_by_role("button", name="Write", exact=True).click()
    visited.get_by_text("30 characters written.").wait_for()
    text = visited.locator("#write-text").text_content()
    choose(visited, 50)
    visited.locator("#apart-next .next").nth(3).click()
    visited.locator("#apart-score button").nth(1).click()
    visited.get_by_role("button", name="One step back").click()

    def at() -> tuple[str | None, list[str], int]:
        trail = visited.locator("#apart-trail").text_content() or ""
        pressed = visited.locator("#apart-next [aria-pressed=true]")
        return pressed.get_attribute("value"), trail.split(" ← "), pressed.count()

    before = at()
    assert len(before[1]) == 2
    likeliest = visited.locator("#apart-next .next").first.get_attribute("value")
    assert before[0] != likeliest
    for name in ("unit 3", "unit 14"):
        visited.locator("#apart-grid").get_by_role("button", name=name, exact=True).click()
    settle(visited)
    assert at() == before
    assert visited.locator("#write-text").text_content() == text
    runs = visited.locator("#write .runs")
    assert runs.text_content() == "The page runs the report’s network, without units 3, 14."
    visited.get_by_role("button", name="One character").click()
    assert visited.locator("#write-status").text_content() == "31 characters written."


def test_what_is_not_read_yet_can_not_be_pressed(opened: Open) -> None:
    visited = opened()
    choose(visited, 50)
    visited.evaluate(
        """() => {
             const draw = requestAnimationFrame, held = [];
             globalThis.requestAnimationFrame = (act) => held.push(act);
             globalThis.release = () => {
               globalThis.requestAnimationFrame = draw;
               for (const act of held) draw(act);
             };
           }"""
    )
    unit = visited.locator("#apart-grid button").nth(3)
    unit.click()
    assert unit.get_attribute("aria-pressed") == "true"
    titles = visited.locator("#apart-unit, #apart-trail, #apart-sum").all_text_contents()
    for button in ("#apart-next .next", "#apart-score button", "#apart-inside button"):
        visited.locator(button).nth(2).click()
    visited.get_by_role("button", name="One step back").click()
    assert visited.locator("#apart-unit, #apart-trail, #apart-sum").all_text_contents() == titles
    visited.evaluate("release()")
    visited.locator("#apart-chosen td:nth-child(3) data").wait_for()
    visited.get_by_role("button", name="One step back").click()
    assert " ← " in (visited.locator("#apart-trail").text_content() or "")


def test_the_units_of_the_figure_can_be_switched_off_by_name(opened: Open) -> None:
    visited = opened()
    named = visited.get_by_role("button", name="unit 5: the position in the line (r = −0.45)")
    assert visited.get_by_text("unit 3: being inside <quotes> (r = 0.50)").is_visible()
    assert visited.locator("#apart-followed button").count() == 2  # the third follows nothing
    named.click()
    assert named.get_attribute("aria-pressed") == "true"
    unit = visited.locator("#apart-grid").get_by_role("button", name="unit 5", exact=True)
    assert unit.get_attribute("aria-pressed") == "true"
    # Another network takes the model's place: it is whole, and the figure is not of its units.
    visited.evaluate(
        """() => {
             const { step } = model;
             const weights = model.weights.map((weight) => weight / 2);
             Object.assign(model, { step: (x, state) => step(x, state), weights });
             document.dispatchEvent(new Event("model"));
           }"""
    )
    assert not visited.locator("#apart-grid [aria-pressed=true]").count()
    assert not named.is_visible()
    settle(visited)


def test_a_text_of_one_s_own_is_taken_apart_or_refused(opened: Open) -> None:
    visited, model = opened(), trained("rnn")
    visited.get_by_label("my own").check()
    said, own = visited.locator("#apart-said"), visited.get_by_label("Text of your own")
    assert said.text_content() == "Type a text of your own."
    assert not visited.locator("#apart-score").is_visible()
    own.fill("\u202e")
    assert said.text_content() == "1 character that the network does not know is left out: U+202E."
    assert own.get_attribute("aria-invalid") == "true"
    assert not visited.locator("#apart-score").is_visible()
    # Typographic characters are read as plain ones, and others are left out by name.
    for given, read, left in [
        ("a \U0001f600", "a ", "“\U0001f600” (U+1F600)."),
        ("“näe” – it’s", '"ne" - it\'s', "“ä” (U+00E4)."),
        ("<img src=x>", "img srcx", "“<” (U+003C), “=” (U+003D), “>” (U+003E)."),
    ]:
        own.fill(given)
        assert (said.text_content() or "").endswith(f" left out: {left}")
        assert own.get_attribute("aria-invalid") is None
        # The character that comes next is a question mark.
        visited.locator("#apart-text").get_by_text(f"{read}?", exact=True).wait_for()
    own.fill("the sea")
    place = visited.locator("#apart-place")
    place.get_by_text("After the text: the character to come.").wait_for()
    assert said.text_content() == ""
    assert own.get_attribute("aria-invalid") is None
    x, zero = encode("the sea", model.vocabulary), np.zeros_like(model.states)
    h = states_of(model, x, zero)[-1][0]
    k = int(np.argmax(model.network.p.V @ h + model.network.p.c))
    shown = addends(visited.locator("#apart-score > *"))
    assert abs(sum(shown.values()) - model.network.p.V[k] @ h - model.network.p.c[k]) < 1e-9
    visited.locator("#apart-at").press("Home")
    assert place.text_content() == "1 of 6: “h”, after “t”."
    visited.locator("#apart-text").get_by_text("s", exact=True).click()
    assert place.text_content() == "4 of 6: “s”, after “space”."
    assert visited.evaluate("document.activeElement.id") == "apart-at"


def test_the_choice_of_the_panel_beside_the_passage_is_followed(opened: Open) -> None:
    visited = opened()
    visited.locator("#text-passage").get_by_role("slider").press("End")
    visited.locator("#apart-place").get_by_text("400 of 400:").wait_for()
    visited.locator("#text-passage pre > span").nth(20).click()
    visited.locator("#apart-place").get_by_text("21 of 400:").wait_for()


@pytest.mark.parametrize("cell", SCRIPTED)
def test_the_nearest_states_are_those_of_python(opened: Open, cell: str) -> None:
    visited, model = opened(cell), trained(cell)
    passage = [model.first, *encode(passage_of(visited), model.vocabulary)]
    choose(visited, 120)
    texts = [("the passage", passage, model.states)]
    texts += [
        (f"the {name} part", list(encode(text, model.vocabulary)), np.zeros_like(model.states))
        for name, text in (("training", TRAINING), ("validation", VALIDATION))
    ]
    states = {
        (name, t): after[0]
        for name, read, start in texts
        for t, after in enumerate(states_of(model, read, start))
        if t
    }
    chosen = states.pop(("the passage", 121))
    far = {place: float(np.linalg.norm(h - chosen)) for place, h in states.items()}
    expected = sorted(far, key=lambda place: far[place])[:10]
    visited.get_by_role("button", name="Find the nearest states").click()
    visited.get_by_text(f"The 10 nearest of {len(states):,} states").wait_for()
    found = visited.locator("#apart-nearest li > span").all_text_contents()
    assert found == [f"{far[name, t]:.3f}, in {name}, at character {t:,}" for name, t in expected]
    read = {name: read for name, read, _ in texts}
    for place, row in zip(expected, visited.locator("#apart-nearest li").all(), strict=True):
        shown = row.locator("mark").text_content()
        name, t = place
        assert shown == model.vocabulary[read[name][t]].replace("\n", "↵")
        assert row.get_by_role("button").count() == (name == "the passage")
    go = visited.locator("#apart-nearest").get_by_role("button")
    if go.count():
        first = next(t for name, t in expected if name == "the passage")
        go.first.click()
        visited.locator("#apart-place").get_by_text(f"{first} of 400:").wait_for()


def test_the_states_are_kept_and_what_is_shown_is_of_the_character_that_is_chosen(
    opened: Open,
) -> None:
    visited = opened()
    choose(visited, 120)
    rows = visited.locator("#apart-nearest li")

    def search(head: str) -> int:
        visited.evaluate(
            """() => {
                 const { step } = model;
                 globalThis.steps = 0;
                 model.step = (...all) => { steps += 1; return step(...all); };
               }"""
        )
        visited.get_by_role("button", name="Find the nearest states").click()
        visited.get_by_text(head).wait_for()
        assert rows.count() == 10
        steps: int = visited.evaluate("steps")
        return steps

    letter = passage_of(visited)[120].replace(" ", "space").replace("\n", "line end")
    assert search(f"to the one before “{letter}” (121 of 400)") > 1000
    choose(visited, 121)
    assert not rows.count()
    assert not visited.locator("#apart-found").text_content()
    assert search("(122 of 400)") == 0
    visited.locator("#apart-next .next").nth(3).click()  # another character, the same state
    assert rows.count() == 10
    visited.get_by_label("my own").check()
    assert not rows.count()
    visited.get_by_label("the passage").check()
    visited.locator("#apart-place").get_by_text("of 400").wait_for()
    search("of 400)")
    visited.locator("#apart-grid button").nth(3).click()
    assert not rows.count()
    visited.locator("#apart-chosen td:nth-child(3) data").wait_for()
    assert search("of 400)") > 1000  # it is another network


def red_and_blue(element: Locator, place: float) -> tuple[int, int]:
    """Return the red and the blue of an element, at a share of its width and half its height."""
    image = Image.open(BytesIO(element.screenshot())).convert("RGB")
    colour: Any = image.getpixel((int(place * image.width), image.height // 2))
    return colour[0], colour[2]


def test_colours_and_their_key_are_those_of_the_figure(opened: Open) -> None:
    visited = opened()
    low, high = (ImageColor.getrgb(shade) for shade in (SHADES[0], SHADES[-1]))
    assert low[0] - low[2] > 50
    assert high[2] - high[0] > 50
    buttons = visited.locator("#apart-grid button").all()
    titles = [str(button.get_attribute("title")).replace("−", "-") for button in buttons]
    values = {float(title.split()[-1]): one for title, one in zip(titles, buttons, strict=True)}
    for strongest, colour in ((min(values), low), (max(values), high)):
        red, blue = red_and_blue(values[strongest], 0.5)
        assert (red - blue) * (colour[0] - colour[2]) > 0
    for grid in ("#apart-grid", "#write canvas", "#text-passage canvas"):
        scale = visited.locator(f"{grid} + .scale")
        assert scale.locator("span").all_text_contents() == ["−1", "", "+1"]
        for place, colour in ((0.02, low), (0.98, high)):
            red, blue = red_and_blue(scale.locator(".ramp"), place)
            assert (red - blue) * (colour[0] - colour[2]) > 0


def test_the_bars_of_a_unit_have_one_scale(opened: Open) -> None:
    visited = opened("lstm")
    choose(visited, 50)
    drawn = visited.locator("#apart-inside .next").evaluate_all(
        """(rows) => rows.map((row) => {
             const { clipPath } = getComputedStyle(row.children[1], "::before");
             const [right, left] = clipPath.match(/[\\d.]+%/g).map(parseFloat);
             return [row.children[2].value, 100 - left - right];
           })"""
    )
    values, widths = np.array([[float(value), width] for value, width in drawn]).T
    assert len(widths) == 4 * 9
    expected = 50 * np.abs(values) / np.abs(values).max()
    assert np.allclose(widths, expected, atol=0.01)
    assert expected.max() / np.median(expected) > 2


def test_a_click_between_lines_and_a_finger_on_a_unit_are_answered(opened: Open) -> None:
    visited = opened()
    text = visited.locator("#text-passage pre")
    text.scroll_into_view_if_needed()
    tops = """(all) => all.map((e) => e.getBoundingClientRect()).map(
      ({ x, y, width, height }) => [x + width / 2, y, y + height]).filter(([x]) => x)"""
    lines = text.locator(":scope > span").evaluate_all(tops)
    bottom = lines[0][2]
    below = min(top for _, top, _ in lines if top > lines[0][1] + 5)
    assert below - bottom < 1  # there is nothing between a line and the next
    visited.mouse.click(lines[30][0], lines[30][2] - 0.5)
    assert visited.locator("#text-passage").get_by_role("slider").input_value() != "0"
    unit = visited.locator("#apart-grid button").nth(7)
    unit.dispatch_event("pointerover")
    said = visited.locator("#apart-pointed")
    assert said.text_content() == unit.get_attribute("title")
    assert (said.text_content() or "").startswith("unit 7, at ")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_no_rule_of_axe_is_broken_and_nothing_scrolls_sideways(
    opened: Open, scheme: str, viewport: Any
) -> None:
    visited = opened("lstm", viewport=viewport, color_scheme=scheme)

    def sound() -> None:
        violations: Any = Axe().run(visited).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []
        assert visited.evaluate("document.documentElement.scrollWidth") == viewport["width"]

    visited.locator("#apart-grid button").nth(3).click()
    settle(visited)
    visited.get_by_role("button", name="Find the nearest states").click()
    visited.get_by_text("The 10 nearest of").wait_for()
    sound()
    visited.get_by_label("my own").check()
    visited.get_by_label("Text of your own").fill("\u1234")
    sound()


def test_the_page_stays_responsive(opened: Open) -> None:
    visited = opened("gru")
    # By this clock each character takes a millisecond, on any machine.
    visited.evaluate(
        """() => {
             let now = 0;
             performance.now = () => (now += 1);
             const draw = requestAnimationFrame;
             globalThis.frames_seen = 0;
             globalThis.requestAnimationFrame = (act) => draw((time) => {
               frames_seen += 1;
               act(time);
             });
           }"""
    )
    visited.locator("#apart-grid button").nth(3).click()
    settle(visited)
    characters = 2 * 160 + 400 + 399  # two texts, the passage and the held-out part
    assert visited.evaluate("frames_seen") > characters / 10
