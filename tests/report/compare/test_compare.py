"""What a comparison says of two reports, and of two studies."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import html5lib
import numpy as np
import pytest

from rnn.errors import InputError
from rnn.files.results import write_study
from rnn.files.storage import save_json
from rnn.report.compare import differences, sides
from rnn.report.compare.__main__ import main
from rnn.report.compare.document import comparison_page
from rnn.report.stages import RUN
from tests import verified
from tests.studies import MADE, a_study


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """Return two reports, of which the second has another seed, passage and version."""
    one, other = (tmp_path_factory.mktemp("reports") / name for name in ("one", "other"))
    verified.write(one)
    verified.write(other)
    run = verified.run_of(other)
    run["parameters"]["seed"] = 401
    run["training"]["test_nats_per_char"] = 2.091
    run["versions"]["numpy"] = "2.3.0"
    save_json(other / RUN, run)
    (other / "passage.txt").write_text("once upon a time the queen said yes")
    return one, other


def test_what_differs_is_told_by_meaning(pair: Sequence[Path]) -> None:
    a, b = (sides.read(str(path), "A") for path in pair)
    assert differences.different(a.parameters, b.parameters) == [["seed", "400", "401"]]
    assert differences.different(a.sources, b.sources) == [["numpy", "2.2.0", "2.3.0"]]
    assert differences.losses(a, b)[-1] == [
        "test loss, nats per character",
        "1.9910",
        "2.0910",
        "+0.1000",
        "0",
    ]
    (line,) = differences.agreements(a, b)
    assert line == (
        "passage: the same for 21 characters, to 'once upon a time the ', and then differ:"
        " 'miller said no' in A, and 'queen said yes' in B."
    )


def test_one_seed_each_says_nothing_about_chance(pair: Sequence[Path]) -> None:
    a, b = (sides.read(str(path), "A") for path in pair)
    (said,) = differences.chance(a, b)
    assert "how much can't be said from one, so neither report is called better" in said


def test_a_page_alone_says_the_same_as_its_folder(pair: Sequence[Path]) -> None:
    folder = sides.read(str(pair[0]), "A")
    page = sides.read(str(pair[0] / "report.html"), "A")
    assert page.parameters == folder.parameters
    assert page.curves == folder.curves
    assert page.losses == folder.losses


def test_the_same_report_has_no_differences(pair: Sequence[Path]) -> None:
    a = sides.read(str(pair[0]), "A")
    assert differences.different(a.parameters, a.parameters) == []
    assert {(*row[-2:],) for row in differences.losses(a, a)} == {("+0.0000", "1")}
    assert differences.cautions(a, a) == []
    assert differences.chance(a, a) == ["All losses are the same."]
    assert differences.agreements(a, a) == ["passage: the same 35 characters."]


@pytest.mark.parametrize(("shift", "verdict"), [(0.5, "do not explain"), (0.0, "can explain")])
def test_several_seeds_tell_chance_from_a_difference(
    tmp_path: Path, shift: float, verdict: str
) -> None:
    study = a_study({"learning_rate": (0.1,)}, 5)
    noise = np.random.default_rng(1).normal(0, 0.02, 5)
    rows = [
        row._replace(validation=(row.validation or 0) + shift + float(noise[i]))
        for i, row in enumerate(study.rows)
    ]
    for name, each in (("a", study), ("b", study._replace(rows=tuple(rows)))):
        write_study(tmp_path / name, each, MADE)
    a, b = (sides.read(str(tmp_path / name), "A") for name in "ab")
    (said,) = differences.chance(a, b)
    assert said.startswith("learning_rate=0.1: validation loss, nats per character: B − A is ")
    assert "over 5 seeds, with a 95 % interval" in said
    assert verdict in said


def test_the_command_prints_and_writes_a_page(
    pair: Sequence[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "c.html"
    assert main([f"--a={pair[0]}", f"--b={pair[1]}", f"--out={out}"]) == 0
    printed = capsys.readouterr().out
    assert "Parameters that differ\n        A    B\n  seed  400  401\n" in printed
    page = html5lib.parse(out.read_text(encoding="utf-8"), namespaceHTMLElements=False)
    assert [head.get("id") for head in page.findall(".//h2")] == [
        *("parameters", "curves", "losses", "texts", "sources", "again")
    ]
    assert len(page.findall(".//figure[@id='fig-curves']//{*}svg")) == 1
    cells = [cell.text for cell in page.findall(".//figure[@id='tab-sources']//td//code")]
    assert cells == ["2.2.0", "2.3.0"]


def test_the_same_two_give_the_same_page(pair: Sequence[Path]) -> None:
    a, b = (sides.read(str(path), "A") for path in pair)
    assert comparison_page(a, b, ("x", "y")) == comparison_page(a, b, ("x", "y"))


def test_losses_that_were_measured_otherwise_are_not_compared(tmp_path: Path) -> None:
    """A validation loss per character and a smoothed one per sequence are two things."""
    for name, held_out in (("a", True), ("b", False)):
        write_study(tmp_path / name, a_study({"cell": ("rnn",)}, 3, held_out=held_out), MADE)
    a, b = (sides.read(str(tmp_path / name), "A") for name in "ab")
    assert differences.losses(a, b) == []
    assert differences.cautions(a, b) == [
        "Only A has cell=rnn: validation loss, nats per character.",
        "Only B has cell=rnn: smoothed loss at the end, nats per sequence.",
    ]
    (said,) = differences.chance(a, b)
    assert "no losses are compared" in said


def test_means_are_over_the_seeds_in_both(tmp_path: Path) -> None:
    """The loss of seed 402, which one of them alone has, would move the mean of that one."""
    study = a_study({"cell": ("rnn",)}, 3)
    more = [row._replace(validation={400: 2.0, 401: 2.5, 402: 9.0}[row.seed]) for row in study.rows]
    write_study(tmp_path / "a", study._replace(seeds=(400, 401), rows=tuple(more[:2])), MADE)
    write_study(tmp_path / "b", study._replace(rows=tuple(more)), MADE)
    a, b = (sides.read(str(tmp_path / name), "A") for name in "ab")
    ((_, *row),) = differences.losses(a, b)
    assert row == ["2.2500", "2.2500", "+0.0000", "2"]
    (said,) = differences.chance(a, b)
    assert said.endswith("2 seeds are in both; at least 3 are needed to say anything about chance.")


def test_runs_without_a_loss_are_named(tmp_path: Path) -> None:
    study = a_study({"cell": ("rnn", "gru")}, 3, lost={1: "diverged"})
    write_study(tmp_path / "a", study._replace(rows=study.rows[1:]), MADE)
    a = sides.read(str(tmp_path / "a"), "A")
    assert differences.cautions(a, a)[:2] == [
        "A, cell=rnn: no loss with seed 400 (not ended).",
        "A, cell=gru: no loss with seed 400 (diverged), 401 (diverged), 402 (diverged).",
    ]


def test_other_books_and_sequences_are_said(tmp_path: Path) -> None:
    study = a_study({"cell": ("rnn",)}, 3)
    changed = study._replace(
        book={**study.book, "sha256": "6" * 64}, common={**study.common, "seq_length": 50}
    )
    for name, each in (("a", study), ("b", changed)):
        write_study(tmp_path / name, each, MADE)
    a, b = (sides.read(str(tmp_path / name), "A") for name in "ab")
    books, lengths = differences.cautions(a, b)
    assert books.startswith("The books differ")
    assert lengths.startswith("The sequences differ in length")


def test_a_study_without_a_finished_run_has_no_curve(tmp_path: Path) -> None:
    study = a_study({"cell": ("rnn",)}, 1, lost={0: "failed"})
    write_study(tmp_path / "a", study, MADE)
    write_study(tmp_path / "b", a_study({"cell": ("rnn",)}, 1), MADE)
    a, b = (sides.read(str(tmp_path / name), "A") for name in "ab")
    assert "Neither has a curve." in comparison_page(a, a, ("x", "x"))
    assert "A has no curve and B ends at" in comparison_page(a, b, ("x", "y"))
    assert differences.agreements(a, b)[0] == "A has no text that can be read here."


def test_a_page_without_a_model_or_a_history_has_neither_passage_nor_curve(
    pair: Sequence[Path], tmp_path: Path
) -> None:
    page = (pair[0] / "report.html").read_text(encoding="utf-8")
    for name in ("model", "history"):
        page, count = re.subn(sides.BLOCK.format(name), "", page)
        assert count == 1
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    a = sides.read(str(tmp_path / "report.html"), "A")
    assert (a.passages, a.curves) == ({}, {})
    assert differences.agreements(a, a)[0] == "A has no text that can be read here."


def test_texts_that_part_at_once_or_where_one_ends() -> None:
    a, b = (
        sides.Side("report", {}, {}, {}, {"x": one, "y": other}, {}, ())
        for one, other in (("so", "once"), ("no", "o"))
    )
    assert differences.agreements(a, b) == [
        "x: differ from the first character on: 'so' in A, and 'no' in B.",
        "y: the same for 1 character, to 'o', and then differ: 'nce' in A, and nothing more in B.",
    ]


def test_long_values_are_cut_to_where_they_differ() -> None:
    one, other = ({"settings": "x" * 500 + end + "y" * 500} for end in "ab")
    (row,) = differences.different(one, other)
    assert row[1].startswith("…" + "x" * differences.AROUND + "a")
    assert row[2].startswith("…" + "x" * differences.AROUND + "b")
    assert max(map(len, row)) <= differences.WIDEST + 2


def test_hostile_text_is_shown_and_not_obeyed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "\x1b]0;mine\x07\nSources that differ\n<script>alert(1)</script>"
    for name, text in (("a", ""), ("b", hostile)):
        study = a_study({"cell": ("rnn",)}, 3)
        study = study._replace(
            book={**study.book, "name": f"Tales{text}"}, common={**study.common, f"m{text}": text}
        )
        write_study(tmp_path / name, study, MADE)
    out = tmp_path / "c.html"
    assert main([f"--a={tmp_path / 'a'}", f"--b={tmp_path / 'b'}", f"--out={out}"]) == 0
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert r"m\x1b]0;mine\x07\nSources that differ\n<script>" in printed
    assert printed.count("\nSources that differ\n") == 1
    page = html5lib.parse(out.read_text(encoding="utf-8"), namespaceHTMLElements=False)
    assert not [one for one in page.iter("script") if "alert(1)" in (one.text or "")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("history.csv", 'step,smooth_loss\n0,"' + "1" * 200_000),
        ("history.csv", "step,smooth_loss\n0,nan\n"),
        ("history.csv", f"step,smooth_loss\n{10**400},1\n"),
        ("run.json", "[" * 5000),
        ("passage.txt", None),
    ],
)
def test_a_damaged_report_is_refused_in_one_line(
    pair: Sequence[Path], tmp_path: Path, name: str, content: str | None
) -> None:
    report = tmp_path / "report"
    shutil.copytree(pair[0], report)
    (report / name).unlink()
    if content is None:
        (report / name).symlink_to(pair[0] / name)
    else:
        (report / name).write_text(content)
    with pytest.raises(InputError, match=r"^A: ") as refused:
        sides.read(str(report), "A")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("study.json", '"seeds"', '"sides"'),
        ("study.json", '"Tales"', "[[]]"),
        ("runs.csv", "400,done", "x,done"),
        ("curves.csv", ",0,", ",inf,"),
        ("samples.txt", None, None),
    ],
)
def test_a_damaged_study_is_refused_or_read(
    tmp_path: Path, name: str, old: str | None, new: str | None
) -> None:
    write_study(tmp_path, a_study({"cell": ("rnn",)}, 3), MADE)
    content = (tmp_path / name).read_text()
    (tmp_path / name).unlink()
    if old is None or new is None:
        (tmp_path / name).symlink_to("/dev/zero")
    else:
        assert old in content
        (tmp_path / name).write_text(content.replace(old, new))
    if new == "[[]]":
        assert sides.read(str(tmp_path), "A").sources["book"] == "[[]]"
        return
    with pytest.raises(InputError, match=r"^A: "):
        sides.read(str(tmp_path), "A")


def test_a_text_of_no_setting_is_passed_over(tmp_path: Path) -> None:
    write_study(tmp_path, a_study({"cell": ("rnn", "gru")}, 3), MADE)
    (tmp_path / "samples.txt").write_text("=== setting 0: other; 3 characters ===\nxyz\n")
    assert sides.read(str(tmp_path), "A").passages == {}


def test_a_report_is_not_compared_with_a_study(
    pair: Sequence[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_study(tmp_path, a_study({"cell": ("rnn",)}, 3), MADE)
    assert main([f"--a={pair[0]}", f"--b={tmp_path}", f"--out={tmp_path / 'c.html'}"]) == 2
    assert "A is a report, and B is a study: name two" in capsys.readouterr().err
    assert not (tmp_path / "c.html").exists()


def test_only_an_earlier_comparison_is_overwritten(
    pair: Sequence[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither what is compared, nor any other page."""
    mine = tmp_path / "mine.html"
    mine.write_text("my own")
    for taken in (mine, pair[0] / "report.html"):
        before = taken.read_bytes()
        assert main([f"--a={pair[0]}", f"--b={pair[1]}", f"--out={taken}"]) == 2
        assert "is there and is no earlier comparison" in capsys.readouterr().err
        assert taken.read_bytes() == before
    for _ in range(2):
        assert main([f"--a={pair[0]}", f"--b={pair[1]}", f"--out={tmp_path / 'c.html'}"]) == 0


def test_what_is_no_report_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "study.json").write_text("{}")
    with pytest.raises(InputError, match="B is missing"):
        sides.read("", "B")
    with pytest.raises(InputError, match=r"^B: "):
        sides.read(str(tmp_path), "B")
    assert main(["--a=nowhere", "--b=nowhere"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["--a=nowhere", "--b=nowhere", "--out=x.pdf"]) == 2
    assert "OUT: x.pdf is no file that ends in .html" in capsys.readouterr().err
