"""What runs in the process of a submission: it makes the calls, and tells what came out.

A copy of it, of `check.py` and of `wire.py` is made for each process, so that no file of the
project needs to be read there. The answers are with the process that grades, which trusts nothing
that is told here. The limits and the watch are no prison: code that knows how can do away with the
watch.
"""

import _posixsubprocess
import contextlib
import ctypes
import faulthandler
import json
import os
import platform
import random
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
# Files of Python's own between whoever starts a program or calls by address, and the event.
BETWEEN = (subprocess.__file__, str(Path(ctypes.__file__).parent), os.__file__)
FILES, FILE_SIZE = 100, 1_000_000  # how many it may write, and the bytes of each
STARTS = "starts a program or a process"
NETWORK = "uses the network"
REACHES = "calls functions of other libraries by their addresses"
REFUSED = {
    "os.exec": STARTS,
    "os.fork": STARTS,
    "os.forkpty": STARTS,
    "os.posix_spawn": STARTS,
    "os.spawn": STARTS,
    "os.system": STARTS,
    "pty.spawn": STARTS,
    "subprocess.Popen": STARTS,
    "os.kill": "sends signals to processes",
    "os.killpg": "sends signals to processes",
    "socket.bind": NETWORK,
    "socket.connect": NETWORK,
    "socket.getaddrinfo": NETWORK,
    "socket.sendto": NETWORK,
    "ctypes.dlopen": REACHES,
    "ctypes.dlsym": REACHES,
    "ctypes.dlsym/handle": REACHES,
    "ctypes.call_function": REACHES,
    "ctypes.string_at": REACHES,
    "gc.get_objects": "searches the memory of its process",
    "gc.get_referrers": "searches the memory of its process",
    "resource.prlimit": "changes the limits of processes",
    "resource.setrlimit": "changes the limits of processes",
}
CHANGING = {  # events, and which of their arguments are paths that are changed
    "os.chmod": (0,),
    "os.chown": (0,),
    "os.link": (0, 1),
    "os.mkdir": (0,),
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.rmdir": (0,),
    "os.symlink": (1,),
    "os.truncate": (0,),
    "os.utime": (0,),
    "sqlite3.connect": (0,),
}


def limit(seconds: int, memory: int) -> None:
    """Limit this process for good: no other can be started, and what it takes is bounded."""
    limits = (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_NPROC, 0),  # the superuser may start some all the same
        (resource.RLIMIT_CORE, 0),
    )
    for kind, most in limits:
        with contextlib.suppress(ValueError, OSError):  # macOS has no limit of memory
            resource.setrlimit(kind, (most, most))


def die_with(parent: int) -> None:
    """End when the process that grades does, however that is: Linux sees to it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)


def watch(
    tell: Callable[[Mapping[str, Any]], None],
    never: str,
    kept: Sequence[str],
    room: str,
    packages: str,
) -> None:
    """Refuse what no solution needs, and tell of it.

    Parameters
    ----------
    tell
        Sends a message.
    never
        The folder that may not be read.
    kept
        Folders that may not be read but for what Python and NumPy need in them.
    room
        The folder in which files may be written.
    packages
        The folder of the libraries. When one is imported it may start a program, as matplotlib does
        to list fonts, and can do without; numba calls functions by their addresses, and can't.
    """
    realpath, text, join = os.path.realpath, os.fsdecode, os.path.join
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    closed = tuple(join(folder, "") for folder in kept)
    own = join(room, ""), join(str(HERE), "")
    needed = (*own, *(join(realpath(path), "") for path in (*sys.path, sys.prefix) if path))
    written: set[str] = set()
    libraries = (join(packages, ""), platform.__file__)
    frame, mine = sys._getframe, join("/proc", str(os.getpid()), "")
    other_process = re.compile("/proc/[0-9]").match

    def refuse(what: str, quietly: bool = False) -> None:
        if not quietly:
            tell({"did": what})
        raise PermissionError(f"a submission that {what} is stopped there")

    def by_library() -> bool:
        caller: Any = frame(2)
        while caller and caller.f_code.co_filename.startswith(BETWEEN):
            caller = caller.f_back
        return bool(caller) and caller.f_code.co_filename.startswith(libraries)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in REFUSED:
            quietly = by_library()
            if not (quietly and REFUSED[event] == REACHES):
                refuse(REFUSED[event], quietly)
        elif event == "open":
            path, _, flags = arguments
            if isinstance(path, str | bytes):
                real = realpath(text(path))
                if not flags & writing:
                    others = real.startswith(closed) and not real.startswith(needed)
                    if others or real.startswith(join(never, "")):
                        refuse(f"reads {real}")
                    if other_process(real) and not real.startswith(mine):
                        refuse("looks into other processes")
                elif real != os.devnull:
                    change(real)
        elif event in CHANGING:
            for path in (arguments[place] for place in CHANGING[event]):
                if isinstance(path, str | bytes):
                    change(realpath(text(path)))

    def change(real: str) -> None:
        if not join(real, "").startswith(own[0]):
            refuse(f"writes to {real}")
        written.add(real)
        if len(written) > FILES:
            refuse(f"writes more than {FILES} files")

    def start(*_: Any) -> None:
        refuse(STARTS, by_library())

    sys.addaudithook(hook)
    for module, name in ((_posixsubprocess, "fork_exec"), (subprocess, "_fork_exec")):
        setattr(module, name, start)  # no event tells of these


def main() -> None:
    """Load `student.py`, then make the calls that one function after another is asked."""
    packages, seconds, memory, parent, kept = sys.argv[1:]
    die_with(int(parent))
    asked, replies = os.fdopen(os.dup(0)), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.path[:] = [str(HERE), *sys.path, packages]
    import check  # type: ignore[import-not-found]
    import numpy as np
    import wire  # type: ignore[import-not-found]

    sys.path.remove(str(HERE))
    check.np = wire.np = kept_as_it_is(np)
    stack = (HERE / "stack").open("w")
    faulthandler.register(signal.SIGUSR1, stack, all_threads=False)
    write, dumps = os.write, json.dumps

    def tell(message: Mapping[str, Any]) -> None:
        data = f"{dumps(message)}\n".encode()
        while data:
            data = data[write(replies, data) :]

    check.within = lambda work, *_: work()  # the process that grades watches the time
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002  what a submission may use
    tell({"ready": True})
    room = str(Path.cwd().resolve())
    limit(int(seconds), int(memory))
    never, others = json.loads(kept)
    watch(tell, never, others, room, packages)
    modules = (np, np.linalg, np.random, check, wire)
    before = {(one, name): value for one in modules for name, value in vars(one).items()}
    functions, fault = check.load(Path(room, "student.py"))

    def replaced() -> None:
        for (module, name), value in before.items():
            now = vars(module).get(name)
            if callable(value) and now is not value:
                before[module, name] = now
                tell({"did": f"replaces {module.__name__}.{name}"})

    replaced()
    tell({"loaded": str(fault)})
    full = b'{"memory": "MemoryError"}\n'  # made while there is memory
    try:
        for line in asked:
            calls = [
                check.Call(name, tuple(map(wire.unpacked, arguments)), follows)
                for name, arguments, follows in json.loads((HERE / line.strip()).read_text())
            ]
            told = answered(check, wire, functions, line.strip(), calls)
            replaced()
            tell(told)
    except MemoryError:
        write(replies, full)


def kept_as_it_is(module: ModuleType) -> ModuleType:
    """Return a module with the same functions, whatever is replaced in the first one later."""
    copied = ModuleType(module.__name__)
    vars(copied).update(vars(module))
    return copied


def answered(check: Any, wire: Any, functions: Any, name: str, calls: Any) -> dict[str, Any]:
    """Make the calls of a function, and return what came out of them, packed."""
    outcomes: list[Any] = []
    known = {one: functions.get(one) for one in check.FUNCTIONS}
    rows: list[Any] = []
    try:
        for call in calls:
            check.ask_all(known, [call], outcomes)
            failure = outcomes[-1].failure
            if failure and failure.what.startswith(("MemoryError", "_ArrayMemoryError")):
                return {"memory": failure.what}  # the next call may take as long to use it up
        for call, one in zip(calls, outcomes, strict=True):
            if one.failure:
                rows.append([None, None, [str(part) for part in one.failure]])
                continue
            own = call.name == name and not call.follows
            changed = own and not all(map(check.same, call.arguments, one.arguments))
            arguments = [wire.packed(part) for part in one.arguments] if changed else None
            rows.append([wire.packed(one.value), arguments, None])
    except Exception as error:  # what was returned may have methods that raise anything
        return {"unreadable": f"{type(error).__name__}: {error}"[:500]}
    return {"outcomes": rows}


if __name__ == "__main__":
    main()
