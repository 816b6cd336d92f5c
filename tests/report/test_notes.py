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


@pytest.mark.parametrize(
    "definition",
    ["[^a]: So.", "[^a]: So,\nand so.", "[^a]: So.\n\n    And so.", "[a]: https://example.org/"],
)
@pytest.mark.parametrize("where", ["first", "last", "between"])
def test_definitions_belong_to_the_whole_file(tmp_path: Path, definition: str, where: str) -> None:
    name = definition.partition(":")[0]
    parts = [f"# Part 1\nOne.{name}", f"# Part 2\nTwo.{name}", "# Part 3\nThree."]
    place = {"first": 1, "between": 2, "last": 3}[where]
    found = notes(tmp_path, "\n\n".join([*parts[:place], definition, *parts[place:]]))
    assert found == {
        1: f"One.{name}\n\n{definition}", 2: f"Two.{name}\n\n{definition}", 3: "Three.",
    }  # fmt: skip


def test_definitions_need_no_blank_between_them_and_bring_what_they_use(tmp_path: Path) -> None:
    text = "# Part 2\nIt falls.[^a]\n# Part 3\nNo.\n\n[^a]: See [it][b].\n[^c]: No.\n[b]: http://e.org\n"
    assert notes(tmp_path, text) == {
        2: "It falls.[^a]\n\n[^a]: See [it][b].\n\n[b]: http://e.org",
        3: "No.",
    }


def test_what_looks_like_a_definition_in_code_stays_there(tmp_path: Path) -> None:
    text = "# Part 1\n```\n[^a]: x\n\n[b]: y\n```"
    assert notes(tmp_path, text) == {1: "```\n[^a]: x\n\n[b]: y\n```"}


@pytest.mark.parametrize(
    "text",
    [
        "x[^a]\n\n[^a]: y[^a]",
        "x[^a]\n\n[^a]: y[^b]\n\n[^b]: z[^a]",
        "x[^a]\n\n[^a]: y[^b]\n[^b]: z[^c]\n\n    - [^b]\n[^c]: z [^b]",
        "x[^a]\n\n[^a]:\n    > y[^a]",
    ],
)
def test_a_footnote_that_cites_itself_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"^NOTES: part 2 .*footnote \[\^[ab]\] cites itself$"):
        notes(tmp_path, f"# Part 2\n{text}")


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("    for t:\n        x", "    for t:\n        x"),
        ("\tfor t:\n\t\tx", "\tfor t:\n\t\tx"),
        ("- ```\n  # c\n  ```", "- ```\n  # c\n  ```"),
        ("> ~~~\n> # c\n> ~~~", "> ~~~\n> # c\n> ~~~"),
        ("1. ```\n   open", "1. ```\n   open"),
    ],
)
def test_code_is_kept_and_the_next_part_begins_after_it(
    tmp_path: Path, code: str, kept: str
) -> None:
    assert notes(tmp_path, f"# Part 1\n\n{code}\n\n# Part 2\nTwo.") == {1: kept, 2: "Two."}
