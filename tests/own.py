"""A notebook of one's own beside the project's, made without a kernel, for the tests."""

from base64 import b64encode
from io import BytesIO
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from rnn.report.document import assemble
from rnn.report.nodes import Title
from tests.executed import RUN, notebooks

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="30"><path d="M0 0h9"/></svg>'


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20)) -> str:
    """Return a picture in base64."""
    file = BytesIO()
    Image.new("RGB", size, "red").save(file, kind)
    return b64encode(file.getvalue()).decode()


def data(about: dict[str, Any] | None = None, **forms: Any) -> Any:
    """Return an output with some forms, named as `text_html` for text/html."""
    named = {kind.replace("_", "/", 1): content for kind, content in forms.items()}
    return new_output("display_data", data=named, metadata=about or {})


def svg(source: str = SVG) -> Any:
    """Return a drawing as an output."""
    return new_output("display_data", data={"image/svg+xml": source})


def said(text: str) -> Any:
    """Return printed text as an output."""
    return new_output("stream", name="stdout", text=text)


def cell(*outputs: Any, **metadata: Any) -> Any:
    """Return a cell with outputs."""
    return new_code_cell("mine()", outputs=list(outputs), metadata=metadata)


def document(*cells: Any) -> Any:
    """Return a report with cells of one's own as the fifth chapter."""
    mine = new_notebook(cells=[new_markdown_cell("# Mine"), *cells])
    return assemble(notebooks() | {"05_mine": mine}, RUN, Title("A report"))
