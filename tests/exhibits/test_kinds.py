"""Every exhibit: it has a caption, an alternative text and a unique label."""

import importlib
import inspect
import pkgutil
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest

from rnn import exhibits
from rnn.analysis.adapting import Way
from rnn.analysis.copying import Copy
from rnn.analysis.counting.entropies import block_entropies
from rnn.analysis.counting.ladder import Ladder
from rnn.analysis.neurons import Neuron
from rnn.analysis.plain import Slip
from rnn.analysis.together import Together
from rnn.analysis.variants import Variant
from rnn.exhibits import (
    adapting,
    book,
    comparison,
    comparison_figures,
    gradient,
    judging,
    listings,
    training,
    update_rule,
    writing,
)
from rnn.exhibits.kinds import Exhibit, Picture, Sentence
from rnn.gradcheck import GradientCheck
from rnn.settings import Settings
from rnn.text import split
from tests.exhibited import a_network, a_run, a_snapshot
from tests.reference import small_model
from tests.studies import a_study

CHECK = GradientCheck({"U": 2e-9}, {"U": 3e-16}, 2, 2)
COUNTS, TEXT = np.array([3, 2, 1]), np.array([0, 1, 0, 2, 1, 0])
NETWORK = a_network(K=3)
LADDER = Ladder({1: 2.0}, {1: 1.9}, {1: 1.8}, 9, False)
ONE = np.ones(2000)
ADAPTED = Together(ONE, ONE, ONE, ONE, Way(0.002, 0.001), 0)
STUDY = a_study({"cell": ("rnn", "gru"), "hidden_size": (8, 9)}, lost={3: "diverged"})

# Each with arguments for which there is something to show.
EXAMPLES: dict[Callable[..., Exhibit], tuple[Any, ...]] = {
    adapting.two_ways: (LADDER, ADAPTED),
    adapting.along: (ADAPTED,),
    adapting.by_kind: (ADAPTED, {"a space": np.ones(2001, bool)}),
    book.sizes: (split(TEXT, 0.2, 0.2), 3),
    book.character_counts: (COUNTS, "abc"),
    book.guessing: (COUNTS,),
    book.character_frequencies: (COUNTS, "abc"),
    book.entropies: (block_entropies(TEXT), 3),
    book.sequence: (TEXT[:-1], TEXT[1:], "abc"),
    comparison.question: (STUDY,),
    comparison.design: (STUDY,),
    comparison.outcomes: (STUDY,),
    comparison.tested: (STUDY,),
    comparison.differences: (STUDY,),
    comparison.told_apart: (STUDY,),
    comparison.continuations: (STUDY,),
    comparison.undone: (STUDY,),
    comparison.machines: (a_study(machines=("one", "another")),),
    comparison.runs: (STUDY,),
    comparison_figures.learning_curves: (STUDY,),
    comparison_figures.losses_by_setting: (STUDY,),
    comparison_figures.parameter_map: (STUDY,),
    comparison_figures.loss_against_seconds: (STUDY,),
    gradient.other_cell: ("gru",),
    gradient.parameters: (NETWORK, Settings()),
    gradient.gradients: (CHECK,),
    gradient.step_sweep: ({"U": np.array([1, 1e-9])}, CHECK, np.array([1e-8, 1e-4])),
    gradient.planted: ([(Slip("", "", ""), CHECK)],),
    gradient.verdict: (CHECK,),
    listings.forward_pass: (Settings(),),
    listings.output_layer: (Settings(),),
    listings.loss_function: (),
    listings.backward_pass: (Settings(),),
    listings.update: (Settings(),),
    listings.drawing: (Settings(),),
    training.loss_curve: (a_run(best=a_snapshot(1.5)),),
    training.evolution: (a_run(), "abc"),
    training.course: (a_run(),),
    training.losses_by_position: (a_run(600, 300),),
    training.outcome: (a_run(),),
    judging.reaches: ({"before": np.ones(3)}, 2),
    judging.rungs: (LADDER, 1.5),
    judging.calibration: (NETWORK, TEXT, np.zeros((1, NETWORK.m))),
    update_rule.rule_of_update: (Settings(),),
    writing.whose: (small_model(), ""),
    writing.passage: ("abc", 1.0, 1.0, ""),
    writing.variants: ([Variant(1.0, 1.0, 1.5, "abc")],),
    writing.memory: ({"it": "a b c"}, {"it": Copy(1, 0, 0)}, {"b"}, 9),
    writing.neurons: ([Neuron(0, "it", 0.5)], np.zeros((3, 2)), "abc"),
}
NAMED: dict[str, dict[str, Any]] = {"neurons": {"test": True}}


def functions() -> list[Callable[..., Exhibit]]:
    """Return all public functions of `rnn.exhibits` that return one of the kinds, or several."""
    found = []
    for module in pkgutil.iter_modules(exhibits.__path__, "rnn.exhibits."):
        for name, one in vars(importlib.import_module(module.name)).items():
            ours = inspect.isfunction(one) and one.__module__ == module.name
            if ours and not name.startswith("_"):
                returned = get_type_hints(one).get("return")
                if {returned, *get_args(returned)} & set(get_args(Exhibit)):
                    found.append(one)
    return found


def name(function: Callable[..., Exhibit]) -> str:
    return f"{function.__module__.split('.')[-1]}.{function.__name__}"


def made(function: Callable[..., Exhibit]) -> Exhibit:
    return function(*EXAMPLES[function], **NAMED.get(function.__name__, {}))


@pytest.mark.parametrize("function", functions(), ids=name)
def test_every_exhibit_says_what_it_shows(function: Callable[..., Exhibit]) -> None:
    assert function in EXAMPLES, f"{name(function)} needs an example in this file"
    exhibit = made(function)
    if isinstance(exhibit, Sentence):
        assert get_type_hints(function)["return"] is Sentence, f"{name(function)} shows nothing"
        assert exhibit.markdown.strip(), f"{name(function)} says nothing"
        return
    assert exhibit.caption.strip(), f"{name(function)} has no caption"
    assert exhibit.caption.endswith("."), f"the caption of {name(function)} is no sentence"
    assert re.fullmatch(r"(fig|tab|text|code)-[a-z]+", exhibit.label), (
        f"the label of {name(function)}"
    )
    if isinstance(exhibit, Picture):
        assert exhibit.alt.strip(), f"{name(function)} has no alternative text"
        assert exhibit.alt.endswith("."), f"the alternative text of {name(function)} is no sentence"


def test_no_two_exhibits_have_one_label() -> None:
    labels = {name(function): getattr(made(function), "label", None) for function in EXAMPLES}
    often = Counter(labels.values())
    twice = {name: label for name, label in labels.items() if label and often[label] > 1}
    assert not twice


def test_the_examples_are_those_of_functions_that_exist() -> None:
    assert {name(function) for function in EXAMPLES} == {name(one) for one in functions()}


@pytest.mark.parametrize("function", functions(), ids=name)
def test_every_exhibit_is_shown_in_a_notebook(function: Callable[..., Exhibit]) -> None:
    notebooks = (Path(__file__).parents[2] / "notebooks").glob("*.py")
    called = re.compile(rf"\b{function.__name__}\(")
    sources = [path.read_text(encoding="utf-8") for path in notebooks]
    assert any(map(called.search, sources)), f"no notebook shows {name(function)}"
