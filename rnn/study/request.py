"""The user's request, and the plan made from it once everything is checked, before any run."""

from collections import Counter
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from rnn.errors import InputError
from rnn.files.book import Book, read_book
from rnn.files.keys import run_key
from rnn.files.library import title_of
from rnn.files.machine import cores
from rnn.files.paths import as_typed
from rnn.files.results import CURVES, FORMAT, RUNS, SAMPLES, STUDY, label
from rnn.report import ROOT, folder, parameters
from rnn.report.folder import Kind
from rnn.report.nodes import Title
from rnn.report.record import as_named
from rnn.report.render import check_prose
from rnn.report.request import BOOK, Added, check_added
from rnn.report.stages import STUDY as STAGE
from rnn.report.stages import executed
from rnn.settings import Settings, checked
from rnn.study import grid
from rnn.study.task import Task, Where
from rnn.study.task import check as check_where
from rnn.text import decode, normalise, split

TITLE = "How a network that learns to write depends on its settings"
KIND = Kind("study", STUDY, FORMAT, ("notebooks", "runs", "models"))
# Passages stand side by side, so they are shorter than that of a report unless PARAMS says more.
DEFAULTS = asdict(Settings()) | {"passage_length": 300}
PACKAGES = ("distributed", "cryptography")  # that a report does not need
OPENING = 80  # characters of the last part, which is the test part if there is one


class Request(NamedTuple):
    """The user's options as typed; an empty one stands for its default. See variables.txt."""

    vary: str = ""
    seeds: str = ""
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
    kept: str = ""
    workers: str = ""
    cluster: str = ""
    shared: str = ""
    insecure: str = ""
    dashboard: str = ""


class Plan(NamedTuple):
    """Everything needed to make a study.

    Attributes
    ----------
    notebook
        The notebook that compares the runs.
    settings
        The settings of each combination, with the first seed; those of the baseline come first.
    names, combinations, common
        The parameters that vary, their values in each combination, and the values of all others.
    seeds
        The seeds of each combination's runs.
    path, book
        The book's file, and what the study says of it.
    opening
        The text that the best models continue.
    out
        The folder for the study, as typed.
    added
        What the author adds.
    kept
        Folders with runs that were kept elsewhere.
    where
        Where the runs are trained.
    """

    notebook: Path
    settings: tuple[Settings, ...]
    names: tuple[str, ...]
    combinations: tuple[dict[str, Any], ...]
    common: dict[str, Any]
    seeds: tuple[int, ...]
    path: Path
    book: dict[str, Any]
    opening: str
    out: Path
    added: Added
    kept: tuple[Path, ...]
    where: Where

    @property
    def sha256(self) -> str:
        """The SHA-256 of the book."""
        return str(self.book["sha256"])

    @property
    def labels(self) -> list[str]:
        """The name of each combination."""
        return [label(self.names, one) for one in self.combinations]

    def runs(self) -> dict[str, tuple[int, int, Task]]:
        """Return each run by its key: its combination, its seed, and its task.

        Seeds come first: so there soon is a run of each setting, though in the end few are needed.
        """
        found = {}
        for seed in self.seeds:
            for i, settings in enumerate(self.settings):
                task = replace(settings, seed=seed)
                key = run_key(task, self.sha256)
                found[key] = i, seed, Task(key, task)
        return found

    def files(self, models: list[str], runs: list[str]) -> list[str]:
        """Return the names of the study's files, in its folder, given those of models and runs."""
        written = [RUNS, CURVES, SAMPLES, *models, *runs, STUDY]
        return ["study.html", "study.pdf", executed(STAGE), *written]

    def check_folder(self, models: list[str], runs: list[str]) -> Path:
        """Return the folder for the study, if the study may be written there now."""
        return folder.check(self.out, self.sha256, self.files(models, runs), KIND)


def check(request: Request, notebooks: Path) -> Plan:
    """Return the plan for a study.

    Raises
    ------
    InputError
        When anything in the request is refused.
    """
    path = as_typed(request.book, "BOOK") if request.book else BOOK
    values = _values(request)
    seeds = grid.seeds(request.seeds, values[0]["seed"])
    grid.check_number(len(values) * len(seeds))
    names = _varied(request, values)
    combinations = tuple({name: one[name] for name in names} for one in values)
    for named, times in Counter(label(names, one) for one in combinations).items():
        if times > 1:
            raise InputError(f"VARY: the setting {named} is there twice")
    settings = tuple(checked({**one, "seed": seeds[0]}) for one in values)
    where = _where(request, settings)
    books = _books(path, settings, [label(names, one) for one in combinations])
    book = books[0]
    vocabulary = "".join(sorted({c for one in books for c in one.vocabulary}))
    name = title_of(path, book.sha256)
    title = Title(request.title or TITLE, request.author, request.course, request.date, name)
    added = check_added(title, vocabulary, request.notes, request.references, request.fonts)
    notebook = notebooks / f"{STAGE.name}.py"
    check_prose(notebook)
    parts = split(book.indices, settings[0].validation_fraction, settings[0].test_fraction)
    about = {
        "name": name,
        "path": as_named(path),
        "sha256": book.sha256,
        "encoding": book.encoding,
        "characters": len(book.indices),
        **{f"{part}_characters": len(text) for part, text in parts._asdict().items()},
        "vocabulary": list(book.vocabulary),
    }
    return Plan(
        notebook=notebook,
        settings=settings,
        names=names,
        combinations=combinations,
        common={n: v for n, v in values[0].items() if n not in (*names, "seed")},
        seeds=seeds,
        path=path,
        book=about,
        opening=_opening(book, settings[0]),
        out=as_typed(request.out, "OUT")
        if request.out
        else ROOT / "reports" / f"{path.stem}-study",
        added=added,
        kept=_kept(request.kept),
        where=where,
    )


def _kept(asked: str) -> tuple[Path, ...]:
    """Return the folder of runs that were kept elsewhere, if there is one."""
    if not asked:
        return ()
    folder = as_typed(asked, "KEPT")
    if not (folder / "runs").is_dir():
        raise InputError(f"KEPT: {folder} has no folder runs: name one with runs that were kept")
    return (folder,)


def _values(request: Request) -> list[dict[str, Any]]:
    """Return the values of all parameters in each setting."""
    varied = grid.settings(request.vary, DEFAULTS)
    given = parameters.given(request.params, DEFAULTS)
    if request.encoding:
        given["encoding"] = request.encoding
    both = [name for one in varied for name in one if name in given]
    if both:
        raise InputError(f"{both[0]} is given in both VARY and PARAMS: choose one")
    preset = request.preset or "assignment"
    return [parameters.settled(given | one, DEFAULTS, preset) for one in varied]


def _varied(request: Request, values: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return the parameters that vary, as named in VARY or following from that.

    Optimisers bring their own learning rates, for instance.
    """
    named = [name for one in grid.settings(request.vary, DEFAULTS) for name in one]
    differ = [name for name in DEFAULTS if any(one[name] != values[0][name] for one in values)]
    return tuple(dict.fromkeys([*named, *differ]))


def _books(path: Path, settings: tuple[Settings, ...], labels: list[str]) -> list[Book]:
    """Return the book as it is read by the settings, once they are known to suit it.

    It is read once for each way of reading it; the first is that of the baseline.
    """
    books: dict[str, Book] = {}
    for one, name in zip(settings, labels, strict=True):
        reading = repr(one.reading)
        if reading not in books:
            books[reading] = read_book(path, **one.reading)
        try:
            parameters.check_settings(path, books[reading], one)
        except InputError as error:
            raise InputError(f"with {name}: {error}") from None
    return list(books.values())


def _opening(book: Book, settings: Settings) -> str:
    """Return the text that models continue: the prime text, or the beginning of the last part."""
    if settings.prime:
        return normalise(settings.prime, settings.lowercase, settings.unicode_form)
    parts = split(book.indices, settings.validation_fraction, settings.test_fraction)
    last = [part for part in parts if len(part)][-1]
    return decode(last[:OPENING], book.vocabulary)


def _where(request: Request, settings: tuple[Settings, ...]) -> Where:
    """Return where the runs are trained."""
    for name in ("insecure", "dashboard"):
        if (value := getattr(request, name)) not in ("", "0", "1"):
            raise InputError(f"{name.upper()} must be 1 or 0, not {value!r}")
    if request.cluster and request.workers:
        raise InputError(
            "WORKERS is for this machine, but with CLUSTER others train: leave one out"
        )
    if request.workers and not (request.workers.isdecimal() and len(request.workers) < 5):
        raise InputError(f"WORKERS must be a number of processes, not {request.workers!r}")
    threads = max(one.threads for one in settings)
    where = Where(
        workers=int(request.workers) if request.workers else max(1, cores() // threads),
        cluster=request.cluster,
        shared=str(as_typed(request.shared, "SHARED")) if request.shared else "",
        insecure=request.insecure == "1",
        dashboard=request.dashboard == "1",
    )
    check_where(where)
    if missing := [name for name in PACKAGES if find_spec(name) is None]:
        raise InputError(
            f"the package {missing[0]}, which a study needs, is missing: make study installs it,"
            " from requirements-study.txt"
        )
    return where
