"""The command: what it refuses, in one line, and what it says of a report that disagrees."""

from pathlib import Path

import pytest

from rnn.report.record import versions
from rnn.report.verify import carried
from rnn.report.verify.__main__ import main
from tests import verified

CODE = "print('mine')\n\ncompiling, as only a first run does: evil()\nend()\x1b[2J"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a report that carries code, of this state of the program."""
    folder = tmp_path_factory.mktemp("report")
    recipe = verified.write(folder)
    recipe["run"]["versions"] = versions()
    recipe |= {"program": carried.program(), "lock": carried.lock()}
    recipe["added"]["chapters"] = {"05_mine": CODE}
    recipe["files"]["notebooks/05_mine.ipynb"] = "0" * 64
    verified.draw(folder, recipe)
    return folder


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "REPORT is missing: name a report's folder, its page or its PDF"),
        (["--report=nowhere"], "REPORT: nowhere can't be read: No such file or directory"),
        (["--report=.", "--trust=yes"], "TRUST must be 1"),
        (["--repot=x"], "unrecognized arguments: --repot=x"),
    ],
)
def test_a_wrong_request_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr().err
    assert said in printed
    assert printed.count("\n") == 1


def test_code_is_shown_and_not_run_without_trust(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([f"--report={report / 'report.pdf'}"]) == 2
    printed = capsys.readouterr().err
    shown = ["| print('mine')", "| ", "| compiling, as only a first run does: evil()"]
    assert printed.splitlines()[:4] == ["--- notebooks/05_mine.py", *shown]
    assert printed.splitlines()[4].startswith("| end()")
    assert "\x1b" not in printed
    assert "let it run by TRUST=1" in printed.splitlines()[-1]


def test_a_report_that_contradicts_itself_differs(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("report.html", "report.pdf"):
        (tmp_path / name).write_bytes((report / name).read_bytes())
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    edited = page.replace('"processor":"', '"processor":"My ')
    (tmp_path / "report.html").write_text(edited, encoding="utf-8", newline="\n")
    assert main([f"--report={tmp_path}"]) == 1
    assert (
        "Differs, first at the recipes that report.html and report.pdf carry, which must be the"
        " same: run: versions: processor: "
    ) in capsys.readouterr().err
