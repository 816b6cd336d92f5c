from hashlib import sha256
from pathlib import Path

import pytest

from rnn.errors import InputError
from rnn.study.task import Where, check, send


@pytest.mark.parametrize(
    "cluster",
    [
        *("", "tcp://127.0.0.1:8786", "tcp://localhost:8786", "tcp://[::1]:8786"),
        *("tls://node7:8786", "tls://10.0.0.7:8786"),
    ],
)
def test_these_are_safe(cluster: str) -> None:
    check(Where(cluster=cluster))


@pytest.mark.parametrize(
    "host", ["node7", "10.0.0.7", "localhost.evil.org", "0.0.0.0", "[fe80::1]"]
)
def test_plain_tcp_to_another_host_is_refused_unless_the_network_is_trusted(host: str) -> None:
    where = Where(cluster=f"tcp://{host}:8786")
    with pytest.raises(InputError, match=r"is not encrypted.*use tls://, or say INSECURE=1"):
        check(where)
    check(where._replace(insecure=True))


@pytest.mark.parametrize(
    "cluster",
    [
        *("node7:8786", "tcp://node7", "tcp://:8786", "http://node7:8786", "tcp://node7:x", "8786"),
        *("tcp://node7:8786/path", "tcp://node7:99999", "tls://", "tcp://[::1", "inproc://1/2"),
    ],
)
def test_what_is_no_address_is_refused(cluster: str) -> None:
    with pytest.raises(InputError, match="CLUSTER must be the address of a Dask scheduler"):
        check(Where(cluster=cluster, insecure=True))


def test_a_shared_folder_must_be_there(tmp_path: Path) -> None:
    check(Where(shared=str(tmp_path)))
    with pytest.raises(InputError, match="there is no folder SHARED="):
        check(Where(shared=str(tmp_path / "none")))


def test_a_dashboard_needs_what_draws_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnn.study.task.find_spec", lambda _: None)
    with pytest.raises(InputError, match="dashboard needs bokeh"):
        check(Where(dashboard=True))
    monkeypatch.setattr("rnn.study.task.find_spec", lambda name: name)
    check(Where(dashboard=True))


def test_a_book_that_has_changed_is_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes(b"once upon a time")
    known = sha256(b"once upon a time").hexdigest()
    assert send(path, known) == (b"once upon a time", known)
    path.write_bytes(b"once upon a dime")
    with pytest.raises(InputError, match="changed while it was read"):
        send(path, known)
