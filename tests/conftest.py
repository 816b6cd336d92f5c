"""How the tests are shared out among processes: by module, as each has fixtures of its own."""

from pathlib import Path

import pytest

# These compile the same functions of `rnn`; in one process, nothing is compiled twice.
COMPILING = {
    "test_calibration",
    "test_cells",
    "test_checkpoint",
    "test_compiled",
    "test_gradcheck",
    "test_network",
    "test_notebooks",
    "test_optimisers",
    "test_planted",
    "test_reach",
    "test_sampling",
    "test_storage",
    "test_sweep",
    "test_training",
    "test_updates",
}


@pytest.hookimpl(tryfirst=True)  # xdist then reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        module = Path(item.path).stem
        group = "compiling" if module in COMPILING else module
        item.add_marker(pytest.mark.xdist_group(group))
