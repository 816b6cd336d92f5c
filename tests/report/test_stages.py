"""The list of stages, and what follows from it."""

import re
import shutil
from pathlib import Path

import pytest

from rnn.errors import InputError
from rnn.report.stages import STAGES, Stage, files, find, left_out

ROOT = Path(__file__).parents[2]


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    """Return a copy of the project's notebooks."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    return tmp_path / "notebooks"


def test_the_list_is_of_the_project_s_notebooks() -> None:
    assert find(ROOT / "notebooks")[: len(STAGES)] == STAGES
    names = [stage.name for stage in STAGES]
    for position, stage in enumerate(STAGES):
        assert set(stage.reads) <= set(names[:position]), "those before it"


def test_a_further_notebook_comes_after_and_reads_all_before_it(notebooks: Path) -> None:
    (notebooks / "notes.py").touch()
    (notebooks / "10_last.py").touch()
    (notebooks / "05_mine.py").touch()
    ours = tuple(stage.name for stage in STAGES)
    assert find(notebooks) == (
        *STAGES,
        Stage("05_mine", reads=ours),
        Stage("10_last", reads=(*ours, "05_mine")),
    )
    assert {"notebooks/05_mine.ipynb", "notebooks/10_last.ipynb"} < set(files(find(notebooks)))


def test_what_may_be_meant_as_a_chapter_is_named(notebooks: Path) -> None:
    assert not left_out(notebooks, find(notebooks))
    for name in ("mine.py", "mine.ipynb", "06_lab.ipynb", "05_own.py", "exercise.py", "notes.md"):
        (notebooks / name).touch()
    assert left_out(notebooks, find(notebooks)) == [
        f"{notebooks}/06_lab.ipynb has no 06_lab.py, and is left out: run make sync",
        f"{notebooks}/mine.py has no number, and is left out: name it 06_mine.py",
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("03_mine", "two notebooks have the number 3: 03_mine and 03_training"),
        ("3_mine", "two notebooks have the number 3: 03_training and 3_mine"),
        ("05 mine", "05 mine.py must be named by a number, _ and a word, as in 05_mine.py"),
        ("05_mine.v2", "05_mine.v2.py must be named by"),
        ("5", "5.py must be named by"),
        ("05_m\nine", "must be named by"),
    ],
)
def test_a_name_that_is_not_clear_is_refused(name: str, said: str, notebooks: Path) -> None:
    (notebooks / f"{name}.py").touch()
    with pytest.raises(InputError, match=re.escape(said)):
        find(notebooks)


def test_one_that_is_missing_is_named(notebooks: Path) -> None:
    (notebooks / "03_training.py").unlink()
    with pytest.raises(InputError, match=r"notebooks/03_training\.py is missing$"):
        find(notebooks)


def test_the_readme_s_table_has_the_files_of_a_report() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## What comes out")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(.*?)`", row)]
    made = {re.sub(r"^notebooks/.*", "notebooks/", name) for name in files()}
    assert len(named) == len(set(named))
    assert set(named) == made
