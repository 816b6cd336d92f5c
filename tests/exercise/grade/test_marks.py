"""Submissions that do what they should not: each is told apart, and none harms another."""

import os
import tempfile
import threading
import time
from pathlib import Path

import pytest

from rnn.exercise.folder import check
from rnn.exercise.folder.check import FUNCTIONS, RIGHT, WRONG
from rnn.exercise.grade.marks import TAMPERED, UNLOADED, Marked, mark, questions
from rnn.exercise.grade.process import (
    ENDED,
    LATE,
    MEMORY,
    UNREADABLE,
    Limits,
    Process,
    Stopped,
    stuck,
    sweep,
)
from rnn.exercise.slips import known
from rnn.exercise.student import source
from tests.exercised import answers
from tests.long.command import parents

WHOLE = source("rnn", ())
ROOT = Path(__file__).parents[3]
# A few functions, so that each test is quick.
FEW = ("softmax", "loss", "clip")


def marked(
    code: str,
    functions: tuple[str, ...] = FEW,
    seconds: int = 3,
    kept: tuple[str, ...] = (),
    cell: str = "rnn",
    memory: int = 400_000_000,
) -> Marked:
    asked = questions(answers(cell, 1), functions)
    limits = Limits(seconds, memory, kept)
    return mark(code.encode(), answers(cell, 1), asked, limits, threading.Event())


def statuses(found: Marked) -> list[str]:
    return [finding.status for finding in found.findings]


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_it_finds_what_the_check_finds(cell: str) -> None:
    """The same words, although the functions are called elsewhere."""
    found = marked(source(cell, ()), FUNCTIONS, 20, cell=cell)
    assert (statuses(found), found.status, found.did) == ([RIGHT] * 7, RIGHT, ())
    slips = {name: (known(cell)[name][-1],) for name in FUNCTIONS}
    names: dict[str, object] = {}
    exec(source(cell, (), slips), names)
    found = marked(source(cell, (), slips), FUNCTIONS, 20, cell=cell)
    expected = [check.find(names[n], n, names, answers(cell, 1)) for n in FUNCTIONS]  # type: ignore[arg-type]
    assert found.findings == tuple(expected)


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("while True: pass", LATE, "than 3 seconds: it is in student.py, line 1: while True: pass"),
        ("import time; time.sleep(1000)", LATE, "while it is loaded, it takes longer"),
        ("x = [bytearray(10**8) for _ in range(100)]", MEMORY, "MemoryError in student.py, line 1"),
        (
            "import os; os._exit(0)",
            ENDED,
            "while it is loaded, its process ends with exit status 0",
        ),
        ("raise SystemExit(0)", UNLOADED, "SystemExit: 0 in student.py, line 1"),
        ("1 / 0", UNLOADED, "ZeroDivisionError: division by zero in student.py, line 1: 1 / 0"),
        ("def softmax(:", UNLOADED, "student.py, line 1: def softmax(:"),
        ("\0", UNLOADED, "null bytes"),
        ("import os, time; os.closerange(3, 60); time.sleep(9)", ENDED, "answers no more"),
        ("from rnn.exercise.student import solution", UNLOADED, "No module named 'rnn'"),
        ("open('x', 'w').write('x' * 10**8)", UNLOADED, "OSError: [Errno 27] File too large"),
        ("open('answers.npz')", UNLOADED, "No such file or directory: 'answers.npz'"),
    ],
)
def test_what_can_not_be_loaded_is_told_apart(code: str, status: str, said: str) -> None:
    found = marked(code)
    assert (found.status, {*statuses(found)}, found.did) == (status, {status}, ())
    assert said in found.findings[0].seen[0]
    assert "rnn-grade" not in str(found), "the same words each time"


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ("while True: pass", LATE, "it takes longer than 3 seconds"),
        ("while True:\n  try: P + 1\n  except BaseException: pass", LATE, "it takes longer"),
        ("import time\n time.sleep(1000)", LATE, "it takes longer"),
        (
            "x = b'x' * 190_000_000\n while x: pass",
            MEMORY,
            "3 seconds and more than half of the memory",
        ),
        ("return np.ones((10**6, 10**6)).sum()", MEMORY, "MemoryError: Unable to allocate"),
        ("import os\n os._exit(3)", ENDED, "its process ends with exit status 3"),
        ("return loss(P, y)", WRONG, "RecursionError: maximum recursion depth exceeded"),
        (
            "return np.zeros(10**6)",
            WRONG,
            "can't be read: ValueError: it returns an array",
        ),
        ("return Liar()", WRONG, "can't be read: RuntimeError: I lie"),
        ("raise ValueError('\\x1b[31m' + 'x' * 10**6)", WRONG, "ValueError: \\x1b[31mxxx"),
    ],
)
def test_what_one_function_does_harms_no_other(body: str, status: str, said: str) -> None:
    liar = "class Liar:\n def __array__(self, *a, **b): raise RuntimeError('I lie')\n"
    found = marked(f"{WHOLE}\n{liar}\ndef loss(P, y):\n {body}\n")
    assert statuses(found) == [RIGHT, status, RIGHT], found
    assert (found.status, found.did) == (status, ())
    (seen,) = found.findings[1].seen[:1]
    assert said in seen
    assert len(seen) < 500


@pytest.mark.parametrize(
    ("body", "seconds", "status", "why"),
    [
        ("while True: pass", 2, LATE, "which does not end"),
        (
            "import time\n time.sleep(0.25)\n return given(p, x, h0)",
            4,
            RIGHT,
            "which take too long",
        ),
        ("return np.ones((10**6, 10**6))", 4, MEMORY, "which runs out of memory"),
        ("kept = []\n while True: kept.append(bytearray(10**6))", 9, MEMORY, "which runs out of"),
        ("KEPT.extend(bytes(10**4) for _ in iter(int, 1))", 9, MEMORY, "which runs out of memory"),
        ("import os\n os._exit(0)", 4, ENDED, "which ends the process"),
        ("return np.broadcast_to(1.0, 10**6), 1", 4, WRONG, "which can't be read"),
    ],
)
def test_forward_costs_backward_nothing(body: str, seconds: int, status: str, why: str) -> None:
    code = f"{WHOLE}\nKEPT = []\ngiven = forward\ndef forward(p, x, h0):\n {body}\n"
    found = marked(code, ("forward", "backward"), seconds)
    assert statuses(found) == [status, RIGHT], found
    said = f"not compared with differences of forward, {why}"
    assert found.findings[1].compared.startswith(said)
    # A wrong one stays wrong, in the words of the stored answers.
    slip = source("rnn", (), {"backward": (known("rnn")["backward"][0],)})
    found = marked(code.replace(WHOLE, slip), ("backward",), min(seconds, 2))
    assert statuses(found) == [WRONG]
    assert found.findings[0].slips


def test_backward_that_does_not_end_is_not_asked_twice() -> None:
    found = marked(f"{WHOLE}\ndef backward(*_):\n while True: pass\n", ("forward", "backward"))
    assert statuses(found) == [RIGHT, LATE]


def test_what_does_not_end_is_named_by_its_line_and_hides_no_lack_of_memory() -> None:
    code = "def helper(t):\n  for i in range(3): t = t + i\n  return t\n"
    code += "def loss(P, y):\n  t = 0\n  while t < 1:\n    helper(t)\n"
    code += "def clip(d, limit):\n  return [bytearray(10**8) for _ in range(100)]\n"
    found = marked(f"{WHOLE}\n{code}", seconds=2)
    line = WHOLE.count("\n") + 7
    said = f"it takes longer than 2 seconds: it is in student.py, line {line}: while t < 1:"
    assert statuses(found) == [RIGHT, LATE, MEMORY]
    assert found.findings[1].seen == (said,)
    assert found.status == MEMORY


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        ([8, 3], "6: while x:"),
        ([8, 2], "6: while x:"),
        ([9, 3], "2: for i in y:"),
        ([9, 1], "1: def f(y):"),
        ([99], ""),
        ([], ""),
    ],
)
def test_the_line_is_that_of_the_outermost_loop(stack: list[int], said: str) -> None:
    code = b"def f(y):\n  for i in y:\n    y\n  return y\nx = 1\n"
    code += b"while x:\n  for i in []:\n    f(x)\nf(x)"
    assert stuck(code, stack) == said
    assert stuck(b"def (", stack) == ""


def test_numpy_that_is_replaced_does_not_spoil_what_is_right() -> None:
    code = "".join(
        f"np.{name} = lambda a, b: True\n"
        for name in ("array_equal", "asarray", "ravel", "errstate")
    )
    found = marked(f"{WHOLE}\ndef loss(P, y): return 1\n{code}")
    assert (found.status, statuses(found)) == (TAMPERED, [RIGHT, WRONG, RIGHT])
    assert not any("can't be read" in seen for one in found.findings for seen in one.seen)


def test_objects_that_lie_do_not_become_right() -> None:
    code = """
class Array(np.ndarray):
    def __eq__(self, other): return True
    def __array_function__(self, *a, **b): return True
    def tolist(self): return [[1.0]]
    shape = (4, 6)
class Any:
    def __getattr__(self, name): return self
    def __call__(self, *a): return self
    def __eq__(self, other): return True
    def __len__(self): return 5
def softmax(o): return np.zeros(o.shape).view(Array)
def loss(P, y): return Any()
def clip(d, limit): return [Any()] * 5
"""
    assert statuses(marked(WHOLE + code)) == [WRONG] * 3


STARTS = "starts a program or a process"
SPAWN = "import _posixsubprocess; _posixsubprocess.fork_exec(*[None] * 21)"


@pytest.mark.parametrize(
    ("code", "did"),
    [
        ("os.fork()", "starts a program or a process"),
        ("os.posix_spawn('/bin/true', ['true'], {})", "starts a program or a process"),
        ("os.system('sleep 100')", "starts a program or a process"),
        ("import subprocess; subprocess.Popen(['sleep', '100'])", "starts a program or a process"),
        ("os.kill(os.getppid(), 9)", "sends signals to processes"),
        ("import ctypes; ctypes.CDLL(None).fork()", "calls functions of other libraries"),
        ("import socket; socket.create_connection(('127.0.0.1', 1))", "uses the network"),
        ("import gc; gc.get_objects()", "searches the memory of its process"),
        ("import resource; resource.setrlimit(resource.RLIMIT_CPU, (9, 9))", "changes the limits"),
        ("for i in range(200): open(f'{i}', 'w')", "writes more than 100 files"),
        ("np.isclose = np.allclose = lambda *a, **b: True", "replaces numpy.allclose"),
        ("import check; check.judge = None", "replaces check.judge"),
        (SPAWN, "starts a program or a process"),
        (
            "from multiprocessing.util import spawnv_passfds as s; s(b'/bin/true', [b'true'], [])",
            STARTS,
        ),
        ("open(f'/proc/{os.getppid()}/mem', 'rb')", "looks into other processes"),
        ("import sqlite3; sqlite3.connect('/tmp/rnn-x.db')", "writes to "),
    ],
)
def test_what_no_solution_needs_is_refused_and_told(code: str, did: str) -> None:
    """It gains nothing: what is right stays right, and what is wrong wrong."""
    tries = f"import os\ntry:\n    {code}\nexcept OSError: pass\n"
    found = marked(f"{WHOLE}{tries}def loss(P, y): return 1\n")
    assert statuses(found) == [RIGHT, WRONG, RIGHT]
    assert found.status == TAMPERED
    assert found.did[0].startswith(did)


def test_other_submissions_and_the_project_can_not_be_read_nor_changed(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/student.py").write_text("mine")
    link = f"import os; os.symlink({str(tmp_path)!r}, 'link'); "
    for code, did in (
        (f"open({str(tmp_path / 'other/student.py')!r})", "reads "),
        (f"{link}open('link/other/student.py')", "reads "),
        (f"open({str(tmp_path / 'new')!r}, 'w')", "writes to "),
        (f"import os; os.remove({str(tmp_path / 'other/student.py')!r})", "writes to "),
        (f"open({str(ROOT / 'rnn/exercise/solution/rnn.py')!r})", "reads "),
        (f"import sys; sys.path.append({str(ROOT)!r}); import rnn.exercise.student", "reads "),
    ):
        found = marked(code, ("softmax",), kept=(str(tmp_path),))
        assert (found.status, statuses(found)) == (TAMPERED, [UNLOADED]), code
        assert found.did[0].startswith(did), code
    assert [path.name for path in tmp_path.rglob("*")] == ["other", "student.py"]


def test_honest_habits_are_no_tampering() -> None:
    code = """
import random, tempfile, sys, warnings
print('x' * 10**6); sys.stderr.write('y' * 10**6)
np.savez('mine.npz', a=np.ones(3)); np.load('mine.npz')
np.random.seed(3); np.seterr(all='raise'); np.set_printoptions(precision=3)
tempfile.TemporaryFile().close()
warnings.warn('careful')
import matplotlib.pyplot as plt
"""
    compiled = "\nimport numba\nassert numba.njit(lambda x: x + 1)(1) == 2\n"
    libraries = """
import platform, sqlite3, scipy.special
platform.platform(); sqlite3.connect(':memory:').execute('create table a (b)')
open('/proc/self/status').read(); open('/proc/cpuinfo').read()
"""
    for habits in (code, compiled, libraries):
        found = marked(WHOLE + habits, seconds=60, memory=1_000_000_000)  # as the command has it
        assert (found.status, found.did) == (RIGHT, ()), found


def test_forged_messages_are_told_apart_and_gain_nothing() -> None:
    code = """
import os
for number in range(3, 30):
    try: os.write(number, b'{"loaded": ""}\\n{"outcomes": [[null, null, null]]}\\n[[[\\n' * 2)
    except OSError: pass
"""
    found = marked(WHOLE + code)
    assert (found.status, {*statuses(found)}) == (TAMPERED, {UNREADABLE})
    flood = "import os\nwhile True:\n for number in range(3, 30):\n  try: "
    flood += "os.write(number, b'x' * 10**6)\n  except OSError: pass\n"
    assert marked(flood).status == UNREADABLE


def children() -> set[int]:
    """Return the processes of this one, of which other tests may have left some."""
    return {child for child, parent in parents().items() if parent == os.getpid()}


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = children()
    code = "import os, threading\nos.mkdir('a'); os.chmod('a', 0)\n"
    code += "threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()\n"
    marked(WHOLE + code)
    marked(WHOLE + "while True: pass")
    assert [*tmp_path.iterdir()] == []
    for name, lock in (("rnn-grade-killed", True), ("rnn-grade-other", False), ("other", True)):
        (tmp_path / name / "room").mkdir(parents=True)
        if lock:
            (tmp_path / name / "lock").touch()
    (tmp_path / "rnn-grade-link").symlink_to(tmp_path / "other")
    asked = questions(answers("rnn", 1), FEW)
    limits = Limits(3, 400_000_000)
    with Process(WHOLE.encode(), limits, threading.Event()) as process:
        sweep()
        assert process.loaded() == ""
        assert len(process.outcomes("loss", asked["loss"].calls, asked["loss"].data)) == 3
    assert {path.name for path in tmp_path.iterdir()} == {
        "rnn-grade-other", "rnn-grade-link", "other",
    }  # fmt: skip
    assert children() <= before


def test_a_grading_that_is_stopped_waits_for_nothing() -> None:
    stop = threading.Event()
    threading.Timer(1, stop.set).start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        mark(
            b"while True: pass",
            answers("rnn", 1),
            questions(answers("rnn", 1), FEW),
            Limits(300, 400_000_000),
            stop,
        )
    assert time.monotonic() - began < 100
