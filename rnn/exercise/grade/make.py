"""Grade submissions: several at the same time, none twice, and whatever they do."""

import hashlib
import json
import platform
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from rnn.analysis import plain
from rnn.exercise.answers import answers
from rnn.exercise.folder.check import Finding
from rnn.exercise.grade.marks import GRAVEST, MISSING, Marked, Question, mark, questions, without
from rnn.exercise.grade.outputs import Graded, files
from rnn.exercise.grade.process import Limits, sweep
from rnn.exercise.grade.request import RECORDS, Plan
from rnn.exercise.grade.submissions import Submission, cells, submissions
from rnn.files.lines import printable, put
from rnn.files.storage import save_json, save_text
from rnn.network import CELLS

EXERCISE = Path(__file__).resolve().parents[1]


def make(plan: Plan) -> list[Path]:
    """Grade what is not graded yet, write the files, and return the paths that one opens first."""
    handed_in, others = submissions(plan.submissions)
    if others:
        _say(f"passed over, since each is no folder, zip file or .py: {_some(others)}")
    cell = cells(handed_in, plan.cell, CELLS)
    records = plan.out / RECORDS
    records.mkdir(parents=True, exist_ok=True)
    found: dict[str, Marked] = {}
    left = []
    for one in handed_in:
        earlier = read(records / f"{one.name}.json", key(one, cell[one.name], plan))
        if earlier:
            found[one.name] = earlier
        elif one.fault:
            found[one.name] = without([*plan.weights], MISSING, one.fault)
        else:
            left.append(one)
    sweep()
    if left:
        found |= graded(left, cell, plan, records, len(found))
    several = [Graded(one.name, cell[one.name], found[one.name]) for one in handed_in]
    for name, text in files(several, plan.weights, plan.hint).items():
        write(plan.out / name, text)
    names = {path.stem for path in (plan.out / "feedback").glob("[!.]*.txt")}
    if gone := sorted(names - {*found}):
        _say(f"no longer handed in, but their files are still there: {_some(gone)}")
    counts = Counter(one.marked.status for one in several)
    listed = ", ".join(f"{counts[one]} {one}" for one in reversed(GRAVEST) if counts[one])
    plural = "" if len(several) == 1 else "s"
    _say(f"{len(several)} submission{plural}: {listed}")
    return [plan.out / name for name in ("grades.csv", "feedback", "gradescope", "junit")]


def graded(
    left: Sequence[Submission], cell: dict[str, str], plan: Plan, records: Path, done: int
) -> dict[str, Marked]:
    """Grade submissions at the same time, and keep a record of each as soon as it is graded."""
    kinds = sorted({cell[one.name] for one in left})
    _say(f"preparing answers for other inputs than the students' ({', '.join(kinds)})")
    asked: dict[str, tuple[dict[str, np.ndarray], dict[str, Question]]] = {}
    for kind in kinds:
        made = answers(kind, plan.seed)
        asked[kind] = made, questions(made, [*plan.weights])
    limits = Limits(plan.seconds, plan.memory, (str(plan.submissions), str(plan.out)))
    stop = threading.Event()

    def work(one: Submission) -> Marked:
        kind = cell[one.name]
        marked = mark(one.source, *asked[kind], limits, stop)
        record = {"key": key(one, kind, plan), **marked._asdict()}
        record["findings"] = [finding._asdict() for finding in marked.findings]
        save_json(records / f"{one.name}.json", record)
        return marked

    found: dict[str, Marked] = {}
    pool = ThreadPoolExecutor(plan.workers)
    bar = tqdm(total=done + len(left), initial=done, unit=" submissions", file=sys.stderr)
    try:
        jobs: dict[Future[Marked], str] = {pool.submit(work, one): one.name for one in left}
        for job in as_completed(jobs):
            found[jobs[job]] = job.result()
            bar.update()
    except KeyboardInterrupt:
        raise KeyboardInterrupt(": the same command goes on where it was") from None
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)
        bar.close()
    return found


def write(path: Path, text: str) -> None:
    """Write a file unless it is as it should be: it takes seconds to write hundreds anew."""
    with suppress(OSError):
        if path.read_bytes() == text.encode("utf-8", "surrogatepass"):
            return
    save_text(path, text)


def read(path: Path, wanted: str) -> Marked | None:
    """Return what was found earlier, if it is there, whole, and of the same submission."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["key"] != wanted:
            return None
        findings = [
            Finding(**{name: _frozen(value) for name, value in one.items()})
            for one in record["findings"]
        ]
        return Marked(tuple(findings), tuple(record["did"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _frozen(value: Any) -> Any:
    return value if isinstance(value, str) else tuple(value)


def key(one: Submission, cell: str, plan: Plan) -> str:
    """Return a hash of all that determines what is found in a submission."""
    determining = [one.digest, cell, [*plan.weights], plan.seed, plan.seconds, plan.memory, _code()]
    return hashlib.sha256(json.dumps(determining).encode()).hexdigest()


@cache
def _code() -> str:
    """Return a hash of the programs that ask and judge."""
    paths = [*EXERCISE.rglob("*.py"), *Path(plain.__file__).parent.glob("plan*.py")]
    whole = hashlib.sha256(f"{platform.python_version()} {np.__version__}".encode())
    for path in sorted(paths):
        whole.update(path.read_bytes())
    return whole.hexdigest()


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")


def _say(line: str) -> None:
    put(f"{printable(line)}\n", sys.stderr)
