"""Every promise names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROMISES = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")


def _tests_of(path: str) -> set[str]:
    return set(re.findall(r"^def (test_\w+)\(", (ROOT / path).read_text(encoding="utf-8"), re.M))


def test_each_promise_names_tests_that_are_there() -> None:
    promises = re.findall(r"^- .*?(?=^- |^#|\Z)", PROMISES, re.MULTILINE | re.DOTALL)
    assert len(promises) > 25
    for promise in promises:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promise)
        assert named, promise
        assert promise.count("tests/") == len(named), promise
        assert not [test for path, test in named if test not in _tests_of(path)], promise


def test_each_long_test_holds_a_promise() -> None:
    for path in (ROOT / "tests" / "long").glob("test_*.py"):
        name = path.relative_to(ROOT).as_posix()
        named = re.findall(rf"`{re.escape(name)}::(\w+)`", PROMISES)
        assert _tests_of(name) == set(named), name


def test_the_readme_leads_to_them() -> None:
    assert "(docs/promises.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
