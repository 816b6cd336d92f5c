"""Odd books: they are read, learned, written and shown."""

import codecs
from io import BytesIO
from pathlib import Path

import html5lib
import pytest
from nbformat.v4 import new_code_cell, new_output
from pypdf import PdfReader

from rnn.errors import InputError
from rnn.exhibits.kinds import Passage
from rnn.exhibits.show import show
from rnn.files.book import read_book
from rnn.files.storage import load_model, save_run, save_text
from rnn.network import Model
from rnn.report.document import assemble
from rnn.report.nodes import Title
from rnn.report.page.exporter import page
from rnn.report.paper.exporter import pdf
from rnn.run import judged
from rnn.sampling import compose
from rnn.settings import Settings
from rnn.text import split
from rnn.training import conclude, train
from tests.executed import RUN, notebooks, publishing

SMALL = Settings(
    hidden_size=4, seq_length=5, max_updates=130, sample_every=100, sample_length=40, seed=3
)
TALE = "»Ein Bär«, sagte sie – “zwölf!”\nÉs war der 3. Tag…\n\n" * 8
ODD = {
    "rare": "the þorn and the ŋ, ſ and ﬁ: ʘ ǂ ꙮ ᛟ " * 4,
    "combining": "e\u0301 a\u0323\u0307 n\u0303 Z\u0337\u0321\u0351\u0310\u0366 कि ก็ " * 5,
    "right to left": "שלום עולם, مرحبا بالعالم \u202eabc\u202c 12 " * 4,
    "emoji": "👩‍👩‍👧 🏳️‍🌈 👍🏽 🇸🇪 ☃︎ 😀 " * 8,
    "astral": "𝔘𝔫𝔦 𐍈𐌰 𠀋𠂢 🜁 \U0010fffd \U000e0041 " * 6,
    "controls": "a few: \x01 \x1b \x7f \x85 \u2028 \u2029 \x02 " + "and much text besides. " * 40,
    "markup": '</pre><script>alert(1)</script> #read("/etc/passwd") \\input{/etc/passwd} {{ 7*7 }}'
    " {% include 'x' %} $x$ `a` [b](javascript:x) <!-- --> ]]> &lt; %s {0} \\u{41}\n" * 3,
    "not characters": "\ufffe \uffff \ufdd0 \U0001ffff and \ufffd text " * 6,
}


def learned(path: Path, folder: Path, validation_fraction: float = 0.1) -> str:
    """Train on a book, leave the files, and return a passage."""
    book = read_book(path)
    training, validation, test = split(book.indices, validation_fraction, 0)
    *_, run = train(training, validation, len(book.vocabulary), SMALL)
    best = conclude(run, validation)
    model = Model(
        network=best.network,
        vocabulary=book.vocabulary,
        states=best.states,
        first=int(book.indices[0]),
        lowercase=True,
    )
    save_run(folder, run, model, judged(run, test))
    passage = compose(load_model(folder / "model.npz"), 200, seed=1)
    save_text(folder / "passage.txt", passage)
    assert len(passage) == 200
    assert set(passage) <= set(book.vocabulary)
    return passage


def results(folder: Path) -> dict[str, bytes]:
    names = ("history.csv", "model.npz", "passage.txt", "evolution.txt")
    return {name: (folder / name).read_bytes() for name in names}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_the_same_text_is_the_same_run_however_it_is_kept(end: str, tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_text(TALE, encoding="utf-8", newline="")
    learned(path, tmp_path / "plain")
    forms = {
        "utf-8": b"",
        "utf-8-sig": b"",
        "utf-16-le": codecs.BOM_UTF16_LE,
        "utf-16-be": codecs.BOM_UTF16_BE,
        "cp1252": b"",
    }
    kinds = [*forms.items(), ("utf-16-le", b""), ("utf-16-be", b"")]
    for number, (form, mark) in enumerate(kinds):
        path.write_bytes(mark + TALE.replace("\n", end).encode(form))
        learned(path, tmp_path / str(number))
        assert results(tmp_path / str(number)) == results(tmp_path / "plain"), (form, mark)


def test_an_accent_typed_as_two_characters_is_one(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_text("é and à.\n" * 40, encoding="utf-8")
    learned(path, tmp_path / "one")
    path.write_text("e\u0301 and a\u0300.\n" * 40, encoding="utf-8")
    learned(path, tmp_path / "two")
    assert results(tmp_path / "one") == results(tmp_path / "two")


def test_an_encoding_that_is_given_overrides_what_is_found(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_text("é" * 50, encoding="utf-8")
    assert read_book(path).vocabulary == "é"
    assert read_book(path, encoding="latin-1", lowercase=False).vocabulary == "©Ã"
    path.write_bytes("слово ".encode("koi8-r") * 20)
    assert read_book(path, encoding="koi8-r").vocabulary == " влос"
    with pytest.raises(InputError, match="is not text: decoding it as ascii fails with"):
        read_book(path, encoding="ascii")
    for unknown in ("no-such", "rot13", "base64", "x\0y", "idna" * 100, "../../x", "__import__"):
        with pytest.raises(InputError, match="there is no encoding") as refused:
            read_book(path, encoding=unknown)
        assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("kind", ODD)
def test_what_is_odd_is_learned_written_and_shown(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_text(ODD[kind], encoding="utf-8")
    passage = learned(path, tmp_path)
    # The passage, and every character of the book, whatever the network wrote.
    text = passage + read_book(path).vocabulary
    shown = notebooks()
    with publishing() as outputs:
        show(Passage(text, "An odd text.", "text-odd"))
    cell = new_code_cell("text()", metadata={"tags": []})
    cell.outputs = [new_output("display_data", data=output["data"]) for output in outputs]
    shown["04_sampling"].cells.append(cell)
    document = assemble(shown, RUN, Title(passage[:60], passage[60:90]))
    whole = page(document)
    before = page(assemble(notebooks(), RUN, Title("t")))
    assert html5lib.parse(whole) is not None
    scripts = [whole.lower().count(tag) for tag in ("<script", "<iframe", "<img", "onerror=")]
    assert scripts == [before.lower().count(t) for t in ("<script", "<iframe", "<img", "onerror=")]
    read_back = "".join(one.extract_text() for one in PdfReader(BytesIO(pdf(document))).pages)
    assert "Anoddtext." in "".join(read_back.split())
    assert "root:" not in read_back


def test_one_character_two_and_five_thousand(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_text("a" * 300)
    assert learned(path, tmp_path) == "a" * 200
    path.write_text("ab" * 200)
    assert set(learned(path, tmp_path)) <= {"a", "b"}
    chinese = "".join(chr(0x4E00 + i * 7919 % 5000) for i in range(12_000))
    path.write_text(chinese, encoding="utf-8")
    assert len(read_book(path).vocabulary) == 5000
    assert set(learned(path, tmp_path)) <= set(chinese)


def test_one_sequence_and_one_character(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_text("abcdef")
    learned(path, tmp_path, validation_fraction=0)
    path.write_text("abcde")
    with pytest.raises(InputError, match="has 5 characters"):
        learned(path, tmp_path, validation_fraction=0)
