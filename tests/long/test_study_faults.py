"""What can befall a study: workers that die or hang, a scheduler that goes away, Ctrl-C."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.long.command import ROOT, parents
from tests.long.once import once
from tests.long.placing import Placing

SMALL = {"hidden_size": 8, "epochs": 10**6, "validation_limit": 2000, "evolution_until": 0}
LONG = 10**8  # updates: an hour or more, which no test waits for


def runs(count: int, updates: int = 30_000, **more: Any) -> list[dict[str, Any]]:
    return [{**SMALL, "seed": seed, "max_updates": updates, **more} for seed in range(count)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the results of four runs that nothing happened to; all is compiled afterwards."""

    def make(folder: Path) -> None:
        placing = Placing(folder / "said", {"workers": 2}, runs(4))
        assert placing.end() == 0, placing.lines()
        assert len(placing.results()) == 4
        (folder / "results.json").write_text(json.dumps(placing.results()))

    folder = once(tmp_path_factory, "undisturbed", make)
    results: dict[str, str] = json.loads((folder / "results.json").read_text())
    return results


def gone(processes: list[int], seconds: float = 5) -> bool:
    """Return whether processes have ended, after at most so many seconds."""
    end = time.monotonic() + seconds
    while set(processes) & parents().keys():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def kill(placing: Placing) -> None:
    """Kill all workers, as the system does when the memory is full."""
    for worker in placing.workers():
        os.kill(worker, signal.SIGKILL)


def both_at_work(placing: Placing) -> list[int]:
    """Wait until two workers train, and return their processes."""
    placing.until(lambda: len(placing.workers()) == 2)
    placing.until("finished")  # they are prepared
    return placing.workers()


def steps(shared: Path) -> dict[str, int]:
    """Return the last step of each run that has checkpoints in a folder."""
    found = sorted(path.name.rpartition("-") for path in shared.glob("checkpoint-*"))
    return {run: int(step) for run, _, step in found}


def furthest(shared: Path) -> int:
    return max(steps(shared).values(), default=0)


def test_a_worker_that_is_killed_is_replaced_and_its_run_made_again(
    tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    placing = Placing(tmp_path / "said", {"workers": 2}, runs(4))
    both_at_work(placing)
    kill(placing)
    assert placing.end() == 0
    assert placing.results() == undisturbed
    lost = placing.lines("said the worker ")
    assert lost
    assert all("has ended: its run is made again" in line for line in lost)
    assert len(placing.lines()) == 4 + len(lost), placing.lines()  # and no line of Dask's own


def test_a_run_that_kills_three_workers_has_failed_and_the_rest_goes_on(
    tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    where = {"workers": 1, "shared": str(shared)}
    placing = Placing(
        tmp_path / "said", where, [*runs(1, LONG, checkpoint_every=100_000), *runs(4)[1:]]
    )
    for _ in range(3):  # the run is made again first, so a lone worker has the same one
        before = furthest(shared)
        placing.until(partial(lambda before: furthest(shared) > before, before))
        (worker,) = placing.workers()
        os.kill(worker, signal.SIGKILL)
        assert gone([worker])
    assert placing.end() == 0
    (failed,) = placing.lines("failed")
    assert failed.startswith("failed run0 3 workers were lost while they made this run; the last")
    undisturbed = {key: value for key, value in undisturbed.items() if key != "run0"}
    assert placing.results() == undisturbed


def test_a_worker_that_hangs_is_replaced(tmp_path: Path, undisturbed: dict[str, str]) -> None:
    placing = Placing(tmp_path / "said", {"workers": 2, "silence": 6}, runs(4))
    hung = both_at_work(placing)[0]
    os.kill(hung, signal.SIGSTOP)
    assert placing.end() == 0
    assert placing.results() == undisturbed
    assert gone([hung])


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_what_is_finished_and_leaves_no_process(
    tmp_path: Path, undisturbed: dict[str, str], stop: signal.Signals
) -> None:
    placing = Placing(tmp_path / "said", {"workers": 2}, [*runs(2), *runs(2, LONG)])
    placing.until(lambda: len(placing.lines("finished")) == 2)
    time.sleep(1)
    family = [one for one, parent in parents().items() if parent == placing.process.pid]
    assert len(family) >= 2
    os.killpg(placing.process.pid, stop)  # as a terminal does, to all of them
    assert placing.end(60) == 130
    assert placing.lines()[-1] == "interrupted"
    assert placing.results().items() <= undisturbed.items()
    assert len(placing.lines()) == 3, placing.lines()
    assert gone(family)


def test_no_worker_outlives_a_client_that_is_killed(
    tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    del undisturbed  # all is compiled
    shared = tmp_path / "shared"
    shared.mkdir()
    placing = Placing(tmp_path / "said", {"workers": 2, "shared": str(shared)}, runs(2, LONG))
    placing.until(lambda: len(steps(shared)) == 2)
    family = [one for one, parent in parents().items() if parent == placing.process.pid]
    placing.process.kill()
    placing.end()
    assert gone(family)


class Cluster:
    """A scheduler and workers that were started by hand, each in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.processes = folder, dict[str, subprocess.Popen[bytes]]()
        self.address = ""
        self.within: list[str] = []  # how a process is started elsewhere than in this network

    def start(self, name: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        own = self.folder / name
        own.mkdir(parents=True, exist_ok=True)
        with (own / "said").open("wb") as terminal:
            self.processes[name] = subprocess.Popen(
                [*self.within, sys.executable, "-m", "dask", *arguments],
                cwd=own,
                env=_own_environment() | {"XDG_CACHE_HOME": str(own), **environment},
                stdout=terminal,
                stderr=terminal,
            )
        return self.processes[name]

    def scheduler(self, host: str = "127.0.0.1", *more: str) -> None:
        options = ("--port=0", "--no-dashboard", f"--dashboard-address={host}:0", *more)
        self.start("scheduler", "scheduler", f"--host={host}", *options)
        said = self.folder / "scheduler" / "said"
        end = time.monotonic() + 120
        while "Scheduler at: " not in said.read_text():
            assert time.monotonic() < end, said.read_text()
            time.sleep(0.05)
        self.address = said.read_text().partition("Scheduler at: ")[2].split()[0]

    def worker(self, name: str, *more: str, **environment: str) -> subprocess.Popen[bytes]:
        options = ("--nthreads=1", "--nworkers=1", "--no-dashboard", "--local-directory=.")
        return self.start(name, "worker", self.address, *options, *more, **environment)

    def until_registered(self, *names: str) -> None:
        """Wait until the scheduler knows these workers, however busy the machine is."""
        end = time.monotonic() + 120
        for name in names:
            said = self.folder / name / "said"
            while "Registered to: " not in said.read_text():
                assert time.monotonic() < end, said.read_text()
                time.sleep(0.05)


def _own_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


@contextmanager
def _cluster(folder: Path) -> Iterator[Cluster]:
    cluster = Cluster(folder)
    try:
        yield cluster
    finally:
        for process in cluster.processes.values():
            with_children = [process.pid, *_children(process.pid)]
            for one in with_children:
                try:
                    os.kill(one, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            process.wait()


def _children(process: int) -> list[int]:
    found = [process]
    for one in found:
        found += [child for child, parent in parents().items() if parent == one]
    return found[1:]


def _ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True, capture_output=True)


@pytest.fixture
def network() -> Iterator[str]:
    """Yield the name of a second network on this machine, 10.213.7.2; this one is 10.213.7.1."""
    name = f"rnn{os.getpid()}"
    try:
        _ip(f"netns add {name}")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a second network needs root, and ip")
    try:
        _ip(f"link add {name} type veth peer name {name}b netns {name}")
        _ip(f"address add 10.213.7.1/24 dev {name}")
        _ip(f"link set {name} up")
        _ip(f"-n {name} address add 10.213.7.2/24 dev {name}b")
        _ip(f"-n {name} link set {name}b up")
        _ip(f"-n {name} link set lo up")
        yield name
    finally:
        _ip(f"netns del {name}")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with _cluster(tmp_path / "cluster") as started:
        started.scheduler()
        yield started


def test_two_workers_started_by_hand_in_other_folders(
    tmp_path: Path, cluster: Cluster, undisturbed: dict[str, str]
) -> None:
    for name in ("one", "two"):
        package = cluster.folder / name / "rnn"  # of another version, which is not to be used
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("raise ImportError('this is another version')")
        cluster.worker(name, PYTHONPATH=str(package.parent))
    placing = Placing(tmp_path / "said", {"cluster": cluster.address}, runs(4))
    assert placing.end() == 0, placing.lines()
    assert placing.results() == undisturbed

    def compiled(name: str) -> dict[Path, int]:
        (sources,) = (cluster.folder / name / "char-rnn-study").iterdir()
        assert (sources / "rnn" / "training.py").exists()
        files = sources.glob("rnn/__pycache__/numba-*/**/*.nbc")
        return {path: path.stat().st_mtime_ns for path in files}

    kept = compiled("one"), compiled("two")
    assert all(kept), "compiled code was not kept"
    # Both are there for the next study, and what they have compiled, too.
    again = Placing(tmp_path / "again", {"cluster": cluster.address}, runs(4))
    assert again.end() == 0, again.lines()
    assert again.results() == undisturbed
    assert (compiled("one"), compiled("two")) == kept


def test_a_worker_with_other_versions_gets_no_work(
    tmp_path: Path, cluster: Cluster, undisturbed: dict[str, str]
) -> None:
    package = cluster.folder / "old" / "scipy-0.1.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Name: scipy\nVersion: 0.1\n")
    cluster.worker("old", PYTHONPATH=str(package.parent))
    refused = f"can't be used: it has scipy 0.1, and scipy {version('scipy')} is needed"
    alone = Placing(tmp_path / "alone", {"cluster": cluster.address}, runs(1))
    assert alone.end() == 1
    assert refused in alone.lines("error")[0]
    cluster.worker("new")
    cluster.until_registered("new")
    placing = Placing(tmp_path / "said", {"cluster": cluster.address}, runs(4))
    assert placing.end() == 0, placing.lines()
    assert placing.results() == undisturbed
    assert [refused in line for line in placing.lines("said")] == [True]


def test_a_run_is_given_up_on_a_cluster_when_its_study_is_interrupted(
    tmp_path: Path, cluster: Cluster, undisturbed: dict[str, str]
) -> None:
    cluster.worker("one")
    shared = tmp_path / "shared"
    shared.mkdir()
    where = {"cluster": cluster.address, "shared": str(shared)}
    placing = Placing(tmp_path / "said", where, runs(1, LONG, checkpoint_seconds=1))
    placing.until(lambda: len(list(shared.glob("*"))) == 2)
    os.kill(placing.process.pid, signal.SIGINT)
    assert placing.end(60) == 130
    again = Placing(tmp_path / "again", where, runs(4))
    assert again.end() == 0, again.lines()  # the worker is free
    assert again.results() == undisturbed


def test_a_scheduler_that_goes_away_is_a_line(
    tmp_path: Path, cluster: Cluster, undisturbed: dict[str, str]
) -> None:
    cluster.worker("one")
    placing = Placing(tmp_path / "said", {"cluster": cluster.address}, [*runs(1), *runs(1, LONG)])
    placing.until("finished")
    cluster.processes["scheduler"].kill()
    assert placing.end(60) == 1
    assert placing.lines()[-1].startswith("error the connection to the scheduler is lost; what is")
    assert placing.results().items() <= undisturbed.items()
    assert len(placing.lines()) == 2, placing.lines()


def test_a_scheduler_that_hangs_is_a_line(
    tmp_path: Path, cluster: Cluster, undisturbed: dict[str, str]
) -> None:
    cluster.worker("one")
    cluster.until_registered("one")
    where = {"cluster": cluster.address, "silence": 5}
    placing = Placing(tmp_path / "said", where, [*runs(1), *runs(1, LONG)])
    placing.until("finished")
    cluster.processes["scheduler"].send_signal(signal.SIGSTOP)
    assert placing.end(60) == 1
    assert "the scheduler has been silent for 5 seconds" in placing.lines()[-1]
    assert placing.results().items() <= undisturbed.items()


@pytest.fixture
def certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Configure Dask as docs/cluster.md says."""
    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificate")
    folder = tmp_path / "certificates"
    folder.mkdir()
    page = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^openssl .*$", page, re.MULTILINE)
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    (configuration,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (folder / "tls.yaml").write_text(configuration.replace("/home/me/study-tls", str(folder)))
    monkeypatch.setenv("DASK_CONFIG", str(folder))


def test_a_cluster_with_certificates(
    tmp_path: Path,
    certificates: None,
    undisturbed: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del certificates
    with _cluster(tmp_path / "cluster") as cluster:
        cluster.scheduler("127.0.0.1", "--protocol=tls")
        assert cluster.address.startswith("tls://")
        cluster.worker("one")
        placing = Placing(tmp_path / "said", {"cluster": cluster.address}, runs(4))
        assert placing.end() == 0, placing.lines()
        assert placing.results() == undisturbed
        monkeypatch.setenv("DASK_CONFIG", str(tmp_path / "none"))
        without = Placing(tmp_path / "without", {"cluster": cluster.address}, runs(1))
        assert without.end() == 1
        assert "needs certificates, and Dask's configuration names none" in without.lines()[0]


def test_a_network_that_is_cut_is_a_line(
    tmp_path: Path, network: str, undisturbed: dict[str, str]
) -> None:
    with _cluster(tmp_path / "cluster") as cluster:
        cluster.within = ["ip", "netns", "exec", network]
        cluster.scheduler("10.213.7.2")
        cluster.worker("one")
        cluster.until_registered("one")
        where = {"cluster": cluster.address, "silence": 5}
        refused = Placing(tmp_path / "refused", where, runs(1))
        assert refused.end(60) == 1
        assert "say INSECURE=1 if you trust the network" in refused.lines()[0]
        where["insecure"] = True
        placing = Placing(tmp_path / "said", where, [*runs(1), *runs(1, LONG)])
        placing.until("finished")
        _ip(f"link set {network} down")
        assert placing.end(60) == 1
        assert "has been silent for 5 seconds" in placing.lines("error")[0]
        assert placing.results().items() <= undisturbed.items()


def test_a_cluster_without_workers_is_not_waited_for_without_end(
    tmp_path: Path, cluster: Cluster
) -> None:
    where = {"cluster": cluster.address, "silence": 3}
    placing = Placing(tmp_path / "said", where, runs(1))
    assert placing.end(60) == 1
    assert "there has been no worker for 3 seconds" in placing.lines()[-1]


def test_a_worker_on_a_cluster_that_hangs_is_not_waited_for(
    tmp_path: Path, cluster: Cluster, undisturbed: dict[str, str]
) -> None:
    for name in ("one", "two"):
        cluster.worker(name)
    cluster.until_registered("one", "two")
    where = {"cluster": cluster.address, "silence": 6}
    placing = Placing(tmp_path / "said", where, runs(4))
    placing.until("finished")
    (hung,) = [
        one
        for one in _children(cluster.processes["one"].pid)
        if "spawn_main" in Path(f"/proc/{one}/cmdline").read_text()
    ]
    os.kill(hung, signal.SIGSTOP)
    assert placing.end(120) == 0
    assert placing.results() == undisturbed


def test_killed_runs_resume_from_their_checkpoints(
    tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    where = {"workers": 1, "shared": str(shared)}
    settings = runs(1, checkpoint_every=1000)
    placing = Placing(tmp_path / "said", where, settings)

    placing.until(lambda: furthest(shared) > 5000)
    kill(placing)
    reached = furthest(shared)
    placing.until("said")
    placing.until(lambda: furthest(shared) > reached or not steps(shared))
    # It did not begin anew: of the last two checkpoints none is of the first thousand updates.
    assert all(int(path.name.rpartition("-")[2]) > 1000 for path in shared.glob("checkpoint-*"))
    assert placing.end() == 0
    assert placing.results().items() <= undisturbed.items()
    assert not steps(shared)
