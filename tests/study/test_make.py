"""Studies from start to end: what is made, kept, resumed and extended, by a stand-in engine."""

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from rnn.files.results import read_study, unpack
from rnn.files.storage import load_model
from rnn.report import running
from rnn.report.__main__ import main as report
from rnn.report.leftovers import clear
from rnn.sampling import compose
from rnn.study.__main__ import main
from rnn.study.errors import EngineError
from rnn.study.make import in_words
from rnn.study.runs import model_file
from rnn.study.task import send
from tests import studies
from tests.loop import Loop

ROOT = Path(__file__).parents[2]
SMALL = "max_updates=50 hidden_size=8 passage_length=40"
# What is drawn from the seconds.
DRAWN = ("notebooks/study.ipynb", "study.html", "study.pdf", ".stages/stages.json")


@pytest.fixture(autouse=True)
def loop(monkeypatch: pytest.MonkeyPatch) -> Loop:
    """Have runs made in this process."""
    stand_in = Loop()
    monkeypatch.setattr("rnn.study.engine.run", stand_in.run)
    return stand_in


@pytest.fixture
def drawn() -> None:
    """Have a test's studies drawn, which takes longer than all else."""


@pytest.fixture(autouse=True)
def ran(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Have the notebook executed without a kernel; return what it was executed as."""
    files: list[Path] = []

    def stand_in(_: Path, executed: Path, *__: Any) -> None:
        files.append(executed)
        nbformat.write(studies.executed(read_study(executed.parents[1])), executed)

    monkeypatch.setattr(running, "run", stand_in)
    if "drawn" not in request.fixturenames:
        draw_nothing(monkeypatch, files)
    return files


def draw_nothing(monkeypatch: pytest.MonkeyPatch, ran: list[Path]) -> None:
    """Have neither figures nor page and PDF made."""

    def stand_in(_: Path, executed: Path, *__: Any) -> None:
        ran.append(executed)
        executed.write_text("")

    def render(work: Path, *_: Any, **__: Any) -> list[str]:
        for name in ("study.html", "study.pdf"):
            (work / name).write_text("")
        return []

    monkeypatch.setattr(running, "run", stand_in)
    monkeypatch.setattr("rnn.study.render.render", render)


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("book.txt").write_text("Once upon a time there was a miller who had a mill.\n" * 60)


def call(vary: str = "learning_rate=0.1,0.05", *options: str, out: str = "out") -> int:
    fixed = ("--book=book.txt", f"--out={out}", f"--params={SMALL}", "--seeds=2")
    named = {option.partition("=")[0] for option in options}
    kept = [option for option in fixed if option.partition("=")[0] not in named]
    return main([f"--vary={vary}", *kept, *options])


def table() -> list[dict[str, str]]:
    return list(csv.DictReader(Path("out/runs.csv").read_text().splitlines()))


def steady(folder: str) -> dict[str, Any]:
    """Return the contents of a study, but for seconds and machines and what is drawn from them."""
    found: dict[str, Any] = {}
    for path in sorted(Path(folder).rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or name in DRAWN:
            continue
        found[name] = path.read_bytes()
        if name.startswith("runs/"):
            result = unpack(found[name])._replace(seconds=0.0, machine="")
            arrays = [result.model.network.theta, result.model.states, result.curve]
            found[name] = [*map(repr, result), *(array.tobytes() for array in arrays)]
        elif name == "runs.csv":
            rows = csv.DictReader(io.StringIO(found[name].decode()))
            found[name] = [row | {"seconds": "", "machine": ""} for row in rows]
    return found


def same(one: str, other: str) -> None:
    first, second = steady(one), steady(other)
    assert first.keys() == second.keys()
    for name in first:
        assert first[name] == second[name], name


@pytest.mark.usefixtures("drawn")
def test_a_study_from_start_to_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("cell=rnn,gru", "--title=<T>", "--author=A") == 0
    shown = capsys.readouterr()
    names = [line.removeprefix("out/") for line in shown.out.splitlines()]
    assert names == [
        *("study.html", "study.pdf", "notebooks/study.ipynb"),
        *("runs.csv", "curves.csv", "samples.txt"),
        *("models/01-cell=rnn.npz", "models/02-cell=gru.npz", "study.json"),
    ]
    said = shown.err.splitlines()
    assert said[:2] == [
        "book: book.txt, read as utf-8",
        "4 runs: 2 settings with 2 seeds each",
    ]
    assert any(re.fullmatch(r"the other \d will take about \d+ seconds?", line) for line in said)
    assert said[-2:] == ["the comparison", "study.html and study.pdf"]
    files = {path.relative_to("out").as_posix() for path in Path("out").rglob("*.*")}
    keys = [row["key"] for row in table()]
    assert files == {*names, ".stages", ".stages/stages.json", *(f"runs/{key}.npz" for key in keys)}
    assert sorted(path.name for path in Path().iterdir()) == ["book.txt", "out"]

    study = read_study("out")
    assert [(row.combination, row.seed, row.status) for row in study.rows] == [
        (i, seed, "done") for i in (0, 1) for seed in (400, 401)
    ]
    for i, name in enumerate(names[6:8]):
        rows = [row for row in study.rows if row.combination == i]
        best = min(rows, key=lambda row: row.validation or 9)
        model, kept = load_model(Path("out", name)), Path("out/runs", f"{best.key}.npz")
        np.testing.assert_array_equal(
            model.network.theta, unpack(kept.read_bytes()).model.network.theta
        )
        assert study.passages[i] == compose(model, 40, prime=study.opening, seed=400)
    made = json.loads(Path("out/study.json").read_text())
    assert made["command"] == [
        *("make study", "VARY=cell=rnn,gru", "SEEDS=2", "BOOK=book.txt"),
        *(f"PARAMS='{SMALL}'", "AUTHOR=A", "TITLE='<T>'"),
    ]
    assert {"rnn", "python", "numpy", "distributed"} <= made["versions"].keys()
    assert "&lt;T&gt;" in Path("out/study.html").read_text()


@pytest.mark.usefixtures("drawn")
def test_what_is_done_is_not_done_again(
    loop: Loop, ran: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call() == 0
    whole = {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}
    made = list(loop.made)
    assert call() == 0
    assert "4 runs: 2 settings with 2 seeds each; all are already done" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()} == whole
    assert call("learning_rate=0.1,0.05", "--title=Mine") == 0
    assert (loop.made, len(ran)) == (made, 1), "neither a run nor the notebook"
    assert "Mine" in Path("out/study.html").read_text()


def test_a_seed_and_a_value_more_give_what_one_go_would(loop: Loop) -> None:
    grown = "learning_rate=0.1,0.05,0.2"
    assert call("learning_rate=0.1,0.05") == 0
    assert call("learning_rate=0.1,0.05", "--seeds=3") == 0
    assert [(one.learning_rate, one.seed) for one in loop.made[4:]] == [(0.1, 402), (0.05, 402)]
    assert call(grown, "--seeds=3") == 0
    assert [one.learning_rate for one in loop.made[6:]] == [0.2] * 3
    assert call(grown, "--seeds=3", out="other") == 0
    assert len(loop.made) == 18
    same("out", "other")


def test_a_smaller_study_keeps_the_runs_and_no_models_of_others(loop: Loop) -> None:
    assert call("cell=rnn,gru", "--seeds=1") == 0
    Path("out/models/mine.txt").write_text("years of work")
    assert call("learning_rate=0.1,0.05", "--seeds=1") == 0
    assert len(loop.made) == 3, "0.1 is the usual rate"
    assert {path.name for path in Path("out/models").iterdir()} == {
        *("01-learning_rate=0.1.npz", "02-learning_rate=0.05.npz", "mine.txt")
    }
    assert call("cell=rnn,gru", "--seeds=1") == 0
    assert len(loop.made) == 3


def test_a_killed_study_goes_on(
    loop: Loop, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    class KilledError(BaseException):
        pass

    def kill(number: int) -> None:
        if number == 2:
            raise KilledError

    loop.before = kill
    with pytest.raises(KilledError):
        call()
    study = read_study(".out.work")
    assert len(study.rows) == 2, "it can be opened while it runs"
    assert not Path("out").exists()
    assert list(clear(tmp_path)) == [
        f"kept {tmp_path / '.out.work'}: it holds finished runs of a study"
    ]
    # A damaged one is made again.
    damaged = Path(".out.work/runs", f"{study.rows[0].key}.npz")
    damaged.write_bytes(damaged.read_bytes()[:-100])
    loop.before = lambda _: None
    assert call() == 0
    assert (
        "4 runs: 2 settings with 2 seeds each; 1 of them is already done" in capsys.readouterr().err
    )
    assert len(loop.made) == 5
    assert call(out="other") == 0
    same("out", "other")


def test_an_interrupt_keeps_what_is_finished(
    loop: Loop, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(number: int) -> None:
        if number == 1:
            raise KeyboardInterrupt

    loop.before = interrupt
    assert call() == 130
    assert capsys.readouterr().err.splitlines()[-1] == "rnn.study: interrupted"
    loop.before = lambda _: None
    assert call() == 0
    assert len(loop.made) == 4


def test_when_no_run_can_be_placed_it_says_so_and_goes_on_later(
    loop: Loop, ran: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    def lose(number: int) -> None:
        if number == 3:
            raise EngineError("the scheduler has gone")

    loop.before = lose
    assert call() == 1
    shown = capsys.readouterr()
    assert shown.err.splitlines()[-1] == "rnn.study: error: the scheduler has gone"
    assert not shown.out
    assert (len(read_study(".out.work").rows), ran) == (3, [])
    loop.before = lambda _: None
    assert call() == 0
    assert len(loop.made) == 4


@pytest.mark.usefixtures("drawn")
def test_runs_that_fail_are_rows_and_the_rest_goes_on(
    loop: Loop,
    ran: list[Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop.broken = lambda settings: "three workers died" * (settings.seed == 401)
    assert call("cell=rnn,gru", "--seeds=3") == 1
    shown = capsys.readouterr()
    assert "out/study.html" in shown.out.splitlines()
    assert shown.err.splitlines()[-1] == (
        "error: 2 of 6 runs failed, as that of cell=rnn with seed 401: three workers died; the same"
        " command tries them again"
    )
    rows = table()
    assert [row["status"] for row in rows] == ["done", "failed", "done"] * 2
    assert rows[1]["reason"] == "three workers died"
    assert not Path("out/runs", f"{rows[1]['key']}.npz").exists()
    draw_nothing(monkeypatch, ran)
    loop.broken = lambda _: ""
    assert call("cell=rnn,gru", "--seeds=3") == 0
    assert len(loop.made) == 6
    assert call("cell=rnn,gru", "--seeds=3", out="other") == 0
    same("out", "other")


@pytest.mark.usefixtures("drawn")
def test_a_study_of_which_all_runs_fail_is_made(loop: Loop) -> None:
    loop.broken = lambda _: "no luck"
    assert call() == 1
    assert not list(Path("out").glob("models/*"))
    assert Path("out/samples.txt").read_text() == ""


@pytest.mark.usefixtures("drawn")
def test_runs_that_diverge_are_results(loop: Loop) -> None:
    diverging = "init_scale=1e308,0.01"
    assert call(diverging, "--seeds=1") == 0
    rows = table()
    assert [row["status"] for row in rows] == ["diverged", "done"]
    assert "the loss of update 1 is nan" in rows[0]["reason"]
    assert [path.name[:2] for path in Path("out/models").iterdir()] == ["02"]
    made = len(loop.made)
    assert call(diverging, "--seeds=1") == 0
    assert len(loop.made) == made


def test_no_more_workers_than_runs(loop: Loop) -> None:
    assert call("cell=rnn", "--seeds=2", "--workers=9") == 0
    assert [one.workers for one in loop.where] == [2]


def test_a_book_that_changes_while_it_is_read_is_noticed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(path: Path, sha256: str) -> Any:
        path.write_text("Another tale.\n" * 100)
        return send(path, sha256)

    monkeypatch.setattr("rnn.study.make.send", change)
    assert call() == 2
    assert "the book book.txt changed" in capsys.readouterr().err.splitlines()[-1]


def test_a_report_and_a_study_do_not_replace_one_another(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call("cell=rnn", "--seeds=1") == 0
    capsys.readouterr()
    assert report(["--book=book.txt", "--out=out"]) == 2
    assert "OUT: out is neither empty nor an earlier report" in capsys.readouterr().err


def test_names_of_models_are_names_of_files() -> None:
    assert model_file(12, "cell=gru, clip=5.0") == "models/12-cell=gru,clip=5.0.npz"
    assert model_file(1, "a=../../x\n, é") == "models/01-a=....x,.npz"
    assert len(model_file(1, "a" * 1000)) < 200


def test_durations_are_rough() -> None:
    found = [in_words(seconds) for seconds in (0.2, 1, 119, 121, 7199, 7300, 200_000)]
    assert found == [
        *("1 second", "1 second", "119 seconds", "2 minutes", "120 minutes", "2 hours", "2 days"),
    ]


def test_with_the_real_engine_and_notebook(capfd: pytest.CaptureFixture[str]) -> None:
    """Two workers of Dask's make the runs, and papermill runs the notebook."""
    command = [sys.executable, "-m", "rnn.study", "--vary=learning_rate=0.1,0.05"]
    options = [f"--params={SMALL}", "--seeds=2", "--workers=2"]
    folder = Path.cwd()
    places = [f"--book={folder / 'book.txt'}", f"--out={folder / 'out'}"]
    done = subprocess.run([*command, *options, *places], cwd=ROOT, check=False)
    said = capfd.readouterr().err
    assert done.returncode == 0, said
    rows = table()
    assert [row["status"] for row in rows] == ["done"] * 4
    notebook = Path("out/notebooks/study.ipynb").read_text()
    assert str(folder) not in notebook


def test_runs_that_were_kept_elsewhere_are_taken(loop: Loop) -> None:
    assert call("cell=rnn,gru") == 0
    assert call("cell=rnn", out="other") == 0
    made = len(loop.made)
    assert call("cell=rnn,gru", "--kept=other", out="third") == 0
    assert [task.cell for task in loop.made[made:]] == ["gru", "gru"]
    same("out", "third")
    command = json.loads(Path("third/study.json").read_bytes())["command"]
    assert not any("KEPT" in line for line in command), "the runs are made again without them"
