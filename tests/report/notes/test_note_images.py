"""The images of notes: which are set, and what is said of the others."""

import os
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from rnn.errors import InputError
from rnn.report.nodes import Images
from rnn.report.notes import images as note_images
from rnn.report.notes.sections import read_notes
from rnn.report.render import check_notes

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}<path d="M0 0L9 9"/></svg>'


def read(folder: Path, text: str) -> tuple[dict[int, Images], list[str]]:
    path = folder / "notes.md"
    path.write_text(text, encoding="utf-8")
    notes = read_notes(path)
    images, said = note_images.read(notes)
    check_notes(notes.sections, images, notes.place)
    start = re.compile(rf"NOTES: {re.escape(str(path))}, (line \d+: part \d): the image ")
    return images, [start.sub(r"\1 ", line) for line in said]


def dot(path: Path, colour: str = "red", **options: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (2, 3), colour).save(path, **options)


def test_local_images_are_read_from_beside_the_notes(tmp_path: Path) -> None:
    names = ["a.png", "b c.JPG", "sub/d.jpeg", "\u00e9&%41.png", "e.svg", "../up.png"]
    here = tmp_path / "here"
    here.mkdir()
    for name in names:
        if name.endswith("svg"):
            (here / name).write_text(SVG.format("<script>alert(1)</script>"))
        else:
            dot(here / name)
    (here / "link.png").symlink_to(tmp_path / "up.png")
    text = "\n\n".join(
        f"![one](<{name}>)" for name in [*names, str(tmp_path / "up.png"), "link.png"]
    )
    images, said = read(
        here, f"# Part 1\n{text}\n![two](b%20c.JPG) ![r][r]\n\n[r]: a.png 'A title'"
    )
    (line,) = said
    assert "the caption of a.png is left out" in line, "which stands beside another image"
    (some,) = images.values()
    assert len(some) == len(names) + 3
    kinds = [kind for _, kind in some.values()]
    assert (kinds.count("image/jpeg"), kinds.count("image/svg+xml")) == (3, 1)
    for content, kind in some.values():
        if kind == "image/svg+xml":
            assert b"<path" in content
            assert b"script" not in content
        else:
            assert Image.open(BytesIO(content)).size == (2, 3)


def test_nothing_but_the_picture_is_taken_over(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET"
    dot(tmp_path / "a.jpg", exif=exif)
    dot(tmp_path / "b.png")
    with (tmp_path / "b.png").open("ab") as file:
        file.write(b"SECRET")
    images, _ = read(tmp_path, "# Part 3\n![a](a.jpg) ![b](b.png)")
    assert len(images[3]) == 2
    assert not any(b"SECRET" in content for content, _ in images[3].values())


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("none.png", "it can't be read: No such file or directory"),
        (".", "it is not a regular file"),
        ("a%00b.png", "it can't be read: "),
        ("x" * 300, "it can't be read: File name too long"),
        ("http://e.org/a.png", "only files are set, and nothing is fetched"),
        ("HTTPS://e.org/a.png", "only files are set"),
        ("//e.org/a.png", "only files are set"),
        ("data:image/png;base64,QQ==", "only files are set"),
        ("file:///etc/passwd", "only files are set"),
        ("notes.md", "it is no PNG, JPEG, GIF or WebP picture"),
        ("cut.png", "it is damaged: "),
        ("empty.png", "it is no PNG, JPEG, GIF or WebP picture"),
        ("bad.svg", "it is no SVG"),
        ("page.svg", "it is no SVG"),
        ("utf16.svg", "it is no PNG, JPEG, GIF or WebP picture"),
        ("large.png", "it is larger than 20 MB"),
    ],
)
def test_any_other_image_keeps_its_description_and_is_named(
    tmp_path: Path, target: str, said: str
) -> None:
    dot(tmp_path / "cut.png")
    whole = (tmp_path / "cut.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[:50])
    (tmp_path / "empty.png").touch()
    (tmp_path / "bad.svg").write_text("<svg><g></svg>")
    (tmp_path / "page.svg").write_text("<html><body/></html>")
    (tmp_path / "utf16.svg").write_text(SVG.format(""), encoding="utf-16")
    with (tmp_path / "large.png").open("wb") as file:
        file.truncate(20_000_001)
    images, (line,) = read(tmp_path, f"# Part 1\nx\n\n![*its* words]({target})")
    assert images == {}
    assert line.startswith(f"line 4: part 1 {target} is left out, its description stands there: ")
    assert said in line


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in this file system")
def test_a_pipe_or_a_device_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "link.png").symlink_to(tmp_path / "pipe.png")
    images, said = read(tmp_path, "# Part 1\n![a](pipe.png) ![b](link.png) ![c](/dev/zero)")
    assert images == {}
    assert [line.endswith("it is not a regular file") for line in said] == [True] * 3


def test_an_image_without_a_description_is_named(tmp_path: Path) -> None:
    dot(tmp_path / "a.png")
    images, said = read(
        tmp_path, "# Part 2\n![](a.png) ![ ](<a.png>) ![`a`](a.png)\n\n![$x$](a.png)"
    )
    assert list(images[2]) == ["a.png"]
    assert len(said) == 1
    assert said[0].startswith("line 2: part 2 a.png has no description: write it between")


def test_a_caption_that_belongs_to_no_figure_is_named(tmp_path: Path) -> None:
    dot(tmp_path / "a.png")
    images, said = read(
        tmp_path, "# Part 2\n![a](a.png 'One')\n\n- x\n- ![b](a.png 'Two')\n\n![c](a.png '*Three*')"
    )
    assert list(images[2]) == ["a.png"]
    (line,) = said
    assert line.endswith(
        "the caption of a.png is left out: let the image be a paragraph, outside of lists and"
        " quotations"
    )


def test_all_images_together_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        dot(tmp_path / f"{name}.png", "red" if name == "a" else "blue")
    size = len(read(tmp_path, "# Part 1\n![a](a.png)")[0][1]["a.png"][0])
    monkeypatch.setattr(note_images, "MOST", 2 * size + 1)
    images, said = read(
        tmp_path, "# Part 1\n![a](a.png) ![a](a.png)\n# Part 2\n![b](b.png) ![c](c.png)"
    )
    assert [list(some) for some in images.values()] == [["a.png"], ["b.png"]]
    assert [line.partition(" is left out")[0] for line in said] == ["line 4: part 2 c.png"]


def test_what_can_not_be_read_at_all_is_refused_by_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^NOTES: .*notes.md, line 3: part 2 can't be typeset: "):
        read(tmp_path, "# Part 1\nx\n# Part 2\n" + "*" * 3000 + "x" + "*" * 3000)


@pytest.mark.parametrize("tex", ["$$ $$", "$$$$", "$$\n$$", "$$\t$$"])
def test_an_empty_formula_is_refused_by_place(tmp_path: Path, tex: str) -> None:
    with pytest.raises(InputError, match=r"line 5: part 2 can't be typeset: .*\$\$: it is empty$"):
        read(tmp_path, f"# Part 1\n$x$\n# Part 2\n\nSo {tex} it is.")


@pytest.mark.parametrize("text", ["It costs $ $ 5.", "$ a$", r"\$\$ \$\$", "`$$ $$`", "$\n$"])
def test_what_is_no_formula_is_text(tmp_path: Path, text: str) -> None:
    read(tmp_path, f"# Part 1\n{text}")
