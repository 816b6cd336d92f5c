"""Files with a student's functions, for the tests."""

import inspect
import re
from pathlib import Path

from rnn.analysis.plain import OWN
from rnn.exercise.student import source
from tests.exercise import styles

LATE = next(slip for slip in OWN["rnn"] if slip.what == "W meets the state after, not before")


def write(folder: Path, more: str = "", style: str = "", name: str = "student.py") -> Path:
    """Write a right solution, in a style of `tests.exercise.styles` if one is named.

    Parameters
    ----------
    folder
        Where to write.
    more
        Code at the end of the file, which may define functions anew.
    style, name
        The style, and the name of the file.
    """
    text = source("rnn", ())
    if style:
        names = [key for key in vars(styles) if key.startswith(f"{style}_")]
        parts = [inspect.getsource(getattr(styles, key)) for key in names]
        text = "from types import SimpleNamespace\nimport numpy as np\n\n" + re.sub(
            rf"\b{style}_", "", "\n\n".join(parts)
        )
    path = folder / name
    path.write_text(f"{text}\n\n{more}", encoding="utf-8")
    return path


def write_wrong(folder: Path) -> Path:
    """Write a solution whose gradient of W has h_t where h_{t-1} belongs."""
    path = folder / "student.py"
    path.write_text(source("rnn", (), {"backward": (LATE,)}), encoding="utf-8")
    return path
