"""The engine: places the runs of a study on workers, by dask.distributed.

Dask starts the processes, carries the work to them and the results back, and knows who is alive.
Which worker gets which run is decided here, one run a worker at a time, so that a worker that dies
or falls silent is blamed on the run that it was making, and on no other.
"""

import asyncio
import logging
import multiprocessing
import os
import signal
import sysconfig
import tempfile
import time
import uuid
import warnings
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from multiprocessing import resource_tracker
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import dask.config
import distributed
from distributed.security import Security

from rnn.errors import InputError
from rnn.settings import Settings
from rnn.study import sources
from rnn.study.errors import EngineError
from rnn.study.task import SentBook, Task, Where, check

DEATHS = 3  # of workers, after which a run has failed
LOOK = 0.5  # seconds between looks at which workers there are
AGAIN = "what is finished is kept, and the same command goes on from there"
LOST = f"the connection to the scheduler is lost; {AGAIN}"
UNPREPARED = "unprepared"  # what a worker answers that has begun anew at the same address
CLOSING = 8  # seconds that workers have to end by themselves
# A worker with other versions of these might give other bits, or none.
VERSIONS = ("numpy", "numba", "scipy")
# Dask's words are for its developers; what matters of them is said here.
LOGGERS = ("distributed", "dask", "tornado", "asyncio")
CONFIG = {
    "distributed.admin.large-graph-warning-threshold": "1TB",  # a book
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.nanny.pre-spawn-environ": {
        "DASK_LOGGING__DISTRIBUTED": "critical",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    },
}


Answer = tuple[str, Any]  # done and the value, failed and why, or lost


@dataclass
class _Worker:
    """A worker: what it does, and when it was last heard of."""

    address: str
    seen: float = 0.0  # by the scheduler's clock
    heard: float = 0.0  # by this one's
    state: str = "new"  # then preparing, ready, refused
    task: Task | None = None
    doing: "Future[Answer] | None" = None


def run(
    tasks: Sequence[Task],
    book: SentBook,
    finished: Callable[[str, bytes], None],
    failed: Callable[[str, str], None],
    *,
    where: Where,
    say: Callable[[str], None],
) -> None:
    """Make runs, as many at a time as there are workers.

    Parameters
    ----------
    tasks
        The runs, in the order in which they begin.
    book
        The book that they are trained on.
    finished
        Called with the key and the packed result of each run that has ended.
    failed
        Called with the key of each run that can't be made, and the reason in one line.
    where
        Where they are trained.
    say
        Called with a line when a worker is lost or can't be used.

    Raises
    ------
    InputError
        When `where` can't be used.
    EngineError
        When no run can be placed any more: the scheduler has gone, or no worker is left.
    """
    check(where)
    if not tasks:
        return
    ttl = {"distributed.scheduler.worker-ttl": f"{where.silence} s"}  # of the workers started here
    with _quiet(), dask.config.set({**CONFIG, **ttl}), _connected(where, say) as client:
        placing = _Placing(client, tasks, book, where, say)
        try:
            for _ in placing.place():
                while placing.failures:
                    failed(*placing.failures.popleft())
                while placing.made:
                    finished(*placing.made.popleft())
        finally:
            placing.stop()


class _Placing:
    """Runs on their way, and the workers that make them."""

    def __init__(
        self,
        client: distributed.Client,
        tasks: Sequence[Task],
        book: SentBook,
        where: Where,
        say: Callable[[str], None],
    ) -> None:
        self.client, self.book, self.where, self.say = client, book, where, say
        self.shared = str(Path(where.shared).absolute()) if where.shared else ""
        self.waiting = deque(tasks)
        self.made: deque[tuple[str, bytes]] = deque()  # key and result
        self.failures: deque[tuple[str, str]] = deque()  # key and reason
        self.deaths: Counter[str] = Counter()
        self.workers: dict[str, _Worker] = {}
        self.ended: SimpleQueue[tuple[_Worker, Future[Any]]] = SimpleQueue()
        self.written: SimpleQueue[str] = SimpleQueue()  # lines that workers write
        self.topic = f"rnn-study-{uuid.uuid4().hex}"  # under which they send them
        self.said: set[str] = set()
        client.subscribe_topic(self.topic, lambda event: self.written.put(event[1]))
        self.files = sources.sources()
        self.name = sources.name(self.files)
        self.usable = time.monotonic()  # when there last was a worker that can be used
        self.refusal = ""

    def place(self) -> Iterator[None]:
        """Give each free worker a run until all have ended, and pause whenever one has."""
        look = 0.0
        while self.waiting or any(worker.task for worker in self.workers.values()):
            if time.monotonic() >= look:
                self._look()
                look = time.monotonic() + LOOK
            for worker in self.workers.values():
                if worker.state == "ready" and not worker.doing and self.waiting:
                    worker.task = self.waiting.popleft()
                    self._begin(worker, self._make(worker, worker.task.settings))
            self._tell()
            yield
            with suppress(Empty):
                worker, doing = self.ended.get(timeout=max(0.0, look - time.monotonic()))
                if worker.doing is doing:  # not one that was given up
                    worker.doing = None
                    self._end(worker, doing)
        self._tell()
        yield

    def _tell(self) -> None:
        """Say what workers have written, such as that they compile; each line once for all."""
        with suppress(Empty):
            while True:
                line = self.written.get_nowait()
                if line not in self.said:
                    self.said.add(line)
                    self.say(line)

    def stop(self) -> None:
        """Give up what is being done; the workers notice within a fraction of a second."""
        for worker in self.workers.values():
            if worker.doing:
                worker.doing.cancel()

    def _begin(self, worker: _Worker, doing: Coroutine[Any, Any, Answer]) -> None:
        """Begin to do something on a worker; it is put into the queue when it has ended."""
        loop: Any = self.client.loop
        worker.doing = asyncio.run_coroutine_threadsafe(doing, loop.asyncio_loop)
        worker.doing.add_done_callback(lambda future: self.ended.put((worker, future)))

    def _end(self, worker: _Worker, doing: "Future[Answer]") -> None:
        """See how something ended that a worker did."""
        self._check_connection()
        how, value = doing.result()
        task = worker.task
        if task is None:  # it was being prepared
            worker.state = {"done": "ready", "lost": "new"}.get(how, "refused")
            if how == "failed":
                self.refusal = f"the worker {worker.address} can't be used: {value}"
                self.say(self.refusal)
        elif how == "lost" or value == UNPREPARED:  # it has begun anew at the same address
            worker.state = "new"
            self._lose(worker, "has ended")
        else:
            worker.task = None
            if how == "failed":
                self.failures.append((task.key, value))
            elif value is None:  # the worker is being closed
                self.waiting.appendleft(task)
            else:
                self.made.append((task.key, value))

    def _lose(self, worker: _Worker, what: str) -> None:
        """Take a run back from a worker that has died or fallen silent."""
        if worker.doing:
            worker.doing.cancel()
        task, worker.task, worker.doing = worker.task, None, None
        if task is None:
            return
        self.deaths[task.key] += 1
        if self.deaths[task.key] < DEATHS:
            self.say(f"the worker {worker.address} {what}: its run is made again")
            self.waiting.appendleft(task)
        else:
            reason = f"{DEATHS} workers were lost while they made this run; the last {what}"
            self.failures.append((task.key, f"{reason}. It may need more memory than there is"))

    def _look(self) -> None:
        """See which workers there are, and which of them have been silent for too long."""
        found, now, silence = self._last_seen(), time.monotonic(), self.where.silence
        for address in self.workers.keys() - found.keys():
            self._lose(self.workers.pop(address), "has ended")
        for address, seen in found.items():
            worker = self.workers.setdefault(address, _Worker(address))
            if seen != worker.seen:
                worker.seen, worker.heard = seen, now
                worker.state = "new" if worker.state == "silent" else worker.state
            elif now - worker.heard > silence and worker.state != "silent":
                worker.state = "silent"
                self._lose(worker, f"has been silent for {silence:g} seconds")
            if worker.state == "new" and not worker.doing:
                worker.state = "preparing"
                self._begin(worker, self._prepare(worker))
        states = {worker.state for worker in self.workers.values()}
        if states & {"ready", "preparing"}:
            self.usable = now
        elif states == {"refused"}:
            raise EngineError(self.refusal)
        elif now - self.usable > silence:
            raise EngineError(f"there has been no worker for {silence:g} seconds; {AGAIN}")

    def _last_seen(self) -> dict[str, float]:
        """Return when the scheduler last heard of each worker, by its clock."""
        self._check_connection()
        scheduler: Any = self.client.scheduler
        silence = self.where.silence
        try:
            ask = scheduler.identity
            known = self.client.sync(ask, n_workers=-1, callback_timeout=silence)
        except Exception as error:
            self._check_connection()
            if isinstance(error, TimeoutError):
                raise EngineError(
                    f"the scheduler has been silent for {silence:g} seconds; {AGAIN}"
                ) from None
            if isinstance(error, OSError):  # it has just gone, and the client does not know yet
                raise EngineError(LOST) from None
            raise EngineError(f"the scheduler can't be asked: {_line(error)}; {AGAIN}") from None
        return {address: worker["last_seen"] for address, worker in known["workers"].items()}

    def _check_connection(self) -> None:
        if self.client.status != "running":
            raise EngineError(LOST)

    async def _prepare(self, worker: _Worker) -> Answer:
        """Check a worker's versions, and give it the sources and the book."""
        # Asked by functions of Python's own: code is sent only to the same version of Python.
        asked = {"python": (sysconfig.get_python_version,)} | {p: (version, p) for p in VERSIONS}
        for package, (ask, *of) in asked.items():
            ours, (how, theirs) = ask(*of), await self._on(worker, ask, *of)
            if how == "lost":
                return how, theirs
            if theirs != ours:
                has = f"it has {package} {theirs}" if how == "done" else f"it has no {package}"
                return "failed", f"{has}, and {package} {ours} is needed"
        how, value = await self._on(worker, sources.arrival(), self.name, self.files)
        if how == "done":
            return await self._on(worker, _holding(), self.book, self.shared)
        return how, value

    async def _make(self, worker: _Worker, settings: Settings) -> Answer:
        """Have a worker make a run."""
        known = self.book.sha256, self.shared, self.topic
        return await self._on(worker, _making(), self.name, asdict(settings), *known)

    async def _on(self, worker: _Worker, function: Callable[..., Any], *arguments: Any) -> Answer:
        """Have a worker call a function; it is given up when this coroutine is cancelled."""
        future = self.client.submit(
            *(function, *arguments),
            workers=[worker.address],
            key=f"rnn_study-{uuid.uuid4().hex}",
            pure=False,
        )
        try:
            return "done", await future
        except Exception as error:
            if future.status != "error" or isinstance(error, distributed.KilledWorker):
                return "lost", ""
            return "failed", _reason(error)
        finally:
            future.release()


def _holding() -> Callable[[tuple[bytes, str], str], None]:
    """Return the function by which a worker takes in the book; see `sources.arrival`."""

    def hold(book: tuple[bytes, str], shared: str) -> None:
        import importlib

        importlib.import_module("rnn.study.work").hold(*book, shared)

    return hold


def _making() -> Callable[[str, dict[str, Any], str, str, str], Any]:
    """Return the function by which a worker makes a run; see `sources.arrival`."""

    def make(name: str, settings: dict[str, Any], sha256: str, shared: str, topic: str) -> Any:
        import importlib
        import sys

        from distributed import get_worker

        if getattr(sys.modules.get("rnn"), "arrived", "") != name:
            return "unprepared"
        worker = get_worker()
        key = worker.get_current_task()

        def wanted() -> bool:
            task = worker.state.tasks.get(key)
            given_up = task is None or task.state in ("cancelled", "resumed")
            return not given_up and worker.status.name in ("running", "paused")

        work = importlib.import_module("rnn.study.work")
        with work.written_to(lambda line: worker.log_event(topic, line)):
            return work.make(settings, sha256, shared, wanted)

    return make


def _reason(error: Exception) -> str:
    """Return in one line why a run failed."""
    if isinstance(error, MemoryError):
        return "it needs more memory than there is"
    plain = isinstance(error, InputError)
    return _line(error) if plain else f"{type(error).__name__}: {_line(error)}"


@contextmanager
def _connected(where: Where, say: Callable[[str], None]) -> Iterator[distributed.Client]:
    """Connect to the workers, starting them if need be; on leaving, no process is left."""
    options: dict[str, Any] = {"set_as_default": False, "timeout": min(30.0, where.silence)}
    if where.cluster:
        try:
            _check_certificates(where.cluster)
            client = distributed.Client(where.cluster, **options)
        except EngineError:
            raise
        except Exception as error:
            raise EngineError(f"no scheduler at {where.cluster}: {_line(error)}") from None
        try:
            yield client
        finally:
            _close(client)
        return
    with tempfile.TemporaryDirectory(prefix="rnn-study-", ignore_cleanup_errors=True) as folder:
        cluster = _local(where, folder)
        if where.dashboard:
            say(f"the dashboard is at {cluster.dashboard_link}")
        try:
            client = distributed.Client(cluster, **options)
            try:
                yield client
            finally:
                _close(client)
        finally:
            _close(cluster)
            for child in multiprocessing.active_children():
                if "Dask" in child.name:  # still there after all that time
                    child.kill()
                    child.join()


def _check_certificates(cluster: str) -> None:
    certificates = Security().get_connection_args("client").get("ssl_context")
    if cluster.startswith("tls:") and certificates is None:
        raise EngineError(
            f"CLUSTER={cluster} needs certificates, and Dask's configuration names none: see"
            " docs/cluster.md"
        )


def _local(where: Where, folder: str) -> distributed.LocalCluster:
    """Start workers on this machine."""
    # Ctrl-C at a terminal reaches all processes. The workers are to leave it to this one, so they
    # are started by a thread, Dask's own, in which the signal is blocked: it is for them, too.
    resource_tracker.ensure_running()  # it would unblock the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return distributed.LocalCluster(
            n_workers=where.workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            protocol="tls://",
            security=Security.temporary(),  # a port runs code: no other user is to reach it
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": where.dashboard},
            memory_limit=0,
            local_directory=folder,
            silence_logs=logging.CRITICAL,
        )
    except Exception as error:
        raise EngineError(f"no workers can be started: {_line(error)}") from None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _close(thing: Any) -> None:
    with suppress(Exception):  # it may have gone already
        thing.close(timeout=CLOSING)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask from writing to the terminal, here and in the workers that are started here."""
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in LOGGERS]
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    before = dict(os.environ)  # Dask sets there what its workers are to inherit
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore")
            yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


def _line(error: BaseException) -> str:
    """Return what an exception says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__
