"""How long a user waits: whole commands, in turns with those of another commit.

`python -m benchmarks.whole --beside COMMIT`, without a commit the one before, is the last part of
`make bench`, and writes results/whole.json and whole.md. Each commit is measured in a clone of its
own, with this environment; only the set-up makes new ones.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import machine
from benchmarks.tables import spread
from benchmarks.worker import ROOT

# This checkout's own `rnn` is on the path of .venv, and imported at the start; a clone's is wanted.
COMMAND = """
import runpy, sys
for name in [name for name in sys.modules if name.split(".")[0] == "rnn"]:
    del sys.modules[name]
sys.path.insert(0, {root!r})
runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
"""
LAB = """
import jupytext
from nbclient import NotebookClient
notebook = jupytext.read("notebooks/03_training.py")
code = [cell for cell in notebook.cells if cell.cell_type == "code"]
before = next(i for i, cell in enumerate(code) if "watch(" in cell.source) + 1
notebook.cells = code[:before]
notebook.cells[0].source += "\\nmax_updates = 1\\nfolder = '{out}'"
resources = {{"metadata": {{"path": "notebooks"}}}}
NotebookClient(notebook, kernel_name="python3", resources=resources).execute()
"""
# Each stage alone, in a kernel of its own, and page and PDF from what they left.
STAGES = """
import json, sys, time
from io import StringIO
from pathlib import Path
for name in [name for name in sys.modules if name.split(".")[0] == "rnn"]:
    del sys.modules[name]
sys.path.insert(0, {root!r})
began = time.perf_counter()
from rnn.report import make, request, running
from rnn.report.terminal import Terminal
taken = {{}}
def lap(name):
    global began
    taken[name] = time.perf_counter() - began
    began = time.perf_counter()
plan = request.check(request.Request(preset="quick", out={out!r}), Path("notebooks"))
lap("start and checks")
work = Path({out!r} + ".stages")
(work / "notebooks").mkdir(parents=True)
paths = dict(book=str(plan.book), folder=str(work), student="", model_file="")
for stage in plan.stages:
    used = {{name: (plan.values | paths)[name] for name in plan.declared[stage.name]}}
    executed = work / "notebooks" / (stage.name + ".ipynb")
    notebook = Path("notebooks", stage.name + ".py").resolve()
    running.run(notebook, executed, used, Terminal(StringIO()))
    lap(stage.name)
told = make.record(plan, work)
(work / "run.json").write_text(json.dumps(told))
make.render_plan(plan, work, make.carry(plan, told, work))
lap("report.html and report.pdf")
Path({out!r} + ".json").write_text(json.dumps(taken))
"""
NOTES = "# Part 1\n\nNote {} with $a_{{{}}}$.\n"


class Copy:
    """A commit, in a clone, with the folders that it writes to."""

    def __init__(self, commit: str, folder: Path) -> None:
        self.root, self.out, self.count = folder / "project", folder / "report", 0
        self.cache = folder / "cache"
        clone = ["git", "clone", "--quiet", str(ROOT), str(self.root)]
        subprocess.run(clone, check=True)  # noqa: S603
        checkout = ["git", "-C", str(self.root), "checkout", "--quiet", commit]
        subprocess.run(checkout, check=True)  # noqa: S603
        self.commit = commit

    def timed(self, *command: str, **variables: str) -> dict[str, float]:
        """Run a command in the clone; return the seconds on the clock and of the processor."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        run = subprocess.run(  # noqa: S603
            command,
            cwd=self.root,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        wall = time.perf_counter() - start
        if run.returncode:
            raise RuntimeError(f"{self.commit}: {' '.join(command)}: {run.stderr[-2000:]}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        names = ("ru_utime", "ru_stime")
        spent = sum(getattr(after, name) - getattr(before, name) for name in names)
        return {"wall": wall, "processor": spent}

    def report(self, *options: str, **variables: str) -> dict[str, float]:
        """Make a report; return its seconds, and those that training says that it took."""
        program = COMMAND.format(root=str(self.root), module="rnn.report")
        command = [sys.executable, "-EP", "-c", program, "--out", str(self.out), *options]
        found = self.timed(*command, **variables)
        run = json.loads((self.out / "run.json").read_text(encoding="utf-8"))
        return found | {"training": run["training"]["seconds"]}

    def anew(self, *options: str, **variables: str) -> dict[str, float]:
        """Make a report where there is none."""
        shutil.rmtree(self.out, ignore_errors=True)
        return self.report(*options, **variables)


def quick(copy: Copy) -> dict[str, float]:
    """Make a short report, compiled."""
    return copy.anew("--preset=quick")


def again(copy: Copy) -> dict[str, float]:
    """Make it again, with nothing changed."""
    return copy.report("--preset=quick")


def notes(copy: Copy) -> dict[str, float]:
    """Make it again with other notes."""
    copy.count += 1
    file = copy.out.with_name("notes.md")
    file.write_text(NOTES.format(copy.count, copy.count), encoding="utf-8")
    return copy.report("--preset=quick", f"--notes={file}")


def default(copy: Copy) -> dict[str, float]:
    """Make the default report, compiled."""
    return copy.anew()


def first(copy: Copy) -> dict[str, float]:
    """Make a short report with nothing compiled."""
    shutil.rmtree(copy.cache, ignore_errors=True)
    return copy.anew("--preset=quick", NUMBA_CACHE_DIR=str(copy.cache))


def lab(copy: Copy) -> dict[str, float]:
    """Run notebook 03 as JupyterLab does, until its first update."""
    out = copy.out.with_name("lab")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    program = LAB.format(out=out)
    return copy.timed(sys.executable, "-c", program, PYTHONPATH=str(copy.root))


def set_up(copy: Copy) -> dict[str, float]:
    """Set up from nothing, with pip's cache warm."""
    shutil.rmtree(copy.root / ".venv", ignore_errors=True)
    path = [part for part in os.environ["PATH"].split(os.pathsep) if not _has_uv(part)]
    return copy.timed("make", "setup", PATH=os.pathsep.join(path))


def set_up_uv(copy: Copy) -> dict[str, float]:
    """Set up from nothing with uv, its cache warm."""
    shutil.rmtree(copy.root / ".venv", ignore_errors=True)
    return copy.timed("make", "setup")


def stages(copy: Copy) -> dict[str, float]:
    """Run the stages of a short report one after another, and write page and PDF."""
    shutil.rmtree(f"{copy.out}.stages", ignore_errors=True)
    program = STAGES.format(root=str(copy.root), out=str(copy.out))
    found = copy.timed(sys.executable, "-EP", "-c", program)
    taken: dict[str, float] = json.loads(Path(f"{copy.out}.json").read_text(encoding="utf-8"))
    return found | taken


def _has_uv(folder: str) -> bool:
    return Path(folder, "uv").exists()


PARTS: dict[str, tuple[str, Callable[[Copy], dict[str, float]]]] = {
    "quick": ("`make report PRESET=quick`, compiled", quick),
    "again": ("the same again, nothing changed", again),
    "notes": ("the same with other NOTES", notes),
    "default": ("`make report`, compiled", default),
    "first": ("`make report PRESET=quick`, nothing compiled", first),
    "lab": ("notebook 03 from the start of its kernel to its first update", lab),
    "set_up": ("`make setup` from nothing, pip's cache warm", set_up),
    "set_up_uv": ("`make setup` from nothing with uv, its cache warm", set_up_uv),
    "stages": ("its stages one after another", stages),
}


def measured(copies: list[Copy], parts: list[str], rounds: int) -> dict[str, Any]:
    """Return what each part took in each round, for each commit; the first round only warms up."""
    found: dict[str, Any] = {part: {copy.commit: [] for copy in copies} for part in parts}
    for turn in range(rounds + 1):
        for part in parts:
            for copy in copies[:: (-1) ** turn]:
                seconds = PARTS[part][1](copy)
                print(f"{turn} {part} {copy.commit}: {seconds}", flush=True)
                if turn:
                    found[part][copy.commit].append(seconds)
    return found


def table(record: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    commits = record["commits"]
    columns = [f"{commit}, {what}" for commit in commits for what in ("s", "of the processor")]
    rows = [" | ".join(["", *columns, "before against now"]), "|".join(["---", *["---:"] * 5])]
    by_stage: dict[str, list[list[float]]] = {}
    for part, by_commit in record["seconds"].items():
        turns = [by_commit[commit] for commit in commits]
        cells = [
            spread([one[kind] for one in taken], 3)
            for taken in turns
            for kind in ("wall", "processor")
        ]
        before, now = (median(one["wall"] for one in taken) for taken in turns)
        rows.append(" | ".join([PARTS[part][0], *cells, f"{before / now:.2f}"]))
        if part == "default":
            besides = [[one["wall"] - one["training"] for one in taken] for taken in turns]
            cells = [text for some in besides for text in (spread(some, 3), "")]
            rows.append(" | ".join(["what of it is not training", *cells, ""]))
        if part == "stages":
            for name in turns[0][0].keys() - {"wall", "processor"}:
                by_stage[name] = [[one[name] for one in taken] for taken in turns]
    for name, (then, since) in sorted(by_stage.items(), key=_in_order):
        ratio = f"{median(then) / median(since):.2f}"
        rows.append(
            " | ".join([f"of these, {name}", spread(then, 3), "", spread(since, 3), "", ratio])
        )
    about = (
        f"Medians of {record['rounds']} rounds with their quartiles, taken in turns on"
        f" {record['machine']}; load at the start {record['load']:.1f}."
    )
    return "\n".join(["# Whole commands", "", about, "", *(f"| {row} |" for row in rows)]) + "\n"


def _in_order(named: tuple[str, Any]) -> tuple[bool, bool, str]:
    """Return what the stages are sorted by: the start first, page and PDF last."""
    name, _ = named
    return name.startswith("report"), not name.startswith("start"), name


def main() -> None:
    """Measure all, and write the files."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whole", description=__doc__)
    parser.add_argument("--beside", default="HEAD~1", help="the commit to compare with")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=[*PARTS])
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    chosen = parser.parse_args()
    about = machine()
    git = ["git", "-C", str(ROOT), "rev-parse", "--short"]
    commits = [
        subprocess.run([*git, name], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
        for name in (chosen.beside, "HEAD")
    ]
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        copies = [Copy(commit, Path(folder, commit)) for commit in commits]
        seconds = measured(copies, chosen.parts, chosen.rounds)
    record = {
        "commits": commits,
        "rounds": chosen.rounds,
        "machine": f"{about['cores']} cores of {about['processor']}",
        "load": load,
        "seconds": seconds,
    }
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "whole.json").write_text(json.dumps(record, indent=1) + "\n")
    (chosen.out / "whole.md").write_text(table(record))
    print(table(record))


if __name__ == "__main__":
    main()
