"""Pandoc is the one that is installed with the project, whatever lies about."""

import os
import subprocess
import sys
from pathlib import Path

from rnn.exhibits.pandoc import PROGRAM, version

ROOT = Path(__file__).parents[2]
OTHER = "#!/bin/sh\necho pandoc 99.9\n"


def test_no_other_pandoc_is_run(tmp_path: Path) -> None:
    for folder in ("path", "bin", ".bin", "here"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "pandoc").write_text(OTHER)
        (tmp_path / folder / "pandoc").chmod(0o700)
    program = (
        "from rnn.exhibits.pandoc import convert, version\n"
        "print(convert('*a*', 'markdown', 'html').strip(), version())"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=tmp_path / "here",
        env={
            "PATH": f":.:{tmp_path / 'path'}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "PYPANDOC_PANDOC": str(tmp_path / "path" / "pandoc"),
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    own = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"<p><em>a</em></p> {version()}\n"
    assert own.stdout.split()[1] == version()
    assert not done.stderr
