"""What the engine is given: the runs, the book, and where to train."""

import hashlib
import ipaddress
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from rnn.errors import InputError
from rnn.settings import Settings

SILENCE = 60.0  # seconds without a sign of life; then a worker or a scheduler counts as lost


class Task(NamedTuple):
    """A run to be made: the key that names its result, and its settings."""

    key: str
    settings: Settings


class SentBook(NamedTuple):
    """A book as it is sent to the workers: the bytes of its file, and their SHA-256."""

    content: bytes
    sha256: str


class Where(NamedTuple):
    """Where the runs are trained.

    Attributes
    ----------
    workers
        How many processes to start on this machine.
    cluster
        The address of a Dask scheduler, whose workers train instead; empty if there is none.
    shared
        A folder for checkpoints that all workers see under this path; empty if there is none.
    insecure
        Whether the network to the scheduler is trusted, so that it may be plain TCP.
    dashboard
        Whether Dask's dashboard is served, on this machine alone.
    silence
        Seconds without a sign of life after which a worker or a scheduler counts as lost.
    """

    workers: int = 1
    cluster: str = ""
    shared: str = ""
    insecure: bool = False
    dashboard: bool = False
    silence: float = SILENCE


def send(path: str | Path, sha256: str) -> SentBook:
    """Return a book as it is sent to the workers.

    Parameters
    ----------
    path
        The file of the book.
    sha256
        The SHA-256 of the file's bytes when the book was read.

    Raises
    ------
    InputError
        When the file has changed since.
    """
    content = Path(path).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InputError(f"the book {path} changed while it was read: try again")
    return SentBook(content, sha256)


def check(where: Where) -> None:
    """See that runs may be sent where they are to be trained, before anything is.

    Raises
    ------
    InputError
        When a value can't be used, or when plain TCP would leave this machine.

    Examples
    --------
    >>> check(Where(workers=0))
    Traceback (most recent call last):
    rnn.errors.InputError: WORKERS must be at least 1, not 0
    """
    if where.workers < 1:
        raise InputError(f"WORKERS must be at least 1, not {where.workers}")
    if where.shared and not Path(where.shared).is_dir():
        raise InputError(f"there is no folder SHARED={where.shared}")
    if where.dashboard and not where.cluster and not find_spec("bokeh"):
        raise InputError("Dask's dashboard needs bokeh: .venv/bin/python -m pip install bokeh")
    if not where.cluster:
        return
    try:
        address = urlsplit(where.cluster)
        scheme, host, port = address.scheme, address.hostname, address.port
    except ValueError:  # a port that is no number
        scheme, host, port = "", None, None
    plain = f"{scheme}://{address.netloc}" == where.cluster if scheme else False
    if not (plain and scheme in ("tcp", "tls") and host and port):
        raise InputError(
            f"CLUSTER must be the address of a Dask scheduler, such as tls://host:8786,"
            f" not {where.cluster}"
        )
    if scheme == "tcp" and not _loopback(host) and not where.insecure:
        raise InputError(
            f"CLUSTER={where.cluster} is not encrypted, and a scheduler runs whatever code reaches"
            " its port: use tls://, or say INSECURE=1 if you trust the network"
        )


def _loopback(host: str) -> bool:
    """Return whether a host is this machine itself, as far as its name alone says so."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
