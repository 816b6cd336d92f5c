"""Write the HTML page and the PDF from the executed notebooks, model.npz and run.json."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import jupytext
import nbformat
from nbformat.v4 import new_notebook

from rnn.errors import InputError
from rnn.exhibits.pandoc import UnsetError
from rnn.exhibits.prose import check_formulas, plain
from rnn.files.storage import load_model
from rnn.report.document import assemble
from rnn.report.nodes import Title, commentary, prose
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
    *,
    code: bool = False,
    fonts: Fonts = NO_FONTS,
) -> None:
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
    code
        Whether the PDF has the notebooks' code, as an appendix.
    fonts
        The user's fonts, for the PDF.
    """
    notebooks = {
        stage.name: nbformat.read(folder / executed(stage), as_version=4) for stage in stages
    }
    run = json.loads((folder / RUN).read_text(encoding="utf-8"))
    document = assemble(notebooks, run, title, notes)
    html = page(document, load_model(folder / "model.npz"))
    (folder / "report.html").write_text(html, encoding="utf-8", newline="\n")
    fonts.check_unchanged()
    (folder / "report.pdf").write_bytes(pdf(document, code=code, fonts=fonts))


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
    about = {"title": {"title": "Fonts", "author": ""}, "contents": [], "anchors": []}
    document = new_notebook(cells=[prose(plain(" ".join(needed)))], metadata={"rnn": about})
    try:
        pdf(document, fonts=fonts)
    except RuntimeError as error:
        raise InputError(f"FONTS: {' '.join(str(error).split())}") from None


def check_notes(notes: Mapping[int, str], fonts: Fonts = NO_FONTS) -> None:
    """Refuse notes that can't be typeset, before hours of work.

    Raises
    ------
    InputError
        When they can't; the message names the part and the reason.
    """
    about = {"title": {"title": "Notes", "author": ""}, "contents": [], "anchors": []}
    for part, text in notes.items():
        document = new_notebook(cells=[commentary(part, text)], metadata={"rnn": about})
        try:
            page(document)
            pdf(document, fonts=fonts)
        except RuntimeError as error:  # from pandoc or Typst, or from notes nested too deep
            reason = " ".join(str(error).split())
            raise InputError(f"NOTES: part {part} can't be typeset: {reason}") from None


def check_prose(notebook: Path) -> None:
    """Refuse a notebook with a formula that can't be typeset, before hours of work.

    Raises
    ------
    InputError
        Names the notebook and the formula.
    """
    cells = jupytext.read(notebook).cells
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    try:
        check_formulas("\n\n".join(texts))
    except UnsetError as error:
        raise InputError(f"{notebook} can't be typeset: {error}") from None
