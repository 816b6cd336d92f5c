"""The compiled code and the Python from which it is compiled agree."""

import dataclasses
import hashlib
import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from rnn import optimisers
from rnn.evaluation import evaluate
from rnn.gradcheck import METHODS, analytic_gradient, check_gradients
from rnn.network import CELLS
from rnn.numerics import compiled as compiled_module
from rnn.numerics.compiled import compiled, specialise, state_of_sources
from rnn.numerics.generator import PASSAGE, generator
from rnn.sampling import adjust, compose
from rnn.settings import Settings
from rnn.text import encode
from rnn.training import train
from tests import reference

Array = NDArray[Any]
ROOT = Path(__file__).parents[2]


def everything() -> dict[str, Array]:
    """Return the results of every compiled function, for small sizes."""
    found: dict[str, Array] = {}
    text = np.random.default_rng(1).integers(0, 6, 260).astype(np.uint8)
    small = Settings(
        hidden_size=4,
        seq_length=5,
        epochs=2,
        init_scale=0.3,
        sample_every=8,
        sample_length=15,
        clip=0.5,
    )
    modern: Any = {"schedule": "cosine", "warmup": 7, "clip_by": "norm", "random_offset": True}
    for dtype in ("float64", "float32"):
        several: list[dict[str, Any]] = [
            {},
            {"batch_size": 3},
            {"cell": "gru", "batch_size": 3, "optimiser": "rmsprop"},
            {"cell": "lstm", "dropout": 0.3, "optimiser": "adam", **modern},
        ]
        for changes in several:
            settings = dataclasses.replace(small, dtype=dtype, **changes)
            *_, run = train(text[:200], text[200:], 6, settings)
            name = f"{dtype}, {changes}"
            found[f"{name}: theta"] = run.network.theta
            found[f"{name}: gradient"] = run.learners[0].gradient
            found[f"{name}: memory"] = run.learners[0].memory
            found[f"{name}: states"] = run.learners[0].work.states
            found[f"{name}: history"] = np.array(run.history)
            found[f"{name}: samples"] = np.concatenate([each.indices for each in run.samples])
            loss = evaluate(run.network, text, run.states[:, 0])
            assert type(loss) is float, "not a number of NumPy's"
            found[f"{name}: validation"] = np.array(loss)

    random = np.random.default_rng(2)
    for cell in CELLS:
        network = reference.drawn(random, cell, 6, 4)
        x, y = random.integers(0, 6, (5, 2)), random.integers(0, 6, (5, 2))
        gradient = analytic_gradient(network, x, y)
        found[f"{cell}: gradient"] = gradient
        # Wrong by a tenth, so that the errors to compare are larger than rounding.
        check = check_gradients(network, x, y, gradient=1.1 * gradient)
        for method in METHODS:
            found[f"{cell}: {method}"] = np.array(list(getattr(check, method).values()))
        model = reference.small_model(cell=cell)
        for temperature, top_p in [(1.0, 1.0), (0.5, 0.9)]:
            passage = compose(model, 80, prime="abc", temperature=temperature, top_p=top_p)
            found[f"{cell}: passage at {temperature}"] = encode(passage, model.vocabulary)
    found["random"] = generator(400, PASSAGE)
    P = random.dirichlet(np.ones(9))
    adjust(P, 0.7, 0.8)
    found["adjusted"] = P
    return found


def python(code: str, *arguments: str | Path, **environment: str) -> str:
    """Run some Python and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_compiled_is_as_uncompiled(tmp_path: Path) -> None:
    code = (
        "import sys, numba, numpy; from tests.numerics.test_compiled import everything;"
        "assert numba.config.DISABLE_JIT; numpy.savez(sys.argv[1], **everything())"
    )
    python(code, tmp_path / "slow.npz", NUMBA_DISABLE_JIT="1")
    fast = everything()
    with np.load(tmp_path / "slow.npz") as slow:
        assert set(slow) == set(fast)
        for name, array in fast.items():
            assert array.dtype.kind == slow[name].dtype.kind, name
            if array.dtype.kind in "iu":
                assert np.array_equal(array, slow[name]), name
            else:
                near = 1e-4 if name.startswith("float32") else 1e-10
                assert np.allclose(array, slow[name], rtol=near, atol=near), name


# Below, `factor` is replaced by other functions; each returns a number of its own.


@compiled
def factor() -> float:
    """Return two."""
    return 2.0


@compiled
def three() -> float:
    """Return three."""
    return 3.0


@compiled
def scaled(x: float) -> float:
    """Return x times the factor."""
    return x * factor()


def test_compiled_functions_stay_readable() -> None:
    assert scaled(2.5) == 5
    assert reference.uncompiled(scaled)(2.5) == 5
    assert scaled.__doc__ == "Return x times the factor."
    assert scaled.__name__ == "scaled"


def test_specialise_puts_another_function_in_place() -> None:
    other = specialise(scaled, factor=three)
    assert other(2.5) == 7.5
    assert scaled(2.5) == 5, "the original is as before"
    assert other.__doc__ == scaled.__doc__


def test_specialised_copies_do_not_share_a_file_in_the_cache() -> None:
    names = {
        specialise(scaled, factor=three).__qualname__,
        specialise(scaled, factor=optimisers.clip).__qualname__,
        scaled.__qualname__,
    }
    assert len(names) == 3


def test_where_nothing_changes_the_function_itself_is_returned() -> None:
    assert specialise(scaled) is scaled
    assert specialise(scaled, factor=factor) is scaled
    assert specialise(scaled, another=three) is scaled, "it has no such name"
    assert specialise(scaled, factor=three, another=factor)(1.0) == 3
    assert specialise(scaled, factor=three) is specialise(scaled, factor=three)


def test_one_over_zero_is_infinite_as_in_numpy() -> None:
    @compiled
    def inverse(x: float) -> float:
        return 1 / x

    assert inverse(0.0) == np.inf


def test_nan_stays_nan_and_sums_keep_their_order() -> None:
    @compiled
    def total(x: Array) -> float:
        result = 0.0
        for i in range(x.size):
            result += x[i]
        return result

    assert np.isnan(total(np.array([1.0, np.nan, 2.0])))
    x = np.random.default_rng(1).normal(0, 1, 1000) * 10.0 ** np.arange(0, 10, 0.01)
    assert total(x) == sum(x.tolist(), 0.0) or sys.version_info >= (3, 12)
    assert total(np.array([1e16, 1.0, -1e16, 1.0])) == 1


# Where the machine code is kept.


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return a function that writes a source file of a package and returns its cache folder."""
    monkeypatch.setattr(compiled_module, "PACKAGE", tmp_path)

    def write(source: str, file: str = "model.py") -> Path:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(source)
        return compiled_module._cache_folder()

    return write


def test_each_state_of_the_sources_has_its_own_machine_code(
    package: Callable[..., Path], tmp_path: Path
) -> None:
    one, other = package("x = 1"), package("x = 2")
    assert one != other
    assert package("x = 1") == one
    assert one.is_dir()
    assert one.parent == tmp_path / "__pycache__"


def test_the_math_and_what_is_below_it_are_its_sources_and_nothing_above(
    package: Callable[..., Path],
) -> None:
    """A change in a figure's code recompiles nothing, and none above the math makes it another."""
    seen = {package("x = 1")}
    for file in ("model.py", "vanilla.py", "numerics/compiled.py", "numerics/new.py"):
        for source in ("x = 2", "x = 3"):
            seen.add(package(source, file))
    assert len(seen) == 9, "each change is another state"
    folder, state = package("x = 3", "model.py"), state_of_sources()
    for room in ("exhibits", "files", "interactive", "report"):
        assert package("x = 4", f"{room}/some.py") == folder, room
    assert package("x = 4", "numerics/notes.txt") == folder
    assert package("x = 4", "analysis/some.py") != folder, "it has compiled loops, too"
    assert state_of_sources() == state


def test_the_state_of_the_sources_is_that_of_all_files_of_the_math() -> None:
    files = {path.relative_to(ROOT) for path in (ROOT / "rnn").glob("*.py")}
    files |= {path.relative_to(ROOT) for path in (ROOT / "rnn/numerics").glob("*.py")}
    assert Path("rnn/cells.py") in files
    content = b"".join((ROOT / file).read_bytes() for file in sorted(files))
    assert state_of_sources() == hashlib.sha256(content).hexdigest()
    assert compiled_module.PACKAGE == ROOT / "rnn"


def test_what_is_compiled_elsewhere_calls_only_what_the_hash_covers() -> None:
    """Numba notices changes in a function's own file, and the hash those in these rooms."""
    for path in (ROOT / "rnn").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if path.parent.name in ("rnn", "numerics") or "@compiled" not in source:
            continue
        for module in re.findall(r"^from (rnn[.\w]*) import", source, re.MULTILINE):
            assert module.count(".") == 1 or module.startswith(
                ("rnn.numerics.", "rnn.analysis.")
            ), (path, module)


def test_old_machine_code_is_removed_when_none_has_used_it_for_long(
    package: Callable[..., Path], tmp_path: Path
) -> None:
    long_ago = time.time() - compiled_module.KEPT - 60
    stale, used, own = package("x = 1"), package("x = 2"), package("x = 3")
    (tmp_path / "__pycache__" / "model.pyc").touch()
    for folder in (stale, own):
        (folder / "rnn_abc").mkdir()
        (folder / "rnn_abc" / "code.nbc").touch()
        os.utime(folder, (long_ago, long_ago))
    os.utime(tmp_path / "__pycache__" / "model.pyc", (long_ago, long_ago))
    os.utime(used, (long_ago + 120, long_ago + 120))
    assert package("x = 3") == own
    assert {path.name for path in own.parent.iterdir()} == {own.name, used.name, "model.pyc"}
    assert (own / "rnn_abc" / "code.nbc").exists()
    assert own.stat().st_mtime > long_ago + 120, "its use is noted"
    assert package("x = 1") == stale, "it is made anew"


def test_a_folder_that_vanishes_meanwhile_is_no_trouble(
    package: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "numba-gone").symlink_to("nowhere")
    assert tmp_path in package("x = 1").parents
    (tmp_path / "__pycache__" / "numba-old").mkdir()
    os.utime(tmp_path / "__pycache__" / "numba-old", (0, 0))

    def fails(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("shutil.rmtree", fails)
    assert tmp_path in package("x = 1").parents


def test_a_folder_that_can_not_be_written_is_no_trouble(
    package: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "__pycache__").write_text("in the way")
    folder = package("x = 1")
    assert folder.is_dir()
    assert tmp_path not in folder.parents


def test_the_folder_that_numba_uses() -> None:
    if "NUMBA_CACHE_DIR" not in os.environ:
        folder = Path(getattr(numba.config, "CACHE_DIR"))  # noqa: B009  mypy does not know it
        assert folder == compiled_module._cache_folder()
    code = "import rnn.numerics.compiled, numba; print(numba.config.CACHE_DIR)"
    assert python(code, NUMBA_CACHE_DIR="/an/own/place").strip() == "/an/own/place"


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
@pytest.mark.parametrize("damage", ["empty", "halved", "zeroed", "flipped", "longer", "gone"])
def test_damaged_machine_code_is_compiled_anew_with_a_line(
    suffix: str, damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    assert compiled(reference.uncompiled(three))() == 3.0
    (file,) = tmp_path.rglob(f"*{suffix}")
    sound = content = file.read_bytes()
    middle = len(content) // 2
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(
            {
                "empty": b"",
                "halved": content[:middle],
                "zeroed": content[:middle] + bytes(len(content) - middle),
                "flipped": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
                "longer": content + b"\0",
            }[damage]
        )
    said = io.StringIO()
    with redirect_stderr(said):
        again = compiled(reference.uncompiled(three))
        assert again() == 3.0
    assert again.stats.cache_hits == {}, "it was not read"
    lines = said.getvalue().splitlines()
    assert len(set(lines)) == (damage != "gone")
    assert all("is damaged: it is compiled anew" in line for line in lines)
    # What is written then is sound.
    once_more = compiled(reference.uncompiled(three))
    assert once_more() == 3.0
    assert len(once_more.stats.cache_hits) == 1
    assert len(file.read_bytes()) == len(sound)


SAID = "compiling, as only a first run does: this takes up to a minute\n"


def test_that_it_compiles_is_said_once_and_only_then(tmp_path: Path) -> None:
    code = (
        "import numpy as np\nfrom rnn.numerics.generator import generator, uniform\n"
        "uniform(generator(1, 2))\n"
        "from rnn.sampling import draw\ndraw(np.ones(3) / 3, 0.5)\n"
    )
    for said in (SAID, ""):  # the second run finds the machine code
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert (done.stdout, done.stderr) == ("", said)
