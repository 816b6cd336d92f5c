"""The author's notes: how they are cut into parts, and what is refused."""

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from rnn.errors import InputError
from rnn.report.notes.sections import Notes, read_notes


def read(folder: Path, content: str | bytes) -> Notes:
    path = folder / "notes.md"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_notes(path)


def notes(folder: Path, content: str | bytes) -> dict[int, str]:
    return read(folder, content).sections


@pytest.mark.parametrize(
    "heading",
    [
        "# Part 2",
        "## part 2: what I saw",
        "# Part 2 – so",
        "### The loss and the Smoothed Loss ###",
        "# **Part 2**",
        "# _Part 2_: what `I` saw",
        "# [Part 2](#part-2)",
        "# Part II",
        "# Part ii. So",
        "# part two",
        "# Part\u00a0\u2161",
        "# Part2",
        "#Part 2",
        "  ##Part two",
        "Part 2\n======",
        "*Part 2*: what\nI saw\n---",
        "# Part 2 - 7 epochs",
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
    ("before", "said"),
    [
        ("# My report\n\n#", r"line 1: the title 'My report' is left out; .* TITLE, AUTHOR, .*"),
        ("My *report*\n===\n", r"line 1: the title 'My \*report\*' is left out; .*"),
        ("\n\n# Part of it\n##", r"line 3: the title 'Part of it' is left out; .*"),
        ("---\ntitle: x\nauthor: y\n---\n", r"line 1: the YAML head is left out; .* TITLE, .*"),
        ("---\n# Part: a comment\n", None),
        ("---\ntitle: |\n  # Part 3\n...\n", r"line 1: the YAML head is left out; .*"),
    ],
)
def test_a_title_above_the_parts_is_left_out_with_a_line(
    tmp_path: Path, before: str, said: str | None
) -> None:
    text = f"{before}# Part 1\nOne.\n\n{'#' * before.endswith('#')}# Part 2\nTwo."
    if said is None:
        with pytest.raises(InputError, match="line 1: this belongs to no part"):
            read(tmp_path, text)
        return
    found = read(tmp_path, text)
    assert found.sections == {1: "One.", 2: "Two."}
    (line,) = found.said
    assert re.fullmatch(rf"NOTES: {re.escape(str(tmp_path / 'notes.md'))}, {said}", line)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty: begin your text on each part with a heading of its own, '# Part 1' to"),
        ("\n \n", "is empty"),
        ("---\na: b\n---\n", "is empty"),
        ("Hello\n# Part 1\n", "line 1: this belongs to no part: begin your text on each part"),
        ("# Mine\n\nHello\n\n## Part 1\n", "line 3: this belongs to no part"),
        ("# Mine\n## Part 1\nx\n# End\ny", "line 4: the heading 'End' does not name one part"),
        ("# Mine\n## Notes\n", "line 1: the heading 'Mine' does not name one part"),
        ("# Mine\n## Notes\n## Part 1\n", "line 2: the heading 'Notes' does not name one part"),
        ("x\n\n### a\n# Part 1", "line 1: this belongs to no part"),
        ("# Part 5\n", "line 1: the heading 'Part 5' does not name one part"),
        ("# Part 5\n# Part 1\n", "line 1: the heading 'Part 5' does not name one part"),
        ("# Part 1\n# Part 0\n", "line 2: the heading 'Part 0' does not name one part"),
        ("# Part 1-2\nx", "the heading 'Part 1-2' does not name one part"),
        ("# Part 1.2\nx", "the heading 'Part 1.2' does not name one part"),
        ("# Part 1 and 2\nx", "the heading 'Part 1 and 2' does not name one part"),
        ("# Part 1, part 2\nx", "the heading 'Part 1, part 2' does not name one part"),
        ("# Partial 1\nx", "the heading 'Partial 1' does not name one part"),
        ("# Part V\nx", "the heading 'Part V' does not name one part"),
        (f"# Part {'1' * 5000}\nx", "does not name one part"),
        ("#\nx", "line 1: the heading '' does not name one part"),
        ("# Part 1\n\na\n\nb\n---\n\n## Part 3\nc\n# x", "line 10: the heading 'x'"),
        (
            "# Part 1\na\n# The evolution of the text\nb\n# Part 3\nc",
            "line 5: a second section for part 3, after that of line 3: join the two",
        ),
        (b"# Part 1\n\xff", "is not in UTF-8, at byte 9 (line 2)"),
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
    kept = definition if "^" in name else "[A]: <https://example.org/>"
    parts = [f"# Part 1\nOne.{name}", f"# Part 2\nTwo.{name}", "# Part 3\nThree."]
    place = {"first": 1, "between": 2, "last": 3}[where]
    found = notes(tmp_path, "\n\n".join([*parts[:place], definition, *parts[place:]]))
    assert found == {
        1: f"One.{name}\n\n{kept}", 2: f"Two.{name}\n\n{kept}", 3: "Three.",
    }  # fmt: skip


def test_definitions_need_no_blank_between_them_and_bring_what_they_use(tmp_path: Path) -> None:
    text = "# Part 2\nIt falls.[^a]\n# Part 3\nNo.\n\n[^a]: See [it][b].\n[^c]: No.\n[b]: http://e.org\n"
    assert notes(tmp_path, text) == {
        2: "It falls.[^a]\n\n[^a]: See [it][b].\n\n[B]: <http://e.org>",
        3: "No.",
    }


def test_what_looks_like_a_definition_in_code_stays_there(tmp_path: Path) -> None:
    text = "# Part 1\n```\n[^a]: x\n\n[b]: y\n```"
    assert notes(tmp_path, text) == {1: "```\n[^a]: x\n\n[b]: y\n```"}


def test_definitions_in_lists_and_quotations_serve_all_parts_and_the_first_counts(
    tmp_path: Path,
) -> None:
    text = """# Part 1
[a] [B][] ![c\\]d][ß]

> [a]: <x y> 'say "so" & so'

- one
[b]: /b
- two

# Part 2
[A] [b] [ẞ]

[ß]: z
[a]: no
"""
    assert notes(tmp_path, text) == {
        1: "[a] [B][] ![c\\]d][ß]\n\n> [a]: <x y> 'say \"so\" & so'\n\n- one\n\n- two\n\n"
        '[A]: <x%20y> "say \\"so\\" &amp; so"\n\n[B]: </b>\n\n[SS]: <z>',
        2: '[A] [b] [ẞ]\n\n[A]: <x%20y> "say \\"so\\" &amp; so"\n\n[B]: </b>\n\n[SS]: <z>',
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x[^a]\n\n[^a]: y[^a]", r"line 4: the footnote \[\^a\] cites itself"),
        ("x[^a]\n\n[^A]: y[^a]", r"line 4: the footnote \[\^A\] cites itself"),
        ("[^a]: y[^b]\n\n[^b]: z[^a]", r"line 2: the footnote \[\^a\] cites .*\[\^b\]"),
        ("[^b]: y\n[^c]:\n\n    - z [^b]", r"line 5: the footnote \[\^c\] cites .*\[\^b\]"),
        ("[^a]:\n    > y[link[^a]](http://e.org)", r"line 3: the footnote \[\^a\] cites itself"),
        ("> [^a]: y[^b]\n\n[^b]: x", r"line 2: the footnote \[\^a\] cites .*\[\^b\]"),
        ("\n".join(f"[^{n}]: y[^{n + 1}]" for n in range(16)) + "\n[^16]: z", "line 2: .* cites"),
    ],
)
def test_a_footnote_that_cites_a_footnote_is_refused_by_name(
    tmp_path: Path, text: str, said: str
) -> None:
    """Pandoc drops what a footnote cites, and hangs where it cites itself."""
    with pytest.raises(
        InputError, match=rf"^NOTES: \S*notes.md, {said}[^\n]*: move it to the text$"
    ):
        notes(tmp_path, f"# Part 2\n{text}")


@pytest.mark.parametrize("text", ["`[^a]`", r"\[^a]", "`` `[^a] ``", "\n\n        [^a]", "[^b]"])
def test_a_footnote_may_speak_of_footnotes(tmp_path: Path, text: str) -> None:
    assert notes(tmp_path, f"# Part 2\nx[^a]\n\n[^a]: y {text}")


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("    for t:\n        x", "    for t:\n        x"),
        ("\tfor t:\n\t\tx", "\tfor t:\n\t\tx"),
        ("- ```\n  # c\n  ```", "- ```\n  # c\n  ```"),
        ("> ~~~\n> # c\n> ~~~", "> ~~~\n> # c\n> ~~~"),
        ("1. ```\n   open", "1. ```\n   open"),
        ("````\n```\n# Part 3\n```\n````", "````\n```\n# Part 3\n```\n````"),
        ("~~~\n```\n# Part 3\n~~~", "~~~\n```\n# Part 3\n~~~"),
        ("```\n``` x\n# Part 3\n ````", "```\n``` x\n# Part 3\n ````"),
        ("<!--\n# Part 3\n\n#Part 4\n-->", "<!--\n# Part 3\n\n#Part 4\n-->"),
    ],
)
def test_code_is_kept_and_the_next_part_begins_after_it(
    tmp_path: Path, code: str, kept: str
) -> None:
    assert notes(tmp_path, f"# Part 1\n\n{code}\n\n# Part 2\nTwo.") == {1: kept, 2: "Two."}


def test_a_place_is_named_by_its_line(tmp_path: Path) -> None:
    found = read(tmp_path, "# Mine\n## Part 2\nx $y$\n\n## Part 1\n\n$z$ $y$")
    name = tmp_path / "notes.md"
    assert found.place(1, "$y$") == f"{name}, line 7: part 1"
    assert found.place(2, "$y$") == f"{name}, line 3: part 2"
    assert found.place(2, "$unknown$") == found.place(2) == f"{name}, line 2: part 2"


LONG: dict[str, Callable[[int], str]] = {
    "brackets": lambda n: "[" * n + "]" * n,
    "footnotes that open": lambda n: "[^" * n,
    "blanks after a heading": lambda n: f"# Part 2{' ' * n}x",
    "blanks": lambda n: f"x{' ' * n}\n{' ' * n}",
    "dollars": lambda n: "$" * n,
    "footnotes in a chain": lambda n: "\n".join(f"[^{k}]: x[^{k + 1}]" for k in range(n // 10)),
    "footnotes": lambda n: "\n\n".join(f"[^{k}]: x\n\nx[^{k}]" for k in range(n // 20)),
    "targets": lambda n: "\n".join(f"[a{k}]: http://e.org\n" for k in range(n // 20)) + "[a1]",
    "backticks": lambda n: "`" * n + "a" + "``b" * n,
    "backslashes": lambda n: "\\" * n + "[a]" * n,
    "quotations": lambda n: "> a\n" * (n // 4),
    "lists": lambda n: "- a\n[b]: c\n" * (n // 10),
    "comments": lambda n: "<!--\n\n" * (n // 6),
    "a paragraph": lambda n: "#Part\n" * (n // 6),
}


@pytest.mark.parametrize("kind", LONG)
def test_notes_are_read_in_time_that_grows_with_their_length(tmp_path: Path, kind: str) -> None:
    """Twice as much takes about twice as long: four times would be the square."""

    def seconds(n: int) -> float:
        text = f"# Part 1\n{LONG[kind](n)}"
        best = float("inf")
        for _ in range(2):
            start = time.process_time()
            with suppress(InputError):
                notes(tmp_path, text)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(20_000) < 3 * seconds(10_000) + 0.1
