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
from dataclasses import dataclass
from pathlib import Path

import pooch

from rnn.errors import InputError
from rnn.files.lines import printable, put
from rnn.files.paths import as_typed
from rnn.files.storage import replacing


@dataclass(frozen=True)
class Source:
    """The title and address of a book, and the SHA-256 that its bytes must have."""

    title: str
    url: str
    sha256: str


# Each URL names a commit, so that its content never changes.
CHAR_RNN = (
    "https://raw.githubusercontent.com/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e"
)
BROTLI = (
    "https://raw.githubusercontent.com/google/brotli/028fb5a23661f123017c060daa546b55cf4bde29"
    "/tests/testdata"  # the texts of the Canterbury corpus
)
BOOKS = {
    "tinyshakespeare": Source(
        "excerpts from Shakespeare's plays, the example of char-rnn (1.1 MB)",
        f"{CHAR_RNN}/data/tinyshakespeare/input.txt",
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    ),
    "alice": Source(
        "Lewis Carroll, Alice's Adventures in Wonderland (0.15 MB)",
        f"{BROTLI}/alice29.txt",
        "7467306ee0feed4971260f3c87421154a05be571d944e9cb021a5713700c38f0",
    ),
    "as_you_like_it": Source(
        "William Shakespeare, As You Like It (0.13 MB)",
        f"{BROTLI}/asyoulik.txt",
        "eaa3526fe53859f34ecdf255712f9ecf0b2c903451d4755b2edaa2e2599cb0fc",
    ),
    "paradise_lost": Source(
        "John Milton, Paradise Lost (0.5 MB)",
        f"{BROTLI}/plrabn12.txt",
        "07e2e0b461af78c7c647cb53dab39de560198e16f799b4516eccf0fbd69f764c",
    ),
}


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
        put("".join(f"{name:16} {source.title}\n" for name, source in BOOKS.items()), sys.stdout)
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
