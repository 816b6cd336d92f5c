"""Write a study's page and PDF from its executed notebook and its files."""

import json
from collections.abc import Mapping
from pathlib import Path

from rnn.exhibits.citations import NOTHING, Cited
from rnn.files.results import read_study
from rnn.report.nodes import Images, Title
from rnn.report.page.exporter import page
from rnn.report.page.scripts import STUDY_SCRIPT
from rnn.report.paper.exporter import NO_FONTS, pdf
from rnn.report.paper.fonts import Fonts
from rnn.report.render import read_notebook
from rnn.report.stages import STUDY, executed
from rnn.study.document import assemble


def render(
    work: Path,
    title: Title,
    notes: Mapping[int, str] | None = None,
    images: Mapping[int, Images] | None = None,
    *,
    cited: Cited = NOTHING,
    fonts: Fonts = NO_FONTS,
) -> list[str]:
    """Write `study.html` and `study.pdf` from the executed notebook and `study.json`.

    Parameters
    ----------
    work
        The folder of all these files.
    title
        The title block.
    notes
        The author's commentary on each part, as Markdown.
    images
        The images in it, for each part.
    cited
        The notes' citations, and what they cite.
    fonts
        The user's fonts, for the PDF.

    Returns
    -------
    list
        Lines for the author: what can't be shown, and which pictures have no caption.
    """
    notebook = read_notebook(work / executed(STUDY))
    made = json.loads((work / "study.json").read_text(encoding="utf-8"))
    document = assemble(notebook, read_study(work), made, title, notes, images, cited=cited)
    html = page(document, script=STUDY_SCRIPT)
    (work / "study.html").write_text(html, encoding="utf-8", newline="\n")
    fonts.check_unchanged()
    (work / "study.pdf").write_bytes(pdf(document, fonts=fonts))
    return list(document.metadata.rnn.remarks)
