"""What is printed: every character of it is shown, and the terminal obeys none from outside."""

import io
import os
import pty

import pytest
from numba.core import event

from rnn.interactive.progress import say
from rnn.numerics.compiled import _Announcer
from rnn.report.terminal import Terminal, Turns

HOSTILE = [
    ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
    ("\x1b]0;a title\x07", "\\x1b]0;a title\\x07"),
    ("\x9b2J", "\\x9b2J"),
    ("\x1b[A\x1b[2K", "\\x1b[2K"),
    ("\u202egpj.exe", "\\u202egpj.exe"),
    ("a\x08b\x00", "a\\x08b\\x00"),
    ("zero\u200bwidth\xa0", "zero\\u200bwidth\\xa0"),
    ("a byte \udce9", "a byte \\udce9"),
]


@pytest.mark.parametrize(("said", "shown"), HOSTILE)
def test_what_a_kernel_says_is_shown_and_not_obeyed(said: str, shown: str) -> None:
    stream = io.StringIO()
    terminal = Terminal(stream)
    terminal.write(f"{said}, čeština 字 é\n")
    assert stream.getvalue() == f"{shown}, čeština 字 é\n"
    terminal.say(said.replace("\x1b[A", ""))
    assert stream.getvalue().splitlines()[1:] == [shown]


def test_a_line_of_ours_is_one_line() -> None:
    stream = io.StringIO()
    Terminal(stream).say("book: a\nb\r\x1b[A.txt")
    assert stream.getvalue() == "book: a\\nb\\r\\x1b[A.txt\n"


def test_bars_one_above_another_still_draw() -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as stream:
        Terminal(stream).write("\r 50%|\n\r 10%|\x1b[A\x1b[31m")
        assert os.read(ours, 100) == b"\r 50%|\r\n\r 10%|\x1b[A\\x1b[31m"
    os.close(ours)


def test_that_kernels_compile_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        event.register("numba:compile", _Announcer())  # type: ignore[no-untyped-call]
        with event.trigger_event("numba:compile"):
            pass
    said = capsys.readouterr().err
    (line,) = set(said.splitlines(keepends=True))
    stream = io.StringIO()
    terminal = Terminal(stream)
    terminal.say("[2/5] 02_gradcheck")
    terminal.write(f"a\n{line}b\n{line}c\n")
    terminal.say("[3/5] 03_training")
    terminal.write(said)
    terminal.write(f"  0%|\n{line}")
    terminal.write(f"\r 10%| we are {line}")
    expected = f"[2/5] 02_gradcheck\na\n{line}b\nc\n[3/5] 03_training\n  0%|\n 10%| we are {line}"
    assert stream.getvalue() == expected


def test_a_terminal_that_has_gone_ends_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        terminal = Terminal(stream)
        for _ in range(3):
            terminal.say("training")


def test_what_a_notebook_says_is_shown_and_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    for said, shown in HOSTILE:
        say(said.replace("\x1b[A", ""))
        assert capsys.readouterr().err == f"{shown}\n"


def test_stages_are_shown_in_their_order() -> None:
    stream = io.StringIO()
    turns = Turns("abc", Terminal(stream))
    for name, turn in turns.items():
        turn.say(f"[{name}]")
    assert not stream.getvalue()
    turns.end()
    turns["c"].write("\r 50%|")
    turns["a"].write("1\n")
    turns["b"].write("2\n")
    assert stream.getvalue() == "[a]\n1\n"
    turns["b"].say("warning: b")
    turns.end("b")
    turns["a"].write("3\n")
    assert stream.getvalue() == "[a]\n1\n3\n"
    turns.end("a")
    assert stream.getvalue() == "[a]\n1\n3\n[b]\n2\nwarning: b\n[c]\n 50%|"
    turns["c"].write("\r100%|\n")
    turns.end("c")
    assert stream.getvalue().endswith("[c]\n 50%|\n100%|\n")


def test_the_turn_of_a_stage_that_fails_comes_at_once() -> None:
    stream = io.StringIO()
    turns = Turns("ab", Terminal(stream))
    turns.end()
    turns["b"].write("why\n")
    turns["b"].come()
    assert stream.getvalue() == "why\n"
    turns.end("a")
    assert stream.getvalue() == "why\n"
