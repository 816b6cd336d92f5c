"""Fetch a public-domain book into data/: `rnn-book NAME`.

Nothing else in this project needs a network. The exit status is 0 if the book is there, 2 for a
refusal and 1 for a failure.
"""

from rnn.files.process import start

if __name__ == "__main__":
    start("rnn.files.fetch")

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pooch

from rnn.errors import InputError
from rnn.files.library import BOOKS
from rnn.files.lines import printable, put
from rnn.files.paths import as_typed
from rnn.files.storage import replacing


class FetchError(RuntimeError):
    """A book that could not be fetched; the message says why in one line."""


def fetch(name: str, folder: Path, mirror: str | None = None) -> Path:
    """Fetch a book, unless it is there already, and return its path.

    Parameters
    ----------
    name
        One of `BOOKS`.
    folder
        The folder for `name`.txt; this file appears only when its hash is right.
    mirror
        A URL to fetch `name`.txt from instead. The hash stays the same.

    Raises
    ------
    InputError
        When the name is not in `BOOKS`, or a different file is in the book's place.
    FetchError
        When the server can't be reached or sends different bytes.
    """
    if name not in BOOKS:
        raise InputError(f"there is no book {name!r} to fetch: choose from {', '.join(BOOKS)}")
    source = BOOKS[name]
    url = f"{mirror.rstrip('/')}/{name}.txt" if mirror else source.url
    path = folder / f"{name}.txt"
    try:
        if path.exists():
            if pooch.file_hash(path) != source.sha256:
                raise InputError(f"{path} already exists and is a different text: move it away")
            return path
        with tempfile.TemporaryDirectory() as private:
            fetched = pooch.retrieve(
                url,
                known_hash=source.sha256,
                path=private,
                fname=path.name,
                downloader=pooch.HTTPDownloader(progressbar=True),
            )
            with open(fetched, "rb") as book, replacing(path) as file:  # noqa: PTH123  a str
                shutil.copyfileobj(book, file)
    except InputError:
        raise
    except OSError as error:  # from the disk or the network
        response = getattr(error, "response", None)
        answer = None if response is None else f"the server answered {response.status_code}"
        reason = answer or error.strerror or type(error).__name__
        raise FetchError(f"{name} could not be fetched from {url}: {reason}") from error
    except ValueError as error:  # pooch raises this for a wrong hash
        raise FetchError(
            f"{url} is not the expected book (SHA-256 {source.sha256[:12]}...): nothing is kept"
        ) from error
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="rnn-book",
        description="Fetch a public-domain book; its SHA-256 is checked.",
    )
    parser.add_argument(
        "name", nargs="?", help="the book to fetch; without it, all books are listed"
    )
    parser.add_argument("--folder", default="data", help="default: data")
    parser.add_argument("--mirror", metavar="URL", help="fetch URL/NAME.txt instead")
    given = parser.parse_args(arguments)
    if given.name is None:
        put(
            "".join(
                f"{name:16} {source.title} ({source.size})\n" for name, source in BOOKS.items()
            ),
            sys.stdout,
        )
        return 0
    pooch.get_logger().setLevel("WARNING")  # the progress bar says enough
    try:
        path = fetch(given.name, as_typed(given.folder, "--folder"), given.mirror)
        put(f"{printable(str(path))}\n", sys.stdout)
    except InputError as error:
        put(f"error: {printable(str(error))}\n", sys.stderr)
        return 2
    except (FetchError, OSError) as error:
        put(f"error: {printable(str(error))}\n", sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def command() -> int:
    """Run the command in a process of its own, and return the exit status."""
    start("rnn.files.fetch")
    return main()


if __name__ == "__main__":
    sys.exit(command())
