"""What the exhibits of a study read from it: the loss that is compared, and the names of settings.

Losses are in nats per character, so that settings with sequences of different lengths compare.
Runs that diverged or failed are in no mean.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.exhibits import words
from rnn.exhibits.prose import plain
from rnn.files.results import DIVERGED, DONE, RunRow, Study, label
from rnn.settings import PARAMETERS

NAMED = 6  # settings in a sentence, at most
SETTINGS = 60  # in a figure, at most
LINES = 1000  # runs that are drawn one by one, at most
# Parameters that change the very text on which a loss is measured.
TEXT = (
    "lowercase",
    "unicode_form",
    "encoding",
    "validation_fraction",
    "validation_limit",
    "test_fraction",
)


def names(study: Study) -> list[str]:
    """Return the name of each setting."""
    return [label(study, combination) for combination in study.combinations]


def value(study: Study, setting: int, name: str) -> Any:
    """Return a parameter's value in a setting."""
    default = PARAMETERS[name].default
    return study.combinations[setting].get(name, study.common.get(name, default))


def varies(study: Study, *parameters: str) -> bool:
    """Return whether any of some parameters differs between settings."""
    settings = range(len(study.combinations))
    return any(len({value(study, i, name) for i in settings}) > 1 for name in parameters)


def followed(study: Study) -> dict[str, str]:
    """Return the parameters whose values follow from that of another one, and from which.

    Optimisers bring their own learning rates, for instance.
    """
    found: dict[str, str] = {}
    varied = [name for name in study.names if varies(study, name)]
    for name in reversed(varied):
        others = (one for one in varied if one != name and one not in found)
        if leader := next((one for one in others if _follows(study, name, one)), ""):
            found[name] = leader
    return found


def _follows(study: Study, name: str, leader: str) -> bool:
    """Return whether each value of a parameter occurs with one value of another."""
    pairs = {(one[leader], one[name]) for one in study.combinations}
    return len(pairs) == len({first for first, _ in pairs})


def read_by_update(study: Study, setting: int) -> int:
    """Return how many characters an update reads."""
    return int(value(study, setting, "seq_length")) * int(value(study, setting, "batch_size"))


def survived(study: Study) -> list[int]:
    """Return the settings of which some runs are done and others diverged."""
    done, diverged = (
        {row.combination for row in study.rows if row.status == status}
        for status in (DONE, DIVERGED)
    )
    return sorted(done & diverged)


def finished(study: Study, setting: int | None = None) -> list[RunRow]:
    """Return the runs that are done, of one setting or of all."""
    return [row for row in study.rows if row.status == DONE and setting in (None, row.combination)]


def validated(study: Study) -> bool:
    """Return whether the loss on the validation part is known of all runs that are done."""
    return all(row.validation is not None for row in finished(study))


def loss_name(study: Study) -> str:
    """Return the name of the loss that is compared."""
    return "validation loss" if validated(study) else "smoothed loss at the end"


def losses(study: Study) -> NDArray[np.float64]:
    """Return the loss of each setting with each seed, of shape (S, n); NaN where there is none."""
    judged = validated(study)

    def loss(row: RunRow) -> float | None:
        T = value(study, row.combination, "seq_length")
        return row.validation if judged else (row.final_smooth_loss or np.nan) / T

    return _table(study, loss)


def test_losses(study: Study) -> NDArray[np.float64]:
    """Return the losses on the test part, in the places of `losses`."""
    return _table(study, lambda row: row.test)


def seconds(study: Study) -> NDArray[np.float64]:
    """Return the seconds of each run that is done, in the places of `losses`."""
    return _table(study, lambda row: row.seconds)


def _table(study: Study, of: Callable[[RunRow], float | None]) -> NDArray[np.float64]:
    """Return a number of each run that is done, by setting and seed; NaN where there is none."""
    column = {seed: i for i, seed in enumerate(study.seeds)}
    table = np.full((len(study.combinations), len(study.seeds)), np.nan)
    for row in finished(study):
        table[row.combination, column[row.seed]] = of(row)
    return table


def means(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of each row, of shape (S,), without what is NaN; NaN where all is."""
    known = np.isfinite(table)
    counts = known.sum(axis=1)
    return np.asarray(np.where(known, table, 0).sum(axis=1) / np.where(counts, counts, np.nan))


def deviations(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the standard deviation of each row, of shape (S,); NaN below two values."""
    known = np.isfinite(table)
    freedom = known.sum(axis=1) - 1
    squares = np.where(known, (table - means(table)[:, None]) ** 2, 0).sum(axis=1)
    return np.asarray(np.sqrt(squares / np.where(freedom > 0, freedom, np.nan)))


def listed(items: Sequence[str], most: int = NAMED) -> str:
    """Return names as Markdown; of many the first ones, and how many others there are.

    >>> listed(["a", "b", "c"]), listed(["a", "b", "c", "d"], 2)
    ('a, b and c', 'a, b and 2 others')
    """
    more = [f"{len(items) - most} others"] if len(items) > most else []
    return words.listed([*map(plain, items[:most]), *more])
