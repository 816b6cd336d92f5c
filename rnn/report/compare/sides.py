"""What is compared of a report or a study, read from its folder or its page."""

import csv
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rnn.errors import InputError
from rnn.files.paths import as_typed
from rnn.files.results import DONE, STUDY, label, read_study
from rnn.report.stages import RUN
from rnn.report.verify import carried
from rnn.report.verify.verdict import given

BLOCK = '<script type="application/json" id="{}">([^<]*)</script>'
LOSSES = {
    "final_smooth_loss": "smoothed loss at the end, nats per sequence",
    "best_smooth_loss": "lowest smoothed loss, nats per sequence",
    "validation_nats_per_char": "validation loss, nats per character",
    "test_nats_per_char": "test loss, nats per character",
}


class Side(NamedTuple):
    """One of the two.

    Attributes
    ----------
    parameters
        The parameters; of a study, those that all settings share, and what is varied.
    curves
        The smoothed losses by steps, by the name of the run or setting.
    losses
        The losses by name; of a study, of each setting by seed.
    passages
        Texts by name.
    sources
        The book, the program and the libraries, by name.
    seeds
        The seeds.
    """

    parameters: Mapping[str, Any]
    curves: Mapping[str, list[tuple[int, float]]]
    losses: Mapping[str, Mapping[int, float]]
    passages: Mapping[str, str]
    sources: Mapping[str, str]
    seeds: tuple[int, ...]


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
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{option}: {path} can't be compared ({reason})") from None


def _report(path: Path) -> Side:
    files = given(path)
    if carried.PAGE not in files:
        raise InputError(f"{path} has no page: name a report's folder or its {carried.PAGE}")
    recipe = carried.read(files[carried.PAGE])
    page = files[carried.PAGE].read_text(encoding="utf-8")
    run = json.loads(files[RUN].read_bytes()) if RUN in files else recipe["run"]
    history = (
        files["history.csv"].read_text(encoding="utf-8")
        if "history.csv" in files
        else json.loads(_block(page, "history"))
    )
    passage = (
        files["passage.txt"].read_text(encoding="utf-8")
        if "passage.txt" in files
        else _passage(page)
    )
    seed = int(run["parameters"]["seed"])
    training = run["training"]
    return Side(
        parameters=run["parameters"],
        curves={"report": _curve(history)},
        losses={
            words: {seed: float(training[name])}
            for name, words in LOSSES.items()
            if training.get(name) is not None
        },
        passages={"passage": passage},
        sources={
            "book": f"{run['book']['path']}, SHA-256 {run['book']['sha256']}",
            "program": recipe["program"],
            "lock": recipe["lock"],
            **run["versions"],
        },
        seeds=(seed,),
    )


def _block(page: str, name: str) -> str:
    found = re.search(BLOCK.format(name), page)
    if not found:
        raise ValueError(f"the page carries no {name}")
    return found[1]


def _passage(page: str) -> str:
    """Return the passage that a page carries beside its model, as far as it does."""
    model = json.loads(_block(page, "model"))
    return "".join(chr(model["vocabulary"][k]) for k in model["passage"]["text"])


def _curve(history: str) -> list[tuple[int, float]]:
    rows = csv.DictReader(io.StringIO(history))
    return [(int(row["step"]), float(row["smooth_loss"])) for row in rows]


def _study(folder: Path) -> Side:
    study = read_study(folder)
    made = json.loads((folder / STUDY).read_bytes())
    names = [label(study, one) for one in study.combinations]
    done = [row for row in study.rows if row.status == DONE]
    judged = all(row.validation is not None for row in done)
    losses: dict[str, dict[int, float]] = {name: {} for name in names}
    for row in done:
        loss = row.validation if judged else row.final_smooth_loss
        if loss is not None:
            losses[names[row.combination]][row.seed] = loss
    curves = {
        names[row.combination]: [(int(step), float(loss)) for step, loss in row.curve]
        for row in reversed(done)
    }
    return Side(
        parameters={**study.common, "settings": "; ".join(names), "seeds": str([*study.seeds])},
        curves=curves,
        losses=losses,
        passages={names[i]: text for i, text in study.passages.items()},
        sources={
            "book": f"{study.book['name']}, SHA-256 {study.book['sha256']}",
            **made.get("versions", {}),
        },
        seeds=study.seeds,
    )
