"""Make .venv from the locks given as arguments, or do nothing if it holds them already.

This script runs on the system's Python before anything is installed. It therefore uses only the
standard library and old syntax: an old Python must get far enough to say that it is too old.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = ROOT / ".venv.log"
OLDEST, NEWEST = (3, 11), (3, 13)  # as requires-python in pyproject.toml: a test compares them

# What Python prints on Debian when the package python3-venv is missing.
NO_VENV = ("ensurepip is not", "no module named ensurepip", "no module named venv")
# What pip (the first three) and uv print when they cannot reach their index.
UNREACHABLE = (
    "connection broken by",
    "max retries exceeded",
    "read timed out",
    "error sending request",
    "failed to fetch",
)


class SetupError(Exception):
    """What went wrong and what to do about it, in one line."""


def check_python() -> None:
    """Refuse a Python for which the locks have no wheels."""
    here = sys.version_info[:2]
    if not OLDEST <= here <= NEWEST:
        fault = "old" if here < OLDEST else "new"
        raise SetupError(
            f"Python {dotted(here)} is too {fault}: this project runs on Python {dotted(OLDEST)} "
            f"to {dotted(NEWEST)}; name one with make PYTHON=/path/to/python3."
        )


def dotted(version: Sequence[int]) -> str:
    return ".".join(str(part) for part in version)


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Let one make at a time work on .venv; the system drops the lock if we are killed."""
    with (ROOT / ".venv.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Another make is setting up .venv: waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fingerprint(lock: str) -> str:
    """Return the SHA-256 of a lock, which its stamp holds once it is installed."""
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def stamp(lock: str) -> Path:
    return VENV / f"{lock}.installed"


def installed(locks: Sequence[str]) -> bool:
    """Tell whether .venv holds exactly these locks."""
    # PYTHON is a link: exists() is also false when the Python that it points to has gone.
    return PYTHON.exists() and all(
        stamp(lock).exists() and stamp(lock).read_text() == fingerprint(lock) for lock in locks
    )


def run(explain: Callable[[str], str], command: Sequence[str]) -> None:
    """Run a command, logging its output; if it fails, raise what `explain` makes of it."""
    with LOG.open("a") as log:
        log.write("$ {}\n".format(" ".join(command)))
        log.flush()
        start = log.tell()
        code = subprocess.call(command, cwd=str(ROOT), stdout=log, stderr=subprocess.STDOUT)
    if code != 0:
        output = LOG.read_bytes()[start:].decode(errors="replace").lower()
        raise SetupError(f"{explain(output)} Details are in {LOG.name}.")


def explain_venv(output: str) -> str:
    if any(words in output for words in NO_VENV):
        return "This Python has no venv module: on Debian and Ubuntu, apt install python3-venv."
    return "The virtual environment could not be made."


def explain_install(output: str) -> str:
    if any(words in output for words in UNREACHABLE):
        return "The package index can't be reached: check the network and run make again."
    return "The packages could not be installed."


def make_venv(locks: Sequence[str]) -> None:
    """Install the locks into .venv, and write their stamps once everything is installed.

    A .venv without a stamp is incomplete and is made afresh; one with the stamp of an older lock is
    updated. All stamps are removed first, so that an interrupted update leaves none.
    """
    fingerprints = {lock: fingerprint(lock) for lock in locks}
    old_stamps = list(VENV.glob(stamp("*").name))
    whole = bool(old_stamps) and PYTHON.exists()
    for old_stamp in old_stamps:
        old_stamp.unlink()
    uv = shutil.which("uv")
    if not whole:
        if VENV.exists():
            shutil.rmtree(str(VENV))
        maker = [uv, "venv", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]
        run(explain_venv, [*maker, str(VENV)])

    if uv:
        installer = [uv, "pip", "install", "--python", str(PYTHON)]
    else:
        installer = [str(PYTHON), "-m", "pip", "install"]
    files = [part for lock in locks for part in ("-r", lock)]
    run(explain_install, [*installer, "--require-hashes", "--only-binary", ":all:", *files])
    make_importable()
    for lock in locks:
        stamp(lock).write_text(fingerprints[lock])


def make_importable() -> None:
    """Let every Python of .venv, including the notebooks' kernels, import rnn from this folder.

    An editable install would need a build backend as well. The path is relative, so that a copied
    or moved project never imports the code at its old place.
    """
    (site_packages,) = VENV.glob("lib/python3*/site-packages")
    (site_packages / "rnn-project.pth").write_text(os.path.relpath(ROOT, site_packages) + "\n")


def say(line: str) -> None:
    print(line, file=sys.stderr)


def main(locks: Sequence[str]) -> int:
    if installed(locks):
        return 0
    try:
        check_python()
        with only_one():
            if not installed(locks):  # the make we waited for may have done it
                say("Setting up .venv ({}) ...".format(", ".join(locks)))
                LOG.write_text("")
                make_venv(locks)
    except SetupError as error:
        say(f"make: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
