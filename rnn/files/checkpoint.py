"""Checkpoints: the whole state of training in one file, to resume as if it had never stopped.

A file consists of a line that names the format, a line with the SHA-256 and the length of the rest,
and a NumPy archive. The last two checkpoints of a run are kept. Damaged checkpoints are skipped.
Those of other runs are ignored but kept, until all checkpoints of a folder exceed a limit; then the
oldest are removed.
"""

import hashlib
import io
import json
import time
from array import array
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.errors import InputError
from rnn.files.archive import read_arrays, write_arrays
from rnn.files.storage import replacing
from rnn.numerics.compiled import state_of_sources
from rnn.run import COMPILED, Functions, Row, Run, Sample, Snapshot
from rnn.settings import Settings
from rnn.training import train

FORMAT = b"rnn checkpoint 1\n"
NAME = "checkpoint-"  # followed by the label of the run and the step
KEPT = 2
ROOM = 500_000_000  # bytes of all checkpoints in a folder; beyond it, others' oldest are removed
GROWING = ("losses", "history", "validations", "radii", "samples", "texts")  # gain rows in training
OTHER = {
    "program": "another version of the program",
    "book": "another book",
    "parameters": "other parameters",
    "student": "other functions",
}


def identity(book: str, settings: Settings, student: str = "") -> dict[str, Any]:
    """Return the values that a checkpoint must match before training can resume from it.

    Parameters
    ----------
    book
        The SHA-256 of the book.
    settings
        The settings; only those that affect training count.
    student
        The SHA-256 of a student's functions, if it is these that are trained with.
    """
    parameters = settings.of_training
    about = {"program": state_of_sources(), "book": book, "parameters": parameters}
    return about | ({"student": student} if student else {})


def pack(run: Run) -> dict[str, Any]:
    """Return everything that changes during a run, as arrays."""
    best = run.best
    arrays = {
        "theta": run.network.theta,
        "memory": run.learners[0].memory,
        "states": run.states,
        "dropout": np.array([learner.random for learner in run.learners]),
        "position": np.array([run.step, run.offset]),
        "numbers": np.array([run.smooth_loss, run.seconds, run.best_score]),
        "losses": np.array(run.losses, np.float32),
        "history": np.array(run.history, float).reshape(-1, len(Row._fields)),
        "validations": np.array(run.validations, float).reshape(-1, 2),
        "radii": np.array(run.radii, float).reshape(-1, 2),
        "samples": np.array([(s.step, s.smooth_loss) for s in run.samples], float).reshape(-1, 2),
        "texts": np.array([s.indices for s in run.samples], np.int64).reshape(
            -1, run.settings.sample_length
        ),
        "random": np.array([run.random[use] for use in sorted(run.random)]),
    }
    if run.early is not None:
        arrays["early"] = run.early.theta
    if best is not None:
        arrays |= {
            "best_theta": best.network.theta,
            "best_states": best.states,
            "best": np.array(
                [
                    best.step,
                    best.smooth_loss,
                    np.nan if best.validation is None else best.validation,
                ]
            ),
        }
    return arrays


def unpack(arrays: dict[str, NDArray[Any]], run: Run) -> None:
    """Restore packed arrays into a run that has not made its first update.

    Raises
    ------
    InputError
        When the arrays do not fit the run, which then stays unchanged.
    """
    _check(arrays, run)
    try:
        history = [Row(int(row[0]), int(row[1]), *map(float, row[2:])) for row in arrays["history"]]
        validations = [(int(step), float(value)) for step, value in arrays["validations"]]
        radii = [(int(step), float(value)) for step, value in arrays["radii"]]
        samples = [
            Sample(int(step), float(smooth_loss), text)
            for (step, smooth_loss), text in zip(arrays["samples"], arrays["texts"], strict=True)
        ]
        best = _best(arrays, run) if "best" in arrays else None
    except (ValueError, OverflowError) as error:  # a step that is not a number
        raise InputError(str(error)) from None
    run.network.theta[:] = arrays["theta"]
    run.learners[0].memory[:] = arrays["memory"]
    run.states = arrays["states"]
    for learner, state in zip(run.learners, arrays["dropout"], strict=True):
        learner.random[:] = state
    run.step, run.offset = map(int, arrays["position"])
    run.smooth_loss, run.seconds, run.best_score = map(float, arrays["numbers"])
    run.history, run.validations, run.samples, run.best = history, validations, samples, best
    run.radii, run.losses = radii, array("f", arrays["losses"].tobytes())
    run.early = run.network.like(arrays["early"]) if "early" in arrays else None
    for use, state in zip(sorted(run.random), arrays["random"], strict=True):
        run.random[use][:] = state


def _best(arrays: dict[str, NDArray[Any]], run: Run) -> Snapshot:
    step, smooth_loss, validation = map(float, arrays["best"])
    return Snapshot(
        int(step),
        run.network.like(arrays["best_theta"]),
        arrays["best_states"],
        smooth_loss,
        None if np.isnan(validation) else validation,
    )


def _check(arrays: dict[str, NDArray[Any]], run: Run) -> None:
    """Raise InputError if arrays do not fit a run, before any of them is restored."""
    expected = pack(run)
    if "early" in arrays:
        expected["early"] = expected["theta"]
    if "best" in arrays:
        theta, states = expected["theta"], expected["states"][:, 0]
        expected |= {"best_theta": theta, "best_states": states, "best": np.zeros(3)}
    if arrays.keys() != expected.keys():
        raise InputError("arrays are missing, or it has unknown ones")
    for name, like in expected.items():
        found, rows = arrays[name], name in GROWING
        if found.dtype != like.dtype or found.shape[rows:] != like.shape[rows:]:
            raise InputError(f"its {name} has the wrong shape or type")
    step, offset = arrays["position"]
    if not (0 <= step <= run.updates and 0 <= offset < run.settings.seq_length):
        raise InputError("its position is outside the book")
    texts = arrays["texts"]
    if len(arrays["samples"]) != len(texts) or not np.all((texts >= 0) & (texts < run.network.K)):
        raise InputError("its samples do not belong to this book")


def save(path: Path, run: Run, about: dict[str, Any]) -> None:
    """Write a checkpoint."""
    content = io.BytesIO()
    label = np.frombuffer(json.dumps(about, sort_keys=True).encode(), np.uint8)
    write_arrays(content, pack(run) | {"about": label})
    data = content.getvalue()
    head = f"{hashlib.sha256(data).hexdigest()} {len(data)}\n"
    with replacing(path) as file:
        file.write(FORMAT + head.encode() + data)


def load(path: Path, about: dict[str, Any]) -> dict[str, NDArray[Any]]:
    """Return the arrays of a checkpoint.

    Raises
    ------
    InputError
        When it is damaged or belongs to another version, another book or other parameters.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"the checkpoint {path.name} can't be read: {error.strerror}") from None
    return parse(data, path.name, about)


def parse(data: bytes, name: str, about: dict[str, Any]) -> dict[str, NDArray[Any]]:
    """Return the arrays of a checkpoint's bytes; see `load`."""
    if not data.startswith(FORMAT[: len(data)]):
        raise InputError(f"the checkpoint {name} is damaged or belongs to another version")
    head, end, content = data[len(FORMAT) :].partition(b"\n")
    length = head.partition(b" ")[2]
    if not end or len(content) < int(length[:15] if length.isdigit() else b"0"):
        raise InputError(f"the checkpoint {name} is truncated")
    if head != f"{hashlib.sha256(content).hexdigest()} {len(content)}".encode():
        raise InputError(f"the checkpoint {name} is damaged: its checksum is wrong")
    try:
        arrays = read_arrays(content)
        found = json.loads(arrays.pop("about").tobytes())
        differ = [part for part in about if found[part] != about[part]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"the checkpoint {name} is damaged: {error}") from None
    if differ:
        raise InputError(f"the checkpoint {name} belongs to {OTHER[differ[0]]}")
    return arrays


def resume(
    run: Run, folder: Path, about: dict[str, Any], say: Callable[[str], None], *, anew: bool = False
) -> None:
    """Restore the latest usable checkpoint into a run that has not made its first update.

    With `anew`, a run that has ended begins again: its checkpoints are removed instead. Those of
    other runs are ignored.
    """
    own = _files(folder, _label(about))
    for path in own:
        try:
            arrays = load(path, about)
        except InputError as error:
            say(f"{error}; it is skipped")
            continue
        try:
            _check(arrays, run)
            if anew and arrays["position"][0] == run.updates:
                say(f"this run was at its end, update {run.updates:,}: training begins anew")
                for old in own:
                    old.unlink(missing_ok=True)
                return
            unpack(arrays, run)
        except InputError as error:
            say(f"the checkpoint {path.name} is damaged: {error}; it is skipped")
            continue
        if run.step:
            say(f"training resumes at update {run.step:,} of {run.updates:,}")
        return


def checkpointed(
    training: NDArray[Any],
    validation: NDArray[Any],
    K: int,
    settings: Settings,
    *,
    folder: str | Path,
    about: dict[str, Any],
    say: Callable[[str], None] = print,
    anew: bool = False,
    functions: Functions = COMPILED,
) -> Generator[Run, None, None]:
    """Train as `rnn.training.train` does, from the latest checkpoint, and write new ones.

    A checkpoint is written before the first update, whenever the number of updates or seconds in
    the settings has passed, when the caller stops iterating, and at the end, unless the loss is no
    longer a finite number.

    Parameters
    ----------
    training, validation, K, settings
        As for `train`.
    folder
        The folder of the checkpoints.
    about
        The `identity` of the run.
    say
        Called with a message when training resumes, or a checkpoint can't be used or is removed.
    anew
        Whether a run that has ended begins again, instead of being returned as it is.
    functions
        As for `train`.
    """
    folder = Path(folder)
    every, seconds = settings.checkpoint_every, settings.checkpoint_seconds
    runs = train(
        training,
        validation,
        K,
        settings,
        lambda run: resume(run, folder, about, say, anew=anew),
        functions,
    )
    run = next(runs)
    saved, at = run.step, time.monotonic()
    try:
        if run.step == 0:
            _save(run, folder, about, say)
        yield run
        for run in runs:
            if run.step // every > saved // every or time.monotonic() - at > seconds:
                _save(run, folder, about, say)
                saved, at = run.step, time.monotonic()
            yield run
    except GeneratorExit:  # after other exceptions, the run may be inconsistent
        if run.step > saved:
            _save(run, folder, about, say)
        raise
    if run.step > saved:
        _save(run, folder, about, say)


def forget(folder: str | Path, about: dict[str, Any]) -> None:
    """Remove the checkpoints of a run, by its `identity`."""
    for path in _files(Path(folder), _label(about)):
        path.unlink(missing_ok=True)


def _save(run: Run, folder: Path, about: dict[str, Any], say: Callable[[str], None]) -> None:
    if run.diverged and run.step < run.updates:  # what comes next is known not to be finite
        return
    label = _label(about)
    save(folder / f"{NAME}{label}-{run.step:015d}", run, about)
    for old in _files(folder, label)[KEPT:]:
        old.unlink(missing_ok=True)
    _make_room(folder, label, say)


def _make_room(folder: Path, label: str, say: Callable[[str], None]) -> None:
    """Remove the oldest checkpoints of other runs while those of the folder take too much."""
    ages, total = [], 0
    for path in _files(folder):
        with suppress(FileNotFoundError):  # another run has removed it meanwhile
            status = path.lstat()
            total += status.st_size
            if not path.name.startswith(f"{NAME}{label}-"):
                ages.append((status.st_mtime_ns, path.name, status.st_size))
    removed = 0
    for _, name, size in sorted(ages):
        if total <= ROOM:
            break
        (folder / name).unlink(missing_ok=True)
        total, removed = total - size, removed + 1
    if removed:
        say(
            f"the checkpoints in {folder} took more than {ROOM / 1e6:,.0f} MB: the oldest of other"
            f" runs {'was' if removed == 1 else 'were'} removed ({removed})"
        )


def _label(about: dict[str, Any]) -> str:
    """Return a label that tells one run's checkpoints from those of others in the same folder."""
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:12]


def _files(folder: Path, label: str = "*") -> list[Path]:
    """Return the checkpoints in a folder, the latest first."""
    return sorted(folder.glob(f"{NAME}{label}-[0-9]*"), reverse=True)


def latest(folder: Path) -> Path | None:
    """Return the most recently written checkpoint of any run; None if there is none."""
    found = [path for path in _files(folder) if path.is_file() and not path.is_symlink()]
    return max(found, key=lambda path: path.stat().st_mtime_ns, default=None)
