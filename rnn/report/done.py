"""Skip finished stages: decide which stages of an earlier run can be reused.

A stage can be reused if its key and its files are unchanged. The key is a hash of everything that
the stage depends on: its notebook, its parameters, the book, the locked versions, the stages whose
files it reads, and all of `rnn/` except `rnn/report/` and `rnn/study/`. If training must run again
although its parameters and the book are the same, it resumes from where it ended: the last
checkpoint is kept, and it records which version of the math it belongs to.

Page and PDF are written again when the recipe that they carry would be another: it has the hashes
of all that they are made from, and of the program.
"""

import hashlib
import json
import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from rnn.files import checkpoint
from rnn.files.storage import replacing, save_json
from rnn.report import ROOT, finished
from rnn.report.placing import STAGES, left

DOCUMENT = "report.html and report.pdf"  # their name in the record, and on the terminal


def key(
    notebook: Path, parameters: Mapping[str, Any], book: str, before: Sequence[str] = ()
) -> str:
    """Return the key of a stage.

    Parameters
    ----------
    notebook
        Its .py file.
    parameters
        The values with which it is run.
    book
        The SHA-256 of the book.
    before
        The keys of the stages whose files it reads.
    """
    package = ROOT / "rnn"
    apart = {package / "report", package / "study"}
    called = [path for path in sorted(package.rglob("*.py")) if apart.isdisjoint(path.parents)]
    sources = [notebook, ROOT / "requirements.txt", *called]
    hashed = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    return _hash([hashed, given(parameters, book), list(before)])


def document_key(recipe: Mapping[str, Any]) -> str:
    """Return the key of page and PDF, which carry a recipe; see rnn/report/verify/carried.py."""
    return _hash(recipe)


def given(parameters: Mapping[str, Any], book: str) -> str:
    """Return a hash of a stage's inputs from the user: its parameters and the book."""
    return _hash([{k: value for k, value in parameters.items() if k != "folder"}, book])


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def state(work: Path) -> dict[Path, tuple[int, int]]:
    """Return the stages' files, each with its time and inode, to compare them after a stage."""
    return {
        path: (status.st_mtime_ns, status.st_ino)
        for path in [*left(work), *work.glob("notebooks/*.ipynb"), *work.glob("models/*.npz")]
        if path.name != finished.RECORD
        and path.suffixes != [".running", ".ipynb"]  # of a stage that runs at the same time
        and finished.NAME.fullmatch(path.relative_to(work).as_posix())
        for status in [path.stat()]
    }


def note(
    work: Path,
    stage: str,
    key: str,
    given: str,
    before: Mapping[Path, tuple[int, int]],
    *,
    but: Sequence[str] = (),
    said: Sequence[str] = (),
) -> None:
    """Record that a stage is finished.

    Parameters
    ----------
    work
        The work folder.
    stage, key, given
        Its name, its key, and the hash of what the user gave it.
    before
        The state before it ran: what has changed since are its files, except those that others
        leave, which may have run at the same time (`but`).
    said
        What it said to the user, and is said again when it is reused.
    """
    wrote = [path for path, status in state(work).items() if before.get(path) != status]
    names = {path.relative_to(work).as_posix() for path in wrote}.difference(but)
    files = {name: finished.sha256(work / name) for name in sorted(names)}
    entry = {"key": key, "given": given, "files": files, "said": [*said]}
    save_json(work / finished.RECORD, finished.read(work) | {stage: entry})


def stands(work: Path, where: Path, stage: str, key: str, needed: Collection[str] = ()) -> bool:
    """Return whether a stage can be reused, from the work folder or from the earlier report.

    It must have left the files that are needed. All of its files are in the work folder afterwards;
    those of the earlier report are copied.
    """
    for folder in (work, where / STAGES):
        done = finished.read(folder).get(stage, {})
        if done.get("key") != key:
            continue
        found = {name: _find(work, where, name, sha) for name, sha in done["files"].items()}
        if None in found.values() or not found.keys() >= {*needed}:
            continue
        for name, path in found.items():
            if path != work / name:
                (work / name).parent.mkdir(exist_ok=True)
                (work / name).unlink(missing_ok=True)
                shutil.copyfile(str(path), work / name)
        save_json(work / finished.RECORD, finished.read(work) | {stage: done})
        return True
    return False


def bring_checkpoint(work: Path, where: Path, stage: str, given: str) -> None:
    """Copy the last checkpoint of the earlier report into the work folder before a stage runs.

    This is done only if the stage had the same parameters and book then, and the work folder has no
    checkpoint yet. `rnn.files.checkpoint` decides whether training can resume from it.
    """
    hidden = where / STAGES
    last = checkpoint.latest(hidden)
    same = finished.read(hidden).get(stage, {}).get("given") == given
    if last and same and not checkpoint.latest(work):
        with replacing(work / last.name) as new, last.open("rb") as old:
            shutil.copyfileobj(old, new)


def _find(work: Path, where: Path, name: str, digest: str) -> Path | None:
    """Return the path of a stage's file: in the work folder, or in the earlier report."""
    for path in (work / name, where / name, where / STAGES / name):
        if path.is_file() and finished.sha256(path) == digest:
            return path
    return None
