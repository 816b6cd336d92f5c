import base64
import io
import re
from typing import Any

import matplotlib as mpl
import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

from rnn import output
from rnn.exhibits.characters import text_html
from rnn.exhibits.forms import CAPTION, SHOWN, number_columns
from rnn.exhibits.kinds import Evolution, Listing, Passage, Picture, Sentence, Table
from rnn.exhibits.listings import source
from rnn.exhibits.show import say, show

mpl.use("svg")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return the list that published outputs are added to."""
    shell = InteractiveShell.instance()
    publisher = CapturingDisplayPublisher()
    monkeypatch.setattr(shell, "display_pub", publisher)
    outputs: list[dict[str, Any]] = publisher.outputs
    return outputs


def curve() -> Any:
    figure, axes = plt.subplots()
    axes.plot([1, 2, 3])
    return figure


def test_figure_is_the_same_bytes_twice(shown: list[dict[str, Any]]) -> None:
    for _ in range(2):
        show(Picture(curve(), "A $x^2$.", "A <line>", "fig-a"), part=2)
    first, caption, *again = (output["data"] for output in shown)
    assert [first, caption] == again
    assert first["image/svg+xml"].count("<svg") == 1
    assert "date" not in first["image/svg+xml"]
    assert first[SHOWN] == {
        "kind": "figure",
        "label": "fig-a",
        "caption": "A $x^2$.",
        "part": 2,
        "alt": "A <line>",
    }
    assert caption == {
        CAPTION: {"label": "fig-a"},
        "text/markdown": "A $x^2$.",
        "text/plain": "A $x^2$.",
    }
    assert "text/html" not in first, "it would be shown in the place of the image"
    assert shown[0]["metadata"]["alt"] == "A <line>"
    assert not plt.get_fignums()


def test_a_figure_may_name_the_units_that_it_shows(shown: list[dict[str, Any]]) -> None:
    show(Picture(curve(), "A.", "A line", "fig-a", neurons=[(3, "quotes", 0.5)]))
    assert shown[0]["data"][SHOWN]["neurons"] == [[3, "quotes", 0.5]]


@pytest.mark.parametrize("report", [True, False])
def test_a_figure_is_an_image_that_is_stored_once(
    report: bool, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PNG shows in any reader of notebooks, trusted or not; the report sets the SVG."""
    monkeypatch.setattr(InteractiveShell.instance(), "kernel", None, raising=False)
    monkeypatch.setenv("RNN_REPORT", "1" if report else "")
    show(Picture(curve(), "A.", "A line", "fig-a"))
    kinds = {SHOWN, "text/plain", "image/png"} | ({"image/svg+xml"} if report else set())
    assert shown[0]["data"].keys() == kinds
    image = Image.open(io.BytesIO(base64.b64decode(shown[0]["data"]["image/png"])))
    size = shown[0]["metadata"]["image/png"]
    assert image.size[0] == pytest.approx(size["width"] * (1 if report else 1.5), abs=1)
    assert len(shown[0]["data"]["image/png"]) < 30_000


@pytest.mark.parametrize(
    "exhibit",
    [
        Picture(Figure(), "C.", "A line", "x"),
        Table(["a", "b"], [["c", 1]], "C.", "x"),
        Passage("\ta\u200bb", "C.", "x"),
        Evolution([{"step": 0, "smooth_loss": 1, "text": "\u00a0"}], "C.", "x"),
        Listing("def f(): ...", "C.", "x"),
        Sentence("It *is*."),
    ],
    ids=lambda exhibit: type(exhibit).__name__,
)
def test_without_trust_no_style_sheet_is_text(exhibit: Any, shown: list[dict[str, Any]]) -> None:
    """What a sanitiser may take away is never more than an attribute or an element's tags."""
    show(exhibit)
    for one in shown:
        data = one["data"]
        html = data.get("text/html", "")
        assert not re.search("<(style|script|svg|link|iframe)|class=| on[a-z]+=", html)
        assert "text/plain" in data
        safe = {"text/html", "text/markdown", "image/png"}  # what an untrusted Lab shows
        assert safe & data.keys()


def test_a_listing_is_markdown_that_its_code_cannot_end(shown: list[dict[str, Any]]) -> None:
    show(Listing("a = 1\n```\n````\n*b*", "*L*.", "src-a"))
    assert shown[0]["data"]["text/markdown"] == (
        "`````python\na = 1\n```\n````\n*b*\n`````\n\n*L*."
    )


def test_table_is_text(shown: list[dict[str, Any]]) -> None:
    show(Table(["name", "value"], [["<b>", 1.5e-7]], "T.", "tab-a"))
    data = shown[0]["data"]
    assert data[SHOWN]["rows"] == [["<b>", "1.5e-07"]]
    name = '<td style="text-align: left">&lt;b&gt;</td>'
    assert f'{name}<td style="text-align: right">1.5e-07</td>' in data["text/html"]
    with pytest.raises(ValueError, match="2 cells"):
        show(Table(["a", "b"], [["1"]], "", "tab-b"))


def test_source_is_that_of_the_compiled_function(shown: list[dict[str, Any]]) -> None:
    show(Listing(source(output.softmax, output.loss), "S.", "src-a"))
    code = shown[0]["data"][SHOWN]["code"]
    assert "def softmax(" in code
    assert "def loss(" in code


def test_text_and_evolution_keep_every_character(shown: list[dict[str, Any]]) -> None:
    odd = "a\tb  <i>\x00\u200b\u00a0\n  €\U0001f600"
    show(Passage(odd, "T.", "text-a"), part=4)
    sample = {"step": 0, "smooth_loss": 1, "text": odd}
    show(Evolution([sample], "E.", "evo-a"), part=3)
    assert shown[0]["data"][SHOWN]["text"] == odd
    assert shown[1]["data"][SHOWN]["samples"] == [sample]
    html = text_html(odd, styled=False)
    assert "U+200B</span>\u200b" in html
    assert "U+0000</span><" in html
    assert "⇥</span>\tb" in html
    assert all(html in output["data"]["text/html"] for output in shown)


@pytest.mark.parametrize(("label", "part"), [("A", None), ("a b", 1), ("a", 5), ("", None)])
def test_labels_and_parts_are_checked(label: str, part: int | None) -> None:
    with pytest.raises(ValueError, match=r"label|part must be"):
        show(Passage("", "", label), part=part)
    with pytest.raises(ValueError, match=r"label|part must be"):
        show(Passage("", "", "text-a"), label=label, part=part)


def test_another_label_names_the_same_exhibit(shown: list[dict[str, Any]]) -> None:
    for label in (None, "fig-b"):
        show(Picture(curve(), "A.", "A line", "fig-a"), label=label)
    first, _, second, caption = (output["data"] for output in shown)
    assert (first[SHOWN]["label"], second[SHOWN]["label"]) == ("fig-a", "fig-b")
    assert first[SHOWN] | {"label": "fig-b"} == second[SHOWN]
    assert caption[CAPTION] == {"label": "fig-b"}
    # What a drawing refers to in itself must not be that of another on the same page.
    assert first["image/svg+xml"] != second["image/svg+xml"]


def test_a_sentence_is_markdown_without_a_number(shown: list[dict[str, Any]]) -> None:
    show(Sentence("*It* is."), part=2)
    say("*It* is.")
    assert [output["data"] for output in shown] == [
        {"text/markdown": "*It* is.", "text/plain": "*It* is."}
    ] * 2


NUMBERS = ["1", "-1.5", "1.3e-16", "1.3 × 10⁻¹⁶", "−2", "12,000", "5 %", "0.5", ""]


@pytest.mark.parametrize("cell", ["a", "1a", "e-5", "U", ".", "-", "3.11.7", "true"])
def test_a_column_of_numbers_is_known(cell: str) -> None:
    rows = [["name", number, number] for number in NUMBERS]
    assert number_columns(rows) == [1, 2]
    assert number_columns([*rows, ["name", "1", cell]]) == [1]
