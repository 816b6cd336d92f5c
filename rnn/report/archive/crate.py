"""The descriptions in an archive: RO-Crate 1.1 as a Process Run Crate, and CITATION.cff."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rnn.files.library import TALES_SHA256
from rnn.report.nodes import Title

NAME = "ro-crate-metadata.json"
CRATE = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
MARK = "https://creativecommons.org/publicdomain/mark/1.0/"
MIT = "https://spdx.org/licenses/MIT"
TYPES = {
    ".ipynb": "application/x-ipynb+json",
    ".npz": "application/zip",
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".json": "application/json",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
}
Entity = dict[str, Any]


def crate(
    recipe: Mapping[str, Any], title: Title, date: str, files: Mapping[str, int], book: str
) -> str:
    """Return `ro-crate-metadata.json`: the report, its parts, and the run that made them.

    Parameters
    ----------
    recipe
        What the report carries.
    title
        Its title block.
    date
        The day of publication.
    files
        The sizes of the report's files, by their names in the archive.
    book
        The book's name in the archive; empty if it is not in it.
    """
    run = recipe["run"]
    about = book or f"urn:sha256:{run['book']['sha256']}"
    people = [{"@id": f"#author-{n}"} for n, _ in enumerate(title.authors, 1)]
    root: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "name": title.title,
        "description": "A report on a character-level recurrent network, trained on one book, with"
        " all that makes it again.",
        "datePublished": date,
        "license": {"@id": "#licence"},
        "conformsTo": {"@id": PROFILE},
        "hasPart": [{"@id": name} for name in (*files, *([book] if book else []), "project/")],
        "mentions": {"@id": "#run"},
        **({"author": people if len(people) > 1 else people[0]} if people else {}),
    }
    graph = [
        {
            "@id": NAME,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": CRATE},
        },
        root,
        {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        {
            "@id": "#licence",
            "@type": "CreativeWork",
            "name": "Licences of the parts",
            "description": "The report belongs to its authors. project/LICENSE is for the program.",
        },
        *(
            {"@id": f"#author-{n}", "@type": "Person", "name": name}
            for n, name in enumerate(title.authors, 1)
        ),
        {
            "@id": "project/",
            "@type": ["Dataset", "SoftwareApplication"],
            "name": "rnn",
            "description": "The program that made the report, with the lock of its libraries.",
            "softwareVersion": run["versions"]["rnn"],
            "license": {"@id": MIT},
        },
        {"@id": MIT, "@type": "CreativeWork", "name": "MIT License"},
        *_book(run["book"], about, in_archive=bool(book)),
        *_parameters(run["parameters"]),
        *(_file(name, size) for name, size in files.items()),
        {
            "@id": "#run",
            "@type": "CreateAction",
            "name": "make report",
            "description": f"Run on {run['versions']['system']}, {run['versions']['processor']}.",
            "instrument": {"@id": "project/"},
            "object": [{"@id": about}, *({"@id": f"#{name}"} for name in run["parameters"])],
            "result": [{"@id": name} for name in files],
            **({"agent": people[0]} if people else {}),
        },
    ]
    document = {"@context": f"{CRATE}/context", "@graph": graph}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _book(book: Mapping[str, Any], name: str, *, in_archive: bool) -> Iterator[Entity]:
    about: Entity = {"@id": name, "name": book["path"].rpartition("/")[2]}
    if not in_archive:
        yield about | {"@type": "CreativeWork", "identifier": book["sha256"]}
        return
    licence = CC0 if book["sha256"] == TALES_SHA256 else MARK
    yield about | {
        "@type": "File",
        "encodingFormat": "text/plain",
        "license": {"@id": licence},
    }
    yield {"@id": licence, "@type": "CreativeWork", "name": "Free to share"}


def _parameters(used: Mapping[str, Any]) -> Iterator[Entity]:
    for name, value in used.items():
        shown = value if isinstance(value, str) else json.dumps(value)
        yield {"@id": f"#{name}", "@type": "PropertyValue", "name": name, "value": shown}


def _file(name: str, size: int) -> Entity:
    end = f".{name.rpartition('.')[2]}"
    kind = TYPES.get(end.lower(), "application/octet-stream")
    short = name.partition("/")[2]
    return {
        "@id": name,
        "@type": "File",
        "name": short,
        "contentSize": str(size),
        "encodingFormat": kind,
    }


def citation(title: Title, date: str, project: Sequence[tuple[str, str]]) -> str:
    """Return the report's CITATION.cff, which refers to the project.

    Parameters
    ----------
    title
        The title block.
    date
        The day of publication.
    project
        The fields of the reference to the project.
    """
    authors = title.authors or ("Anonymous",)
    lines = [
        "cff-version: 1.2.0",
        "message: This is how to cite the report.",
        "type: dataset",
        f"title: {json.dumps(title.title, ensure_ascii=False)}",
        f"date-released: {date}",
        "authors:",
        *(f"  - name: {json.dumps(name, ensure_ascii=False)}" for name in authors),
        "references:",
        "  - type: software",
        *(f"    {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in project),
        "    authors:",
        '      - name: "The char-rnn report authors"',
    ]
    return "\n".join(lines) + "\n"
