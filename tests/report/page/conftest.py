"""What a test has opened is closed: a page goes on writing and drawing behind those of others."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser


@pytest.fixture(autouse=True)
def _closed(request: pytest.FixtureRequest) -> Iterator[None]:
    if "browser" not in request.fixturenames:
        yield
        return
    browser: Browser = request.getfixturevalue("browser")
    shared = browser.contexts
    yield
    for context in browser.contexts:
        if context not in shared:
            context.close()
