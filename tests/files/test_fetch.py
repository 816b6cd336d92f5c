import hashlib
import os
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rnn.files import fetch as books
from rnn.files.library import BOOKS, Source

TEXT = b"It was a book.\r\nIt was this book.\n" * 5000


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Return the folder that the server serves."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    return shelf


@pytest.fixture
def server(shelf: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=shelf)) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(autouse=True)
def one_book(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the list of books by a single book whose home page can't be reached."""
    source = Source("A book", "1 MB", "http://127.0.0.1:9", hashlib.sha256(TEXT).hexdigest())
    monkeypatch.setattr(books, "BOOKS", {"a_book": source})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def run(name: str, data: Path, mirror: str) -> int:
    return books.main([name, "--folder", str(data), "--mirror", mirror])


def refusal(capfd: pytest.CaptureFixture[str]) -> str:
    """Return the last line on stderr; the ones before it are the progress bar's."""
    out, err = capfd.readouterr()
    assert out == ""
    assert "Traceback" not in err
    *_, last = err.splitlines()
    return last


def test_a_good_file_is_fetched_once(
    shelf: Path, server: str, data: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (shelf / "a_book.txt").write_bytes(TEXT)
    assert run("a_book", data, server) == 0
    assert (data / "a_book.txt").read_bytes() == TEXT
    out, err = capfd.readouterr()
    assert out == f"{data / 'a_book.txt'}\n"
    assert "100%" in err
    # The second time, no server is asked.
    assert run("a_book", data, "http://127.0.0.1:9") == 0


@pytest.mark.parametrize("mask", [0o022, 0o002, 0o077])
def test_the_umask_says_who_may_read_it(
    mask: int, shelf: Path, server: str, data: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (shelf / "a_book.txt").write_bytes(TEXT)
    before = os.umask(mask)
    try:
        assert run("a_book", data, server) == 0
    finally:
        os.umask(before)
    capfd.readouterr()
    assert (data / "a_book.txt").stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_wrong_hash_leaves_nothing(
    shelf: Path, server: str, data: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (shelf / "a_book.txt").write_bytes(TEXT + b"!")
    assert run("a_book", data, server) == 1
    assert f"{server}/a_book.txt is not the expected book" in refusal(capfd)
    assert not data.exists()


def test_a_book_the_server_lacks(
    server: str, data: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run("a_book", data, server) == 1
    assert refusal(capfd).endswith(f"{server}/a_book.txt: the server answered 404")
    assert not data.exists()


def test_a_server_that_is_gone(data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert books.main(["a_book", "--folder", str(data)]) == 1
    assert "a_book could not be fetched from http://127.0.0.1:9: " in refusal(capfd)
    assert not data.exists()


def test_an_unknown_name(data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("no_book", data, "http://127.0.0.1:9") == 2
    line = "error: there is no book 'no_book' to fetch: choose from a_book"
    assert refusal(capfd) == line
    assert not data.exists()


def test_another_file_of_that_name_is_kept(
    shelf: Path, server: str, data: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (shelf / "a_book.txt").write_bytes(TEXT)
    data.mkdir()
    (data / "a_book.txt").write_text("mine")
    assert run("a_book", data, server) == 2
    assert "is a different text: move it away" in refusal(capfd)
    assert (data / "a_book.txt").read_text() == "mine"


def test_a_folder_that_cannot_be_made(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").write_text("a file")
    assert run("a_book", tmp_path / "data", "http://127.0.0.1:9") == 1
    assert "a_book could not be fetched" in refusal(capfd)


def test_without_a_name_the_books_are_listed(capfd: pytest.CaptureFixture[str]) -> None:
    assert books.main([]) == 0
    assert capfd.readouterr().out.split() == ["a_book", "A", "book", "(1", "MB)"]


def test_the_list_is_whole() -> None:
    assert len(BOOKS) > 1
    for name, source in BOOKS.items():
        assert re.fullmatch("[a-z_]+", name)
        assert re.search(r"^https://.*/[0-9a-f]{40}/.*\.txt$", source.url)
        assert re.fullmatch("[0-9a-f]{64}", source.sha256)
