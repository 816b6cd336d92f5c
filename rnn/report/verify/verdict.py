"""Compare a report with the one made again, and say what that shows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rnn.errors import InputError
from rnn.report.make import render_plan
from rnn.report.record import versions
from rnn.report.request import Plan
from rnn.report.stages import RUN, STAGES, executed
from rnn.report.verify import carried, foreign
from rnn.report.verify.carried import MACHINE, PAGE, PDF, PLATFORM, TIMES, without
from rnn.report.verify.difference import first
from rnn.report.verify.values import ROOM, clipped, in_json, versus

ROUNDED = (("training",), ("gradient_check",), *MACHINE, *PLATFORM)  # where machines may differ
FIRST, SMOOTHED = 1e-12, 0.05  # how far losses may be apart on another machine
SAME, WITHIN, LOSSES, DIFFERS = (
    *("the same bytes", "the same within the promise", "its losses agree"),
    "differs",
)
Recipe = Mapping[str, Any]


class Verdict(NamedTuple):
    """What comparing shows: one of the words above, and lines that explain it."""

    word: str
    lines: list[str]


def given(report: Path) -> dict[str, Path]:
    """Return the files of a report by their names in its folder; of a page or a PDF itself alone.

    Raises
    ------
    InputError
        When there is no report, or it has a symbolic link, which may lead to any file.
    """
    try:
        if report.is_dir():
            paths = {path.relative_to(report).as_posix(): path for path in report.rglob("*")}
            named = {name: path for name, path in paths.items() if not name.startswith(".")}
            if link := min((path for path in named.values() if path.is_symlink()), default=None):
                raise InputError(f"REPORT: {link} is a symbolic link: put the file itself there")
            files = {name: path for name, path in named.items() if path.is_file()}
            if PAGE not in files and PDF not in files:
                raise InputError(
                    f"REPORT: {report} has neither {PAGE} nor {PDF}, from which it would be made"
                    " again"
                )
            return files
        with report.open("rb") as file:
            return {PDF if file.read(4) == b"%PDF" else PAGE: report}
    except OSError as error:
        raise InputError(f"REPORT: {report} can't be read: {error.strerror}") from None


def recipe_of(files: Mapping[str, Path]) -> tuple[Recipe, str]:
    """Return the recipe of a report, and where what it says of itself first disagrees, if it does.

    Raises
    ------
    InputError
        When none of its files has a recipe that can be read.
    """
    found, faults = {}, {}
    for name in (PAGE, PDF):
        if name in files:
            try:
                found[name] = carried.read(files[name])
            except InputError as error:
                faults[name] = error
    if not found:
        raise next(iter(faults.values()))
    for name, fault in faults.items():
        return next(iter(found.values())), f"{name}: {fault}"
    recipe, *others = found.values()
    if others and (apart := in_json(recipe, others[0])):
        words = _not_again(apart, f"in {PDF}").replace(" there, ", f" in {PAGE}, ")
        return recipe, f"the recipes that {PAGE} and {PDF} carry, which must be the same: {words}"
    return recipe, ""


def _not_again(apart: str, where: str) -> str:
    return apart.replace("made again", where)


def names(files: Mapping[str, Path], made: Sequence[str]) -> list[str]:
    """Return the files to be compared, in the order in which a report makes them."""
    order = []
    for stage in STAGES:
        order += [executed(stage), *stage.writes]
    order += [name for name in made if name not in (*order, RUN, PAGE, PDF)]
    order += [RUN, PAGE, PDF]
    return [name for name in order if name in made and (name in files or len(files) > 1)]


def differences(files: Mapping[str, Path], again: Path, made: Sequence[str]) -> Iterator[str]:
    """Yield a line for each file that differs from the one made again, in their order."""
    for name in names(files, made):
        if name not in files:
            yield f"{name}, which is missing"
            continue
        here = (again / name).read_bytes()
        try:
            there = foreign.content(files[name], 2 * len(here) + ROOM)
        except InputError as error:
            yield f"{name}: {str(error).removeprefix('REPORT: ')}"
            continue
        if found := first(name, there, here):
            yield f"{name}, {found}"


def compare(files: Mapping[str, Path], recipe: Recipe, again: Path, plan: Plan) -> Verdict:
    """Return what comparing a report with the one made again shows.

    Parameters
    ----------
    files
        The report's files.
    recipe
        What it carries.
    again
        The folder of the report made again.
    plan
        Its plan.
    """
    apart = list(differences(files, again, plan.files))
    machine = _machine(recipe)
    if not apart:
        elsewhere = machine + _platform(files, again)
        lines = [_alike(name, files[name], again / name) for name in names(files, plan.files)]
        word = WITHIN if elsewhere else SAME
        return Verdict(word, [*lines, *_strangers(files, recipe, plan), *elsewhere])
    # Another machine may round otherwise. If the losses are the same bits, it did not.
    losses = carried.digest(again / "losses.npz")
    if machine and recipe["files"].get("losses.npz") != losses:
        return _elsewhere(files, recipe, again, plan, machine)
    return Verdict(DIFFERS, apart)


def _strangers(files: Mapping[str, Path], recipe: Recipe, plan: Plan) -> list[str]:
    """Return a line for each file in the folder that is none of the report's."""
    names = sorted({*files} - {*plan.files, *recipe["added"]["pictures"]})
    return [f"{name}: not part of the report, and not looked at" for name in names]


def _alike(name: str, there: Path, made: Path) -> str:
    """Return the line for a file that has no difference that counts."""
    if there.read_bytes() == made.read_bytes():
        return f"{name}: the same bytes"
    free = "its times and platform" if name == RUN else "the paths that it was run with"
    return f"{name}: the same but for {free}"


def _machine(recipe: Recipe) -> list[str]:
    """Return a line for each name of the machine that is another one here."""
    then, now = recipe["run"]["versions"], versions()
    return [
        f"the {name} is another one: {clipped(then.get(name))} there, {now[name]} here"
        for *_, name in MACHINE
        if then.get(name) != now[name]
    ]


def _platform(files: Mapping[str, Path], again: Path) -> list[str]:
    if RUN not in files:
        return []
    there, here = (
        json.loads(path.read_bytes()).get("platform") for path in (files[RUN], again / RUN)
    )
    return [] if there == here else [f"{RUN}, platform: {there} there, {here} here"]


def _elsewhere(
    files: Mapping[str, Path], recipe: Recipe, again: Path, plan: Plan, said: list[str]
) -> Verdict:
    """Compare what holds on another machine: the losses, and the document with its own data."""
    wrong, lines = _losses(recipe, again)
    made = json.loads((again / RUN).read_bytes())
    if found := in_json(without(recipe["run"], ROUNDED), without(made, (*TIMES, *ROUNDED))):
        wrong.append(f"{RUN}, {found}")
    if len(files) == 1:
        unsure = "all else that it shows, since it is without its folder"
        word = LOSSES
    else:
        wrong += list(_own(files, recipe, again, plan))
        lines += _strangers(files, recipe, plan)
        lines.append(f"{PAGE} and {PDF}: rendered again from the report's own data, the same bytes")
        unsure = "the notebooks, the model, the texts and the numbers after the first loss"
        word = WITHIN
    if wrong:
        return Verdict(DIFFERS, wrong)
    return Verdict(word, [*said, *lines, f"not confirmed: {unsure}"])


def _losses(recipe: Recipe, again: Path) -> tuple[list[str], list[str]]:
    """Return what is wrong with the losses, and what is right with them."""
    made = json.loads((again / RUN).read_bytes())["training"]["final_smooth_loss"]
    pairs = {
        "the first loss": (recipe["first_loss"], carried.first_loss(again / "losses.npz"), FIRST),
        "the smoothed loss": (recipe["run"]["training"]["final_smooth_loss"], made, SMOOTHED),
    }
    wrong: list[str] = []
    right: list[str] = []
    for name, (there, here, most) in pairs.items():
        apart = abs(there / here - 1) if there is not None and here else float(there != here)
        line = f"{name}: {versus(there, here)}"
        (right if apart <= most else wrong).append(f"{line}, {apart:.1e} of it apart")
    return wrong, right


def own_data(files: Mapping[str, Path], recipe: Recipe) -> Iterator[str]:
    """Yield what is not as the recipe of a report says: its files by their SHA-256, `run.json`."""
    for name, digest in recipe["files"].items():
        try:
            right = name in files and carried.digest(files[name]) == digest
        except Exception:  # damaged files raise many kinds
            right = False
        if not right:
            yield f"{name}, which is not the file whose SHA-256 {PAGE} and {PDF} carry"
    try:
        run = json.loads(foreign.content(files[RUN]))
        found = in_json(without(run, (*TIMES, *PLATFORM)), recipe["run"])
    except Exception as error:
        found = f"which can't be read: {_reason(error)}"
    if found:
        yield f"{RUN}, {_not_again(found, 'in the recipe')}"


def _own(files: Mapping[str, Path], recipe: Recipe, again: Path, plan: Plan) -> Iterator[str]:
    """Yield what differs between a report and its own data, rendered again."""
    if wrong := [*own_data(files, recipe)]:
        yield from wrong
        return
    try:
        if carried.first_loss(files["losses.npz"]) != recipe["first_loss"]:
            yield "losses.npz, whose first loss is not the recipe's"
        folder = again.with_name("rendered")
        for name in plan.files:
            if name not in (PAGE, PDF):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(foreign.content(files[name]))
        render_plan(plan, folder, recipe)
    except Exception as error:  # whatever damaged data leads to
        yield f"its own data, which can't be rendered: {_reason(error)}"
        return
    yield from differences(files, folder, (PAGE, PDF))


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
