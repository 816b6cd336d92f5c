"""The outputs of a cell, as the few kinds that page and PDF can show.

Exhibits of `rnn.exhibits.show` are checked and kept. Of what any other library puts out, the best
form is taken: formulas, prose, pictures, tables, or the text. Nothing in them runs or loads
anything: pictures are encoded anew, SVG and HTML are reduced to what draws and reads. Of what can't
be shown, a line says what it was and whose.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from nbformat.v4 import new_output
from PIL import Image

from rnn.errors import InputError
from rnn.exhibits.characters import visible
from rnn.exhibits.forms import ACROSS, CAPTION, SHOWN
from rnn.exhibits.pandoc import UnsetError
from rnn.exhibits.prose import plain
from rnn.report.errors import StageError
from rnn.report.nodes import Node
from rnn.report.outputs import described, images, latex, markup, printed, svg

HIDDEN = "remove-output"  # the tag of a cell whose output is for JupyterLab alone
RASTERS = ("image/png", "image/jpeg", "image/gif", "image/webp")
PLOTTED = 'id="figure_1"'  # in what matplotlib draws
LARGEST_DRAWING = 2_000_000  # characters of SVG; beyond it the raster beside it is smaller
# Kinds that need a program or a player, by the beginnings of their names.
LOST = {
    "application/vnd.jupyter.widget-view": "a widget",
    "application/vnd.plotly": "a chart of plotly",
    "application/vnd.bokeh": "a chart of Bokeh",
    "application/vnd.holoviews": "a chart of HoloViews",
    "application/vnd.vega": "a chart of Vega",
    "application/javascript": "JavaScript",
    "text/javascript": "JavaScript",
    "application/pdf": "a PDF",
    "video/": "a video",
    "audio/": "a sound",
}
# What Python says of an object that has no words of its own.
NAMELESS = re.compile(
    r"\s*(?:array\()?[\[({]*<(?:IPython\.[^>]*|[^>]* at 0x(?:[0-9a-f]+|…)|Axes: [^>]*"
    r"|Figure size [^>]*|[^>]* object of \d+ artists)>"
    r"|Text\([^\n]*\)\s*$"  # what setting a title returns
)
ADDRESS = re.compile(r"(?<=at )0x[0-9a-f]{6,}", re.IGNORECASE)


@dataclass
class Place:
    """The cell whose outputs are read.

    Attributes
    ----------
    notebook
        Its notebook's name.
    number
        Its number among the notebook's code cells.
    metadata
        Its metadata, which may give captions and alternative texts.
    remarks
        Lines for the terminal, added to as the outputs are read.
    """

    notebook: str
    number: int
    metadata: Mapping[str, Any]
    remarks: list[str]
    found: list[dict[str, Any]] = field(default_factory=list)  # pictures and tables, in order

    @property
    def name(self) -> str:
        """What the cell is called."""
        return f"cell {self.number} of {self.notebook}"


def read(outputs: list[Node], place: Place) -> list[Node]:
    """Return the outputs of a cell as a report shows them.

    Raises
    ------
    StageError
        When an exhibit is not what `rnn.exhibits.show` publishes.
    """
    if HIDDEN in place.metadata.get("tags", []):
        return []
    kept: list[Node] = []
    lost: list[str] = []
    for output in outputs:
        try:
            kept += _read(output, place, lost)
        except UnsetError as error:
            lost.append(str(error))
    _caption(place)
    for what in dict.fromkeys(lost):
        kept.append(_shown("lost", what=what, cell=place.name))
        place.remarks.append(
            f"the output of {place.name} ({visible(what)}) can't be shown in a report"
        )
    return kept


def check_metadata(name: str, number: int, metadata: Mapping[str, Any]) -> None:
    """Refuse captions, alternative texts and labels of a cell that are none.

    Raises
    ------
    InputError
        Names the cell.
    """
    for key in ("caption", "alt", "label"):
        for text in _listed(metadata, key):
            if not isinstance(text, str) or (
                key == "label" and not described.LABEL.fullmatch(text)
            ):
                kind = "lower-case letters, digits and hyphens" if key == "label" else "text"
                raise InputError(f"cell {number} of {name}: {key} must be {kind}, not {text!r}")


def _read(output: Node, place: Place, lost: list[str]) -> Iterator[Node]:
    """Yield an output in its best form; stderr is dropped, as it was shown on the terminal."""
    if output.output_type == "stream":
        if output.name == "stdout":
            yield from _printed(output.text)
        return
    if output.output_type == "error":
        yield from _printed(last_line(output))
        return
    data = output.data
    if CAPTION in data:  # of a figure, which has it too
        return
    if SHOWN in data:
        try:
            about = described.checked(data[SHOWN], data)
        except UnsetError as error:
            raise StageError(
                f"{place.name} put out {error}: make the report in a new folder, with OUT"
            ) from None
        yield new_output("display_data", data={SHOWN: about})
        return
    yield from _foreign(data, output.get("metadata", {}), place, lost)


def _foreign(
    data: Mapping[str, Any], about: Mapping[str, Any], place: Place, lost: list[str]
) -> Iterator[Node]:
    """Yield an output of another library."""
    drawing, raster = data.get("image/svg+xml"), next((k for k in RASTERS if k in data), "")
    barred = [name for kind in data for start, name in LOST.items() if kind.startswith(start)]
    text = str(data.get("text/plain", ""))
    if "text/latex" in data and ("text/html" not in data or latex.is_set(data["text/latex"])):
        yield _shown("tree", tree=latex.read(str(data["text/latex"])), tables=False)
    elif "text/markdown" in data:
        yield new_output("display_data", data={"text/markdown": str(data["text/markdown"])})
    elif drawing and not (raster and len(drawing) > LARGEST_DRAWING):
        yield _drawing(str(drawing), place)
    elif raster:
        asked = about.get(raster, about)
        alt = asked.get("alt") if isinstance(asked, Mapping) else None
        yield _image(str(data[raster]), asked, place, alt if isinstance(alt, str) else "")
    elif barred:
        lost += barred
    elif "text/html" in data:
        yield from _html(str(data["text/html"]), place, lost, text)
    elif "application/json" in data:
        yield from _printed(json.dumps(data["application/json"], indent=2, ensure_ascii=False))
    elif text and not NAMELESS.match(text):
        yield from _printed(ADDRESS.sub("0x…", text))
    elif kinds := [kind for kind in data if kind != "text/plain"]:
        lost.append(f"of the kind {kinds[0]}")


def _shown(kind: str, **content: Any) -> Node:
    return new_output("display_data", data={SHOWN: {"kind": kind, "part": None, **content}})


def _printed(text: str) -> Iterator[Node]:
    lines, total = printed.read(text)
    if lines:
        yield _shown("printed", lines=[[list(run) for run in line] for line in lines], total=total)


def last_line(error: Mapping[str, Any]) -> str:
    """Return the line that says which exception was raised."""
    said = str(error["evalue"]).strip().splitlines()
    return f"{error['ename']}: {said[0]}" if said else str(error["ename"])


def _drawing(source: str, place: Place, alt: str = "") -> Node:
    made = svg.clean(source)
    width, height = svg.size(made)
    # Of the width of a line: drawn at the scale of our figures, it has letters of the same size.
    share = width / ACROSS if PLOTTED in made else 0.0
    return _pictured(place, "drawing", alt, svg=made, width=width, height=height, share=share)


def _image(content: str, about: Any, place: Place, alt: str) -> Node:
    try:
        encoded = b64decode(content)
    except ValueError:
        raise UnsetError("a picture that is damaged") from None
    try:
        made, media = images.encode(encoded)
    except UnsetError as error:
        raise UnsetError(f"a picture: {error}") from None
    width, height = map(float, Image.open(BytesIO(made)).size)
    asked = [_side(about, side) for side in ("width", "height")]
    if asked[0] or asked[1]:  # one side alone keeps the shape
        scale = [a / side for a, side in zip(asked, (width, height), strict=True) if a]
        width, height = asked[0] or width * scale[0], asked[1] or height * scale[0]
    again = b64encode(made).decode()
    return _pictured(place, "image", alt, content=again, media=media, width=width, height=height)


def _side(about: Any, name: str) -> float:
    """Return a side of a picture in pixels, as the cell asked for it; else zero."""
    value = about.get(name) if isinstance(about, Mapping) else None
    found = re.fullmatch(r"(\d{1,5}(?:\.\d+)?)(?:px)?", str(value))
    return float(found[1]) if found else 0.0


def _pictured(place: Place, kind: str, alt: str, **content: Any) -> Node:
    output = _shown(kind, alt=alt, **content)
    place.found.append(output.data[SHOWN])
    return output


def _html(html: str, place: Place, lost: list[str], text: str) -> Iterator[Node]:
    """Yield what is in HTML; in its place the text if it has one and can't be set."""
    if re.fullmatch(r"\s*<svg\b.*</svg>\s*", html, re.DOTALL):
        yield _drawing(html, place)
        return
    try:
        found = markup.read(html)
    except UnsetError:
        if not text or NAMELESS.match(text):
            raise
        yield from _printed(text)
        return
    if found.tree:
        output = _shown("tree", tree=found.tree, tables=found.tables)
        if found.tables:
            place.found.append(output.data[SHOWN])
            if found.caption:
                output.data[SHOWN].caption = plain(found.caption)
        yield output
    for media, content, alt in found.pictures:
        if media == "image/svg+xml":
            yield _drawing(_decoded(content), place, alt)
        else:
            yield _image(content, {}, place, alt)
    lost += found.lost


def _decoded(content: str) -> str:
    try:
        return b64decode(content).decode()
    except ValueError:
        raise UnsetError("a picture that is damaged") from None


def _listed(metadata: Mapping[str, Any], key: str) -> list[Any]:
    """Return what a cell's metadata say of its pictures; one text is the first one's."""
    value = metadata.get(key)
    return [] if value is None else list(value) if isinstance(value, list) else [value]


def _caption(place: Place) -> None:
    """Give the cell's pictures and tables what its metadata say of them.

    A list is for all of them in order, a single text for the first picture, or the first table
    where there is no picture.
    """
    pictures = [about for about in place.found if about["kind"] != "tree"]
    for key in ("caption", "alt", "label"):
        texts = _listed(place.metadata, key)
        whole = isinstance(place.metadata.get(key), list)
        for about, text in zip(
            place.found if whole else pictures or place.found, texts, strict=False
        ):
            if isinstance(text, str) and text:
                about[key] = text
    for number, about in enumerate(pictures, 1):
        missing = [
            name
            for name, key in (("caption", "caption"), ("alternative text", "alt"))
            if not about.get(key)
        ]
        if missing:
            place.remarks.append(
                f"{place.name}: picture {number} has no {' and no '.join(missing)};"
                " docs/chapters.md says how to give it one"
            )
        about["alt"] = about.get("alt") or about.get("caption") or f"A picture made by {place.name}"
