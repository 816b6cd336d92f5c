"""Distribute the tests over processes: by file, but keep some files together."""

from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# These compile the same functions of `rnn`: in one process, each is compiled only once.
COMPILING = {
    "test_calibration",
    "test_cells",
    "test_checkpoint",
    "test_compiled",
    "test_evaluation",
    "test_gradcheck",
    "test_network",
    "test_notebooks",
    "test_optimisers",
    "test_planted",
    "test_reach",
    "test_reading",
    "test_run",
    "test_sampling",
    "test_storage",
    "test_sweep",
    "test_training",
    "test_updates",
    "test_variants",
}
# These need the whole machine: eight reports at once, a book of 1 GB.
LARGE = {"test_killed", "test_memory"}


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        name = Path(file).stem
        return "compiling" if name in COMPILING else "large" if name in LARGE else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)
