"""A browser for the tests, and their distribution over processes: by file, but for some files."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from xdist.scheduler import LoadScopeScheduling

from tests.browser import chromium

# These compile the same functions of `rnn`: in one process, each is compiled only once.
COMPILING = {
    "test_adapting",
    "test_calibration",
    "test_cells",
    "test_checkpoint",
    "test_compiled",
    "test_evaluation",
    "test_gradcheck",
    "test_mixing",
    "test_network",
    "test_optimisers",
    "test_plain",
    "test_planted",
    "test_reach",
    "test_reading",
    "test_run",
    "test_sampling",
    "test_storage",
    "test_sweep",
    "test_together",
    "test_training",
    "test_updates",
    "test_variants",
}
# These take longest. They come next, those that need what is compiled in the end, so that two
# processes end together.
LONGEST = [
    *("test_pdf", "test_formulas", "test_present_browser", "test_trainer_browser", "test_command"),
    *("test_comparison_browser", "test_preview_browser", "test_print_browser", "test_saved_page"),
    *("test_notebooks", "test_lab_browser", "test_apart_browser", "test_page_browser"),
    *("test_make", "test_engine", "test_actions_browser"),
]
SPACE = 2 * 2**30  # bytes that the tests need at most, and as much again


# For a format that no notebook uses, jsonschema would build a parser in seconds, in each process.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def pytest_configure(config: pytest.Config) -> None:
    """Let the tests write to memory if there is enough, since much here waits for the disk.

    The long tests write gigabytes, and need the disk.
    """
    memory = Path("/dev/shm")
    short = "tests/long" not in " ".join(config.args)
    if short and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > SPACE:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes longest."""

    def place(item: pytest.Item) -> int:
        if item.path.stem in COMPILING:
            return -1
        return LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST)

    items.sort(key=place)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        name = Path(file).stem
        return "compiling" if name in COMPILING else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    config.option.loadscopereorder = False  # or most tests came first, however short
    return ByFile(config, log)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start a browser for the tests of a file."""
    with chromium() as started:
        yield started
