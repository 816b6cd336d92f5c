"""Show an exhibit in a notebook, in a form that both JupyterLab and the report can use.

`show` publishes one output, which holds the data of the exhibit (`SHOWN`) for the report, an HTML
form for JupyterLab, and plain text. The report numbers the captions. An output with a `part`, 1 to
4, stands at the front of the report as that part of the assignment.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from io import StringIO
from typing import Any

import matplotlib as mpl
from IPython.display import display
from matplotlib import pyplot as plt

from rnn.exhibits.characters import text_html, visible
from rnn.exhibits.kinds import Evolution, Exhibit, Listing, Passage, Picture, Sentence, Table
from rnn.exhibits.prose import to_html

SHOWN = "application/vnd.rnn.shown+json"

# JupyterLab lacks our style sheet, so the rules that make every character visible come along.
CSS = """<style>
.rnn pre { white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 8 }
.rnn .odd { border: 1px solid; border-radius: 2px; font-size: .8em; opacity: .7 }
.rnn .odd::before { content: attr(data-sign) }
.rnn .number { text-align: right; font-variant-numeric: tabular-nums }
</style>"""


@dataclass(frozen=True)
class _Forms:
    """The forms of an exhibit without its caption: data, HTML, plain text, and others."""

    kind: str
    content: dict[str, Any]
    html: str
    plain_text: str
    others: dict[str, str] = field(default_factory=dict)


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
    below = f"<figcaption>{to_html(caption)}</figcaption>"
    display(
        {
            SHOWN: shown,
            "text/html": f'{CSS}<figure class="rnn" id="{label}">{forms.html}{below}</figure>',
            "text/plain": f"{forms.plain_text}\n\n{caption}",
            **forms.others,
        },
        raw=True,
    )


def say(markdown: str) -> None:
    """Publish Markdown; escape values other than numbers with `rnn.exhibits.prose.plain`."""
    display({"text/markdown": markdown, "text/plain": markdown}, raw=True)


def number_columns(rows: Iterable[Sequence[str]]) -> list[int]:
    """Return the indices of the columns of a table that hold only numbers."""
    number = re.compile(r"[-+−]?\d[\d,]*(\.\d+)?(e[-+−]?\d+)?( ?%)?|")
    columns = zip(*rows, strict=True)
    return [i for i, cells in enumerate(columns) if all(map(number.fullmatch, cells))]


def _forms(exhibit: Picture | Table | Passage | Evolution | Listing, label: str) -> _Forms:
    match exhibit:
        case Picture():
            return _picture(exhibit, label)
        case Table():
            return _table(exhibit, label)
        case Passage(text):
            return _Forms("text", {"text": text}, f"<pre>\n{text_html(text)}</pre>", text)
        case Evolution():
            return _evolution(exhibit)
        case Listing(code):
            html = f"<pre><code>{escape(code)}</code></pre>"
            return _Forms("source", {"code": code}, html, code)


def _picture(picture: Picture, label: str) -> _Forms:
    """Draw a figure as SVG and close it."""
    file, alt = StringIO(), picture.alt
    # With the label as salt, and no date, the same figure always gives the same bytes.
    with mpl.rc_context({"svg.hashsalt": label, "svg.fonttype": "path"}):
        about = {"Creator": None, "Date": None}
        picture.figure.savefig(
            file, format="svg", bbox_inches="tight", facecolor="white", metadata=about
        )
    plt.close(picture.figure)
    svg = file.getvalue()
    data = b64encode(svg.encode()).decode()
    image = f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(alt)}">'
    return _Forms("figure", {"alt": alt}, image, alt, {"image/svg+xml": svg})


def _table(table: Table, label: str) -> _Forms:
    """Set a table of text, with columns of numbers aligned to the right."""
    columns = [str(name) for name in table.columns]
    cells = [[str(cell) for cell in row] for row in table.rows]
    if any(len(row) != len(columns) for row in cells):
        raise ValueError(f"every row of {label} needs {len(columns)} cells")
    numbers = number_columns(cells)

    def line(tag: str, row: list[str]) -> str:
        kinds = (' class="number"' if i in numbers else "" for i in range(len(row)))
        pairs = zip(kinds, row, strict=True)
        return "".join(f"<{tag}{kind}>{escape(visible(cell))}</{tag}>" for kind, cell in pairs)

    body = "".join(f"<tr>{line('td', row)}</tr>" for row in cells)
    html = f"<table><thead><tr>{line('th', columns)}</tr></thead><tbody>{body}</tbody></table>"
    lines = "\n".join("\t".join(row) for row in [columns, *cells])
    return _Forms("table", {"columns": columns, "rows": cells}, html, lines)


def _evolution(evolution: Evolution) -> _Forms:
    kept: list[dict[str, Any]] = [
        {"step": int(s["step"]), "smooth_loss": float(s["smooth_loss"]), "text": str(s["text"])}
        for s in evolution.samples
    ]
    heads = [f"Step {s['step']:,}, smoothed loss {s['smooth_loss']:.2f}" for s in kept]
    html = "".join(
        f"<p><strong>{head}</strong></p><pre>\n{text_html(s['text'])}</pre>"
        for head, s in zip(heads, kept, strict=True)
    )
    lines = "\n\n".join(f"{head}\n{s['text']}" for head, s in zip(heads, kept, strict=True))
    return _Forms("evolution", {"samples": kept}, html, lines)
