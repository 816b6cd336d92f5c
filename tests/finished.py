"""A report that is ready to be put into place."""

import json
from pathlib import Path

from rnn.report.folder import FORMAT, work_folder
from rnn.report.placing import place
from rnn.report.stages import RUN, files

FILES = files()
SHA256 = "5" * 64


def finished(out: Path, content: str = "new", sha256: str = SHA256) -> Path:
    """Return the work folder of a report that is ready to move."""
    with work_folder(out) as (work, _):
        pass
    for name in FILES:
        (work / name).write_text(content)
    (work / RUN).write_text(json.dumps({"format": FORMAT, "book": {"sha256": sha256}}))
    return work


def move(work: Path, out: Path) -> list[Path]:
    return place(work, out, FILES)
