"""What is compared of a report or a study, read from its folder or its page."""

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rnn.errors import InputError
from rnn.files.paths import as_typed
from rnn.files.results import (
    CURVES,
    DONE,
    RUNS,
    SAMPLES,
    STUDY,
    RunRow,
    Study,
    label,
    read_study,
)
from rnn.report.stages import RUN
from rnn.report.verify import carried, foreign
from rnn.report.verify.verdict import given
from rnn.settings import to_word

BLOCK = '<script type="application/json" id="{}">([^<]*)</script>'
LARGEST = 100_000_000  # bytes of a file
MEASURES = {
    "final_smooth_loss": "smoothed loss at the end, nats per sequence",
    "best_smooth_loss": "lowest smoothed loss, nats per sequence",
    "validation_nats_per_char": "validation loss, nats per character",
    "test_nats_per_char": "test loss, nats per character",
}


class Side(NamedTuple):
    """One of the two.

    Attributes
    ----------
    kind
        "report" or "study".
    parameters
        The parameters; of a study, those that all settings share, and what is varied.
    curves
        The smoothed losses by steps, by the name of the run or setting; none is empty.
    losses
        The losses by seed, by the name of what was measured; of a study, after that of the setting.
    passages
        Texts by name.
    sources
        The book, the program and the libraries, by name.
    seeds
        The seeds.
    missing
        Sentences on the runs that have no loss.
    """

    kind: str
    parameters: Mapping[str, str]
    curves: Mapping[str, list[tuple[int, float]]]
    losses: Mapping[str, Mapping[int, float]]
    passages: Mapping[str, str]
    sources: Mapping[str, str]
    seeds: tuple[int, ...]
    missing: tuple[str, ...] = ()


def read(typed: str, option: str) -> Side:
    """Return a side.

    Raises
    ------
    InputError
        When there is no report or study there, or it can't be read.
    """
    if not typed:
        raise InputError(f"{option} is missing: name a report or the folder of a study")
    path = as_typed(typed, option)
    try:
        return _study(path) if (path / STUDY).is_file() else _report(path)
    except InputError as error:
        raise InputError(f"{option}: {str(error).removeprefix('REPORT: ')}") from None
    except Exception as error:  # damaged files raise many kinds: csv.Error, RecursionError ...
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{option}: {path} can't be compared ({reason})") from None


def _report(path: Path) -> Side:
    files = given(path)
    if carried.PAGE not in files:
        raise InputError(f"{path} has no page: name a report's folder or its {carried.PAGE}")
    recipe = carried.read(files[carried.PAGE])
    page = _text(files[carried.PAGE])
    run = json.loads(_text(files[RUN])) if RUN in files else recipe["run"]
    history = _text(files["history.csv"]) if "history.csv" in files else _history(page)
    passage = _text(files["passage.txt"]) if "passage.txt" in files else _passage(page)
    seed = int(run["parameters"]["seed"])
    training = run["training"]
    curve = _curve((row["step"], row["smooth_loss"]) for row in _rows(history))
    return Side(
        kind="report",
        parameters=_words(run["parameters"]),
        curves={"report": curve} if curve else {},
        losses={
            words: {seed: _finite(training[name])}
            for name, words in MEASURES.items()
            if training.get(name) is not None
        },
        passages={"passage": passage} if passage else {},
        sources=_words(
            {
                "book": run["book"]["path"],
                "book's SHA-256": run["book"]["sha256"],
                "program's SHA-256": recipe["program"],
                "lock's SHA-256": recipe["lock"],
                **run["versions"],
            }
        ),
        seeds=(seed,),
    )


def _text(path: Path) -> str:
    return foreign.content(path, LARGEST).decode()


def _words(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: to_word(value) for name, value in values.items()}


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"a loss is {number}")
    return number


def _block(page: str, name: str) -> Any:
    """Return what a page carries under a name; None if it carries nothing."""
    found = re.search(BLOCK.format(name), page)
    return json.loads(found[1]) if found else None


def _history(page: str) -> str:
    return str(_block(page, "history") or "")


def _passage(page: str) -> str:
    """Return the passage that a page carries beside its model, as far as it does."""
    model = _block(page, "model")
    return "".join(chr(model["vocabulary"][k]) for k in model["passage"]["text"]) if model else ""


def _rows(history: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(io.StringIO(history))


def _curve(points: Iterable[tuple[Any, Any]]) -> list[tuple[int, float]]:
    return [(int(_finite(step)), _finite(loss)) for step, loss in points]


def _study(folder: Path) -> Side:
    for name in (STUDY, RUNS, CURVES, SAMPLES):
        if (folder / name).is_symlink():
            raise InputError(f"{folder / name} is a symbolic link: put the file itself there")
        foreign.content(folder / name, LARGEST)  # refuses what is no file, or has no end
    study = read_study(folder)
    made = json.loads((folder / STUDY).read_bytes())
    names = [label(study, one) for one in study.combinations]
    done = [row for row in study.rows if row.status == DONE]
    judged = bool(done) and all(row.validation is not None for row in done)
    measure = MEASURES["validation_nats_per_char" if judged else "final_smooth_loss"]
    losses: dict[str, dict[int, float]] = {f"{name}: {measure}": {} for name in names}
    for row in done:
        loss = row.validation if judged else row.final_smooth_loss
        losses[f"{names[row.combination]}: {measure}"][row.seed] = _finite(loss)
    curves = {names[row.combination]: _curve(row.curve) for row in reversed(done) if len(row.curve)}
    shared = {"settings": "; ".join(names), "seeds": ", ".join(map(str, study.seeds))}
    return Side(
        kind="study",
        parameters=_words({**study.common, **shared}),
        curves=curves,
        losses=losses,
        passages={names[i]: text for i, text in study.passages.items() if i in range(len(names))},
        sources=_words(
            {
                "book": study.book["name"],
                "book's SHA-256": study.book["sha256"],
                **made.get("versions", {}),
            }
        ),
        seeds=study.seeds,
        missing=tuple(_missing(study, names)),
    )


def _missing(study: Study, names: list[str]) -> Iterator[str]:
    """Yield a sentence on each setting of which some runs have no loss."""
    for i, name in enumerate(names):
        ended: dict[int, RunRow] = {row.seed: row for row in study.rows if row.combination == i}
        without = [
            f"{seed} ({ended[seed].status if seed in ended else 'not ended'})"
            for seed in study.seeds
            if seed not in ended or ended[seed].status != DONE
        ]
        if without:
            yield f"{name}: no loss with seed {', '.join(without)}."
