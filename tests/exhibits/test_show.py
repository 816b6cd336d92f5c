from typing import Any

import matplotlib as mpl
import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot as plt

from rnn import output
from rnn.exhibits import show as display
from rnn.exhibits.characters import text_html

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
        display.figure(curve(), label="fig-a", caption="A $x^2$.", alt="A <line>", part=2)
    first, second = (output["data"] for output in shown)
    assert first == second
    assert first["image/svg+xml"].count("<svg") == 1
    assert "date" not in first["image/svg+xml"]
    assert first[display.SHOWN] == {
        "kind": "figure",
        "label": "fig-a",
        "caption": "A $x^2$.",
        "part": 2,
        "alt": "A <line>",
    }
    assert 'alt="A &lt;line&gt;"' in first["text/html"]
    assert "<math" in first["text/html"]
    assert not plt.get_fignums()


def test_table_is_text(shown: list[dict[str, Any]]) -> None:
    display.table(["name", "value"], [["<b>", 1.5e-7]], label="tab-a", caption="T.")
    data = shown[0]["data"]
    assert data[display.SHOWN]["rows"] == [["<b>", "1.5e-07"]]
    assert '<td>&lt;b&gt;</td><td class="number">1.5e-07</td>' in data["text/html"]
    with pytest.raises(ValueError, match="2 cells"):
        display.table(["a", "b"], [["1"]], label="tab-b", caption="")


def test_source_is_that_of_the_compiled_function(shown: list[dict[str, Any]]) -> None:
    display.source(output.softmax, output.loss, label="src-a", caption="S.")
    code = shown[0]["data"][display.SHOWN]["code"]
    assert "def softmax(" in code
    assert "def loss(" in code


def test_text_and_evolution_keep_every_character(shown: list[dict[str, Any]]) -> None:
    odd = "a\tb  <i>\x00\u200b\u00a0\n  €\U0001f600"
    display.text(odd, label="text-a", caption="T.", part=4)
    sample = {"step": 0, "smooth_loss": 1, "text": odd}
    display.evolution([sample], label="evo-a", caption="E.", part=3)
    assert shown[0]["data"][display.SHOWN]["text"] == odd
    assert shown[1]["data"][display.SHOWN]["samples"] == [sample]
    assert all(text_html(odd) in output["data"]["text/html"] for output in shown)


@pytest.mark.parametrize(("label", "part"), [("A", None), ("a b", 1), ("a", 5), ("", None)])
def test_labels_and_parts_are_checked(label: str, part: int | None) -> None:
    with pytest.raises(ValueError, match=r"label|parts"):
        display.text("", label=label, caption="", part=part)


NUMBERS = ["1", "-1.5", "1.3e-16", "−2", "12,000", "5 %", "0.5", ""]


@pytest.mark.parametrize("cell", ["a", "1a", "e-5", "U", ".", "-", "3.11.7", "true"])
def test_a_column_of_numbers_is_known(cell: str) -> None:
    rows = [["name", number, number] for number in NUMBERS]
    assert display.number_columns(rows) == [1, 2]
    assert display.number_columns([*rows, ["name", "1", cell]]) == [1]


def test_what_only_tools_read_is_left_out_of_code() -> None:
    code = "f(x)  # noqa: ARG001  why\ng()  # type: ignore[a-b]  # the rest\n"
    code += ")  # fmt: skip\nx  # a note"
    assert display.for_readers(code) == "f(x)\ng()  # the rest\n)\nx  # a note"
