"""The check: every slip is named, no right solution is blamed, and nothing makes it stumble."""

import ast
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn.exercise.folder import check
from rnn.exercise.folder.check import FUNCTIONS, RIGHT, UNWRITTEN, WAITS, WRONG, lines
from rnn.exercise.slips import accepted, known
from rnn.exercise.student import pieces, solution, source
from tests import reference
from tests.exercise.styles import STYLES
from tests.exercised import CELLS, answers, found, judged, loaded

cells = pytest.mark.parametrize("cell", CELLS)


@cells
@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_slip_is_named_and_no_other(name: str, cell: str) -> None:
    assert len(known(cell)["backward"]) > 25
    for slip in known(cell)[name]:
        finding = judged(name, solution(cell, {name: (slip,)}), cell)
        if word := accepted(name).get(slip):
            said = f"{slip.what}: accepted; {word}"
            assert (finding.status, finding.notes) == (RIGHT, (said,))
        else:
            assert finding.status == WRONG, slip
            (said,) = finding.slips
            assert said.endswith(f"what you get if {slip.what}."), slip


def test_what_the_others_return_need_not_be_asked_each_time() -> None:
    """So that many slips can be tried in less time."""
    for name in ("backward", "synthesise"):
        for slip in known("rnn")[name][:3]:
            functions = solution("rnn", {name: (slip,)})
            assert judged(name, functions) == found(name, functions)


@cells
def test_two_slips_at_once_are_named(cell: str) -> None:
    slips = {slip.what: slip for slip in known(cell)["backward"]}
    some = ["b is counted twice", "V meets the state before, not after", "U has the wrong sign"]
    some += ["nothing flows back through time", "h of step 0 is taken for zero"]
    for one, two in combinations(some, 2):
        finding = judged("backward", solution(cell, {"backward": (slips[one], slips[two])}), cell)
        (said,) = finding.slips
        numbered = {
            f"two slips at once give: (1) {a}, (2) {b}" for a, b in ((one, two), (two, one))
        }
        assert any(words in said for words in numbered), finding


def test_what_is_known_of_one_parameter_is_said_although_another_is_wrong_otherwise() -> None:
    def backward(*arguments: Any) -> Any:
        d = solution("rnn")["backward"](*arguments)
        return d._replace(b=2 * d.b, c=3.7 * d.c)

    finding = found("backward", {"backward": backward})
    assert finding.slips == ("b is what you get if b is counted twice.",)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_right_solutions_in_other_styles_are_right(name: str, style: str) -> None:
    finding = found(name, dict(STYLES[style]))
    assert finding.status == RIGHT, finding
    if name == "backward":
        assert ("complex step" in finding.compared) == (style != "loops"), "np.zeros loses it"
        assert finding.notes == (
            ("it changes its argument P: beware",) if style == "matrix" else ()
        )


@cells
def test_a_gradient_by_automatic_differentiation_is_right(cell: str) -> None:
    """Another derivation altogether, and one solution for all cells."""

    def backward(p: Any, x: Any, y: Any, h: Any, _: Any) -> Any:
        state = np.atleast_3d(h.T).T[:, 0] if h.ndim == 2 else h[:, 0]
        return reference.automatic_gradients(p._asdict(), x, y, state, cell)

    assert found("backward", {"backward": backward}, cell).status == RIGHT


@cells
def test_other_inputs_judge_the_same(cell: str) -> None:
    """So that submissions can be asked what the students' file of answers does not have."""
    other = answers(cell, 1)
    assert not np.array_equal(other["main.W"], answers(cell)["main.W"])
    right = solution(cell)
    slip = known(cell)["backward"][0]
    wrong = solution(cell, {"backward": (slip,)})
    for name in FUNCTIONS:
        outcomes = check.run(right, check.calls(name, other))
        assert check.judge(name, other, outcomes).status == RIGHT
    outcomes = check.run(wrong, check.calls("backward", other))
    assert slip.what in check.judge("backward", other, outcomes).slips[0]


def test_from_which_length_on_and_for_which_parameters() -> None:
    slips = {slip.what: slip for slip in known("rnn")["backward"]}

    def said(what: str) -> tuple[str, ...]:
        return found("backward", solution("rnn", {"backward": (slips[what],)})).seen

    assert said("W is not transposed") == (
        "U, W and b are wrong from T = 2 on, right at T = 1: it is what flows back",
        "V and c are right",
    )
    assert said("the gradient flows back one time step and no further")[0].startswith(
        "U, W and b are wrong from T = 3 on"
    )
    assert said("b is overwritten at each time step, not summed")[0] == (
        "b is wrong from T = 2 on, right at T = 1: it is the sum over time"
    )
    assert said("the target is not subtracted") == ("U, W, V, b and c are wrong from T = 1 on",)


def test_a_wrong_forward_does_not_make_backward_wrong() -> None:
    (slip,) = [slip for slip in known("rnn")["forward"] if slip.what == "the bias b is forgotten"]
    wrong = solution("rnn", {"forward": (slip,)})
    finding = found("backward", wrong)
    assert finding.status == RIGHT
    assert finding.compared.endswith("b 1, since forward is wrong")


SHAPES = {
    "dU.T": "U has the shape (6, 4), not (4, 6): it is transposed",
    "da.sum(axis=1)": "b has the shape (5,), not (4,): it is summed over the wrong axis",
    "da": "b has the shape (5, 4), not (4,): it is not summed over time",
    "db[:, None]": "b has the shape (4, 1), not (4,): reshape it",
    "'b'": "b is no array of numbers, but str",
}


@pytest.mark.parametrize(("given", "said"), SHAPES.items())
def test_what_is_wrong_with_a_shape(given: str, said: str) -> None:
    def backward(p: Any, x: Any, *rest: Any) -> Any:
        d = solution("rnn")["backward"](p, x, *rest)
        names = {"dU": d.U, "da": np.zeros((len(x), len(p.b))), "db": d.b}
        return d._replace(**{said[0]: eval(given, names)})

    assert found("backward", {"backward": backward}).seen[0].startswith(said)


@pytest.mark.parametrize(
    "value",
    [None, 1, "text", [], [[1], [2, 3]], {}, {"U": 1}, (1, 2), ..., np.array("a"), 1j, print],
    ids=repr,
)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_nothing_that_is_returned_makes_it_stumble(name: str, value: Any) -> None:
    finding = found(name, {name: lambda *_: value})
    assert finding.status == WRONG
    assert finding.seen
    assert "can't be read" not in finding.seen[0]
    for other in {"softmax": ["forward"], "forward": ["backward", "synthesise"]}.get(name, []):
        assert "can't be read" not in "".join(found(other, {name: lambda *_: value}).seen)


def test_what_is_not_written_and_what_waits_for_it(tmp_path: Path) -> None:
    functions = loaded(source("rnn", ("forward",)), tmp_path)
    assert found("forward", functions).status == UNWRITTEN
    waits = found("synthesise", functions)
    assert (waits.status, waits.seen) == (WAITS, ("it calls forward, which is not written",))
    backward = found("backward", functions)
    assert (backward.status, backward.compared) == (
        RIGHT,
        "not compared with differences of forward, which is not written",
    )
    assert check.find(None, "loss", {}, answers()).status == UNWRITTEN


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("x = 1 / 0", "ZeroDivisionError: division by zero in student.py, line 3: x = 1 / 0"),
        ("raise SystemExit", "SystemExit in student.py, line 3: raise SystemExit"),
        ("return P.nothing", "'nothing' in student.py, line 3: return P.nothing"),
        ("return np.dot(P, P)", "not aligned: 6 (dim 1) != 5 (dim 0) in student.py, line 3"),
        ("return loss(P, y)", "in student.py, line 3: return loss(P, y)"),
    ],
)
def test_an_error_is_said_with_the_student_s_line(body: str, said: str, tmp_path: Path) -> None:
    functions = loaded(f"import numpy as np\ndef loss(P, y):\n    {body}\n", tmp_path)
    finding = found("loss", functions)
    assert finding.status == WRONG
    assert said in finding.seen[0]
    assert "\n" not in finding.seen[0]


@pytest.mark.parametrize(
    "body", ["while True: pass", "while True:\n  try: P + 1\n  except Exception: pass"]
)
def test_what_never_ends_is_stopped_and_its_line_said(body: str, tmp_path: Path) -> None:
    code = "def loss(P, y):\n" + "".join(f" {line}\n" for line in body.splitlines())
    finding = found("loss", loaded(code, tmp_path), limit=0.5)
    assert finding.seen[0].startswith("takes longer than 0.5 seconds: it is in student.py, line ")


def test_what_a_function_prints_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    def loss(P: Any, y: Any) -> Any:
        print("here")
        return solution("rnn")["loss"](P, y)

    assert found("loss", {"loss": loss}).status == RIGHT
    assert capsys.readouterr().out == ""


def test_hints_come_in_three_steps() -> None:
    slips = {slip.what: slip for slip in known("rnn")["backward"]}
    finding = found("backward", solution("rnn", {"backward": (slips["W is not transposed"],)}))
    name = "what you get if W is not transposed"
    assert name in lines(finding)[-1]
    one, two, three = ("\n".join(lines(finding, hint)) for hint in (1, 2, 3))
    assert "look at what flows from step t + 1 back to step t" in one
    assert "dh_t = V^T g_t + W^T da_{t+1}" not in one
    assert "dh_t = V^T g_t + W^T da_{t+1}" in two
    assert name not in two
    assert name in three


def test_an_unknown_mistake_has_the_nearest_slips_as_its_last_hint() -> None:
    right = solution("rnn")["backward"]

    def backward(p: Any, *rest: Any) -> Any:
        return right(p._replace(W=0.9 * p.W), *rest)

    finding = found("backward", {"backward": backward})
    assert finding.slips == ()
    assert "nothing flows back through time" in finding.likely
    assert "nothing flows back through time" in "\n".join(lines(finding, 3))


def test_random_draws_and_misread_numbers_are_told_apart() -> None:
    random = np.random.default_rng(0)

    def synthesise(p: Any, h: Any, x: Any, n: int, _: Any) -> Any:
        return solution("rnn")["synthesise"](p, h, x, n, random.random(n))

    finding = found("synthesise", {"synthesise": synthesise})
    assert finding.seen == ("the same numbers give another text: draw with those of `uniform`",)


def test_in_a_notebook_it_prints_and_returns_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "load_answers", answers)
    functions = solution("rnn")
    check.check(functions["backward"])
    assert capsys.readouterr().out.startswith("backward    right: central differences of your")
    check.check(print)
    assert "there is nothing to check in 'print'" in capsys.readouterr().out


def test_it_needs_numpy_alone() -> None:
    tree = ast.parse(Path(check.__file__).read_text(encoding="utf-8"))
    names = {
        name.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for name in node.names
    }
    names |= {
        str(node.module).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }
    assert names - sys.stdlib_module_names == {"numpy"}


def over_all_rows(p: Any, x: Any, h0: Any) -> Any:
    """Divide by the sum of all rows: right for one character, wrong for more."""
    h, P = solution("rnn")["forward"](p, x, h0)
    return h, P / len(x)


def in_reverse(p: Any, x: Any, h0: Any) -> Any:
    return solution("rnn")["forward"](p, x[::-1], h0)


def without_softmax(p: Any, x: Any, h0: Any) -> Any:
    h, P = solution("rnn")["forward"](p, x, h0)
    return h, np.log(P)


def by_sequences(forward: Any) -> Any:
    """Return a `synthesise` that reads all characters again for each."""

    def synthesise(p: Any, h: Any, x: Any, n: int, uniform: Any) -> Any:
        text = [x]
        for number in uniform[:n]:
            P = forward(p, np.array(text), h)[1]
            text.append(int(np.searchsorted(np.cumsum(P[-1])[:-1], number, side="right")))
        return np.array(text[1:])

    return synthesise


@pytest.mark.parametrize("wrong", [over_all_rows, in_reverse])
def test_a_right_synthesise_is_right_where_forward_is_wrong_for_sequences(wrong: Any) -> None:
    names = {**solution("rnn"), "forward": wrong}
    exec(pieces("rnn")["synthesise"].head + pieces("rnn")["synthesise"].body, names)
    assert found("forward", names).status == WRONG
    assert found("synthesise", names).status == RIGHT


@pytest.mark.parametrize("wrong", [over_all_rows, without_softmax])
def test_no_slip_of_synthesise_is_named_where_forward_is_wrong(wrong: Any) -> None:
    finding = found("synthesise", {"forward": wrong, "synthesise": by_sequences(wrong)})
    assert (finding.status, finding.seen) == (WAITS, ("forward is wrong",))
    improper = found("synthesise", {"forward": wrong, "synthesise": lambda *a: a[4]})
    assert (improper.status, improper.slips, improper.likely) == (WRONG, (), ())


def drawn_by(choose: Any) -> Any:
    """Return a `synthesise` that draws so from the probabilities and a number."""

    def synthesise(p: Any, h: Any, x: Any, n: int, uniform: Any) -> Any:
        text = []
        for number in uniform[:n]:
            states, P = solution("rnn")["forward"](p, np.array([x]), h)
            h, x = states[-1], choose(P[0], number)
            text.append(x)
        return np.array(text)

    return synthesise


@pytest.mark.parametrize(
    ("of_row", "choose"),
    [
        (lambda P: np.full(len(P), 1 / len(P)), lambda P, u: int(u * len(P))),
        (lambda P: np.eye(len(P))[P.argmax()], lambda P, _: int(P.argmax())),
        (lambda P: np.eye(len(P))[0], lambda *_: 0),
    ],
    ids=["uniform", "likeliest", "constant"],
)
def test_a_forward_that_shows_nothing_makes_no_synthesise_right(of_row: Any, choose: Any) -> None:
    right = solution("rnn")["forward"]

    def forward(p: Any, x: Any, h0: Any) -> Any:
        h, P = right(p, x, h0)
        return h, np.array([of_row(row) for row in P])

    functions = {"forward": forward, "synthesise": drawn_by(choose)}
    finding = found("synthesise", functions)
    assert (finding.status, finding.seen) == (WAITS, ("forward is wrong",))
    assert found("synthesise", {"synthesise": drawn_by(choose)}).status == WRONG


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_right_synthesise_is_right_with_a_wrong_forward(seed: int) -> None:
    """Unless the forward pass reads no character, or not the state that it is given."""
    made = answers("rnn", seed)
    for slip in known("rnn")["forward"]:
        if slip.what in (
            "W is transposed",
            "tanh is missing",
            "the bias b is forgotten",
            "the bias c is forgotten",
            "the characters are read in reverse order",
        ):
            names = solution("rnn", {"forward": (slip,)})
            exec(pieces("rnn")["synthesise"].head + pieces("rnn")["synthesise"].body, names)
            outcomes = check.run(names, check.calls("synthesise", made))
            assert check.judge("synthesise", made, outcomes).status == RIGHT, slip


def test_a_state_that_is_carried_once_and_no_more_is_wrong() -> None:
    forward = solution("rnn")["forward"]

    def synthesise(p: Any, h: Any, x: Any, n: int, uniform: Any) -> Any:
        text = []
        for i in range(n):
            states, P = forward(p, np.array([x]), h)
            h = states[-1] if i == 0 else h
            x = int(np.searchsorted(np.cumsum(P[0])[:-1], uniform[i], side="right"))
            text.append(x)
        return np.array(text)

    finding = found("synthesise", {"synthesise": synthesise})
    said = "the third characters do not have the probabilities after the first two"
    assert (finding.status, finding.seen) == (WRONG, (said,))


def test_a_recursion_without_end_takes_no_time() -> None:
    def softmax(o: Any) -> Any:
        return softmax(o)

    names = {**solution("rnn"), "softmax": softmax}
    for name in ("forward", "synthesise"):
        exec(pieces("rnn")[name].head + pieces("rnn")[name].body, names)
    finding = found("synthesise", names)
    assert finding.seen[0].startswith("RecursionError: maximum recursion depth exceeded")


def test_a_synthesise_that_reads_sequences_is_right_with_a_right_forward() -> None:
    synthesise = by_sequences(solution("rnn")["forward"])
    assert found("synthesise", {"synthesise": synthesise}).status == RIGHT


def test_a_rate_that_is_fixed_is_named() -> None:
    right = solution("rnn")["adagrad"]
    finding = found("adagrad", {"adagrad": lambda p, d, s, _: right(p, d, s, 0.1)})
    assert finding.slips == ("These numbers are what you get if eta is always 0.1.",)


def test_clipping_by_the_norm_of_all_gradients_is_named() -> None:
    def clip(d: Any, limit: float) -> Any:
        norm = np.linalg.norm(np.concatenate([part.ravel() for part in d]))
        return [part * min(1, limit / norm) for part in d]

    (said,) = found("clip", {"clip": clip}).slips
    assert said.endswith("if the gradients are scaled so that their norm is the limit.")


def test_an_index_that_adds_once_for_a_repeated_character_is_named() -> None:
    def backward(p: Any, x: Any, y: Any, h: Any, P: Any) -> Any:
        d, g = solution("rnn")["backward"](p, x, y, h, P), P - np.eye(len(p.c))[y]
        da, dU = g @ p.V, np.zeros_like(p.U)
        for t in reversed(range(len(x))):
            da[t] = (da[t] + (da[t + 1] @ p.W if t + 1 < len(x) else 0)) * (1 - h[t + 1] ** 2)
        dU[:, x] += da.T
        return d._replace(U=dU)

    finding = found("backward", {"backward": backward})
    assert finding.slips[0].startswith("U is what you get if dU[:, x] += adds once")


@pytest.mark.parametrize("added", [1e-300, 1e-12, 1e-10])
def test_what_is_added_in_the_logarithm_is_named_and_accepted_if_it_is_tiny(added: float) -> None:
    def loss(P: Any, y: Any) -> Any:
        return -sum(np.log(row[k] + added) for row, k in zip(P, y, strict=True))

    finding = found("loss", {"loss": loss})
    assert finding.status == (RIGHT if added < 1e-11 else WRONG)
    said = "".join([*finding.notes, *finding.slips])
    assert ("is added to P in the logarithm" in said) == (added > 1e-15)
    assert ("a probability of zero goes unnoticed" in said) == (added == 1e-12)


def single(function: Any) -> Any:
    """Return a function, or that of the solution by its name, in single precision."""
    right = solution("rnn")[function] if isinstance(function, str) else function

    def low(value: Any) -> Any:
        if isinstance(value, tuple):
            parts = [*map(low, value)]
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        floats = isinstance(value, np.ndarray | np.floating) and value.dtype == float
        return np.float32(value) if floats else value

    return lambda *arguments: low(right(*map(low, arguments)))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", ["softmax", "forward", "loss", "backward"])
def test_single_precision_is_accepted_with_a_word(name: str, seed: int) -> None:
    functions = solution("rnn") | {name: single(name)}
    finding = check.find(functions[name], name, functions, answers("rnn", seed))
    assert finding.status == RIGHT, finding
    assert finding.notes == (
        "these are numbers of single precision: accepted; a report of them needs float64",
    )
    assert "forward is wrong" not in finding.compared


def test_a_forward_of_single_precision_is_not_compared_with_and_not_blamed() -> None:
    finding = found("backward", {"forward": single("forward")})
    assert (finding.status, finding.compared) == (
        RIGHT,
        "not compared with differences of forward, which computes in single precision",
    )


@cells
@pytest.mark.parametrize("name", ["forward", "loss", "backward"])
def test_no_slip_hides_in_single_precision(name: str, cell: str) -> None:
    for slip in known(cell)[name][::3]:
        functions = solution(cell, {name: (slip,)})
        if slip not in accepted(name) and "1e-10" not in slip.what:  # which is less than its errors
            finding = judged(name, {**functions, name: single(functions[name])}, cell)
            assert finding.status == WRONG, slip


def test_a_small_error_is_accepted_and_numbers_that_differ_look_different() -> None:
    right = solution("rnn")["loss"]
    finding = found("loss", {"loss": lambda P, y: right(P, y) * (1 + 2e-8)})
    assert finding.status == RIGHT
    assert finding.notes[0].startswith("a relative error of 1e-08, as rounding")
    assert found("loss", {"loss": lambda P, y: right(P, y) * (1 + 2e-5)}).status == WRONG


def test_a_softmax_with_a_small_term_costs_nothing() -> None:
    def softmax(o: Any) -> Any:
        e = np.exp(o - o.max(axis=1, keepdims=True))
        return e / (e.sum(axis=1, keepdims=True) + 1e-8)

    names = {**solution("rnn"), "softmax": softmax}
    exec(pieces("rnn")["forward"].head + pieces("rnn")["forward"].body, names)
    assert [found(name, names).status for name in FUNCTIONS] == [RIGHT] * len(FUNCTIONS)
    assert "but forward is wrong" not in found("backward", names).compared
    assert check.number(1 + 2.98e-8, 1) == "1.00000003"
    assert (check.number(0.5, 1), check.number(1.0, 1.0)) == ("0.5", "1")


def test_the_last_hint_fits_the_function_or_is_not_there() -> None:
    def said(name: str, function: Any) -> str:
        return "\n".join(lines(found(name, {name: function}), 3))

    def noisy(*arguments: Any) -> Any:
        d = solution("rnn")["backward"](*arguments)
        return d._replace(W=d.W + np.random.default_rng(0).normal(size=d.W.shape) * 99)

    def random(p: Any, _: Any, s: Any, __: Any) -> None:
        draw = np.random.default_rng(1)
        for part in (*p, *s):
            part += 99 * draw.normal(size=part.shape)

    def fails(*_: Any) -> Any:
        raise ValueError

    assert "near; compute two updates of one entry" in said("adagrad", random)
    assert "near; compute the case T = 1 by hand" in said("backward", noisy)
    for name in FUNCTIONS:
        assert "Hint 3" not in said(name, fails)
        if name not in ("clip", "adagrad"):  # which need not return anything
            assert "Hint 3" not in said(name, lambda *_: np.zeros((7, 9)))


def test_what_can_not_be_set_is_said_with_what_to_write() -> None:
    def adagrad(p: Any, d: Any, s: Any, eta: Any) -> None:  # noqa: ARG001
        s.U += d.U**2

    (said,) = found("adagrad", {"adagrad": adagrad}).seen
    assert "write p.U[:] = ... or p.U[:] += ..., not p.U = ..." in said


def test_what_flows_back_is_not_blamed_beside_what_nothing_flows_to() -> None:
    slips = {slip.what: slip for slip in known("rnn")["backward"]}
    mean = slips["all gradients are the mean over the steps, not their sum"]
    finding = found("backward", solution("rnn", {"backward": (mean,)}))
    assert finding.seen == ("U, W, V, b and c are wrong from T = 2 on, right at T = 1",)


def test_results_in_another_order_are_said_to_be() -> None:
    def forward(*arguments: Any) -> Any:
        return solution("rnn")["forward"](*arguments)[::-1]

    def backward(*arguments: Any) -> Any:
        d = solution("rnn")["backward"](*arguments)
        return d.W, d.U, d.V, d.c, d.b

    finding = found("forward", {"forward": forward})
    assert finding.seen == ("it returns P and h: return the states first, then P",)
    assert finding.where == check.ORDER
    finding = found("backward", {"backward": backward})
    assert finding.seen[0].startswith("it returns dW, dU, dV, dc and db in this order: return them")
    assert (finding.where, finding.compared) == (check.ORDER, "")


def test_gradients_that_are_transposed_are_not_said_to_be_in_another_order() -> None:
    def backward(*arguments: Any) -> Any:
        d = solution("rnn")["backward"](*arguments)
        return d._replace(U=d.U.T, V=d.V.T)

    finding = found("backward", {"backward": backward})
    assert finding.seen[0] == "U has the shape (6, 4), not (4, 6): it is transposed"
    assert finding.where == "at the shapes"


def test_lists_are_accepted_with_a_word_on_the_lesson() -> None:
    def forward(*arguments: Any) -> Any:
        return [*map(list, solution("rnn")["forward"](*arguments))]

    finding = found("forward", {"forward": forward})
    assert (finding.status, finding.notes) == (
        RIGHT,
        ("h and P are lists: accepted, but the lesson needs arrays, as np.array makes them",),
    )


def test_the_parameters_that_an_update_leaves_out_are_named() -> None:
    def adagrad(p: Any, d: Any, s: Any, eta: Any) -> None:
        some = [value[:3] for value in (p, d, s)]
        solution("rnn")["adagrad"](*some, eta)

    first, second = found("adagrad", {"adagrad": adagrad}).seen
    assert first == "b and c of p after a first update are wrong, U, W and V are right"
    assert second.startswith("b[0] of p after a first update is ")


def test_a_gradient_by_differences_is_accepted_with_a_word() -> None:
    functions = solution("rnn")

    def backward(p: Any, x: Any, y: Any, h: Any, _: Any) -> Any:
        losses = []
        for step in (1e-5, -1e-5):
            passed = [functions["forward"](moved, x, h[0])[1] for moved in check.perturbed(p, step)]
            losses.append([functions["loss"](P, y) for P in passed])
        slopes = (np.array(losses[0]) - losses[1]) / 2e-5
        sizes = np.cumsum([part.size for part in p])[:-1]
        parts = np.split(slopes, sizes)
        return [part.reshape(one.shape) for part, one in zip(parts, p, strict=True)]

    finding = found("backward", {"backward": backward})
    assert (finding.status, finding.notes) == (RIGHT, (check.BY_DIFFERENCES,))


def test_rounding_far_below_a_millionth_is_accepted_with_a_word() -> None:
    def backward(*arguments: Any) -> Any:
        return [np.round(part, 7) for part in solution("rnn")["backward"](*arguments)]

    finding = found("backward", {"backward": backward})
    assert finding.status == RIGHT
    assert finding.notes[-1].endswith("as rounding or a small term makes it: accepted")


def test_where_two_slips_meet_the_hint_names_both_places() -> None:
    slips = {slip.what: slip for slip in known("rnn")["backward"]}
    two = (slips["W is not transposed"], slips["W meets the state after, not before"])
    finding = found("backward", solution("rnn", {"backward": two}))
    assert finding.seen[1] == (
        "U and b are wrong from T = 2 on, right at T = 1: it is what flows back"
    )
    assert (
        finding.where
        == "at the line that makes W, and at what flows from step t + 1 back to step t"
    )


def test_it_is_said_where_a_character_comes_a_second_time() -> None:
    slips = {slip.what: slip for slip in known("rnn")["backward"]}
    slip = slips["U is overwritten at each time step, not summed"]
    finding = found("backward", solution("rnn", {"backward": (slip,)}))
    assert finding.seen[0].endswith(", where a character comes a second time")


def test_where_a_slip_is_to_be_found_it_is_not_named_unless_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "load_answers", lambda: answers() | {"hint": np.array(0)})
    slip = next(one for one in known("rnn")["loss"] if one.what == "the sign is wrong")
    function = solution("rnn", {"loss": (slip,)})["loss"]
    check.check(function)
    assert "wrong" in (said := capsys.readouterr().out)
    assert slip.what not in said
    assert "Hint" not in said
    check.check(function, 3)
    assert slip.what in capsys.readouterr().out


def test_sentences_that_differ_in_their_numbers_are_said_once() -> None:
    def forward(p: Any, x: Any, h0: Any) -> Any:
        h, P = solution("rnn")["forward"](p, x, h0)
        return h[1:], P * 0.9 * len(x)

    first, second = found("forward", {"forward": forward}).seen
    assert first.endswith("row 0, the state before the sequence, is missing")
    assert second == "row 0 of P sums to 4.5, not to 1"
