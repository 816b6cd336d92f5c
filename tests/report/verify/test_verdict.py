"""What comparing a report with the one made again shows, here and on another machine."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn.errors import InputError
from rnn.exhibits.citations import NOTHING
from rnn.files.storage import save_json
from rnn.report.paper.fonts import Fonts
from rnn.report.record import versions
from rnn.report.request import Added, Plan
from rnn.report.stages import RUN, STAGES
from rnn.report.verify import verdict
from rnn.report.verify.verdict import DIFFERS, LOSSES, SAME, WITHIN
from tests import verified

ADDED = Added(verified.TITLE, None, verified.NOTES, {}, None, NOTHING, [], None, Fonts(), {})
PLAN = Plan(
    notebooks=Path(),
    stages=STAGES,
    declared={},
    values={},
    book=Path(),
    sha256="",
    encoding="",
    out=Path(),
    added=ADDED,
    student=None,
    model=None,
    form="report",
    excerpt=False,
    code=False,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return a report that says it was made on another machine, and its recipe."""
    folder = tmp_path_factory.mktemp("made") / "report"
    return folder, verified.write(folder)


@pytest.fixture
def report(made: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    shutil.copytree(made[0], tmp_path / "given")
    return tmp_path / "given"


def again(
    folder: Path, made: tuple[Path, dict[str, Any]], first: float = 1, smooth: float = 1
) -> Path:
    """Return a report made again with losses that are these times as large."""
    shutil.copytree(made[0], folder / "again")
    losses = verified.LOSSES * first
    losses[1:] += 1e-9
    np.savez(folder / "again/losses.npz", losses=losses)
    run = verified.run_of(folder / "again")
    run["training"]["final_smooth_loss"] *= smooth
    save_json(folder / "again" / RUN, run)
    return folder / "again"


def test_the_same_machine_gives_the_same_bytes(tmp_path: Path) -> None:
    recipe = verified.write(tmp_path / "given")
    recipe["run"]["versions"] |= versions()
    run = verified.run_of(tmp_path / "given")
    run["versions"] |= versions()
    save_json(tmp_path / "given" / RUN, run)
    files = verified.named(tmp_path / "given")
    found = verdict.compare(files, recipe, tmp_path / "given", PLAN)
    assert found.word == SAME
    assert len(found.lines) == len(verified.FILES)


def test_another_machine_that_gives_the_same_bits_is_named(
    made: tuple[Path, dict[str, Any]], report: Path
) -> None:
    found = verdict.compare(verified.named(report), made[1], made[0], PLAN)
    assert found.word == WITHIN
    line = f"the processor is another one: Another there, {versions()['processor']} here"
    assert line in found.lines


def test_another_machine_agrees_within_the_promise(
    made: tuple[Path, dict[str, Any]], report: Path, tmp_path: Path
) -> None:
    there = again(tmp_path, made, 1 + 1e-13, 1.04)
    found = verdict.compare(verified.named(report), made[1], there, PLAN)
    assert found.word == WITHIN, found.lines
    said = "\n".join(found.lines)
    assert "the smoothed loss: 43.5 there, 45.24 made again, 3.8e-02 of it apart" in said
    assert "report.html and report.pdf: rendered again from the report's own data" in said
    assert "not confirmed: the notebooks" in said


@pytest.mark.parametrize(
    ("first", "smooth", "place"), [(1 + 1e-9, 1, "the first loss"), (1, 1.2, "the smoothed loss")]
)
def test_another_machine_does_not_excuse_other_losses(
    made: tuple[Path, dict[str, Any]],
    report: Path,
    tmp_path: Path,
    first: float,
    smooth: float,
    place: str,
) -> None:
    there = again(tmp_path, made, first, smooth)
    found = verdict.compare(verified.named(report), made[1], there, PLAN)
    assert found.word == DIFFERS
    assert found.lines[0].startswith(f"{place}: ")


@pytest.mark.parametrize(
    ("name", "old", "new", "place"),
    [
        ("report.html", "54.32", "34.32", "report.html, Part 3 The evolution of the text, Text 1"),
        ("history.csv", "98.5", "98.4", "history.csv, which is not the file whose SHA-256"),
        ("run.json", '"seed": 400', '"seed": 401', "run.json, parameters: seed: 401 there, 400 in"),
    ],
)
def test_another_machine_does_not_excuse_an_edit(
    made: tuple[Path, dict[str, Any]],
    report: Path,
    tmp_path: Path,
    name: str,
    old: str,
    new: str,
    place: str,
) -> None:
    before = (report / name).read_text(encoding="utf-8")
    (report / name).write_text(before.replace(old, new, 1), encoding="utf-8", newline="\n")
    found = verdict.compare(verified.named(report), made[1], again(tmp_path, made), PLAN)
    assert found.word == DIFFERS
    assert found.lines[0].startswith(place), found.lines


def test_a_damaged_run_json_is_a_difference(
    made: tuple[Path, dict[str, Any]], report: Path, tmp_path: Path
) -> None:
    (report / RUN).write_text("{")
    found = verdict.compare(verified.named(report), made[1], made[0], PLAN)
    assert found.word == DIFFERS
    assert found.lines[0].startswith("run.json, it can't be read")
    found = verdict.compare(verified.named(report), made[1], again(tmp_path, made), PLAN)
    assert found.word == DIFFERS
    assert found.lines[0].startswith("run.json, which can't be read")


def test_a_page_alone_confirms_its_losses_and_no_more(
    made: tuple[Path, dict[str, Any]], report: Path, tmp_path: Path
) -> None:
    files = {"report.html": report / "report.html"}
    page = files["report.html"]
    page.write_text(page.read_text(encoding="utf-8").replace("54.32", "34.32"), encoding="utf-8")
    found = verdict.compare(files, made[1], again(tmp_path, made), PLAN)
    assert found.word == LOSSES
    assert found.lines[-1].startswith("not confirmed: all else that it shows")


def test_what_a_report_says_of_itself_must_agree(report: Path) -> None:
    page = (report / "report.html").read_text(encoding="utf-8")
    (report / "report.html").write_text(page.replace('"seed":400', '"seed":401'), encoding="utf-8")
    _, apart = verdict.recipe_of(verified.named(report))
    assert apart == (
        "the recipes that report.html and report.pdf carry, which must be the same: run:"
        " parameters: seed: 401 in report.html, 400 in report.pdf"
    )


def test_a_folder_without_page_or_pdf_is_refused(tmp_path: Path) -> None:
    (tmp_path / RUN).write_text(json.dumps({}))
    with pytest.raises(InputError, match=r"has neither report\.html nor report\.pdf"):
        verdict.given(tmp_path)
    with pytest.raises(InputError, match="can't be read"):
        verdict.given(tmp_path / "nothing")


def test_a_file_that_is_no_part_of_the_report_is_named(tmp_path: Path) -> None:
    recipe = verified.write(tmp_path)
    (tmp_path / "more.html").write_text("<p>Another result")
    found = verdict.compare(verdict.given(tmp_path), recipe, tmp_path, PLAN)
    assert "more.html: not part of the report, and not looked at" in found.lines
    assert not [line for line in found.lines if line.startswith("report.html: not")]


def test_what_differs_freely_is_not_called_the_same_bytes(
    made: tuple[Path, dict[str, Any]], report: Path
) -> None:
    run = verified.run_of(report)
    run["training"]["seconds"] += 1
    save_json(report / RUN, run)
    lines = verdict.compare(verified.named(report), made[1], made[0], PLAN).lines
    assert "run.json: the same but for its times and platform" in lines
    assert "run.json: the same bytes" not in lines


def test_another_machine_does_not_excuse_what_no_rounding_changes(
    made: tuple[Path, dict[str, Any]], report: Path, tmp_path: Path
) -> None:
    there = again(tmp_path, made)
    run = verified.run_of(there)
    run["book"]["characters"] += 1
    save_json(there / RUN, run)
    page = report / "report.html"
    page.write_text(page.read_text(encoding="utf-8").replace("54.32", "34.32"), encoding="utf-8")
    found = verdict.compare({"report.html": page}, made[1], there, PLAN)
    assert found.word == DIFFERS
    assert found.lines[0].startswith("run.json, book: characters: ")


def test_losses_that_are_not_finite_agree_only_with_such(tmp_path: Path) -> None:
    np.savez(tmp_path / "losses.npz", losses=np.array([np.inf]))
    run = {"training": {"final_smooth_loss": 43.5}}
    save_json(tmp_path / RUN, run)
    assert verdict._losses({"first_loss": None, "run": run}, tmp_path)[0] == []
    assert verdict._losses({"first_loss": 109.5, "run": run}, tmp_path)[0]


@pytest.mark.parametrize("name", ["passage.txt", "notebooks"])
def test_a_report_with_a_symbolic_link_is_refused(report: Path, tmp_path: Path, name: str) -> None:
    (report / name).rename(tmp_path / "moved")
    (report / name).symlink_to(tmp_path / "moved")
    with pytest.raises(InputError, match=f"{name} is a symbolic link"):
        verdict.given(report)


def test_a_file_that_is_far_too_large_is_a_difference(
    made: tuple[Path, dict[str, Any]], report: Path
) -> None:
    with (report / "passage.txt").open("r+b") as file:
        file.truncate(10**12)
    (line,) = verdict.differences(verified.named(report), made[0], ["passage.txt"])
    assert line.startswith("passage.txt: ")
