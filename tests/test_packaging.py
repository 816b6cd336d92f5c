"""pyproject.toml, the locks, environment.yml and the workflow agree."""

import re
import tomllib
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from rnn.network import CELLS
from tools import make_venv

ROOT = Path(__file__).parent.parent
LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-study.txt"]
PYTHONS = ["3.11", "3.12", "3.13"]


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def read_yaml(path: str) -> Any:
    return yaml.safe_load(read(path))


PYPROJECT = tomllib.loads(read("pyproject.toml"))


@dataclass
class Locked:
    """One entry of a lock."""

    requirement: Requirement
    hashes: set[str]

    @property
    def version(self) -> str:
        (pin,) = self.requirement.specifier
        assert pin.operator == "=="
        return pin.version


def read_lock(path: str) -> dict[str, Locked]:
    """Return the entries of a lock by name; fail on a line that is not a requirement."""
    locked: dict[str, Locked] = {}
    for entry in re.sub(r"\\\n", " ", read(path)).splitlines():
        if entry.strip() and not entry.lstrip().startswith("#"):
            requirement, *hashes = entry.split("--hash=")
            name = canonicalize_name(Requirement(requirement).name)
            assert name not in locked
            locked[name] = Locked(Requirement(requirement), {hash.strip() for hash in hashes})
    return locked


@pytest.mark.parametrize("path", LOCKS)
def test_every_version_is_locked_with_hashes(path: str) -> None:
    for name, locked in read_lock(path).items():
        assert locked.version, name
        assert locked.requirement.url is None, name
        assert locked.hashes, name
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", hash) for hash in locked.hashes), name


@pytest.mark.parametrize("path", LOCKS)
def test_a_lock_names_no_index(path: str) -> None:
    assert "://" not in read(path)
    assert not re.search(r"^\s*-(?!-hash=)", read(path), re.MULTILINE)


@pytest.mark.parametrize(
    ("dependencies", "path"),
    [
        (PYPROJECT["project"]["dependencies"], "requirements.txt"),
        (PYPROJECT["dependency-groups"]["dev"], "requirements-dev.txt"),
        (PYPROJECT["project"]["optional-dependencies"]["study"], "requirements-study.txt"),
    ],
)
def test_the_lock_holds_each_dependency(dependencies: list[str], path: str) -> None:
    lock = read_lock(path)
    for dependency in map(Requirement, dependencies):
        locked = lock[canonicalize_name(dependency.name)]
        assert locked.version in dependency.specifier, dependency
        assert locked.requirement.marker is None, f"{dependency} is not there for all Pythons"


@pytest.mark.parametrize(("path", "other"), [*combinations(LOCKS, 2)])
def test_what_two_locks_hold_is_the_same(path: str, other: str) -> None:
    one, two = read_lock(path), read_lock(other)
    for name in one.keys() & two.keys():
        assert (one[name].version, one[name].hashes) == (two[name].version, two[name].hashes)


def test_the_report_does_not_install_what_only_a_study_needs() -> None:
    report = read_lock("requirements.txt")
    assert not {"dask", "distributed"} & report.keys()


def test_each_dependency_says_what_it_is_for() -> None:
    lines = re.findall(r'^    "[\w-]+>=.*$', read("pyproject.toml"), re.MULTILINE)
    project, groups = PYPROJECT["project"], PYPROJECT["dependency-groups"]
    lists = [project["dependencies"], *project["optional-dependencies"].values(), *groups.values()]
    assert len(lines) == sum(map(len, lists))
    assert all(re.search(r", +# \S", line) for line in lines)


def test_environment_yml_installs_the_lock() -> None:
    python, pip, from_pip = read_yaml("environment.yml")["dependencies"]
    assert python.removeprefix("python=") in PYTHONS, "one version: Binder understands no range"
    assert pip == "pip"
    assert from_pip["pip"] == ["--require-hashes", "--only-binary=:all:", "-r requirements.txt"]


def requires_python() -> SpecifierSet:
    return SpecifierSet(PYPROJECT["project"]["requires-python"])


def test_the_same_pythons_are_named_everywhere() -> None:
    minors = [f"3.{minor}" for minor in range(50)]
    assert [python for python in minors if python in requires_python()] == PYTHONS
    ends = make_venv.OLDEST, make_venv.NEWEST
    assert [".".join(map(str, end)) for end in ends] == [PYTHONS[0], PYTHONS[-1]]
    classifiers = "\n".join(PYPROJECT["project"]["classifiers"])
    assert re.findall(r"Python :: (3\.\d+)$", classifiers, re.MULTILINE) == PYTHONS
    job = read_yaml(".github/workflows/report.yml")["jobs"]["report"]
    assert job["strategy"]["matrix"]["python"] == PYTHONS
    assert f"Python {PYTHONS[0]} to {PYTHONS[-1]}" in read("Makefile")
    assert f"--python-version {PYTHONS[0]} " in read("Makefile")


def test_the_workflow_runs_the_same_targets_and_pins_what_it_uses() -> None:
    workflow = read_yaml(".github/workflows/report.yml")
    assert workflow["permissions"] == {"contents": "read"}
    steps = workflow["jobs"]["report"]["steps"]
    runs = [step["run"] for step in steps if "run" in step]
    assert runs == re.findall("^make .*$", read(".ci/run"), re.MULTILINE)
    used = [step["uses"] for step in steps if "uses" in step]
    assert used
    assert all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action) for action in used)


def test_the_version_is_said_once() -> None:
    assert read_yaml("CITATION.cff")["version"] == PYPROJECT["project"]["version"]


def test_every_file_and_room_has_its_place_in_the_directions_of_import() -> None:
    contract = PYPROJECT["tool"]["importlinter"]["contracts"][0]
    placed = {name for layer in contract["layers"] for name in layer.split(" | ")}
    names = {path.stem for path in (ROOT / "rnn").glob("*.py")} - {"__init__"}
    names |= {path.parent.name for path in (ROOT / "rnn").glob("*/__init__.py")}
    cells = {vars(module)["__name__"].removeprefix("rnn.") for module in CELLS.values()}
    assert names - cells == placed - cells, "pyproject.toml: [tool.importlinter]"


def test_every_file_of_the_math_is_held_to_know_no_file_no_plot_and_no_widget() -> None:
    _, contract, *_ = PYPROJECT["tool"]["importlinter"]["contracts"]
    files = {f"rnn.{path.stem}" for path in (ROOT / "rnn").glob("*.py")} - {"rnn.__init__"}
    cells = {vars(module)["__name__"] for module in CELLS.values()}
    assert files - cells <= set(contract["source_modules"]), contract["name"]
    allowed = re.compile(r"numpy(\.\w+)*|typing|rnn\.(cells|output|numerics\.\w+)")
    for cell in cells:  # a further one need not be named in pyproject.toml
        source = read(f"{cell.replace('.', '/')}.py")
        imported = re.findall(r"^\s*(?:from|import) ([\w.]+)", source, re.MULTILINE)
        assert all(map(allowed.fullmatch, imported)), f"{cell} imports more than a cell needs"
