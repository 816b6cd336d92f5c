"""The code of the notebooks as an appendix."""

from collections.abc import Iterable, Iterator

from rnn.report.nodes import Node, code, heading


def appendix(cells: Iterable[Node]) -> Iterator[Node]:
    """Yield an appendix with the code of some chapters.

    Parameters
    ----------
    cells
        The cells of the chapters.
    """
    yield heading(2, "A", "code", "The code of the notebooks")
    for cell in cells:
        about = cell.metadata.rnn
        if about.role == "heading" and about.anchor.startswith("chapter-"):
            yield heading(3, f"A.{about.number}", f"code-{about.anchor}", cell.source)
        elif about.role == "code" and cell.source:
            yield code(cell.source, role="appendix")
