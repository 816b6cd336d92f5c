"""The record of finished stages in a folder: the files of each with their SHA-256."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

RECORD = "stages.json"
NAME = re.compile(r"(notebooks/)?[\w-]+(\.\w+)+|models/[\w.,=+-]+\.npz")  # what a stage writes


def read(folder: Path) -> dict[str, Any]:
    """Return the record of the finished stages in a folder; empty if there is no valid one."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
        return {
            stage: {
                "key": str(done["key"]),
                "given": str(done["given"]),
                "files": done["files"],
                "said": [str(line) for line in done.get("said", [])],
            }
            for stage, done in record.items()
            if all(NAME.fullmatch(name) for name in done["files"])
            and all(isinstance(digest, str) for digest in done["files"].values())
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def own(report: Path, stages: Path) -> set[Path]:
    """Return the notebooks and models in a report's folder that are as its stages left them.

    Parameters
    ----------
    report
        The folder.
    stages
        The folder of its record.
    """
    names = {
        name: digest for done in read(stages).values() for name, digest in done["files"].items()
    }
    return {
        Path(name)
        for name, digest in names.items()
        if "/" in name
        and not (report / name).is_symlink()
        and (report / name).is_file()
        and sha256(report / name) == digest
    }
