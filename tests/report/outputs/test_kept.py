from io import StringIO
from typing import Any

import pytest
from nbformat.v4 import new_output

from rnn.errors import InputError
from rnn.exhibits.forms import SHOWN
from rnn.exhibits.style import plot
from rnn.report.errors import StageError
from rnn.report.outputs.kept import Place, check_metadata, read
from tests.own import SVG, data, picture, said, svg


def kept(*outputs: Any, **metadata: Any) -> tuple[list[Any], list[str]]:
    """Return what is kept of outputs, and the remarks."""
    remarks: list[str] = []
    found = read(list(outputs), Place("05_mine", 4, metadata, remarks))
    return [output.data.get(SHOWN, output.data) for output in found], remarks


def kind(about: Any) -> str:
    return str(about.get("kind", "markdown"))


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (data(text_plain="5"), "printed"),
        (data(text_html="<p>a</p>", text_plain="a"), "tree"),
        (data(text_latex="$x$", image_png=picture(), text_plain="x"), "tree"),
        (
            data(text_markdown="*a*", text_plain="<IPython.core.display.Markdown object>"),
            "markdown",
        ),
        (data(image_png=picture(), text_plain="<PIL.Image at 0x7f0000000000>"), "image"),
        (data(image_jpeg=picture("JPEG")), "image"),
        (data(image_gif=picture("GIF")), "image"),
        (data(image_webp=picture("WEBP")), "image"),
        (svg(), "drawing"),
        (new_output("display_data", data={"image/svg+xml": SVG, "image/png": "x"}), "drawing"),
        (data(text_html=f"\n{SVG}\n"), "drawing"),
        (data(application_json={"a": [1]}), "printed"),
        (said("a\n"), "printed"),
        (new_output("error", ename="ValueError", evalue="no\nmore", traceback=["x"]), "printed"),
    ],
)
def test_the_best_form_is_kept(output: Any, expected: str) -> None:
    found, _ = kept(output)
    assert [kind(about) for about in found] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "<IPython.core.display.Math object>",
        "<IPython.lib.display.Audio object>",
        "[<matplotlib.lines.Line2D at 0x7f2b3c4d5e6f>]",
        "<Axes: title={'center': 'x'}>",
        "<Figure size 640x480 with 1 Axes>",
        "<BarContainer object of 3 artists>",
        "array([[<Axes: >, <Axes: >]], dtype=object)",
        "Text(0.5, 1.0, 'title (x)')",
        "<function f at 0x7f2b3c4d5e6f>",
        "[<matplotlib.lines.Line2D at 0x…>]",  # as a notebook is kept, without the address
        "<matplotlib.legend.Legend at 0x…>",
        "(<Figure at 0x…>, 5)",
        "<__main__.Thing object at 0x7f2b3c4d5e6f>",
    ],
)
def test_what_is_no_words_is_not_shown(text: str) -> None:
    assert kept(data(text_plain=text)) == ([], [])


def test_words_that_look_like_it_are_shown_without_an_address() -> None:
    for text in ("<Model with 3 layers>", "Text", "a < b > c", "[1, 2]"):
        (about,), _ = kept(data(text_plain=text))
        assert about.lines == [[[text, ""]]]
    (about,), _ = kept(data(text_plain="{'f': <function f at 0x7f2b3c4d5e6f>}"))
    assert about.lines == [[["{'f': <function f at 0x…>}", ""]]]


@pytest.mark.parametrize(
    ("forms", "what"),
    [
        ({"application/vnd.jupyter.widget-view+json": {}, "text/plain": "IntSlider()"}, "a widget"),
        ({"application/javascript": "x", "text/plain": "y"}, "JavaScript"),
        ({"application/vnd.plotly.v1+json": {}, "text/html": "<b>x</b>"}, "a chart of plotly"),
        ({"application/vnd.bokehjs_exec.v0+json": ""}, "a chart of Bokeh"),
        ({"application/vnd.vegalite.v5+json": {}, "text/plain": "x"}, "a chart of Vega"),
        ({"application/pdf": "x"}, "a PDF"),
        ({"video/mp4": "x"}, "a video"),
        ({"text/html": "<video src='x'></video>"}, "a video"),
        ({"text/html": "<audio controls></audio>"}, "a sound"),
        ({"text/html": "<iframe src='https://example.org'></iframe>"}, "a page within the page"),
        ({"text/html": "<script>x</script><div id='y'></div>"}, "JavaScript"),
        ({"text/html": "<img src='https://example.org/x.png'>"}, "a picture that is not in"),
        ({"text/html": "<p>a<object data='x'></object></p>"}, "an embedded file"),
        ({"application/x-else": "x", "text/plain": "<IPython.core.display.X object>"}, "x-else"),
        ({"image/png": "AAAA"}, "a picture: it is no PNG"),
        ({"image/png": "not base64!"}, "a picture"),
        ({"image/svg+xml": "<svg"}, "it is no SVG"),
    ],
)
def test_what_can_not_be_shown_is_named_with_its_cell(forms: dict[str, Any], what: str) -> None:
    found, remarks = kept(new_output("display_data", data=forms))
    assert kind(found[-1]) == "lost"
    assert what in found[-1].what
    assert found[-1].cell == "cell 4 of 05_mine"
    (remark,) = [line for line in remarks if "caption" not in line]
    assert remark.startswith("the output of cell 4 of 05_mine (")
    assert what in remark
    assert "\n" not in remark


def test_a_picture_beside_what_can_not_be_shown_takes_its_place() -> None:
    forms = {"application/vnd.vegalite.v5+json": {}, "image/png": picture()}
    found, _ = kept(new_output("display_data", data=forms))
    assert [kind(about) for about in found] == ["image"]


def test_the_same_is_named_once() -> None:
    widgets = [data(**{"application_vnd.jupyter.widget-view+json": {}}) for _ in range(3)]
    assert len(kept(*widgets)[1]) == 1


@pytest.mark.parametrize(
    ("about", "size"),
    [
        ({}, (40, 20)),
        ({"image/png": {"width": 20}}, (20, 10)),
        ({"image/png": {"height": "60"}}, (120, 60)),
        ({"width": 10, "height": 10}, (10, 10)),
        ({"width": "50%"}, (40, 20)),
        ({"image/png": {"width": "1); x"}}, (40, 20)),
    ],
)
def test_a_picture_is_as_large_as_the_cell_says(about: Any, size: tuple[int, int]) -> None:
    (found,), _ = kept(data(about, image_png=picture()))
    assert (found.width, found.height) == size


@pytest.mark.parametrize(
    "latex",
    [
        r"\begin{Verbatim}[c] \PY{k}{def} \end{Verbatim}",  # of IPython's Code
        r"\begin{center}\begin{tabular}{lr} a & 1 \end{tabular}\end{center}",  # of statsmodels
        "\\begin{tabular}{lr}\n\\toprule\na & 1 \\\\\n\\end{tabular}\n",  # of pandas
        r"\textbf{a} 1",
    ],
)
def test_latex_that_is_no_formula_gives_way_to_html(latex: str) -> None:
    table = "<table><tr><td>a</td><td>1</td></tr></table>"
    (found,), _ = kept(data(text_latex=latex, text_html=table))
    assert found.tables
    (found,), _ = kept(data(text_latex=r"The mean $\bar{x}$", text_html=table))
    assert not found.tables


def test_what_matplotlib_draws_has_the_scale_of_our_figures() -> None:
    with plot() as (figure, axes):
        axes.plot([0, 1])
    ours, theirs = StringIO(), StringIO()
    figure.savefig(ours, format="svg", bbox_inches="tight")
    figure.set_size_inches(4, 3)
    figure.savefig(theirs, format="svg", bbox_inches="tight")
    shares = [
        about["share"] for drawn in (ours, theirs) for about in kept(svg(drawn.getvalue()))[0]
    ]
    assert shares == pytest.approx([1, 0.5], abs=0.01)


def test_a_picture_may_bring_its_alternative_text() -> None:
    for about in ({"alt": "A."}, {"image/png": {"alt": "A.", "width": 20}}):
        (found,), remarks = kept(data(about, image_png=picture()), caption="C.")
        assert (found.alt, remarks) == ("A.", [])
    (found,), _ = kept(data({"image/png": {"alt": 5}}, image_png=picture()), alt="B.")
    assert found.alt == "B."


def test_captions_and_alternative_texts() -> None:
    (one,), remarks = kept(svg(), caption="C.", alt="A.", label="l")
    assert (one.caption, one.alt, one.label, remarks) == ("C.", "A.", "l", [])
    (one,), (remark,) = kept(svg(), caption="C.")
    assert (one.alt, "no alternative text" in remark, "no caption" in remark) == ("C.", True, False)
    (one,), (remark,) = kept(svg())
    assert "caption" not in one
    assert one.alt == "A picture made by cell 4 of 05_mine"
    assert remark.startswith("cell 4 of 05_mine: picture 1 has no caption and no alternative text;")
    table = data(text_html="<table><tr><td>1</td></tr></table>")
    (first, second), remarks = kept(table, svg(), caption="C.", alt="A.")
    assert ("caption" in first, second.caption, remarks) == (False, "C.", [])
    (first, second), _ = kept(table, svg(), caption=["T.", "C."], alt=["", "A."])
    assert (first.caption, second.caption, second.alt) == ("T.", "C.", "A.")
    (first, _), (remark,) = kept(svg(), svg(), caption="C.", alt="A.")
    assert first.caption == "C."
    assert "picture 2" in remark
    (own,), _ = kept(data(text_html="<table><caption>a *b*</caption><tr><td>1</td></tr></table>"))
    assert own.caption == "a &#42;b&#42;"


@pytest.mark.parametrize(
    "metadata", [{"caption": 3}, {"alt": ["a", None]}, {"label": "A b"}, {"label": ["a", "b--'"]}]
)
def test_metadata_that_is_none_is_refused_by_cell(metadata: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"cell 3 of 05_mine.py: (caption|alt|label) must be"):
        check_metadata("05_mine.py", 3, metadata)
    check_metadata("05_mine.py", 3, {"caption": ["a", "b"], "alt": "x", "label": "a-1"})


def test_a_cell_may_keep_its_output_to_itself() -> None:
    assert kept(said("a"), svg(), tags=["remove-output"]) == ([], [])


def test_stderr_is_the_terminals() -> None:
    assert kept(new_output("stream", name="stderr", text="warning")) == ([], [])


TABLE: dict[str, Any] = {
    "kind": "table",
    "label": "t",
    "caption": "",
    "part": None,
    "code": [],
    "math": [],
}
FIGURE: dict[str, Any] = {
    "kind": "figure",
    "label": "f",
    "caption": "",
    "part": None,
    "alt": "a",
}


@pytest.mark.parametrize(
    "about",
    [
        {},
        [],
        "text",
        {"kind": "link", "label": "x", "part": 1},
        {"kind": "lost", "what": "x", "cell": "y"},
        {"kind": ["text"]},
        {"kind": "text", "label": "x>)#read(1)", "caption": "", "part": None, "text": "x"},
        {"kind": "text", "label": "x", "caption": 1, "part": None, "text": "x"},
        {"kind": "text", "label": "x", "caption": "", "part": 5, "text": "x"},
        {"kind": "text", "label": "x", "caption": "", "part": True, "text": "x"},
        {"kind": "text", "label": "x", "caption": "", "part": None, "text": ["x"]},
        {**TABLE, "columns": ["a"], "rows": [["1", "2"]]},
        {**TABLE, "columns": ["a"], "rows": [[{"a": 1}]]},
        {**TABLE, "columns": "a", "rows": [["1"]]},
        {**TABLE, "columns": ["a"], "rows": [["1"]], "code": ["0"]},
        {**TABLE, "columns": ["a"], "rows": [["1"]], "math": 0},
        {**TABLE, "columns": ["a"], "rows": [["1"]], "math": [True]},
        {**TABLE, "kind": "evolution", "samples": [{"step": "1", "smooth_loss": 1, "text": ""}]},
        {**TABLE, "kind": "evolution", "samples": [{"step": 1, "smooth_loss": 1e999, "text": ""}]},
        {**TABLE, "kind": "figure", "alt": "a"},
        {**FIGURE, "neurons": [[1, "x"]]},
        {**FIGURE, "neurons": [[True, "x", 0.5]]},
        {**FIGURE, "neurons": [[1, "x", 1e999]]},
        {**FIGURE, "neurons": [[1, {"x": 1}, 0.5]]},
        {**TABLE, "kind": "source"},
    ],
)
def test_an_exhibit_that_is_none_is_refused_by_cell(about: Any) -> None:
    with pytest.raises(StageError, match=r"^cell 4 of 05_mine put out "):
        kept(new_output("display_data", data={SHOWN: about}))


def test_the_neurons_of_a_figure_are_kept() -> None:
    about = FIGURE | {"neurons": [[1, "x", 0.5]]}
    (found,), _ = kept(new_output("display_data", data={SHOWN: about, "image/svg+xml": SVG}))
    assert found["neurons"] == [[1, "x", 0.5]]


def test_nothing_but_its_kind_is_kept_of_an_exhibit() -> None:
    about = TABLE | {"columns": ["a"], "rows": [["1"]], "number": "<x>", "noun": "y", "svg": "z"}
    (found,), _ = kept(new_output("display_data", data={SHOWN: about, "text/html": "<script>"}))
    assert found == TABLE | {"columns": ["a"], "rows": [["1"]]}
