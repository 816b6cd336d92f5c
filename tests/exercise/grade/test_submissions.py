"""Folders, zip files and files that students hand in: read, and nothing else happens."""

import io
import os
import warnings
import zipfile
from pathlib import Path

import pytest

from rnn.errors import InputError
from rnn.exercise.grade.submissions import LARGEST, cells, safe, submissions
from rnn.files.archive import write_arrays


def zipped(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_folders_zip_files_and_files(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada/student.py").write_text("a")
    (tmp_path / "bob/exercise").mkdir(parents=True)
    (tmp_path / "bob/exercise/student.py").write_text("b")
    (tmp_path / "bob/notes.txt").write_text("hello")
    zipped(tmp_path / "cleo.zip", {"student.py": b"c", "README.md": b""})
    members = ("work/student.py", "__MACOSX/student.py", "x/y/student.py")
    zipped(tmp_path / "dan.ZIP", dict(zip(members, (b"d", b"", b""), strict=True)))
    (tmp_path / "eve.py").write_text("e")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "grades.xlsx").touch()
    found, others = submissions(tmp_path)
    assert [(one.name, one.source) for one in found] == [
        ("ada", b"a"), ("bob", b"b"), ("cleo", b"c"), ("dan", b"d"), ("eve", b"e"),
    ]  # fmt: skip
    assert others == ["grades.xlsx"]


def test_a_zip_file_in_a_folder_and_slashes_that_are_turned(tmp_path: Path) -> None:
    """Moodle hands out a folder for each student, with what was uploaded in it."""
    for name in ("Ada_1_file_", "both_2_file_", "two_3_file_"):
        (tmp_path / name).mkdir()
    zipped(tmp_path / "Ada_1_file_/exercise.zip", {"exercise/student.py": b"a"})
    zipped(tmp_path / "both_2_file_/old.zip", {"student.py": b"old"})
    (tmp_path / "both_2_file_/student.py").write_text("new")
    for name in ("a", "b"):
        zipped(tmp_path / f"two_3_file_/{name}.zip", {"student.py": b"x"})
    zipped(tmp_path / "windows.zip", {"exercise\\student.py": b"w", "exercise\\a.txt": b""})
    zipped(tmp_path / "hollow.zip", {"student.py/": b""})
    found = {one.name: (one.source, one.fault) for one in submissions(tmp_path)[0]}
    no = "there is no student.py at the top or one folder down"
    assert found == {
        "Ada_1_file_": (b"a", ""),
        "both_2_file_": (b"new", ""),
        "hollow": (b"", no),
        "two_3_file_": (b"", f"{no}, but a.zip, b.zip"),
        "windows": (b"w", ""),
    }


def test_letters_with_marks_stay_whole() -> None:
    assert safe("Z\u030cofie") == "\u017dofie", "as macOS writes it"
    assert safe("अनिल कुमार") == "अनिल कुमार"


def test_the_cell_is_what_is_asked_for_or_what_the_folder_says(tmp_path: Path) -> None:
    for name, cell in (("gru", "gru"), ("odd", "x\n"), ("none", "")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "student.py").touch()
        if cell:
            with (tmp_path / name / "answers.npz").open("wb") as file:
                write_arrays(file, {"cell": cell})
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/student.py").touch()
    (tmp_path / "bad/answers.npz").write_bytes(b"PK")
    found, _ = submissions(tmp_path)
    known = ("rnn", "gru", "lstm")
    assert cells(found, "", known) == {"bad": "rnn", "gru": "gru", "none": "rnn", "odd": "rnn"}
    assert {*cells(found, "lstm", known).values()} == {"lstm"}


def test_what_is_not_there_or_not_as_it_should_be_is_said(tmp_path: Path) -> None:
    large = b" " * (LARGEST["student.py"] + 1)
    (tmp_path / "empty").mkdir()
    for name in ("two/a", "two/b", "link", "pipe", "large", "deep/x/y"):
        (tmp_path / name).mkdir(parents=True)
    for path in ("two/a/student.py", "two/b/student.py", "deep/x/y/student.py"):
        (tmp_path / path).touch()
    secret = tmp_path.parent / f"{tmp_path.name}-secret"
    secret.write_text("secret")
    (tmp_path / "link/student.py").symlink_to(secret)
    os.mkfifo(tmp_path / "pipe/student.py")
    (tmp_path / "large/student.py").write_bytes(large)
    (tmp_path / "folder-link").symlink_to(tmp_path / "two")
    found, others = submissions(tmp_path)
    no = "there is no student.py at the top or one folder down"
    assert {one.name: one.fault for one in found} == {
        "deep": f"{no}, but x/y/student.py",
        "empty": no,
        "large": "student.py is larger than 1 MB",
        "link": "student.py is no regular file",
        "pipe": "student.py is no regular file",
        "two": "there is more than one student.py at the top or one folder down",
    }
    assert not any(one.source for one in found)
    assert others == ["folder-link"]


def test_what_was_handed_in_instead_is_listed(tmp_path: Path) -> None:
    for name in ("Upper/Student.py", "Upper/.git/config", "Upper/__pycache__/student.pyc"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "Upper" / "away").symlink_to("/etc")
    zipped(tmp_path / "book.zip", {"work/": b"", "work/a.ipynb": b"", "__MACOSX/work/._a": b""})
    zipped(tmp_path / "many.zip", {f"{i}.txt": b"" for i in range(6)} | {"\x1b[31m": b""})
    zipped(tmp_path / "five.zip", {f"{i}.txt": b"" for i in range(5)})
    zipped(tmp_path / "long.zip", {"\x1b[31m" + "x" * 300: b""})
    no = "there is no student.py at the top or one folder down"
    assert {one.name: one.fault for one in submissions(tmp_path)[0]} == {
        "Upper": f"{no}, but Student.py",
        "book": f"{no}, but work/a.ipynb",
        "five": f"{no}, but 0.txt, 1.txt, 2.txt, 3.txt, 4.txt",
        "long": f"{no}, but \\x1b[31m{'x' * 52}",
        "many": f"{no}, but \\x1b[31m, 0.txt, 1.txt, 2.txt, 3.txt ...",
    }


def test_hostile_zip_files_are_faults_and_write_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    outside = ("../student.py", "/student.py", "../../etc/student.py")
    zipped(folder / "out.zip", dict.fromkeys(outside, b"x"))
    bomb = {"student.py": b"\0" * 50_000_000}
    zipped(folder / "bomb.zip", bomb, compression=zipfile.ZIP_DEFLATED)
    (folder / "cut.zip").write_bytes((folder / "bomb.zip").read_bytes()[:500])
    (folder / "text.zip").write_text("no zip file")
    with zipfile.ZipFile(folder / "twice.zip", "w") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of two members of one name
        file.writestr("student.py", b"1")
        file.writestr("student.py", b"2")
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("student.py", b"secret")
    locked = bytearray(data.getvalue())
    locked[6] |= 1  # it claims to be encrypted
    locked[locked.index(b"PK\1\2") + 8] |= 1
    (folder / "locked.zip").write_bytes(locked)
    before = sorted(tmp_path.rglob("*"))
    found, _ = submissions(folder)
    faults = {one.name: one.fault for one in found}
    assert not any(one.source for one in found)
    assert faults["out"].startswith("there is no student.py at the top")
    assert faults["bomb"] == "student.py is larger than 1 MB"
    assert faults["twice"] == "twice.zip can't be read: it has student.py twice"
    for name in ("cut", "text", "locked"):
        assert faults[name].startswith(f"{name}.zip can't be read: "), faults
    assert sorted(tmp_path.rglob("*")) == before


def test_two_of_one_name_and_none_at_all_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no folder, zip file"):
        submissions(tmp_path)
    (tmp_path / "ada").mkdir()
    zipped(tmp_path / "Ada.zip", {"student.py": b""})
    with pytest.raises(InputError, match=r"Ada.zip and ada have one name|ada and Ada.zip"):
        submissions(tmp_path)


def test_names_are_files_of_their_folder_and_no_formulas() -> None:
    for name in ("=1+1", "-x", "+x", "@x", "../../x", "a/b", "a\nb", "..", "", "x" * 300, "\udcff"):
        made = safe(name)
        assert made
        assert made[0] not in "=+-@\t\r."
        assert Path(made).name == made
        assert len(made) <= 100
        made.encode()
