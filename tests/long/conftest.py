"""A small book, and its report from an undisturbed run."""

from pathlib import Path

import pytest

from tests.long.command import ROOT, made


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "book.txt"
    tales = (ROOT / "data" / "tales.txt").read_text(encoding="utf-8")
    path.write_text(tales[:50_000], encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def unbroken(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("unbroken") / "out"
    made(book, out)
    return out
