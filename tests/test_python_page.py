"""The code in docs/python.md runs, and does what the page says."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/python.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_python_trains_checks_and_shows(tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(ROOT / "data")
    done = subprocess.run(
        [sys.executable, "-c", "".join(blocks("python"))],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "3,000 of 3,000 updates" in done.stdout
    assert re.search(r"the best network: [12]\.\d\d nats", done.stdout)
    network, counted = map(
        float, re.findall(r"as trained: network (.*), n-grams (.*)", done.stdout)[0]
    )
    adapting = re.findall(r"adapting: network (.*), counting (.*), mixed (.*)", done.stdout)[0]
    ours, counting, mixed = map(float, adapting)
    assert mixed < min(ours, counting)
    assert ours < network
    assert counting < counted
    (errors,) = re.findall(r"^\{('U'.*)\}$", done.stdout, re.MULTILINE)
    found = [float(error) for error in re.findall(r"'([\d.e+-]+)'", errors)]
    assert len(found) == len("UWVbc")
    assert max(found) < 1e-14
    for shown in ("The loss on the validation part.", "['3,000', "):
        assert shown in done.stdout
    assert (tmp_path / "loss.svg").read_text(encoding="utf-8").startswith("<?xml")


def test_a_slip_in_that_gradient_is_found() -> None:
    first, _, check = blocks("python")[:3]
    # The first weights are small, and so is what the last of these changes.
    for right, wrong in (
        ("- np.eye(K)[y[t, 0]]", "- np.eye(K)[x[t, 0]]"),
        ("back = p.W.T @ a", "back = p.W @ a"),
        ("1 - h[t + 1] ** 2", "1 - h[t] ** 2"),
    ):
        assert check.count(right) == 1
        code = first.replace("max_updates=3000", "max_updates=1") + check.replace(right, wrong)
        done = subprocess.run(
            [sys.executable, "-c", f"{code}\nassert max(check.complex_step.values()) > 1e-8"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_the_check_alone_runs_and_finds_a_slip(tmp_path: Path) -> None:
    command = blocks("sh")[0].replace(".venv/bin/python", shlex.quote(sys.executable))
    shutil.copytree(ROOT / "rnn", tmp_path / "rnn", ignore=shutil.ignore_patterns("__pycache__"))
    source = tmp_path / "rnn" / "vanilla.py"
    right = source.read_text(encoding="utf-8")
    slip = right.replace("1 - a[j] * a[j]", "1 - a[j]")
    beyond = right.replace("h[t + 1, i], d.U", "h[t + 2, i], d.U")
    assert right not in (slip, beyond)
    said = []
    for code in (right, slip, beyond):
        source.write_text(code, encoding="utf-8")
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        said.append(done.stdout + done.stderr)
    first, second = (
        [float(error) for error in re.findall(r"'\w': ([\d.e-]+)", one.split("complex_step")[1])]
        for one in said[:2]
    )
    assert max(first) < 1e-14
    assert max(second) > 0.01
    assert "IndexError" in said[2]


def test_what_can_not_be_compiled_is_called_so_rightly() -> None:
    """Each thing that the page says not to write is a case in tests/numerics/test_faults.py."""
    cases = (ROOT / "tests/numerics/test_faults.py").read_text(encoding="utf-8")
    for wrong in ("d.W += ", "reversed(range(T))", "range(T)[::-1]", "np.einsum", "plain_slope"):
        assert wrong in cases
    assert "`rnn/vanilla.py, line 96: the name 'hh' is not defined`" in PAGE


def test_a_copy_is_kept_in_step(tmp_path: Path) -> None:
    _, script = blocks("sh")
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    own |= {
        f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }

    def run(folder: Path, command: str) -> None:
        environment = {**os.environ, **own}
        subprocess.run(["sh", "-ec", command], cwd=folder, env=environment, check=True)

    theirs, mine = tmp_path / "theirs", tmp_path / "mine"
    (theirs / "notebooks").mkdir(parents=True)
    (theirs / "notebooks/04_sampling.py").write_text("old")
    run(theirs, "git init -qb main . && git add . && git commit -qm old")
    run(tmp_path, "git clone -q theirs mine")
    (mine / "notebooks/05_mine.py").write_text("mine")
    (theirs / "notebooks/04_sampling.py").write_text("new")
    run(theirs, "git commit -qam new")
    run(mine, "\n".join(line for line in script.splitlines() if line.startswith("git ")))
    found = {path.name: path.read_text() for path in (mine / "notebooks").iterdir()}
    assert found == {"04_sampling.py": "new", "05_mine.py": "mine"}


def test_every_file_that_it_links_to_is_there() -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", PAGE)
    assert len(targets) > 3
    assert all((ROOT / "docs" / target).exists() for target in targets)
