"""Runs on two processes of this machine; what can befall them is in tests/long."""

import asyncio
import multiprocessing
import os
import ssl
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from distributed.comm.core import CommClosedError, connect
from distributed.security import Security

from rnn.files.results import pack, unpack
from rnn.settings import Settings
from rnn.study.engine import _local, _Placing, run
from rnn.study.errors import EngineError
from rnn.study.task import SentBook, Task, Where
from rnn.study.work import train_one

TEXT = "the quick brown fox jumps over the lazy dog. " * 40
BOOK = SentBook(TEXT.encode(), sha256(TEXT.encode()).hexdigest())


def small(**more: Any) -> Settings:
    return Settings(hidden_size=4, seq_length=5, max_updates=50, **more)


def determined(packed: bytes | None) -> bytes:
    """Return all of a result but its time."""
    assert packed is not None
    return pack(unpack(packed)._replace(seconds=0.0))


def test_runs_are_what_a_plain_loop_makes_and_one_that_fails_stops_no_other() -> None:
    tasks = [Task(f"run{seed}", small(seed=seed)) for seed in range(5)]
    tasks.insert(2, Task("short", Settings(seq_length=99_999)))
    made: dict[str, bytes] = {}
    failed: dict[str, str] = {}
    said: list[str] = []
    where = Where(workers=2)
    before = dict(os.environ)
    run(tasks, BOOK, made.__setitem__, failed.__setitem__, where=where, say=said.append)
    assert os.environ == before
    assert failed.keys() == {"short"}
    assert failed["short"].startswith("the training part of the book has 1,620 characters, but")
    assert {key: determined(data) for key, data in made.items()} == {
        key: determined(train_one(settings, BOOK)) for key, settings in tasks if key != "short"
    }
    assert {line.partition(",")[0] for line in said} <= {"compiling"}  # unless that is done
    assert not multiprocessing.active_children()


def test_an_interrupt_keeps_what_is_finished_and_leaves_no_process() -> None:
    tasks = [Task(f"run{seed}", small(seed=seed)) for seed in range(2)]
    tasks.append(Task("long", Settings(max_updates=10**7, epochs=10**6)))
    made = []

    def finished(key: str, _: bytes) -> None:
        made.append(key)
        if len(made) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tasks, BOOK, finished, print, where=Where(workers=2), say=made.append)
    assert sorted(made) == ["run0", "run1"]
    assert not multiprocessing.active_children()


def test_without_a_scheduler_nothing_is_waited_for() -> None:
    where = Where(cluster="tcp://127.0.0.1:1", silence=0.5)
    with pytest.raises(EngineError, match=r"^no scheduler at tcp://127\.0\.0\.1:1: "):
        run([Task("key", small())], BOOK, print, print, where=where, say=print)


def test_no_runs_need_no_worker() -> None:
    run([], BOOK, print, print, where=Where(), say=print)


def test_what_several_workers_write_is_said_once() -> None:
    class Client:
        def subscribe_topic(self, topic: str, hear: Callable[[tuple[float, str]], None]) -> None:
            self.topic, self.hear = topic, hear

    client, said = Client(), list[str]()
    placing = _Placing(client, [], BOOK, Where(), said.append)  # type: ignore[arg-type]
    for line in ("compiling", "compiling", "damaged"):
        client.hear((0.0, line))
    list(placing.place())
    assert said == ["compiling", "damaged"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (CommClosedError("in <TCP (closed)>: reset by peer"), "the connection to the scheduler is"),
        (ConnectionResetError(104, "reset by peer"), "the connection to the scheduler is lost; "),
        (TimeoutError(), "the scheduler has been silent for 60 seconds; "),
        (ValueError("odd"), "the scheduler can't be asked: "),
    ],
)
def test_a_scheduler_that_can_not_be_asked_is_a_line(error: Exception, said: str) -> None:
    def ask(*_: Any, **__: Any) -> None:
        raise error

    # The client does not know yet that the connection has gone.
    scheduler = SimpleNamespace(identity=ask)
    client: Any = SimpleNamespace(
        status="running", sync=ask, scheduler=scheduler, subscribe_topic=lambda *_: None
    )
    placing = _Placing(client, [Task("key", small())], BOOK, Where(), print)
    with pytest.raises(EngineError, match=f"^{said}"):
        next(iter(placing.place()))


def test_who_has_no_certificate_reaches_no_worker_started_here(tmp_path: Path) -> None:
    async def reach(address: str, **certificates: Any) -> None:
        comm = await connect(address, timeout=5, **certificates)
        await comm.close()

    with _local(Where(), str(tmp_path)) as cluster:
        addresses = [cluster.scheduler_address]
        addresses += cluster.scheduler_info["workers"]
        assert len(addresses) == 2
        for address in addresses:
            assert address.startswith("tls://127.0.0.1:")
            other = Security.temporary().get_connection_args("client")
            with pytest.raises((OSError, ssl.SSLError)):
                asyncio.run(reach(address, **other))
            with pytest.raises(OSError):  # noqa: PT011  # plain, and so without an answer
                asyncio.run(reach(address.replace("tls", "tcp")))
            asyncio.run(reach(address, **cluster.security.get_connection_args("client")))
