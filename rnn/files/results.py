"""What is kept of the runs of a study, and the files that compare them.

Each run that has ended is one archive, named by its key: `pack` and `unpack`. The study itself is
`study.json` (what was asked), `runs.csv` (a row a run), `curves.csv` (their learning curves) and
`samples.txt` (what the best model of each setting writes): `write_study` and `read_study`.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.errors import InputError
from rnn.files import machine
from rnn.files.archive import read_arrays, write_arrays
from rnn.files.storage import model_arrays, model_from, replacing, save_json, save_text
from rnn.network import Model
from rnn.run import Run, concluded, trained_model
from rnn.settings import to_word

FORMAT = "rnn study 2"
POINTS = 200  # of a learning curve, at most
DONE, DIVERGED, FAILED = "done", "diverged", "failed"
STUDY, RUNS, CURVES, SAMPLES = "study.json", "runs.csv", "curves.csv", "samples.txt"
COLUMNS = (
    *("seed", "status", "steps", "final_smooth_loss", "best_step", "validation_nats_per_char"),
    *("test_nats_per_char", "seconds", "machine", "key", "reason"),
)
CURVE = ("key", "step", "smooth_loss", "validation_nats_per_char")
HEAD = re.compile(r"=== setting (\d+): .*; (\d+) characters ===\n")


class Result(NamedTuple):
    """What is kept of a run that has ended.

    Attributes
    ----------
    status, reason
        `DONE` or `DIVERGED`, and why it diverged; empty if it did not.
    steps
        The number of updates made.
    final_smooth_loss
        In nats per sequence.
    best_step, validation
        The step of the best model, and its loss on the validation part in nats per character; None
        if there is none.
    test
        Its loss on the test part, likewise.
    curve
        Steps and smoothed losses, of shape (n, 2): the first, the last, and others evenly spread.
    validations
        Steps and losses on the validation part, of shape (k, 2).
    model
        The best model.
    seconds, machine
        How long training took, and where: all else is determined by the run's key.
    """

    status: str
    reason: str
    steps: int
    final_smooth_loss: float
    best_step: int
    validation: float | None
    test: float | None
    curve: NDArray[np.float64]
    validations: NDArray[np.float64]
    model: Model
    seconds: float
    machine: str


def result_of(run: Run, vocabulary: str, first: int, tested: float | None) -> Result:
    """Return what is kept of a concluded run.

    Parameters
    ----------
    run
        A concluded run.
    vocabulary
        The characters of the book.
    first
        The index of the book's first character.
    tested
        The best model's loss on the test part; see `rnn.run.judged`.
    """
    best = concluded(run)
    curve = np.array([(row.step, row.smooth_loss) for row in run.history], float).reshape(-1, 2)
    return Result(
        status=DIVERGED if run.diverged else DONE,
        reason=run.diverged,
        steps=run.step,
        final_smooth_loss=run.smooth_loss,
        best_step=best.step,
        validation=best.validation,
        test=tested,
        curve=thinned(curve),
        validations=np.array(run.validations, float).reshape(-1, 2),
        model=trained_model(run, vocabulary, first),
        seconds=run.seconds,
        machine=machine.name(),
    )


def thinned(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return at most so many rows of a curve, evenly spread, with the first and the last."""
    if len(curve) <= POINTS:
        return curve
    kept = np.linspace(0, len(curve) - 1, POINTS).round().astype(int)
    return np.take(curve, kept, axis=0)


def pack(result: Result) -> bytes:
    """Return a result as the bytes of a NumPy archive; equal results give equal bytes."""
    measured = [np.nan if one is None else one for one in (result.validation, result.test)]
    file = io.BytesIO()
    arrays = {
        "status": np.array([result.status, result.reason, result.machine]),
        "counts": np.array([result.steps, result.best_step]),
        "numbers": np.array([result.final_smooth_loss, *measured, result.seconds]),
        "curve": result.curve,
        "validations": result.validations,
    }
    write_arrays(file, arrays | {f"model_{k}": v for k, v in model_arrays(result.model).items()})
    return file.getvalue()


def run_file(key: str) -> str:
    """Return the name of the file that keeps a run, in the folder of a study or of a dashboard."""
    return f"runs/{key}.npz"


def keep(folder: Path, key: str, data: bytes) -> None:
    """Write a packed result into a folder."""
    with replacing(folder / run_file(key)) as file:
        file.write(data)


def unpack(data: bytes) -> Result:
    """Return what `pack` made these bytes of.

    Raises
    ------
    ValueError
        When the bytes are not such an archive.
    """
    archive = read_arrays(data)
    try:
        status, reason, machine = map(str, archive["status"])
        steps, best_step = map(int, archive["counts"])
        final, *measured, seconds = map(float, archive["numbers"])
        validation, test = (None if np.isnan(one) else one for one in measured)
        of_model = {k.removeprefix("model_"): v for k, v in archive.items() if k[:6] == "model_"}
        curve, validations = archive["curve"], archive["validations"]
        for points in (curve, validations):
            if points.shape[1:] != (2,) or points.dtype != np.float64:
                raise ValueError(f"a curve of {points.dtype} {points.shape}")
        if status not in (DONE, DIVERGED):
            raise ValueError(f"no run ends as {status!r}")
        return Result(
            status=status,
            reason=reason,
            steps=steps,
            final_smooth_loss=final,
            best_step=best_step,
            validation=validation,
            test=test,
            curve=curve,
            validations=validations,
            model=model_from(of_model),
            seconds=seconds,
            machine=machine,
        )
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"not the result of a run, or damaged: {error}") from None


class RunRow(NamedTuple):
    """A run of a study; numbers that are not known, as of a run that failed, are None.

    Attributes
    ----------
    combination
        The index of its setting among the study's combinations.
    key
        The key of its result; see `rnn.files.keys`.
    curve, validations
        As of a `Result`; of shape (0, 2) if there is none.

    The others are those of a `Result`, with `status` also `FAILED`.
    """

    combination: int
    seed: int
    status: str
    reason: str
    steps: int | None
    final_smooth_loss: float | None
    best_step: int | None
    validation: float | None
    test: float | None
    seconds: float | None
    machine: str
    key: str
    curve: NDArray[np.float64]
    validations: NDArray[np.float64]


class Study(NamedTuple):
    """Runs that are compared.

    Attributes
    ----------
    names
        The parameters that vary, in order of appearance.
    combinations
        Their values in each setting; the first is the baseline.
    seeds
        The seeds of each setting's runs.
    common
        The values of all other parameters.
    book
        Its name, path, SHA-256, encoding, number of characters and vocabulary.
    rows
        The runs that have ended, by setting and then by seed.
    opening, passages
        A text, and how the best model of each setting continues it.
    """

    names: tuple[str, ...]
    combinations: tuple[dict[str, Any], ...]
    seeds: tuple[int, ...]
    common: dict[str, Any]
    book: dict[str, Any]
    rows: tuple[RunRow, ...]
    opening: str
    passages: dict[int, str]


def label(study: Study | Sequence[str], combination: Mapping[str, Any]) -> str:
    """Return how a setting is named, given a study or the names of what it varies.

    >>> label(["learning_rate", "cell"], {"cell": "gru", "learning_rate": 0.1})
    'learning_rate=0.1, cell=gru'
    """
    names = study.names if isinstance(study, Study) else study
    return ", ".join(f"{name}={to_word(combination[name])}" for name in names)


def write_study(folder: str | Path, study: Study, made: Mapping[str, Any] | None = None) -> None:
    """Write the files of a study; each replaces the one before only once it is complete.

    Parameters
    ----------
    folder
        Where to write them.
    study
        The study, which may still be running.
    made
        Further contents of `study.json`, such as the command and the versions.
    """
    folder = Path(folder)
    asked = {
        "format": FORMAT,
        "vary": list(study.names),
        "combinations": list(study.combinations),
        "seeds": list(study.seeds),
        "parameters": study.common,
        "book": study.book,
        "opening": study.opening,
    }
    save_json(folder / STUDY, {**asked, **(made or {})})
    save_text(folder / CURVES, _table(CURVE, _points(study)))
    texts = (
        f"=== setting {i + 1}: {label(study, study.combinations[i])}; {len(text)} characters ===\n"
        f"{text}\n"
        for i, text in sorted(study.passages.items())
    )
    save_text(folder / SAMPLES, "\n".join(texts))
    rows = (
        [study.combinations[row.combination][name] for name in study.names]
        + [row.seed, row.status, row.steps, row.final_smooth_loss, row.best_step, row.validation]
        + [row.test, row.seconds, row.machine, row.key, row.reason]
        for row in study.rows
    )
    save_text(folder / RUNS, _table((*study.names, *COLUMNS), rows))


def _points(study: Study) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of `curves.csv`: smoothed losses and validation losses, in order of steps."""
    for row in study.rows:
        curve = {int(step): loss for step, loss in row.curve.tolist()}
        held_out = {int(step): loss for step, loss in row.validations.tolist()}
        for step in sorted(curve.keys() | held_out.keys()):
            yield row.key, step, curve.get(step), held_out.get(step)


def _table(head: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return rows as CSV, with numbers to the last bit and nothing where there is no value."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([to_word(cell) if cell is not None else "" for cell in row] for row in rows)
    return text.getvalue()


def read_study(folder: str | Path) -> Study:
    """Return the study in a folder, finished or still running.

    Raises
    ------
    InputError
        When there is none, or its files are damaged.
    """
    folder = Path(folder)
    try:
        asked = json.loads((folder / STUDY).read_bytes())
        if asked["format"] != FORMAT:
            raise InputError(f"the study in {folder} belongs to another version")
        study = Study(
            names=tuple(asked["vary"]),
            combinations=tuple(asked["combinations"]),
            seeds=tuple(asked["seeds"]),
            common=asked["parameters"],
            book=asked["book"],
            rows=(),
            opening=asked["opening"],
            passages=_passages(_text(folder / SAMPLES)),
        )
        return study._replace(rows=_rows(folder, study))
    except FileNotFoundError:
        raise InputError(f"there is no study in {folder}: run make study first") from None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise InputError(f"the study in {folder} can't be read: {error}") from None


def _rows(folder: Path, study: Study) -> tuple[RunRow, ...]:
    points: dict[str, list[list[str]]] = {}
    for key, *point in _records(folder / CURVES, CURVE):
        points.setdefault(key, []).append(point)
    settings = {
        tuple(_cell(one[name]) for name in study.names): i
        for i, one in enumerate(study.combinations)
    }
    rows = []
    for record in _records(folder / RUNS, (*study.names, *COLUMNS)):
        values, rest = record[: len(study.names)], record[len(study.names) :]
        if (
            tuple(values) not in settings
        ):  # of an earlier study, whose table is about to be replaced
            continue
        seed, status, steps, final, best, validation, test, seconds, machine, key, reason = rest
        at = points.get(key, [])
        rows.append(
            RunRow(
                combination=settings[tuple(values)],
                seed=int(seed),
                status=status,
                reason=reason,
                steps=int(steps) if steps else None,
                final_smooth_loss=_number(final),
                best_step=int(best) if best else None,
                validation=_number(validation),
                test=_number(test),
                seconds=_number(seconds),
                machine=machine,
                key=key,
                curve=_pairs((step, loss) for step, loss, _ in at),
                validations=_pairs((step, loss) for step, _, loss in at),
            )
        )
    return tuple(rows)


def _records(path: Path, head: Sequence[str]) -> list[list[str]]:
    """Return the rows of a CSV file, below the head that it must have."""
    found, *rows = [*csv.reader(io.StringIO(_text(path), newline=""))] or [[]]
    if found != list(head):
        raise ValueError(f"{path.name} does not begin with {','.join(head)}")
    return rows


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogatepass")


def _cell(value: Any) -> str:
    return "" if value is None else to_word(value)


def _number(word: str) -> float | None:
    return float(word) if word else None


def _pairs(points: Iterable[tuple[str, str]]) -> NDArray[np.float64]:
    return np.array([p for p in points if p[1]], float).reshape(-1, 2)


def _passages(text: str) -> dict[int, str]:
    """Return the passages in `samples.txt`, by setting."""
    found, at = {}, 0
    while head := HEAD.match(text, at):
        end = head.end() + int(head[2])
        found[int(head[1]) - 1] = text[head.end() : end]
        at = end + 2  # past the line's end and the empty line
    return found
