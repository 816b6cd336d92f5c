"""The size of a page: for each preset, and without the weights that it holds."""

from base64 import b64encode
from pathlib import Path

import numpy as np
import pytest

from rnn.files.storage import load_model
from tests.long.command import ROOT, Report

MEGABYTE = 1_000_000
LARGE = "cell=lstm hidden_size=150 batch_size=16 epochs=1 sample_every=300"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return the project's book, extended to two hundred different characters."""
    text = (ROOT / "data/tales.txt").read_text(encoding="utf-8").lower()
    known = sorted(set(text))
    more = [c for c in map(chr, range(0x3B1, 0x600)) if c.isprintable() and c == c.lower()]
    text += "".join(more[: 200 - len(known)])
    path = tmp_path / "book.txt"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("options", "most"),
    [
        (["", "--preset=assignment"], 2 * MEGABYTE),
        (["", "--preset=quick"], 2 * MEGABYTE),
        (["", "--preset=adam"], 2 * MEGABYTE),
        ([LARGE], MEGABYTE),  # plus the weights
    ],
    ids=["assignment", "quick", "adam", "lstm"],
)
def test_a_page_is_small(options: list[str], most: int, book: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    report = Report(book, out, *options)
    assert report.end(1800) == 0, report.lines()
    model = load_model(out / "model.npz")
    assert len(model.vocabulary) == 200
    weights = b64encode(np.zeros(model.network.theta.size, "<f4").tobytes())
    page = (out / "report.html").read_bytes()
    print(f"{options}: {len(page):,} bytes, of them {len(weights):,} weights")
    assert len(page) <= most + (len(weights) if most == MEGABYTE else 0)
