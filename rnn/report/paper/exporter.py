"""The report as a PDF, made by Typst: tagged as PDF/UA-1 requires, and reproducible to the byte.

The code of the notebooks is left out or put in an appendix; functions whose source a notebook shows
as a listing are always included.
"""

import json
import shutil
import sys
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode
from traitlets import default
from traitlets.config import Config

from rnn.exhibits.characters import direction, visible
from rnn.exhibits.forms import SHOWN, number_columns
from rnn.exhibits.words import letters
from rnn.files import child
from rnn.report.appendix import appendix
from rnn.report.errors import StageError
from rnn.report.nodes import PREFERRED, how_set
from rnn.report.outputs.printed import fitting
from rnn.report.paper import setting
from rnn.report.paper.drawings import drawing
from rnn.report.paper.fonts import Fonts
from rnn.report.paper.glyphs import FONTS, more_glyphs, set_in_code, typst_string, typst_text
from rnn.report.paper.markdown import to_typst, tree_typst

SECONDS = 30  # a report takes one
MEMORY = 4_000_000_000  # bytes; a report takes a twentieth
SUFFIXES = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpeg"}
NO_FONTS = Fonts()
TEMPLATE = Path(__file__).parent / "template"


class TypstExporter(TemplateExporter):
    """Writes an assembled document (see document.py) in Typst; `files` are the figures it uses."""

    template_name = "template"
    extra_template_basedirs = [str(TEMPLATE.parent)]  # noqa: RUF012  # a trait, set here for the class
    output_mimetype = "text/x-typst"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".typ"

    @default("template_extension")
    def _template_extension_default(self) -> str:
        return ".typ.j2"

    @property
    def default_config(self) -> Config:
        """Choose the best form of each output."""
        return Config({"NbConvertBase": {"display_data_priority": list(PREFERRED)}})

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """Yield the filters of the template; those that typeset return Typst."""
        yield from super().default_filters()  # type: ignore[no-untyped-call]
        yield "prose", prose
        yield "prose_block", prose_block
        yield "notes", self._notes
        yield "text", typst_text
        yield "direction", direction
        yield "code", lambda source: typst_string(set_in_code(source))
        yield "string", typst_string
        yield "visible", visible
        yield "number_columns", number_columns
        yield "letters", letters
        yield "tree", tree_typst
        yield "fitting", fitting
        yield "file", self._file

    def _file(self, content: str | bytes, kind: str) -> str:
        """Store an image of a media type as a file, and return its name as a Typst string."""
        name = f"{len(self.files)}.{SUFFIXES[kind]}"
        if kind == "image/svg+xml":
            source = content if isinstance(content, str) else content.decode()
            content = drawing(source).encode()
        elif isinstance(content, str):  # as in a notebook
            content = b64decode(content)
        self.files[name] = content
        return typst_string(name)

    @pass_context
    def _notes(self, context: Context, cell: NotebookNode) -> str:
        """Return a section of the author's notes as Typst."""
        document = context["nb"]
        images = {
            target: self._file(b64decode(content), kind)
            for target, forms in cell.attachments.items()
            for kind, content in forms.items()
        }
        how = how_set(cell, document, images)
        return to_typst(cell.source, document.metadata.rnn.anchors, **how)

    def from_notebook_node(  # type: ignore[override]  # as nbconvert's own do
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert an assembled document; see document.py."""
        self.files: dict[str, bytes] = {}
        resources = (resources or {}) | {"shown": SHOWN}
        source, resources = super().from_notebook_node(nb, resources, **kw)
        return source, resources | {"outputs": self.files}


@pass_context
def prose(context: Context, markdown: str) -> str:
    """Return Markdown as Typst that stands within a line."""
    about = context["nb"].metadata.rnn
    return to_typst(markdown, about.anchors, named=about.get("named"))


@pass_context
def prose_block(context: Context, markdown: str) -> str:
    """Return Markdown as paragraphs in Typst."""
    about = context["nb"].metadata.rnn
    return to_typst(markdown, about.anchors, block=True, named=about.get("named"))


def pdf(
    document: NotebookNode, *, code: bool = False, fonts: Fonts = NO_FONTS, recipe: Any = None
) -> bytes:
    """Return an assembled document as a PDF.

    Parameters
    ----------
    document
        The document.
    code
        Whether it has the code of its chapters, as an appendix.
    fonts
        The user's fonts, for characters that the PDF's own lack.
    recipe
        What is attached as `recipe.json`.
    """
    exporter = TypstExporter()  # type: ignore[no-untyped-call]
    if code:
        document = NotebookNode({**document, "cells": [*document.cells, *appendix(document.cells)]})
    with more_glyphs(fonts.characters):
        source, resources = exporter.from_notebook_node(document, {"recipe": recipe})
    # Typst can read the files in this folder, and no others.
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in resources["outputs"].items():
            (folder / file).write_bytes(content)
        shutil.copy(TEMPLATE / "report.typ", folder)
        (folder / "fonts").mkdir()
        shutil.copy(FONTS[1], folder / "fonts")
        fonts.link(folder / "fonts")
        (folder / "fonts.json").write_text(json.dumps(fonts.families), encoding="utf-8")
        if recipe:
            (folder / "recipe.json").write_text(json.dumps(recipe, indent=2), encoding="utf-8")
        (folder / "main.typ").write_text(source, encoding="utf-8")
        return _compile(folder)


def _compile(folder: Path) -> bytes:
    """Return the PDF of a folder, made in a process of its own, which can be ended."""
    command = [sys.executable, "-I", str(Path(setting.__file__)), str(folder)]
    _, fault = child.run(command, seconds=SECONDS, memory=MEMORY)
    if fault:
        raise StageError(f"Typst failed: {fault}")
    return (folder / "made.pdf").read_bytes()
