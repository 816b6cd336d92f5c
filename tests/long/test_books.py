"""Books and titles as they come, through the whole command: a right report, or one clear line."""

import json
import re
from pathlib import Path

import html5lib
import pytest
from pypdf import PdfReader

from tests.long.command import ROOT, Report, made
from tests.test_hostile import NOTES, TITLES
from tests.test_odd_books import ODD

TINY = "hidden_size=4 seq_length=5 max_updates=300 sample_every=100"
BOOKS = {
    "odd": ("".join(f"{text}\n" for text in ODD.values()), TINY),
    "one character repeated": ("a" * 400, TINY),
    "two characters": ("ab" * 300, TINY),
    "one sequence and one character": ("abcdef", f"{TINY} validation_fraction=0 test_fraction=0"),
    "as many characters as there are": (
        "".join(chr(0x4E00 + i * 7919 % 5000) for i in range(30_000)),
        TINY,
    ),
}


def shown(out: Path) -> tuple[str, str]:
    """Return the page, and the text of the PDF without blanks."""
    pages = PdfReader(out / "report.pdf").pages
    words = "".join("".join(page.extract_text().split()) for page in pages)
    return (out / "report.html").read_text(encoding="utf-8"), words


@pytest.mark.parametrize("kind", BOOKS)
def test_an_odd_book_becomes_a_report(kind: str, tmp_path: Path) -> None:
    text, params = BOOKS[kind]
    path, out = tmp_path / "book.txt", tmp_path / "out"
    path.write_text(text, encoding="utf-8", newline="")
    made(path, out, params)
    passage = (out / "passage.txt").read_text(encoding="utf-8")
    vocabulary = json.loads((out / "run.json").read_text(encoding="utf-8"))["book"]["vocabulary"]
    assert len(passage) == 1000
    assert set(passage) <= set(vocabulary)
    page, words = shown(out)
    assert html5lib.parse(page) is not None
    assert "Howtomakethisreportagain" in words
    assert "root:" not in words


def test_whatever_is_typed_stays_what_it_is(tmp_path: Path) -> None:
    """Markup and code in Python, Typst and the shell: in the book, its path, and all options."""
    canary = tmp_path / "made"
    name = f'x"; __import__("os").system("touch {canary.name}")#{{seed}} $(touch made) <b>.txt'
    path, out = tmp_path / name, tmp_path / '$(touch made) {seed} "out"; <i>'
    path.write_text(ODD["markup"] * 10, encoding="utf-8")
    notes = tmp_path / "`touch made`.md"
    notes.write_text(
        "".join(f"# Part {i}\n\n{NOTES[kind]}\n\n" for i, kind in enumerate(("html", "typst"), 1)),
        encoding="utf-8",
    )
    texts = zip(("title", "author", "course", "date"), TITLES, strict=False)
    more = [f"--{option}={text}" for option, text in texts]
    made(path, out, f"{TINY} prime='<script>'", *more, f"--notes={notes}", "--code=1")
    page, words = shown(out)
    tree = html5lib.parse(page)
    kinds = [str(element.tag).rpartition("}")[2] for element in tree.iter()]
    assert kinds.count("script") == 4  # the page's one, the model, the history and the recipe
    assert not {"img", "iframe"} & set(kinds)
    assert "root:" not in words
    assert "<script>alert(1)</script>" in words
    assert not list(tmp_path.rglob("made"))
    assert not (ROOT / "made").exists()
    assert not (ROOT / "notebooks" / "made").exists()


def test_the_same_text_is_the_same_report_but_for_its_hash(tmp_path: Path) -> None:
    path, found = tmp_path / "book.txt", []
    tales = (ROOT / "data" / "tales.txt").read_text(encoding="utf-8")[:5000]
    for number, (end, encoding) in enumerate({"\n": "utf-8", "\r\n": "utf-16"}.items()):
        path.write_bytes(tales.replace("\n", end).encode(encoding))
        out = tmp_path / str(number)
        made(path, out, TINY)
        book = json.loads((out / "run.json").read_text(encoding="utf-8"))["book"]
        sha256 = book["sha256"]
        assert book["encoding"] == encoding
        files = [(out / name).read_bytes() for name in ("history.csv", "model.npz", "passage.txt")]
        texts = (re.sub(f"{sha256}|utf-8|utf-16", "", each) for each in shown(out))
        found.append((*files, *texts))
        assert all(sha256 in each for each in shown(out))
    assert found[0] == found[1]


@pytest.mark.parametrize("rate", ["1e6", "1e308"])  # worse than guessing, and not finite
def test_training_that_diverges_is_a_report_that_says_so(tmp_path: Path, rate: str) -> None:
    path, out = tmp_path / "book.txt", tmp_path / "out"
    path.write_text("Once upon a time there was a tale.\n" * 500)
    report = Report(path, out, f"{TINY} learning_rate={rate}")
    assert report.end() == 0
    lines = report.lines()
    assert "Traceback" not in "\n".join(lines)
    (line,) = [line for line in lines if "diverged" in line]
    for said in ("warning: training diverged: the ", "try a smaller learning_rate", "see Part 2"):
        assert said in line
    why = json.loads((out / "run.json").read_text(encoding="utf-8"))["training"]["diverged"]
    assert why in line
    page, words = shown(out)
    assert "Training diverged:" in page
    assert "Trainingdiverged:" in words
    assert "tryasmallerlearning" in words.replace("_", "")
