"""A student's functions in the place of the network's own: the same numbers, and what can fail."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn.errors import DivergedError, InputError
from rnn.exercise.own import student
from rnn.exercise.own.student import Own, check, not_honoured, opened
from rnn.files.checkpoint import checkpointed, identity
from rnn.gradcheck import (
    CLOSE,
    OTHER_NETWORK,
    WRONG,
    analytic_gradient,
    check_gradients,
    fault,
    first_sequence,
)
from rnn.network import initialise
from rnn.run import COMPILED, Functions, Run, trained_model
from rnn.sampling import compose
from rnn.settings import PARAMETERS, Settings
from rnn.training import conclude, train
from rnn.updates import Plan, Record, begin, loops
from tests.students import write, write_wrong

K, M, T = 7, 6, 5
TEXT = np.random.default_rng(0).integers(0, K, 900).astype(np.uint8)
HELD_OUT = np.random.default_rng(1).integers(0, K, 130).astype(np.uint8)
# At 0.1 AdaGrad's first steps are so large that rounding grows into the losses within ten updates.
RATE = 0.01
SMALL = Settings(
    hidden_size=M,
    seq_length=T,
    learning_rate=RATE,
    init_scale=0.3,
    max_updates=160,
    sample_every=40,
    sample_length=30,
)
Write = Callable[..., Own]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Write]:
    """Return a function that writes a file with functions and opens it."""
    open_: list[Own] = []

    def make(more: str = "", style: str = "", **options: Any) -> Own:
        open_.append(Own(write(tmp_path, more, style), **options))
        return open_[-1]

    yield make
    for one in open_:
        one.close()


def trained(functions: Functions = COMPILED, settings: Settings = SMALL) -> Run:
    *_, run = train(TEXT, HELD_OUT, K, settings, functions=functions)
    return run


@pytest.mark.parametrize(("style", "m", "length"), [("", 100, 25), ("matrix", 12, 10)])
def test_a_hundred_updates_have_the_same_losses(
    own: Write, style: str, m: int, length: int
) -> None:
    found = []
    compiled, *_ = loops("rnn", "adagrad", "value")
    theirs = own(style=style).functions.updates
    assert theirs is not None
    text = np.random.default_rng(2).integers(0, 54, (1, 100 * length + 1))
    for updates in (compiled, theirs):
        network = initialise("rnn", 54, m, seed=3)
        (learner,) = begin(network, length, [1])
        record, smooth = Record(*np.zeros((4, 100))), 0.0
        for start, count in ((0, 60), (60, 40)):  # control comes back, as in a report
            part = Record(*(values[start : start + count] for values in record))
            plan = Plan(np.full(count, RATE), 0.05, 0.0)
            assert updates(learner, text, plan, start * length, start, smooth, part) == count
            smooth = part.smoothed[-1]
        found.append((*record, network.theta, learner.memory, learner.work.states[:, 0]))
    for one, other in zip(*found, strict=True):
        assert np.abs(one - other).max() < 1e-9
    assert found[0][2].any(), "something was clipped"


def test_a_run_has_the_history_the_samples_and_the_best_model_of_any_other(own: Write) -> None:
    functions = own().functions
    theirs, mine = trained(functions), trained()
    assert theirs.step == mine.step == 160
    np.testing.assert_allclose(theirs.losses, mine.losses, rtol=1e-6)
    np.testing.assert_allclose(np.array(theirs.history), np.array(mine.history), rtol=1e-9)
    np.testing.assert_allclose(theirs.validations, mine.validations, rtol=1e-9)
    assert [one.step for one in theirs.samples] == [0, 40, 80, 120, 160]
    for one, other in zip(theirs.samples, mine.samples, strict=True):
        assert np.array_equal(one.indices, other.indices), "drawn from the same random numbers"
    best = [conclude(run, HELD_OUT) for run in (theirs, mine)]
    np.testing.assert_allclose(best[0].network.theta, best[1].network.theta, atol=1e-9)
    assert best[0].step == best[1].step
    assert best[0].validation == pytest.approx(best[1].validation)


def test_a_run_that_was_stopped_resumes_and_ends_the_same(own: Write, tmp_path: Path) -> None:
    theirs = own()
    about, said = identity("book", SMALL, theirs.sha256), list[str]()

    def run(**options: Any) -> Iterator[Run]:
        return checkpointed(TEXT, HELD_OUT, K, SMALL, folder=tmp_path / "kept", about=about,
                            say=said.append, functions=theirs.functions, **options)  # fmt: skip

    with closing(run()) as runs:  # type: ignore[type-var]
        stopped = next(one.step for one in runs if one.step >= 60)
    *_, resumed = run()
    assert said == [f"training resumes at update {stopped:,} of 160"]
    whole = trained(theirs.functions)
    assert np.array_equal(resumed.network.theta, whole.network.theta)
    assert resumed.losses == whole.losses
    other = identity("book", SMALL, "0" * 64)
    *_, anew = checkpointed(
        TEXT, HELD_OUT, K, SMALL, folder=tmp_path / "kept", about=other, say=said.append
    )
    assert len(said) == 1, "functions that were changed begin anew"
    assert anew.step == 160


def test_the_gradient_and_differences_of_their_own_loss(own: Write) -> None:
    network = initialise("rnn", K, M, seed=1, init_scale=0.5)
    x, y = first_sequence(TEXT, T)
    theirs = own(style="matrix")
    gradient = theirs.gradient(network, x, y)
    np.testing.assert_allclose(gradient, analytic_gradient(network, x, y), atol=1e-12)
    check = check_gradients(network, x, y, gradient=gradient)
    compared = theirs.differences(check, network, x, y, gradient)
    assert not fault(compared)
    assert max(compared.central_difference.values()) < CLOSE
    assert compared.central_difference != check.central_difference, "of their own numbers"
    np.testing.assert_array_equal(
        network.theta, initialise("rnn", K, M, seed=1, init_scale=0.5).theta
    )


def test_a_wrong_gradient_is_found_by_both(tmp_path: Path) -> None:
    network = initialise("rnn", K, M, seed=1, init_scale=0.5)
    x, y = first_sequence(TEXT, T)
    theirs = Own(write_wrong(tmp_path))
    gradient = theirs.gradient(network, x, y)
    check = theirs.differences(
        check_gradients(network, x, y, gradient=gradient), network, x, y, gradient
    )
    theirs.close()
    for errors in (check.central_difference, check.complex_step):
        assert [name for name, error in errors.items() if error > CLOSE] == ["W"]
    assert OTHER_NETWORK not in fault(check, OTHER_NETWORK)


def test_a_forward_pass_of_another_network_is_told_from_a_wrong_gradient(own: Write) -> None:
    network = initialise("rnn", K, M, seed=1, init_scale=0.5)
    network.p.b[:] = 0.3
    x, y = first_sequence(TEXT, T)
    halved = (
        "whole = loss\ndef loss(P, y): return whole(P, y) / 2\n"
        "right = backward\ndef backward(*given): return Parameters(*(g / 2 for g in right(*given)))"
    )
    theirs = own(halved)
    gradient = theirs.gradient(network, x, y)
    check = theirs.differences(
        check_gradients(network, x, y, gradient=gradient), network, x, y, gradient
    )
    assert max(check.central_difference.values()) < CLOSE
    assert min(check.complex_step.values()) > WRONG
    assert OTHER_NETWORK in fault(check, OTHER_NETWORK)


@pytest.mark.parametrize("prime", ["", "b", "abcab"])
def test_a_passage_is_drawn_from_the_same_random_numbers(own: Write, prime: str) -> None:
    model = trained_model(trained(), "abcdefg", 2)
    theirs = own(style="matrix")
    assert theirs.compose(model, 200, prime=prime, seed=5) == compose(
        model, 200, prime=prime, seed=5
    )
    with pytest.raises(InputError, match=r"student\.py writes with temperature=1\.0"):
        theirs.compose(model, 10, temperature=0.5)
    with pytest.raises(InputError, match="has no 'z'"):
        theirs.compose(model, 10, prime="az")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("def forward(p, x, h0):\n    return p.W @ x", "forward raises ValueError: matmul:"),
        ("def forward(p, x): pass", "forward raises TypeError: forward() takes 2 positional"),
        ("def forward(p, x, h0): return 1", "forward: it must return two arrays"),
        (
            "def forward(p, x, h0):\n    return np.zeros((len(x), len(h0))), 1",
            "forward: h has the shape (1, 6), not (2, 6): row 0, the state before the sequence,",
        ),
        ("def loss(P, y): return 'a'", "loss: the loss is no array of numbers"),
        ("def loss(P, y): return np.nan", "loss: the loss has what is not a finite number"),
        ("def loss(P, y): return 1 / 0", "loss raises ZeroDivisionError: division by zero"),
        ("def backward(p, x, y, h, P): exit()", "backward raises SystemExit"),
        ("def backward(p, x, y, h, P): return p[:4]", "backward: there are not five arrays"),
        ("def backward(p, x, y, h, P): return p.W, p.U, *p[2:]", "backward: U has the shape"),
        (
            "def backward(p, x, y, h, P): return p._replace(W=p.W * np.inf)",
            "backward: W has what is not a finite number",
        ),
        ("def clip(d, limit):\n    d.W[99] = 0", "clip raises IndexError: index 99"),
        ("def adagrad(p, d, s, eta): p.U.shape = -1", "adagrad: U has the shape (42,), not (6, 7)"),
        ("def synthesise(p, h, x, n, uniform): return [7] * n", "synthesise: the text is not of"),
        ("def synthesise(p, h, x, n, uniform): return 'ab'", "synthesise: the text is no array"),
        ("def synthesise(*given): raise NotImplementedError", "synthesise is not written yet"),
        ("import os\ndef clip(d, limit): os._exit(3)", "its process ended: exit status 3"),
        ("def clip(d, limit):\n    while True: pass", "clip takes too long: it is in"),
    ],
)  # fmt: skip
def test_a_function_that_fails_is_one_line_that_names_it_and_the_line(
    own: Write, tmp_path: Path, code: str, says: str
) -> None:
    theirs = own(code, limit=1.0)
    with pytest.raises(InputError) as error:
        trained(theirs.functions)
    line = str(error.value)
    assert line.startswith(f"student.py: {says}")
    assert "\n" not in line
    lines = (tmp_path / "student.py").read_text().splitlines()
    if "not written" not in says and "process" not in says:
        number = int(line.rpartition("student.py, line ")[2].partition(":")[0])
        assert lines[number - 1] in code.splitlines()
        assert lines[number - 1].strip().rstrip(":") in line


def test_numbers_that_are_not_finite_later_are_training_that_diverged(own: Write) -> None:
    theirs = own(
        "right = forward\ncalls = []\n"
        "def forward(p, x, h0):\n"
        "    calls.append(len(x) == 5)\n"
        "    h, P = right(p, x, h0)\n"
        "    return h, P * (np.nan if sum(calls) > 70 else 1)\n"
    )
    run = trained(theirs.functions)
    assert run.step == 70
    assert run.diverged.startswith("the loss of update 71 is nan")


def test_what_they_print_read_or_change_reaches_no_one(own: Write) -> None:
    before = np.get_printoptions(), sys.getrecursionlimit(), dict(os.environ)
    theirs = own(
        "import os, sys\n"
        "np.set_printoptions(precision=1)\nsys.setrecursionlimit(99)\nos.environ['A'] = 'B'\n"
        "os.write(1, b'x' * 100_000)\n"
        "right = loss\n"
        "def loss(P, y):\n"
        "    print('x' * 100_000)\n"
        "    os.system('echo hello; cat')\n"
        "    try: input()\n"
        "    except EOFError: return right(P, y)\n"
        "assert os.environ['OPENBLAS_NUM_THREADS'] == os.environ['OMP_NUM_THREADS'] == '1'\n"
        "assert 'RNN_REPORT' not in os.environ\n"
    )
    settings = Settings(**{**vars(SMALL), "max_updates": 3})
    assert trained(theirs.functions, settings).step == 3
    assert (np.get_printoptions(), sys.getrecursionlimit(), dict(os.environ)) == before


def test_arrays_that_a_function_keeps_and_changes_do_no_harm(own: Write) -> None:
    theirs = own(
        "right = backward\nkept = []\n"
        "def backward(p, x, y, h, P):\n"
        "    d = right(p, x, y, h, P)\n"
        "    kept[:] = kept or d\n"
        "    for buffer, g in zip(kept, d): buffer[:] = g\n"
        "    return dict(zip(('dU', 'dW', 'dV', 'db', 'dc'), kept))\n"
    )
    np.testing.assert_allclose(trained(theirs.functions).losses, trained().losses, rtol=1e-6)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("def forward(p, x, h0:", "student.py: '(' was never closed in student.py, line "),
        (
            "import nothing_of_the_kind",
            "it raises ModuleNotFoundError: No module named 'nothing_of",
        ),
        ("del loss, clip", "there is no function loss and clip in it"),
        ("clip = 3", "there is no function clip in it"),
        ("def clip(d, limit): raise NotImplementedError", "clip is not written yet"),
        (
            "def loss(P, y): raise NotImplementedError\nclip = loss",
            "loss and clip are not written yet",
        ),
        ("def softmax(o): return o[0]", "softmax: the result has the shape (5,), not (3, 5)"),
        ("def clip(d): pass", "clip raises TypeError: clip() takes 1 positional argument but 2"),
        ("while True: pass", "student.py takes too long: it is in student.py, line"),
    ],
)
def test_what_can_be_seen_before_any_work_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, says: str
) -> None:
    monkeypatch.setattr(student, "FIRST_LIMIT", 1.0)
    with pytest.raises(InputError) as error:
        check(write(tmp_path, code))
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_no_file_of_python_is_refused(tmp_path: Path) -> None:
    pipe, large, bytes_ = tmp_path / "pipe.py", tmp_path / "large.py", tmp_path / "bytes.py"
    os.mkfifo(pipe)
    large.write_text("#" * 1_000_001)
    for content in (b"\xff\xfe\x00", b"# coding: none\n", b"a = '\0'"):
        bytes_.write_bytes(content)
        with pytest.raises(InputError, match=r"^(?!.*\n).*bytes\.py"):
            check(bytes_)
    for path, says in (
        (tmp_path / "none.py", "does not exist"),
        (tmp_path, "is not a file"),
        (pipe, "is not a file"),
        (large, "is larger than 1 MB"),
    ):
        with pytest.raises(InputError, match=says):
            check(path)


def test_a_right_file_is_accepted_and_known_by_its_contents(tmp_path: Path) -> None:
    one, other = write(tmp_path, style="loops"), write(tmp_path, "a = 1", "loops", "other.py")
    assert check(one) == Own(one).sha256 != check(other)


def test_parameters_that_they_can_not_honour_are_named() -> None:
    assert not not_honoured(Settings())
    assert not not_honoured(Settings(hidden_size=7, learning_rate=0.3, random_offset=True))
    odd: dict[str, Any] = {
        "cell": "gru", "dtype": "float32", "batch_size": 2, "optimiser": "adam", "warmup": 3,
        "schedule": "cosine", "clip_by": "norm", "dropout": 0.1, "threads": 2, "temperature": 2.0,
        "top_p": 0.5,
    }  # fmt: skip
    for name, value in odd.items():
        line = not_honoured(Settings(**{name: value}))
        default = PARAMETERS[name].default
        assert line == f"can't honour {name}={value}: its functions are for {name}={default}"
    both = not_honoured(Settings(cell="gru", dropout=0.1))
    assert both.startswith("can't honour cell=gru, dropout=0.1:")


def test_a_notebook_opens_them_if_they_are_named(tmp_path: Path) -> None:
    assert opened("", Settings(cell="gru")) is None
    path = write(tmp_path)
    with pytest.raises(InputError, match=r"^student\.py can't honour cell=gru"):
        opened(str(path), Settings(cell="gru"))
    theirs = opened(str(path), Settings())
    assert theirs is not None
    assert theirs.text == path.read_text()
    theirs.close()
    with pytest.raises(InputError, match=r"^student\.py: its process ended"):
        theirs.verdicts()


def test_a_run_whose_first_loss_is_infinite_is_named(own: Write) -> None:
    with pytest.raises((InputError, DivergedError), match=r"student\.py: forward: P has what"):
        trained(own("def softmax(o): return o * np.inf").functions)
