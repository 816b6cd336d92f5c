"""The descriptions of exhibits in a notebook, checked: an earlier report may be anyone's."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from rnn.exhibits.pandoc import UnsetError
from rnn.report.outputs.svg import clean

LABEL = re.compile(r"[a-z][a-z0-9-]*")
MARK = re.compile(r"\d+(-\d+)?", re.ASCII)  # of a study's setting, or of a run of it


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _rows(value: Any) -> bool:
    return isinstance(value, list) and all(map(_texts, value))


def _places(value: Any) -> bool:
    return isinstance(value, list) and all(type(place) is int for place in value)


def _samples(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(sample, dict)
        and type(sample.get("step")) is int
        and isinstance(sample.get("smooth_loss"), int | float)
        and math.isfinite(sample["smooth_loss"])
        and isinstance(sample.get("text"), str)
        for sample in value
    )


def _marks(value: Any) -> bool:
    return _texts(value) and all(map(MARK.fullmatch, value))


def _continued(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict)
        and all(isinstance(one.get(name), str) for name in ("name", "text", "mark"))
        and MARK.fullmatch(one["mark"])
        for one in value
    )


def _neurons(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(neuron, list)
        and len(neuron) == 3
        and type(neuron[0]) is int
        and isinstance(neuron[1], str)
        and isinstance(neuron[2], int | float)
        and math.isfinite(neuron[2])
        for neuron in value
    )


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _part(value: Any) -> bool:
    return value is None or (type(value) is int and 1 <= value <= 4)


COMMON: dict[str, Callable[[Any], bool]] = {
    "label": lambda value: isinstance(value, str) and bool(LABEL.fullmatch(value)),
    "caption": _text,
    "part": _part,
}
# What each kind has besides; see rnn/exhibits/show.py.
CONTENT: dict[str, dict[str, Callable[[Any], bool]]] = {
    "figure": {"alt": _text},
    "table": {"columns": _texts, "rows": _rows, "code": _places, "math": _places},
    "text": {"text": _text},
    "evolution": {"samples": _samples},
    "openings": {"opening": _text, "texts": _continued},
    "source": {"code": _text},
}
# What a kind may have: older notebooks lack it.
OPTIONAL: dict[str, dict[str, Callable[[Any], bool]]] = {
    "figure": {"neurons": _neurons},
    "table": {"marks": _marks, "file": _text},
}


def checked(about: Any, forms: Mapping[str, Any]) -> dict[str, Any]:
    """Return an exhibit's description with what belongs to its kind, and a figure's SVG cleaned.

    Raises
    ------
    UnsetError
        When it is not what `rnn.exhibits.show` publishes.
    """
    kind = about.get("kind") if isinstance(about, dict) else None
    if not isinstance(kind, str) or kind not in CONTENT:
        raise UnsetError("an exhibit of an unknown kind")
    more = {name: right for name, right in OPTIONAL.get(kind, {}).items() if name in about}
    fields = COMMON | CONTENT[kind] | more
    if wrong := [name for name, right in fields.items() if not right(about.get(name))]:
        raise UnsetError(f"an exhibit whose {wrong[0]} can't be read")
    if kind == "table" and any(len(row) != len(about["columns"]) for row in about["rows"]):
        raise UnsetError("a table whose rows have not as many cells as columns")
    if "marks" in more and len(about["marks"]) != len(about["rows"]):
        raise UnsetError("a table that has not as many marks as rows")
    content = {name: about[name] for name in fields}
    if kind == "figure":
        content["svg"] = clean(str(forms.get("image/svg+xml", "")))
    return {"kind": kind, **content}
