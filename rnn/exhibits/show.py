"""What a notebook shows its reader, in a form that both JupyterLab and the report can set.

Each of these publishes one output, which carries what it is (`SHOWN`) beside an HTML form for
JupyterLab and plain text. Captions are Markdown and may hold $math$; the report numbers them.
An output with a `part`, 1 to 4, stands at the front of the report as that part of the assignment.
"""

import inspect
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from io import StringIO
from textwrap import dedent
from typing import Any

import matplotlib as mpl
from IPython.display import display
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from rnn.exhibits.characters import text_html, visible
from rnn.exhibits.prose import plain, to_html

__all__ = [
    "SHOWN",
    "evolution",
    "figure",
    "for_readers",
    "number_columns",
    "plain",
    "say",
    "source",
    "table",
    "text",
]

# What the tools of this project are told, at the end of a line.
FOR_TOOLS = re.compile(r"[ \t]*# (?:noqa|fmt: |type: ignore)[^#\n]*?(?=[ \t]*(?:#|$))", re.M)

SHOWN = "application/vnd.rnn.shown+json"

# JupyterLab has no style sheet of ours: what is needed to see every character goes along.
STYLE = """<style>
.rnn pre { white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 8 }
.rnn .odd { border: 1px solid; border-radius: 2px; font-size: .8em; opacity: .7 }
.rnn .odd::before { content: attr(data-sign) }
.rnn .number { text-align: right; font-variant-numeric: tabular-nums }
</style>"""


def _publish(
    kind: str,
    label: str,
    caption: str,
    part: int | None,
    content: Mapping[str, Any],
    html: str,
    plain_text: str,
    **other: str,
) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9-]*", label):
        raise ValueError(f"a label is lower-case letters, digits and hyphens: {label!r}")
    if part not in (None, 1, 2, 3, 4):
        raise ValueError(f"the parts are 1 to 4: {part!r}")
    shown = {"kind": kind, "label": label, "caption": caption, "part": part, **content}
    below = f"<figcaption>{to_html(caption)}</figcaption>"
    display(
        {
            SHOWN: shown,
            "text/html": f'{STYLE}<figure class="rnn" id="{label}">{html}{below}</figure>',
            "text/plain": f"{plain_text}\n\n{caption}",
            **other,
        },
        raw=True,
    )


def figure(fig: Figure, *, label: str, caption: str, alt: str, part: int | None = None) -> None:
    """Show a figure as SVG and close it; `alt` says in words what it shows."""
    file = StringIO()
    # The label as salt and no date: the same figure is the same bytes.
    with mpl.rc_context({"svg.hashsalt": label, "svg.fonttype": "path"}):
        about = {"Creator": None, "Date": None}
        fig.savefig(file, format="svg", bbox_inches="tight", facecolor="white", metadata=about)
    plt.close(fig)
    svg = file.getvalue()
    data = b64encode(svg.encode()).decode()
    image = f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(alt)}">'
    _publish("figure", label, caption, part, {"alt": alt}, image, alt, **{"image/svg+xml": svg})


def number_columns(rows: Iterable[Sequence[str]]) -> list[int]:
    """Return which columns of a table hold numbers only."""
    number = re.compile(r"[-+−]?\d[\d,]*(\.\d+)?(e[-+−]?\d+)?( ?%)?|")
    columns = zip(*rows, strict=True)
    return [i for i, cells in enumerate(columns) if all(map(number.fullmatch, cells))]


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    label: str,
    caption: str,
    part: int | None = None,
) -> None:
    """Show a table of text; columns of numbers stand to the right."""
    columns, cells = [str(name) for name in columns], [[str(cell) for cell in row] for row in rows]
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
    _publish("table", label, caption, part, {"columns": columns, "rows": cells}, html, lines)


def text(text: str, *, label: str, caption: str, part: int | None = None) -> None:
    """Show sampled text, every character as it is."""
    _publish("text", label, caption, part, {"text": text}, f"<pre>\n{text_html(text)}</pre>", text)


def evolution(
    samples: Iterable[Mapping[str, Any]], *, label: str, caption: str, part: int | None = None
) -> None:
    """Show how the text changed: samples of {"step", "smooth_loss", "text"} in order of step."""
    kept: list[dict[str, Any]] = [
        {"step": int(s["step"]), "smooth_loss": float(s["smooth_loss"]), "text": str(s["text"])}
        for s in samples
    ]
    heads = [f"Step {s['step']:,}, smoothed loss {s['smooth_loss']:.2f}" for s in kept]
    html = "".join(
        f"<p><strong>{head}</strong></p><pre>\n{text_html(s['text'])}</pre>"
        for head, s in zip(heads, kept, strict=True)
    )
    lines = "\n\n".join(f"{head}\n{s['text']}" for head, s in zip(heads, kept, strict=True))
    _publish("evolution", label, caption, part, {"samples": kept}, html, lines)


def source(*functions: Callable[..., Any], label: str, caption: str) -> None:
    """Show the source of functions as it stands in their files, compiled ones included."""
    code = "\n\n\n".join(
        dedent(inspect.getsource(getattr(function, "py_func", function))).strip()
        for function in functions
    )
    code = for_readers(code)
    html = f"<pre><code>{escape(code)}</code></pre>"
    _publish("source", label, caption, None, {"code": code}, html, code)


def for_readers(code: str) -> str:
    """Return code without what it tells the linter, the formatter and the type checker."""
    return FOR_TOOLS.sub("", code)


def say(markdown: str) -> None:
    """Say a sentence that was computed; values that are not numbers go into it by `plain`."""
    bundle = {"text/markdown": markdown, "text/plain": markdown}
    display(bundle, raw=True)
