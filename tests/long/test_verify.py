"""A report is made again from what it carries, by commands in processes of their own."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.long.command import ROOT, made
from tests.long.once import once

PARAMS = "hidden_size=8 max_updates=2000 sample_every=1000"
NOTES = "# Part 2\n\nIt falls. <!-- at last -->\n"


def command(module: str, *options: str, root: Path = ROOT) -> tuple[int, str]:
    """Run a command of the project, and return its exit status and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", module, *options],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr + done.stdout


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(folder: Path) -> None:
        (folder / "notes.md").write_text(NOTES)
        notes = f"--notes={folder / 'notes.md'}"
        made(ROOT / "data" / "tales.txt", folder / "out", PARAMS, notes, "--author=Ada Lovelace")

    return once(tmp_path_factory, "verified", make) / "out"


@pytest.mark.parametrize("file", ["", "report.html", "report.pdf"])
def test_a_report_is_made_again_from_each_of_its_files(
    report: Path, tmp_path: Path, file: str
) -> None:
    given = report
    if file:
        given = tmp_path / "renamed"
        given.write_bytes((report / file).read_bytes())
    status, said = command("rnn.report.verify", f"--report={given}")
    assert (status, said.splitlines()[-1]) == (
        0,
        "The same bytes: the report is what its recipe gives.",
    )


def test_an_edited_page_is_found_out(report: Path, tmp_path: Path) -> None:
    page = (report / "report.html").read_text(encoding="utf-8")
    (tmp_path / "x.html").write_text(page.replace("<p>It falls.", "<p>It rises."), encoding="utf-8")
    status, said = command("rnn.report.verify", f"--report={tmp_path / 'x.html'}")
    assert status == 1
    assert "Differs, first at report.html, the author's notes, Part 2" in said


def test_an_unpacked_archive_verifies_itself(report: Path, tmp_path: Path) -> None:
    packed = tmp_path / "report.zip"
    options = (f"--report={report}", "--date=2026-05-31", f"--out={packed}")
    assert command("rnn.report.archive", *options)[0] == 0
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path / "archive")
    root = tmp_path / "archive" / "project"
    status, said = command("rnn.report.verify", "--report=../report", root=root)
    assert status == 0, said
    assert said.splitlines()[-1] == "The same bytes: the report is what its recipe gives."
