"""The README's Python runs, and prints what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_prints_what_the_readme_says() -> None:
    """The texts may differ: another processor rounds the last digits otherwise."""
    ((example, said),) = re.findall(r"```python\n(.*?)```\n\n```\n(.*?)```", README, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    loss, unit = said.partition("\n")[0].split(" ", 1)
    found, found_unit = done.stdout.partition("\n")[0].split(" ", 1)
    assert found_unit == unit
    assert float(found) == pytest.approx(float(loss), rel=0.05)
    written, shown = (text.partition("\n")[2] for text in (done.stdout, said))
    assert len(written) == 160 + len("\n")
    assert len(shown) in (len(written), len(written.rstrip()) + 1)


def test_every_file_that_the_readme_links_to_is_there() -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", README)
    assert targets
    assert not [target for target in targets if not (ROOT / target).exists()]
