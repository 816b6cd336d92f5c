"""Pandoc, in a process of its own that ends within seconds and stays within its memory."""

import os
import subprocess
from functools import cache

import pypandoc

API = (1, 23, 1)  # of the trees that pandoc reads and writes as JSON
SECONDS = 10
MEMORY = "400m"  # of pandoc's heap; what a report needs stays below a tenth of it


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
        pypandoc.get_pandoc_path(), "+RTS", f"-M{MEMORY}", "-RTS",
        f"--from={reader}", f"--to={writer}", "--mathml", "--wrap=preserve", "--preserve-tabs",
        "--syntax-highlighting=none", "--quiet", f"--id-prefix={prefix}",
        "--sandbox",  # it reads no file
        *["--citeproc"] * cite,
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603  # a fixed command; the text goes in by a pipe
            command,
            input=source.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={"HOME": os.devnull},  # where it finds no settings of the user's
        )
    except subprocess.TimeoutExpired:
        raise UnsetError(f"pandoc is not done with it after {SECONDS} seconds") from None
    if done.returncode:
        said = " ".join(done.stderr.decode(errors="replace").split())
        if "heap" in said.lower():
            said = f"pandoc needs more than {MEMORY.rstrip('m')} MB for it"
        raise UnsetError(said or f"pandoc ended with {done.returncode}")
    return done.stdout.decode().replace("\r\n", "\n")
