"""The sources that travel with the work, and how a worker takes them in."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]
SENT = ("*.py", "numerics/*.py", "files/*.py", "study/*.py")  # all that a run imports


def sources() -> dict[str, bytes]:
    """Return the files that a run needs, by their path in the project."""
    found = sorted(path for pattern in SENT for path in PACKAGE.glob(pattern))
    return {path.relative_to(PACKAGE.parent).as_posix(): path.read_bytes() for path in found}


def name(files: dict[str, bytes]) -> str:
    """Return the hash that names the sources."""
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        digest.update(f"{path} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def arrival() -> Callable[[str, dict[str, bytes]], str]:
    """Return the function by which a worker takes in the sources.

    It needs nothing of this package, since the worker may have none of it, or another version. It
    is defined in here because a function within a function is sent as code, not by its name.
    """

    def arrive(name: str, files: dict[str, bytes]) -> str:
        """Make `rnn` on this worker the package of these files, and return its folder.

        A package that is on the worker's path and has the same files is used as it is, with what
        has been compiled there. Otherwise they are written to a folder named by their hash.
        """
        import importlib
        import importlib.util
        import os
        import secrets
        import sys
        import time
        from pathlib import Path

        def differing(folder: Path) -> list[str]:
            return [
                path
                for path, content in files.items()
                if not (folder / path).is_file() or (folder / path).read_bytes() != content
            ]

        def own() -> set[str]:
            return {one for one in sys.modules if one == "rnn" or one.startswith("rnn.")}

        package = sys.modules.get("rnn")
        if getattr(package, "arrived", "") == name:
            return str(Path(str(package.__file__)).parents[1])  # type: ignore[union-attr]
        before = {one: sys.modules.pop(one) for one in own()}  # read from files that may differ
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "char-rnn-study")
        sys.path[:] = [path for path in sys.path if Path(path).parent != cache]
        importlib.invalidate_caches()
        found = importlib.util.find_spec("rnn")
        folder = Path(str(found.origin)).parents[1] if found and found.origin else cache / name
        if differing(folder):
            folder = cache / name
            for path in differing(folder):  # each whole at once: other workers may do the same
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                new = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
                new.write_bytes(files[path])
                new.replace(target)
            os.utime(folder)
            month = time.time() - 30 * 24 * 3600
            for old in cache.iterdir():
                if old.stat().st_mtime < month:
                    importlib.import_module("shutil").rmtree(old, ignore_errors=True)
        if str(folder) in sys.path:
            sys.path.remove(str(folder))
        sys.path.insert(0, str(folder))
        importlib.invalidate_caches()
        try:
            fresh: Any = importlib.import_module("rnn")
        except BaseException:
            sys.modules.update(before)
            raise
        fresh.arrived = name
        return str(folder)

    return arrive
