"""The books that the project knows: the one that ships with it, and those that can be fetched."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """A book that can be fetched.

    Attributes
    ----------
    title
        Its title.
    size
        How large the file is, in words.
    url
        Its address.
    sha256
        The SHA-256 that its bytes must have.
    """

    title: str
    size: str
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
        "Tiny Shakespeare, excerpts from the plays",
        "1.1 MB",
        f"{CHAR_RNN}/data/tinyshakespeare/input.txt",
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    ),
    "alice": Source(
        "Lewis Carroll, Alice's Adventures in Wonderland",
        "0.15 MB",
        f"{BROTLI}/alice29.txt",
        "7467306ee0feed4971260f3c87421154a05be571d944e9cb021a5713700c38f0",
    ),
    "as_you_like_it": Source(
        "William Shakespeare, As You Like It",
        "0.13 MB",
        f"{BROTLI}/asyoulik.txt",
        "eaa3526fe53859f34ecdf255712f9ecf0b2c903451d4755b2edaa2e2599cb0fc",
    ),
    "paradise_lost": Source(
        "John Milton, Paradise Lost",
        "0.5 MB",
        f"{BROTLI}/plrabn12.txt",
        "07e2e0b461af78c7c647cb53dab39de560198e16f799b4516eccf0fbd69f764c",
    ),
}
TALES = "Tales for a Small Machine"
TALES_SHA256 = "1d5b3e94942bb2227ff3409a23168269c8ef6bfc973a1529945ae5e72dc17dd7"


def is_free(sha256: str) -> bool:
    """Return whether a book is known, by its SHA-256, to be free to share."""
    return sha256 in {TALES_SHA256, *(source.sha256 for source in BOOKS.values())}


def title_of(path: Path, sha256: str) -> str:
    """Return the title of a book that the project knows by its SHA-256, or its file's name."""
    known = {source.sha256: source.title for source in BOOKS.values()} | {TALES_SHA256: TALES}
    return known.get(sha256, path.stem)
