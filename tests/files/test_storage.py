"""Files: what is saved comes back exactly, and what is damaged is refused."""

import csv
import json
import os
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn.errors import InputError
from rnn.files import storage
from rnn.files.archive import read_arrays
from rnn.files.book import read_book
from rnn.files.storage import (
    check_vocabulary,
    from_notebooks,
    load_model,
    replacing,
    save_book,
    save_gradient_check,
    save_json,
    save_model,
    save_run,
    save_text,
)
from rnn.gradcheck import GradientCheck
from rnn.network import CELLS, Model
from rnn.run import judged
from rnn.sampling import compose
from rnn.settings import Settings
from rnn.text import decode, split
from rnn.training import conclude, train
from tests import reference

STRANGE = "".join(sorted("\0\t\n \"'<&Zz\x85\xa0é€\u2028\ud800\ufeff😀"))


def same(one: Model, other: Model) -> bool:
    pairs = [(one.network.theta, other.network.theta), (one.states, other.states)]
    return all(
        np.array_equal(mine, theirs) and mine.dtype == theirs.dtype for mine, theirs in pairs
    ) and _rest(one) == _rest(other)


def _rest(model: Model) -> list[Any]:
    """Return everything that a model and its network hold, except arrays."""
    held = vars(model.network) | vars(model)
    arrays = {"network", "theta", "states"}
    assert arrays < held.keys()
    return [held[name] for name in sorted(held.keys() - arrays)]


def refusal(path: Path) -> str:
    """Return the one-line error with which a model is refused."""
    with pytest.raises(InputError) as error:
        load_model(path)
    message = str(error.value)
    assert str(path) in message
    assert len(message.splitlines()) == 1
    return message


@pytest.mark.parametrize("vocabulary", ["\n abcé", STRANGE, "x"], ids=["plain", "strange", "one"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("cell", CELLS)
def test_a_model_comes_back_exactly(
    vocabulary: str, dtype: str, lowercase: bool, cell: str, tmp_path: Path
) -> None:
    model = reference.small_model(vocabulary, m=5, lowercase=lowercase, cell=cell)
    network = model.network.like(model.network.theta.astype(dtype))
    model = replace(model, network=network, states=model.states.astype(dtype), first=0)
    save_model(tmp_path / "model.npz", model)
    loaded = load_model(tmp_path / "model.npz")
    assert same(loaded, model)
    if len(vocabulary) > 1:  # otherwise there is only one possible text
        assert compose(loaded, 30, seed=2) == compose(model, 30, seed=2)


def test_a_model_needs_neither_pickle_nor_this_program(tmp_path: Path) -> None:
    model, path = reference.small_model(), tmp_path / "model.npz"
    save_model(path, model)
    with np.load(path, allow_pickle=False) as archive:
        arrays = dict(archive)
    assert not any(array.dtype.hasobject for array in arrays.values())
    for name, part in model.network.p._asdict().items():
        assert np.array_equal(arrays[name], part), name
    assert "".join(map(chr, arrays["vocabulary"])) == model.vocabulary
    assert np.array_equal(arrays["states"], model.states)
    assert int(arrays["hidden_size"]) == 3
    assert str(arrays["cell"]) == "rnn"
    assert bool(arrays["lowercase"]) is True


def test_the_same_model_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_model(tmp_path / "one.npz", reference.small_model())
    now = time.time() + 86_400 * 400
    monkeypatch.setattr(time, "time", lambda: now)
    save_model(tmp_path / "other.npz", reference.small_model())
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()


def test_no_model() -> None:
    assert "run 03_training first" in refusal(Path("nowhere", "model.npz"))


def test_a_truncated_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    save_model(path, reference.small_model())
    whole = path.read_bytes()
    for length in [*range(0, 64), *range(64, len(whole), 37), len(whole) - 1]:
        path.write_bytes(whole[:length])
        assert "damaged" in refusal(path), f"{length} bytes of {len(whole)}"


def test_a_model_with_a_wrong_byte_is_refused_or_unharmed(tmp_path: Path) -> None:
    """Most bytes are covered by a checksum; some, such as dates, have no effect."""
    path, model = tmp_path / "model.npz", reference.small_model()
    save_model(path, model)
    whole = path.read_bytes()
    refused = 0
    for i in range(0, len(whole), 11):
        path.write_bytes(whole[:i] + bytes([whole[i] ^ 0x55]) + whole[i + 1 :])
        try:
            found = load_model(path)
        except InputError:
            refused += 1
        else:
            assert same(found, model), f"byte {i}"
    assert refused > len(whole) / 11 / 2


def rewrite(path: Path, **changes: Any) -> None:
    """Change arrays of a saved model; None removes one."""
    with np.load(path) as archive:
        arrays = {**archive, **changes}
    kept = {name: array for name, array in arrays.items() if array is not None}
    np.savez(path, allow_pickle=True, **kept)


@pytest.mark.parametrize(
    "changes",
    [
        *({name: None} for name in ("U", "c", "vocabulary", "states", "format", "hidden_size")),
        {"W": np.zeros((2, 2))},
        {"V": np.zeros((7, 3))},
        {"W": np.array([[{}] * 3] * 3, dtype=object)},
        {"vocabulary": np.array(["a", "b"])},
        {"hidden_size": np.array("many")},
        {"hidden_size": np.array(-3)},
        {"vocabulary": np.full(6, 0x7FFFFFFF)},
        {"vocabulary_size": np.array(7)},
        {"hidden_size": np.array(4)},
        {"cell": np.array("perceptron")},
        {"cell": np.array("gru")},
        {"cell": np.array("lstm")},
        {"cell": None},
        {"states": np.zeros((2, 3))},
        {"states": np.zeros((1, 4))},
        {"states": np.zeros(3)},
        {"states": np.zeros((1, 3), np.float32)},
        {"states": np.zeros((1, 3), complex)},
        # Each of these would fit if it were broadcast.
        {"U": np.zeros((1, 6))},
        {"W": np.zeros(3)},
        {"V": np.zeros((6, 1))},
        {"b": np.zeros(1)},
        {"c": np.zeros(())},
        {"b": np.zeros(3, np.float32)},
        {"W": np.zeros((3, 3), int)},
        {"first": np.array(6)},
        {"first": np.array(-1)},
        {"way": None},
        {"way": np.zeros(3)},
        {"way": np.array(["fast", "slow"])},
        {"gate": np.array([0.1, np.nan])},
        {"gate": np.array([-0.1, 0.1])},
    ],
    ids=str,
)
def test_a_model_with_wrong_arrays_is_refused(changes: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    save_model(path, reference.small_model())
    rewrite(path)
    assert same(load_model(path), reference.small_model())
    rewrite(path, **changes)
    assert "damaged" in refusal(path)


def test_a_model_of_an_unknown_cell_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    save_model(path, reference.small_model())
    rewrite(path, cell=np.array("perceptron"))
    assert refusal(path).endswith("there is no cell 'perceptron'")
    rewrite(path, cell=np.array("a\nb"))
    assert refusal(path).endswith(r"there is no cell 'a\nb'")


def test_a_model_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    save_model(path, reference.small_model())
    rewrite(path, format=np.array(99))
    assert "another version" in refusal(path)


def test_other_files_are_no_models(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    for content in (b"", b"a text\n" * 20, b"\x80\x04N.", b"PK\x03\x04", b"PK\x05\x06" + bytes(18)):
        path.write_bytes(content)
        assert "damaged" in refusal(path), content
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    assert "damaged" in refusal(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("format.npy", "1")
    assert "damaged" in refusal(path)
    refusal(tmp_path)


# Replacing a file.


def test_a_file_is_there_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "file"
    with replacing(path) as file:
        file.write(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    with replacing(path) as file:
        file.write(b"newer")
        assert path.read_bytes() == b"new"
    assert path.read_bytes() == b"newer"
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
@pytest.mark.parametrize("mask", [0o022, 0o002, 0o077, 0o027, 0])
def test_the_umask_says_who_may_read_it(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        save_text(tmp_path / "folder" / "file", "text")
    finally:
        os.umask(before)
    assert (tmp_path / "folder" / "file").stat().st_mode & 0o777 == 0o666 & ~mask
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o777 & ~mask


def test_a_file_that_can_not_take_its_place_is_removed(tmp_path: Path) -> None:
    (tmp_path / "folder" / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match="folder"):
        save_text(tmp_path / "folder", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_the_old_file(failure: BaseException, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail() -> None:
        with replacing(path) as file:
            file.write(b"half of the n")
            raise failure

    with pytest.raises(type(failure)):
        fail()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_is_full_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.npz"
    save_model(path, reference.small_model())

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    larger = reference.small_model(m=9)
    writes: list[Callable[[], None]] = [
        lambda: save_model(path, larger),
        lambda: save_text(path, "text"),
        lambda: save_json(path, {}),
    ]
    for write in writes:
        with pytest.raises(OSError, match="No space"):
            write()
    assert same(load_model(path), reference.small_model())
    assert list(tmp_path.iterdir()) == [path]


def test_a_model_that_can_not_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.npz"
    save_model(path, reference.small_model())

    def fails(file: Any, **_: Any) -> None:
        file.write(b"PK")
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(storage.np, "savez", fails)  # type: ignore[attr-defined]
    with pytest.raises(OSError, match="Input/output"):
        save_model(path, reference.small_model(m=9))
    assert same(load_model(path), reference.small_model())


@pytest.mark.parametrize("text", ["", "é\r\n\n\t end", STRANGE, "\ufeffx"])
def test_text_is_written_as_it_is(text: str, tmp_path: Path) -> None:
    save_text(tmp_path / "text", text)
    assert (tmp_path / "text").read_bytes() == text.encode("utf-8", "surrogatepass")


def test_json_is_json(tmp_path: Path) -> None:
    path = tmp_path / "value.json"
    save_json(path, {"a": [1, 0.1, None, "é\n"]})
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": [1, 0.1, None, "é\n"]}
    with pytest.raises(ValueError, match="JSON"):
        save_json(path, {"a": float("nan")})
    assert json.loads(path.read_text(encoding="utf-8"))["a"], "the old file is still there"


# Files passed between notebooks.


def test_book_json(tmp_path: Path) -> None:
    (tmp_path / "tale.txt").write_text("Ein Bär.\n", encoding="utf-8")
    book = read_book(tmp_path / "tale.txt")
    save_book(tmp_path, book, split(book.indices, 0.1, 0.2))
    assert json.loads((tmp_path / "book.json").read_text(encoding="utf-8")) == {
        "path": str(tmp_path / "tale.txt"),
        "sha256": book.sha256,
        "encoding": "utf-8",
        "characters": 9,
        "vocabulary": ["\n", " ", ".", "b", "e", "i", "n", "r", "ä"],
        "training_characters": 6,
        "validation_characters": 1,
        "test_characters": 2,
    }


def test_gradient_check_json(tmp_path: Path) -> None:
    known = {"U": 1e-9, "c": 0.0}, {"U": 1e-16, "c": 2.5e-16}
    check = GradientCheck(*known, 60_000, 50_000, {"U": 1e-15})
    save_gradient_check(tmp_path, check)
    assert json.loads((tmp_path / "gradient_check.json").read_text()) == {
        "central_difference": {"U": 1e-9, "c": 0.0},
        "complex_step": {"U": 1e-16, "c": 2.5e-16},
        "entries": 60_000,
        "checked": 50_000,
        "larger": {"U": 1e-15},
    }


@pytest.mark.parametrize("held_out", [0, 60])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_a_run_leaves_behind(held_out: int, dtype: str, tmp_path: Path) -> None:
    model = reference.small_model()
    text = np.random.default_rng(1).integers(0, 6, 700).astype(np.uint8)
    validation = text[:held_out]
    settings = Settings(
        hidden_size=3, seq_length=4, epochs=2, sample_every=100, sample_length=30, dtype=dtype
    )
    *_, run = train(text, validation, 6, settings)
    best = conclude(run, validation)
    model = replace(model, network=best.network, states=best.states)
    save_run(tmp_path, run, model, judged(run, validation))

    assert same(load_model(tmp_path / "model.npz"), model)
    with (tmp_path / "history.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["step", "epoch", "loss", "smooth_loss"]
    steps = [0, 100, 200, 300, 347]
    assert [[int(row[0]), int(row[1])] for row in rows] == [[s, s // 174 + 1] for s in steps]
    # As many digits as it takes to read the same number again.
    assert [tuple(map(float, row)) for row in rows] == [tuple(row[:4]) for row in run.history]

    evolution = (tmp_path / "evolution.txt").read_bytes().decode()
    assert [sample.step for sample in run.samples] == [0, 100, 200, 300]
    for sample in run.samples:
        head, _, rest = evolution.partition("\n")
        assert str(sample.step) in head
        assert f"{sample.smooth_loss:.4f}" in head
        written = decode(sample.indices, model.vocabulary)
        assert rest.startswith(written + "\n")
        evolution = rest[len(written) + 2 :]
    assert evolution == ""

    found = json.loads((tmp_path / "training.json").read_text())
    assert found.pop("seconds") > 0
    assert found == {
        "steps": 348,
        "epochs": 2,
        "final_smooth_loss": run.history[-1].smooth_loss,
        "best_smooth_loss": best.smooth_loss,
        "best_step": best.step,
        "validation_nats_per_char": best.validation,
        "test_nats_per_char": judged(run, validation),
        "adapting_nats_per_char": {},
        "diverged": "",
    }
    with np.load(tmp_path / "losses.npz") as losses:
        assert np.array_equal(losses["losses"], np.array(run.losses, np.float32))
        assert losses["losses"].shape == (348,)
    # It can be read without trusting the sizes that it claims, too; see `make verify`.
    kept = read_arrays((tmp_path / "losses.npz").read_bytes())
    assert np.array_equal(kept["losses"], np.array(run.losses, np.float32))
    assert (best.validation is None) == (held_out == 0)

    adapting = {"network": 1.75, "mixed": 1.5}
    model = replace(model, way=(0.002, 0.0), gate=(0.1, 0.2))
    save_run(tmp_path, run, model, judged(run, validation), adapting)
    assert same(load_model(tmp_path / "model.npz"), model)
    more = json.loads((tmp_path / "training.json").read_text())
    assert more == found | {"adapting_nats_per_char": adapting, "seconds": more["seconds"]}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("../data/tales.txt", "data/tales.txt"),
        ("../reports/notebooks", "reports/notebooks"),
        ("../../elsewhere/book.txt", "../elsewhere/book.txt"),
        ("data/mine.txt", "data/mine.txt"),
        ("/data/mine.txt", "/data/mine.txt"),
        ("..", "."),
    ],
)
def test_paths_of_a_notebook_that_runs_in_the_project_s_folder(
    path: str, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_data.py").touch()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert from_notebooks(path) == (path,)
    monkeypatch.chdir(tmp_path)
    assert from_notebooks(path, path) == (found, found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n abc", "only the model has '\\xe9' (U+00E9);"),
        ("\n abcéz", "only the book has 'z' (U+007A);"),
        ("0123456789", "only the model has '\\n' (U+000A), ' ' (U+0020), 'a' (U+0061) and others;"),
        ("\n abé\u202e", "only the model has 'c' (U+0063); only the book has '\\u202e' (U+202E);"),
    ],
)
def test_a_model_of_another_book_is_refused_by_its_characters(
    text: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "book.txt"
    path.write_text(text * 20, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        check_vocabulary(reference.small_model(), read_book(path))
    assert said in str(refused.value)
    assert str(refused.value).isprintable()
    path.write_text("\n abcé" * 20, encoding="utf-8")
    check_vocabulary(reference.small_model(), read_book(path))
