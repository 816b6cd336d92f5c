"""PARAMS: what is read, what is refused and how, and that nothing is evaluated."""

import re
from pathlib import Path
from typing import Any

import pytest

from rnn.errors import InputError
from rnn.report.parameters import ALIASES, PATHS, as_used, check_book, declared, defaults, read
from rnn.report.presets import PRESETS
from rnn.report.request import Request, check
from rnn.report.stages import STAGES
from rnn.settings import PARAMETERS, Range, Settings

DEFAULTS: dict[str, Any] = {name: one.default for name, one in PARAMETERS.items()}
SETTLED = DEFAULTS | {"learning_rate": 0.1}  # the values that a report uses
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def test_the_notebooks_declare_the_parameters_of_the_assignment_alike() -> None:
    found: dict[str, Any] = {}
    for stage in STAGES:
        for name, value in declared(NOTEBOOKS / f"{stage.name}.py").items():
            assert (type(value), value) == (type(found.setdefault(name, value)), found[name])
    assert {name: found[name] for name in found if name not in PATHS} == DEFAULTS
    assert all(type(found[name]) is type(DEFAULTS[name]) for name in DEFAULTS)


def test_the_defaults_are_those_of_the_assignment() -> None:
    asked = {"cell": "rnn", "hidden_size": 100, "seq_length": 25, "batch_size": 1, "epochs": 7}
    asked |= {"optimiser": "adagrad", "learning_rate": 0.1, "schedule": "constant", "warmup": 0}
    asked |= {"clip": 5.0, "clip_by": "value", "dropout": 0.0, "init_scale": 0.01}
    asked |= {"sample_every": 10_000, "sample_length": 200, "evolution_until": 100_000}
    asked |= {"passage_length": 1000, "temperature": 1.0, "top_p": 1.0}
    assert {name: SETTLED[name] for name in asked} == asked


def test_a_notebook_is_read_and_not_run(tmp_path: Path) -> None:
    notebook = tmp_path / "a.py"
    notebook.write_text('# %%\n1 / 0\n\n# %% tags=["parameters"]\na = -1\n"b"\nc = "d"  # e\n')
    assert declared(notebook) == {"a": -1, "c": "d"}
    notebook.write_text("# %%\na = 1\n")
    assert declared(notebook) == {}


@pytest.mark.parametrize("value", ["f(1)", "b", "1 +"])
def test_what_is_no_literal_is_refused(value: str, tmp_path: Path) -> None:
    notebook = tmp_path / "05_mine.py"
    notebook.write_text(f'# %% tags=["parameters"]\na = {value}\n')
    said = r"^the parameters cell of .*05_mine.py may assign only literals"
    with pytest.raises(InputError, match=said):
        declared(notebook)


def test_a_source_gets_the_values_that_were_used() -> None:
    assert as_used("# é\nprime = 'é'  # ü", {"prime": "ß"}) == "# é\nprime = 'ß'  # ü"


def test_a_parameter_has_one_default() -> None:
    both = {"01_data": {"book": "a", "epochs": 7}, "05_mine": {"book": "b", "mine": 1.5}}
    assert defaults(both) == {"epochs": 7, "mine": 1.5}
    both["05_mine"]["epochs"] = 8
    with pytest.raises(InputError, match=r"^05_mine declares epochs = 8, and 01_data epochs = 7:"):
        defaults(both)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("dropout", 1.5, "at least 0 and below 1"),
        ("clip", -1, "above 0"),
        ("schedule", "linear", "constant or "),
        ("epochs", 1.5, "a whole number"),
        ("temperature", 0, "above 0"),
        ("validation_fraction", 1.5, "at least 0 and below 1"),
        ("hidden_size", "abc", "a whole number"),
        ("dtype", "float16", "float64 or float32"),
        ("cell", "GRU", "rnn or "),
        ("optimiser", ["adam"], "a text"),
        ("seed", None, "a whole number"),
        ("lowercase", 1, "true or false"),
        ("init_scale", {}, "a number"),
        ("warmup", True, "a whole number"),
        ("top_p", 1e999, "a number"),
    ],
)
def test_the_literals_of_a_notebook_are_checked_as_those_of_params(
    name: str, value: Any, words: str, tmp_path: Path
) -> None:
    stage = next(stage.name for stage in STAGES if name in declared(NOTEBOOKS / f"{stage.name}.py"))
    for path in NOTEBOOKS.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.stem == stage:
            shown = repr(value).replace("inf", "1e999")
            text = re.sub(rf"^{name} = .*$", f"{name} = {shown}", text, count=1, flags=re.M)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        check(Request(params="seed=1"), tmp_path)
    message = str(refused.value)
    assert message.startswith(f"in the parameters cell of {stage}, {name} must be ")
    assert words in message
    assert "\n" not in message


def test_notebooks_that_disagree_are_refused_by_name(tmp_path: Path) -> None:
    for path in NOTEBOOKS.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.stem == "02_gradcheck":
            text = text.replace("hidden_size = 100", "hidden_size: int = 50")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    with pytest.raises(
        InputError,
        match=r"^03_training declares hidden_size = 100, and 02_gradcheck hidden_size = 50:",
    ):
        check(Request(), tmp_path)


def test_a_parameter_of_your_own_may_be_of_any_kind() -> None:
    own: dict[str, Any] = {"sizes": [1, 2], "limit": None, "share": 0.5}
    assert read("sizes=[3] limit=4 share=1", own) | {} == {
        **read("", own), "sizes": [3], "limit": 4, "share": 1.0
    }  # fmt: skip
    for words, must in (("sizes=3", "a list"), ("share=a", "a number")):
        with pytest.raises(InputError, match=f"must be {must}"):
            read(words, own)


def test_every_number_has_a_range_that_holds_its_default() -> None:
    numbers = {name: value for name, value in SETTLED.items() if type(value) in (int, float)}
    allowed = {name: one.allowed for name, one in PARAMETERS.items()}
    assert numbers.keys() == {name for name, of in allowed.items() if isinstance(of, Range)}
    assert all(value in (allowed[name] or ()) for name, value in numbers.items())
    assert all(DEFAULTS[name] in one.choices for name, one in PARAMETERS.items() if one.choices)


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("epochs=2", "epochs", 2),
        ("  epochs=2\n", "epochs", 2),
        ("epochs=1_000", "epochs", 1000),
        ("max_updates=0", "max_updates", 0),
        ("clip=1", "clip", 1.0),
        ("learning_rate=1e-3", "learning_rate", 0.001),
        ("cell=gru", "cell", "gru"),
        ("cell=lstm", "cell", "lstm"),
        ("schedule=cosine", "schedule", "cosine"),
        ("warmup=500", "warmup", 500),
        ("clip_by=norm", "clip_by", "norm"),
        ("dropout=0", "dropout", 0.0),
        ("dropout=0.5", "dropout", 0.5),
        ("initialisation=orthogonal", "initialisation", "orthogonal"),
        ("random_offset=true", "random_offset", True),
        ("threads=2", "threads", 2),
        ("threads=256", "threads", 256),
        ("top_p=.5", "top_p", 0.5),
        ("validation_fraction=0", "validation_fraction", 0.0),
        ("init_scale=0", "init_scale", 0.0),
        ("seed=4294967295", "seed", 2**32 - 1),
        ("lowercase=false", "lowercase", False),
        ("lowercase=True", "lowercase", True),
        ("dtype=float32", "dtype", "float32"),
        ("dtype='float32'", "dtype", "float32"),
        ("""dtype="'float32'" """, "dtype", "float32"),
        ("prime=", "prime", ""),
        ("prime='Once upon a time'", "prime", "Once upon a time"),
        ("prime=Once\\ upon", "prime", "Once upon"),
        ("prime=' a '", "prime", " a "),
        ("prime=123", "prime", "123"),
        ("prime=None", "prime", "None"),
        ("prime=a=b", "prime", "a=b"),
        ("prime='$HOME `x` $(x) #'", "prime", "$HOME `x` $(x) #"),
        ("prime='\"line\\n\"'", "prime", "line\n"),
        ("prime='\"said she'", "prime", '"said she'),
        ("prime='\"\\d\"'", "prime", "\\d"),
        ("prime=\u201chë\u201d", "prime", "\u201chë\u201d"),
        ("prime=__import__('os')", "prime", "__import__(os)"),
    ],
)
def test_values(words: str, name: str, value: Any) -> None:
    values = read(words, DEFAULTS)
    assert (values[name], type(values[name])) == (value, type(value))
    assert values == SETTLED | {name: value}


def test_each_optimiser_has_its_own_rate_unless_one_is_given() -> None:
    assert read("", DEFAULTS)["learning_rate"] == 0.1
    assert read("optimiser=adagrad", DEFAULTS)["learning_rate"] == 0.1
    assert read("optimiser=adam", DEFAULTS)["learning_rate"] == 0.002
    assert read("optimiser=rmsprop", DEFAULTS)["learning_rate"] == 0.002
    assert read("optimiser=adam learning_rate=0.5", DEFAULTS)["learning_rate"] == 0.5
    assert Settings().rate == 0.1
    assert Settings(optimiser="adam").rate == 0.002
    assert Settings(optimiser="adam", learning_rate=0.5).rate == 0.5


# Presets.


def test_presets_are_sets_of_parameters_that_make_sense() -> None:
    """Each as it would be typed; the default changes nothing."""
    assert {"assignment", "quick", "adam"} <= PRESETS.keys()
    assert read("", DEFAULTS) == read("", DEFAULTS, "assignment") == SETTLED
    for name, preset in PRESETS.items():
        words = " ".join(f"{key}={value}" for key, value in preset.items())
        assert read("", DEFAULTS, name) == read(words, DEFAULTS), name
        assert preset.keys() <= DEFAULTS.keys(), name


def test_params_beat_the_preset() -> None:
    preset = PRESETS["adam"]
    values = read("batch_size=9 dtype=float64", DEFAULTS, "adam")
    assert values == SETTLED | preset | {"batch_size": 9, "dtype": "float64"}
    assert preset["batch_size"] != 9
    assert read("learning_rate=0.03", DEFAULTS, "adam")["learning_rate"] == 0.03
    other = read("optimiser=adagrad", DEFAULTS, "adam")
    assert other["learning_rate"] == 0.1, "the preset's rate was for its own optimiser"


@pytest.mark.parametrize("name", ["adma", "", "Adam", "assignment quick", "__class__"])
def test_an_unknown_preset_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="there is no PRESET") as refusal:
        read("", DEFAULTS, name)
    assert all(known in str(refusal.value) for known in PRESETS)
    assert repr(name) in str(refusal.value)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("epochs=-1", "PARAMS: 'epochs=-1': epochs must be at least 1 and at most 1000000000"),
        ("epochs=0", "must be at least 1"),
        ("epochs=2.0", "epochs must be a whole number"),
        ("epochs=", "epochs must be a whole number"),
        ("epochs=True", "epochs must be a whole number"),
        ("epochs=2**3", "epochs must be a whole number"),
        ("epochs=[1]", "epochs must be a whole number"),
        ("epochs=" + "(" * 5000, "epochs must be a whole number"),
        ("epochs=" + "9" * 5000, "epochs must be"),
        ("hidden_size=abc", "PARAMS: 'hidden_size=abc': hidden_size must be a whole number"),
        ("hidden_size=1000000", "at most 10000"),
        ("batch_size=0", "at least 1"),
        ("seq_length=0", "at least 1"),
        ("max_updates=-1", "at least 0"),
        ("validation_limit=-1", "at least 0"),
        ("learning_rate=0", "learning_rate must be above 0"),
        ("learning_rate=nan", "learning_rate must be a number"),
        ("learning_rate=1e999", "learning_rate must be a number"),
        ("learning_rate=true", "learning_rate must be a number"),
        ("learning_rate=" + "9" * 400, "learning_rate must be a number"),
        ("clip=0", "clip must be above 0"),
        ("init_scale=-1", "init_scale must be at least 0"),
        ("learning_rate=None", "learning_rate must be a number"),
        ("optimiser=sgd", "optimiser must be adagrad or adam or rmsprop"),
        ("cell=GRU", "cell must be rnn or gru or lstm"),
        ("schedule=linear", "schedule must be constant or cosine"),
        ("warmup=-1", "warmup must be at least 0"),
        ("clip_by=length", "clip_by must be value or norm"),
        ("dropout=1", "dropout must be at least 0 and below 1"),
        ("dropout=-0.1", "dropout must be at least 0 and below 1"),
        ("initialisation=zero", "initialisation must be normal or orthogonal"),
        ("random_offset=1", "random_offset must be true or false"),
        ("threads=0", "threads must be at least 1 and at most 256"),
        ("threads=257", "threads must be at least 1 and at most 256"),
        ("threads=1.5", "threads must be a whole number"),
        ("dtype=float16", "dtype must be float64 or float32"),
        ("lowercase=1", "lowercase must be true or false"),
        ("lowercase=yes", "lowercase must be true or false"),
        ("validation_fraction=1", "validation_fraction must be at least 0 and below 1"),
        ("validation_fraction=-0.1", "validation_fraction must be at least 0 and below 1"),
        ("sample_every=0", "at least 1"),
        ("sample_length=0", "at least 1"),
        ("evolution_until=-1", "at least 0"),
        ("passage_length=0", "at least 1"),
        ("temperature=0", "temperature must be above 0"),
        ("top_p=0", "top_p must be above 0 and at most 1"),
        ("top_p=1.1", "top_p must be above 0 and at most 1"),
        ("seed=-1", "seed must be at least 0 and at most 4294967295"),
        ("seed=4294967296", "seed must be at least 0 and at most 4294967295"),
        ("epoch=1", "PARAMS: there is no parameter 'epoch': did you mean epochs?"),
        ("optimizer=adagrad", "did you mean optimiser?"),
        ("hidden-size=1", "did you mean hidden_size?"),
        ("lr=1", "PARAMS: there is no parameter 'lr': did you mean learning_rate?"),
        ("hidden=1", "did you mean hidden_size?"),
        ("LR=1", "did you mean learning_rate?"),
        ("batch=1", "did you mean batch_size?"),
        ("steps=1", "did you mean max_updates?"),
        ("block-size=1", "did you mean seq_length?"),
        ("zzz=1", "choose from lowercase, unicode_form, encoding"),
        ("=1", "there is no parameter ''"),
        ("epochs", "PARAMS: 'epochs' is not of the form name=value"),
        ("epochs = 2", "'epochs' is not of the form name=value"),
        ("epochs=1 epochs=2", "PARAMS: epochs is given twice"),
        ("book=x", "PARAMS: book can't be set here: use BOOK"),
        ("folder=x", "PARAMS: folder can't be set here"),
        ("prime='a", "PARAMS can't be split into words: No closing quotation"),
    ],
)
def test_refusals(words: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        read(words, DEFAULTS)
    assert message in str(refusal.value)


def test_nothing_is_evaluated(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    code = f"__import__('pathlib').Path('{canary}').touch()"
    for words in (f'seed="{code}"', f'prime="{code}"', f'lowercase="{code}"', f'"{code}=1"'):
        try:
            read(words, DEFAULTS)
        except InputError as refusal:
            assert "PARAMS: " in str(refusal)  # noqa: PT017
    assert not canary.exists()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return a book of 400 characters, 360 of them to train on, and 4 different ones."""
    path = tmp_path / "book.txt"
    path.write_text("abAB\n" * 80)
    return path


def test_a_book_that_can_be_trained_on(book: Path) -> None:
    checked = check_book(book, DEFAULTS)
    assert (checked.vocabulary, len(checked.indices)) == ("\nab", 400)
    assert check_book(book, DEFAULTS | {"lowercase": False}).vocabulary == "\nABab"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no book"),
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (bytes(range(256)) * 20, "is not text"),
        (b"short", "is too short"),
    ],
)
def test_a_book_that_can_not(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "book.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as refusal:
        check_book(path, DEFAULTS)
    assert message in str(refusal.value)
    assert str(path) in str(refusal.value)


def test_a_directory_is_no_book(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a directory"):
        check_book(tmp_path, DEFAULTS)


def test_a_book_of_one_sequence_and_one_character_suffices(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    whole = DEFAULTS | {"validation_fraction": 0.0, "test_fraction": 0.0}
    path.write_text("x" * 26)
    check_book(path, whole)
    with pytest.raises(InputError, match=r"training part of the book has 24 .* 26 are needed"):
        check_book(path, DEFAULTS)
    path.write_text("x" * 25)
    with pytest.raises(InputError, match=f"^the book {path} is too short: .* 26 are needed"):
        check_book(path, whole)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"batch_size": 20}, r"is too short: .*\b520 are needed"),
        ({"prime": "Bé"}, r"prime='Bé': the book has no 'é' \(U\+00E9\)"),
        ({"lowercase": False, "prime": "C"}, r"the book has no 'C'"),
        ({"validation_fraction": 0.001}, "validation part of .* has 0 characters"),
        ({"validation_limit": 1}, "validation part of .* has 1 characters"),
        ({"test_fraction": 0.001}, "test part of .* has 0 characters"),
        ({"test_limit": 1}, "test part of .* has 1 characters"),
        ({"batch_size": 8, "random_offset": True}, r"is too short: .* x 2 seq_length = 400 are"),
        ({"cell": "lstm", "hidden_size": 5000}, r"about 6 GB of memory, more than 4 GB"),
        ({"hidden_size": 10_000}, r"hidden_size=10000, .* about 6 GB of memory, more than 4 GB"),
        (
            {"sample_every": 1, "epochs": 10_000, "sample_length": 1000},
            "sample_every=1 would write samples of 100001000 characters in all, more than 2000000",
        ),
    ],
)
def test_parameters_that_do_not_fit_the_book(
    book: Path, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        check_book(book, DEFAULTS | values)


def test_many_samples_of_few_updates_are_fine(book: Path) -> None:
    check_book(book, DEFAULTS | {"sample_every": 1, "max_updates": 10})


def test_each_alias_stands_for_a_parameter_and_is_none_itself() -> None:
    assert set(ALIASES.values()) <= PARAMETERS.keys()
    assert not ALIASES.keys() & PARAMETERS.keys()
