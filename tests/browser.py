"""A real browser for the tests that need one: the system's Chromium."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RUNNING: list[Playwright] = []


@contextmanager
def chromium(**environment: str) -> Iterator[Browser]:
    """Start the browser; if there is none, skip the test, or fail it if REQUIRE_BROWSER=1."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        reason = f"there is no browser on the PATH: {', '.join(NAMES)}"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with _driver() as driver:
        browser = driver.chromium.launch(
            executable_path=found, args=FLAGS, env={**os.environ, **environment}
        )
        yield browser
        browser.close()


@contextmanager
def _driver() -> Iterator[Playwright]:
    """Provide Playwright, of which a process can run only one: a second browser shares it."""
    if RUNNING:
        yield RUNNING[0]
        return
    with sync_playwright() as driver:
        RUNNING.append(driver)
        yield driver
        RUNNING.clear()
