"""Where two files of a report first differ, by their meaning, in words."""

import json
from copy import deepcopy
from typing import Any

from rnn.files.storage import as_json
from rnn.report.stages import RUN
from rnn.report.verify import values
from rnn.report.verify.carried import PLATFORM, TIMES, without
from rnn.report.verify.pages import in_page
from rnn.report.verify.papers import in_paper


def first(name: str, there: bytes, made: bytes) -> str:
    """Return the place of the first difference, and what stands there; "" if there is none.

    Of `run.json` the times and the platform may differ, and of a notebook the paths that it was
    run with.

    Parameters
    ----------
    name
        The file's name in the folder of a report.
    there
        Its content in the report that is verified.
    made
        Its content in the one made again.
    """
    if there == made:
        return ""
    try:
        return _by_meaning(name, there, made)
    except Exception as error:  # damaged files raise many kinds: BadZipFile, RecursionError ...
        reason = " ".join(str(error).split())[:100]
        return f"it can't be read ({reason}); {values.in_bytes(there, made)}"


def _by_meaning(name: str, there: bytes, made: bytes) -> str:
    if name == RUN:
        one, other = json.loads(there), json.loads(made)
        free = (*TIMES, *PLATFORM)
        if found := values.in_json(without(one, free), without(other, free)):
            return found
        # The text, too: its order of keys, or a key that is there twice.
        return values.in_text(there.decode(), as_json(_with_free(other, one)))
    if name.endswith(".ipynb"):
        if found := values.in_notebook(there, made):
            return found
        # As nbformat writes it, whatever its paths.
        written = json.dumps(json.loads(there), indent=1, ensure_ascii=False, sort_keys=True)
        return values.in_text(there.decode(), f"{written}\n")
    if name.endswith(".html"):
        return in_page(there.decode(), made.decode())
    if name.endswith(".csv"):
        return values.in_csv(there.decode(), made.decode())
    if name.endswith(".pdf"):
        return in_paper(there, made)
    if name.endswith(".npz"):
        return (
            values.in_arrays(there, made) or f"the archive itself: {values.in_bytes(there, made)}"
        )
    return values.in_text(there.decode(), made.decode())


def _with_free(made: Any, there: Any) -> Any:
    """Return the contents of a `run.json` with another one's times and platform."""
    whole = deepcopy(made)
    for group, name in TIMES:
        whole[group][name] = float(there[group][name])
    whole["platform"] = str(there["platform"])
    return whole
