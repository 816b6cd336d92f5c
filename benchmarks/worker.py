"""A process that holds one peer, pinned to its cores, and takes its turns when told to.

Each peer has a process of its own so that imports, thread pools and settings don't mix. This file
holds both ends: `Worker` starts the process and sends commands; run as a program, it answers them.
"""

import contextlib
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, cast

ROOT = Path(__file__).parent.parent
PARTED = ("floor", "profile")  # not programs, but parts of one
CHECKED = 4  # updates whose losses are compared: training is chaotic, and later losses drift apart
# Largest relative differences from ours: of a gradient (by norm), and of a loss.
TOLERANCES = {"float64": (1e-12, 1e-10), "float32": (1e-5, 1e-3)}


@dataclass(frozen=True)
class Spec:
    """A peer, its text and sizes, and its cores."""

    peer: str
    text: str  # a file with the arrays text and K
    m: int
    T: int
    B: int
    dtype: str
    rate: float
    cores: int
    threads: int


class DifferenceError(RuntimeError):
    """A peer does not compute the same as ours."""


class Worker:
    """The end that sends commands."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        variables = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
        environment = {**os.environ, **dict.fromkeys(variables, str(spec.threads))}
        environment["JAX_PLATFORMS"] = "cpu"
        if spec.threads == 1:
            environment["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
        self.process = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", "benchmarks.worker", json.dumps(asdict(spec))],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.questions = cast(IO[str], self.process.stdin)
        self.answers = cast(IO[str], self.process.stdout)

    def ask(self, command: str, **arguments: Any) -> Any:
        """Send a command to the process and return its answer."""
        print(json.dumps([command, arguments]), file=self.questions, flush=True)
        line = self.answers.readline()
        if not line:
            raise RuntimeError(f"the worker of {self.spec.peer} ended: see above")
        return json.loads(line)

    def stop(self) -> None:
        """End the process."""
        with contextlib.suppress(BrokenPipeError):
            self.questions.close()
        self.process.wait()


@contextlib.contextmanager
def working(specs: list[Spec]) -> Iterator[list[Worker]]:
    """Run a worker for each spec and end them all."""
    workers: list[Worker] = []
    try:
        for spec in specs:
            workers.append(Worker(spec))
        yield workers
    finally:
        for worker in workers:
            worker.stop()


def _pin(cores: int) -> None:
    """Pin this process to `cores` of the cores that it may use, if the system supports it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])


def _differences(peer: Any, ours: Any) -> tuple[float, float]:
    """Return the largest relative difference of a gradient and of a loss."""
    import numpy as np

    mine, gradient = ours.gradient(), peer.gradient()
    gradients = max(
        float(np.linalg.norm(gradient[name] - value) / np.linalg.norm(value))
        for name, value in mine.items()
    )
    losses = float(np.max(np.abs(peer.train(CHECKED) / ours.train(CHECKED) - 1)))
    return gradients, losses


def _serve(spec: Spec) -> None:
    """Answer each line of JSON with another, until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # keeps what libraries print apart from the answers
    _pin(spec.cores)

    import numpy as np

    from benchmarks.parts import Parts
    from benchmarks.task import make_task

    with np.load(spec.text) as file:
        text, K = file["text"], int(file["K"])
    task = make_task(
        text,
        K,
        m=spec.m,
        T=spec.T,
        B=spec.B,
        dtype=spec.dtype,
        rate=spec.rate,
        threads=spec.threads,
    )
    module = importlib.import_module(f"benchmarks.peers.{spec.peer}")
    peer: Any = Parts(module.parts(task)) if spec.peer in PARTED else module.Peer(task)
    count = 0
    for line in sys.stdin:
        command, arguments = json.loads(line)
        answer: Any = None
        if command == "check":
            from benchmarks.peers.ours import Peer

            answer = _differences(peer, Peer(task))
        elif command == "warm":
            peer.train(2)
            start = time.perf_counter()
            peer.train(2)
            once = (time.perf_counter() - start) / 2
            count = min(max(2, int(arguments["seconds"] / once)), task.updates)
            peer.train(count)
        elif command == "turn":
            start = time.perf_counter()
            peer.train(count)
            answer = (time.perf_counter() - start) / count
        elif command == "parts":
            answer = peer.turn(arguments["seconds"])
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    _serve(Spec(**json.loads(sys.argv[1])))
