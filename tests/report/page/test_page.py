import json
import re
from base64 import b64decode, b64encode
from copy import deepcopy
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import numpy as np
import pytest

from rnn.exhibits.forms import SHOWN
from rnn.report.chapters import document
from rnn.report.document import assemble
from rnn.report.nodes import Title, exhibit, output
from rnn.report.page import live
from rnn.report.page.exporter import highlight, page, svg
from tests.executed import HOSTILE, RUN, SAMPLES, model, notebooks

TITLE = Title('<script>x</script> #read("/etc/passwd") {{ 7*7 }} $x$', "A & B", "DD2424", "May")
NOTES = (
    "It *works*.[^1] <script>alert(3)</script> ![x](https://example.org/x.png) {{ 7*7 }} $x^2$\n\n"
    "[^1]: As [they](https://example.org/said) say; not [so](javascript:alert(1)).\n\n"
    "# A heading\n\n</textarea></section>\u2028"
)
PARTS = {"tab-gradients": "Table 1", "fig-loss": "Figure 1", "text-evolution": "Text 1"}


def build() -> str:
    return page(assemble(notebooks(), RUN, TITLE, {1: NOTES}), model())


@pytest.fixture(scope="module")
def source() -> str:
    return build()


@pytest.fixture(scope="module")
def tree(source: str) -> Any:
    return html5lib.parse(source, namespaceHTMLElements=False)


def text(element: Element) -> str:
    return "".join(element.itertext())


def classed(tree: Element, tag: str, name: str) -> list[Element]:
    return [e for e in tree.iter(tag) if name in e.get("class", "").split()]


def scripts(tree: Element) -> list[str]:
    return [text(e) for e in tree.iter("script") if not e.get("type")]


def hash_of(script: str) -> str:
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def test_a_letter_that_heads_a_row_is_text_too_for_who_can_not_see_a_formula() -> None:
    letters = {"columns": ["", "a"], "rows": [["x", "1"], ["y", "2"]], "code": [], "math": [0]}
    cells = [exhibit([output("table", "tab-letters", "Letters.", **letters)])]
    made = html5lib.parse(page(document([cells], Title("T"))), namespaceHTMLElements=False)
    heads = [e for e in made.iter("th") if e.get("scope") == "row"]
    assert [text(classed(head, "span", "unseen")[0]) for head in heads] == ["x", "y"]
    for head in heads:
        (formula,) = [e for e in head.iter("span") if e.get("aria-hidden") == "true"]
        assert any(str(e.tag).endswith("}math") for e in formula.iter())


NAMES = ["Ada <Lovelace>", 'Öz "van" Çelik', "\u202e王小明 & {{ 7*7 }}"]


def test_the_front_names_the_book_and_the_authors() -> None:
    title = Title("T", "; ".join(NAMES), book="<b>War & Peace</b>")
    made = html5lib.parse(page(assemble(notebooks(), RUN, title)), namespaceHTMLElements=False)
    seen = [*NAMES[:2], "U+202E王小明 & {{ 7*7 }}"]
    assert [e.get("content") for e in made.iter("meta") if e.get("name") == "author"] == seen
    (front,) = classed(made, "header", "title")
    assert [text(line) for line in front] == [
        "T",
        "Trained on <b>War & Peace</b>",
        f"{seen[0]}, {seen[1]} and {seen[2]}",
    ]


def test_the_same_bytes_twice(source: str) -> None:
    assert build() == source


def test_the_page_asks_nothing_of_any_network(source: str, tree: Element) -> None:
    tags = {element.tag for element in tree.iter() if isinstance(element.tag, str)}
    assert not tags & {"link", "iframe", "object", "embed", "base", "form", "video"}
    for element in tree.iter():
        for name in ("src", "srcset", "data", "poster", "action", "background"):
            assert element.get(name, "data:").startswith("data:")
        assert not [name for name in element.keys() if str(name).startswith("on")]  # noqa: SIM118
    assert not re.search(r"@import|url\((?!#|data:font/woff;base64,)", source)
    (policy,) = [e.get("content", "") for e in tree.iter("meta") if e.get("http-equiv")]
    allowed = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert allowed == {
        "default-src": "'none'",
        "script-src": " ".join(map(hash_of, scripts(tree))),
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "font-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_every_link_leads_somewhere(tree: Element) -> None:
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    links = [e.get("href", "") for e in tree.iter("a")]
    assert [link for link in links if not link.startswith("#")] == [
        "https://example.org/said",
        "https://example.org/a?b=c&d",
    ]
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    uses = [e.get("href", "") for e in tree.iter() if str(e.tag).endswith("}use")]
    assert uses
    assert {use[1:] for use in uses} <= set(ids)


def test_headings_are_in_order_and_numbered(tree: Element) -> None:
    main = next(e for e in tree.iter("main"))
    headings = [" ".join(text(e).split()) for e in main.iter("h2")]
    assert [heading.split()[0] for heading in headings] == ["Part"] * 4 + list("12345")
    assert headings[1] == "Part 2 The loss and the smoothed loss"
    levels = [int(e.tag[1]) for e in main.iter() if re.fullmatch("h[1-6]", str(e.tag))]
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_the_four_parts_stand_before_the_chapters(tree: Element) -> None:
    figures = {e.get("id", ""): e for e in tree.iter("figure")}
    assert list(figures)[:4] == [*PARTS, "text-passage"]
    for label, name in PARTS.items():
        assert text(next(figures[label].iter("figcaption"))).startswith(name)
    assert "10 % of the book held out" in text(figures["fig-loss"])
    assert "2.1e-09" in text(figures["tab-gradients"])


def shown_as(sample: str) -> str:
    """Return text as the page holds it: characters that HTML can't hold become code points."""
    return sample.replace("\x01", "U+0001")


def test_every_character_of_sampled_text_is_there(tree: Element) -> None:
    samples = [text(e) for e in classed(tree, "pre", "sample") if not e.get("id")]
    expected = [*(str(s["text"]) for s in SAMPLES), HOSTILE * 3, "the\tend"]
    assert samples == [shown_as(sample) for sample in expected]
    signs = {e.get("data-sign") for e in classed(tree, "span", "odd")}
    assert {"⇥", "U+00A0", "U+200B", "U+202E"} <= signs


def test_hostile_text_is_text(tree: Element) -> None:
    assert text(next(tree.iter("h1"))) == TITLE.title
    assert text(next(tree.iter("title"))) == TITLE.title
    said = " ".join(text(e) for e in classed(tree, "div", "prose"))
    for mark in ("<script>alert(1)</script>", "</pre>", "&amp;", "{{ 7*7 }} $x$", "[a](b) `c` *d*"):
        assert mark in said
    assert "<script>alert(2)</script>" in said
    assert "done <b> in 3 steps" in [text(e) for e in classed(tree, "pre", "said")]


def test_the_model_is_data_and_no_markup(source: str, tree: Element) -> None:
    (block,) = [e for e in tree.iter("script") if e.get("type") == "application/json"]
    written = source[source.index('id="model">') :].split("</script>")[0]
    assert not set(written.split(">", 1)[1]) & set("<>&\u2028")
    data, given = json.loads(text(block)), model()
    assert "".join(map(chr, data["vocabulary"])) == given.vocabulary
    weights = np.frombuffer(b64decode(data["weights"]), "<f4")
    assert np.array_equal(weights, given.network.theta.astype("f4"))
    passage = "".join(given.vocabulary[k] for k in data["passage"]["text"])
    assert passage == HOSTILE * 3
    assert len(scripts(tree)) == 1


def test_weights_too_large_for_a_page_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LARGEST", 100)
    source = build()
    assert "more than a page should carry" in source
    assert 'id="model"' not in source
    assert 'id="write"' not in source


def test_eight_megabytes_of_weights_are_carried_and_no_more() -> None:
    document = assemble(notebooks(), RUN, TITLE)
    for entries, carried in ((2_000_000, True), (2_000_001, False)):
        network = model().network.like(np.zeros(entries))
        given = live.live(document, replace(model(), network=network))
        assert (given.data is not None) == carried


def test_a_passage_that_the_model_cannot_have_written_is_not_read() -> None:
    other = replace(model(), vocabulary=model().vocabulary.replace("A", "B"))
    document = assemble(notebooks(), RUN, TITLE)
    given = live.live(document, other)
    assert json.loads(str(given.data))["passage"]["text"] == []


def test_the_page_trains_below_the_first_evolution_of_part_3_and_its_contents_say_so() -> None:
    books = notebooks()
    cell = books["03_training"].cells[3]
    cell.outputs.append(deepcopy(cell.outputs[0]))
    cell.outputs[1].data[SHOWN]["label"] = "text-again"
    two = page(assemble(books, RUN, TITLE), model())
    cell.outputs[:] = cell.outputs[:1]
    cell.outputs[0].data[SHOWN].update(kind="text", text="No evolution.")
    for source, count in ((two, 1), (page(assemble(books, RUN, TITLE), model()), 0)):
        assert source.count('id="train"') == count
        assert source.count('<li class="level-3 live" hidden><a href="#train">') == count


def test_the_page_says_which_settings_of_the_report_it_does_not_have() -> None:
    def said(**values: Any) -> str:
        run = {**RUN, "parameters": {**RUN["parameters"], **values}}
        return live.live(assemble(notebooks(), run, TITLE), model()).beyond

    assert said() == said(init_scale=0.3, optimiser="adam", seq_length=200) == ""
    assert said(batch_size=32, dropout=0.2) == "32 streams and a dropout of 0.2"
    everything = said(
        hidden_size=512, seq_length=201, schedule="cosine", warmup=100, random_offset=True,
        initialisation="orthogonal", dtype="float32",
    )  # fmt: skip
    assert everything == (
        "512 hidden units, sequences of 201 characters, the schedule cosine, a warm-up of 100 "
        "updates, epochs that start at a random character, orthogonal initial weights and float32"
    )


def test_the_units_that_figures_show_are_named_if_the_model_has_them() -> None:
    books = notebooks()
    figure = books["03_training"].cells[2].outputs[0].data[SHOWN]
    last = model().network.m - 1
    figure["neurons"] = [[last, "</script>", 0.5], [last + 1, "none such", 0.5], [-1, "nor", 0.5]]
    given = live.live(assemble(books, RUN, TITLE), model())
    assert "<" not in str(given.data)
    assert json.loads(str(given.data))["neurons"] == [[last, "</script>", 0.5]]


def test_notes_stand_under_what_they_comment_on(tree: Element) -> None:
    (section,) = classed(tree, "section", "notes")
    said = text(section)
    for mark in ("It works.", "<script>alert(3)</script>", "{{ 7*7 }}", "</textarea></section>"):
        assert mark in said
    assert not [e for e in section.iter() if e.tag in ("img", "script", "h1")]
    places = [e.get("id") or e.get("class") for e in tree.iter() if e.tag in ("figure", "section")]
    assert places.index("prose notes") == places.index("tab-gradients") + 1


def test_links_in_notes_lead_where_they_say() -> None:
    links = (
        "[a](#part-2) [b](#fig-loss) [c](#section-1-1) [d](#details) [e](#in-n%C3%B6) [f](#none)"
    )
    notes = {
        1: f"{links}[^1]\n\n### Details\n\n### Part 2\n\n[^1]: See [g](#details), [h](#chapter-1).",
        2: "[i](#details) [j](#fn1)\n\n### Details\n\n### fn1\n\nx[^1]\n\n[^1]: y",
    }
    tree = html5lib.parse(
        page(assemble(notebooks(), RUN, TITLE, notes)), namespaceHTMLElements=False
    )
    names = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(names) == len(set(names))
    led = {}
    for section in classed(tree, "section", "notes"):
        for link in section.iter("a"):
            led[text(link)] = link.get("href", "")[1:]
    assert set(led.values()) <= set(names)
    assert led == led | {
        "a": "part-2", "b": "fig-loss", "c": "section-1-1", "h": "chapter-1",
        "d": "part-1-h-details", "g": "part-1-h-details", "i": "part-2-h-details",
        "j": "part-2-h-fn1", "1": "part-2-fn1",
    }  # fmt: skip
    assert {"e", "f"}.isdisjoint(led)


def test_what_is_written_from_right_to_left_runs_so() -> None:
    texts = [
        "\u05d0 one", "- \u0627 two", "> 3. \u05d1 three", "*4* \u0627\u200e four",
        "\u200eA \u05d0 five", "6 six \u05d0",
    ]  # fmt: skip
    made = page(assemble(notebooks(), RUN, TITLE, {1: "\n\n".join(texts)}))
    (section,) = classed(html5lib.parse(made, namespaceHTMLElements=False), "section", "notes")
    turned = [text(e).split()[-1] for e in section.iter("div") if e.get("dir") == "rtl"]
    assert turned == ["one", "two", "three", "four"]


def test_images_of_notes_are_a_part_of_the_page(source: str) -> None:
    notes = {1: 'A ![red *"dot"*](a%20b.png), ![](c.svg) and ![d](d.png).', 2: "![](a%20b.png)"}
    images = {1: {"a%20b.png": (b"A", "image/png"), "c.svg": (b"<svg/>", "image/svg+xml")}}
    made = page(assemble(notebooks(), RUN, TITLE, notes, images), model())
    found = list(html5lib.parse(made, namespaceHTMLElements=False).iter("img"))
    before = source.count("<img")
    shown = {e.get("alt"): e.get("src") for e in found}
    assert len(found) == before + 2
    assert shown["red “dot”"] == "data:image/png;base64,QQ=="
    assert b64decode(shown["An image"].partition(",")[2]) == b"<svg/>"


def test_a_column_without_a_name_heads_its_rows(tree: Element) -> None:
    (table,) = [e for e in tree.iter("figure") if e.get("id") == "tab-counts"]
    assert [text(e) for e in table.iter("th")] == ["count", "share", "space", "<e>", "⇥"]


def test_code_is_folded_and_the_source_of_functions_is_not(tree: Element) -> None:
    folded = [text(e) for e in classed(tree, "details", "code")]
    assert any("hidden_size = 100  # m" in code for code in folded)
    (listing,) = [e for e in tree.iter("figure") if e.get("id") == "src-loss"]
    assert "def softmax(o: Any, P: Any) -> None:" in text(listing)
    assert not list(listing.iter("details"))


def test_what_scrolls_can_be_reached_and_is_named(tree: Element) -> None:
    names = {e.get("id") for e in tree.iter()}
    for element in tree.iter():
        if element.get("tabindex"):
            assert element.get("role") == "group"
            assert element.get("aria-label") or element.get("aria-labelledby") in names


def test_equations_are_mathml(tree: Element) -> None:
    equations = [e for e in tree.iter() if str(e.tag).endswith("math")]
    assert len(equations) > 5
    displayed = [e for e in tree.iter() if e.get("aria-label") == "Equation"]
    anchors = [f"equation-{number}" for number in range(1, len(displayed) + 1)]
    assert [e.get("id") for e in displayed] == anchors
    assert anchors
    assert not classed(tree, "span", "math")  # pandoc's sign that it could not read one


def test_a_figure_takes_the_colours_of_the_page() -> None:
    figure = (
        '<svg><defs><path id="p1" /></defs><use href="#p1" clip-path="url(#p1)" '
        'style="fill: #222222; stroke: #FFF" /><path fill="#0072b2" /><text fill="black" id="t">'
        "#222222 black</text></svg>"
    )
    assert svg(figure, "fig", '"<a>') == (
        '<svg role="img" aria-label="&quot;&lt;a&gt;"><defs><path id="fig-p1" /></defs>'
        '<use href="#fig-p1" clip-path="url(#fig-p1)" '
        'style="fill: var(--ink); stroke: var(--paper)" /><path fill="var(--blue)" />'
        '<text fill="var(--ink)" id="fig-t">#222222 black</text></svg>'
    )


def test_code_keeps_every_character() -> None:
    code = "\n\nx = '<b>'\t# é\n"
    assert text(html5lib.parse(f"<p>{highlight(code)}", namespaceHTMLElements=False)) == code


CAPTIONED = {
    2: "See [mine](#part-2-figure-1).\n\n![a](x.png 'The *first*.')\n\n"
    "| a |\n|---|\n| 1 |\n\nTable: My table.\n\n![b](x.png 'The second.')",
    4: "![c](x.png 'The third.')",
}


def test_pictures_and_tables_of_notes_are_numbered_with_the_others() -> None:
    images = {part: {"x.png": (b"A", "image/png")} for part in CAPTIONED}
    document = assemble(notebooks(), RUN, TITLE, CAPTIONED, images)
    tree = html5lib.parse(page(document, model()), namespaceHTMLElements=False)
    figures = {e.get("id"): " ".join(text(e).split()) for e in tree.iter("figure")}
    names = [name for name in figures if name]
    for noun, labels in {
        "Figure": ["fig-loss", "part-2-figure-1", "part-2-figure-2", "part-4-figure-1"],
        "Table": ["tab-gradients", "part-2-table-1"],
    }.items():
        assert [name for name in names if name in labels] == labels, "in the document's order"
        for number, label in enumerate(labels, 1):
            assert f"{noun} {number} " in figures[label]
    assert figures["part-2-figure-1"].endswith("Figure 2 The first.")
    for noun in ("Figure", "Table"):
        counted = re.findall(rf"\b{noun} (\d+) ", " ".join(figures.values()))
        assert counted == [str(n + 1) for n in range(len(counted))], noun
    (section,) = [e for e in classed(tree, "section", "notes") if "mine" in text(e)]
    assert [a.get("href") for a in section.iter("a") if text(a) == "mine"] == ["#part-2-figure-1"]
