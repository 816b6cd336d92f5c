"""What a report shows of a student's functions."""

from pathlib import Path

import pytest

from rnn.exercise.own.exhibits import listing, source, unlike, verdicts
from rnn.exercise.own.student import Own
from tests.students import write, write_wrong

TEXT = """import numpy as np

LIMIT, other = 5, 1


class Parameters: pass


def helper(a):
    return a * LIMIT  # mine


@np.vectorize
def loss(P, y):
    return helper(P) + softmax(y)


def softmax(o): return o
forward = backward = softmax
"""


def test_a_function_is_listed_with_what_it_uses_but_not_the_others() -> None:
    helper = "def helper(a):\n    return a * LIMIT  # mine"
    loss = "@np.vectorize\ndef loss(P, y):\n    return helper(P) + softmax(y)"
    assert source(TEXT, ["loss"]) == f"LIMIT, other = 5, 1\n\n\n{helper}\n\n\n{loss}"
    assert source(TEXT, ["softmax"]) == "def softmax(o): return o"
    assert source(TEXT, ["backward"]) == "forward = backward = softmax"
    assert source(TEXT, ["clip"]) == ""


def test_without_a_student_there_is_nothing_to_show() -> None:
    assert listing(None, "forward") is None
    assert unlike(None, "The figure", "forward") is None


def test_a_listing_says_whose_it_is(tmp_path: Path) -> None:
    own = Own(write(tmp_path, name="my_student.py"))
    shown = listing(own, "clip", "adagrad")
    own.close()
    assert shown is not None
    assert shown.caption == (
        "Clipping, and the update rule: `clip` and `adagrad` in `my_student.py`."
    )
    assert shown.code.startswith("def clip(d, limit):")
    assert shown.label == "code-update"


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Own:
    return Own(write_wrong(tmp_path_factory.mktemp("wrong")))


def test_the_check_s_verdicts_name_the_slip(wrong: Own) -> None:
    table = verdicts(wrong)
    rows = {str(row[0]): row for row in table.rows}
    assert [row[0] for row in table.rows if row[1] != "right"] == ["backward"]
    assert "W is what you get if W meets the state after, not before." in str(rows["backward"][2])
    assert table.caption.endswith("6 of 7 are right.")


def test_a_word_on_what_is_accepted_stands_beside_the_verdict(tmp_path: Path) -> None:
    tiny = "def loss(P, y): return -np.log(P[np.arange(len(y)), y] + 1e-12).sum()"
    own = Own(write(tmp_path, tiny))
    rows = {str(row[0]): row for row in verdicts(own).rows}
    own.close()
    assert rows["loss"][1] == "right"
    assert "1e-12 is added to P in the logarithm: accepted" in str(rows["loss"][2])
    assert rows["softmax"][2] == ""


def test_what_takes_a_wrong_function_for_right_is_left_out(wrong: Own) -> None:
    assert unlike(wrong, "The figure", "forward") is None
    said = unlike(wrong, "The figure", "forward", "backward")
    assert said is not None
    assert said.markdown == (
        "The figure is left out here: it would follow the equations, and `backward` in `student.py`"
        " does not."
    )


def test_that_a_page_continues_a_text_by_the_equations_is_said(tmp_path: Path) -> None:
    own = Own(write(tmp_path, "right = forward\ndef forward(p, x, h0): return right(p, x, 0 * h0)"))
    assert "with which the controls of a report's page" in verdicts(own).caption
    own.close()
