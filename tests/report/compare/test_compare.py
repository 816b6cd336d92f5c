"""What a comparison says of two reports, and of two studies."""

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
    ]
    (line,) = differences.agreements(a, b)
    assert line == (
        "passage: the same for 21 characters, to 'once upon a time the '; then 'miller said no'"
        " against 'queen said yes'."
    )


def test_one_seed_each_says_nothing_about_chance(pair: Sequence[Path]) -> None:
    a, b = (sides.read(str(path), "A") for path in pair)
    (said,) = differences.chance(a, b)
    assert "how much can't be said from that, so neither is called better" in said


def test_a_page_alone_says_the_same_as_its_folder(pair: Sequence[Path]) -> None:
    folder = sides.read(str(pair[0]), "A")
    page = sides.read(str(pair[0] / "report.html"), "A")
    assert page.parameters == folder.parameters
    assert page.curves == folder.curves
    assert page.losses == folder.losses


def test_the_same_report_has_no_differences(pair: Sequence[Path]) -> None:
    a = sides.read(str(pair[0]), "A")
    assert differences.different(a.parameters, a.parameters) == []
    assert all(row[-1] == "+0.0000" for row in differences.losses(a, a))
    assert list(differences.agreements(a, a)) == ["passage: the same 35 characters."]


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
    assert said.startswith("learning_rate=0.1: B − A is ")
    assert "over 5 seeds, with a 95 % interval" in said
    assert verdict in said


def test_the_command_prints_and_writes_a_page(
    pair: Sequence[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "c.html"
    assert main([f"--a={pair[0]}", f"--b={pair[1]}", f"--out={out}"]) == 0
    printed = capsys.readouterr().out
    assert "  seed  400  401\n" in printed
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
