"""Files of someone else's report: no links, no pipes, none without end, and none outside."""

import hashlib
import os
from pathlib import Path

import pytest

from rnn.errors import InputError
from rnn.report.verify import foreign


def test_a_file_is_read_up_to_a_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert foreign.content(tmp_path / "a", 5) == b"12345"
    with pytest.raises(InputError, match=r"a is larger than 0\.0 MB"):
        foreign.content(tmp_path / "a", 4)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_refused_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="is not a regular file"):
        foreign.content(tmp_path / "pipe")
    assert not foreign.is_the(tmp_path / "pipe", "0" * 64)


def test_a_file_is_brought_only_with_its_hash_and_to_a_new_place(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    digest = hashlib.sha256(b"12345").hexdigest()
    assert not foreign.bring(tmp_path / "a", "0" * 64, tmp_path / "b")
    assert not foreign.bring(tmp_path / "a", digest, tmp_path / "b", most=4)
    assert not (tmp_path / "b").exists()
    assert foreign.bring(tmp_path / "a", digest, tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"12345"
    with pytest.raises(FileExistsError):
        foreign.bring(tmp_path / "a", digest, tmp_path / "b")


@pytest.mark.parametrize("name", ["", ".", "..", ".a", "a/b", "a\\b", "a\0b", "/a"])
def test_a_name_that_is_no_plain_one_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="which can't be made"):
        foreign.plain(name)


def test_a_text_goes_into_a_new_file_or_is_refused_in_one_line(tmp_path: Path) -> None:
    foreign.write(tmp_path / "a", "x\udce9")
    assert (tmp_path / "a").read_bytes() == b"x\xe9"
    (tmp_path / "link").symlink_to(tmp_path / "outside")
    for name in ("a", "link", "x" * 300):
        with pytest.raises(InputError, match="which can't be made: ") as said:
            foreign.write(tmp_path / name, "y")
        assert "\n" not in str(said.value)
    assert (tmp_path / "a").read_bytes() == b"x\xe9"
    assert not (tmp_path / "outside").exists()
