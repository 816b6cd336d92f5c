"""Pandoc, in a process of its own that ends within seconds and stays within its memory."""

import os
from functools import cache

import pypandoc

from rnn.files import child

API = (1, 23, 1)  # of the trees that pandoc reads and writes as JSON
SECONDS = 10
HEAP = 400  # MB; what a report needs stays below a tenth of it


class UnsetError(RuntimeError):
    """What can't be set; says why, and quotes the source where it is known."""

    def __init__(self, reason: str, quoted: str = "") -> None:
        super().__init__(reason)
        self.quoted = quoted


@cache
def convert(source: str, reader: str, writer: str, prefix: str = "", *, cite: bool = False) -> str:
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

    Raises
    ------
    UnsetError
        When pandoc fails, or takes more time or memory than any honest text does.
    """
    command = [
        pypandoc.get_pandoc_path(), "+RTS", f"-M{HEAP}m", "-RTS",
        f"--from={reader}", f"--to={writer}", "--mathml", "--wrap=preserve", "--preserve-tabs",
        "--syntax-highlighting=none", "--quiet", f"--id-prefix={prefix}",
        "--sandbox",  # it reads no file
        *["--citeproc"] * cite,
    ]  # fmt: skip
    made, fault = child.run(
        command,
        seconds=SECONDS,
        memory=3 * HEAP * 1_000_000,  # it collects garbage by copying
        source=source.encode(),
        environment={"HOME": os.devnull},  # where it finds no settings of the user's
    )
    if fault:
        raise UnsetError(f"pandoc: {fault}")
    return made.decode().replace("\r\n", "\n")
