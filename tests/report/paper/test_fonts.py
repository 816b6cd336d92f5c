"""The user's fonts in the PDF."""

import os
import re
import shutil
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTCollection, TTFont
from pypdf import PdfReader

from rnn.errors import InputError
from rnn.report.document import assemble
from rnn.report.errors import StageError
from rnn.report.nodes import Title
from rnn.report.paper.exporter import NO_FONTS, pdf
from rnn.report.paper.fonts import Fonts, advice, lacking, read_fonts
from rnn.report.paper.glyphs import FONTS, glyphs
from rnn.report.render import check_fonts
from tests.executed import RUN, notebooks
from tests.fonts import font

HAN, KANA, HANGUL, THAI = "漢字作者", "ひらカナ", "한글", "ภาษา"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two fonts, a collection of two, one that the PDF has, and a licence."""
    folder = tmp_path / "my fonts"
    folder.mkdir()
    font(HAN, "Plain Han").save(folder / "han.ttf")
    font(THAI, "Plain Thai").save(folder / "Thai.OTF")
    both = TTCollection()
    for name, characters in (("kana", KANA), ("hangul", HANGUL)):
        font(characters, f"Plain {name}").save(tmp_path / f"{name}.ttf")
        both.fonts.append(TTFont(tmp_path / f"{name}.ttf"))
    both.save(folder / "both.ttc")
    shutil.copy(FONTS[1], folder / "DejaVuSans.ttf")
    (folder / "OFL.txt").write_text("a licence")
    return folder


def text(made: bytes) -> str:
    return re.sub(
        r"\s", "", "".join(page.extract_text() for page in PdfReader(BytesIO(made)).pages)
    )


def test_they_are_read_by_their_families_and_characters(folder: Path) -> None:
    found = read_fonts(folder)
    assert [file.path.name for file in found.files] == ["Thai.OTF", "both.ttc", "han.ttf"]
    assert set(found.families) == {"Plain Thai", "Plain kana", "Plain hangul", "Plain Han"}
    assert found.characters == set(HAN + KANA + HANGUL + THAI)
    assert all(re.fullmatch("[0-9a-f]{64}", file.sha256) for file in found.files)


def test_what_they_have_is_set_in_prose_code_title_and_samples(folder: Path) -> None:
    run = {**RUN, "report": {"fonts": "my fonts", "font_files": {"han.ttf": "ab" * 32}}}
    notes = {1: f"{HAN} `{KANA}` **{HANGUL}** $x^2$ ${HAN}$\n\n```\n{THAI} = 1\n```"}
    document = assemble(notebooks(), run, Title(HAN, KANA), notes)
    fonts = read_fonts(folder)
    made = pdf(document, fonts=fonts)
    assert made == pdf(document, fonts=fonts), "the same bytes twice"
    body = text(made)
    for word, times in ((HAN, 3), (KANA, 2), (HANGUL, 1), (THAI, 1), ("漢字", 4)):
        assert body.count(word) >= times, word
    assert "FONTS='myfonts'" in body
    assert "ab" * 32 in body
    assert not set(HAN) & glyphs(), "only while that PDF was made"
    without = text(pdf(document))
    assert HAN not in without
    assert "U+6F22" in without


def test_a_family_has_only_what_all_of_its_fonts_have(tmp_path: Path) -> None:
    font(HAN, "Two").save(tmp_path / "a.ttf")
    bold = font(HAN[:2], "Two")
    bold.setupOS2(usWeightClass=700)
    bold.save(tmp_path / "b.ttf")
    found = read_fonts(tmp_path)
    assert found.characters == set(HAN[:2])
    check_fonts(found, [HAN])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.ttf", b""),
        ("x.otf", b"no font"),
        ("x.TTC", b"ttcf" + bytes(100)),
        ("x.ttf", FONTS[0].read_bytes()[:50_000]),
    ],
)
def test_a_file_that_is_no_font_is_named(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"^FONTS: .*/{name} is not a font: remove it"):
        read_fonts(folder)


def test_a_folder_that_cannot_be_used_is_one_line(tmp_path: Path, folder: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "font.woff").touch()
    pipe, within, link = tmp_path / "pipe", tmp_path / "within", tmp_path / "link"
    os.mkfifo(pipe)
    for place in (within, link):
        place.mkdir()
    os.mkfifo(within / "x.ttf")
    (link / "x.otf").symlink_to(tmp_path / "nowhere")
    odd = tmp_path / "odd"
    odd.mkdir()
    (odd / "a\nb.ttf").touch()
    for place, said in [
        (tmp_path / "missing", "can't be read: No such file"),
        (folder / "han.ttf", "can't be read: Not a directory"),
        (pipe, "can't be read: Not a directory"),
        (empty, "has no fonts: name a folder with .ttf, .otf or .ttc"),
        (within, "x.ttf is not a regular file"),
        (link, "x.otf is not a regular file"),
        (odd, "has a name that can't be printed"),
    ]:
        with pytest.raises(InputError, match=r"^FONTS: ") as caught:
            read_fonts(place)
        assert said in str(caught.value)


def test_a_font_that_changes_is_noticed(folder: Path) -> None:
    found = read_fonts(folder)
    found.check_unchanged()
    font(HAN, "Other").save(folder / "han.ttf")
    with pytest.raises(StageError, match=r"han.ttf changed while the report was being made"):
        found.check_unchanged()


def test_the_scripts_without_a_font_are_named_and_what_to_install() -> None:
    assert lacking(["abc é Ω ж \n\t\u200b\x01", "—“”√"], NO_FONTS) == {}
    assert advice({}) == ""
    for script, characters, name in [
        ("Han", HAN, "Noto Sans CJK"),
        ("Hangul", HANGUL, "Noto Sans CJK"),
        ("Thai", THAI, "Noto Sans Thai"),
        ("Devanagari", "हिन्दी", "Noto Sans Devanagari"),
        ("Common", "\U0001f9ff\U0001fae0", "Noto Emoji"),
    ]:
        found = lacking([characters, characters], NO_FONTS)
        assert list(found) == [script]
        assert sum(found.values()) == len(set(characters))
        assert name in advice(found)
    assert lacking([HAN, KANA], NO_FONTS) == {"Han": 4, "Hiragana": 2, "Katakana": 2}
    said = advice(lacking([HAN, KANA], NO_FONTS))
    assert "There are 8 different characters of the book, the notes or the title block" in said
    assert "(Han, Hiragana, Katakana)" in said
    assert lacking([HAN], Fonts((), frozenset(HAN[1:]))) == {"Han": 1}


def test_the_report_says_which_scripts_lack_a_font() -> None:
    run = {**RUN, "report": {"lacks": {"Han": 1234}}}
    body = text(pdf(assemble(notebooks(), run, Title("T"))))
    assert "Thereare1,234differentcharacters" in body
    assert "FONTS=folder" in body
