"""The images of notes: local files, encoded anew; any other keeps its description."""

import re
from pathlib import Path
from urllib.parse import unquote

from rnn.errors import InputError
from rnn.exhibits.characters import visible
from rnn.exhibits.pandoc import UnsetError
from rnn.exhibits.prose import images_in, lost_captions
from rnn.report.nodes import Images
from rnn.report.notes.sections import Notes
from rnn.report.outputs import svg
from rnn.report.outputs.images import encode

LARGEST = 20_000_000  # bytes of a file
MOST = 50_000_000  # bytes of all, encoded
REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|//")


def read(notes: Notes) -> tuple[dict[int, Images], list[str]]:
    """Return the images of each part by their targets, and what is to be said about them.

    Raises
    ------
    InputError
        When notes can't be read at all; the message names the part and the reason.
    """
    images: dict[int, dict[str, tuple[bytes, str]]] = {}
    said = []
    room = MOST
    for part, text in notes.sections.items():
        try:
            every = images_in(text)
        except RuntimeError as error:  # from pandoc, or from notes nested too deep
            reason = " ".join(str(error).split())
            raise InputError(f"NOTES: {notes.place(part)} can't be typeset: {reason}") from None
        for target, words in dict.fromkeys(every):
            here = f"NOTES: {notes.place(part, f'({target}')}: the image {visible(target)}"
            try:
                content, kind = encoded(content_of(notes.path.parent, target))
                if len(content) > room:
                    raise UnsetError(f"the images are larger than {MOST // 1_000_000} MB together")
            except UnsetError as error:
                said.append(f"{here} is left out, its description stands there: {error}")
                continue
            if target not in images.setdefault(part, {}):
                images[part][target] = content, kind
                room -= len(content)
            if not words:
                said.append(f"{here} has no description: write it between its brackets, ![...]")
        for target in dict.fromkeys(lost_captions(text)):
            said.append(
                f"NOTES: {notes.place(part, f'({target}')}: the caption of {visible(target)} is"
                " left out: let the image be a paragraph, outside of lists and quotations"
            )
    return {part: dict(some) for part, some in images.items()}, said


def encoded(content: bytes) -> tuple[bytes, str]:
    """Return an image, encoded anew, and its media type.

    Raises
    ------
    UnsetError
        When it is none that can be set.
    """
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        try:
            return svg.clean(content.decode("utf-8-sig")).encode(), "image/svg+xml"
        except UnicodeDecodeError:
            raise UnsetError("it is an SVG that is not in UTF-8") from None
    return encode(content)


def content_of(folder: Path, target: str) -> bytes:
    """Return what is in the file of an image, whose name may be written as in a URL.

    Raises
    ------
    UnsetError
        When it is no file that can be read.
    """
    if REMOTE.match(target):
        raise UnsetError("only files are set, and nothing is fetched")
    try:
        for name in (target, unquote(target)):
            path = folder / name
            if path.exists():
                break
        if path.exists() and not path.is_file():  # opening a pipe would block
            raise UnsetError("it is not a regular file")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:  # a name may hold what no file's name can
        raise UnsetError(f"it can't be read: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > LARGEST:
        raise UnsetError(f"it is larger than {LARGEST // 1_000_000} MB")
    return content
