"""What a page and a PDF carry, read back by other programs and by ours."""

import copy
import io
import json
from pathlib import Path
from typing import Any

import html5lib
import nbformat
import pytest
from pypdf import PdfReader

from rnn.errors import InputError
from rnn.report.page.live import for_script
from rnn.report.verify import carried
from tests import executed, verified

HOSTILE = {"notes": executed.HOSTILE + "</script><script>alert(1)</script>\udce9"}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("report")
    recipe = verified.write(folder)
    recipe["added"]["texts"] = HOSTILE
    verified.draw(folder, recipe)
    return folder, recipe


def test_page_and_pdf_carry_the_recipe_whatever_is_in_it(
    report: tuple[Path, dict[str, Any]],
) -> None:
    folder, recipe = report
    assert carried.read(folder / "report.html") == recipe
    assert carried.read(folder / "report.pdf") == recipe


def test_other_programs_read_it_from_the_page(report: tuple[Path, dict[str, Any]]) -> None:
    folder, recipe = report
    page = html5lib.parse(
        (folder / "report.html").read_text(encoding="utf-8"), namespaceHTMLElements=False
    )
    (block,) = page.findall(".//script[@id='recipe']")
    assert block.get("type") == "application/json"
    assert json.loads(block.text) == recipe
    assert len(page.findall(".//script")) == 4  # the model, the history, this, and the program


def test_other_programs_read_it_from_the_pdf(report: tuple[Path, dict[str, Any]]) -> None:
    folder, recipe = report
    written = (folder / "report.pdf").read_bytes()
    paper = PdfReader(io.BytesIO(written))
    (content,) = paper.attachments["recipe.json"]
    assert json.loads(content) == recipe
    assert b"<pdfuaid:part>1</pdfuaid:part>" in written


def test_the_same_recipe_gives_the_same_bytes(
    report: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, recipe = report
    verified.write(tmp_path)
    verified.draw(tmp_path, recipe)
    for name in ("report.html", "report.pdf"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><p>A page",
        b'<script type="application/json" id="recipe">{"format": 1}</script>',
        b'<script type="application/json" id="recipe">' + b"[" * 100_000 + b"</script>",
        b'<script type="application/json" id="recipe">{"first_loss": NaN}</script>',
        b"\xff\xfe<script>",
        b'<script type="application/json" id="recipe">"' + b"x" * carried.LONGEST + b'"</script>',
        b"%PDF-1.7\n1 0 obj\n<</Type/Pages>>\nendobj\n",
        b"%PDF-1.7\n1 0 obj\n<</Type/Filespec/F(recipe.json)/EF<</F 9 0 R>>>>\nendobj\n",
    ],
)
def test_a_file_without_a_recipe_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(InputError, match=r"^REPORT: .* carries no recipe that can be read") as said:
        carried.read(tmp_path / "x")
    assert "\n" not in str(said.value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("run.report.title", 5),
        ("run.report.title", "\ud800"),
        ("run.report.student", ["x"]),
        ("run.book.path", None),
        ("run.parameters.seed", {"a": 1}),
        ("run.parameters.prime", "\udc80"),
        ("added.texts.notes", "\ud800"),
        ("added.chapters", ["05_mine"]),
        ("files", {"model.npz": 1}),
        ("files.more", "0" * 64),
        ("program", "0" * 64 + "\n"),
        ("lock", "run this: evil"),
        ("run.book.sha256", "A" * 64),
        ("added.pictures", {"a.png": "x"}),
        ("added.texts.more", "x"),
        ("run.training", 5),
        ("run.training.final_smooth_loss", int("9" * 400)),
        ("run.versions", {"python": "3"}),
        ("run.format", 5),
        ("more", {}),
    ],
)
def test_a_recipe_of_another_form_is_refused(
    report: tuple[Path, dict[str, Any]], tmp_path: Path, path: str, value: object
) -> None:
    recipe = copy.deepcopy(report[1])
    *groups, name = path.split(".")
    place = recipe
    for group in groups:
        place = place[group]
    place[name] = value
    (tmp_path / "x").write_text(
        f'<script type="application/json" id="recipe">{for_script(recipe)}</script>'
    )
    with pytest.raises(InputError, match="carries no recipe that can be read"):
        carried.read(tmp_path / "x")


def test_a_value_is_left_out_by_its_path() -> None:
    run = {"training": {"seconds": 1, "steps": 2}, "platform": "x"}
    left = carried.without(run, (*carried.TIMES, *carried.PLATFORM, ("versions", "python")))
    assert left == {"training": {"steps": 2}}
    assert run["platform"] == "x"


def test_the_paths_of_a_run_are_no_part_of_a_notebook(tmp_path: Path) -> None:
    nbformat.write(executed.notebooks()["01_data"], tmp_path / "a.ipynb")
    source = (tmp_path / "a.ipynb").read_text(encoding="utf-8")
    assert "/home/me/x.txt" in source
    (tmp_path / "b.ipynb").write_text(source.replace("/home/me/x.txt", "/there/x.txt"))
    (tmp_path / "c.ipynb").write_text(source.replace("hidden_size = 100", "hidden_size = 10"))
    one, other, changed = (carried.digest(tmp_path / f"{name}.ipynb") for name in "abc")
    assert one == other != changed
