"""Show an exhibit in a notebook, in a form that both JupyterLab and the report can use.

`show` publishes an output that carries what the exhibit is (`SHOWN`) beside a form for JupyterLab,
GitHub and other readers of notebooks, and plain text. That form has no style sheet and no script:
it looks the same where a notebook is not trusted. A figure is an image, which can have no caption
in it, so its caption is an output of its own, for those readers alone (`CAPTION`). The report
numbers the captions. An output with a `part`, 1 to 4, stands at the front of the report as that
part of the assignment.
"""

import os
import re
from base64 import b64encode
from dataclasses import dataclass, field
from html import escape
from io import BytesIO, StringIO
from typing import Any

import matplotlib as mpl
from IPython.core.getipython import get_ipython
from IPython.display import display
from matplotlib import pyplot as plt
from PIL import Image

from rnn.exhibits.characters import text_html, visible
from rnn.exhibits.forms import CAPTION, SHOWN, number_columns
from rnn.exhibits.kinds import (
    Evolution,
    Exhibit,
    Listing,
    Openings,
    Passage,
    Picture,
    Sentence,
    Table,
)
from rnn.exhibits.prose import to_html
from rnn.exhibits.words import letters

DENSITY = 1.5  # dots of an image to a pixel of the screen
COLOURS = 64  # of an image; more would not show
PRE = ' style="white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 8"'


@dataclass(frozen=True)
class _Forms:
    """An exhibit without its caption, in the forms that an output has."""

    kind: str
    content: dict[str, Any]
    plain_text: str
    html: str = ""
    markdown: str = ""
    others: dict[str, str] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)  # the output's metadata


def show(exhibit: Exhibit, *, part: int | None = None, label: str | None = None) -> None:
    """Show an exhibit.

    Parameters
    ----------
    exhibit
        The result of a function in `rnn.exhibits`, or an exhibit of your own.
    part
        The part of the assignment that it answers, 1 to 4.
    label
        Replaces the exhibit's own label, when a report shows one exhibit twice.
    """
    if isinstance(exhibit, Sentence):
        say(exhibit.markdown)
        return
    label = exhibit.label if label is None else label
    if not re.fullmatch(r"[a-z][a-z0-9-]*", label):
        raise ValueError(f"a label must be lower-case letters, digits and hyphens, not {label!r}")
    if part not in (None, 1, 2, 3, 4):
        raise ValueError(f"part must be 1, 2, 3 or 4, not {part!r}")
    forms, caption = _forms(exhibit, label), exhibit.caption
    shown = {"kind": forms.kind, "label": label, "caption": caption, "part": part, **forms.content}
    data = {SHOWN: shown, "text/plain": f"{forms.plain_text}\n\n{caption}", **forms.others}
    if forms.html:
        below = f'<figcaption style="margin-top: .6em">{to_html(caption)}</figcaption>'
        data["text/html"] = f'<figure id="{label}">{forms.html}{below}</figure>'
    if forms.markdown:
        data["text/markdown"] = f"{forms.markdown}\n\n{caption}"
    display(data, metadata=forms.about, raw=True)
    if not forms.html and not forms.markdown:
        display(
            {CAPTION: {"label": label}, "text/markdown": caption, "text/plain": caption}, raw=True
        )


def in_lab() -> bool:
    """Return whether a notebook is run by hand, in a kernel of Jupyter's, and not for a report."""
    return not os.environ.get("RNN_REPORT") and hasattr(get_ipython(), "kernel")


def say(markdown: str) -> None:
    """Publish Markdown; escape values other than numbers with `rnn.exhibits.prose.plain`."""
    display({"text/markdown": markdown, "text/plain": markdown}, raw=True)


def _forms(
    exhibit: Picture | Table | Passage | Evolution | Openings | Listing, label: str
) -> _Forms:
    match exhibit:
        case Picture():
            return _picture(exhibit, label)
        case Table():
            return _table(exhibit, label)
        case Passage(text):
            return _Forms("text", {"text": text}, text, _pre(text))
        case Evolution():
            return _evolution(exhibit)
        case Openings():
            return _openings(exhibit)
        case Listing(code):
            fence = "`" * (1 + max(map(len, re.findall("`+", code)), default=2))
            markdown = f"{fence}python\n{code}\n{fence}"
            return _Forms("source", {"code": code}, code, markdown=markdown)


def _pre(text: str) -> str:
    """Set text as HTML with every character in it to be seen, without a style sheet."""
    return f"<pre{PRE}>\n{text_html(text, styled=False)}</pre>"


def _picture(picture: Picture, label: str) -> _Forms:
    """Draw a figure and close it: as SVG for a report, and as PNG for the readers of the notebook.

    JupyterLab shows no SVG in a notebook that is not trusted, and saved beside a PNG it would be
    the same figure once more; so it is left out where no report is made, and the PNG is a coarse
    one where it is.
    """
    lab = in_lab()
    others, density = ({}, DENSITY) if lab else ({"image/svg+xml": svg_of(picture, label)}, 1)
    png = BytesIO()
    dots = round(96 * density)
    picture.figure.savefig(png, format="png", dpi=dots, bbox_inches="tight", facecolor="white")
    plt.close(picture.figure)
    image = Image.open(png).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    file = BytesIO()
    image.save(file, "png", optimize=True)
    others["image/png"] = b64encode(file.getvalue()).decode()
    width, height = (round(side / density) for side in image.size)
    about = {"alt": picture.alt, "image/png": {"width": width, "height": height}}
    content: dict[str, Any] = {"alt": picture.alt}
    if picture.neurons:
        content["neurons"] = [list(neuron) for neuron in picture.neurons]
    return _Forms("figure", content, picture.alt, others=others, about=about)


def svg_of(picture: Picture, label: str) -> str:
    """Return a figure as SVG; the same figure is the same bytes."""
    file = StringIO()
    # The label as salt and no date: the same figure is the same bytes. Text stays text, which
    # can be selected and searched.
    with mpl.rc_context({"svg.hashsalt": label, "svg.fonttype": "none"}):
        about = {"Creator": None, "Date": None}
        picture.figure.savefig(
            file, format="svg", bbox_inches="tight", facecolor="white", metadata=about
        )
    return file.getvalue()


def _table(table: Table, label: str) -> _Forms:
    """Set a table of text, with columns of numbers aligned to the right."""
    columns = [str(name) for name in table.columns]
    cells = [[str(cell) for cell in row] for row in table.rows]
    if any(len(row) != len(columns) for row in cells):
        raise ValueError(f"every row of {label} needs {len(columns)} cells")
    numbers = number_columns(cells)

    def cell_html(place: int, text: str) -> str:
        if place in table.math:
            return to_html(letters(text))
        shown = escape(visible(text))
        return f"<code>{shown}</code>" if place in table.code else shown

    def line(tag: str, contents: list[str]) -> str:
        sides = ("right" if i in numbers else "left" for i in range(len(contents)))
        return "".join(
            f'<{tag} style="text-align: {side}">{content}</{tag}>'
            for side, content in zip(sides, contents, strict=True)
        )

    head = line("th", [escape(visible(name)) for name in columns])
    body = "".join(
        f"<tr>{line('td', [cell_html(i, cell) for i, cell in enumerate(row)])}</tr>"
        for row in cells
    )
    html = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    lines = "\n".join("\t".join(row) for row in [columns, *cells])
    content = {"columns": columns, "rows": cells, "code": [*table.code], "math": [*table.math]}
    if table.marks:
        content["marks"] = list(table.marks)
    if table.file:
        content["file"] = table.file
    return _Forms("table", content, lines, html)


def _evolution(evolution: Evolution) -> _Forms:
    kept: list[dict[str, Any]] = [
        {"step": int(s["step"]), "smooth_loss": float(s["smooth_loss"]), "text": str(s["text"])}
        for s in evolution.samples
    ]
    heads = [f"Step {s['step']:,}, smoothed loss {s['smooth_loss']:.2f}" for s in kept]
    html = "".join(
        f"<p><strong>{head}</strong></p>{_pre(s['text'])}"
        for head, s in zip(heads, kept, strict=True)
    )
    lines = "\n\n".join(f"{head}\n{s['text']}" for head, s in zip(heads, kept, strict=True))
    return _Forms("evolution", {"samples": kept}, lines, html)


def _openings(openings: Openings) -> _Forms:
    kept = [{"name": name, "text": text, "mark": mark} for name, text, mark in openings.texts]
    html = "".join(
        f"<p><strong>{escape(visible(one['name']))}</strong></p>"
        f"{_pre(openings.opening + one['text'])}"
        for one in kept
    )
    lines = "\n\n".join(f"{one['name']}\n{openings.opening}{one['text']}" for one in kept)
    return _Forms("openings", {"opening": openings.opening, "texts": kept}, lines, html)
