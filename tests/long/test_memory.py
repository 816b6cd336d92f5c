"""The memory that reports take, for long training runs and for large books."""

import random
import resource
import time
from pathlib import Path

import pytest

from rnn.files.book import read_book
from tests.long.command import ROOT, Report, peak_memory


def test_a_million_updates_stay_within_500_mb(book: Path, tmp_path: Path) -> None:
    params = "hidden_size=8 max_updates=1000000 epochs=1000"
    report = Report(book, tmp_path / "out", params)
    most = peak_memory(report)
    assert report.end() == 0, report.lines()
    print("peak memory of each process, MB:", [size // 10**6 for size in most.values()])
    assert max(most.values()) < 500e6
    assert (tmp_path / "out" / "history.csv").read_text().splitlines()[-1].startswith("999999,")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a book of 1 GB: the words of the tales, in 40 orders that come again and again."""
    path = tmp_path_factory.mktemp("large") / "large.txt"
    tales = (ROOT / "data" / "tales.txt").read_bytes().split(b" ")
    orders = random.Random(1)
    mixed = b" ".join(b" ".join(orders.sample(tales, len(tales))) for _ in range(40))
    with path.open("wb") as file:
        for _ in range(10**9 // len(mixed) + 1):
            file.write(mixed)
    assert path.stat().st_size > 10**9
    return path


def processor_time_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_book_of_a_gigabyte(large: Path, tmp_path: Path) -> None:
    before = processor_time_of_children()
    report = Report(large, tmp_path / "out", "hidden_size=8 max_updates=2000 sample_every=1000")
    most = peak_memory(report)
    assert report.end() == 0, report.lines()
    print("peak memory of each process, MB:", [size // 10**6 for size in most.values()])
    assert max(most.values()) < 1.5e9
    # Its processor time is that of reading the book a few times, as long as all is linear.
    used = processor_time_of_children() - before
    part = tmp_path / "part.txt"
    with large.open("rb") as file:
        part.write_bytes(file.read(64_000_000))
    start = time.process_time()
    read_book(part)
    once = (time.process_time() - start) * large.stat().st_size / part.stat().st_size
    large.unlink()
    print("as long as reading the book", round(used / once, 1), "times")
    assert used < 40 * once


def test_reading_a_book_takes_a_byte_a_character(tmp_path: Path) -> None:
    """Three encodings of one text of 64 MB, which are read in blocks."""
    tales = (ROOT / "data" / "tales.txt").read_text(encoding="utf-8") * 30
    found = []
    for encoding in ("utf-8", "utf-16", "cp1252"):
        path = tmp_path / f"{encoding}.txt"
        path.write_bytes(tales.replace("\n", "\r\n").encode(encoding, "replace"))
        found.append(read_book(path))
    assert found[0].indices.tobytes() == found[1].indices.tobytes()
    assert all(book.indices.itemsize == 1 for book in found)
