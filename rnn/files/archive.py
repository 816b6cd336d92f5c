"""Arrays in a file, without pickle, and without trusting the sizes that the file claims."""

import io
import math
import zipfile
from collections.abc import Mapping
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray


def write_arrays(file: IO[bytes], arrays: Mapping[str, Any]) -> None:
    """Write arrays as a NumPy archive; equal arrays give equal bytes."""
    np.savez(file, allow_pickle=False, **arrays)


def read_arrays(data: bytes, unpacked: int = 0) -> dict[str, NDArray[Any]]:
    """Return the arrays of a NumPy archive.

    The size that each member claims is compared with the bytes that are there before any array is
    made, so that no file takes more memory than its own size. Compressed members are refused,
    unless a limit for them is given.

    Parameters
    ----------
    data
        The archive.
    unpacked
        How many bytes all members may have once they are unpacked.

    Raises
    ------
    ValueError
        When the bytes are not such an archive.
    """
    arrays = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            kinds = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED if unpacked else zipfile.ZIP_STORED}
            if any(member.compress_type not in kinds for member in members):
                raise ValueError("a member is compressed")
            # Members may overlap.
            if sum(member.file_size for member in members) > max(len(data), unpacked):
                raise ValueError("its members are larger than the file")
            for member in members:
                with archive.open(member) as file:
                    content = file.read(member.file_size)  # `archive.read` would unpack all
                header = io.BytesIO(content)
                version = np.lib.format.read_magic(header)
                if version == (1, 0):
                    shape, _, dtype = np.lib.format.read_array_header_1_0(header)
                else:
                    shape, _, dtype = np.lib.format.read_array_header_2_0(header)
                size = math.prod(shape) * dtype.itemsize
                if dtype.kind not in "biufU" or not dtype.itemsize:
                    raise ValueError("a member holds neither numbers nor text")
                if header.tell() + size != len(content):
                    raise ValueError("a member does not have the size that it claims")
                name = member.filename.removesuffix(".npy")
                arrays[name] = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except Exception as error:  # damaged bytes raise many kinds: BadZipFile, SyntaxError ...
        raise ValueError(f"not an archive of arrays, or damaged: {error}") from None
    return arrays
