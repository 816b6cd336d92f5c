"""The notebooks: they hold prose and calls, are paired, agree on the defaults, and run."""

import ast
import json
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jupytext
import papermill
import pytest
from nbformat.v4 import new_notebook

from rnn.cells import Parameters
from rnn.errors import InputError
from rnn.exhibits.citations import NOTHING, further
from rnn.files.storage import load_model, save_model
from rnn.gradcheck import GradientCheck, meets_bars
from rnn.report.further import take
from rnn.report.stages import OTHERS, STAGES
from rnn.sampling import compose
from rnn.settings import PARAMETERS, Settings
from tests import reference
from tests.students import write_wrong

FOLDER = Path(__file__).parent.parent / "notebooks"
LINES = 12  # in a cell, at most; parameters and imports are lists, and may be longer
NAMES = [stage.name for stage in STAGES]  # the project's; a user's own notebooks are not tested
PATHS = {"book", "folder"}  # set by the command itself, and no parameters
OWN = {"student", "model_file"}  # so are these, files of the user's, in some notebooks


@cache
def cells(name: str) -> list[Any]:
    found: list[Any] = jupytext.read(FOLDER / f"{name}.py").cells
    return found


def place(name: str) -> int:
    """Return the index of the cell that declares a notebook's parameters."""
    tagged = [i for i, c in enumerate(cells(name)) if "parameters" in c.metadata.get("tags", [])]
    assert len(tagged) == 1, f"{name} has {len(tagged)} parameters cells"
    return tagged[0]


def parameters(name: str) -> dict[str, Any]:
    statements = ast.parse(cells(name)[place(name)].source).body
    return {statement.targets[0].id: ast.literal_eval(statement.value) for statement in statements}


def run_check(name: str, **values: Any) -> None:
    """Run the cell after the parameters of a notebook, with some of them set otherwise."""
    exec(cells(name)[place(name) + 1].source, parameters(name) | values)


@pytest.mark.parametrize("name", [*NAMES, *OTHERS])
def test_the_pair_is_equal_and_has_no_outputs(name: str) -> None:
    pair = jupytext.read(FOLDER / f"{name}.ipynb").cells
    source = cells(name)
    assert [(c.cell_type, c.source, c.metadata.get("tags")) for c in pair] == [
        (c.cell_type, c.source, c.metadata.get("tags")) for c in source
    ], "run make sync"
    assert not any(c.get("outputs") or c.get("execution_count") for c in pair)


@pytest.mark.parametrize("name", [*NAMES, *OTHERS])
def test_code_is_calls_in_short_cells(name: str) -> None:
    for cell in cells(name):
        if cell.cell_type == "code":
            tree = ast.parse(re.sub(r"^%.*$", "pass", cell.source, flags=re.MULTILINE))  # magics
            kinds = {type(node) for node in ast.walk(tree)}
            assert not kinds & {ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda}
            imports = all(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body)
            if not imports and "parameters" not in cell.metadata.get("tags", []):
                assert len(cell.source.splitlines()) <= LINES, cell.source


@pytest.mark.parametrize("name", [*NAMES, *OTHERS])
def test_prose_has_no_digits(name: str) -> None:
    """Results in prose must come from code; headings, equations, code and works may have digits."""
    _, works = take({name: new_notebook(cells=cells(name))})
    named = sorted(further(NOTHING, works).named, key=len, reverse=True)
    for cell in cells(name):
        if cell.cell_type == "markdown":
            kept = re.sub(
                r"^#+ .*$|\$\$.*?\$\$|\$.*?\$|```.*?```|`.*?`|\]\(.*?\)",
                "",
                cell.source,
                flags=re.MULTILINE | re.DOTALL,
            )
            for work in named:  # as in Shannon (1951)
                kept = " ".join(kept.split()).replace(work, "")
            assert not re.search(r"\d", kept), kept


@pytest.mark.parametrize("name", NAMES)
def test_what_is_for_a_lesson_has_its_tag(name: str) -> None:
    """A report has no exercises, and nothing to press."""
    said = {"lesson": "", "report": ""}
    for cell in cells(name):
        if cell.cell_type == "markdown" or "remove-output" in cell.metadata.get("tags", []):
            lesson = "lesson" in cell.metadata.get("tags", [])
            said["lesson" if lesson else "report"] += f"\n\n{cell.source}"
    for words in ("What you will do", "What you need to know", "## Exercises"):
        assert words in said["lesson"]
        assert words not in said["report"]
    told = r"\byou(r|rself)?\b|JupyterLab|controls|exercise|Your turn|run the notebook|dashboard\("
    assert not re.search(told, said["report"].partition("## Further")[0]), said["report"]


@pytest.mark.parametrize("name", NAMES)
def test_parameters_have_their_defaults(name: str) -> None:
    declared = parameters(name)
    assert declared.keys() >= PATHS, f"{name} lacks a path"
    assert all(declared.get(name, "") == "" for name in OWN)
    for parameter in declared.keys() - PATHS - OWN:
        assert parameter in PARAMETERS, f"{parameter} in {name} is no parameter"
        found, default = declared[parameter], PARAMETERS[parameter].default
        assert (type(found), found) == (type(default), default), f"{parameter} in {name}"


def test_the_paths_have_one_default() -> None:
    assert len({tuple(parameters(name)[path] for path in sorted(PATHS)) for name in NAMES}) == 1


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_every_parameter_is_declared(parameter: str) -> None:
    assert any(parameter in parameters(name) for name in NAMES), f"no notebook has {parameter}"


@pytest.mark.parametrize("parameter", Settings().of_training)
def test_training_declares_what_it_depends_on(parameter: str) -> None:
    assert parameter in parameters("03_training"), f"03_training lacks {parameter}"


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_checked_right_after_they_are_declared(name: str) -> None:
    cell = cells(name)[place(name) + 1]
    assert cell.cell_type == "code", f"{name} has prose before it checks its parameters"
    first, *rest = [
        statement
        for statement in ast.parse(cell.source).body
        if not isinstance(statement, ast.Import | ast.ImportFrom)
    ]
    assert not rest, f"{name} does more than to check its parameters"
    assert isinstance(first, ast.Assign), f"{name} would show its settings as a result"
    assert ast.unparse(first.value) == "checked(locals())"
    run_check(name)  # the defaults make sense


@pytest.mark.parametrize(
    ("name", "parameter"),
    [(name, one) for name in NAMES for one in parameters(name) if one not in {*PATHS, *OWN}],
)
def test_a_wrong_value_ends_in_one_line(name: str, parameter: str) -> None:
    with pytest.raises(InputError) as refusal:
        run_check(name, **{parameter: ["a", "b\n"]})
    (line,) = refusal.value._render_traceback_()  # all of it that the notebook shows
    assert line.startswith(f"InputError: {parameter} must be ")
    assert line.endswith(r", not ['a', 'b\n']")
    assert len(line.splitlines()) == 1


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "book.txt"
    path.write_text('"Who is there?" she asked.\n"Only 12 of us," said the sea.\n' * 60)
    return path


def run(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **values: Any) -> Any:
    """Run a notebook as the report does, without moving any files."""
    monkeypatch.setenv("RNN_REPORT", "1")
    monkeypatch.setenv("PYTHONPATH", str(FOLDER.parent))
    source = folder / f"{name}.in.ipynb"
    jupytext.write(jupytext.read(FOLDER / f"{name}.py"), source)
    return papermill.execute_notebook(
        source,
        folder / f"{name}.ipynb",
        {"folder": str(folder), **values},
        kernel_name="python3",
        cwd=FOLDER,
        progress_bar=False,
    )


MODERN = {
    "optimiser": "adam",
    "learning_rate": 0.01,
    "schedule": "cosine",
    "warmup": 20,
    "clip_by": "norm",
    "dropout": 0.1,
    "random_offset": True,
    "dtype": "float32",
    "threads": 2,
}


@pytest.mark.parametrize(
    ("cell", "values"),
    [("rnn", {}), ("gru", {}), ("lstm", MODERN)],
    ids=["rnn", "gru", "lstm, modern"],
)
def test_all_run_in_order(
    cell: str, values: dict[str, Any], book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {"cell": cell, "hidden_size": 8, "seq_length": 7, "initialisation": "orthogonal"}
    if cell == "rnn":  # the first is the same whatever the cell
        run("01_data", tmp_path, monkeypatch, book=str(book), seq_length=7)
        characters = len(book.read_text())
        assert json.loads((tmp_path / "book.json").read_text())["characters"] == characters
    checked = run("02_gradcheck", tmp_path, monkeypatch, book=str(book), **sizes)
    values = sizes | values | {"max_updates": 300}
    run("03_training", tmp_path, monkeypatch, book=str(book), **values)
    done = run("04_sampling", tmp_path, monkeypatch, book=str(book), passage_length=50)
    check = json.loads((tmp_path / "gradient_check.json").read_text())
    names = list(Parameters._fields)
    assert list(check["central_difference"]) == list(check["complex_step"]) == names
    assert meets_bars(GradientCheck(**check))
    shown = json.dumps([cell.get("outputs") for cell in checked.cells])
    assert ("those of the vanilla network" in shown) == (cell != "rnn")
    assert load_model(tmp_path / "model.npz").network.cell == cell
    assert len((tmp_path / "passage.txt").read_text()) == 50
    assert json.loads((tmp_path / "training.json").read_text())["steps"] == 300
    parts = [
        output.data["application/vnd.rnn.shown+json"]["part"]
        for cell in done.cells
        for output in cell.get("outputs", [])
        if "application/vnd.rnn.shown+json" in output.get("data", {})
    ]
    assert 4 in parts


def test_a_saved_model_writes_in_place_of_that_of_the_training(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = "".join(sorted({*book.read_text().lower()}))
    model = reference.small_model(known, m=9, cell="gru")
    save_model(tmp_path / "mine.npz", model)
    given = {"book": str(book), "model_file": str(tmp_path / "mine.npz")}
    done = run("04_sampling", tmp_path, monkeypatch, **given, passage_length=50)
    assert (tmp_path / "passage.txt").read_text() == compose(model, 50, seed=400)
    shown = json.dumps([cell.get("outputs") for cell in done.cells])
    assert "saved in `mine.npz`; its cell is `gru`, and it has 9 hidden units" in shown
    assert "by the model in `mine.npz`" in shown


def test_a_wrong_student_s_functions_are_shown_as_what_they_are(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_wrong(tmp_path)
    given = {"book": str(book), "student": str(path)}
    sizes = {"hidden_size": 8, "seq_length": 7}
    checked = run("02_gradcheck", tmp_path, monkeypatch, **given, **sizes)
    trained = run("03_training", tmp_path, monkeypatch, **given, **sizes, max_updates=200)
    written = run("04_sampling", tmp_path, monkeypatch, **given, passage_length=50)
    check = GradientCheck(**json.loads((tmp_path / "gradient_check.json").read_text()))
    for errors in (check.central_difference, check.complex_step):
        assert [name for name, error in errors.items() if error > 1e-6] == ["W"]
    shown = [json.dumps([one.get("outputs") for one in note.cells])
             for note in (checked, trained, written)]  # fmt: skip
    assert "**The gradient of $W$ is wrong:**" in shown[0]
    assert "W is what you get if W meets the state after, not before" in shown[0]
    for names, text in (
        (("forward", "softmax", "loss", "backward"), shown[0]),
        (("clip",), shown[1]),
        (("synthesise",), shown[2]),
    ):
        for name in names:
            assert f"def {name}(" in text
            assert f"`{name}`" in text
    assert json.loads((tmp_path / "training.json").read_text())["steps"] == 200
    assert len((tmp_path / "passage.txt").read_text()) == 50


def test_sampling_without_a_model_says_what_to_run(tmp_path: Path) -> None:
    code = f"from rnn.files.storage import load_model; load_model({str(tmp_path / 'model.npz')!r})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=FOLDER.parent, capture_output=True, text=True, check=False
    )
    assert "run 03_training first" in done.stderr


def test_papermill_finds_the_book_from_the_project_s_folder(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(FOLDER, tmp_path / "notebooks")
    (tmp_path / "data").mkdir()
    shutil.copy(book, tmp_path / "data" / "tales.txt")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(FOLDER.parent))
    papermill.execute_notebook(
        "notebooks/01_data.ipynb", "out.ipynb", kernel_name="python3", progress_bar=False
    )
    assert (tmp_path / "reports" / "notebooks" / "book.json").is_file()


def test_a_model_of_another_book_is_one_line(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_model(tmp_path / "model.npz", reference.small_model())
    with pytest.raises(papermill.PapermillExecutionError) as failed:
        run("04_sampling", tmp_path, monkeypatch, book=str(book), passage_length=50)
    assert failed.value.ename == "InputError"
    assert failed.value.evalue.startswith(f"the model is of another book than {book}: only the ")
    (line,) = failed.value.traceback  # all that JupyterLab shows
    assert line == f"InputError: {failed.value.evalue}"
    assert not (tmp_path / "passage.txt").exists()
