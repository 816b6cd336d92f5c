"""Work folders that nobody uses any more are named, and removed on request; all else is kept."""

import os
from pathlib import Path

import pytest

from rnn.report.folder import work_folder
from rnn.report.leftovers import clear, leftovers
from rnn.report.placing import MARK
from tests.finished import finished


def begun(folder: Path, name: str) -> Path:
    """Return the work folder of a report that was begun."""
    with work_folder(folder / name) as (work, _):
        (work / "checkpoint-1").write_text("weights")
        (work / "notebooks" / "01_data.ipynb").write_text("{}")
    return work


def test_what_was_begun_is_named_and_removed(tmp_path: Path) -> None:
    works = [begun(tmp_path, name) for name in ("a", "b c", "é")]
    assert leftovers(tmp_path) == sorted(works)
    assert [line.split(": ")[0] for line in clear(tmp_path)] == [
        f"removed {work}" for work in sorted(works)
    ]
    assert list(tmp_path.iterdir()) == []
    assert list(clear(tmp_path)) == []


def test_what_a_command_uses_is_left_alone(tmp_path: Path) -> None:
    with work_folder(tmp_path / "out") as (work, _):
        assert leftovers(tmp_path) == []
        assert list(clear(tmp_path)) == []
        assert (work / MARK).exists()


def test_what_is_not_ours_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {
        ".mine.work/thesis.txt": "years of work",
        f".file.work{os.sep}{MARK}/mine.txt": "a folder in the place of the mark",
        f"elsewhere/{MARK}": "",
    }
    for name, text in kept.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    (tmp_path / ".link.work").symlink_to("elsewhere")
    assert list(clear(tmp_path)) == []
    assert all((tmp_path / name).read_text() == text for name, text in kept.items())
    work = begun(tmp_path, "out")
    monkeypatch.setattr(os, "geteuid", lambda: work.stat().st_uid + 1)
    assert leftovers(tmp_path) == []


def test_links_in_it_are_removed_and_not_followed(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    (begun(tmp_path, "out") / "notebooks" / "link").symlink_to(mine)
    (tmp_path / ".out.work" / "link").symlink_to(mine)
    assert len(list(clear(tmp_path))) == 1
    assert (mine / "thesis.txt").exists()
    assert not (tmp_path / ".out.work").exists()


def test_a_finished_report_that_has_no_place_is_kept(tmp_path: Path) -> None:
    work = finished(tmp_path / "out")
    assert list(clear(tmp_path)) == [f"kept {work}: it holds a finished report"]
    assert (work / "report.html").exists()
