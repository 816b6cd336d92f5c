"""Single changes to a finished report, as someone would make them who wants another result."""

import io
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn.report.verify import verdict
from tests import verified

Edit = Callable[[bytes], bytes]


def swap(old: str, new: str, nth: int = 0) -> Edit:
    """Return an edit that replaces the nth occurrence of a text."""

    def edit(content: bytes) -> bytes:
        pieces = content.split(old.encode())
        assert len(pieces) > nth + 1, f"{old} does not occur"
        left, right = (old.encode().join(some) for some in (pieces[: nth + 1], pieces[nth + 1 :]))
        return left + new.encode() + right

    return edit


def last(old: str, new: str) -> Edit:
    return lambda content: new.encode().join(content.rsplit(old.encode(), 1))


def at(place: float, bit: int = 1) -> Edit:
    """Return an edit of a single bit, so far into the file."""

    def edit(content: bytes) -> bytes:
        n = int(place * len(content))
        return content[:n] + bytes([content[n] ^ bit]) + content[n + 1 :]

    return edit


def value(change: Callable[[Any], object]) -> Edit:
    """Return an edit of a JSON file that keeps its form."""

    def edit(content: bytes) -> bytes:
        found = json.loads(content)
        change(found)
        return (json.dumps(found, indent=2, ensure_ascii=False) + "\n").encode()

    return edit


def arrays(change: Callable[[dict[str, Any]], object]) -> Edit:
    """Return an edit of an archive of arrays."""

    def edit(content: bytes) -> bytes:
        with np.load(io.BytesIO(content)) as archive:
            found = dict(archive)
        change(found)
        written = io.BytesIO()
        np.savez(written, **found)
        return written.getvalue()

    return edit


def drawn(page: int, change: Callable[[bytes], bytes]) -> Edit:
    """Return an edit of what is drawn on a page of a PDF."""

    def edit(content: bytes) -> bytes:
        contents = re.findall(rb"/Type/Page/.*?/Contents (\d+) 0 R", content)
        begin = content.index(b"\n%s 0 obj\n" % contents[page - 1]) + 1
        found = re.compile(rb"<</Length (\d+)/Filter/FlateDecode>>\nstream\n").search(
            content, begin
        )
        assert found
        end = found.end() + int(found[1])
        packed = zlib.compress(change(zlib.decompress(content[found.end() : end])), 9)
        head = b"<</Length %d/Filter/FlateDecode>>\nstream\n" % len(packed)
        return content[: found.start()] + head + packed + content[end:]

    return edit


def other_glyph(stream: bytes) -> bytes:
    """Write the last of the first glyphs once more in place of the one before it."""
    found = re.search(rb"\(((?:\\.|[^\\)])*)\)", stream, re.DOTALL)
    assert found
    return stream[: found.start(1)] + found[1][2:] + found[1][:2] + stream[found.end(1) :]


def nudge(found: dict[str, Any], name: str = "W") -> None:
    array = found[name].copy()
    array.flat[5] = np.nextafter(array.flat[5], 9)
    found[name] = array


PAGE, PDF = "report.html", "report.pdf"
PART_2 = "Part 2 The loss and the smoothed loss"
GRADIENTS = "notebooks/02_gradcheck.ipynb"
EDITS: list[tuple[str, Edit, str]] = [
    # The page: a number, a caption, a curve, a text, and what a reader doesn't see.
    (
        PAGE,
        swap("3.4e-09", "3.4e-10"),
        "Part 1 .*, Table 1, table, a cell: 3.4e-09? there|3.4e-10 there",
    ),
    (PAGE, swap("5.0 × 10⁻⁹", "5.0 × 10⁻¹²"), "Part 1 The gradients"),
    (PAGE, swap("held out; ", "held back; "), f"{PART_2}, Figure 1, caption"),
    (PAGE, swap("A curve that falls", "A curve that soars"), f"{PART_2}, Figure 1, drawing"),
    (PAGE, swap(" L 493.6875 206.784", " L 493.6875 106.784"), f"{PART_2}, Figure 1, drawing"),
    (PAGE, swap("font-size: 10px", "font-size: 1px"), f"{PART_2}, Figure 1, drawing"),
    (PAGE, swap("A report</title>", "My report</title>"), "head: My report there"),
    (PAGE, swap("Ada Lovelace</p>", "Bob</p>"), "title block: Bob there, Ada Lovelace made"),
    (PAGE, swap("55,770 were used to judge", "65,770 were used to judge"), f"{PART_2}: .*65,770"),
    (PAGE, swap("54.32", "34.32"), "Part 3 The evolution of the text, Text 1"),
    (PAGE, swap("the king", "the duke"), "Part 3 The evolution of the text, Text 1, text"),
    (PAGE, swap("soon</strong> less", "soon</strong> more"), f"the author's notes, {PART_2}"),
    (PAGE, swap("the end", "the END", 4), "3 Training: line 1"),
    (PAGE, swap("<h2", "<h3"), "<h3> there, <h2> made again"),
    (PAGE, swap("170,000", "180,000"), "1 The book, Table 2, table"),
    (PAGE, swap("hidden_size=100", "hidden_size=200"), "5 How to make this report again, Listing"),
    (PAGE, swap("86c4e6aa9db7", "86c4e6aa9db8"), "5 How to make this report again, Table"),
    (PAGE, swap("sha256-", "sha512-"), "head"),
    (PAGE, swap("default-src ", "default-src *, "), "head"),
    (PAGE, swap('"weights":"', '"weights":"A'), "the model that it carries: weights"),
    (PAGE, swap("98.5,107.25", "98.5,17.25"), "the history of the loss that it carries"),
    (PAGE, swap(' id="part-2"', ' id="part-9"'), "id=part-9 there, id=part-2 made again"),
    (
        PAGE,
        last('"seed":400', '"seed":401'),
        "the recipes? that .* carr.*: run: parameters: seed: 401 ",
    ),
    (PAGE, swap('"use strict"', '"use  strict"'), "its program"),
    (PAGE, swap("</main>", "<!-- checked by hand --></main>"), "checked by hand"),
    (PAGE, swap('<p class="kicker">Commentary</p>', ""), "the author's notes"),
    (PAGE, swap("loads nothing", "loads little"), "foot of the page"),
    (PAGE, swap("</style>", "td { opacity: 0 }</style>"), "style"),
    (PAGE, swap('<td class="number">', '<td  class="number">'), "line"),
    (PAGE, lambda content: content[:-1], "nothing there|line|character"),
    # The PDF: what is drawn on a page, and single bits of the rest.
    (PDF, drawn(1, other_glyph), r"page 1 \(Part \d"),
    (PDF, drawn(1, lambda stream: stream.replace(b" l\n", b" m\n", 1)), "page 1 .*what is drawn"),
    (PDF, drawn(4, lambda stream: stream + b"\n"), "page 4 "),
    (PDF, swap("/Title(A report)", "/Title(B report)"), "the outline|B report"),
    (PDF, swap("Part 1 The gradients", "Part 1 The Gradients"), "the outline.*Gradients|page"),
    (PDF, swap("/S/Title", "/S/TitlE"), "the tags"),
    (PDF, last("startxref\n", "startxref\n1"), "its table of objects"),
    (PDF, at(0.5), "page|font|object|what is on no page|tags"),
    (PDF, at(0.7, 4), "page|font|object|what is on no page|tags|table"),
    (PDF, lambda content: content + b"\n", "its table of objects"),
    # The numbers of the training.
    ("history.csv", swap("98.5", "98.4"), "row 2, loss: 98.4 there, 98.5 made again"),
    ("history.csv", swap("107.25", "17.25"), "row 2, smooth_loss: 17.25 there, 107.25 made"),
    ("history.csv", swap("100,1,98.5,107.25\n", ""), "row 2, step: 200 there, 100 made again"),
    ("history.csv", lambda content: content + b"300,1,9,9\n", "row 4: 300,1,9,9 there"),
    ("history.csv", swap("epoch,loss", "loss,epoch"), "row 0, epoch"),
    ("history.csv", swap("\n", "\r\n"), "line 1"),
    ("losses.npz", arrays(lambda found: nudge(found, "losses")), r"the array losses\[5\]"),
    ("losses.npz", arrays(lambda found: found.update(losses=found["losses"][1:])), "of shape"),
    ("model.npz", arrays(nudge), r"the array W\[0, 5\]"),
    ("model.npz", arrays(lambda found: found.pop("states")), "the array states: only made again"),
    ("model.npz", arrays(lambda found: found.update(more=1)), "the array more: only there"),
    ("model.npz", at(0.3), "made again"),
    # run.json.
    ("run.json", value(lambda run: run["parameters"].update(seed=401)), "parameters: seed: 401"),
    (
        "run.json",
        value(lambda run: run["training"].update(final_smooth_loss=33.5)),
        "training: final_smooth_loss: 33.5 there, 43.5 made again",
    ),
    ("run.json", value(lambda run: run["book"]["vocabulary"].pop()), "book: vocabulary: item"),
    ("run.json", value(lambda run: run["book"].update(sha256="0" * 64)), "book: sha256"),
    ("run.json", value(lambda run: run["versions"].update(numpy="2.2.1")), "versions: numpy"),
    ("run.json", value(lambda run: run["report"].pop("course")), "course: nothing there, DD2424"),
    ("run.json", swap('"seed": 400', '"seed": 401, "seed": 400'), "line"),
    (
        "run.json",
        value(lambda run: run["training"].update(epochs=7.0)),
        "epochs: 7.0 there, 7 made",
    ),
    # The texts and the notebooks.
    ("passage.txt", swap("miller", "killer"), "line 1, character 22"),
    ("passage.txt", lambda content: content + b"\n", "line"),
    ("evolution.txt", swap("qqq zz", "the sun"), "line 3, character 1"),
    (GRADIENTS, swap("3.4e-09", "3.4e-10"), "cell 3, outputs: item 1"),
    (GRADIENTS, swap("not a heading", "now a heading"), "cell 1, source: item"),
    (GRADIENTS, value(lambda book: book["cells"].pop()), "cell 3"),
    (GRADIENTS, value(lambda book: book["metadata"].update(by="me")), "metadata: by"),
    ("notebooks/01_data.ipynb", swap("hidden_size = 100", "hidden_size = 10"), "cell 3, source"),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    verified.write(folder)
    return folder


@pytest.fixture
def found(report: Path, tmp_path: Path) -> Callable[..., str]:
    """Return a function that edits a file, and returns where a report first differs."""

    def find(name: str, edit: Edit, *, alone: bool) -> str:
        before = (report / name).read_bytes()
        after = edit(before)
        assert after != before, "nothing was edited"
        (tmp_path / "edited").write_bytes(after)
        files = {} if alone else verified.named(report)
        files[name] = tmp_path / "edited"
        apart = "" if alone else verdict.recipe_of(files)[1]
        return apart or next(verdict.differences(files, report, verified.FILES), "")

    return find


def test_there_are_sixty() -> None:
    assert len(EDITS) >= 60
    assert len({name for name, _, _ in EDITS}) >= 8


@pytest.mark.parametrize(("name", "edit", "place"), EDITS)
def test_an_edit_is_caught_and_its_place_is_named(
    found: Callable[..., str], name: str, edit: Edit, place: str
) -> None:
    said = found(name, edit, alone=False)
    of_both = f"the recipes that {PAGE} and {PDF} carry, "  # which of them was edited is not known
    assert said.startswith((f"{name}, ", of_both)), said
    assert re.search(place, said), said


# Beside the other files a recipe of a page is compared with that of the PDF, and alone it is not.
@pytest.mark.parametrize(
    ("name", "edit", "place"), [one for one in EDITS if one[0] == PDF or "recipe" in one[2]]
)
def test_an_edit_of_a_page_or_a_pdf_alone_is_caught(
    found: Callable[..., str], name: str, edit: Edit, place: str
) -> None:
    said = found(name, edit, alone=True)
    assert said.startswith(f"{name}, "), said
    assert re.search(place, said), said


def test_an_unedited_report_is_the_same(report: Path) -> None:
    files = verified.named(report)
    assert verdict.recipe_of(files)[1] == ""
    assert not list(verdict.differences(files, report, verified.FILES))


def test_times_and_the_platform_may_differ(report: Path, tmp_path: Path) -> None:
    run = verified.run_of(report)
    run["training"]["seconds"] += 1
    run["platform"] = "Linux-6.2"
    (tmp_path / "run.json").write_text(
        json.dumps(run, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    files = verified.named(report) | {"run.json": tmp_path / "run.json"}
    assert not list(verdict.differences(files, report, verified.FILES))


def test_a_file_that_is_missing_is_named(report: Path) -> None:
    files = verified.named(report)
    del files["model.npz"]
    (line,) = verdict.differences(files, report, verified.FILES)
    assert line == "model.npz, which is missing"
