"""What a study asks, and what came of it: sentences, tables and texts.

Nothing here is ranked by a single seed. Numbers come from runs that are done; those that diverged
or failed are counted, and in no mean.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from rnn.analysis.differences import FEWEST, LEVEL, Differences, paired
from rnn.exhibits import words
from rnn.exhibits.comparison_data import (
    NAMED,
    TEXT,
    deviations,
    finished,
    listed,
    loss_name,
    losses,
    means,
    names,
    read_by_update,
    seconds,
    survived,
    test_losses,
    validated,
    value,
    varies,
)
from rnn.exhibits.kinds import Openings, Sentence, Table
from rnn.exhibits.prose import plain
from rnn.exhibits.words import number, written
from rnn.files.results import DIVERGED, DONE, FAILED, RunRow, Study
from rnn.settings import to_word

ALIKE = 1.1  # times the text that another setting read, which makes no difference to speak of
CHANCE = 0.05  # a corrected p below it tells two settings apart
TEXTS = 24  # continuations that are shown, at most
ROWS = 200  # settings in a table, at most
VALUES = 8  # of a parameter in a sentence, at most
STATES = (DONE, DIVERGED, FAILED)


def question(study: Study) -> Sentence:
    """Ask what the study answers, and say how it does and what it can't say."""
    varied = [f"`{name}` ({_values(study, name)})" for name in study.names]
    book = plain(study.book["name"])
    measured = (
        f"the loss on the validation part of *{book}*"
        if validated(study)
        else f"the smoothed loss on *{book}* at the end of training"
    )
    return Sentence(f"How does {measured} depend on {words.listed(varied)}?{_caution(study)}")


def _values(study: Study, name: str) -> str:
    """List the different values of a parameter, the baseline's first."""
    values = list(dict.fromkeys(to_word(c[name]) for c in study.combinations if name in c))
    if len(values) > VALUES:
        return f"{listed(values, VALUES)}"
    return " or ".join(filter(None, [", ".join(map(plain, values[:-1])), plain(values[-1])]))


def _caution(study: Study) -> str:
    """Say what the loss that is compared can't say."""
    said = ""
    if finished(study) and not validated(study):
        said = (
            " Not all runs have a validation part, so it is the final smoothed loss that is "
            "compared, divided by the length of a sequence. It is measured on text that was "
            "learned, and does not tell learning from knowing by heart."
        )
        if varies(study, "dropout"):
            said += " Dropout raises it, so settings with and without dropout do not compare."
    if changed := [name for name in TEXT if name in study.names and varies(study, name)]:
        said += (
            f" The settings differ in `{'`, `'.join(changed)}`, and so in the text that the loss is"
            " measured on: such losses do not compare."
        )
    said += _amounts_of_text(study)
    if len(study.seeds) == 1:
        said += (
            " Each setting was trained with one seed. What part of a difference is chance can't "
            "be said from that, so nothing here is called better."
        )
    return said


def _amounts_of_text(study: Study) -> str:
    """Say that settings did not learn from the same amount of text, unless that is what varies."""
    done = [row for row in finished(study) if row.steps]
    read = [(row.steps or 0) * read_by_update(study, row.combination) for row in done]
    if not read or varies(study, "epochs", "max_updates") or max(read) <= ALIKE * min(read):
        return ""
    return (
        f" The settings learned from different amounts of text, {min(read):,} to {max(read):,} "
        "characters, so a difference between them may be due to that alone."
    )


def design(study: Study) -> Table:
    """List what was varied, how often, and on what."""
    counts = Counter(row.status for row in study.rows)
    planned = len(study.combinations) * len(study.seeds)
    states = [f"{counts[state]:,} {state}" for state in STATES if counts[state]]
    if waiting := planned - len(study.rows):
        states.append(f"{waiting:,} not made yet")
    seeds = ", ".join(map(str, study.seeds[:10])) + (", …" if len(study.seeds) > 10 else "")
    book = study.book
    rows = [
        *([f"varied: {name}", _plainly(study, name)] for name in study.names),
        ["settings", f"{len(study.combinations):,}; the first is the baseline: {names(study)[0]}"],
        ["seeds", f"{len(study.seeds)}: {seeds}"],
        ["runs", f"{planned:,}: {', '.join(states)}" if len(states) > 1 else states[0]],
        ["compared", f"{loss_name(study)}, in nats per character{_part(study)}"],
        ["book", str(book["name"])],
    ]
    return Table(
        ["", "value"],
        rows,
        caption="The design. With the same seed, all settings start from the same random numbers. "
        "All other parameters are equal; the last chapter lists them.",
        label="tab-design",
    )


def _part(study: Study) -> str:
    """Say how much of the validation part is read, if the loss is not that of all of it."""
    limit, whole = value(study, 0, "validation_limit"), study.book.get("validation_characters", 0)
    if not validated(study) or varies(study, *TEXT) or not 0 < limit < whole:
        return ""
    return f", on the first {limit:,} of its {whole:,} characters"


def _plainly(study: Study, name: str) -> str:
    values = list(dict.fromkeys(to_word(c[name]) for c in study.combinations if name in c))
    more = f" and {len(values) - 30} others" if len(values) > 30 else ""
    return ", ".join(values[:30]) + more


def outcomes(study: Study) -> Table:
    """List each setting with its counts, its mean loss and what it cost."""
    table, took = losses(study), seconds(study)
    counts = Counter((row.combination, row.status) for row in study.rows)
    states = [DONE, *(s for s in STATES[1:] if any(row.status == s for row in study.rows))]
    middle, spread, cost = means(table), deviations(table), means(took)
    rows = [
        [
            str(i + 1),
            name,
            *(f"{counts[i, state]}" for state in states),
            _digits(middle[i]),
            _digits(spread[i]),
            _digits(cost[i], 1 if np.nanmax(cost, initial=0) >= 10 else 2),
        ]
        for i, name in enumerate(names(study)[:ROWS])
    ]
    lacking = (
        " Where a number is missing, too few runs are done for it."
        if not np.isfinite(middle + spread).all()
        else ""
    )
    flattered = (
        " Runs that diverged are in no mean, which flatters a setting of which only some did."
        if survived(study)
        else ""
    )
    columns = ["", "setting", *states, "mean", "standard deviation", "seconds"]
    return Table(
        columns,
        rows,
        caption=f"The settings: how many runs are done, the mean {loss_name(study)} of these and "
        f"its standard deviation over the seeds, in nats per character, and the mean seconds of "
        f"training.{lacking}{flattered}{_unlisted(study)}",
        label="tab-settings",
        code=[1],
        marks=[str(i) for i in range(len(rows))],
    )


def _unlisted(study: Study) -> str:
    """Say that not all settings are listed."""
    more = len(study.combinations) - ROWS
    return f" The first {ROWS} settings are listed, and not the other {more:,}." if more > 0 else ""


def _digits(value: float, digits: int = 3) -> str:
    """Write a number with so many digits; nothing if it is none."""
    return number(value, f".{digits}f") if np.isfinite(value) else ""


def differences(study: Study) -> Table | Sentence:
    """List how each setting differs from the baseline over the same seeds."""
    found, named = paired(losses(study)), names(study)
    if not np.isfinite(found.mean).any():
        return Sentence(_untold(study))
    tested = int(np.isfinite(found.p).sum())
    short = (
        f" With fewer than {FEWEST} seeds in common, none is given."
        if tested < len(named) - 1
        else ""
    )
    rows = [
        [
            name,
            str(found.pairs[i]),
            _digits(found.mean[i], 4),
            _digits(found.low[i], 4),
            _digits(found.high[i], 4),
            _chance(found.p[i]),
            _chance(found.holm[i]),
        ]
        for i, name in enumerate(named[:ROWS])
        if i
    ]
    return Table(
        ["setting", "seeds", "difference", "from", "to", "p", "p (Holm)"],
        rows,
        caption=f"Paired differences of the {loss_name(study)} from the baseline "
        f"({plain(named[0])}) over the same seeds, in nats per character; below zero the setting "
        f"is better. The {LEVEL:.0%} interval and p are those of the paired t test, each by "
        f"itself; the last column is p corrected by Holm’s method for {tested} "
        f"comparison{'s' if tested > 1 else ''}.{short}{_unlisted(study)}",
        label="tab-differences",
        code=[0],
        marks=[str(i) for i in range(1, len(rows) + 1)],
    )


def _chance(p: float) -> str:
    return "" if not np.isfinite(p) else number(p, ".2g") if p < 0.001 else f"{p:.3f}"


def _untold(study: Study) -> str:
    """Say why there are no differences."""
    if len(study.combinations) < 2:
        return "There is one setting, and nothing to compare it with."
    if not finished(study, 0):
        return (
            f"No run of the baseline, {plain(names(study)[0])}, is done: there is nothing that the "
            "other settings could be compared with."
        )
    if len(study.seeds) < FEWEST:
        few = "One seed" if len(study.seeds) == 1 else "Two seeds"
        return (
            f"{few} can't tell any two settings apart: how far a loss scatters from seed to seed "
            f"would have to be known, and that takes at least three."
        )
    return (
        f"No setting shares {FEWEST} finished seeds with the baseline, so no difference can be "
        "told from chance."
    )


def told_apart(study: Study) -> Sentence:
    """Say which differences the seeds can and can't tell from chance."""
    found, named = paired(losses(study)), names(study)
    if not np.isfinite(found.mean).any():
        return Sentence(
            "The table of paired differences is missing for the reason given, and no order of the "
            "settings follows from this study."
        )
    sure = [i for i in range(len(named)) if found.holm[i] < CHANCE]
    unsure = [i for i in range(len(named)) if found.holm[i] >= CHANCE]
    unknown = [i for i in range(1, len(named)) if not np.isfinite(found.p[i])]
    ways = (
        ("lower", [i for i in sure if found.mean[i] < 0]),
        ("higher", [i for i in sure if found.mean[i] >= 0]),
    )
    differ = [f"{way} with {_amounts(found, named, which)}" for way, which in ways if which]
    said = (
        [
            f"The {loss_name(study)} is {' and '.join(differ)} than with the baseline, by more "
            f"than the seeds leave to chance (Holm’s p below {CHANCE})."
        ]
        if differ
        else []
    )
    if unsure:
        widest = max(unsure, key=lambda i: found.high[i] - found.low[i])
        reach = (found.high[widest] - found.low[widest]) / 2
        said.append(
            f"The seeds can’t tell {listed([named[i] for i in unsure])} from the baseline. This "
            f"does not make {'them' if len(unsure) > 1 else 'it'} equal: "
            f"{'the widest' if len(unsure) > 1 else 'the'} interval reaches "
            f"{number(reach, '.2g')} nats per character to either side."
        )
    if unknown:
        said.append(
            f"Nothing can be said of {listed([named[i] for i in unknown])}, with fewer than "
            f"{FEWEST} finished seeds in common with the baseline."
        )
    if lucky := survived(study):
        one = len(lucky) == 1
        said.append(
            f"Some runs of {listed([named[i] for i in lucky])} diverged. "
            f"{'It is' if one else 'They are'} compared over the other seeds, which flatters "
            f"{'it' if one else 'them'}."
        )
    return Sentence(" ".join(said))


def _amounts(found: Differences, named: Sequence[str], which: Sequence[int]) -> str:
    return listed([f"{named[i]} ({number(found.mean[i], '+.3f')})" for i in which], NAMED)


def tested(study: Study) -> Sentence:
    """Say how the setting with the lowest mean loss does on text that has chosen nothing."""
    middle, table = means(losses(study)), test_losses(study)
    if not np.isfinite(middle).any():
        return Sentence("No run is done that could be judged.")
    least = int(np.nanargmin(middle))
    mean, spread = means(table)[least], deviations(table)[least]
    if not np.isfinite(mean):
        return Sentence(
            "There is no test part, so the lowest of these losses flatters its setting: it was "
            "chosen by the loss that it is judged by."
        )
    return Sentence(
        f"The lowest of these losses flatters its setting, since it is chosen by it. On the test "
        f"part, which has chosen nothing, that setting ({plain(names(study)[least])}) loses "
        f"{mean:.3f} nats per character"
        + (f", with a standard deviation of {spread:.3f} over the seeds." if spread >= 0 else ".")
    )


def continuations(study: Study) -> Openings | Sentence:
    """Show how the best model of each setting continues the same opening."""
    if not study.passages:
        return Sentence("No setting has a model yet that could write.")
    named = names(study)
    chosen = sorted(study.passages)[:TEXTS]
    texts = [(named[i], study.passages[i].removeprefix(study.opening), str(i)) for i in chosen]
    more = len(study.passages) - len(chosen)
    left = (
        f" The first {TEXTS} settings are shown; the others are in `samples.txt`." if more else ""
    )
    lacking = len(study.combinations) - len(study.passages)
    without = (
        f" {lacking} setting{'s have' if lacking > 1 else ' has'} no run that is done, and no text."
        if lacking
        else ""
    )
    return Openings(
        study.opening,
        texts,
        caption="The same opening, in a paler colour, continued by the best model of each setting. "
        f"One text each is an impression, and no measurement.{without}{left}",
        label="text-openings",
    )


def undone(study: Study) -> Table | Sentence:
    """List the runs that diverged or failed, setting by setting, with the reason of the first."""
    lost: dict[tuple[int, str], list[RunRow]] = {}
    for row in study.rows:
        if row.status != DONE:
            lost.setdefault((row.combination, row.status), []).append(row)
    if not lost:
        return Sentence("No run diverged, and none failed.")
    named = names(study)
    rows = [
        [named[i], state, str(len(runs)), _seeds(runs), written(runs[0].reason)]
        for (i, state), runs in sorted(lost.items())[:ROWS]
    ]
    more = f" The first {ROWS} settings of these are listed." if len(lost) > ROWS else ""
    counts = Counter(row.status for row in study.rows)
    said = " and ".join(f"{counts[state]:,} {state}" for state in STATES[1:] if counts[state])
    return Table(
        ["setting", "status", "runs", "seeds", "reason, of the first"],
        rows,
        caption=f"Of {len(study.rows):,} runs, {said}. They are in no mean and in no difference. A "
        f"run that diverged is a result of its setting; one that failed says nothing of it.{more}",
        label="tab-undone",
        code=[0],
        marks=[str(i) for i, _ in sorted(lost)[:ROWS]],
    )


def _seeds(runs: Iterable[RunRow]) -> str:
    seeds = [str(row.seed) for row in runs]
    return ", ".join(seeds[:10]) + (", …" if len(seeds) > 10 else "")


def machines(study: Study) -> Table | Sentence:
    """Name the machines that made the runs, and say what follows if they differ."""
    counts = Counter(row.machine for row in study.rows if row.machine)
    if not counts:
        return Sentence("No run names the machine that made it.")
    if len(counts) == 1:
        return Sentence(f"All runs were made on one kind of machine: {plain(next(iter(counts)))}.")
    rows = [[str(i), name, f"{n:,}"] for i, (name, n) in enumerate(counts.items(), 1)]
    return Table(
        ["", "machine", "runs"],
        rows,
        caption=f"The runs were made on {len(counts)} kinds of machines. These round the last "
        "digits differently, and training amplifies that: the same run on another of them is not "
        "equal to the bit, and its seconds are others.",
        label="tab-machines",
    )


def runs(study: Study) -> Table:
    """List all runs, in the planned order."""
    known = dict.fromkeys(row.machine for row in study.rows if row.machine)
    machines = {name: str(i) for i, name in enumerate(known, 1)}
    several = len(machines) > 1
    judged = any(row.validation is not None for row in study.rows)
    tested = any(row.test is not None for row in study.rows)
    rows = [
        [
            *(to_word(study.combinations[row.combination].get(name, "")) for name in study.names),
            str(row.seed),
            row.status,
            _count(row.steps),
            _number(row.final_smooth_loss, ".2f"),
            _count(row.best_step),
            *([_number(row.validation, ".4f")] if judged else []),
            *([_number(row.test, ".4f")] if tested else []),
            _number(row.seconds, ".2f"),
            *([machines.get(row.machine, "")] if several else []),
        ]
        for row in study.rows
    ]
    parts = ["validation"] * judged + ["test"] * tested
    columns = [
        *study.names, "seed", "status", "updates", "smoothed loss", "best step",
        *(["validation loss"] if judged else []), *(["test loss"] if tested else []),
        "seconds", *(["machine"] if several else []),
    ]  # fmt: skip
    return Table(
        columns,
        rows,
        caption="All runs: the updates made, the smoothed loss at the end in nats per sequence, "
        "the step of the best model"
        + (f", its {words.listed(parts)} loss in nats per character" if parts else "")
        + ", and the seconds of training.",
        label="tab-runs",
        marks=[f"{row.combination}-{row.seed}" for row in study.rows],
        file="runs.csv",
    )


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _number(value: float | None, form: str) -> str:
    return "" if value is None or not np.isfinite(value) else number(value, form)
