"""The code of the notebooks as an appendix."""

from collections.abc import Collection, Iterable, Iterator

from rnn.exhibits.forms import SHOWN
from rnn.report.nodes import Node, code, exhibit, heading


def appendix(cells: Iterable[Node], labels: Collection[str] = ()) -> Iterator[Node]:
    """Yield an appendix with the code of some chapters.

    Parameters
    ----------
    cells
        The cells of the chapters.
    labels
        The labels of exhibits, such as listings, that stand beside the code.
    """
    yield heading(2, "A", "code", "The code of the notebooks")
    for cell in cells:
        about = cell.metadata.rnn
        if about.role == "heading" and about.anchor.startswith("chapter-"):
            yield heading(3, f"A.{about.number}", f"code-{about.anchor}", cell.source)
        elif about.role == "code" and cell.source:
            yield code(cell.source, role="appendix")
        listed = [one for one in cell.get("outputs", []) if _label(one) in labels]
        if listed:
            yield exhibit(listed)


def _label(output: Node) -> str:
    return str(output.get("data", {}).get(SHOWN, {}).get("label", ""))
