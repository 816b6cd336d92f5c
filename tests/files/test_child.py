"""What the command starts ends with it, and keeps to limits of time and memory."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnn.files import child

ROOT = Path(__file__).parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Linux kills it and counts its memory")
SPINS = "while True: pass"
WAITS = "import time; time.sleep(100)"


def python(program: str, seconds: int = 20, memory: int = 500_000_000) -> tuple[bytes, str]:
    return child.run([sys.executable, "-c", program], seconds=seconds, memory=memory)


def test_what_it_prints_and_what_went_wrong() -> None:
    echo = [sys.executable, "-c", "print(input())"]
    assert child.run(echo, seconds=9, memory=10**9, source=b"a") == (b"a\n", "")
    assert python("import sys; print(1); sys.exit('no\\n luck')") == (b"", "no luck")
    assert python("raise SystemExit(3)") == (b"", "it ended with 3")
    assert python("import os; os.kill(os.getpid(), 9)") == (b"", "it ended with -9")


@pytest.mark.parametrize("program", [SPINS, "sum(range(10**12))", f"import zlib\n{SPINS}"])
def test_its_time_is_limited(program: str) -> None:
    start = time.monotonic()
    assert python(program, seconds=1) == (b"", "it was not done after 1 second of computing")
    assert time.monotonic() - start < 20


def test_time_that_it_waits_does_not_count() -> None:
    """As when the machine sleeps, or the command is stopped, with what it started or without."""
    assert python("import time; time.sleep(2); print(1)", seconds=1) == (b"1\n", "")
    program = (
        "from rnn.files import child; import sys\n"
        "made = child.run([sys.executable, '-c', 'print(1)'], seconds=1, memory=10**9)\n"
        "sys.exit(made != (b'1\\n', ''))"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) as command:
        time.sleep(0.1)
        command.send_signal(signal.SIGSTOP)
        time.sleep(2)
        command.send_signal(signal.SIGCONT)
        assert command.wait(20) == 0


@LINUX
@pytest.mark.parametrize(
    "program",
    [
        "bytearray(10**9)",
        "[list(range(10**6)) for _ in range(100)]",
        "import numpy; numpy.ones(10**9)",
    ],
)
def test_its_memory_is_limited(program: str) -> None:
    assert python(program) == (b"", "it needs too much memory")


@LINUX
@pytest.mark.parametrize("program", [SPINS, WAITS])
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSEGV])
def test_it_ends_with_this_process(program: str, ending: int, tmp_path: Path) -> None:
    told = tmp_path / "pid"
    inner = f"import os; open({str(told)!r}, 'w').write(f'{{os.getpid()}}\\n')\n{program}"
    outer = (
        "from rnn.files import child; import sys\n"
        f"child.run([sys.executable, '-c', {inner!r}], seconds=50, memory=10**9)"
    )
    with subprocess.Popen([sys.executable, "-c", outer], cwd=ROOT, stderr=-3) as command:
        until = time.monotonic() + 20
        while not (told.exists() and told.read_text()) and time.monotonic() < until:
            time.sleep(0.02)
        command.send_signal(ending)
    process = Path("/proc", told.read_text().strip(), "stat")
    until = time.monotonic() + 2
    while runs(process) and time.monotonic() < until:
        time.sleep(0.02)
    assert not runs(process)


def runs(process: Path) -> bool:
    """Return whether a process runs; one that has ended may wait to be noticed."""
    try:
        return process.read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@LINUX
def test_a_limit_of_the_users_own_stays() -> None:
    program = (
        "import resource, sys; from rnn.files import child\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (7, 7))\n"
        "ask = 'import resource; print(resource.getrlimit(resource.RLIMIT_CPU))'\n"
        "print(child.run([sys.executable, '-c', ask], seconds=50, memory=10**9)[0].decode())"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "(7, 7)"
