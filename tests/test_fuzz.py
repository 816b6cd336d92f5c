"""Files with random faults: reading them raises nothing but the documented errors.

Here there are a few hundred of each; `tests/long` tries many more.
"""

import hashlib
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnn import training
from rnn.errors import InputError
from rnn.files.book import read_book
from rnn.files.checkpoint import FORMAT, parse, save, unpack
from rnn.files.storage import load_model, save_model
from rnn.sampling import compose
from rnn.settings import Settings
from tests import reference

Result = TypeVar("Result")
Fault = Callable[[bytes], bytes]
QUICK = settings(
    max_examples=300,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
# Bytes that are likely to matter: sizes, marks, and pieces of NumPy's headers.
TOKENS = [
    *(n.to_bytes(4, "little") for n in (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)),
    *(b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"\x93NUMPY", b"'|O'", b"'<f8'", b"'|V0'"),
    *(b"(99999999999,)", b"(-1,)", b"()", b"None", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80"),
    *(b"\r\n", b"\0\0", b"\xf4\x90\x80\x80", b"[" * 50, b"NaN", b"\n"),
]


KINDS = ["flip", "cut", "drop", "double", "insert", "overwrite"]
Change = tuple[str, float, float, bytes]


def faulty(changes: Sequence[Change], data: bytes) -> bytes:
    """Return a file with a few changes, at positions given as shares of its length."""
    for kind, first, second, new in changes:
        i = int(first * len(data))
        j = min(len(data), i + 1 + int(second**3 * (len(data) - i)))
        if kind == "flip" and data:
            data = data[:i] + bytes([data[i] ^ (1 << int(second * 8))]) + data[i + 1 :]
        elif kind == "cut":
            data = data[:i]
        elif kind == "drop":
            data = data[:i] + data[j:]
        elif kind == "double":
            data = data[:j] + data[i:j] + data[j:]
        elif kind == "insert":
            data = data[:i] + new + data[i:]
        else:
            data = data[:i] + new + data[i + len(new) :]
    return data


PLACES = st.floats(0, 1, exclude_max=True)
CHANGES = st.tuples(
    st.sampled_from(KINDS), PLACES, PLACES, st.sampled_from(TOKENS) | st.binary(max_size=12)
)


def faults() -> st.SearchStrategy[Fault]:
    """Draw a few changes."""
    return st.lists(CHANGES, min_size=1, max_size=4).map(lambda drawn: partial(faulty, drawn))


def within(data: bytes, number: int, fault: Fault) -> bytes:
    """Return an archive with faults in one of its members, and right checksums."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        names = old.namelist()
        for i, name in enumerate(names):
            content = old.read(name)
            new.writestr(name, fault(content) if i == number % len(names) else content)
    return made.getvalue()


@cache
def folder() -> Path:
    """Return a folder for many small files, in memory if possible."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="rnn-fuzz-", dir=memory if memory.is_dir() else None))


@pytest.fixture(autouse=True, scope="module")
def _removed() -> Iterator[None]:
    yield
    for path in folder().iterdir():
        path.unlink()
    folder().rmdir()
    folder.cache_clear()


@cache
def models() -> list[bytes]:
    path = folder() / "seed.npz"
    found = []
    for model in (reference.small_model(), reference.small_model("\n abcé", m=2)):
        save_model(path, model)
        found.append(path.read_bytes())
    return found


TEXT = np.random.default_rng(3).integers(0, 4, 60).astype(np.uint8)
SMALL = Settings(
    hidden_size=2, seq_length=3, epochs=1, sample_every=7, sample_length=4, dropout=0.1
)
ABOUT = {"program": "1", "book": "2"}


@cache
def compiled() -> NDArray[Any]:
    """Return the content of a checkpoint without its head."""
    path = folder() / "seed"
    *_, run = training.train(TEXT[:50], TEXT[50:], 4, SMALL)
    save(path, run, ABOUT)
    return np.frombuffer(path.read_bytes(), np.uint8)


def result_of(call: Callable[[], Result]) -> Result | None:
    """Return what a call returns, or None if it refuses, in one line."""
    try:
        return call()
    except InputError as error:
        message = str(error)
    assert len(message.splitlines()) == 1
    return None


def model_is_read_or_refused(fault: Fault, seed: int, member: int, inside: bool) -> None:
    whole = models()[seed % 2]
    path = folder() / "model.npz"
    path.write_bytes(within(whole, member, fault) if inside else fault(whole))
    model = result_of(lambda: load_model(path))
    assert model is None or len(compose(model, 3)) == 3


def checkpoint_is_read_or_refused(fault: Fault, member: int, inside: bool, mended: bool) -> None:
    whole = compiled().tobytes()
    content = whole[len(FORMAT) :].partition(b"\n")[2]
    if inside or mended:
        content = within(content, member, fault) if inside else fault(content)
        head = f"{hashlib.sha256(content).hexdigest()} {len(content)}\n"
        data = FORMAT + head.encode() + content
    else:
        data = fault(whole)
    run = training._begin(TEXT[:50], 4, SMALL)
    before = run.network.theta.copy()

    def resume() -> bool:
        unpack(parse(data, "it", ABOUT), run)
        return True

    if result_of(resume):
        assert 0 <= run.step <= run.updates
    else:
        assert np.array_equal(run.network.theta, before)
        assert run.step == 0


BOOKS = [
    text.encode(encoding)
    for text in (
        "Once upon a time, é\n" * 8,
        "漢字かな\r\nकि 👩‍👧 Σίσυφος\r" * 6,
        "Ǆ I\u0307 ﬁ\t\n" * 8,
    )
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252")
    if encoding != "cp1252" or text.isascii() or "Once" in text
]


def book_is_read_or_refused(fault: Fault, seed: int, lowercase: bool, form: str) -> None:
    path = folder() / "book.txt"
    path.write_bytes(fault(BOOKS[seed % len(BOOKS)]))
    book = result_of(lambda: read_book(path, lowercase=lowercase, unicode_form=form))
    if book is None:
        return
    assert book.indices.max() < len(book.vocabulary) == len(book.counts)
    assert book.counts.sum() == len(book.indices) > 0
    assert list(book.vocabulary) == sorted(set(book.vocabulary))


FORMS = ["nfc", "nfd", "nfkc", "nfkd", "as_is"]
MODEL = given(faults(), st.integers(0, 1), st.integers(0, 20), st.booleans())
CHECKPOINT = given(faults(), st.integers(0, 20), st.booleans(), st.booleans())
BOOK = given(faults(), st.integers(0, len(BOOKS) - 1), st.booleans(), st.sampled_from(FORMS))


@QUICK
@MODEL
def test_models(fault: Fault, seed: int, member: int, inside: bool) -> None:
    model_is_read_or_refused(fault, seed, member, inside)


@QUICK
@CHECKPOINT
def test_checkpoints(fault: Fault, member: int, inside: bool, mended: bool) -> None:
    checkpoint_is_read_or_refused(fault, member, inside, mended)


@QUICK
@BOOK
def test_books(fault: Fault, seed: int, lowercase: bool, form: str) -> None:
    book_is_read_or_refused(fault, seed, lowercase, form)


def test_the_faults_are_met_with_both_answers() -> None:
    """Otherwise the tests above would prove nothing."""
    model_is_read_or_refused(lambda data: data, 0, 0, inside=True)
    checkpoint_is_read_or_refused(lambda data: data, 0, inside=True, mended=True)
    book_is_read_or_refused(lambda data: data, 0, lowercase=True, form="nfc")
    path = folder() / "model.npz"
    path.write_bytes(models()[0][:-1])
    with pytest.raises(InputError):
        load_model(path)
