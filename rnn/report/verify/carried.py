"""What a page and a PDF carry as data, so that from either alone the report can be made again.

That is `run.json`, what the author added, and the SHA-256 of the report's other files. The author's
texts and code are carried whole; pictures and fonts are named by their SHA-256.
"""

import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from functools import reduce
from pathlib import Path
from typing import Any

import jsonschema

from rnn.errors import InputError
from rnn.files.archive import read_arrays
from rnn.report import ROOT, folder, told
from rnn.report.nodes import Title
from rnn.report.request import Plan
from rnn.report.stages import RUN, STAGES, Stage
from rnn.report.stages import files as files_of
from rnn.report.told import COUNT, NUMBER, TEXT
from rnn.report.verify import attached, foreign

FORMAT = "rnn recipe 1"
NAME = "recipe"  # of the block in the page, and of the file in the PDF
PAGE, PDF = "report.html", "report.pdf"
LARGEST = 200_000_000  # bytes of a page or a PDF
LONGEST = 10_000_000  # characters of a recipe
BLOCK = re.compile(f'<script type="application/json" id="{NAME}">([^<]*)</script>')
LISTED = [stage.name for stage in STAGES]
# Of run.json: what differs from run to run, and what tells one machine from another.
TIMES = (("training", "seconds"),)
PLATFORM = (("platform",),)  # page and PDF don't carry it: it changes with each update of a kernel
MACHINE = tuple(("versions", name) for name in ("python", "system", "processor"))
# Of the injected parameters: where files were. The rest of a line is a string, and only that.
STRING = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
PATH_LINE = re.compile(rf"(book|folder|student|model_file) = {STRING}(\n?)")
# A recipe is input from outside. Code and notes may have bytes that are not UTF-8; see `_text`.
CODE = {"type": "string", "pattern": "^[^\ud800-\udc7f\udd00-\udfff]*$"}
HASH = {"type": "string", "pattern": r"^[0-9a-f]{64}\Z"}
VALUE = {"anyOf": [NUMBER, TEXT, {"type": ["boolean", "null"]}]}
FILES = ("notes", "references", "fonts", "student", "model")
TEXTS = ("notes", "references", "student")


def _object(needed: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**needed, **more},
        "required": [*needed],
        "additionalProperties": False,
    }


def _named(kind: Any, *needed: str) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": kind,
        "propertyNames": {"pattern": TEXT["pattern"]},
        "required": [*needed],
    }


def _told(name: str, **other: Any) -> dict[str, Any]:
    """Return the schema of what a stage tells, as `run.json` has it: without the times."""
    schema = told.SCHEMAS[name]
    times = {path[-1] for path in TIMES}
    left = {key: kind for key, kind in schema["properties"].items() if key not in times}
    return _object(left | other)


SCHEMA = _object(
    {
        "format": {"const": FORMAT},
        "run": _object(
            {
                "book": _told("book", path=TEXT, sha256=HASH),
                "parameters": _named(VALUE),
                "gradient_check": _told("gradient_check"),
                "training": _told("training"),
                "versions": _named(TEXT, *(path[-1] for path in MACHINE)),
                "report": _object(
                    {},
                    **dict.fromkeys((*Title.__dataclass_fields__, *FILES, "form"), TEXT),
                    excerpt={"type": "boolean"},
                    code={"type": "boolean"},
                    font_files=_named(HASH),
                    lacks=_named(COUNT),
                    student_sha256=HASH,
                    model_sha256=HASH,
                ),
            },
            format={"const": folder.FORMAT},
        ),
        "added": _object(
            {
                "texts": _object({}, **dict.fromkeys(TEXTS, CODE)),
                "pictures": _named(HASH),
                "fonts": _named(HASH),
                "models": _named(HASH),
                "chapters": _named(CODE),
            }
        ),
        "files": _named(HASH),
        "first_loss": {"anyOf": [NUMBER, {"type": "null"}]},
        "program": HASH,
        "lock": HASH,
    }
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
    first = read_arrays(foreign.content(path))["losses"][:1].tolist()
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
        "models": {plan.model.path.name: plan.model.sha256} if plan.model else {},
        "chapters": {name: _text(plan.notebooks / f"{name}.py") for name in own},
    }


def _text(path: Path) -> str:
    """Return a text file with its own line ends."""
    return path.read_bytes().decode(errors="surrogateescape")


def program() -> str:
    """Return a hash of the program's sources: of all in `rnn/`, and of the listed notebooks."""
    return hashlib.sha256(b"".join(map(_with_name, sources()))).hexdigest()


def _with_name(path: Path) -> bytes:
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
    content = foreign.content(path)
    if path.suffix == ".ipynb":
        content = json.dumps(notebook(content), sort_keys=True).encode()
    return hashlib.sha256(content).hexdigest()


def notebook(content: bytes) -> Any:
    """Return the contents of an executed notebook without the paths that it was run with."""
    value = json.loads(content)
    for cell in value["cells"]:
        if "injected-parameters" in cell["metadata"].get("tags", ()):
            cell["source"] = [*_without_paths(cell["source"])]
    return value


def _without_paths(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines of source, the first of each path with an empty string for its value."""
    seen = set()
    for line in lines:
        found = PATH_LINE.fullmatch(line)
        if found and found[1] not in seen:
            seen.add(found[1])
            yield f'{found[1]} = ""{found[2]}'
        else:
            yield line


def read(path: Path) -> dict[str, Any]:
    """Return what a page or a PDF carries.

    Raises
    ------
    InputError
        When it carries nothing that can be read.
    """
    content = foreign.content(path, LARGEST)
    try:
        if content.startswith(b"%PDF"):
            text = attached.read(content, f"{NAME}.json").decode()
        else:
            block = BLOCK.search(content.decode())
            text = block[1] if block else ""
        if len(text) > LONGEST:
            raise ValueError(f"it has more than {LONGEST} characters")
        value: dict[str, Any] = json.loads(text, parse_constant=_no_number)
        jsonschema.validate(value, SCHEMA)
        _check_names(value)
    except (ValueError, RecursionError, jsonschema.ValidationError) as error:
        reason = getattr(error, "message", str(error))[:200]
        raise InputError(
            f"REPORT: {path} carries no recipe that can be read ({reason}):"
            " verify a report that this version has made"
        ) from None
    return value


def _check_names(recipe: Mapping[str, Any]) -> None:
    """Refuse a recipe whose files are not those of a report with its notebooks."""
    wanted = files_of([*STAGES, *map(Stage, recipe["added"]["chapters"])])
    if {*recipe["files"]} != {*wanted} - {PAGE, PDF, RUN}:
        raise ValueError("it names other files than those of a report with its notebooks")


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")
