"""Write the HTML page and the PDF from the executed notebooks, model.npz and run.json."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat.v4 import new_notebook

from rnn.errors import InputError
from rnn.files.storage import load_model
from rnn.report.document import assemble
from rnn.report.nodes import Title, commentary
from rnn.report.page.exporter import page
from rnn.report.paper.exporter import pdf
from rnn.report.stages import RUN, Stage, executed


def render(
    folder: Path,
    stages: Sequence[Stage],
    title: Title,
    notes: Mapping[int, str] | None = None,
    *,
    code: bool = False,
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
    """
    notebooks = {
        stage.name: nbformat.read(folder / executed(stage), as_version=4) for stage in stages
    }
    run = json.loads((folder / RUN).read_text(encoding="utf-8"))
    document = assemble(notebooks, run, title, notes)
    html = page(document, load_model(folder / "model.npz"))
    (folder / "report.html").write_text(html, encoding="utf-8", newline="\n")
    (folder / "report.pdf").write_bytes(pdf(document, code=code))


def check_notes(notes: Mapping[int, str]) -> None:
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
            pdf(document)
        except RuntimeError as error:  # from pandoc or Typst, or from notes nested too deep
            reason = " ".join(str(error).split())
            raise InputError(f"NOTES: part {part} can't be typeset: {reason}") from None
