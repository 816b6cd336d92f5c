"""Where data differ that is damaged, or that claims to be larger than it is."""

import io
import json
import zipfile
from typing import Any

import numpy as np
import pytest

from rnn.report.verify.difference import first
from tests import executed


def saved(**arrays: Any) -> bytes:
    written = io.BytesIO()
    np.savez(written, **arrays)
    return written.getvalue()


MADE = saved(losses=np.arange(5.0))
RUN = json.dumps({"training": {"seconds": 1.0}, "platform": "x", "versions": {}}).encode()
BOOK = json.dumps(
    {"cells": [{"metadata": {"tags": ["injected-parameters"]}, "source": ['book = "a"\n']}]}
).encode()


def member(content: bytes, method: int = zipfile.ZIP_STORED) -> bytes:
    """Return an archive with something in place of the losses."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        archive.writestr("losses.npy", content)
    return written.getvalue()


def header(shape: str) -> bytes:
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def encrypted() -> bytes:
    content = bytearray(MADE)
    for sign, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(sign) + flags] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("name", "content", "made"),
    [
        ("losses.npz", member(bytes(50_000_000), zipfile.ZIP_DEFLATED), MADE),
        ("losses.npz", member(header("(100000000000000,)")), MADE),
        ("losses.npz", member(header("(" * 50_000)), MADE),
        ("losses.npz", member(bytes(1000), zipfile.ZIP_LZMA), MADE),
        ("losses.npz", encrypted(), MADE),
        ("losses.npz", MADE[:200] + b"\xff" + MADE[201:], MADE),
        ("losses.npz", header("(2,)") + bytes(16), MADE),
        ("run.json", b'{"training": 5}', RUN),
        ("run.json", b'{"a":' * 3000, RUN),
        ("run.json", b'{"a":' * 900 + b"1" + b"}" * 900, RUN),
        ("run.json", RUN.replace(b"1.0", b"9" * 5000), RUN),
        ("run.json", RUN.replace(b"1.0", b'"1"'), RUN),
        ("run.json", b"[]", RUN),
        (
            "notebooks/01_data.ipynb",
            BOOK.replace(b'{"tags": ["injected-parameters"]}', b"[]"),
            BOOK,
        ),
        ("notebooks/01_data.ipynb", b"{}", BOOK),
        ("history.csv", b'"' + b"x" * 200_000, executed.HISTORY.encode()),
        ("history.csv", b"\x00\xff", executed.HISTORY.encode()),
        ("passage.txt", b"\xff", b"x"),
    ],
)
def test_damaged_data_is_a_difference_in_one_line(name: str, content: bytes, made: bytes) -> None:
    said = first(name, content, made)
    assert said
    assert "\n" not in said
    assert len(said) < 500


def test_arrays_are_compared() -> None:
    made, there = io.BytesIO(), io.BytesIO()
    np.savez(made, losses=np.arange(5.0))
    np.savez(there, losses=np.array([0, 1, 2, 3 + 1e-9, 4]))
    found = first("losses.npz", there.getvalue(), made.getvalue())
    assert found == "the array losses[3]: 3.000000001 there, 3.0 made again"


@pytest.mark.parametrize(
    "line",
    [
        'book = "x"; import os; os.system("evil")\n',
        'book = "x" + evil()\n',
        'book = "x"\\\nevil()\n',
        'book = f"{evil()}"\n',
        'student = """x"""; evil()\n',
    ],
)
def test_code_after_the_path_of_a_run_is_a_difference(line: str) -> None:
    name = "notebooks/01_data.ipynb"
    value = json.loads(BOOK)
    made = (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()
    value["cells"][0]["source"] = ['book = "/elsewhere"\n']
    moved = (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()
    assert first(name, moved, made) == ""
    for source in ([line], ['book = "a"\n', line], ['book = "a"\n', 'book = "b"\n']):
        value["cells"][0]["source"] = source
        assert first(name, (json.dumps(value, indent=1, sort_keys=True) + "\n").encode(), made)
