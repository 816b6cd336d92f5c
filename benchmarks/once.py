"""The measurements made once, each in a process of its own: start-up, memory, and checks."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.speed import Plan, Result
from benchmarks.worker import ROOT

MEGABYTE = 1_000_000


def startup(plan: Plan) -> list[Result]:
    """Measure the time of the compiled functions at the first start and at later ones."""
    results = []
    with tempfile.TemporaryDirectory() as cache:
        for start in ("first", "second", "third"):
            results.append({"start": start, **_apart("start", NUMBA_CACHE_DIR=cache)})
            plan.say(f"  {start} start: {results[-1]['compiled']:.2f} s for compiled functions")
    return results


def memory(plan: Plan) -> list[Result]:
    """Measure the peak memory and the time to the first update for books of 1 MB to 1 GB."""
    with Path(plan.text).with_suffix(".txt").open("rb") as file:
        book = file.read()
    results = []
    _apart("train_book", str(Path(plan.text).with_suffix(".txt")))  # compiles
    for size in (1, 10) if plan.quick else (1, 10, 100, 1000):
        with tempfile.NamedTemporaryFile(suffix=".txt") as file:
            for _ in range(0, size * MEGABYTE, len(book)):
                file.write(book)
            file.truncate(size * MEGABYTE)
            file.flush()
            results.append({"megabytes": size, **_apart("train_book", file.name)})
        plan.say(
            f"  {size} MB: {results[-1]['peak'] / MEGABYTE:.0f} MB at most,"
            f" first update after {results[-1]['first_update']:.1f} s"
        )
    return results


def checks(plan: Plan) -> list[Result]:
    """Measure a gradient check of all entries and the sampling of 1,000,000 characters."""
    length = 100_000 if plan.quick else 1_000_000
    result = _apart("check_and_sample", plan.text, str(length))
    plan.say(
        f"  central differences {result['central_difference']['seconds']:.1f} s, complex step"
        f" {result['complex_step']['seconds']:.1f} s, {length:,} characters"
        f" {result['sampling']['seconds']:.1f} s"
    )
    return [result]


def _apart(name: str, *arguments: str, **variables: str) -> Any:
    """Run one of the functions below in a process of its own, and return its result."""
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {**os.environ, **dict.fromkeys(threads, "1"), **variables}
    command = [sys.executable, "-m", "benchmarks.once", name, repr(time.time()), *arguments]
    run = subprocess.run(  # noqa: S603  our own module
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(run.stdout)


def _seconds(function: Callable[[], Any]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def start(begun: float) -> Result:
    """Import and call the functions that a notebook calls, at tiny sizes."""
    import numpy as np

    from rnn.gradcheck import check_gradients, first_sequence
    from rnn.network import Model, initialise
    from rnn.sampling import compose
    from rnn.settings import Settings
    from rnn.training import train

    imported = time.time() - begun
    text = np.arange(100, dtype=np.uint8) % 5
    network = initialise("rnn", 5, 4, seed=0)
    model = Model(network, "abcde", np.zeros((1, 4)), first=0, lowercase=True)
    settings = Settings(hidden_size=4, seq_length=3, max_updates=1)
    parts = {
        "gradient check": _seconds(lambda: check_gradients(network, *first_sequence(text, 3))),
        "first update": _seconds(lambda: list(train(text[:90], text[90:], 5, settings))),
        "sampling": _seconds(lambda: compose(model, 10, top_p=0.9)),
    }
    return {"import": imported, "parts": parts, "compiled": sum(parts.values())}


def train_book(begun: float, path: str) -> Result:
    """Read a book, train on it for 2000 updates and measure the memory."""
    from rnn.files.book import read_book
    from rnn.settings import Settings
    from rnn.text import split
    from rnn.training import train

    book = read_book(path)
    read = time.time() - begun
    first = 0.0
    parts = split(book.indices, 0.05, 0.05)
    for run in train(*parts[:2], len(book.vocabulary), Settings(max_updates=2000)):
        if run.step and not first:
            first = time.time() - begun
    whole = time.time() - begun
    return {"peak": _peak(), "read": read, "first_update": first, "whole": whole}


def _peak() -> int:
    """Return the peak memory of this process, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def check_and_sample(_begun: float, text_file: str, length: str) -> Result:
    """Check all 20,954 gradients at m=100, K=54, T=25 and sample characters at m=100."""
    import numpy as np

    from rnn import gradcheck
    from rnn.network import Model, initialise
    from rnn.sampling import compose

    K, m, T = 54, 100, 25
    with np.load(text_file) as file:
        text = file["text"] % K
    x, y = gradcheck.first_sequence(text, T)
    network = initialise("rnn", K, m, seed=400)
    gradcheck.check_gradients(initialise("rnn", K, 2, seed=400), x[:2], y[:2])  # compiles
    marks: list[float] = []

    def timed(pieces: Any) -> Any:
        """Note the time before each piece of work and after the last."""
        for piece in pieces:
            marks.append(time.perf_counter())
            yield piece
        marks.append(time.perf_counter())

    check = gradcheck.check_gradients(network, x, y, progress=timed)
    half = len(marks) // 2  # each method has the same pieces
    seconds = {
        "central_difference": marks[half] - marks[0],
        "complex_step": marks[-1] - marks[half],
    }
    vocabulary = "".join(map(chr, range(97, 97 + K)))
    model = Model(network, vocabulary, np.zeros((1, m)), first=0, lowercase=True)
    compose(model, 2)  # compiles
    sampled = _seconds(lambda: compose(model, int(length)))
    return {
        "entries": check.entries,
        "checked": check.checked,
        **{
            method: {"seconds": value, "relative_errors": getattr(check, method)}
            for method, value in seconds.items()
        },
        "sampling": {"characters": int(length), "seconds": sampled},
    }


if __name__ == "__main__":
    functions = {f.__name__: f for f in (start, train_book, check_and_sample)}
    print(json.dumps(functions[sys.argv[1]](float(sys.argv[2]), *sys.argv[3:])))
