"""Further reading: the works that notebooks name, for the report's one list of references.

A notebook lists them under a heading in a cell of their own, in one of three forms:

    ## Further reading

    - A. Lovelace and C. Babbage (1843). The title. *The Journal* 30(1), 50–64.
    - A. Lovelace (1843). *The Book*, second edition, chapter 2. The Publisher.
    - A. Lovelace (1843). [The title](https://example.org).
"""

import re
from collections.abc import Mapping
from typing import Any

from rnn.exhibits.citations import from_csl
from rnn.report.nodes import Node

# Each line is matched in one way only, or a text after the list would take forever.
SECTION = re.compile(r"#+ Further reading\n\s*((?:- .+(?:\n +\S.*)*(?:\n|$))+)\s*", re.IGNORECASE)
TEXT = r"[^*\[\]<>()$`&\\]+"  # nothing that Markdown or CSL would read as a mark
ITEM = re.compile(
    rf"(?P<authors>{TEXT}) \((?P<year>\d{{4}})\)\. (?:"
    rf"(?P<article>{TEXT}[^*\[\]<>()$`&\\\s])[.]? \*(?P<journal>{TEXT})\*"
    r"(?: (?P<volume>\d+)(?:\((?P<issue>[\d–-]+)\))?)?(?:, (?P<pages>[\d–-]+))?\."
    rf"|\*(?P<book>{TEXT})\*(?:, (?P<part>{TEXT}?))?\. (?P<publisher>{TEXT})\."
    rf"|\[(?P<linked>{TEXT})\]\((?P<url>https?://[^\s()]+)\)\.)"
)
NAME = re.compile(r"(?:(?P<given>\S.*?) )??(?P<family>(?:[a-z]\S* )*[^\W\d_][\w'’-]+)")
BETWEEN = re.compile(r", and | and |, ")


def take(notebooks: Mapping[str, Node]) -> tuple[dict[str, list[Node]], list[dict[str, Any]]]:
    """Return the cells of notebooks without their further reading, and its works.

    A section stays where it is if one of its items is in another form, so that nothing is lost.

    Returns
    -------
    tuple
        The cells of each notebook, and the works as pandoc's references.
    """
    kept: dict[str, list[Node]] = {}
    found: list[dict[str, Any]] = []
    for name, notebook in notebooks.items():
        kept[name] = []
        for cell in notebook.cells:
            works = _works(cell.source) if cell.cell_type == "markdown" else None
            if works is None:
                kept[name].append(cell)
            else:
                found += works
    return kept, from_csl(found)


def _works(source: str) -> list[dict[str, Any]] | None:
    """Return the works of a section as CSL's data; None if the cell is no such section."""
    section = SECTION.fullmatch(source)
    if not section:
        return None
    items = [" ".join(item.split()) for item in re.split(r"^- ", section[1], flags=re.M)[1:]]
    works = [_work(item) for item in items]
    return None if None in works else [work for work in works if work]


def _work(item: str) -> dict[str, Any] | None:
    read = ITEM.fullmatch(item)
    names = [NAME.fullmatch(name) for name in BETWEEN.split(read["authors"])] if read else []
    whole = [name.groupdict() for name in names if name and (name["given"] or len(names) == 1)]
    if not read or len(whole) < len(names):
        return None
    kind = "article-journal" if read["journal"] else "book" if read["book"] else "webpage"
    about = {
        "type": kind,
        "title": read["article"] or read["book"] or read["linked"],
        "container-title": read["journal"],
        "volume": read["volume"],
        "issue": read["issue"],
        "page": read["pages"],
        "edition": read["part"],  # set as it is, with a capital
        "publisher": read["publisher"],
        "URL": read["url"],
    }
    authors = [{key: value for key, value in name.items() if value} for name in whole]
    return {key: value for key, value in about.items() if value} | {
        "author": authors,
        "issued": {"date-parts": [[int(read["year"])]]},
    }
