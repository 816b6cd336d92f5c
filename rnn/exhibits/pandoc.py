"""Pandoc, in processes that end within seconds and stay within their memory."""

import os
import re
from functools import cache
from pathlib import Path

import pypandoc

from rnn.exhibits.standing import Standing
from rnn.files import child

# Of the wheel: pypandoc would take a newer one from the PATH or from the user's home.
PROGRAM = str(Path(pypandoc.__file__).parent / "files" / "pandoc")
API = (1, 23, 1)  # of the trees that pandoc reads and writes as JSON
SECONDS = 10
LARGEST = 20_000_000  # bytes of what it makes; of text alone it makes at most 18 for each
HEAP = 400  # MB; what a report needs stays below a tenth of it
MEMORY = 3 * HEAP * 1_000_000  # it collects garbage by copying
BOUNDED = (PROGRAM, "+RTS", f"-M{HEAP}m", "-RTS")
STANDING = Standing(BOUNDED, seconds=SECONDS, memory=MEMORY)
PLAIN = ("commonmark", "json")  # formats that need nothing but a text
DROPPED = re.compile("\ufeff|\r")  # by pandoc's command, before it reads


class UnsetError(RuntimeError):
    """What can't be set; says why, and quotes the source where it is known."""

    def __init__(self, reason: str, quoted: str = "") -> None:
        super().__init__(reason)
        self.quoted = quoted


@cache
def convert(
    source: str,
    reader: str,
    writer: str,
    prefix: str = "",
    *,
    cite: bool = False,
    seconds: int = SECONDS,
) -> str:
    """Return text in another format.

    Parameters
    ----------
    source
        The text.
    reader, writer
        Pandoc's names of the two formats.
    prefix
        What the names of footnotes begin with.
    cite
        Set the citations, by the references in the metadata.
    seconds
        How long pandoc may compute.

    Raises
    ------
    UnsetError
        When pandoc fails, or takes more time or memory, or makes more, than any honest text does.
    """
    if reader.startswith(PLAIN) and not cite and not DROPPED.search(source):
        ended = source + "\n" * (source[-1:] not in ("", "\n"))  # as pandoc's command ends it
        made = STANDING.convert(ended.encode(), reader, writer, prefix)
        if made is not None and len(made) <= LARGEST:
            return made.decode().removesuffix("\n") + "\n"
    command = [
        *BOUNDED,
        f"--from={reader}", f"--to={writer}", "--mathml", "--wrap=preserve", "--preserve-tabs",
        "--syntax-highlighting=none", "--quiet", f"--id-prefix={prefix}",
        "--sandbox",  # it reads no file
        *["--citeproc"] * cite,
    ]  # fmt: skip
    return _run(command, source, seconds).replace("\r\n", "\n")


@cache
def version() -> str:
    """Return pandoc's version."""
    return _run([PROGRAM, "--version"]).split()[1]


def _run(command: list[str], source: str = "", seconds: int = SECONDS) -> str:
    made, fault = child.run(
        command,
        seconds=seconds,
        memory=MEMORY,
        source=source.encode(),
        environment={"HOME": os.devnull},  # where it finds no settings of the user's
    )
    if fault:
        raise UnsetError(f"pandoc: {fault}")
    if len(made) > LARGEST:  # as of a cell that is to reach over a million columns
        raise UnsetError(f"pandoc: it becomes larger than {LARGEST // 1_000_000} MB")
    return made.decode()
