"""The author's notes: how they are cut into parts, and what is refused."""

import os
from pathlib import Path

import pytest

from rnn.errors import InputError
from rnn.report.notes import read_notes


def notes(folder: Path, content: str | bytes) -> dict[int, str]:
    path = folder / "notes.md"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_notes(path)


@pytest.mark.parametrize(
    "heading",
    [
        "# Part 2",
        "## part 2: what I saw",
        "# Part 2 – so",
        "### The loss and the Smoothed Loss ###",
    ],
)
def test_a_section_is_known_by_its_number_or_its_name(tmp_path: Path, heading: str) -> None:
    assert notes(tmp_path, f"\n{heading}\n\nIt *fell*.\n") == {2: "It *fell*."}


def test_headings_below_the_first_level_are_of_the_section(tmp_path: Path) -> None:
    text = "## Part 4\n\nOne.\n\n### Part 9\n\n```\n# not one\n```\n\n## Part 1\nTwo.\n## Part 3\n"
    expected = {1: "Two.", 4: "One.\n\n### Part 9\n\n```\n# not one\n```"}
    assert notes(tmp_path, text) == expected


def test_line_ends_and_a_byte_order_mark_are_no_matter(tmp_path: Path) -> None:
    assert notes(tmp_path, b"\xef\xbb\xbf# Part 1\r\nA\rB\n") == {1: "A\nB"}


def test_characters_that_no_page_can_carry_are_named(tmp_path: Path) -> None:
    assert notes(tmp_path, "# Part 1\na\0b\x1bc\td") == {1: "aU+0000bU+001Bc\td"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("Hello\n# Part 1\n", "must begin with a heading, such as '# Part 1'"),
        ("# My notes\n## Part 1\n", "a section 'My notes': name it 'Part 1' to 'Part 4'"),
        ("# Part 5\n", "a section 'Part 5'"),
        ("# Part 1\na\n# The evolution of the text\nb\n# Part 3\nc", "two sections for part 3"),
        (b"# Part 1\n\xff", "is not in UTF-8, at byte 9"),
        (b"#" * 1_000_001, "is larger than 1 MB"),
    ],
)
def test_what_belongs_to_no_part_is_refused(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    with pytest.raises(InputError, match=r"^NOTES: [^\n]*$") as refused:
        notes(tmp_path, content)
    assert said in str(refused.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.md"):
        with pytest.raises(InputError, match="can't be read"):
            read_notes(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in this file system")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match=r"NOTES: .*pipe is not a regular file"):
        read_notes(tmp_path / "pipe")
