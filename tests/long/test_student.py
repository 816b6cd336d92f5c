"""Whole reports of a student's functions."""

import json
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.long.command import ROOT, Report
from tests.students import write, write_wrong

SMALL = "hidden_size=10 seq_length=10 max_updates=200 sample_every=100 passage_length=100"


def test_a_right_and_a_wrong_student_get_their_reports(tmp_path: Path) -> None:
    for name, writer in (("right", write), ("wrong", write_wrong)):
        folder = tmp_path / name
        folder.mkdir()
        out = folder / "report"
        made = Report(ROOT / "data" / "tales.txt", out, SMALL, f"--student={writer(folder)}")
        assert made.end() == 0, "\n".join(made.lines())
        warned = [line for line in made.lines() if "the gradient is wrong" in line]
        check = json.loads((out / "run.json").read_text())["gradient_check"]
        text = " ".join(page.extract_text() for page in PdfReader(out / "report.pdf").pages)
        assert "student.py" in text
        if name == "right":
            assert not warned
            assert max(check["larger"].values()) < 1e-12
        else:
            assert len(warned) == 1
            assert "is wrong" in text
            assert check["larger"]["W"] > 1e-3
            assert check["larger"]["U"] == pytest.approx(0, abs=1e-12)
