import json
from pathlib import Path

import numpy as np
import pytest

from rnn.errors import InputError
from rnn.files.archive import read_arrays
from rnn.files.results import (
    DIVERGED,
    DONE,
    FAILED,
    POINTS,
    Result,
    RunRow,
    Study,
    pack,
    read_study,
    thinned,
    unpack,
    write_study,
)
from rnn.files.storage import model_arrays
from rnn.network import Model
from rnn.settings import Settings, first_network

NONE = np.empty((0, 2))


def a_result(**changes: object) -> Result:
    network = first_network(Settings(hidden_size=3), 4)
    model = Model(network, "abc\n", np.zeros((1, 3)), 0, True, "nfc")
    curve = np.array([(0, 34.1), (100, 1 / 3)])
    result = Result(DONE, "", 101, 0.1 + 0.2, 100, 1.5, 1.75, curve, NONE, model, 2.5, "A (B)")
    return result._replace(**changes)  # type: ignore[arg-type]


def a_study() -> Study:
    curve, held_out = np.array([(0, 34.1), (100, 1 / 3)]), np.array([(100.0, 1.25), (150.0, 1.1)])
    done = RunRow(0, 400, DONE, "", 150, 0.1, 150, 1.1, 1.2, 2.0, "A", "k0", curve, held_out)
    lost = done._replace(combination=1, status=FAILED, reason='killed, "three"\ntimes', key="k1")
    lost = lost._replace(steps=None, final_smooth_loss=None, best_step=None, validation=None)
    lost = lost._replace(test=None)
    lost = lost._replace(seconds=None, machine="", curve=NONE, validations=NONE)
    return Study(
        names=("learning_rate", "lowercase"),
        combinations=(
            {"learning_rate": None, "lowercase": True},
            {"learning_rate": 0.1, "lowercase": False},
        ),
        seeds=(400, 7),
        common={"hidden_size": 3},
        book={"name": "Tales", "sha256": "5" * 64},
        rows=(done, lost),
        opening="once",
        passages={0: "=== setting 2: x; 9 characters ===\nupon\r\na \ud800", 1: ""},
    )


@pytest.mark.parametrize(
    "result",
    [
        a_result(),
        a_result(validation=None),
        a_result(status=DIVERGED, reason="the loss is nan", final_smooth_loss=float("inf")),
    ],
)
def test_a_result_comes_back_from_its_bytes(result: Result) -> None:
    back = unpack(pack(result))
    assert back[:6] == result[:6]
    np.testing.assert_array_equal(back.curve, result.curve)
    assert back.validations.shape == (0, 2)
    for name, array in model_arrays(result.model).items():
        np.testing.assert_array_equal(model_arrays(back.model)[name], array)
    assert pack(back) == pack(result)


@pytest.mark.parametrize("share", [0, 0.3, 0.9, 0.999])
def test_a_result_that_was_cut_is_refused(share: float) -> None:
    data = pack(a_result())
    with pytest.raises(ValueError, match="archive"):
        unpack(data[: int(share * len(data))])


def test_other_arrays_are_no_result(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", status=np.array(["done", "", ""]))
    with pytest.raises(ValueError, match="not the result of a run"):
        unpack((tmp_path / "other.npz").read_bytes())
    assert read_arrays((tmp_path / "other.npz").read_bytes()).keys() == {"status"}


def test_a_study_comes_back_from_its_files(tmp_path: Path) -> None:
    study = a_study()
    write_study(tmp_path, study, {"command": ["make study"]})
    back = read_study(tmp_path)
    assert back._replace(rows=()) == study._replace(rows=())
    for row, was in zip(back.rows, study.rows, strict=True):
        assert row[:-2] == was[:-2]
        np.testing.assert_array_equal(row.curve, was.curve)
        np.testing.assert_array_equal(row.validations, was.validations)
    assert json.loads((tmp_path / "study.json").read_bytes())["command"] == ["make study"]


def test_the_table_of_runs_has_a_row_a_run(tmp_path: Path) -> None:
    write_study(tmp_path, a_study())
    head, first = (tmp_path / "runs.csv").read_text().splitlines()[:2]
    assert head == (
        "learning_rate,lowercase,seed,status,steps,final_smooth_loss,best_step,"
        "validation_nats_per_char,test_nats_per_char,seconds,machine,key,reason"
    )
    assert first == ",true,400,done,150,0.1,150,1.1,1.2,2.0,A,k0,"


@pytest.mark.parametrize("shape", [(5,), (5, 3)])
@pytest.mark.parametrize("name", ["curve", "validations"])
def test_a_curve_of_another_shape_is_refused(name: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="a curve of float64"):
        unpack(pack(a_result(**{name: np.zeros(shape)})))


def test_rows_of_settings_that_are_gone_are_passed_over(tmp_path: Path) -> None:
    study = a_study()
    write_study(tmp_path, study)
    runs = (tmp_path / "runs.csv").read_bytes()
    write_study(tmp_path, study._replace(combinations=study.combinations[:1], rows=(), passages={}))
    (tmp_path / "runs.csv").write_bytes(runs)
    assert [row.key for row in read_study(tmp_path).rows] == ["k0"]


def test_a_folder_without_a_study_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^there is no study in .*: run make study first$"):
        read_study(tmp_path)


@pytest.mark.parametrize("name", ["study.json", "runs.csv", "curves.csv"])
@pytest.mark.parametrize("content", [b"{", b"a,b\n1,2\n", b"\xff\xfe"])
def test_a_damaged_study_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    write_study(tmp_path, a_study())
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=r"^the study in .* can't be read: ") as refused:
        read_study(tmp_path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("rows", [0, 1, POINTS, POINTS + 1, 12_345])
def test_a_curve_is_thinned_between_its_ends(rows: int) -> None:
    curve = np.column_stack([np.arange(rows), np.sqrt(np.arange(rows))])
    thin = thinned(curve)
    assert len(thin) == min(rows, POINTS)
    assert set(map(tuple, thin)) <= set(map(tuple, curve))
    assert np.array_equal(thin[:1], curve[:1])
    assert np.array_equal(thin[-1:], curve[-1:])
    assert (np.diff(thin[:, 0]) > 0).all()
