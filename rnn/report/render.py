"""Write the HTML page and the PDF from the executed notebooks, model.npz and run.json."""

import json
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jupytext
import nbformat

from rnn.errors import InputError
from rnn.exhibits.citations import NOTHING, Cited
from rnn.exhibits.pandoc import UnsetError
from rnn.exhibits.prose import check_formulas, plain
from rnn.files.storage import load_model
from rnn.report.chapters import document
from rnn.report.document import assemble
from rnn.report.errors import StageError
from rnn.report.forms import REPORT, SHORT
from rnn.report.nodes import Images, Node, Title, commentary, prose, references
from rnn.report.outputs.kept import check_metadata
from rnn.report.page.excerpt import Excerpt
from rnn.report.page.exporter import page
from rnn.report.paper.exporter import NO_FONTS, pdf
from rnn.report.paper.fonts import Fonts
from rnn.report.paper.glyphs import glyphs
from rnn.report.stages import RUN, Stage, executed


def render(
    folder: Path,
    stages: Sequence[Stage],
    title: Title,
    notes: Mapping[int, str] | None = None,
    images: Mapping[int, Images] | None = None,
    *,
    form: str = REPORT,
    cited: Cited = NOTHING,
    excerpt: Excerpt | None = None,
    code: bool = False,
    fonts: Fonts = NO_FONTS,
    recipe: Any = None,
    model: Path | None = None,
) -> list[str]:
    """Write `report.html` and `report.pdf` from the notebooks, `run.json` and `model.npz`.

    Parameters
    ----------
    folder
        The folder of all these files.
    stages
        The stages whose notebooks become the chapters.
    title
        The title block.
    notes
        The author's commentary on each part, as Markdown.
    images
        The images in it, for each part.
    form
        What the report has; see `assemble`.
    cited
        The notes' citations, and what they cite.
    excerpt
        What the page has of the book.
    code
        Whether the PDF has the notebooks' code, as an appendix.
    fonts
        The user's fonts, for the PDF.
    recipe
        What page and PDF carry as data; see rnn/report/verify/carried.py.
    model
        The model that the page runs, in place of `model.npz`.

    Returns
    -------
    list
        Lines for the author: what can't be shown, and which pictures have no caption.
    """
    notebooks = {stage.name: read_notebook(folder / executed(stage)) for stage in stages}
    run = json.loads((folder / RUN).read_text(encoding="utf-8"))
    report = assemble(notebooks, run, title, notes, images, form=form, cited=cited)
    course = (folder / "history.csv").read_text(encoding="utf-8", errors="replace")
    network = load_model(model or folder / "model.npz")
    fonts.check_unchanged()
    with ThreadPoolExecutor(1) as beside:  # much of both is done by pandoc and Typst
        made = beside.submit(pdf, report, code=code and form != SHORT, fonts=fonts, recipe=recipe)
        html = page(report, network, course, excerpt, recipe=recipe)
    (folder / "report.html").write_text(html, encoding="utf-8", newline="\n")
    (folder / "report.pdf").write_bytes(made.result())
    return list(report.metadata.rnn.remarks)


def read_notebook(path: Path) -> Node:
    """Return an executed notebook, which an earlier report may have left."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as of cells without a name
            notebook = nbformat.read(path, as_version=4)
            nbformat.validate(notebook)
    except Exception as error:  # whatever a file that is no notebook makes nbformat raise
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise StageError(f"{path.name} is no notebook: {reason}") from None
    return notebook


def check_fonts(fonts: Fonts, texts: Iterable[str]) -> None:
    """Refuse fonts that can't set what they are for, before hours of work.

    Raises
    ------
    InputError
        When Typst refuses one of the characters that only they have.
    """
    needed = sorted({c for text in texts for c in text} & (fonts.characters - glyphs()))
    if not needed:
        return
    try:
        pdf(document([[prose(plain(" ".join(needed)))]], Title("Fonts")), fonts=fonts)
    except RuntimeError as error:
        raise InputError(f"FONTS: {' '.join(str(error).split())}") from None


def check_notes(
    notes: Mapping[int, str],
    images: Mapping[int, Images] | None = None,
    place: Callable[[int, str], str] = lambda part, _: f"part {part}",
    fonts: Fonts = NO_FONTS,
    cited: Cited = NOTHING,
) -> None:
    """Refuse notes that can't be typeset, before hours of work.

    Parameters
    ----------
    notes
        The author's commentary on each part, as Markdown.
    images
        The images in it, for each part.
    place
        Returns how to name the place of a part, or of something that is quoted from it.
    fonts
        The user's fonts, for the PDF.
    cited
        The notes' citations, and what they cite.

    Raises
    ------
    InputError
        When they can't; the message names the place and the reason.
    """

    def typeset(write: Callable[[Node], object], *parts: int) -> None:
        try:
            cells = [commentary(part, notes[part], (images or {}).get(part)) for part in parts]
            write(document([[*cells, references(cited.entries)]], Title("Notes"), cited))
        except RuntimeError as error:  # from pandoc or Typst, or from notes nested too deep
            for part in parts if len(parts) > 1 else ():  # which one?
                typeset(write, part)
            where = place(parts[0], error.quoted if isinstance(error, UnsetError) else "")
            reason = " ".join(str(error).split())
            raise InputError(f"NOTES: {where} can't be typeset: {reason}") from None

    for part in notes:
        typeset(page, part)
    if notes:
        typeset(lambda alone: pdf(alone, fonts=fonts), *notes)


def check_prose(notebook: Path) -> None:
    """Refuse a notebook with a formula or a caption that can't be typeset, before hours of work.

    Raises
    ------
    InputError
        Names the notebook and the formula, or the cell.
    """
    cells = jupytext.read(notebook).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, 1):
        check_metadata(notebook.name, number, cell.metadata)
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    try:
        check_formulas("\n\n".join(texts))
    except UnsetError as error:
        raise InputError(f"{notebook} can't be typeset: {error}") from None
