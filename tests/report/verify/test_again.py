"""All that a recipe names is found, or refused before any work; nothing is written elsewhere."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from rnn.errors import InputError
from rnn.files.book import read_book
from rnn.files.storage import save_model
from rnn.report import ROOT, request
from rnn.report.notes import images
from rnn.report.record import as_named, versions
from rnn.report.request import Plan, Request
from rnn.report.verify import again, carried
from rnn.settings import Settings
from tests.reference import small_model

NOTES = "# Part 2\n\nIt falls, as [@graves2013] says.\n\n![A square](pic%20one.png)\n"
REFERENCES = "@article{graves2013, author={Graves, Alex}, title={Sequences}, year={2013}}\n"


def asked(folder: Path) -> Plan:
    """Return the plan of a report with notes, references and a picture."""
    (folder / "notes.md").write_text(NOTES)
    (folder / "refs.bib").write_text(REFERENCES)
    Image.new("RGB", (8, 8), (20, 90, 160)).save(folder / "pic one.png")
    given = Request(
        author="Ada Lovelace",
        params="hidden_size=8 prime='it\\'s' seed=3".replace("\\'", '"'),
        notes=str(folder / "notes.md"),
        references=str(folder / "refs.bib"),
        out=str(folder / "out"),
        code="1",
    )
    return request.check(given, ROOT / "notebooks")


def recipe_of(plan: Plan) -> dict[str, Any]:
    """Return what the report of a plan carries, as far as it does not need the report."""
    added = plan.added
    report = {"notes": str(added.notes_path), "references": str(added.references_path)}
    run = {
        "book": {"path": as_named(plan.book), "sha256": plan.sha256},
        "parameters": plan.values,
        "versions": versions(),
        "report": vars(added.title) | report | {"form": plan.form, "code": plan.code},
    }
    return {
        "run": run,
        "added": carried.added(plan),
        "program": carried.program(),
        "lock": carried.lock(),
    }


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Plan]:
    plan = asked(tmp_path_factory.mktemp("author"))
    return recipe_of(plan), plan


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def changed(recipe: dict[str, Any], *path: str, to: Any) -> dict[str, Any]:
    """Return a recipe with another value at a path."""
    name, *rest = path
    return recipe | {name: changed(recipe[name], *rest, to=to) if rest else to}


def test_a_saved_model_is_found_by_its_hash_or_asked_for(tmp_path: Path) -> None:
    known = read_book(request.BOOK, **Settings().reading).vocabulary
    save_model(tmp_path / "mine.npz", small_model(known))
    plan = request.check(Request(model=str(tmp_path / "mine.npz")), ROOT / "notebooks")
    wanted = recipe_of(plan)
    wanted["run"]["report"]["model"] = "/nowhere/mine.npz"
    report = tmp_path / "report"
    report.mkdir()
    save_model(report / "mine.npz", small_model(known, m=4))
    (tmp_path / "first").mkdir()
    with pytest.raises(InputError, match=r"^the model mine\.npz is needed: put the one that"):
        again.prepared(wanted, report, "", tmp_path / "first")
    (tmp_path / "mine.npz").rename(report / "of another name.npz")
    (tmp_path / "second").mkdir()
    found = again.prepared(wanted, report, "", tmp_path / "second")
    assert found.model
    assert found.model.path == tmp_path / "second" / "model" / "mine.npz"
    assert carried.added(found) == wanted["added"]


def test_the_plan_is_the_same(recipe: tuple[dict[str, Any], Plan], folder: Path) -> None:
    wanted, plan = recipe
    found = again.prepared(wanted, folder, "", folder)
    assert found.values == plan.values
    assert (found.sha256, found.code, found.form) == (plan.sha256, plan.code, plan.form)
    assert found.added.title == plan.added.title
    assert found.added.images == plan.added.images
    assert carried.added(found) == wanted["added"]
    assert found.book != plan.book


def test_a_picture_lies_beside_the_report_or_is_asked_for(
    recipe: tuple[dict[str, Any], Plan], folder: Path, tmp_path: Path
) -> None:
    wanted, plan = recipe
    moved = changed(wanted, "run", "report", "notes", to="/nowhere/notes.md")
    beside = tmp_path / "beside"
    beside.mkdir()
    with pytest.raises(InputError, match=r"^the picture pic%20one\.png is needed"):
        again.prepared(moved, beside, "", folder)
    assert plan.added.notes_path
    picture = plan.added.notes_path.with_name("pic one.png")
    (beside / "pic one.png").write_bytes(picture.read_bytes())
    (tmp_path / "second").mkdir()
    assert again.prepared(moved, beside, "", tmp_path / "second").added.images
    Image.new("RGB", (8, 8)).save(beside / "pic one.png")
    (tmp_path / "third").mkdir()
    with pytest.raises(InputError, match=r"^the picture pic%20one\.png is needed"):
        again.prepared(moved, beside, "", tmp_path / "third")


@pytest.mark.parametrize("target", ["../../../escaped.png", "/escaped.png", "a/../../../e.png"])
def test_no_picture_is_written_elsewhere(
    recipe: tuple[dict[str, Any], Plan], folder: Path, tmp_path: Path, target: str
) -> None:
    beside = tmp_path / "a" / "b" / "c"
    beside.mkdir(parents=True)
    for name in (tmp_path / "escaped.png", tmp_path / "a" / "e.png"):
        name.write_bytes(b"x")
    before = {*tmp_path.rglob("*.png")}
    wanted = changed(recipe[0], "added", "pictures", to={target: "0" * 64})
    with pytest.raises(InputError, match="the picture"):
        again.prepared(wanted, beside, "", folder)
    assert {path for path in tmp_path.rglob("*.png") if folder not in path.parents} == before


def test_no_private_picture_is_copied_by_another_spelling_of_its_name(
    recipe: tuple[dict[str, Any], Plan], folder: Path, tmp_path: Path
) -> None:
    notes = tmp_path / "home" / "u" / "x" / "y" / "n.md"
    notes.parent.mkdir(parents=True)
    private = tmp_path / "home" / "id.png"
    Image.new("RGB", (8, 8)).save(private)
    before = {*tmp_path.rglob("*")}
    digest = hashlib.sha256(images.encoded(private.read_bytes())[0]).hexdigest()
    for target in ("%2e%2e/%2e%2e/%2e%2e/id.png", "d%2f..%2f..%2f..%2f..%2fid.png"):
        wanted = changed(recipe[0], "added", "pictures", to={target: digest})
        wanted = changed(wanted, "run", "report", "notes", to=str(notes))
        place = folder / target[0]
        place.mkdir()
        with pytest.raises(InputError, match="the picture"):
            again.prepared(wanted, tmp_path / "beside", "", place)
    new = {path for path in {*tmp_path.rglob("*")} - before if folder not in path.parents}
    assert not new


def test_only_the_picture_of_the_recipe_is_read(
    recipe: tuple[dict[str, Any], Plan], tmp_path: Path
) -> None:
    (tmp_path / "id_rsa").write_text("private")
    assert again.picture("id_rsa", "0" * 64, [tmp_path]) is None
    assert again.picture("/proc/self/pagemap", "0" * 64, [tmp_path]) is None  # it has no end
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    assert again.picture("a.png", "0" * 64, [tmp_path]) is None
    (digest,) = recipe[0]["added"]["pictures"].values()
    plan = recipe[1]
    assert plan.added.notes_path
    assert again.picture("pic%20one.png", digest, [tmp_path, plan.added.notes_path.parent])


@pytest.mark.parametrize("name", ["../" * 300 + "a.png", "%2e%2e/" * 300 + "a.png", "\0.png"])
def test_a_picture_that_has_no_place_is_refused_in_one_line(
    recipe: tuple[dict[str, Any], Plan], folder: Path, name: str
) -> None:
    wanted = changed(recipe[0], "added", "pictures", to={name: "0" * 64})
    with pytest.raises(InputError, match="picture"):
        again.prepared(wanted, folder, "", folder)


@pytest.mark.parametrize("name", ["x%2f..%2f..%2fy.ttf", "../y.ttf", ".y.ttf"])
def test_no_font_is_written_elsewhere(
    recipe: tuple[dict[str, Any], Plan], folder: Path, tmp_path: Path, name: str
) -> None:
    beside = tmp_path / "a" / "x"
    beside.mkdir(parents=True)
    font = ROOT / "rnn" / "report" / "paper" / "fonts.py"  # any file will do
    for place in (tmp_path / "a" / "y.ttf", tmp_path / "y.ttf"):
        shutil.copy(font, place)
    digest = hashlib.sha256(font.read_bytes()).hexdigest()
    wanted = changed(recipe[0], "added", "fonts", to={name: digest})
    with pytest.raises(InputError, match=r"font|FONTS|can't be made"):
        again.prepared(wanted, beside, "", folder)
    assert not [*folder.rglob("y.ttf")]


def test_a_font_is_copied_only_if_it_is_the_one(
    recipe: tuple[dict[str, Any], Plan], folder: Path, tmp_path: Path
) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    (beside / "a.ttf").write_text("private")
    wanted = changed(recipe[0], "added", "fonts", to={"a.ttf": "0" * 64})
    with pytest.raises(InputError, match=r"font|FONTS"):
        again.prepared(wanted, beside, "", folder)
    assert not [*folder.rglob("a.ttf")]


def test_all_code_is_shown_though_two_files_have_one_name() -> None:
    recipe = {
        "run": {"report": {"student": "05_mine.py"}},
        "added": {"texts": {"student": "nice"}, "chapters": {"05_mine": "evil"}},
    }
    assert [text for _, text in again.own_code(recipe)] == ["evil", "nice"]


def test_no_chapter_replaces_one_of_the_project(
    recipe: tuple[dict[str, Any], Plan],
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(ROOT / "notebooks", tmp_path / "project" / "notebooks")
    monkeypatch.setattr(again, "ROOT", tmp_path / "project")
    wanted = changed(recipe[0], "added", "chapters", to={"01_data": "import os"})
    with pytest.raises(InputError, match="names a notebook '01_data', which can't be made"):
        again.prepared(wanted, folder, str(recipe[1].book), folder)
    name = Path("notebooks", "01_data.py")
    assert (tmp_path / "project" / name).read_bytes() == (ROOT / name).read_bytes()


def test_two_texts_of_one_name_are_refused(
    recipe: tuple[dict[str, Any], Plan], folder: Path
) -> None:
    wanted = changed(recipe[0], "run", "report", "references", to="notes.md")
    with pytest.raises(InputError, match=r"'notes\.md', which can't be made: File exists"):
        again.prepared(wanted, folder, "", folder)


def test_a_chapter_that_is_left_out_is_refused(
    recipe: tuple[dict[str, Any], Plan],
) -> None:
    here = recipe[0]["added"]
    wanted = here | {"chapters": {"05_mine": "print(1)"}}
    with pytest.raises(InputError, match="the notebook 05_mine is needed"):
        again._check_added(wanted, here)


def test_a_book_that_is_known_has_its_own_title(recipe: tuple[dict[str, Any], Plan]) -> None:
    wanted = changed(recipe[0], "run", "report", "book", to="Hamlet")
    assert again.title_block(wanted).book == recipe[1].added.title.book
    unknown = changed(wanted, "run", "book", "sha256", to="0" * 64)
    assert again.title_block(unknown).book == "Hamlet"


@pytest.mark.parametrize("path", ["/proc/self/pagemap", "/proc/kcore", "a\0b", "x" * 5000])
def test_a_book_without_end_is_not_read(tmp_path: Path, path: str) -> None:
    book = {"path": path, "sha256": "0" * 64}
    with pytest.raises(InputError, match="the report's book"):
        again.find_book(book, tmp_path, "")


@pytest.mark.parametrize("name", ["../05_mine", "/tmp/05_mine", ".05_mine", "", "a\0b"])
def test_no_chapter_is_written_elsewhere(
    recipe: tuple[dict[str, Any], Plan], folder: Path, name: str
) -> None:
    wanted = changed(recipe[0], "added", "chapters", to={name: "import os"})
    with pytest.raises(InputError, match="which can't be made"):
        again.prepared(wanted, folder, "", folder)


def test_the_book_must_be_the_one(
    recipe: tuple[dict[str, Any], Plan], folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.txt"
    other.write_text("another book")
    with pytest.raises(InputError, match=r"other\.txt is not the report's book, whose SHA-256"):
        again.prepared(recipe[0], folder, str(other), folder)
    unknown = changed(recipe[0], "run", "book", "sha256", to="0" * 64)
    (tmp_path / "second").mkdir()
    with pytest.raises(InputError, match=r"the report's book, tales\.txt with SHA-256 0{64}, is"):
        again.prepared(unknown, folder, "", tmp_path / "second")


def test_this_state_of_the_program_is_accepted(recipe: tuple[dict[str, Any], Plan]) -> None:
    again.check_program(recipe[0])


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            ("lock",),
            r"with other libraries, those of the requirements\.txt with SHA-256 0{64}: get",
        ),
        (("program",), "by other sources of rnn .*, with SHA-256 0{64} over all of them"),
        (("run", "versions", "numpy"), "with numpy 0{60}…, and here is .*: run make setup"),
    ],
)
def test_another_state_of_the_program_is_refused(
    recipe: tuple[dict[str, Any], Plan], path: tuple[str, ...], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        again.check_program(changed(recipe[0], *path, to="0" * 64))


def test_the_names_of_files_and_machine_are_the_recipe_s() -> None:
    run = {
        "book": {"path": "mine/book.txt"},
        "report": {"notes": "n.md", "student": "s.py"},
        "versions": {"processor": "P", "system": "S", "python": "3"},
    }
    here = {
        "book": {"path": "/tmp/book.txt", "sha256": "5"},
        "report": {"notes": "/tmp/n.md", "student": "/tmp/s.py", "form": "short"},
        "versions": {"processor": "Q", "numpy": "2"},
    }
    assert again.as_named(here, run) == {
        "book": {"path": "mine/book.txt", "sha256": "5"},
        "report": {"notes": "n.md", "student": "s.py", "form": "short"},
        "versions": {"processor": "P", "system": "S", "python": "3", "numpy": "2"},
    }
