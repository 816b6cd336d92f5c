"""The page of a comparison in a browser: what hostile studies name is text, wide and narrow."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog

from rnn.files.results import write_study
from rnn.report.compare import sides
from rnn.report.compare.document import comparison_page
from tests.studies import MADE, a_study

NAME = "<img src=x onerror=alert(1)>\x1b[31m"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_is_readable_and_runs_nothing_of_theirs(
    browser: Browser, tmp_path: Path, scheme: Any, width: int
) -> None:
    study = a_study({"cell": ("rnn", NAME)}, 3)
    changed = study._replace(common={**study.common, NAME: NAME * 20}, rows=study.rows[1:])
    for name, each in (("a", study), ("b", changed)):
        write_study(tmp_path / name, each, MADE)
    a, b = (sides.read(str(tmp_path / name), "A") for name in "ab")
    path = tmp_path / "comparison.html"
    path.write_text(comparison_page(a, b, ("a", NAME)), encoding="utf-8")
    visited = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    said: list[str] = []

    def shut(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    visited.on("dialog", shut)
    visited.on("pageerror", lambda error: said.append(str(error)))
    visited.goto(path.as_uri())
    assert visited.locator("#tab-losses td").first.text_content() == (
        "cell=rnn: validation loss, nats per character"
    )
    assert visited.locator("#tab-parameters").get_by_text("onerror=alert").count() == 2
    assert visited.locator("main img").count() == 0
    wide, room = visited.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide == room
    violations: Any = Axe().run(visited).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []
    assert said == []
