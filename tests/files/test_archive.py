"""Arrays in a file: no code is run, and no more memory is taken than the file is large."""

import io
import pickle
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn.errors import InputError
from rnn.files.archive import read_arrays, write_arrays
from rnn.files.storage import load_model, save_model
from tests import reference


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Path]:
    """Yield a path at which loading must not create a file."""
    path = tmp_path / "made by what was loaded"
    yield path
    assert not path.exists()


class Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self.path,)


def header(text: str, version: int = 1) -> bytes:
    """Return the header of an array file, which precedes its numbers."""
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text.encode()


def claim(shape: str, descr: str = "'<f8'") -> str:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n"


def archive(*members: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as made:
        for name, content in members:
            made.writestr(name, content)
    return file.getvalue()


def overlapping(copies: int, size: int) -> bytes:
    """Return a small file whose directory names one large member many times."""
    whole = archive(("a.npy", header(claim(f"({size},)", "'|u1'")) + bytes(size)))
    start = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    entry, tail = whole[start:end], bytearray(whole[end:])
    struct.pack_into("<HHI", tail, 8, copies, copies, copies * len(entry))
    return whole[:start] + entry * copies + bytes(tail)


def hostile(canary: Path) -> dict[str, bytes]:
    pickled = io.BytesIO()
    np.save(pickled, np.array([Bomb(canary)], dtype=object), allow_pickle=True)
    bare = pickle.dumps(Bomb(canary))
    numbers = header(claim("(3,)")) + bytes(24)
    claims = {
        "a terabyte": claim("(137438953472,)"),
        "more than fits a number": claim(f"({10**30}, {10**30})"),
        "nothing, of a terabyte": claim(f"({10**12},)", "'|V0'"),
        "texts of no length": claim(f"({10**12},)", "'<U0'"),
        "a negative size": claim("(-1, -8)"),
        "another": claim("(2,)"),
        "objects": claim("(3,)", "'|O'"),
        "records": claim("(1,)", "[('a', '<f8'), ('b', '<f8'), ('c', '<f8')]"),
        "records with objects": claim("(1,)", "[('a', '|O'), ('b', '<f8', (2,))]"),
        "code": claim("__import__('os').system('touch x')"),
        "a shape of texts": claim("('a',)"),
        "no shape": "{'descr': '<f8', 'fortran_order': False}\n",
        "a deep one": "(" * 9000 + "\n",
        "not a header": "\xff" * 20,
        "none": "",
    }
    files = {
        what: archive(("a.npy", header(text, version) + bytes(24)))
        for what, text in claims.items()
        for version in (1, 2, 3)
    }
    files |= {
        "pickled": archive(("a.npy", pickled.getvalue())),
        "pickled, and no array": archive(("a.npy", bare)),
        "a bare pickle": bare,
        "a long header": archive(("a.npy", header("#" * 20_000 + claim("(3,)"), 2) + bytes(24))),
        "a header longer than the file": archive(
            ("a.npy", b"\x93NUMPY\x02\0\xff\xff\xff\xff" + bytes(24))
        ),
        "another version": archive(("a.npy", b"\x93NUMPY\x09\0" + numbers[8:])),
        "compressed": archive(("a.npy", numbers), compression=zipfile.ZIP_DEFLATED),
        "bzip2": archive(("a.npy", numbers), compression=zipfile.ZIP_BZIP2),
        "a bomb": archive(
            ("a.npy", header(claim("(3000000,)")) + bytes(24_000_000)),
            compression=zipfile.ZIP_DEFLATED,
        ),
        "members that overlap": overlapping(2000, 100_000),
        "empty": b"",
        "no archive": b"PK\x03\x04" + bytes(500),
        "a truncated one": archive(("a.npy", numbers))[:-30],
    }
    size = bytearray(archive(("a.npy", numbers)))
    struct.pack_into("<II", size, size.index(b"PK\x01\x02") + 20, 2**32 - 2, 2**32 - 2)
    files["a member that says it is large"] = bytes(size)
    # The directory alone says so.
    struct.pack_into("<I", size, size.index(b"PK\x01\x02") + 20, len(numbers))
    files["a member that says it will be large"] = bytes(size)
    return files


def peak(call: Callable[[], Any]) -> int:
    """Return the most bytes that a call held."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("what", hostile(Path("x")))
def test_a_hostile_file_is_refused_in_no_more_memory_than_it_takes(
    what: str, canary: Path, tmp_path: Path
) -> None:
    data = hostile(canary)[what]

    def read() -> None:
        with pytest.raises(ValueError, match="not an archive of arrays, or damaged"):
            read_arrays(data)

    read()
    assert peak(read) < 4 * len(data) + 4_000_000

    path = tmp_path / "model.npz"
    path.write_bytes(data)

    def load() -> None:
        with pytest.raises(InputError, match=r"model\.npz is not a model of this program"):
            load_model(path)

    assert peak(load) < 4 * len(data) + 4_000_000


@pytest.mark.parametrize(
    "changes",
    [
        {"hidden_size": np.array(10**6)},
        {"hidden_size": np.array(10**9)},
        {"hidden_size": np.array(-1)},
        {"vocabulary": np.zeros(10_000, "<U1")},
        {"vocabulary": np.arange(50_000, dtype=np.uint32)},
        {"unicode_form": np.array("__import__('os')")},
        {"cell": np.array("os")},
    ],
    ids=str,
)
def test_a_model_that_claims_to_be_large_is_refused(
    changes: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "model.npz"
    save_model(path, reference.small_model())
    arrays = read_arrays(path.read_bytes()) | changes
    with path.open("wb") as file:
        write_arrays(file, arrays)

    def load() -> None:
        with pytest.raises(InputError, match="is not a model"):
            load_model(path)

    assert peak(load) < 4 * path.stat().st_size + 4_000_000


def test_what_is_written_comes_back() -> None:
    arrays = {
        "numbers": np.arange(6.0).reshape(2, 3),
        "turned": np.arange(6, dtype=np.float32).reshape(2, 3).T,
        "text": np.array("é"),
        "one": np.array(7),
        "none": np.zeros((0, 3), np.int64),
        "truth": np.array([True, False]),
    }
    file = io.BytesIO()
    write_arrays(file, arrays)
    found = read_arrays(file.getvalue())
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)
    again = io.BytesIO()
    write_arrays(again, arrays)
    assert again.getvalue() == file.getvalue()


def test_objects_are_not_written(canary: Path) -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        write_arrays(io.BytesIO(), {"a": np.array([Bomb(canary)], dtype=object)})
