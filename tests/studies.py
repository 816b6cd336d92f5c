"""Made-up studies, for the tests of what compares their runs."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from rnn.exhibits import comparison, comparison_figures
from rnn.exhibits.show import show
from rnn.files.results import RunRow, Study
from rnn.report.nodes import Title
from rnn.report.page.exporter import page
from rnn.report.page.scripts import STUDY_SCRIPT
from rnn.study.document import assemble
from tests.executed import publishing

RATES = {"learning_rate": (0.1, 0.05, 0.2)}
BOOK = {"name": "Tales", "sha256": "5" * 64, "encoding": "utf-8", "characters": 9000}
COMMON = {"hidden_size": 32, "seq_length": 25, "batch_size": 1}
MADE = {"command": ["make study", "SEEDS=5"], "versions": {"python": "3.11.7"}}
REASON = "the loss of update 13 is nan: try a smaller learning_rate than 0.1"
# What the notebook shows, in its order, by section.
SECTIONS: dict[str, tuple[Callable[[Study], Any], ...]] = {
    "The question": (comparison.question, comparison.design),
    "How they learned": (comparison_figures.learning_curves,),
    "The losses compared": (
        comparison_figures.losses_by_setting,
        comparison.outcomes,
        comparison.tested,
        comparison.differences,
        comparison.told_apart,
        comparison_figures.parameter_map,
        comparison_figures.loss_against_seconds,
    ),
    "The same opening": (comparison.continuations,),
    "The runs": (comparison.undone, comparison.machines, comparison.runs),
}
EXHIBITS = [exhibit for some in SECTIONS.values() for exhibit in some]


def a_study(
    values: Mapping[str, Sequence[Any]] = RATES,
    seeds: int = 5,
    *,
    lost: Mapping[int, str] | None = None,
    held_out: bool = True,
    machines: Sequence[str] = ("Linux x86_64",),
    points: int = 20,
) -> Study:
    """Return a finished study; `lost` are settings of which all runs diverged or failed."""
    combinations = [dict(zip(values, some, strict=True)) for some in product(*values.values())]
    named = tuple(range(400, 400 + seeds))
    rows = [
        _row(i, seed, (lost or {}).get(i, "done"), held_out, machines[seed % len(machines)], points)
        for i in range(len(combinations))
        for seed in named
    ]
    done = {row.combination for row in rows if row.status == "done"}
    passages = {i: f" said the miller {i} times.\n" * 4 for i in done}
    common = {name: value for name, value in COMMON.items() if name not in values}
    return Study(
        tuple(values), tuple(combinations), named, common, BOOK, tuple(rows), "once upon", passages
    )


def _row(setting: int, seed: int, status: str, held_out: bool, machine: str, points: int) -> RunRow:
    chance = np.random.default_rng([setting, seed]).normal(0, 0.01)
    steps = np.linspace(0, 1000, points)
    curve = np.array([steps, 50 + 50 * np.exp(-steps / 300) + setting + 25 * chance]).T
    validation = 2 + 0.05 * setting + chance if held_out else None
    looks = np.array([(500, 2.5), (1000, validation)] if validation else []).reshape(-1, 2)
    if status == "failed":
        nothing = np.zeros((0, 2))
        return RunRow(
            setting, seed, status, "killed three workers", None, None, None, None, None, None, "",
            f"{setting:032x}{seed:032x}", nothing, nothing,
        )  # fmt: skip
    return RunRow(
        setting, seed, status, REASON if status == "diverged" else "", 1000, float(curve[-1, 1]),
        1000, validation, validation and validation + 0.1, 1.5 + setting + chance, machine,
        f"{setting:032x}{seed:032x}", curve, looks,
    )  # fmt: skip


def executed(study: Study) -> Any:
    """Return the notebook of a study, as it is after a run, made without a kernel."""
    cells = [new_markdown_cell("# Many runs")]
    for section, exhibits in SECTIONS.items():
        cells.append(new_markdown_cell(f"## {section}\n\nSome words."))
        for exhibit in exhibits:
            with publishing() as outputs:
                show(exhibit(study))
            displayed = [new_output("display_data", data=output["data"]) for output in outputs]
            cells.append(new_code_cell(f"show({exhibit.__name__}(study))", outputs=displayed))
    return new_notebook(cells=cells)


def document(study: Study, notes: Mapping[int, str] | None = None) -> Any:
    """Return the document of a study."""
    return assemble(executed(study), study, MADE, Title("A study", "Ada Lovelace"), notes)


def study_page(study: Study, notes: Mapping[int, str] | None = None) -> str:
    """Return the page of a study."""
    return page(document(study, notes), script=STUDY_SCRIPT)
