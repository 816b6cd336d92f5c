"""The user's request, and the plan made from it once everything is checked, before any work."""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rnn.errors import InputError
from rnn.exhibits.citations import NOTHING, Cited
from rnn.exhibits.prose import words
from rnn.files.book import Book
from rnn.files.library import title_of
from rnn.files.paths import as_typed, content
from rnn.files.storage import check_vocabulary, load_model
from rnn.report import ROOT, folder, parameters, stages
from rnn.report.forms import FORMS
from rnn.report.nodes import Images, Title
from rnn.report.notes import tex
from rnn.report.notes.images import read as read_images
from rnn.report.notes.references import read as read_references
from rnn.report.notes.references import unread
from rnn.report.notes.sections import Notes, read_notes
from rnn.report.paper.fonts import Fonts, lacking, read_fonts
from rnn.report.render import check_fonts, check_notes, check_prose
from rnn.report.stages import Stage
from rnn.settings import Settings, checked, to_word

TITLE = "A recurrent network that learns to write"
BOOK = ROOT / "data" / "tales.txt"
LARGEST = 2_000_000_000  # bytes of a saved model


class Request(NamedTuple):
    """The user's options as typed; an empty one stands for its default. See variables.txt."""

    book: str = ""
    encoding: str = ""
    out: str = ""
    params: str = ""
    preset: str = ""
    author: str = ""
    title: str = ""
    course: str = ""
    date: str = ""
    notes: str = ""
    references: str = ""
    fonts: str = ""
    student: str = ""
    model: str = ""
    form: str = ""
    excerpt: str = ""
    code: str = ""


class Added(NamedTuple):
    """What the author adds to what is computed.

    Attributes
    ----------
    title
        The title block.
    notes_path, notes, images
        The path of the author's notes, if there are any, their sections by part, and the images in
        these.
    references_path, cited
        The path of the file with the references, if there is one, and what the notes cite.
    said
        What is to be said about the notes and the references, a line for each.
    fonts_path, fonts
        The folder of the user's fonts, if there is one, and what it has.
    lacks
        How many characters no font of the PDF has, by script.
    """

    title: Title
    notes_path: Path | None
    notes: dict[int, str]
    images: dict[int, Images]
    references_path: Path | None
    cited: Cited
    said: list[str]
    fonts_path: Path | None
    fonts: Fonts
    lacks: dict[str, int]


class Student(NamedTuple):
    """The file with a student's functions, its SHA-256, and what is to be said about it."""

    path: Path
    sha256: str
    said: list[str]


class Given(NamedTuple):
    """The file of a saved model, and its SHA-256."""

    path: Path
    sha256: str


class Plan(NamedTuple):
    """Everything needed to make a report.

    Attributes
    ----------
    notebooks
        The folder of the notebooks.
    stages
        The stages, in order.
    declared
        For each stage, the parameters that its notebook declares, with their defaults.
    values
        The parameters of this report.
    book, sha256, encoding
        The book's path, its SHA-256, and the encoding that it is read in.
    out
        The folder for the report, as typed.
    added
        What the author adds.
    student
        The functions that take the place of the network's own, if there are any.
    model
        The saved model that writes in place of the trained one, if there is one.
    form
        What the report has: one of `FORMS`.
    excerpt
        Whether the page has an excerpt of the book, whatever the book.
    code
        Whether the PDF has the notebooks' code.
    """

    notebooks: Path
    stages: tuple[Stage, ...]
    declared: dict[str, dict[str, Any]]
    values: dict[str, Any]
    book: Path
    sha256: str
    encoding: str
    out: Path
    added: Added
    student: Student | None
    model: Given | None
    form: str
    excerpt: bool
    code: bool

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the report's files."""
        return stages.files(self.stages)

    def check_folder(self) -> Path:
        """Return the folder for the report, if the report may be written there now."""
        return folder.check(self.out, self.sha256, self.files)


def check(request: Request, notebooks: Path) -> Plan:
    """Return the plan for a report.

    Raises
    ------
    InputError
        When anything in the request is refused.
    """
    found = stages.find(notebooks)
    declared = {stage.name: parameters.declared(notebooks / f"{stage.name}.py") for stage in found}
    values = parameters.read(
        request.params, parameters.defaults(declared), request.preset or "assignment"
    )
    if request.encoding:
        values["encoding"] = request.encoding
    student = check_student(request, values) if request.student else None
    book = as_typed(request.book, "BOOK") if request.book else BOOK
    found_book = parameters.check_book(book, values)
    sha256, encoding, vocabulary = found_book.sha256, found_book.encoding, found_book.vocabulary
    model = check_model(request, found_book, checked(values)) if request.model else None
    del found_book  # the text itself may be large
    if request.code not in ("", "0", "1"):
        raise InputError(f"CODE must be 1, to put the code in the PDF, or 0, not {request.code!r}")
    if request.excerpt not in ("", "0", "1"):
        raise InputError(
            f"EXCERPT must be 1, to put an excerpt of the book into the page, or 0, not"
            f" {request.excerpt!r}"
        )
    form = request.form or FORMS[0]
    if form not in FORMS:
        raise InputError(f"FORM must be {', '.join(FORMS[:-1])} or {FORMS[-1]}, not {form!r}")
    block = Title(
        request.title or TITLE, request.author, request.course, request.date, title_of(book, sha256)
    )
    added = check_added(block, vocabulary, request.notes, request.references, request.fonts)
    for stage in found:
        check_prose(notebooks / f"{stage.name}.py")
    return Plan(
        notebooks=notebooks,
        stages=found,
        declared=declared,
        values=values,
        book=book,
        sha256=sha256,
        encoding=encoding,
        out=as_typed(request.out, "OUT") if request.out else ROOT / "reports" / book.stem,
        added=added,
        student=student,
        model=model,
        form=form,
        excerpt=request.excerpt == "1",
        code=request.code == "1",
    )


def check_student(request: Request, values: dict[str, Any]) -> Student:
    """See that a student's functions can be used with the parameters.

    A preset's precision gives way to theirs, in place.

    Raises
    ------
    InputError
        When they can't.
    """
    from rnn.exercise.own.student import HONOURED, check, not_honoured

    path, said = as_typed(request.student, "STUDENT"), []
    needed = HONOURED["dtype"]
    found = values.get("dtype", needed)
    if found != needed and "dtype" not in parameters.given(request.params, values):
        values["dtype"] = needed
        said.append(f"PRESET={request.preset} is for dtype={found}, but {path.name} for {needed}")
    try:
        if refused := not_honoured(checked(values)):
            preset = f"; PRESET={request.preset} sets other values" if request.preset else ""
            raise InputError(f"{path.name} {refused}{preset}")
        return Student(path, check(path), said)
    except InputError as error:
        raise InputError(f"STUDENT: {error}") from None


def check_model(request: Request, book: Book, settings: Settings) -> Given:
    """See that a saved model can write in the report of a book.

    Raises
    ------
    InputError
        When it can't.
    """
    if request.student:
        raise InputError(
            "MODEL can't be used with STUDENT, whose functions write with the model that they train"
        )
    path = as_typed(request.model, "MODEL")
    try:
        sha256 = hashlib.sha256(content(path, LARGEST)).hexdigest()
        model = load_model(path)
        if not np.isfinite(model.network.theta).all():
            raise InputError(f"{path} has parameters that are not finite numbers")
        for name in ("lowercase", "unicode_form"):
            if (read := getattr(model, name)) != getattr(settings, name):
                word = f"{name}={to_word(read)}"
                raise InputError(f"{path} was trained with {word}: add {word} to PARAMS")
        check_vocabulary(model, book)
    except InputError as error:
        raise InputError(f"MODEL: {error}") from None
    return Given(path, sha256)


def check_added(title: Title, vocabulary: str, notes: str, references: str, fonts: str) -> Added:
    """Read what the author adds, and see that it can be shown.

    Parameters
    ----------
    title
        The title block.
    vocabulary
        The characters that are shown of the book.
    notes, references, fonts
        Paths as typed, or empty.

    Raises
    ------
    InputError
        When it can't.
    """
    notes_path = as_typed(notes, "NOTES") if notes else None
    found = read_notes(notes_path) if notes_path else Notes()
    images, said = read_images(found)
    said += tex.remarks(found)
    references_path = as_typed(references, "REFERENCES") if references else None
    cited, unused = NOTHING, unread(found)
    if references_path:
        cited, unused = read_references(references_path, found)
    fonts_path = as_typed(fonts, "FONTS") if fonts else None
    own = read_fonts(fonts_path) if fonts_path else Fonts()
    texts = [vocabulary, *found.sections.values(), *vars(title).values(), words([*cited.entries])]
    check_fonts(own, texts)
    check_notes(found.sections, images, found.place, own, cited)
    return Added(
        title=title,
        notes_path=notes_path,
        notes=found.sections,
        images=images,
        references_path=references_path,
        cited=cited,
        said=[*found.said, *said, *unused],
        fonts_path=fonts_path,
        fonts=own,
        lacks=lacking(texts, own),
    )
