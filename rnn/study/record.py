"""What `study.json` says beside the study itself: how to make it again, and with which versions."""

import shlex
from importlib.metadata import version
from typing import Any

from rnn.report.record import as_named, font_files, versions
from rnn.study.grid import SEEDS
from rnn.study.request import Plan, Request

# Where and by how many the runs are made does not matter to what comes out, nor does the folder.
ELSEWHERE = ("out", "workers", "cluster", "shared", "insecure", "dashboard")


def record(asked: Request, plan: Plan) -> dict[str, Any]:
    """Return the contents of `study.json` that are no part of the study."""
    added = plan.added
    paths = {
        "book": plan.path,
        "notes": added.notes_path,
        "references": added.references_path,
        "fonts": added.fonts_path,
    }
    typed = asked._asdict() | {"seeds": asked.seeds or str(SEEDS)}
    typed |= {name: as_named(path) for name, path in paths.items() if path}
    options = {name: " ".join(value.split()) for name, value in typed.items()}
    return {
        "command": [
            "make study",
            *(
                f"{name.upper()}={shlex.quote(value)}"
                for name, value in options.items()
                if value and name not in ELSEWHERE
            ),
        ],
        "versions": versions() | {"distributed": version("distributed")},
        "font_files": font_files(added),
    }
