import time

import pytest

from rnn.report.outputs.printed import COLOURS, LARGEST, LONGEST, WIDEST, fitting, read


def text(printed: str) -> str:
    return "\n".join("".join(piece for piece, _ in line) for line in read(printed).lines)


@pytest.mark.parametrize(
    ("printed", "seen"),
    [
        ("a\n  b\t c \n\nd\n", "a\n  b\t c \n\nd"),
        ("a\r\nb\r\n", "a\nb"),
        (" 10 %|#  |\r 50 %|## |\r100 %|###|\n", "100 %|###|"),
        ("long line\rshort", "shortline"),
        ("long line\r\x1b[Kshort", "short"),
        ("long line\x1b[2K\rshort", "short"),
        ("|\b/\b-\b\\\bdone", "done"),
        ("abc\b\b\b\b\bx", "xbc"),
        ("one\ntwo\n\x1b[2A\r1\n", "1ne\ntwo"),
        ("one\ntwo\x1b[Aup\x1b[Bx", "oneup\ntwo  x"),
        ("a\x1b[3Cb", "a   b"),
        ("gone\n\x1b[2J\x1b[Hnew", "new"),
        ("a\x1b[999999999Cb"[:1], "a"),
        ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b(Ba\x1b=b\x1b>c", "abc"),
        ("bell\x07 \x00 \x7f \u202e", "bell\x07 \x00 \x7f \u202e"),
        ("lone \x1b", "lone \x1b"),
        ("", ""),
        ("\n\n", ""),
    ],
)
def test_it_is_what_a_terminal_shows(printed: str, seen: str) -> None:
    assert text(printed) == seen


@pytest.mark.parametrize(
    ("codes", "style"),
    [
        ("31", "red"),
        ("1;32", "green bold"),
        ("0;94", "blue"),
        ("38;5;196", "red"),
        ("38;5;12", "blue"),
        ("38;5;244", "magenta white cyan"),
        ("38;2;0;200;120", "green"),
        ("38:5:9", "red"),
        ("41", ""),
        ("48;5;1", ""),
        ("3;4;7", ""),
        ("31;39", ""),
        ("1;22;35", "magenta"),
        ("31;0", ""),
        ("38", ""),
    ],
)
def test_colours_are_kept(codes: str, style: str) -> None:
    (line,) = read(f"a\x1b[{codes}mb\x1b[0mc").lines
    found = dict(line)
    assert "".join(piece for piece, _ in line) == "abc"
    assert (line[0][1], line[-1][1]) == ("", "")
    assert found.get("b", "") in (style.split() if len(style.split()) == 3 else [style])


def test_styles_are_of_a_few_names_whatever_is_printed() -> None:
    printed = "".join(f"\x1b[{a};{b};{a}m{a}" for a in range(120) for b in (5, 2, 38, 300))
    allowed = {"", "bold", *COLOURS, *(f"{colour} bold" for colour in COLOURS)}
    assert {style for line in read(printed).lines for _, style in line} <= allowed


def test_what_is_too_long_is_counted() -> None:
    many = read("line\n" * 5000)
    assert (len(many.lines), many.total) == (LONGEST, 5000)
    wide = read("\x1b[31mx\x1b[0m" + "y" * 9999 + "\nend")
    assert wide.lines[0] == [("x", "red"), ("y" * 1999, ""), (" … 8,000 more characters", "white")]
    assert wide.total == 2
    large = read(("x" * WIDEST + "\n") * 1500)
    assert sum(len(piece) for line in large.lines for piece, _ in line) <= LARGEST + WIDEST
    assert large.total == 1500


@pytest.mark.parametrize(("width", "lines"), [(0, 40), (10, 40), (200, 20), (1999, 2), (9999, 2)])
def test_as_many_lines_as_take_some_rows_of_the_pdf(width: int, lines: int) -> None:
    assert fitting(read(("x" * width + "\n") * 99 + "end").lines) == lines
    assert fitting([[("x" * 9999, "")]]) == 1


@pytest.mark.parametrize(
    "piece", ["a\r", "\b", "\x1b[31m", "\x1b[", "\n\x1b[A", "\x1b]", "x\x1b[D"]
)
def test_it_takes_a_time_in_proportion(piece: str) -> None:
    def seconds(times: int) -> float:
        start = time.process_time()
        read(piece * times)
        return time.process_time() - start

    # Quadratic, it would take 16 times as long.
    assert min(seconds(40_000) for _ in range(3)) < 8 * seconds(10_000) + 0.5
