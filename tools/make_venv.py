"""Make .venv from the locks given as arguments, or do nothing if it holds them already.

This script runs on the system's Python before anything is installed. It therefore uses only the
standard library and old syntax: an old Python must get far enough to say that it is too old.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable, Dict, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = ROOT / ".venv.log"
OLDEST, NEWEST = (3, 11), (3, 13)  # as requires-python in pyproject.toml: a test compares them

# The commands in .venv/bin, as [project.scripts] names them: a test compares them.
COMMANDS = {"rnn-report": "rnn.report", "rnn-study": "rnn.study", "rnn-book": "rnn.files.fetch"}
# A file of /bin/sh, for which it does not matter where the project is moved.
COMMAND = """#!/bin/sh
exec "$(dirname -- "$0")/python" -I -m {} "$@"
"""
# Settings of pip's that would install elsewhere than into .venv.
ELSEWHERE = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_DRY_RUN", "UV_TARGET", "UV_PREFIX")
# What a lock asks for on every machine must be found in .venv.
CHECK = """
import re, sys
from importlib.metadata import distribution
for lock in sys.argv[2:]:
    for line in open(lock, encoding="utf-8"):
        found = re.match(r"([\\w.-]+)==([^ ;]+) *\\\\?$", line)
        if found:
            there = distribution(found[1])
            assert there.version == found[2], found[0]
            assert str(there.locate_file("")).startswith(sys.argv[1]), found[0]
"""

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
        code = subprocess.call(
            command, cwd=str(ROOT), env=environment(), stdout=log, stderr=subprocess.STDOUT
        )
    if code != 0:
        output = LOG.read_bytes()[start:].decode(errors="replace").lower()
        raise SetupError(f"{explain(output)} Details are in {LOG.name}.")


def environment() -> Dict[str, str]:
    """Return the environment for pip, uv and venv: without another Python's or place's settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON") and name not in ELSEWHERE
    }
    return {**kept, "PIP_USER": "0"}  # also where pip.conf says otherwise


def explain_venv(output: str) -> str:
    if any(words in output for words in NO_VENV):
        return "This Python has no venv module: on Debian and Ubuntu, apt install python3-venv."
    return "The virtual environment could not be made."


def explain_install(output: str) -> str:
    if any(words in output for words in UNREACHABLE):
        return "The package index can't be reached: check the network and run make again."
    return "The packages could not be installed."


def explain_check(_: str) -> str:
    return "The packages are not in .venv: pip's or uv's settings send them elsewhere."


def clear() -> None:
    """Remove .venv; where it is a link, as to another disk, empty the folder that it points to."""
    if not VENV.is_symlink():
        if VENV.exists():
            shutil.rmtree(str(VENV))
        return
    target = VENV.resolve()
    target.mkdir(parents=True, exist_ok=True)
    found = list(target.iterdir())
    if found and not (target / "pyvenv.cfg").exists():
        raise SetupError(f".venv is a link to {target}, which holds something else: remove it.")
    for path in found:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(str(path))
        else:
            path.unlink()


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
        clear()
        maker = [uv, "venv", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]
        run(explain_venv, [*maker, str(VENV)])

    if uv:
        installer = [uv, "pip", "install", "--python", str(PYTHON)]
    else:
        # Python compiles what is imported, and pip would compile all of it, for half of its time.
        installer = [str(PYTHON), "-m", "pip", "install", "--no-compile"]
    files = [part for lock in locks for part in ("-r", lock)]
    run(explain_install, [*installer, "--require-hashes", "--only-binary", ":all:", *files])
    run(explain_check, [str(PYTHON), "-I", "-c", CHECK, str(VENV.resolve()), *locks])
    make_importable()
    make_commands()
    for lock in locks:
        stamp(lock).write_text(fingerprints[lock])


def make_importable() -> None:
    """Let every Python of .venv, including the notebooks' kernels, import rnn from this folder.

    An editable install would need a build backend as well. The path is relative, so that a copied
    or moved project never imports the code at its old place. rnn (an empty package) is imported as
    Python starts, before `python -m` puts the working folder, and an rnn.py in it, in front.
    """
    (site_packages,) = VENV.glob("lib/python3*/site-packages")
    path = os.path.relpath(ROOT, site_packages)
    (site_packages / "rnn-project.pth").write_text(f"{path}\nimport rnn\n")


def make_commands() -> None:
    """Write the commands that run this project's modules, whatever is in the working folder."""
    for name, module in COMMANDS.items():
        path = VENV / "bin" / name
        path.write_text(COMMAND.format(module))
        path.chmod(path.stat().st_mode | (path.stat().st_mode & 0o444) >> 2)  # for all who may read


def setting_up(locks: Sequence[str]) -> str:
    """Say what is installed, and where to see how far it is: pip itself is silent for minutes."""
    texts = [(ROOT / lock).read_text(encoding="utf-8") for lock in locks]
    names = set(re.findall(r"^([\w.-]+)==", "\n".join(texts), re.MULTILINE))
    return (
        "Setting up .venv: up to {} packages of {}. The first time this takes a few minutes; "
        "{} shows how far it is ..."
    ).format(len(names), " and ".join(locks), LOG.name)


def say(line: str) -> None:
    """Print a line; what a terminal would obey, as in the name of a folder, is shown."""
    print("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line), file=sys.stderr)


def main(locks: Sequence[str]) -> int:
    try:
        if installed(locks):
            if not all((VENV / "bin" / name).exists() for name in COMMANDS):
                make_importable()  # .venv is of an earlier version of this script
                make_commands()
            return 0
        check_python()
        with only_one():
            if not installed(locks):  # the make we waited for may have done it
                say(setting_up(locks))
                LOG.write_text("")
                make_venv(locks)
    except SetupError as error:
        say(f"make: {error}")
        return 1
    except OSError as error:  # as of a .venv of another user's
        say(f"make: {error.filename} can't be used: {error.strerror}; is it another user's?")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
