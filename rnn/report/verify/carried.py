"""What a page and a PDF carry as data, so that from either alone the report can be made again.

That is `run.json`, what the author added, and the SHA-256 of the report's other files. The author's
texts and code are carried whole; pictures and fonts are named by their SHA-256.
"""

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import reduce
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np

from rnn.errors import InputError
from rnn.report import ROOT
from rnn.report.request import Plan
from rnn.report.stages import RUN, STAGES
from rnn.report.told import TEXT
from rnn.report.verify import attached

FORMAT = "rnn recipe 1"
NAME = "recipe"  # of the block in the page, and of the file in the PDF
PAGE, PDF = "report.html", "report.pdf"
BLOCK = re.compile(f'<script type="application/json" id="{NAME}">([^<]*)</script>')
LISTED = [stage.name for stage in STAGES]
# Of run.json: what differs from run to run, and what tells one machine from another.
TIMES = (("training", "seconds"),)
PLATFORM = (("platform",),)  # page and PDF don't carry it: it changes with each update of a kernel
MACHINE = tuple(("versions", name) for name in ("python", "system", "processor"))
PATHS = ("book = ", "folder = ", "student = ")  # of the injected parameters: where files were
# A recipe is input from outside. Code and notes may have bytes that are not UTF-8; see `_text`.
CODE = {"type": "string", "pattern": "^[^\ud800-\udc7f\udd00-\udfff]*$"}
NUMBERS = {"type": ["string", "number", "boolean", "null"], "pattern": TEXT["pattern"]}
NAMES = ("title", "author", "course", "date", "book", "form")
FILES = ("notes", "references", "fonts", "student")


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties]}


def _texts(kind: Any = TEXT) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": kind,
        "propertyNames": {"pattern": TEXT["pattern"]},
    }


SCHEMA = _object(
    format={"const": FORMAT},
    run=_object(
        book=_object(path=TEXT, sha256=TEXT),
        parameters=_texts(NUMBERS),
        training=_object(final_smooth_loss={"type": "number"}),
        versions=_texts(),
        report={"type": "object", "properties": dict.fromkeys((*NAMES, *FILES), TEXT)},
    ),
    added=_object(texts=_texts(CODE), pictures=_texts(), fonts=_texts(), chapters=_texts(CODE)),
    files=_texts(),
    first_loss={"type": ["number", "null"]},
    program=TEXT,
    lock=TEXT,
)


def carry(plan: Plan, run: Mapping[str, Any], work: Path) -> dict[str, Any]:
    """Return what the page and the PDF of a report carry, once all else in `work` is made."""
    names = [name for name in plan.files if name not in (PAGE, PDF, RUN)]
    return {
        "format": FORMAT,
        "run": without(run, (*TIMES, *PLATFORM)),
        "added": added(plan),
        "files": {name: digest(work / name) for name in names},
        "first_loss": first_loss(work / "losses.npz"),
        "program": program(),
        "lock": lock(),
    }


def first_loss(path: Path) -> float | None:
    """Return the loss of the first update, if there is one and it is finite."""
    with np.load(path) as archive:
        first = archive["losses"][:1].tolist()
    return first[0] if first and math.isfinite(first[0]) else None


def added(plan: Plan) -> dict[str, dict[str, str]]:
    """Return what the author of a report adds to what is computed."""
    paths = {
        "notes": plan.added.notes_path,
        "references": plan.added.references_path,
        "student": plan.student.path if plan.student else None,
    }
    pictures = {
        target: hashlib.sha256(content).hexdigest()
        for images in plan.added.images.values()
        for target, (content, _) in images.items()
    }
    own = [stage.name for stage in plan.stages if stage.name not in LISTED]
    return {
        "texts": {name: _text(path) for name, path in paths.items() if path},
        "pictures": pictures,
        "fonts": {file.path.name: file.sha256 for file in plan.added.fonts.files},
        "chapters": {name: _text(plan.notebooks / f"{name}.py") for name in own},
    }


def _text(path: Path) -> str:
    """Return a text file with its own line ends."""
    return path.read_bytes().decode(errors="surrogateescape")


def program() -> str:
    """Return a hash of the program's sources: of all in `rnn/`, and of the listed notebooks."""
    return hashlib.sha256(b"".join(map(_named, sources()))).hexdigest()


def _named(path: Path) -> bytes:
    content = path.read_bytes()
    return f"{path.relative_to(ROOT).as_posix()} {len(content)}\n".encode() + content


def sources() -> Iterator[Path]:
    """Yield the files of the program, in order."""
    for path in sorted((ROOT / "rnn").rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
        if not hidden and path.is_file():
            yield path
    yield from (ROOT / "notebooks" / f"{name}.py" for name in LISTED)


def lock() -> str:
    """Return the SHA-256 of the lock of all libraries."""
    return hashlib.sha256((ROOT / "requirements.txt").read_bytes()).hexdigest()


def without(run: Mapping[str, Any], names: tuple[tuple[str, ...], ...]) -> dict[str, Any]:
    """Return the contents of `run.json` without some values, which are named by their paths."""
    kept = deepcopy(dict(run))
    for *groups, name in names:
        reduce(lambda value, group: value.get(group, {}), groups, kept).pop(name, None)
    return kept


def digest(path: Path) -> str:
    """Return the SHA-256 of a file; of a notebook without the paths that it was run with."""
    content = path.read_bytes()
    if path.suffix == ".ipynb":
        content = json.dumps(notebook(content), sort_keys=True).encode()
    return hashlib.sha256(content).hexdigest()


def notebook(content: bytes) -> Any:
    """Return the contents of an executed notebook without the paths that it was run with."""
    value = json.loads(content)
    for cell in value["cells"]:
        if "injected-parameters" in cell["metadata"].get("tags", ()):
            cell["source"] = [line for line in cell["source"] if not line.startswith(PATHS)]
    return value


def read(path: Path) -> dict[str, Any]:
    """Return what a page or a PDF carries.

    Raises
    ------
    InputError
        When it carries nothing that can be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"REPORT: {path} can't be read: {error.strerror}") from None
    try:
        if content.startswith(b"%PDF"):
            text = attached.read(content, f"{NAME}.json").decode()
        else:
            block = BLOCK.search(content.decode())
            text = block[1] if block else ""
        value: dict[str, Any] = json.loads(text, parse_constant=_no_number)
        jsonschema.validate(value, SCHEMA)
    except (ValueError, RecursionError, jsonschema.ValidationError) as error:
        reason = getattr(error, "message", str(error))[:200]
        raise InputError(
            f"REPORT: {path} carries no recipe that can be read ({reason}):"
            " verify a report that this version has made"
        ) from None
    return value


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")
