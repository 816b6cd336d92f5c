"""What is done is not done again: which stages of a report still stand, and why.

A stage stands if its key is what it was, and its files are what it wrote. The key is a hash of all
that the stage depends on: its notebook, its parameters, the book, the sources it calls, the
versions that are locked, and the stages before it whose files it reads.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rnn.files.storage import save_json
from rnn.report.outputs import STAGES

RECORD = "stages.json"
ROOT = Path(__file__).resolve().parents[2]
READS = {"04_sampling": ("03_training",)}
NAME = re.compile(r"(notebooks/)?[\w-]+(\.\w+)+")  # of a file that a stage writes


def key(notebook: Path, parameters: Mapping[str, Any], book: str, before: Mapping[str, str]) -> str:
    """Return the key of a stage.

    Parameters
    ----------
    notebook
        Kept as .py.
    parameters
        What it is run with.
    book
        The SHA-256 of the book.
    before
        The keys of the stages before, by name.
    """
    package = ROOT / "rnn"
    report = package / "report"
    called = [path for path in sorted(package.rglob("*.py")) if report not in path.parents]
    sources = [notebook, ROOT / "requirements.txt", *called]
    hashed = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    reads = [before[name] for name in READS.get(notebook.stem, ()) if name in before]
    given = {name: value for name, value in parameters.items() if name != "folder"}
    return hashlib.sha256(json.dumps([hashed, given, book, reads]).encode()).hexdigest()


def state(work: Path) -> dict[Path, tuple[int, int]]:
    """Return which files there are, and of when; to be compared after a stage."""
    paths = [*work.glob("*.*"), *work.glob("notebooks/*.ipynb")]
    return {
        path: (status.st_mtime_ns, status.st_ino)
        for path in paths
        if not path.name.startswith((".", RECORD, "checkpoint-"))
        for status in [path.stat()]
    }


def note(work: Path, stage: str, key: str, before: Mapping[Path, tuple[int, int]]) -> None:
    """Record that a stage is done, and what it wrote."""
    wrote = [path for path, status in state(work).items() if before.get(path) != status]
    files = {path.relative_to(work).as_posix(): _sha256(path) for path in sorted(wrote)}
    save_json(work / RECORD, _record(work) | {stage: {"key": key, "files": files}})


def stands(work: Path, where: Path, stage: str, key: str) -> bool:
    """Return whether a stage is done: in the work folder, or in the report made before.

    Its files are then in the work folder; from a finished report they are copied.
    """
    for folder in (work, where / STAGES):
        done = _record(folder).get(stage, {})
        if done.get("key") != key:
            continue
        found = {name: _find(work, where, name, sha) for name, sha in done["files"].items()}
        if None in found.values():
            continue
        for name, path in found.items():
            if path != work / name:
                (work / name).unlink(missing_ok=True)
                shutil.copyfile(str(path), work / name)
        save_json(work / RECORD, _record(work) | {stage: done})
        return True
    return False


def _find(work: Path, where: Path, name: str, digest: str) -> Path | None:
    """Return where a file that a stage wrote is; after a move cut short, in either folder."""
    for path in (work / name, where / name, where / STAGES / name):
        if path.is_file() and _sha256(path) == digest:
            return path
    return None


def _record(folder: Path) -> dict[str, Any]:
    """Return what was recorded, or nothing if there is nothing that can be read."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
        return {
            stage: done
            for stage, done in record.items()
            if isinstance(done["files"], dict) and all(map(NAME.fullmatch, done["files"]))
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
