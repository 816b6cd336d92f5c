"""What the stages tell in JSON files, for `run.json` and the report's own sentences.

An earlier report may have left them, so they are input: whatever else stands in them is refused.
"""

import json
from pathlib import Path
from typing import Any

import jsonschema

from rnn.cells import Parameters
from rnn.report.errors import StageError

COUNT = {"type": "integer", "minimum": 0, "maximum": 10**15}
NUMBER = {"type": "number", "minimum": -1e308, "maximum": 1e308}
TEXT = {"type": "string", "pattern": "^[^\ud800-\udfff]*$"}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }


ERRORS = _object(**dict.fromkeys(Parameters._fields, NUMBER))
SCHEMAS = {
    "book": _object(
        path={"type": "string"},
        sha256=TEXT,
        encoding=TEXT,
        characters=COUNT,
        vocabulary={"type": "array", "items": {"type": "string"}},
        training_characters=COUNT,
        validation_characters=COUNT,
        test_characters=COUNT,
    ),
    "gradient_check": _object(
        central_difference=ERRORS, complex_step=ERRORS, entries=COUNT, checked=COUNT, larger=ERRORS
    ),
    "training": _object(
        steps=COUNT,
        epochs=NUMBER,
        seconds=NUMBER,
        final_smooth_loss=NUMBER,
        best_smooth_loss=NUMBER,
        best_step=COUNT,
        validation_nats_per_char={"anyOf": [NUMBER, {"type": "null"}]},
        test_nats_per_char={"anyOf": [NUMBER, {"type": "null"}]},
        adapting_nats_per_char={
            "type": "object",
            "properties": dict.fromkeys(("network", "counting", "mixed"), NUMBER),
            "additionalProperties": False,
        },
        diverged=TEXT,
    ),
}


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def read(work: Path, name: str) -> dict[str, Any]:
    """Return what a stage tells.

    Raises
    ------
    StageError
        When it is not what such a stage writes.
    """
    path = work / f"{name}.json"
    try:
        value: dict[str, Any] = json.loads(path.read_bytes(), parse_constant=_no_number)
        jsonschema.validate(value, SCHEMAS[name])
    except (ValueError, RecursionError, jsonschema.ValidationError) as error:
        reason = getattr(error, "message", str(error))
        where = "".join(f"{part}: " for part in getattr(error, "absolute_path", ()))
        raise StageError(
            f"{path.name} is not what a notebook tells ({where}{reason[:200]}):"
            " make the report in a new folder, with OUT"
        ) from None
    return value
