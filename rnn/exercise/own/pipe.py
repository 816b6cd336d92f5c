"""Arrays through a pipe: the length of an archive, then the archive, which holds no objects."""

import io
import struct
from collections.abc import Mapping
from typing import IO, Any

from numpy.typing import NDArray

from rnn.files.archive import read_arrays, write_arrays

LENGTH = struct.Struct("<Q")


def send(file: IO[bytes], arrays: Mapping[str, Any]) -> None:
    """Write arrays for the process at the other end."""
    content = io.BytesIO()
    write_arrays(content, arrays)
    file.write(LENGTH.pack(len(content.getvalue())) + content.getvalue())
    file.flush()


def receive(file: IO[bytes]) -> dict[str, NDArray[Any]] | None:
    """Return the arrays that the process at the other end sent; None if it has ended."""
    head = file.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    data = file.read(length)
    return read_arrays(data) if len(data) == length else None
