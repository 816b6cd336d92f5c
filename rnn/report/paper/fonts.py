"""The user's fonts, which set what the PDF's own fonts lack."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import typst
from fontTools.ttLib import TTFont
from fontTools.unicodedata import script, script_name

from rnn.errors import InputError
from rnn.exhibits.characters import sign
from rnn.report.errors import StageError
from rnn.report.finished import sha256
from rnn.report.paper.glyphs import glyphs

ENDINGS = {".ttf", ".otf", ".ttc", ".otc"}
LARGEST = 2_000_000_000  # bytes, together
EAST_ASIAN = {"Han", "Hiragana", "Katakana", "Hangul", "Bopomofo"}  # scripts of Noto Sans CJK
UNNAMED = {"Common", "Inherited", "Unknown"}  # of signs that belong to no script, as emoji do


class Font(NamedTuple):
    """A file with fonts: its path, its SHA-256, and its families as Typst names them."""

    path: Path
    sha256: str
    families: tuple[str, ...]


class Fonts(NamedTuple):
    """The user's fonts, in the order of their names, and the characters that they add."""

    files: tuple[Font, ...] = ()
    characters: frozenset[str] = frozenset()

    @property
    def families(self) -> tuple[str, ...]:
        """The names of the families, each once."""
        return tuple(dict.fromkeys(name for file in self.files for name in file.families))

    def link(self, folder: Path) -> None:
        """Bring the files into a folder, in their order."""
        for number, file in enumerate(self.files):
            (folder / f"{number:05}{file.path.suffix.lower()}").symlink_to(file.path.resolve())

    def check_unchanged(self) -> None:
        """Raise an error if a file has changed since it was read."""
        for file in self.files:
            if not file.path.is_file() or sha256(file.path) != file.sha256:
                raise StageError(
                    f"the font {file.path} changed while the report was being made:"
                    " run the command again"
                )


def read_fonts(folder: Path) -> Fonts:
    """Return the fonts that lie in a folder itself; other files there are left alone.

    A font of a family that the PDF has already is not used.

    Raises
    ------
    InputError
        When the folder can't be read, has no fonts, or one of them is no font.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
    except OSError as error:
        raise InputError(f"FONTS: {folder} can't be read: {error.strerror}") from None
    if not paths:
        raise InputError(f"FONTS: {folder} has no fonts: name a folder with .ttf, .otf or .ttc")
    if odd := [path for path in paths if not path.name.isprintable()]:
        raise InputError(f"FONTS: {odd[0]} has a name that can't be printed: rename it")
    if odd := [path for path in paths if not path.is_file()]:  # opening a pipe would block
        raise InputError(f"FONTS: {odd[0]} is not a regular file")
    if sum(path.stat().st_size for path in paths) > LARGEST:
        raise InputError(f"FONTS: {folder} has more than {LARGEST / 1e9:g} GB of fonts")
    return _read(paths)


def _read(paths: list[Path]) -> Fonts:
    files = []
    shared: dict[str, set[str]] = {}  # by family: the characters that all of its fonts have
    faces = _faces(paths)
    own = {"DejaVu Sans", *typst.Fonts(include_system_fonts=False).families()}
    for path in paths:
        found = [face for face in faces if face.path == str(path.resolve())]
        try:
            digest = sha256(path)
            for face in found:
                characters = _characters(path, face.index)
                shared[face.family] = shared.get(face.family, characters) & characters
        except OSError as error:
            raise InputError(f"FONTS: {path} can't be read: {error.strerror}") from None
        except Exception:  # fontTools raises whatever a damaged font leads to
            found = []
        if not found:
            raise InputError(f"FONTS: {path} is not a font: remove it, or name another folder")
        if new := [face.family for face in found if face.family not in own]:
            files.append(Font(path, digest, tuple(dict.fromkeys(new))))
    used = {family for file in files for family in file.families}
    return Fonts(tuple(files), frozenset().union(*(shared[family] for family in used)))


def _faces(paths: list[Path]) -> list[typst.FontInfo]:
    """Return the fonts that Typst finds in some files."""
    with TemporaryDirectory() as name:
        Fonts(tuple(Font(path, "", ()) for path in paths)).link(Path(name))
        found = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[name]
        )
        return list(found.fonts())


def _characters(path: Path, index: int) -> set[str]:
    """Return the characters that a font has a glyph for."""
    with TTFont(path, fontNumber=index, lazy=True) as font:
        return {chr(code) for code, glyph in font.getBestCmap().items() if glyph != ".notdef"}


def lacking(texts: Iterable[str], fonts: Fonts) -> dict[str, int]:
    """Return how many characters of some texts have no glyph, by script, the most first."""
    missing = {c for text in texts for c in text if not sign(c)} - glyphs() - fonts.characters
    missing.discard("\n")
    counts = Counter(script_name(script(c)) for c in sorted(missing))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def advice(lacks: Mapping[str, int]) -> str:
    """Return what to do about characters without a glyph, as a sentence; "" if there are none."""
    if not lacks:
        return ""
    count = sum(lacks.values())
    scripts = [name for name in lacks if name not in UNNAMED]
    names = [*scripts, *(["signs of no script"] if len(scripts) < len(lacks) else [])]
    font = (
        "Noto Sans CJK"
        if EAST_ASIAN & set(scripts[:1])
        else f"Noto Sans {scripts[0]}"
        if scripts
        else "Noto Sans Symbols or Noto Emoji"
    )
    are = "is 1 character" if count == 1 else f"are {count:,} different characters"
    return (
        f"There {are} of the book, the notes or the title block ({', '.join(names)}) without a "
        "glyph in the PDF's fonts: the PDF shows code points instead. Get a font that has them, "
        f"such as {font}, and name its folder by FONTS=folder."
    )
