"""Finished stages are skipped, and those that depend on a change are run again."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jupytext
import pytest

from rnn.report import done, stages
from rnn.report.done import bring_checkpoint, given, key, note, stands, state
from rnn.report.finished import RECORD, sha256
from rnn.report.placing import STAGES
from rnn.report.stages import find

ROOT = Path(__file__).parents[2]
NOTEBOOKS = [ROOT / "notebooks" / f"{stage.name}.py" for stage in stages.STAGES]
BOOK = "5" * 64


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the sources."""
    for folder in ("rnn", "notebooks"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    monkeypatch.setattr(done, "ROOT", tmp_path)
    return tmp_path


def keys(project: Path, book: str = BOOK, **parameters: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for stage in find(project / "notebooks"):
        notebook = project / "notebooks" / f"{stage.name}.py"
        names = [name for name in parameters if f"\n{name} = " in notebook.read_text()]
        used = {name: parameters[name] for name in names}
        found[stage.name] = key(notebook, used, book, [found[name] for name in stage.reads])
    return found


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [stage[:2] for stage in before if before[stage] != after[stage]]


def test_what_each_parameter_does_again(project: Path) -> None:
    parameters: dict[str, Any] = {"temperature": 1.0, "clip": 5.0, "init_scale": 0.01}
    parameters |= {"lowercase": True, "folder": "a"}
    before = keys(project, **parameters)
    assert changed(before, keys(project, **parameters | {"folder": "b"})) == []
    assert changed(before, keys(project, **parameters | {"temperature": 2.0})) == ["04"]
    assert changed(before, keys(project, **parameters | {"clip": 1.0})) == ["03", "04"]
    assert changed(before, keys(project, **parameters | {"init_scale": 1})) == ["02", "03", "04"]
    assert changed(before, keys(project, **parameters | {"lowercase": False})) == [*before_all()]
    assert changed(before, keys(project, "6" * 64, **parameters)) == [*before_all()]


def before_all() -> list[str]:
    return [notebook.stem[:2] for notebook in NOTEBOOKS]


def imported() -> list[str]:
    """Return the files of this project that the notebooks import, directly or not."""
    lines = [
        ast.unparse(node)
        for notebook in NOTEBOOKS
        for cell in jupytext.read(notebook).cells
        if cell.cell_type == "code"
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    program = "\n".join(
        [
            *lines,
            "import json, sys",
            "found = [getattr(module, '__file__', None) for module in list(sys.modules.values())]",
            f"print(json.dumps([f for f in found if f and f.startswith({str(ROOT / 'rnn')!r})]))",
        ]
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files: list[str] = json.loads(shown.stdout)
    return sorted(str(Path(file).relative_to(ROOT)) for file in files)


def test_a_change_in_any_source_that_a_notebook_uses_does_it_again(project: Path) -> None:
    before = keys(project)
    files = [name for name in imported() if not name.startswith("rnn/report/")]
    assert "rnn/training.py" in files
    assert "rnn/exhibits/training.py" in files
    for name in [*files, "requirements.txt"]:
        file = project / name
        whole = file.read_bytes()
        file.write_bytes(whole + b"\n")
        assert changed(before, keys(project)) == before_all(), name
        file.write_bytes(whole)
    for notebook in NOTEBOOKS:
        file = project / "notebooks" / notebook.name
        whole = file.read_bytes()
        file.write_bytes(whole + b"\n")
        assert notebook.stem[:2] in changed(before, keys(project))
        file.write_bytes(whole)
    assert keys(project) == before


def test_no_notebook_needs_anything_of_the_report() -> None:
    assert not [name for name in imported() if name.startswith("rnn/report/")]


def test_a_change_in_how_the_report_is_set_does_nothing_again(project: Path) -> None:
    before = keys(project)
    rooms = set()
    for file in (project / "rnn" / "report").rglob("*.*"):
        file.write_bytes(file.read_bytes() + b"\n")
        rooms.add(file.parent.name)
    assert {"report", "page", "paper", "template"} <= rooms
    assert keys(project) == before


def test_a_further_notebook_is_done_again_with_any_before_it(project: Path) -> None:
    shutil.copy(ROOT / "notebooks" / "04_sampling.py", project / "notebooks" / "05_mine.py")
    before = keys(project, clip=5.0, temperature=1.0)
    assert changed(before, keys(project, clip=1.0, temperature=1.0)) == ["03", "04", "05"]
    file = project / "notebooks" / "02_gradcheck.py"
    file.write_bytes(file.read_bytes() + b"\n")
    assert changed(before, keys(project, clip=5.0, temperature=1.0)) == ["02", "05"]


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Return a work folder in which a stage is finished, and the folder of the report."""
    work, where = tmp_path / ".out.work", tmp_path / "out"
    (work / "notebooks").mkdir(parents=True)
    (where / STAGES).mkdir(parents=True)
    (where / "notebooks").mkdir()
    before = state(work)
    for name in ("notebooks/03.ipynb", "history.csv", "training.json"):
        (work / name).write_text(name)
    (work / "checkpoint-0a-0001").write_text("the end")
    note(work, "03", "the key", "what was given", before)
    return work, where


def test_a_stage_stands_as_long_as_its_files_do(folders: tuple[Path, Path]) -> None:
    work, where = folders
    assert stands(work, where, "03", "the key")
    assert not stands(work, where, "03", "another key")
    assert not stands(work, where, "02", "the key")
    (work / "history.csv").write_text("another")
    assert not stands(work, where, "03", "the key")
    (work / "history.csv").unlink()
    assert not stands(work, where, "03", "the key")


def test_it_stands_in_a_finished_report_and_in_one_half_moved(
    folders: tuple[Path, Path],
) -> None:
    work, where = folders
    (work / "training.json").replace(where / STAGES / "training.json")
    assert stands(work, where, "03", "the key")
    assert (work / "training.json").read_text() == "training.json"
    for path in work.glob("*.json"):
        path.replace(where / STAGES / path.name)
    assert stands(work, where, "03", "the key")
    (work / "notebooks/03.ipynb").replace(where / "notebooks/03.ipynb")
    (work / "history.csv").replace(where / "history.csv")
    (work / RECORD).unlink()
    assert stands(work, where, "03", "the key")
    assert (work / "history.csv").read_text() == "history.csv"
    (work / RECORD).unlink()
    (work / "history.csv").unlink()
    (where / "history.csv").write_text("another")
    assert not stands(work, where, "03", "the key")


@pytest.fixture
def finished(folders: tuple[Path, Path]) -> tuple[Path, Path]:
    """Return the folders after the move: the work folder is empty."""
    work, where = folders
    for name in (RECORD, "training.json", "checkpoint-0a-0001"):
        (work / name).replace(where / STAGES / name)
    shutil.rmtree(work)
    work.mkdir()
    return work, where


def test_the_checkpoint_of_a_finished_run_is_brought_back(finished: tuple[Path, Path]) -> None:
    work, where = finished
    bring_checkpoint(work, where, "03", "something else")
    bring_checkpoint(work, where, "02", "what was given")
    assert not list(work.iterdir())
    bring_checkpoint(work, where, "03", "what was given")
    assert [path.name for path in work.iterdir()] == ["checkpoint-0a-0001"]
    assert (work / "checkpoint-0a-0001").read_text() == "the end"
    assert (where / STAGES / "checkpoint-0a-0001").read_text() == "the end", "it stays"
    assert not state(work), "no stage counts it as written"


def test_a_checkpoint_that_is_there_is_newer(finished: tuple[Path, Path]) -> None:
    work, where = finished
    (work / "checkpoint-0a-0000").touch()
    bring_checkpoint(work, where, "03", "what was given")
    assert [path.name for path in work.iterdir()] == ["checkpoint-0a-0000"]


def test_no_link_is_brought(finished: tuple[Path, Path]) -> None:
    work, where = finished
    (where / STAGES / "checkpoint-0a-0001").unlink()
    (where / STAGES / "checkpoint-0a-0001").symlink_to("/etc/passwd")
    bring_checkpoint(work, where, "03", "what was given")
    assert not list(work.iterdir())


def test_what_is_given_is_not_where() -> None:
    assert given({"a": 1, "folder": "x"}, BOOK) == given({"a": 1, "folder": "y"}, BOOK)
    assert given({"a": 1}, BOOK) != given({"a": 2}, BOOK)
    assert given({"a": 1}, BOOK) != given({"a": 1}, "6" * 64)


@pytest.mark.parametrize(
    "name",
    ["../mine", "/etc/passwd", "notebooks/../../mine", "a/b.c", "", "x\0.y", ".", "..", "a.b/"],
)
def test_a_record_can_not_name_files_elsewhere(name: str, folders: tuple[Path, Path]) -> None:
    work, where = folders
    mine = work.parent / "mine"
    mine.write_text("mine")
    record = {"03": {"key": "k", "given": "", "files": {name: sha256(mine)}}}
    (where / STAGES / RECORD).write_text(json.dumps(record))
    assert not stands(work, where, "03", "k")
    assert mine.read_text() == "mine"


@pytest.mark.parametrize(
    "record",
    [
        *(b"", b"{", b"[]", b"null", b"[" * 100_000, b"\xff", b'{"03": 1}'),
        *(b'{"03": {"key": "the key"}}', b'{"03": {"files": {}}}'),
        b'{"03": {"key": "the key", "given": "", "files": ["a.b"]}}',
        b'{"03": {"key": "the key", "given": "", "files": {"a.b": null}}}',
        b'{"03": {"key": "the key", "given": "", "files": {"a.b": {}}}}',
    ],
    ids=str,
)
def test_a_record_that_is_none_is_no_record(record: bytes, folders: tuple[Path, Path]) -> None:
    work, where = folders
    (work / RECORD).write_bytes(record)
    (where / STAGES / RECORD).write_bytes(record)
    assert not stands(work, where, "03", "the key")


@pytest.mark.parametrize("odd", [b"NaN", b"-Infinity", b'"\\ud800"', b"{}", b"[[1]]", b"null"])
def test_what_a_record_has_besides_can_not_stop_a_command(
    odd: bytes, folders: tuple[Path, Path]
) -> None:
    """Nor is it handed on to the next one."""
    work, where = folders
    entry = b'{"key": "k", "given": "g", "files": {}, "more": %b}' % odd
    other = b'{"key": %b, "given": %b, "files": {}}' % (odd, odd)
    for folder in folders:
        (folder / RECORD if folder == work else folder / STAGES / RECORD).write_bytes(
            b'{"03": %b, "02": %b}' % (entry, other)
        )
    assert stands(work, where, "03", "k")
    note(work, "04", "k", "g", state(work))
    assert "more" not in json.loads((work / RECORD).read_bytes())["03"]


def test_what_other_stages_write_meanwhile_is_not_a_stages_own(tmp_path: Path) -> None:
    (tmp_path / "notebooks").mkdir()
    before = state(tmp_path)
    _, mine, training, _ = stages.STAGES
    for name in (*stages.left_by(mine), *stages.left_by(training), "more.csv"):
        (tmp_path / name).write_text(name)
    (tmp_path / "notebooks" / "04_sampling.running.ipynb").write_text("{")
    note(tmp_path, mine.name, "key", "given", before, but=stages.left_by(training))
    recorded = json.loads((tmp_path / RECORD).read_text())[mine.name]["files"]
    assert recorded.keys() == {*stages.left_by(mine), "more.csv"}
