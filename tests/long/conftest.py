"""A small book, its report from an undisturbed run, and which worker gets which test."""

from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.long.command import ROOT, made
from tests.long.once import once

# The files whose tests take longest, the longest first: the workers then end together.
LONGEST = (
    *("test_dashboard", "test_size", "test_killed", "test_memory", "test_fuzz", "test_cache"),
    *("test_two_copies", "test_disk", "test_verify", "test_machines", "test_study_faults"),
)
# These need the whole machine: eight reports at once, a book of 1 GB.
LARGE = ("test_killed.py::test_eight_", "test_memory.py::")


class TestByTest(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives a worker one test after another, and all large ones to the same worker."""

    def _split_scope(self, nodeid: str) -> str:
        return "large" if any(name in nodeid for name in LARGE) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TestByTest:
    config.option.loadscopereorder = False  # the order is that of below
    return TestByTest(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        name = item.path.stem
        return LONGEST.index(name) if name in LONGEST else len(LONGEST)

    items.sort(key=place)


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tales = (ROOT / "data" / "tales.txt").read_text(encoding="utf-8")

    def make(folder: Path) -> None:
        (folder / "book.txt").write_text(tales[:50_000], encoding="utf-8")

    return once(tmp_path_factory, "book", make) / "book.txt"


@pytest.fixture(scope="session")
def unbroken(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(folder: Path) -> None:
        made(book, folder / "out")

    return once(tmp_path_factory, "unbroken", make) / "out"
