"""What the stages tell is input: an earlier report may have left it."""

import json
from pathlib import Path
from typing import Any

import pytest

from rnn.report.errors import StageError
from rnn.report.told import SCHEMAS, read

ERRORS = dict.fromkeys("UWVbc", 1e-16)
TOLD: dict[str, dict[str, Any]] = {
    "book": {
        "path": "é.txt",
        "sha256": "5" * 64,
        "encoding": "utf-8",
        "characters": 3,
        "vocabulary": ["a", "\ud800"],
        "training_characters": 2,
        "validation_characters": 1,
        "test_characters": 1,
    },
    "gradient_check": {
        "central_difference": ERRORS,
        "complex_step": ERRORS,
        "entries": 9,
        "checked": 8,
        "larger": ERRORS,
    },
    "training": {
        "steps": 1,
        "epochs": 0.5,
        "seconds": 1.25,
        "final_smooth_loss": 1e300,
        "best_smooth_loss": 1,
        "best_step": 0,
        "validation_nats_per_char": None,
        "test_nats_per_char": None,
        "adapting_nats_per_char": {"network": 2.0},
        "diverged": "the loss is no number",
    },
}
ODD = ["null", "true", "-1e999", "NaN", "Infinity", "9" * 400, "[]", "{}", '{"a": 1}', "[[[]]]"]


def test_what_is_told_is_read(tmp_path: Path) -> None:
    assert TOLD.keys() == SCHEMAS.keys()
    for name, value in TOLD.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
        assert read(tmp_path, name) == value


def refused(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.json").write_text(text)
    with pytest.raises(StageError) as failed:
        read(folder, name)
    line = str(failed.value)
    assert line.startswith(f"{name}.json is not what a notebook tells (")
    assert line.endswith("): make the report in a new folder, with OUT")
    assert "\n" not in line
    assert len(line) < 400


@pytest.mark.parametrize("name", TOLD)
def test_anything_else_is_one_line(name: str, tmp_path: Path) -> None:
    for text in (*ODD, "", "{", "[" * 100_000, '"x"'):
        refused(tmp_path, name, text)
    for key, value in TOLD[name].items():
        refused(tmp_path, name, json.dumps({k: v for k, v in TOLD[name].items() if k != key}))
        for odd in ODD:
            fits = {"vocabulary": "[]", "adapting_nats_per_char": "{}"}.get(key)
            if not (odd == "null" and value is None) and odd != fits:
                text = json.dumps(TOLD[name] | {key: "ODD"}).replace('"ODD"', odd)
                refused(tmp_path, name, text)
    refused(tmp_path, name, json.dumps(TOLD[name] | {"more": 1}))


@pytest.mark.parametrize("key", ["central_difference", "complex_step"])
def test_each_error_of_a_gradient_is_a_number(key: str, tmp_path: Path) -> None:
    for odd in (*ODD, '"1"'):
        told = TOLD["gradient_check"] | {key: ERRORS | {"V": "ODD"}}
        refused(tmp_path, "gradient_check", json.dumps(told).replace('"ODD"', odd))


def test_words_can_be_written(tmp_path: Path) -> None:
    for name, key in (("book", "encoding"), ("training", "diverged")):
        refused(tmp_path, name, json.dumps(TOLD[name] | {key: "\ud800"}))
