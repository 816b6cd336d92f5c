"""Processes that this one starts: they end when it does, however that is, and keep to limits.

Their time is the processor's, not the clock's: a command that was stopped for a night, or a busy
machine, loses nothing by it.
"""

import ctypes
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence


def run(
    command: Sequence[str],
    *,
    seconds: int,
    memory: int,
    source: bytes = b"",
    environment: Mapping[str, str] | None = None,
) -> tuple[bytes, str]:
    """Run a program within limits; return what it printed, and what went wrong, in one line.

    Parameters
    ----------
    command
        The program and its arguments.
    seconds
        How long its threads may compute, together.
    memory
        How many bytes of its own it may hold.
    source
        What it reads from its standard input.
    environment
        Its environment variables; without it, those of this process.
    """
    done = subprocess.run(  # noqa: S603  # of two fixed programs
        command,
        input=source,
        capture_output=True,
        check=False,
        env=environment,
        preexec_fn=limited(seconds=seconds, memory=memory),
    )
    if not done.returncode:
        return done.stdout, ""
    said = " ".join(done.stderr.decode(errors="replace").split())
    if done.returncode == -signal.SIGXCPU:
        plural = "" if seconds == 1 else "s"
        said = f"it was not done after {seconds} second{plural} of computing"
    elif "memory" in said.lower() or "heap" in said.lower():
        said = "it needs too much memory"
    return b"", said or f"it ended with {done.returncode}"


def limited(*, seconds: int, memory: int) -> Callable[[], None]:
    """Return what a new process calls as it starts, to keep to limits and die with this one."""
    starts = starting()

    def limit() -> None:
        starts()
        for kind, most in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_DATA, memory)):
            hard = resource.getrlimit(kind)[1]
            soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (soft, hard))

    return limit


def starting() -> Callable[[], None]:
    """Return what a new process calls as it starts, so that it dies with this one.

    Linux kills it then. Elsewhere a program ends by its limit of time, and a kernel by ipykernel's
    own check, once a second, unless compiled code runs.
    """
    if sys.platform != "linux":
        return lambda: None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def tell() -> None:
        prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:  # it has died already
            os._exit(1)

    return tell
