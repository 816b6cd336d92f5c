"""Where exhibits and chapters stand on the pages of the PDF."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader

from rnn.report.paper import setting
from rnn.report.paper.exporter import TEMPLATE
from rnn.report.paper.glyphs import FONTS, typst_string

SHAPE = typst_string('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1"/>')
HEAD = '#import "report.typ": *\n#show: report.with(title-text: "T", title: [T], author: "A")\n'
HEAD += '#heading-at(1, "Part 1", [One], "part-1")\n#pagebreak()\n'
BOTTOM = 2.1 / 2.54 * 72  # points
HIGH = (29.7 - 4.1) / 2.54 * 72


def made(body: str, folder: Path) -> list[dict[str, float]]:
    """Return the heights of the words on each page, from its second page on."""
    (folder / "fonts").mkdir(exist_ok=True)
    shutil.copy(FONTS[1], folder / "fonts")
    shutil.copy(TEMPLATE / "report.typ", folder)
    (folder / "fonts.json").write_text("[]")
    (folder / "main.typ").write_text(f"{HEAD}{body}", encoding="utf-8")
    assert setting.main(folder) is None
    return [dict(words(page)) for page in PdfReader(folder / "made.pdf").pages][1:]


def words(page: object) -> Iterator[tuple[str, float]]:
    found: list[tuple[str, float]] = []

    def note(said: str, to: list[float], at: list[float], *_: object) -> None:
        y = at[4] * to[1] + at[5] * to[3] + to[5]
        found.extend((word, y) for word in said.split() if BOTTOM < y < BOTTOM + HIGH)

    page.extract_text(visitor_text=note)  # type: ignore[attr-defined]
    yield from found


def picture(height: float, noun: str = "Figure") -> str:
    shape = f'image(bytes({SHAPE}), alt: "A", width: 100%, height: {height}cm)'
    return f'#shown("{noun}", 1, "fig-x", [Cap.], {{ {shape} }})\n\n'


def noted(height: float, at: str = "n") -> str:
    shape = f'image(bytes({SHAPE}), alt: "A", width: 100%, height: {height}cm)'
    return f'#noted("Figure", 1, "fig-{at}", [Cap-{at}.], {{ {shape} }})\n\n'


AFTER = " ".join(["After."] * 30) + "\n\n"
NEXT = '#heading-at(2, "1.2", [Next], "section-1-2")\n\nEnd.\n'


@pytest.mark.parametrize("before", [3.0, 9.0, 14.0, 15.5, 16.0, 16.5, 19.0, 22.0, 24.5])
def test_a_picture_stands_where_it_is_told_unless_that_leaves_much_empty(
    before: float, tmp_path: Path
) -> None:
    body = f"#v({before - 0.5}cm)\nBefore.\n\n{picture(9)}{AFTER}{NEXT}"
    sheets = made(body, tmp_path)
    (at,) = (n for n, one in enumerate(sheets) if "Cap." in one)
    (end,) = (n for n, one in enumerate(sheets) if "Next" in one)
    left = 25.6 - before
    if left > 9 * setting.LEGIBLE + 2:
        assert at == 0
    if at == 1:
        assert ("After." in sheets[0]) == (left > setting.EMPTY * 25.6), "the text goes on"
    if "After." in sheets[at]:
        assert (sheets[at]["Cap."] > sheets[at]["After."]) or at == 1
    assert (end, -sheets[end]["Next"]) > (at, -sheets[at]["Cap."]), "never past its section"


def test_a_picture_is_made_no_smaller_than_its_type_allows(tmp_path: Path) -> None:
    at = {}
    for tenths in range(130, 180, 5):
        sheets = made(f"#v({tenths / 10}cm)\n{picture(9)}End.", tmp_path)
        at[tenths] = next(n for n, one in enumerate(sheets) if "Cap." in one)
    kept = [tenths for tenths, page in at.items() if page == 0]
    room = 25.6 - kept[-1] / 10
    assert 9 * setting.LEGIBLE < room < 9 * setting.LEGIBLE + 2
    assert kept == sorted(at)[: len(kept)]


@pytest.mark.parametrize(("height", "follows"), [(1, True), (9, True), (12, False), (25, False)])
def test_a_chapter_follows_what_has_little_on_its_last_page(
    height: float, follows: bool, tmp_path: Path
) -> None:
    chapter = '#heading-at(1, "2", [Chapter], "chapter-2")\n\nIts text.\n'
    sheets = made(f"#rect(height: {height}cm)\n\nLast.\n\n{chapter}", tmp_path)
    assert len(sheets) == (1 if follows else 2)
    assert "Chapter" in sheets[-1]


@pytest.mark.parametrize("before", [3.0, 9.0, 12.0, 14.0, 15.5, 16.0, 19.0, 22.0])
@pytest.mark.parametrize("alone", [False, True], ids=["with text", "last"])
def test_a_picture_of_notes_is_placed_likewise_and_stays_in_its_part(
    before: float, alone: bool, tmp_path: Path
) -> None:
    text = "" if alone else AFTER
    end = '#heading-at(1, "Part 2", [Next], "part-2")\n\nEnd.\n'
    sheets = made(f"#v({before - 0.5}cm)\n#notes[\nBefore.\n\n{noted(9)}{text}]\n{end}", tmp_path)
    (at,) = (n for n, one in enumerate(sheets) if "Cap-n." in one)
    (last,) = (n for n, one in enumerate(sheets) if "Next" in one)
    left = 25.6 - before
    if left > 9 + 3:
        assert at == 0
    if at == 1 and left > setting.EMPTY * 25.6 + 1 and not alone:
        assert "After." in sheets[0], "the text goes on"
    assert (last, -sheets[last]["Next"]) > (at, -sheets[at]["Cap-n."])


def test_pictures_keep_their_order_where_one_floats(tmp_path: Path) -> None:
    pictures = f"{noted(14, 'one')}{AFTER}{noted(2, 'two')}{AFTER}"
    sheets = made(f"#v(12cm)\n#notes[\nBefore.\n\n{pictures}]\n", tmp_path)
    assert "After." in sheets[0]
    places = [
        (n, -one[f"Cap-{name}."])
        for name in ("one", "two")
        for n, one in enumerate(sheets)
        if f"Cap-{name}." in one
    ]
    assert len(places) == 2
    assert places == sorted(places)


def test_what_is_arranged() -> None:
    marks = [
        {"name": "fits", "page": 1, "room": 0.5, "whole": 0.4, "picture": 0.3},
        {"name": "smaller", "page": 2, "room": 0.4, "whole": 0.43, "picture": 0.3},
        {"name": "goes", "page": 2, "room": 0.2, "whole": 0.3, "picture": 0.2},
        {"name": "floats", "page": 3, "room": 0.4, "whole": 0.6, "picture": 0.5},
        {"name": "in order", "page": 3, "room": 0.3, "whole": 0.1, "picture": 0.1},
        {"name": "next", "page": 4, "room": 0.3, "whole": 0.1, "picture": 0.1},
        {"name": "table", "page": 4, "room": 0.4, "whole": 0.41, "picture": 0},
        {"name": "tall", "page": 5, "room": 0.5, "whole": 1.2, "picture": 1.1},
        {"name": "chapter-1", "page": 6, "room": 0.1},
        {"name": "chapter-2", "page": 7, "room": 0.8},
        {"name": "chapter-3", "page": 8, "room": 1.0},
    ]
    assert setting.arrange(marks) == {
        "smaller": 0.9,
        "floats": "floats",
        "in order": "floats",
        "table": "floats",
        "chapter-2": "follows",
    }


def test_a_fault_of_typst_is_a_line(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="unknown variable: nothing"):
        made("#nothing", tmp_path)
