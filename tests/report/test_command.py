"""The command: exit statuses, one line for each refusal, and what is left behind."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from papermill.engines import papermill_engines
from PIL import Image

from rnn.exhibits.citations import Cited
from rnn.exhibits.prose import words
from rnn.files.storage import save_model
from rnn.report import done, due, finished, make, running
from rnn.report.__main__ import main
from rnn.report.command import variables
from rnn.report.errors import StageError
from rnn.report.nodes import Images, Title
from rnn.report.page.excerpt import Excerpt
from rnn.report.paper.fonts import Fonts
from rnn.report.presets import PRESETS
from rnn.report.request import Request
from rnn.report.stages import Stage, files
from rnn.settings import PARAMETERS
from tests.fonts import font
from tests.programs import Program
from tests.reference import small_model
from tests.students import write

ROOT = Path(__file__).parents[2]
SLOW = ["--book=a book.txt", "--out=out", "--params=seed=14"]
DEFAULTS = """
book = "../data/tales.txt"
folder = "../reports/notebooks"
"""
# Small stand-ins: seed=13 fails in training, seed=14 takes a minute.
NOTEBOOKS = {
    "01_data": """
lowercase = True
validation_fraction = 0.1

# %%
import hashlib, json
from pathlib import Path

sha256 = hashlib.sha256(Path(book).read_bytes()).hexdigest()
told = {"path": book, "sha256": sha256, "encoding": "utf-8", "vocabulary": []}
parts = ("training_", "validation_", "test_", "")
counts = dict.fromkeys((f"{part}characters" for part in parts), 1)
Path(folder, "book.json").write_text(json.dumps(told | counts))
""",
    "02_gradcheck": """
hidden_size = 100

# %%
import json
from pathlib import Path

WAYS = ("central_difference", "complex_step", "larger")
errors = {way: dict.fromkeys("UWVbc", 1e-16) for way in WAYS}
Path(folder, "gradient_check.json").write_text(json.dumps(errors | {"checked": 1, "entries": 1}))
""",
    "03_training": """
seq_length = 25
epochs = 7
seed = 400

# %%
import json, os, time
from pathlib import Path

if not Path(folder, "checkpoint-0a-0007").exists():
    print("from the first update on", file=__import__("sys").stderr)
print("training", file=__import__("sys").stderr)
Path(folder, "checkpoint-0a-0007").write_text(str(seed))
numbers = ("steps", "epochs", "seconds", "final_smooth_loss", "best_smooth_loss", "best_step")
told = dict.fromkeys(numbers, 1) | {"adapting_nats_per_char": {}, "diverged": ""}
told |= dict.fromkeys(("validation_nats_per_char", "test_nats_per_char"))
Path(folder, "training.json").write_text(json.dumps(told))
for name in ("history.csv", "losses.npz", "evolution.txt", "model.npz"):
    Path(folder, name).write_text(str(seed))

# %%
if seed == 14:
    Path(folder, "pid").write_text(str(os.getpid()))
    time.sleep(60)
assert seed != 13, "bad luck"
""",
    "04_sampling": """
prime = ""

# %%
from pathlib import Path

Path(folder, "passage.txt").write_text(prime)
""",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with stand-in notebooks and a book, as the working directory."""
    (tmp_path / "notebooks").mkdir()
    for name, body in NOTEBOOKS.items():
        source = f'# %% tags=["parameters"]{DEFAULTS}{body.lstrip(chr(10))}'
        (tmp_path / "notebooks" / f"{name}.py").write_text(source)
    (tmp_path / "a book.txt").write_text("Once upon a time.\n" * 20)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rendered(folder: Path, *said: str) -> None:
    for name in ("report.html", "report.pdf"):
        (folder / name).write_text(" ".join(said))


@pytest.fixture(autouse=True)
def _no_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    def render(
        folder: Path,
        stages: tuple[Stage, ...],
        title: Title,
        notes: dict[int, str],
        images: dict[int, Images],
        *,
        form: str,
        cited: Cited,
        excerpt: Excerpt | None,
        code: bool,
        fonts: Fonts,
        recipe: int,
        model: Path | None,
    ) -> list[str]:
        assert recipe >= 0
        further = [stage.name for stage in stages[4:]]
        shown = [content.hex() for some in images.values() for content, _ in some.values()]
        rendered(
            folder,
            title.title,
            *notes.values(),
            *shown,
            *[form] * (form != "report"),
            *map(words, cited.entries),
            *["code"] * code,
            *([excerpt.training[:6]] if excerpt else []),
            *fonts.families,
            *([model.name] if model else []),
            *further,
        )
        return []

    monkeypatch.setattr(make, "render", render)
    # Of files that no one reads back; another each time, so that they are written each time.
    recipes = count()
    monkeypatch.setattr(make, "carry", lambda *_: next(recipes))


@pytest.fixture
def kernels() -> None:
    """Run the notebooks of a test in kernels, and not as programs, which takes less time."""


@pytest.fixture(autouse=True)
def _programs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "kernels" not in request.fixturenames:
        monkeypatch.setitem(papermill_engines._engines, "rnn", Program)


def call(project: Path, *options: str) -> int:
    return main(["--book=a book.txt", "--out=out", *options], project / "notebooks")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.usefixtures("kernels")
def test_a_report_from_start_to_end_and_one_that_fails_after_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = call(project, "--params=epochs=2 prime='Once \"é'", "--title=<T>", "--author=$A")
    # The prime text has characters that the book lacks.
    assert status == 2
    status = call(project, "--params=epochs=2 prime='once upon'", "--title=<T>", "--author=$A")
    shown = capsys.readouterr()
    assert status == 0, shown.err
    assert shown.out.splitlines() == [str(Path("out") / name) for name in files()]
    assert [line for line in shown.err.splitlines() if line[0] in "[tb"] == [
        "book: a book.txt, read as utf-8",
        "[1/5] 01_data",
        "[2/5] 02_gradcheck",
        "[3/5] 03_training",
        "training",
        "[4/5] 04_sampling",
        "[5/5] report.html and report.pdf",
    ]
    before = contents(project / "out")
    handed_over = {f".stages/{name}.json" for name in ("book", "gradient_check", "training")}
    kept = {".stages/stages.json", ".stages/checkpoint-0a-0007"}
    assert before.keys() == {*files(), *handed_over, *kept}
    assert sorted(path.name for path in project.iterdir()) == ["a book.txt", "notebooks", "out"]
    assert before["passage.txt"] == b"once upon"
    assert before["report.html"] == b"<T>"

    run: dict[str, Any] = json.loads(before["run.json"])
    assert run["parameters"] == {
        "lowercase": True,
        "validation_fraction": 0.1,
        "hidden_size": 100,
        "seq_length": 25,
        "epochs": 2,
        "seed": 400,
        "prime": "once upon",
    }
    assert run["book"]["path"] == "a book.txt"
    assert run["gradient_check"]["checked"] == 1
    assert (run["training"]["steps"], run["training"]["diverged"]) == (1, "")
    title = {"title": "<T>", "author": "$A", "course": "", "date": ""}
    title["book"] = "a book"
    none = {
        "notes": "",
        "references": "",
        "form": "report",
        "excerpt": False,
        "code": False,
        "fonts": "",
        "font_files": {},
        "lacks": {},
    }
    assert run["report"] == title | none
    assert {"rnn", "python", "system", "numpy", "numba", "pandoc", "typst"} <= {*run["versions"]}
    assert all(run["versions"].values())
    assert str(project) not in before["notebooks/03_training.ipynb"].decode()

    assert call(project, "--params=seed=13") == 1
    shown = capsys.readouterr()
    failed = project / ".out.work" / "notebooks" / "03_training.failed.ipynb"
    assert shown.err.splitlines()[-1] == (
        "rnn.report: error: 03_training failed in cell 3, 'if seed == 14:':"
        f" AssertionError: bad luck; see {failed}"
    )
    assert not shown.out
    assert "bad luck" in failed.read_text()
    assert contents(project / "out") == before


def test_a_further_notebook_is_run_and_is_a_chapter(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "notebooks" / "05_mine.py").write_text(
        f'# %% tags=["parameters"]{DEFAULTS}mine = 1\n\n# %%\n'
        'from pathlib import Path\n\nPath(folder, "mine.csv").write_text(str(mine))\n'
    )
    assert call(project, "--params=mine=2.5") == 2
    assert "mine must be a whole number" in capsys.readouterr().err
    assert call(project, "--params=mine=2") == 0
    shown = capsys.readouterr()
    assert "[5/6] 05_mine" in shown.err.splitlines()
    assert "out/notebooks/05_mine.ipynb" in shown.out.splitlines()
    assert (project / "out/report.html").read_text().endswith(" 05_mine")
    assert (project / "out/.stages/mine.csv").read_text() == "2"
    run = json.loads((project / "out/run.json").read_text())
    assert run["parameters"]["mine"] == 2
    assert call(project, "--params=mine=2") == 0
    assert "[5/6] 05_mine: already done" in capsys.readouterr().err.splitlines()

    (project / "notebooks" / "5_mine_too.py").touch()
    assert call(project) == 2
    assert capsys.readouterr().err == (
        "rnn.report: error: two notebooks have the number 5: 05_mine and 5_mine_too\n"
    )


def test_a_training_done_again_for_another_reason_goes_on_from_where_it_ended(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    anew = "from the first update on"
    assert call(project) == 0
    assert anew in capsys.readouterr().err
    before = contents(project / "out")
    key = done.key  # as when a file of rnn/analysis has changed
    monkeypatch.setattr(done, "key", lambda *arguments: f"another {key(*arguments)}")
    assert call(project) == 0
    shown = capsys.readouterr().err.splitlines()
    assert "[3/5] 03_training" in shown, "it was run again"
    assert anew not in shown
    after = contents(project / "out")
    record = ".stages/stages.json"
    assert before.pop(record) != after.pop(record)
    assert after == before
    assert call(project, "--params=epochs=2") == 0
    assert anew in capsys.readouterr().err, "that was another run"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--params=epochs=-1"], "PARAMS: 'epochs=-1': epochs must be at least 1"),
        (["--params=hidden_size=abc"], "hidden_size must be a whole number"),
        (["--params=epoch=1"], "there is no parameter 'epoch': did you mean epochs?"),
        (["--params=seed=__import__('os').system('touch canary')"], "must be a whole number"),
        (["--params=seed=\"__import__('os').system('touch canary')\""], "must be a whole number"),
        (["--params='"], "PARAMS can't be split into words: No closing quotation"),
        (["--params=prime='é'"], "the book has no 'é' (U+00E9)"),
        (["--params=prime='\n\t\x1b\u2028'"], "the book has no '\\t' (U+0009), '\\x1b'"),
        (["--preset=adma"], "there is no PRESET 'adma': choose from assignment, quick, adam"),
        (["--preset=$(touch canary)"], "there is no PRESET '$(touch canary)'"),
        (["--preset=\udce9"], "PRESET is not in UTF-8"),
        (["--params=seq_length=1000"], "the book a book.txt is too short"),
        (["--book=missing.txt"], "there is no book missing.txt"),
        (["--book=missing\n\x1b[31m.txt"], "there is no book missing\\n\\x1b[31m.txt"),
        (["--book=$(touch canary)"], "there is no book $(touch canary)"),
        (["--book=notebooks"], "the book notebooks is a directory"),
        (["--book=empty.txt"], "the book empty.txt is empty"),
        (["--book=noise.bin"], "the book noise.bin is not text"),
        (["--book=short.txt"], "the book short.txt is too short"),
        (["--book=caf\udce9.txt"], "BOOK is not in UTF-8"),
        (["--title=\udce9"], "TITLE is not in UTF-8"),
        (["--out=."], "OUT: . is or contains the working directory"),
        (["--out=notebooks"], "OUT: notebooks is neither empty nor an earlier report"),
        (["--out=short.txt"], "OUT: short.txt is a file"),
        (["--out=short.txt/x"], "is not a folder"),
        (["--oups=1"], "unrecognized arguments: --oups=1; see rnn-report --help"),
        (["--epochs", "1"], "unrecognized arguments"),
        (["--book"], "expected one argument"),
    ],
)
def test_refusals(
    project: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    (project / "empty.txt").touch()
    (project / "short.txt").write_text("short")
    (project / "noise.bin").write_bytes(bytes(range(256)) * 100)
    before = contents(project)
    assert call(project, *options) == 2
    shown = capsys.readouterr()
    assert not shown.out
    assert shown.err.startswith("rnn.report: error: ")
    assert message in shown.err
    assert shown.err.count("\n") == 1
    assert shown.err[-1] == "\n"
    assert contents(project) == before
    assert not list(project.rglob("*.work"))


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    options = [name.lower() for name in variables()]
    assert options == list(Request._fields)
    assert all(f"--{name} {name.upper()}" in text for name in options)
    assert all(name in text for name in PRESETS)
    assert ", ".join(PRESETS) in " ".join(text.split()), "and no others"


@pytest.mark.usefixtures("kernels")
def test_executed_notebooks_do_not_say_where_the_report_is(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    outs = [elsewhere / "one", elsewhere / "deeper" / "two"]
    for out in outs:
        assert call(project, f"--out={out}") == 0
        for path in [*out.glob("notebooks/*"), *out.glob(".stages/*.json")]:
            assert str(elsewhere) not in path.read_text()
    executed = [
        [path.read_bytes() for path in sorted(out.glob("notebooks/*.ipynb"))] for out in outs
    ]
    assert executed[0] == executed[1]
    assert len(executed[0]) == 4


def test_notes_and_code_are_handed_on_and_recorded(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("notes.md").write_text("# Part 2\nIt fell.")
    for option in ("--notes=none.md", "--notes=a book.txt", "--code=yes", "--excerpt=2"):
        assert call(project, option) == 2
        line = capsys.readouterr().err
        assert line.startswith(f"rnn.report: error: {option[2:].split('=')[0].upper()}")
        assert line.count("\n") == 1
    assert not Path("out").exists()
    assert call(project, "--title=T", "--notes=notes.md", "--code=1") == 0
    assert Path("out/report.html").read_text() == "T It fell. code"
    asked = json.loads(Path("out/run.json").read_text())["report"]
    assert (asked["notes"], asked["code"]) == ("notes.md", True)


def test_an_excerpt_of_the_book_is_handed_on_if_it_is_asked_for(project: Path) -> None:
    start = Path("a book.txt").read_text()[:6].lower()
    for excerpt in ("1", "0"):
        assert call(project, "--title=T", f"--excerpt={excerpt}") == 0
        assert (start in Path("out/report.html").read_text()) == (excerpt == "1")
        assert json.loads(Path("out/run.json").read_text())["report"]["excerpt"] == (excerpt == "1")


def test_an_author_is_asked_for_and_several_are_recorded(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for author, asked in ((" ; ", 1), ("Ada Lovelace; Charles Babbage", 0)):
        assert call(project, f"--author={author}") == 0
        said = capsys.readouterr().err.splitlines()
        assert sum('set AUTHOR="Ada Lovelace"' in line for line in said) == asked
        assert json.loads(Path("out/run.json").read_text())["report"]["author"] == author


def test_a_form_is_handed_on_and_recorded_and_another_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for form in ("reports", "SHORT", "short\n", "lesson short"):
        assert call(project, f"--form={form}") == 2
        line = capsys.readouterr().err
        assert line.startswith("rnn.report: error: FORM must be report, lesson or short, not '")
        assert line.count("\n") == 1
    assert not Path("out").exists()
    for form in ("lesson", "short", ""):
        assert call(project, "--title=T", f"--form={form}") == 0
        assert Path("out/report.html").read_text() == f"T {form}".strip()
        asked = json.loads(Path("out/run.json").read_text())["report"]
        assert asked["form"] == (form or "report")


def test_references_are_handed_on_and_recorded(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("notes.md").write_text("# Part 2\nIt fell, as in [@a].")
    Path("refs.bib").write_text("@book{a, author={A B}, title={C}, year=1999}")
    Path("other.bib").write_text("@book{b, title={C}}")
    for bad in ("none.bib", "a book.txt", "other.bib", "."):
        assert call(project, "--notes=notes.md", f"--references={bad}") == 2
        line = capsys.readouterr().err
        assert re.match(r"rnn\.report: error: (REFERENCES|NOTES: notes\.md, line 2)", line)
        assert line.count("\n") == 1
    assert not Path("out").exists()
    assert call(project, "--title=T", "--notes=notes.md", "--references=refs.bib") == 0
    assert Path("out/report.html").read_text() == "T It fell, as in [@a]. B, A. 1999. C."
    asked = json.loads(Path("out/run.json").read_text())["report"]
    assert asked["references"] == "refs.bib"
    capsys.readouterr()
    assert call(project, "--references=refs.bib") == 0
    assert "warning: REFERENCES: refs.bib is not used" in capsys.readouterr().err


def test_images_of_notes_are_read_each_time_and_what_is_left_out_is_said(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("sub").mkdir()
    Path("sub/notes.md").write_text("# Mine\n## Part 2\n![a dot](dot.png) ![b](http://e.org/b.png)")
    made = set()
    for colour in ("red", "blue"):
        Image.new("RGB", (1, 1), colour).save("sub/dot.png")
        assert call(project, "--notes=sub/notes.md") == 0
        said = [line for line in capsys.readouterr().err.splitlines() if "NOTES" in line]
        assert len(said) == 2
        assert all(line.startswith("warning: NOTES: ") for line in said)
        assert "sub/notes.md, line 1: the title 'Mine' is left out" in said[0]
        assert "sub/notes.md, line 3: part 2: the image http://e.org/b.png is left out" in said[1]
        made.add(Path("out/report.html").read_text())
    assert len(made) == 2


def test_fonts_are_handed_on_and_recorded_and_scripts_without_one_are_named(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = project / "a book.txt"
    book.write_text("漢字かな한ไ.\n" * 40)
    assert call(project, "--fonts=notebooks") == 2
    assert capsys.readouterr().err.startswith("rnn.report: error: FONTS: notebooks has no fonts")
    assert not Path("out").exists()
    assert call(project) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "FONTS" in line]
    assert len(said) == 1
    assert "6 different characters of the book" in said[0]
    assert "(Han, Hiragana, Hangul, Thai)" in said[0]
    lacks = {"Han": 2, "Hiragana": 2, "Hangul": 1, "Thai": 1}
    assert json.loads(Path("out/run.json").read_text())["report"]["lacks"] == lacks

    Path("fonts").mkdir()
    font("漢字かな한", "Plain").save("fonts/plain.ttf")
    assert call(project, "--title=ก", "--fonts=fonts") == 0
    shown = capsys.readouterr().err.splitlines()
    assert "[1/5] 01_data: already done" in shown, "fonts concern the PDF alone"
    assert len([line for line in shown if "2 different characters" in line]) == 1
    assert Path("out/report.html").read_text() == "ก Plain"
    asked = json.loads(Path("out/run.json").read_text())["report"]
    digest = hashlib.sha256(Path("fonts/plain.ttf").read_bytes()).hexdigest()
    assert (asked["fonts"], asked["font_files"]) == ("fonts", {"plain.ttf": digest})
    assert asked["lacks"] == {"Thai": 2}


def test_a_student_s_functions_are_handed_on_and_recorded(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("02_gradcheck", "03_training"):
        notebook = project / "notebooks" / f"{name}.py"
        notebook.write_text(notebook.read_text().replace("folder = ", 'student = ""\nfolder = ', 1))
    path = write(project)
    assert call(project, "--student=student.py") == 0
    said = capsys.readouterr().err
    assert "functions: student.py" in said
    asked = json.loads(Path("out/run.json").read_text())["report"]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (asked["student"], asked["student_sha256"]) == ("student.py", digest)
    assert call(project, "--student=student.py") == 0
    assert capsys.readouterr().err.count("already done") == 4
    write(project, "# of another mind")
    assert call(project, "--student=student.py") == 0
    said = capsys.readouterr().err
    assert [
        number
        for number in "1234"
        if f"[{number}/5]" in said
        and "done" in next(line for line in said.splitlines() if line.startswith(f"[{number}/5]"))
    ] == ["1"]
    assert "from the first update on" in said
    notebook.write_text(notebook.read_text() + "\nPath(student).write_text('')\n")
    assert call(project, "--student=student.py") == 1
    assert "the student's functions student.py changed while" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--student=none.py"], "STUDENT: none.py does not exist"),
        (["--student=notebooks"], "STUDENT: notebooks is not a file"),
        (["--student=a book.txt"], "STUDENT: a book.txt: invalid syntax in a book.txt, line 1"),
        (["--student=blank.py"], "STUDENT: blank.py: clip is not written yet"),
        (
            ["--student=student.py", "--params=cell=gru"],
            "STUDENT: student.py can't honour cell=gru",
        ),
        (
            ["--student=student.py", "--preset=adam"],
            "schedule=constant; PRESET=adam sets other values",
        ),
        (["--student=student.py", "--preset=best"], "PRESET=best sets other values"),
        (
            ["--student=student.py", "--preset=quick", "--params=dtype=float32"],
            "student.py can't honour dtype=float32",
        ),
        (["--params=student=student.py"], "student can't be set here: use STUDENT"),
    ],
)
def test_what_a_student_s_functions_can_not_do_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    write(project)
    write(project, "def clip(d, limit): raise NotImplementedError", name="blank.py")
    notebook = project / "notebooks" / "03_training.py"
    more = "cell, dtype, batch_size, optimiser, schedule, learning_rate"
    lines = "".join(f"{name} = {PARAMETERS[name].default!r}\n" for name in more.split(", "))
    notebook.write_text(notebook.read_text().replace("folder = ", f"{lines}folder = ", 1))
    assert call(project, *options) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert not Path("out").exists()
    if "--preset=quick" in options:
        assert call(project, *options[:2]) == 0
        said = capsys.readouterr().err
        assert "PRESET=quick is for dtype=float32, but student.py for float64\n" in said
        assert json.loads(Path("out/run.json").read_text())["parameters"]["dtype"] == "float64"


def test_a_saved_model_is_handed_on_and_recorded(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = project / "notebooks" / "04_sampling.py"
    source = notebook.read_text().replace("folder = ", 'model_file = ""\nfolder = ', 1)
    notebook.write_text(source := source.replace("write_text(prime)", "write_text(model_file)"))
    path = project / "mine.npz"
    known = "".join(sorted({*project.joinpath("a book.txt").read_text().lower()}))
    save_model(path, small_model(known))
    assert call(project, "--model=mine.npz") == 0
    assert "model: mine.npz writes Part 4" in capsys.readouterr().err
    assert Path("out/passage.txt").read_text() == "../mine.npz"
    asked = json.loads(Path("out/run.json").read_text())["report"]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (asked["model"], asked["model_sha256"]) == ("mine.npz", digest)
    assert call(project, "--model=mine.npz") == 0
    assert capsys.readouterr().err.count("already done") == 4
    save_model(path, small_model(known, m=4))
    assert call(project, "--model=mine.npz") == 0
    assert capsys.readouterr().err.count("already done") == 3, "Part 4 alone is written anew"
    notebook.write_text(source + "\nPath(model_file).write_text('')\n")
    assert call(project, "--model=mine.npz") == 1
    assert "the model mine.npz changed while" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model=none.npz"], "MODEL: none.npz does not exist"),
        (["--model=notebooks"], "MODEL: notebooks is not a file"),
        (["--model=a book.txt"], "MODEL: a book.txt is not a model of this program"),
        (["--model=other.npz"], "MODEL: the model is of another book than a book.txt: only the"),
        (["--model=large.npz"], "MODEL: large.npz was trained with lowercase=false: add lowercase"),
        (["--model=odd.npz"], "MODEL: odd.npz has parameters that are not finite numbers"),
        (["--model=odd.npz", "--student=student.py"], "MODEL can't be used with STUDENT, whose"),
        (["--params=model_file=x"], "model_file can't be set here: use MODEL"),
    ],
)
def test_a_model_that_can_not_write_here_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    write(project)
    for name in ("03_training", "04_sampling"):
        notebook = project / "notebooks" / f"{name}.py"
        more = 'student = ""\nmodel_file = ""\nfolder = '
        notebook.write_text(notebook.read_text().replace("folder = ", more, 1))
    known = "".join(sorted({*project.joinpath("a book.txt").read_text().lower()}))
    save_model("other.npz", small_model())
    save_model("large.npz", small_model(known, lowercase=False))
    odd = small_model(known)
    odd.network.theta[3] = float("nan")
    save_model("odd.npz", odd)
    assert call(project, *options) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert not Path("out").exists()


def test_a_preset_is_recorded_under_params(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRESETS, "test", {"epochs": 3, "hidden_size": 5})
    assert call(project, "--preset=test", "--params=hidden_size=6") == 0
    parameters = json.loads((project / "out" / "run.json").read_text())["parameters"]
    assert (parameters["epochs"], parameters["hidden_size"]) == (3, 6)
    assert call(project, "--preset=", "--params=seed=2") == 0
    parameters = json.loads((project / "out" / "run.json").read_text())["parameters"]
    assert (parameters["epochs"], parameters["hidden_size"]) == (7, 100)


def test_a_full_disk_is_one_line(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rnn.report.running.run", full)
    assert call(project) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("rnn.report: error: [Errno 28]")


@pytest.mark.parametrize(
    ("stage", "change"),
    [("01_data", "text"), ("02_gradcheck", "gone"), ("03_training", "pipe"), ("04_sampling", "")],
)
def test_a_book_that_changes_between_the_stages_is_noticed(
    stage: str,
    change: str,
    project: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book, run = project / "a book.txt", running.run
    text = book.read_text()
    monkeypatch.setattr(due, "cores", lambda: 1)

    def run_and_change(notebook: Path, *rest: Any) -> None:
        run(notebook, *rest)
        if notebook.stem == stage:
            book.unlink()
            if change == "text":
                book.write_text(text.upper())
            elif change == "pipe":
                os.mkfifo(book)
            elif not change:  # and the stage fails because of it
                raise StageError("the stage met something odd")

    monkeypatch.setattr(running, "run", run_and_change)
    assert call(project) == 1
    shown = capsys.readouterr()
    assert not shown.out
    assert shown.err.splitlines()[-1] == (
        "rnn.report: error: the book a book.txt changed while its report was being made:"
        " run the command again"
    )
    assert not (project / "out").exists()
    monkeypatch.setattr(running, "run", run)
    book.unlink(missing_ok=True)
    book.write_text(text)
    assert call(project) == 0
    order = ["03_training", "01_data", "02_gradcheck", "04_sampling"]
    steps = [line for line in capsys.readouterr().err.splitlines() if line.endswith("already done")]
    done = [line[6:].partition(":")[0] for line in steps]
    assert done == sorted(order[: order.index(stage)])


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT] * 3])
def test_an_interrupt_ends_the_kernel_and_leaves_what_is_done(
    project: Path, signals: list[signal.Signals], capsys: pytest.CaptureFixture[str]
) -> None:
    program = "import sys, pathlib; from rnn.report.__main__ import main\n"
    program += "sys.exit(main(sys.argv[2:], pathlib.Path(sys.argv[1])))"
    with subprocess.Popen(
        [sys.executable, "-c", program, "notebooks", *SLOW],
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        pid = project / ".out.work" / "pid"
        work = project / ".out.work"
        while process.poll() is None and not (
            {"01_data", "02_gradcheck"} <= finished.read(work).keys()
            and pid.exists()
            and pid.read_text()
        ):
            time.sleep(0.05)
        kernel = int(pid.read_text())
        os.kill(kernel, 0)
        for one in signals:
            process.send_signal(one)
            time.sleep(0.02)
        shown = process.communicate(timeout=20)[1]
    assert process.returncode == 130
    assert shown.splitlines()[-2:] == ["training", "rnn.report: interrupted"]
    with pytest.raises(ProcessLookupError):
        os.kill(kernel, 0)
    assert sorted(path.name for path in project.iterdir()) == [
        ".out.work",
        "a book.txt",
        "notebooks",
    ]
    assert call(project) == 0
    said, *lines = capsys.readouterr().err.splitlines()
    assert said == "book: a book.txt, read as utf-8"
    assert [line for line in lines if line.startswith("[")][:3] == [
        "[1/5] 01_data: already done",
        "[2/5] 02_gradcheck: already done",
        "[3/5] 03_training",
    ]
    assert sorted(path.name for path in project.iterdir()) == ["a book.txt", "notebooks", "out"]


def test_an_interrupt_before_any_work_is_heard() -> None:
    program = (
        f"import runpy, sys; sys.path.insert(0, {str(ROOT)!r});"
        "runpy.run_module('rnn.report', run_name='__main__', alter_sys=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-EP", "-X", "importtime", "-c", program, "--out=."],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "numpy" in line:
                break
        process.send_signal(signal.SIGINT)
        shown = process.communicate(timeout=20)[1]
    assert process.returncode == 130
    assert shown.splitlines()[-1] == "rnn.report: interrupted"
    assert "Traceback" not in shown


def test_page_and_pdf_are_kept_while_their_recipe_is_the_same(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was said of them is said again; what was edited, or comes of other notes, is written."""
    written: list[Path] = []

    def render(folder: Path, *_: Any, **__: Any) -> list[str]:
        written.append(folder)
        rendered(folder, Path(folder, "history.csv").read_text())
        return ["a remark"]

    monkeypatch.setattr(make, "render", render)
    monkeypatch.setattr(make, "carry", lambda plan, *_: {"seed": plan.values["seed"]})

    def written_and_said(*options: str) -> int:
        written.clear()
        assert call(project, *options) == 0
        said = capsys.readouterr().err.splitlines()
        assert said.count("a remark") == 1
        (step,) = [line for line in said if line.startswith("[5/5] report.html and report.pdf")]
        assert step.endswith(": already done") == (not written)
        return len(written)

    assert written_and_said() == 1
    assert written_and_said() == 0
    assert written_and_said("--params=seed=5") == 1
    assert written_and_said("--params=seed=5") == 0
    assert Path("out/report.html").read_text() == "5"
    Path("out/report.html").write_text("edited")
    assert written_and_said("--params=seed=5") == 1
    Path("out/report.pdf").unlink()
    assert written_and_said("--params=seed=5") == 1
    record = Path("out/.stages/stages.json")
    kept = json.loads(record.read_text())
    kept[done.DOCUMENT]["files"] = {}
    record.write_text(json.dumps(kept))
    assert written_and_said("--params=seed=5") == 1
    assert Path("out/report.pdf").read_text() == "5"
