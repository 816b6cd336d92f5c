"""An archive: the same bytes, all that its description names, and nothing that may not be given."""

import hashlib
import json
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml

from rnn.errors import InputError
from rnn.files.storage import save_json
from rnn.report import ROOT
from rnn.report.archive import pack
from rnn.report.archive.__main__ import main
from rnn.report.archive.pack import make
from rnn.report.record import versions
from rnn.report.stages import RUN
from rnn.report.verify import carried
from tests import verified

TALES = "1d5b3e94942bb2227ff3409a23168269c8ef6bfc973a1529945ae5e72dc17dd7"
DAY = "2026-05-31"


def report(
    folder: Path,
    sha256: str,
    path: str = "data/tales.txt",
    pictures: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """Write a report of this state of the program, of a book."""
    recipe = verified.write(folder)
    run = verified.run_of(folder)
    run["versions"] = versions()
    run["book"] |= {"sha256": sha256, "path": path}
    save_json(folder / RUN, run)
    recipe["added"]["pictures"] = {**pictures}
    recipe["run"] = carried.without(run, (*carried.TIMES, *carried.PLATFORM))
    recipe |= {"program": carried.program(), "lock": carried.lock()}
    verified.draw(folder, recipe)
    return folder


@pytest.fixture(scope="module")
def tales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report(tmp_path_factory.mktemp("of") / "tales", TALES)


@pytest.fixture(scope="module")
def archive(tales: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    path, said = make(str(tales), str(tmp_path_factory.mktemp("to") / "a.zip"), DAY, "")
    assert not [line for line in said if "left out" in line]
    return zipfile.ZipFile(path)


def described(archive: zipfile.ZipFile) -> dict[str, dict[str, Any]]:
    graph = json.loads(archive.read("ro-crate-metadata.json"))["@graph"]
    found = {entity["@id"]: entity for entity in graph}
    assert len(found) == len(graph), "each thing is described once"
    return found


def test_the_same_report_gives_the_same_bytes(
    tales: Path, archive: zipfile.ZipFile, tmp_path: Path
) -> None:
    path, _ = make(str(tales), str(tmp_path / "again.zip"), DAY, "")
    assert archive.filename
    assert path.read_bytes() == Path(archive.filename).read_bytes()
    assert archive.namelist() == sorted(archive.namelist())
    assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    # What zlib gives, and what a system is called, are not the same everywhere.
    kinds = {(entry.compress_type, entry.create_system) for entry in archive.infolist()}
    assert kinds == {(zipfile.ZIP_STORED, 3)}


def test_it_has_report_recipe_lock_sources_and_book(tales: Path, archive: zipfile.ZipFile) -> None:
    for name in verified.FILES:
        assert archive.read(f"report/{name}") == (tales / name).read_bytes(), name
    assert json.loads(archive.read("recipe.json")) == carried.read(tales / "report.html")
    for name in ("requirements.txt", "Makefile", "rnn/vanilla.py", "notebooks/01_data.py"):
        assert archive.read(f"project/{name}") == (ROOT / name).read_bytes(), name
    book = ROOT / "data" / "tales.txt"
    assert archive.read("project/data/tales.txt") == book.read_bytes()
    assert not [name for name in archive.namelist() if "__pycache__" in name or ".venv" in name]


def test_its_sources_are_those_that_the_recipe_names(
    archive: zipfile.ZipFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.extractall(tmp_path)
    monkeypatch.setattr(carried, "ROOT", tmp_path / "project")
    assert carried.program() == json.loads(archive.read("recipe.json"))["program"]
    (tmp_path / "project" / "rnn" / "more.py").touch()
    assert carried.program() != json.loads(archive.read("recipe.json"))["program"]


def test_its_description_is_a_process_run_crate(archive: zipfile.ZipFile) -> None:
    found = described(archive)
    root, run = found["./"], found["#run"]
    assert found["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    assert found["ro-crate-metadata.json"]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert root["conformsTo"] == {"@id": "https://w3id.org/ro/wfrun/process/0.5"}
    assert (root["@type"], root["datePublished"]) == ("Dataset", DAY)
    assert root["mentions"] == {"@id": "#run"}
    assert run["@type"] == "CreateAction"
    assert "SoftwareApplication" in found[run["instrument"]["@id"]]["@type"]
    assert {one["@id"] for one in run["result"]} == {f"report/{n}" for n in verified.FILES}
    assert found[run["agent"]["@id"]]["name"] == "Ada Lovelace"
    assert found["#seed"]["value"] == "400"
    assert found["project/data/tales.txt"]["license"] == {
        "@id": "https://creativecommons.org/publicdomain/zero/1.0/"
    }
    assert {"@id": "project/data/tales.txt"} in run["object"]
    assert {"@id": "project/data/tales.txt"} in root["hasPart"]


def test_all_that_it_refers_to_is_described_and_there(archive: zipfile.ZipFile) -> None:
    found = described(archive)

    def references(value: Any) -> set[str]:
        if isinstance(value, list):
            return set().union(*map(references, value))
        return {value["@id"]} if isinstance(value, dict) else set()

    named = set().union(*(references(value) for one in found.values() for value in one.values()))
    assert named - {"https://w3id.org/ro/crate/1.1"} <= found.keys()
    files = {name for name, entity in found.items() if entity["@type"] == "File"}
    assert files <= {*archive.namelist()}
    for name in files - {"project/data/tales.txt"}:
        assert int(found[name]["contentSize"]) == len(archive.read(name)), name


def test_it_says_how_to_cite_the_report(archive: zipfile.ZipFile) -> None:
    cited = yaml.safe_load(archive.read("CITATION.cff"))
    assert cited["title"] == "A report"
    assert cited["authors"] == [{"name": "Ada Lovelace"}]
    assert str(cited["date-released"]) == DAY
    assert cited["references"][0]["version"] == versions()["rnn"]


def test_a_book_that_may_not_be_given_on_is_left_out_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = report(tmp_path / "other", "7" * 64)
    assert main([f"--report={folder}", f"--date={DAY}"]) == 0
    said = capsys.readouterr()
    assert "the book tales.txt is left out" in said.err
    assert "needs BOOK=tales.txt, with SHA-256 7777" in said.err
    with zipfile.ZipFile(tmp_path / "other.zip") as made:
        assert "project/data/tales.txt" not in made.namelist()
        found = described(made)
    assert found["urn:sha256:" + "7" * 64]["@type"] == "CreativeWork"


def test_what_can_not_be_packed_is_refused(tales: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="REPORT is missing"):
        make("", "", "", "")
    with pytest.raises(InputError, match="is not the folder of a report"):
        make(str(tales / "report.html"), "", DAY, "")
    with pytest.raises(InputError, match=r"the report's date is 'May 2026': give the day"):
        make(str(tales), "", "", "")
    with pytest.raises(InputError, match="DATE is '31 May'"):
        make(str(tales), "", "31 May", "")
    taken = tmp_path / "mine.zip"
    taken.write_text("my own")
    with pytest.raises(InputError, match="is there and is no earlier archive"):
        make(str(tales), str(taken), DAY, "")
    assert taken.read_text() == "my own"
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04" + bytes(40))
    with pytest.raises(InputError, match="is there and is no earlier archive"):
        make(str(tales), str(tmp_path / "cut.zip"), DAY, "")


def test_an_earlier_archive_is_replaced_beside_reports_with_dots_in_their_names(
    tales: Path, tmp_path: Path
) -> None:
    for name in ("my.novel", "my.poem", "my.poem"):
        shutil.copytree(tales, tmp_path / name, dirs_exist_ok=True)
        path, _ = make(str(tmp_path / name), "", DAY, "")
        assert path == tmp_path / f"{name}.zip"
        with zipfile.ZipFile(path) as made:
            assert made.testzip() is None


def test_a_book_whose_name_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    folder = report(tmp_path / "other", TALES, "data/..")
    with pytest.raises(InputError, match=r"names a file '\.\.', which can't be made"):
        make(str(folder), "", DAY, "")


@pytest.mark.parametrize("name", ["passage.txt", "run.json", "notebooks/01_data.ipynb"])
def test_a_report_that_was_changed_is_refused(tales: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(tales, folder)
    content = (folder / name).read_text()
    (folder / name).write_text(content.replace("e", "a", 20))
    with pytest.raises(InputError, match="REPORT: it "):
        make(str(folder), "", DAY, "")
    assert not (tmp_path / "changed.zip").exists()


def test_a_link_to_a_file_outside_is_refused(tales: Path, tmp_path: Path) -> None:
    folder = tmp_path / "linked"
    shutil.copytree(tales, folder)
    (tmp_path / "private.txt").write_text((folder / "passage.txt").read_text())
    (folder / "passage.txt").unlink()
    (folder / "passage.txt").symlink_to(tmp_path / "private.txt")
    with pytest.raises(InputError, match=r"passage\.txt is a symbolic link"):
        make(str(folder), "", DAY, "")


def test_what_is_no_picture_of_the_report_is_left_out(tmp_path: Path) -> None:
    """A recipe can name any file as a picture, with its hash, and even one of the report's."""
    folder = tmp_path / "of" / "hostile"
    folder.mkdir(parents=True)
    (folder / "id_rsa").write_text("private")
    (tmp_path / "of" / "key").write_text("private")
    digest = hashlib.sha256(b"private").hexdigest()
    pictures = dict.fromkeys(("id_rsa", "../key", "run.json"), digest)
    report(folder, TALES, pictures=pictures)
    path, said = make(str(folder), "", DAY, "")
    for name in pictures:
        assert any(line.startswith(f"the picture {name} is left out") for line in said)
    with zipfile.ZipFile(path) as made:
        assert not [name for name in made.namelist() if name.endswith(("id_rsa", "key"))]
        assert made.read("report/run.json") == (folder / "run.json").read_bytes()


def test_files_that_git_does_not_track_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack, "ROOT", tmp_path)
    names = ["rnn/mine.py", "rnn/ours.py"]
    (tmp_path / "rnn").mkdir()
    for name in names:
        (tmp_path / name).touch()
    assert pack._untracked(names) == []  # there is no repository
    for words in (["init", "-q"], ["add", "rnn/ours.py"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    assert pack._untracked(names) == ["rnn/mine.py"]
