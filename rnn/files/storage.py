"""The files that each notebook leaves for the next one and for the reader."""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from rnn.cells import Parameters
from rnn.errors import InputError
from rnn.files.archive import read_arrays, write_arrays
from rnn.files.book import Book
from rnn.gradcheck import GradientCheck
from rnn.network import CELLS, Model, Network, find_cell, size
from rnn.run import Run, concluded
from rnn.text import UNICODE_FORMS, Parts, code_points, decode

FORMAT = 2  # of model.npz
HISTORY = ("step", "epoch", "loss", "smooth_loss")


class NoSuchCellError(ValueError):
    """A model's cell is unknown, as in one of a later version."""


@contextmanager
def replacing(path: str | Path) -> Iterator[IO[bytes]]:
    """Open a file for writing that replaces `path` only once it is complete."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not by tempfile, whose files are for their owner alone, whatever the umask allows.
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    whole = new.open("xb")
    try:
        with whole as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        new.unlink()
        raise


def save_text(path: str | Path, text: str) -> None:
    """Write a text in UTF-8, unchanged."""
    with replacing(path) as file:
        file.write(text.encode("utf-8", "surrogatepass"))


def save_json(path: str | Path, value: Any) -> None:
    """Write a value as JSON, indented."""
    save_text(path, as_json(value))


def as_json(value: Any) -> str:
    """Return a value as `save_json` writes it."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def save_book(folder: str | Path, book: Book, parts: Parts) -> None:
    """Write `book.json`: the description of the book, and the number of characters in each part."""
    value = {
        "path": str(book.path),
        "sha256": book.sha256,
        "encoding": book.encoding,
        "characters": len(book.indices),
        "vocabulary": list(book.vocabulary),
        **{f"{name}_characters": len(part) for name, part in parts._asdict().items()},
    }
    save_json(Path(folder, "book.json"), value)


def save_gradient_check(folder: str | Path, check: GradientCheck) -> None:
    """Write `gradient_check.json`: the relative error of each parameter by each method."""
    save_json(Path(folder, "gradient_check.json"), asdict(check))


def save_run(
    folder: str | Path,
    run: Run,
    model: Model,
    tested: float | None,
    adapting: Mapping[str, float] | None = None,
) -> None:
    """Write the results of training: the model, the history, the samples and a summary.

    `tested` is the model's loss on the test part, in nats per character; see `rnn.run.judged`.
    `adapting` has the losses there of what goes on learning; see `rnn.analysis.together`.

    `history.csv` has the columns step, epoch, loss and smooth_loss; `losses.npz` has the loss of
    each update as `losses`, in single precision; `evolution.txt` holds the samples, each headed by
    its step and smoothed loss.
    """
    folder, best = Path(folder), concluded(run)
    save_model(folder / "model.npz", model)
    rows = [",".join(row) for row in (HISTORY, *(map(str, row[:4]) for row in run.history))]
    save_text(folder / "history.csv", "\n".join(rows) + "\n")
    with replacing(folder / "losses.npz") as file:
        write_arrays(file, {"losses": np.array(run.losses, np.float32)})
    samples = [
        f"=== step {sample.step}, smoothed loss {sample.smooth_loss:.4f} ===\n"
        f"{decode(sample.indices, model.vocabulary)}\n"
        for sample in run.samples
    ]
    save_text(folder / "evolution.txt", "\n".join(samples))
    value = {
        "steps": run.step,
        "epochs": run.step / run.updates_per_epoch,
        "seconds": run.seconds,
        "final_smooth_loss": run.smooth_loss,
        "best_smooth_loss": best.smooth_loss,
        "best_step": best.step,
        "validation_nats_per_char": best.validation,
        "test_nats_per_char": tested,
        "adapting_nats_per_char": dict(adapting or {}),
        "diverged": run.diverged,
    }
    save_json(folder / "training.json", value)


def save_model(path: str | Path, model: Model) -> None:
    """Write a model as a NumPy archive that can be read without pickle."""
    with replacing(path) as file:
        write_arrays(file, model_arrays(model))


def model_arrays(model: Model) -> dict[str, Any]:
    """Return a model as arrays: the parameters under their own names, the vocabulary as numbers."""
    network = model.network
    return {
        "format": np.array(FORMAT),
        "cell": np.array(network.cell),
        "unicode_form": np.array(model.unicode_form),
        "hidden_size": np.array(network.m),
        "vocabulary_size": np.array(network.K),
        "vocabulary": code_points(model.vocabulary),
        "states": model.states,
        "first": np.array(model.first),
        "lowercase": np.array(model.lowercase),
        "way": np.array(model.way or (), float),
        "gate": np.array(model.gate or (), float),
        **network.p._asdict(),
    }


def from_notebooks(*paths: str) -> tuple[str, ...]:
    """Return paths as they are written in a notebook, for a notebook that may run elsewhere.

    A notebook names what is beside its folder by `..`. Where it is run from the project's own
    folder, as papermill does if nothing else is said, that is a folder further down.
    """
    if not Path("notebooks", "01_data.py").is_file():
        return paths
    return tuple(
        Path(os.path.normpath(Path("notebooks", path))).as_posix()
        if Path(path).parts[:1] == ("..",)
        else path
        for path in paths
    )


def check_vocabulary(model: Model, book: Book) -> None:
    """See that a model can have been trained on a book.

    Raises
    ------
    InputError
        When the two differ in their characters; names some of these.
    """
    ways = (
        ("model", model.vocabulary, book.vocabulary),
        ("book", book.vocabulary, model.vocabulary),
    )
    found = []
    for whose, has, lacks in ways:
        if more := sorted({*has} - {*lacks}):
            names = ", ".join(f"{c!a} (U+{ord(c):04X})" for c in more[:3])
            found.append(f"only the {whose} has {names}{' and others' if more[3:] else ''}")
    if found:
        raise InputError(
            f"the model is of another book than {book.path}: {'; '.join(found)}; train one on"
            " this book first"
        )


def load_model(path: str | Path) -> Model:
    """Read what `save_model` wrote.

    Raises
    ------
    InputError
        When there is no such file, or it is not a model of this program.
    """
    try:
        archive = read_arrays(Path(path).read_bytes())
        if int(archive["format"]) != FORMAT:
            raise InputError(f"the model {path} belongs to another version: train it again")
        return model_from(archive)
    except FileNotFoundError:
        raise InputError(f"there is no trained model {path}: run 03_training first") from None
    except InputError:
        raise
    except Exception as error:  # damaged bytes raise many kinds: BadZipFile, zlib.error ...
        why = f": {error}" if isinstance(error, NoSuchCellError) else ""
        raise InputError(f"{path} is not a model of this program, or is damaged{why}") from None


def model_from(archive: Mapping[str, Any]) -> Model:
    """Return the model that `model_arrays` made these arrays of.

    Raises
    ------
    ValueError, LookupError
        When the arrays do not fit together, or one is missing.
    """
    points, m = archive["vocabulary"].astype("<u4"), int(archive["hidden_size"])
    vocabulary = points.tobytes().decode("utf-32-le", "surrogatepass")
    K, cell, first = len(vocabulary), str(archive["cell"]), int(archive["first"])
    if cell not in CELLS:
        raise NoSuchCellError(f"there is no cell {cell!r}")
    if archive["vocabulary_size"] != K or not 0 <= first < K:
        raise ValueError("sizes disagree")
    dtype = archive["W"].dtype
    if dtype not in (np.float32, np.float64):
        raise ValueError(f"parameters of {dtype}")
    if size(cell, K, m) != sum(archive[name].size for name in Parameters._fields):
        raise ValueError("the parameters are not those of this hidden_size")
    if str(archive["unicode_form"]) not in UNICODE_FORMS:
        raise ValueError("unknown unicode_form")
    network = Network(cell, K, m, np.zeros(size(cell, K, m), dtype))
    states = np.zeros((find_cell(cell).STATES, m), dtype)
    parts = {**network.p._asdict(), "states": states}
    for name, part in parts.items():
        array = archive[name]
        if (array.shape, array.dtype) != (part.shape, part.dtype):
            raise ValueError(f"{name} of {array.dtype} {array.shape}")
        part[:] = array
    return Model(
        network=network,
        vocabulary=vocabulary,
        states=states,
        first=first,
        lowercase=bool(archive["lowercase"]),
        unicode_form=str(archive["unicode_form"]),
        way=_pair(archive["way"]),
        gate=_pair(archive["gate"]),
    )


def _pair(array: NDArray[Any]) -> tuple[float, float] | None:
    """Return two rates, or None for an empty array."""
    if array.size == 0:
        return None
    one, other = map(float, array)
    if not (0 <= one < np.inf and 0 <= other < np.inf):
        raise ValueError(f"rates of {one} and {other}")
    return one, other
