"""Finding out what a book's bytes stand for, or refusing to guess.

A mark, UTF-8 and the NULs of UTF-16 are certain. Otherwise a sample is decoded in each of
`READINGS`, and what comes out is compared: letters that belong to one language, capitals where
capitals stand, signs that do not stand within a word. Windows-1252 stays unless another reading is
clearly better.
"""

import codecs
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import charset_normalizer

from rnn.errors import InputError
from rnn.files.alphabets import ALL, KANA, ORDERED, READINGS, WESTERN, WINDOWS, eastern

SAMPLE = 1_000_000  # bytes, at most, that charset-normalizer is given
COMPARED = 100_000  # bytes, at most, that are decoded in each encoding
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# Python calls these encodings of text, too, but no file is kept in them.
NO_ENCODINGS = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "charmap"}
# How text begins to be kept in seven bits, by the encoding.
SEVEN_BITS = {"iso2022_kr": b"\x1b$)C", "iso2022_jp_ext": b"\x1b$", "hz": b"~{"}

WELL = 0.1  # the share of strange characters up to which a reading is a good one
CLEARLY = 0.12  # by how much less strange a clearly better one is
SPARSE = 0.04  # the share of accented letters up to which they may be of several languages
HALF = 0.5  # what a letter of another western language counts then
# What may stand between two letters, and what only at one side of a word.
JOINING = set("’‘–—·\u00ad\u2010\u2011\u200c\u200d\u00a0״׳־ー々〆、。")
BESIDE = set("…“”„‚‹›«»¿¡†‡•°€£¥½¼¾¹²³ªº×±÷‰™№、。")
ALONE = set("§¶©®¢")  # not before a small letter
THAI_FIRST = set("เแโใไ")  # vowels, which stand before a consonant
COMMON = 0.4  # the share that the eight commonest letters must have, where they are given
TOO_COMMON = 0.25  # a share that no letter has
CAPITALS = 0.6  # a share that they do not have
BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
BEFORE = 1000  # bytes of ASCII in front of the first other one in a line
ASCII = bytes(range(32, 127))


def known(encoding: str) -> str:
    """Return the name of an encoding of text, if Python knows it."""
    try:
        found = codecs.lookup(encoding)
        if found.name in NO_ENCODINGS or not found._is_text_encoding:
            raise LookupError
        codecs.getincrementaldecoder(encoding)
    except (LookupError, UnicodeError, ValueError):
        raise InputError(f"there is no encoding {encoding!r}: try utf-8 or cp1252") from None
    return encoding


def find(file: io.BufferedReader, path: Path, block: int) -> str:
    """Return the encoding of a book.

    Parameters
    ----------
    file
        Its bytes.
    path
        What it is called in messages.
    block
        How many bytes are read at a time.

    Raises
    ------
    InputError
        When it is empty, damaged UTF-8, or might be in several encodings.
    """
    file.seek(0)
    start = file.read(SAMPLE)
    if not start:
        raise InputError(f"the book {path} is empty")
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if start.startswith(mark):
            return encoding
    if b"\0" in start and (wide := _wide(start)):
        return wide
    fault = _fault(file, block)
    if fault is None:
        if start.count(b"@") > 0.05 * len(start) and b" " not in start:
            raise InputError(
                f"the book {path} seems to be in EBCDIC: say which, as in ENCODING=cp037"
            )
        return _seven_bits(start) or "utf-8"
    sample = _sample(file, block)
    high = len(sample) - sum(map(sample.count, range(128)))
    rest = sample.decode("utf-8", "ignore").encode()
    valid = len(rest) - sum(map(rest.count, range(128)))
    at, cut = fault
    if valid > 0.5 * high or cut > 1:
        raise InputError(f"the book {path} is damaged UTF-8: {_damage(at, cut)}")
    return _compare(sample, start, path)


def _wide(start: bytes) -> str | None:
    """Return which form of UTF-16 or UTF-32 bytes with NULs are in, if in any."""
    for encoding in ("utf-32-le", "utf-32-be"):
        try:
            start[: len(start) // 4 * 4].decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    # Most characters of a text in UTF-16 are below U+0100 or share few high bytes.
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = start[first::2]
        if half.count(0) > 0.3 * len(half) and start[1 - first :: 2].count(0) < 0.3 * len(half):
            return encoding
    readings = _readings(b"", start, {"utf-16-le": ALL, "utf-16-be": ALL})
    best = min(readings, key=Reading.strangeness, default=None)
    return best.encoding if best and best.strangeness() <= WELL else None


def _fault(file: io.BufferedReader, block: int) -> tuple[int, int] | None:
    """Return where UTF-8 fails and, if that is the end of the file, how many bytes are left."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    read = 0
    try:
        while piece := file.read(block):
            read += len(piece)
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        at = read - len(error.object) + error.start
        return at, read - at if error.reason == "unexpected end of data" else 0
    return None


def _damage(at: int, cut: int) -> str:
    if cut:
        return (
            f"it ends within a character, at byte {at + 1:,}: cut off what is left of it"
            f" (head -c {at}), or name another ENCODING"
        )
    return f"byte {at + 1:,} is no part of a character: mend it, or name another ENCODING"


def _sample(file: io.BufferedReader, block: int) -> bytes:
    """Return the first lines that hold more than ASCII."""
    file.seek(0)
    found: list[bytes] = []
    size, rest = 0, b""
    while size < SAMPLE and (piece := file.read(block)):
        if piece.isascii() and rest.isascii():
            rest = piece[piece.rfind(b"\n") + 1 :]
            continue
        *lines, rest = (rest + piece).split(b"\n")
        if len(rest) > SAMPLE:
            lines, rest = [*lines, rest], b""
        for line in lines:
            if high := BEYOND_ASCII.search(line):
                found.append(line[max(0, high.start() - BEFORE) :])
                size += len(found[-1]) + 1
    if high := BEYOND_ASCII.search(rest):
        found.append(rest[max(0, high.start() - BEFORE) :])
    return b"\n".join(found)[:SAMPLE]


def _seven_bits(start: bytes) -> str | None:
    """Return the encoding of a text that goes from one set of characters to another by ASCII."""
    for encoding, mark in SEVEN_BITS.items():
        if mark in start:
            for reading in _readings(start, b"", {encoding: ALL}):
                if reading.total.total() and reading.strangeness() <= WELL:
                    return encoding
    return None


@dataclass(frozen=True)
class Reading:
    """A sample as one encoding has it."""

    encoding: str
    text: str
    languages: Mapping[str, str]

    @cached_property
    def counted(self) -> tuple[Counter[str], Counter[str]]:
        """How often each character beyond ASCII occurs, and how often where it can't stand."""
        total: Counter[str] = Counter()
        strange: Counter[str] = Counter()
        text = f" {self.text} "
        for (before, c, after), n in Counter(zip(text, text[1:], text[2:], strict=False)).items():
            if c > "\x7f":
                total[c] += n
                strange[c] += n * _is_strange(before, c, after)
        return total, strange

    @property
    def total(self) -> Counter[str]:
        """How often each character beyond ASCII occurs."""
        return self.counted[0]

    @cached_property
    def foreign(self) -> dict[str, float]:
        """How little each letter belongs to the language that the text is most likely in."""
        letters = {c: n for c, n in self.total.items() if unicodedata.category(c)[0] in "LM"}
        small = {c: (c.lower() if len(c.lower()) == 1 else c) for c in letters}
        count = sum(letters.values())
        best: dict[str, float] = dict.fromkeys(letters, 1.0)
        for name, alphabet in self.languages.items():
            own = set(alphabet or eastern(name))
            if name in ORDERED and letters:
                common = sum(n for c, n in letters.items() if small[c] in alphabet[:8])
                top = max(letters.values())
                capitals = sum(n for c, n in letters.items() if c.isupper())
                if (
                    common < COMMON * count
                    or top > max(TOO_COMMON * count, 4)
                    or capitals > max(CAPITALS * count, 4)
                ):
                    continue
            if name == "Japanese" and not letters.keys() & set(KANA):
                continue
            found = {c: float(small[c] not in own) for c in letters}
            if _cost(found, letters) < _cost(best, letters):
                best = found
        ascii_letters = len(re.findall(r"[A-Za-z]", self.text))
        if self.languages is WESTERN and count < SPARSE * ascii_letters:
            own = set("".join(WESTERN.values())) - set("šž")
            found = {c: HALF if small[c] in own else 1.0 for c in letters}
            if _cost(found, letters) < _cost(best, letters):
                best = found
        return best

    def strangeness(self, among: Collection[str] | None = None) -> float:
        """Return which share of the characters beyond ASCII, or of some of them, is strange."""
        total, strange = self.counted
        some = total.keys() if among is None else total.keys() & among
        cost = sum(max(strange[c], total[c] * self.foreign.get(c, 0.0)) for c in some)
        return cost / (sum(total[c] for c in some) or 1)


def _cost(foreign: Mapping[str, float], letters: Mapping[str, int]) -> float:
    return sum(foreign[c] * n for c, n in letters.items())


def _is_strange(before: str, c: str, after: str) -> bool:
    """Return whether a character beyond ASCII can't stand between two others."""
    category = unicodedata.category(c)
    if c in JOINING:
        return False
    if c in BESIDE:
        return before.isalpha() and after.isalpha()
    if c in ALONE:
        return after.islower() or before.islower()
    if category[0] in "LM":
        if _is_latin(c):
            numbered = before.isdigit() or after.isdigit()
            return numbered or (c.isupper() and before.islower())
        if category == "Mn" and (before == c or unicodedata.category(before)[0] not in "LM"):
            return True
        if c in THAI_FIRST and not "ก" <= after <= "ฮ":
            return True
        if "\u4e00" <= c <= "\u9fff" and before == " ":
            return True
        mixed = any((x.isascii() and x.isalpha()) or _is_latin(x) for x in (before, after))
        return mixed or (c.isupper() and before.islower())
    wide = "\u3000" <= c <= "\u303f" or "\uff00" <= c <= "\uffef"
    return not wide and c not in "־׃،؛؟٪·;΄ ฯ๏๚๛฿"


@cache
def _is_latin(c: str) -> bool:
    return c > "\x7f" and unicodedata.name(c, "").startswith("LATIN")


def _readings(
    sample: bytes, start: bytes, encodings: Mapping[str, Mapping[str, str]]
) -> Iterator[Reading]:
    """Yield a sample in each encoding that has it, once for each text."""
    seen: set[str] = set()
    for encoding, languages in encodings.items():
        wide = encoding.startswith("utf-16")
        data = (start if wide else sample)[:COMPARED]
        try:
            # What is cut at the end of a sample is left out.
            text = codecs.getincrementaldecoder(encoding)().decode(data, len(data) < COMPARED)
        except UnicodeError:
            continue
        if text not in seen and not (wide and "\0" in text):
            seen.add(text)
            yield Reading(encoding, text, languages)


def _compare(sample: bytes, start: bytes, path: Path) -> str:
    """Return the encoding that is clearly right."""
    encodings = dict(READINGS)
    if b"\0" in start:
        raise InputError(f"the book {path} is not text: it holds NULs")
    chosen, likely = _choose(list(_readings(sample, start, encodings)))
    if chosen is None:
        for match in charset_normalizer.from_bytes(sample[:SAMPLE]):
            encodings.setdefault(match.encoding, ALL)
        chosen, likely = _choose(list(_readings(sample, start, encodings)))
        # The kinds of EBCDIC differ in what others have as ASCII, which is not compared.
        if chosen and ASCII.decode(chosen, "replace").encode() != ASCII:
            chosen = None
    if chosen is None:
        if not likely:
            raise InputError(f"the book {path} is not text in any encoding that is often used")
        raise InputError(
            f"the book {path} may be in several encodings: say which, the likeliest are "
            + ", ".join(f"ENCODING={encoding}" for encoding in likely[:3])
        )
    return chosen


def _choose(readings: list[Reading]) -> tuple[str | None, list[str]]:
    """Return the encoding that is clearly right, if one is, and the likeliest ones."""
    ranked = sorted(readings, key=Reading.strangeness)
    likely = [reading.encoding for reading in ranked if reading.strangeness() < 0.7]
    windows = next((reading for reading in readings if reading.encoding == WINDOWS), None)
    if windows and windows.strangeness() <= 3 * WELL:
        others = [reading for reading in ranked if reading is not windows]
        if all(_differ(windows, other) <= WELL for other in others):
            return WINDOWS, likely
    best = ranked[0] if ranked else None
    if best is None or best.strangeness() > WELL:
        return None, likely
    for other in ranked[1:]:
        # Of two that differ in a few characters, which are right in both, the first is meant.
        near = (
            best.encoding in READINGS
            and other.languages is best.languages
            and len(other.text) == len(best.text)
        )
        first = readings.index(best) < readings.index(other)
        better = max(_differ(other, best), other.strangeness() - best.strangeness())
        if better < (0 if near and first else CLEARLY):
            return None, likely
    return best.encoding, likely


def _differ(one: Reading, other: Reading) -> float:
    """Return by how much one is stranger than another, where they read bytes differently."""
    if len(one.text) != len(other.text):
        return one.strangeness() - other.strangeness()
    pairs = {(a, b) for a, b in set(zip(one.text, other.text, strict=True)) if a != b}
    return one.strangeness({a for a, _ in pairs}) - other.strangeness({b for _, b in pairs})
