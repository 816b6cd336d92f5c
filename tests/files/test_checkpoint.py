"""Checkpoints: whole, exact, and refused when anything about them is wrong."""

import dataclasses
import json
import os
import re
import shutil
from collections.abc import Generator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rnn import training
from rnn.errors import InputError
from rnn.files import checkpoint
from rnn.files.archive import write_arrays
from rnn.files.checkpoint import checkpointed, identity, load, pack, parse, resume, save, unpack
from rnn.run import Run
from rnn.settings import LATER, Settings
from rnn.training import train

K = 6
TEXT = np.random.default_rng(0).integers(0, K, 600).astype(np.uint8)
HELD_OUT = TEXT[:90].copy()
SMALL = Settings(
    hidden_size=4, seq_length=5, init_scale=0.3, epochs=3, sample_every=70, sample_length=20
)
ALL = dataclasses.replace(SMALL, dropout=0.3, random_offset=True, batch_size=2, threads=2)
ABOUT = identity("5" * 64, SMALL)
# The inputs of a run. Everything else in it changes, so a checkpoint must hold it.
GIVEN = {"functions", "settings", "updates_per_epoch", "diverged"}  # or found again at the end
SCRATCH = {"gradient", "p", "d", "work"}  # of the learner: written over by the next update


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "PAUSE", 0)  # hand over after each update
    monkeypatch.setattr(training, "VALIDATE_EVERY", 100)


def altered(**changes: Any) -> Settings:
    return dataclasses.replace(SMALL, **changes)


def same(one: Any, other: Any) -> bool:
    """Return whether two values are equal to the bit, whatever their types."""
    if type(one) is not type(other):
        return False
    if dataclasses.is_dataclass(one):
        names = [field.name for field in dataclasses.fields(one)]
        return all(same(getattr(one, name), getattr(other, name)) for name in names)
    if isinstance(one, np.ndarray):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other or (one != one and other != other))


def state(run: Run) -> dict[str, Any]:
    """Return all parts of a run that carry over from update to update, by name."""
    fields = {field.name for field in dataclasses.fields(run)} - GIVEN - {"learners"}
    names = [name for name in run.learners[0]._fields if name not in SCRATCH]
    return (
        {name: getattr(run, name) for name in fields}
        | {name: [getattr(learner, name) for learner in run.learners] for name in names}
        | {"states": run.states}
    )


def started(settings: Settings = SMALL, validation: NDArray[Any] = HELD_OUT) -> Run:
    return next(train(TEXT, validation, K, settings))


def stopped(step: int, settings: Settings = SMALL) -> Run:
    """Return a run after some updates."""
    return next(run for run in train(TEXT, HELD_OUT, K, settings) if run.step == step)


def trained(
    folder: Path,
    settings: Settings = SMALL,
    lines: list[str] | None = None,
    *,
    about: dict[str, Any] = ABOUT,
    every: int = 10,
    seconds: float = 1e9,
) -> Generator[Run, None, None]:
    often = dataclasses.replace(settings, checkpoint_every=every, checkpoint_seconds=seconds)
    say = (lines if lines is not None else list[str]()).append
    return checkpointed(TEXT, HELD_OUT, K, often, folder=folder, about=about, say=say)


def last(runs: Generator[Run, None, None]) -> Run:
    *_, run = runs
    return run


def names(folder: Path) -> list[str]:
    return sorted(path.name.rpartition("-")[2].lstrip("0") for path in folder.iterdir())


def test_a_checkpoint_holds_all_that_changes(tmp_path: Path) -> None:
    run, fresh = stopped(130, ALL), started(ALL)
    before = state(fresh)
    for name, value in state(run).items():
        assert not same(value, before[name]), (
            f"{name} does not change in this run: let it, so that this test can tell"
        )
    save(tmp_path / "it", run, ABOUT)
    unpack(load(tmp_path / "it", ABOUT), fresh)
    for name, value in state(run).items():
        assert same(state(fresh)[name], value), f"the checkpoint does not hold {name}"


def test_an_array_of_the_optimiser_or_the_cell_that_is_new_needs_a_look() -> None:
    """A new attribute of the learner must be listed as scratch, or be held by `pack`."""
    assert set(started().learners[0]._fields) == {"theta", "memory", "random"} | SCRATCH


VARIANTS: dict[str, dict[str, Any]] = {
    "rnn": {},
    "gru": {"cell": "gru"},
    "lstm": {"cell": "lstm", "batch_size": 2},
    "adam": {"optimiser": "adam", "schedule": "cosine", "warmup": 20},
    "rmsprop": {"optimiser": "rmsprop", "clip_by": "norm", "clip": 1.0},
    "dropout": {"dropout": 0.3},
    "offset": {"random_offset": True, "initialisation": "orthogonal"},
    "float32": {"dtype": "float32", "batch_size": 3},
    "threads": {"threads": 2, "batch_size": 3, "dropout": 0.3},
    "all": {"cell": "lstm", "optimiser": "adam", "dropout": 0.2, "random_offset": True},
}


@pytest.mark.parametrize("held_out", [True, False])
@pytest.mark.parametrize("variant", VARIANTS)
def test_resumed_is_unbroken(
    variant: str, held_out: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupt at every kind of boundary: of epochs, samples, the history and validation."""
    settings = altered(**VARIANTS[variant])
    validation = HELD_OUT if held_out else HELD_OUT[:0]
    monkeypatch.setattr(training, "PAUSE", 0.2)
    unbroken = last(train(TEXT, validation, K, settings))
    per_epoch = unbroken.updates_per_epoch
    monkeypatch.setattr(training, "PAUSE", 0)
    stops = {1, 69, 70, 71, 99, 100, 101, per_epoch, per_epoch + 1, 140, unbroken.updates}
    saved = {}
    for run in train(TEXT, validation, K, settings):
        if run.step in stops:
            save(tmp_path / str(run.step), run, ABOUT)
            saved[run.step] = tmp_path / str(run.step)
    monkeypatch.setattr(training, "PAUSE", 0.2)
    for path in saved.values():
        unpacked = partial(unpack, load(path, ABOUT))
        resumed = last(train(TEXT, validation, K, settings, unpacked))
        found, right = state(resumed), state(unbroken)
        for name in right.keys() - {"seconds"}:
            assert same(found[name], right[name]), f"{name}, resumed at {path.name}"
    assert len(saved) > 8


def test_the_same_state_is_the_same_file(tmp_path: Path) -> None:
    run = stopped(130)
    save(tmp_path / "one", run, ABOUT)
    save(tmp_path / "other", run, dict(reversed(ABOUT.items())))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


# When they are written.


def test_the_last_two_are_kept(tmp_path: Path) -> None:
    runs = trained(tmp_path, every=10)
    for run, expected in ((0, ["0"]), (9, ["0"]), (10, ["0", "10"]), (35, ["20", "30"])):
        next(r for r in runs if r.step == run)
        assert names(tmp_path) == [name.lstrip("0") for name in expected]
    last(runs)
    assert names(tmp_path) == ["350", "357"]


def test_one_is_written_every_so_many_seconds(tmp_path: Path) -> None:
    for _ in islice(trained(tmp_path, every=10**9, seconds=1e-9), 4):
        pass
    assert names(tmp_path)[-1] == "3"
    for _ in islice(trained(tmp_path / "other", every=10**9, seconds=1e9), 4):
        assert names(tmp_path / "other") == [""]


def test_whoever_stops_leaves_one(tmp_path: Path) -> None:
    runs = trained(tmp_path, every=10**9)
    next(run for run in runs if run.step == 33)
    runs.close()
    assert names(tmp_path) == ["", "33"]
    lines: list[str] = []
    resumed = last(trained(tmp_path, lines=lines))
    assert lines == ["training resumes at update 33 of 357"]
    assert same(resumed.history, last(train(TEXT, HELD_OUT, K, SMALL)).history)


def test_an_exception_within_an_update_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A half-written checkpoint is not kept."""
    runs = trained(tmp_path, every=10**9)
    next(run for run in runs if run.step == 33)

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "_validate_if_due", interrupt)
    with pytest.raises(KeyboardInterrupt):
        next(runs)
    assert names(tmp_path) == [""]


@pytest.mark.parametrize("kind", ["full", "read-only"])
def test_one_that_can_not_be_written_leaves_the_one_before(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = trained(tmp_path, every=10)
    next(run for run in runs if run.step == 25)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    target = (checkpoint.hashlib, "sha256") if kind == "read-only" else (checkpoint.np, "savez")  # type: ignore[attr-defined]
    monkeypatch.setattr(*target, fail)
    with pytest.raises(OSError, match="No space"):
        last(runs)
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    lines: list[str] = []
    last(trained(tmp_path, lines=lines))
    assert lines == ["training resumes at update 20 of 357"]


# What is refused.


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Settings]:
    """Return a folder with two checkpoints, as small as they get."""
    folder = tmp_path_factory.mktemp("small")
    settings = Settings(
        hidden_size=1, seq_length=2, epochs=1, sample_length=1, max_updates=2, sample_every=10,
        checkpoint_every=1, checkpoint_seconds=1e9,
    )  # fmt: skip
    text = np.array([0, 1, 0, 1, 0, 1, 0], np.uint8)
    last(checkpointed(text, text[:0], 2, settings, folder=folder, about={"program": "1"}))
    assert len(list(folder.iterdir())) == 2
    return folder, settings


def refusal(data: bytes) -> str:
    with pytest.raises(InputError) as refused:
        parse(data, "it", {"program": "1"})
    message = str(refused.value)
    assert message.startswith("the checkpoint it is ")
    assert "\n" not in message
    return message


def lines_of_resume(folder: Path, settings: Settings) -> tuple[Run, list[str]]:
    text = np.array([0, 1, 0, 1, 0, 1, 0], np.uint8)
    run = training._begin(text, 2, settings)
    lines: list[str] = []
    resume(run, folder, {"program": "1"}, lines.append)
    return run, lines


def test_every_bit_that_is_flipped_is_noticed(small: tuple[Path, Settings], tmp_path: Path) -> None:
    before, latest = sorted(small[0].iterdir())
    whole = latest.read_bytes()
    assert parse(whole, "it", {"program": "1"})
    for i in range(len(whole)):
        for change in (*(1 << bit for bit in range(8)), 0xFF):
            damaged = whole[:i] + bytes([whole[i] ^ change]) + whole[i + 1 :]
            message = refusal(damaged)
            assert "damaged" in message or "truncated" in message, i
    assert len(whole) > 2000
    (tmp_path / latest.name).write_bytes(damaged)
    shutil.copy(before, tmp_path)
    run, lines = lines_of_resume(tmp_path, small[1])
    assert run.step == 1, "the one before is used"
    assert lines == [
        f"the checkpoint {latest.name} is damaged: its checksum is wrong; it is skipped",
        "training resumes at update 1 of 2",
    ]


def test_every_truncation_is_noticed(small: tuple[Path, Settings], tmp_path: Path) -> None:
    before, latest = sorted(small[0].iterdir())
    whole = latest.read_bytes()
    for length in range(len(whole)):
        assert refusal(whole[:length]) == "the checkpoint it is truncated"
    assert "checksum" in refusal(whole + b"\0")
    (tmp_path / latest.name).write_bytes(whole[:1000])
    shutil.copy(before, tmp_path)
    run, lines = lines_of_resume(tmp_path, small[1])
    assert run.step == 1
    assert lines[0] == f"the checkpoint {latest.name} is truncated; it is skipped"


def test_both_damaged_training_begins_anew(small: tuple[Path, Settings], tmp_path: Path) -> None:
    for path in small[0].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes()[:-1])
    run, lines = lines_of_resume(tmp_path, small[1])
    assert run.step == 0
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("about", "what"),
    [
        (ABOUT | {"program": "other"}, "another version of the program"),
        (identity("6" * 64, SMALL), "another book"),
        (identity("5" * 64, altered(hidden_size=5)), "other parameters"),
        (identity("5" * 64, altered(lowercase=False)), "other parameters"),
    ],
    ids=["version", "book", "parameters", "reading"],
)
def test_those_of_something_else_are_skipped_without_a_word_and_stay(
    about: dict[str, Any], what: str, tmp_path: Path
) -> None:
    next(run for run in trained(tmp_path, about=about, every=200) if run.step == 300)
    others = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(InputError, match=f"^the checkpoint .* belongs to {what}$"):
        load(max(tmp_path.iterdir()), ABOUT)
    lines: list[str] = []
    runs = trained(tmp_path, lines=lines, every=50)
    first = next(runs)
    assert first.step == 0
    assert lines == []
    # A run that is shorter than the other's is not the one whose checkpoints are dropped.
    next(run for run in runs if run.step == 120)
    own = {path.name for path in tmp_path.iterdir()} - others
    assert sorted(int(name.rpartition("-")[2]) for name in own) == [50, 100]
    assert others <= {path.name for path in tmp_path.iterdir()}
    assert next(trained(tmp_path, lines=lines)).step == 100 or runs
    assert lines == ["training resumes at update 100 of 357"]


def test_one_of_an_earlier_program_is_refused_by_name(tmp_path: Path) -> None:
    """An earlier program has another hash, and may lack some parameters."""
    later = {"encoding", "unicode_form", "validation_fraction"}
    parameters = {name: v for name, v in ABOUT["parameters"].items() if name not in later}
    assert len(parameters) == len(ABOUT["parameters"]) - len(later)
    run = stopped(130)
    for about, what in (
        (ABOUT | {"program": "0" * 64}, "another version of the program"),
        (ABOUT | {"program": "0" * 64, "parameters": parameters}, "another version of the program"),
        (ABOUT | {"parameters": parameters}, "other parameters"),
        (ABOUT | {"parameters": ABOUT["parameters"] | {"more": 1}}, "other parameters"),
    ):
        path = tmp_path / f"checkpoint-{checkpoint._label(ABOUT)}-130"  # as if it were one's own
        save(path, run, about)
        with pytest.raises(InputError) as refused:
            load(path, ABOUT)
        assert str(refused.value) == f"the checkpoint {path.name} belongs to {what}"
        fresh, lines = started(), list[str]()
        resume(fresh, tmp_path, ABOUT, lines.append)
        assert lines == [f"the checkpoint {path.name} belongs to {what}; it is skipped"]
        assert fresh.step == 0


# What becomes of a run that has ended, and of the checkpoints of many.


@pytest.mark.parametrize("variant", ["rnn", "adam", "lstm", "dropout"])
def test_a_run_at_its_end_begins_anew_if_asked_and_an_unfinished_one_resumes(
    variant: str, tmp_path: Path
) -> None:
    settings, lines = altered(**VARIANTS[variant]), list[str]()

    def again(*, anew: bool) -> Generator[Run, None, None]:
        return checkpointed(
            TEXT, HELD_OUT, K, settings, folder=tmp_path, about=ABOUT, say=lines.append, anew=anew
        )

    whole = last(again(anew=True))
    end = whole.updates
    assert lines == []
    assert next(again(anew=False)).step == end  # as in a report: it is used as it is
    assert lines == [f"training resumes at update {end} of {end}"]
    lines.clear()
    runs = again(anew=True)
    assert next(runs).step == 0
    assert lines == [f"this run was at its end, update {end}: training begins anew"]
    assert [int(path.name.rpartition("-")[2]) for path in tmp_path.iterdir()] == [0]
    next(run for run in runs if run.step == 40)
    runs.close()  # stopped on the way
    lines.clear()
    trained_anew = last(again(anew=True))
    assert lines == [f"training resumes at update 40 of {end}"]
    assert same(trained_anew.history, whole.history)


def test_a_damaged_last_one_does_not_make_a_run_begin_anew(tmp_path: Path) -> None:
    last(trained(tmp_path, every=10))
    newest = max(tmp_path.iterdir())
    newest.write_bytes(newest.read_bytes()[:-1])
    lines, fresh = list[str](), started()
    resume(fresh, tmp_path, ABOUT, lines.append, anew=True)
    assert fresh.step == 350
    assert [line.partition("; ")[2] for line in lines] == ["it is skipped", ""]


def test_beyond_a_limit_the_oldest_of_other_runs_are_removed_with_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    for age, book in enumerate("123"):
        last(trained(tmp_path, about=identity(book * 64, SMALL), lines=lines))
        for path in tmp_path.iterdir():
            if checkpoint._label(identity(book * 64, SMALL)) in path.name:
                os.utime(path, (1e9 + age, 1e9 + age))
    (tmp_path / "model.npz").write_bytes(b"1" * 100_000)  # is none
    sizes = [path.stat().st_size for path in tmp_path.glob("checkpoint-*")]
    assert (lines, len(sizes)) == ([], 6)
    monkeypatch.setattr(checkpoint, "ROOM", sum(sizes))  # two more, and two have to go
    last(trained(tmp_path, lines=lines))
    kept = {path.name.split("-")[1] for path in tmp_path.glob("checkpoint-*")}
    labels = [checkpoint._label(identity(book * 64, SMALL)) for book in "1235"]
    assert kept == set(labels[1:])
    assert lines
    assert all(line.startswith(f"the checkpoints in {tmp_path} took more than") for line in lines)
    assert (tmp_path / "model.npz").exists()
    # One's own stay, however large they are.
    lines.clear()
    monkeypatch.setattr(checkpoint, "ROOM", 1)
    last(trained(tmp_path, lines=lines, about=identity("4" * 64, SMALL)))
    assert names(tmp_path) == ["350", "357", "model.npz"]
    assert len(lines) == 1
    assert "were removed (6)" in lines[0]


def test_one_of_another_format_is_named(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint-1"
    path.write_bytes(b"rnn checkpoint 2\nnew things")
    with pytest.raises(InputError, match="checkpoint-1 is damaged or belongs to another version"):
        load(path, ABOUT)
    with pytest.raises(InputError, match="checkpoint-2 can't be read: No such file"):
        load(tmp_path / "checkpoint-2", ABOUT)


def test_what_the_identity_is_of() -> None:
    assert ABOUT.keys() == {"program", "book", "parameters"}
    whole = dataclasses.asdict(SMALL)
    assert ABOUT["parameters"] == {name: whole[name] for name in whole if name not in LATER}
    assert ABOUT["parameters"]["lowercase"] is True
    assert set(LATER) == {
        *("checkpoint_every", "checkpoint_seconds"),
        *("passage_length", "temperature", "top_p", "prime"),
    }
    json.dumps(ABOUT)
    assert identity("book", SMALL, "abc") == identity("book", SMALL) | {"student": "abc"}


@pytest.mark.parametrize(
    "changes",
    [{"checkpoint_every": 7}, {"checkpoint_seconds": 1.0}, {"temperature": 0.5}, {"prime": "a"}],
    ids=str,
)
def test_what_does_not_change_training_does_not_refuse_a_checkpoint(
    changes: dict[str, Any],
) -> None:
    assert identity("5" * 64, altered(**changes)) == ABOUT


def crafted(folder: Path, **changes: Any) -> list[str]:
    """Resume from a checkpoint with a right checksum and wrong arrays."""
    run = stopped(130)
    arrays = pack(run) | {"about": np.frombuffer(json.dumps(ABOUT).encode(), np.uint8)}
    arrays = {name: value for name, value in (arrays | changes).items() if value is not None}
    path = folder / f"checkpoint-{checkpoint._label(ABOUT)}-130"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint, "write_arrays", lambda file, _: write_arrays(file, arrays))
        save(path, run, ABOUT)
    fresh, lines = started(), list[str]()
    before = {name: np.copy(value) for name, value in pack(fresh).items()}
    resume(fresh, folder, ABOUT, lines.append)
    if "it is skipped" in lines[0]:
        assert same(pack(fresh), before), "nothing of it was put into the run"
    return lines


@pytest.mark.parametrize(
    "changes",
    [
        *({name: None} for name in ("theta", "history", "about", "best", "random")),
        {"more": np.zeros(3)},
        {"theta": np.zeros(1)},
        {"theta": np.zeros(79, np.float32)},
        {"memory": np.zeros(())},
        {"states": np.zeros((4, 1, 1))},
        {"position": np.array([-1, 0])},
        {"position": np.array([10**9, 0])},
        {"position": np.array([1, 5])},
        {"position": np.array([1.5, 0.0])},
        {"history": np.full((3, 6), np.nan)},
        {"history": np.zeros((3, 5))},
        {"validations": np.full((3, 2), np.inf)},
        {"samples": np.zeros((9, 2))},
        {"texts": np.full((2, 20), K)},
        {"texts": np.full((2, 20), -1)},
        {"radii": np.zeros((3, 3))},
        {"early": np.zeros(2)},
        {"best": np.full(3, np.nan)},
        {"best_theta": np.zeros(2)},
        {"best_states": np.zeros((7, 7))},
        {"random": np.zeros((1, 1), np.int64)},
        {"about": np.frombuffer(b"[" * 100_000, np.uint8)},
        {"about": np.frombuffer(b"[]", np.uint8)},
        {"about": np.frombuffer(b"3", np.uint8)},
        {"about": np.frombuffer(b'"program"', np.uint8)},
        {"about": np.frombuffer(b"\xff", np.uint8)},
        {"about": np.zeros((), "U3")},
    ],
    ids=str,
)
def test_arrays_that_do_not_fit_are_refused_all_of_them(
    changes: dict[str, Any], tmp_path: Path
) -> None:
    assert crafted(tmp_path) == ["training resumes at update 130 of 357"]
    (line,) = crafted(tmp_path, **changes)
    assert "it is skipped" in line
    assert "\n" not in line


# Training that diverges.


@pytest.mark.parametrize("optimiser", ["adagrad", "adam"])
def test_a_loss_that_is_no_number_is_told_and_no_checkpoint_holds_it(
    optimiser: str, tmp_path: Path
) -> None:
    lines: list[str] = []
    settings = altered(learning_rate=1e308, optimiser=optimiser)
    run = last(trained(tmp_path, settings, lines))
    assert re.match(
        rf"the loss of update {run.step + 1} is (nan|inf), and the largest gradient before it, of"
        r" update \d+, has norm \S+: try a smaller learning_rate than 1e\+308, a smaller clip or"
        r" another seed$",
        run.diverged,
    )
    assert lines == []
    (kept,) = tmp_path.iterdir()
    assert np.isfinite(load(kept, ABOUT)["theta"]).all()
    assert int(load(kept, ABOUT)["position"][0]) == 0


def test_training_that_diverges_late_keeps_its_best_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance, lines = training._advance, list[str]()

    def spoil(run: Run, *arguments: Any) -> Any:
        if run.step == 130:
            run.network.theta[:] = np.nan
        return advance(run, *arguments)

    monkeypatch.setattr(training, "_advance", spoil)
    run = last(trained(tmp_path, every=70, lines=lines))
    assert run.diverged.startswith("the loss of update 131 is nan")
    assert run.step == 130
    assert names(tmp_path) == ["", "70"]
    assert run.best is not None
    assert run.best.step in (100, 119)
    assert np.isfinite(run.best.network.theta).all()
    # Resuming from the checkpoint diverges again, at the same update.
    again = last(trained(tmp_path, every=70, lines=lines))
    assert lines == ["training resumes at update 70 of 357"]
    assert again.diverged == run.diverged
