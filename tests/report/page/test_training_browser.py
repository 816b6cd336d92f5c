"""The page's training in a real browser, against Python's: weights, gradients, losses."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from rnn.analysis.adapting import Way, adapted, adapting, sizes, surprise
from rnn.evaluation import evaluate
from rnn.network import CELLS, Network, initialise, spectral_radius
from rnn.numerics.generator import EVOLUTION, generator
from rnn.optimisers import CLIPS, OPTIMISERS
from rnn.report.page import scripts
from rnn.sampling import write
from rnn.text import encode
from rnn.updates import Plan, Record, begin, loops

BOOK = (Path(__file__).parents[3] / "data/tales.txt").read_text(encoding="utf-8")[:4000].lower()
VOCABULARY = "".join(sorted(set(BOOK)))
TEXT = encode(BOOK, VOCABULARY)
K, m, T = len(VOCABULARY), 14, 11
# The page can't run a cell without a script; test_scripts.py tests that the page says so.
SCRIPTED = [cell for cell in CELLS if scripts.runs(cell)]
MATH = [
    name
    for name in scripts.NAMES
    if name.startswith(("network.", "cells/", "sampling.", "training/", "curve."))
]


ALL = "(steps) => { for (;;) { const { done, value } = steps.next(); if (done) return value; } }"


@pytest.fixture(scope="module")
def view(browser: Browser) -> Iterator[Page]:
    """Provide an empty page with the scripts of the network and its training, as they are."""
    opened = browser.new_page()
    files = (scripts.FOLDER.joinpath(name).read_text(encoding="utf-8") for name in MATH)
    opened.add_script_tag(content="\n".join(files))
    yield opened
    opened.close()


def shape(cell: str, hidden: int = m) -> dict[str, Any]:
    return {"cell": cell, "hiddenSize": hidden, "vocabulary": [ord(c) for c in VOCABULARY]}


def network(cell: str, scale: float = 0.3) -> Network:
    return initialise(cell, K, m, seed=7, init_scale=scale)


def difference(a: Any, n: Any) -> float:
    """Return the relative difference of two vectors, as in a gradient check."""
    a, n = np.array(a, float), np.array(n, float)
    return float(np.linalg.norm(a - n) / (np.linalg.norm(a) + np.linalg.norm(n)))


@pytest.mark.parametrize("cell", SCRIPTED)
@pytest.mark.parametrize("seed", [0, 400, 2**32 - 1])
def test_the_same_seed_gives_the_same_weights(view: Page, cell: str, seed: int) -> None:
    call = f"([shape, seed]) => [...({ALL})(initialWeights(shape, seed, 0.03))]"
    found = view.evaluate(call, [shape(cell, 60), seed])
    expected = initialise(cell, K, 60, seed=seed, init_scale=0.03).theta
    assert np.abs(np.array(found) - expected).max() < 1e-14
    assert expected[: K * 60].std() > 0.027


def test_what_takes_long_is_done_in_pieces(view: Page) -> None:
    count = view.evaluate(
        "(shape) => [...initialWeights(shape, 1, 0.01)].length", shape("rnn", 150)
    )
    assert count > initialise("rnn", K, 150, seed=1).theta.size / 5000
    learning = view.evaluate(
        """([shape, weights, text]) => {
             const given = Float64Array.from(weights);
             return [true, false].map((learns) =>
               [...segments(shape, given, text, new Float64Array(shape.hiddenSize), learns)]
                 .map((segment) => segment && Boolean(segment.gradient)));
           }""",
        [shape("rnn"), network("rnn").theta.tolist(), TEXT[:41].tolist()],
    )
    assert learning == [[None, True] * 2, [False] * 2]


@pytest.mark.parametrize("cell", SCRIPTED)
@pytest.mark.parametrize("length", [1, 4, T])
def test_the_gradient_is_that_of_python(view: Page, cell: str, length: int) -> None:
    given, rng = network(cell), np.random.default_rng(1)
    states = rng.normal(0, 0.5, (CELLS[cell].STATES, m))
    work, gradient = given.workspace(length, 1), np.zeros_like(given.theta)
    work.states[:, 0, 0] = states
    x, y = (TEXT[start : start + length, None].astype(np.int64) for start in (100, 101))
    CELLS[cell].forward(given.p, x, work)
    loss = -work.output.log_P[np.arange(length), y[:, 0]].sum()
    CELLS[cell].backward(given.p, x, y, work, given.like(gradient).p)
    found = view.evaluate(
        """([shape, weights, text, state, T]) => {
             const learning = learner(shape, Float64Array.from(weights), T);
             setState(learning, Float64Array.from(state));
             const loss = gradients(learning, text, 100);
             carry(learning);
             return { loss, gradient: [...learning.gradient], state: [...stateOf(learning)] };
           }""",
        [shape(cell), given.theta.tolist(), TEXT.tolist(), states.ravel().tolist(), length],
    )
    assert abs(found["loss"] / loss - 1) < 1e-12
    for name, part in given.like(np.array(found["gradient"])).p._asdict().items():
        assert difference(part, getattr(given.like(gradient).p, name)) < 1e-12, name
    assert difference(found["state"], work.states[:, -1, 0].ravel()) < 1e-12


RUN = """([shape, weights, text, settings, count]) => {
  const run = trainingRun(shape, Float64Array.from(weights), text, settings);
  const losses = [], smoothed = [];
  while (losses.length < count && run.advance()) {
    losses.push(run.loss);
    smoothed.push(run.smoothLoss);
  }
  return { losses, smoothed, weights: [...run.learning.weights], diverged: run.diverged };
}"""


def in_python(
    cell: str, optimiser: str, clip_by: str, text: Any, epochs: list[int]
) -> tuple[Any, Any, Network]:
    """Return the losses, the smoothed losses and the network after epochs of so many updates."""
    given = initialise(cell, K, m, seed=3, init_scale=0.1)
    (learning,) = begin(given, T, [1], optimiser=optimiser)
    record, done, smooth = np.zeros((4, sum(epochs))), 0, np.nan
    for count in epochs:
        learning.work.states[:, 0] = 0
        now, plan = Record(*record[:, done : done + count]), Plan(np.full(count, 0.01), 0.5, 0.0)
        loop, _, _ = loops(cell, optimiser, clip_by)
        assert loop(learning, text[None], plan, 0, done, smooth, now) == count
        done, smooth = done + count, now.smoothed[-1]
    return record[0], record[1], given


@pytest.mark.parametrize(
    ("cell", "optimiser", "clip_by"),
    [
        ("rnn", "adagrad", "value"),
        ("rnn", "adam", "norm"),
        ("gru", "rmsprop", "value"),
        ("lstm", "adam", "value"),
    ],
)
def test_the_first_updates_are_those_of_python(
    view: Page, cell: str, optimiser: str, clip_by: str
) -> None:
    text = TEXT[: 40 * T + 5]  # an epoch has 40 updates
    losses, smoothed, after = in_python(cell, optimiser, clip_by, text, [40, 40, 20])
    start = initialise(cell, K, m, seed=3, init_scale=0.1).theta.tolist()
    settings = {"optimiser": optimiser, "rate": 0.01, "clip": 0.5, "clipBy": clip_by, "T": T}
    found = view.evaluate(RUN, [shape(cell), start, text.tolist(), settings, 100])
    assert np.abs(np.array(found["losses"]) / losses - 1).max() < 1e-9
    assert np.abs(np.array(found["smoothed"]) / smoothed - 1).max() < 1e-9
    assert difference(found["weights"], after.theta) < 1e-9
    assert losses[-20:].mean() < 0.97 * losses[:20].mean()  # it has learned


def test_what_the_page_trains_with_is_python_s(view: Page) -> None:
    found = view.evaluate("[cells, optimisers, clips].map(Object.keys)")
    assert set(found[0]) == set(SCRIPTED)
    assert set(found[1]) <= set(OPTIMISERS)
    assert set(found[2]) <= set(CLIPS)
    rates = view.evaluate("Object.entries(optimisers).map(([name, { rate }]) => [name, rate])")
    assert dict(rates) == {name: OPTIMISERS[name].rate for name in found[1]}


def test_divergence_is_noticed(view: Page) -> None:
    count = initialise("rnn", K, m, seed=3).theta.size
    settings = {"optimiser": "adagrad", "rate": 0.1, "clip": 5, "clipBy": "value", "T": T}
    weights = "shape, Float64Array.from(weights, (w) => w ?? NaN)"
    found = view.evaluate(
        RUN.replace("shape, Float64Array.from(weights)", weights),
        [shape("rnn"), [None] * count, TEXT.tolist(), settings, 100],
    )
    assert (found["diverged"], found["losses"]) == (True, [])


def test_it_measures_after_certain_updates_whatever_they_take(view: Page) -> None:
    settings = {
        "optimiser": "adagrad",
        "rate": 0.1,
        "clip": 5,
        "clipBy": "value",
        "T": T,
        "seed": 1,
    }
    weights = initialise("rnn", K, m, seed=3).theta
    found = view.evaluate(
        """([shape, weights, text, settings]) => {
             weights = Float64Array.from(weights);
             const heldOut = text.slice(0, 50);
             const training = slicedRun({ shape, weights, text, heldOut, settings });
             while (training.run.step < 1001) training.slice(5);
             return [training.measured.map(([step]) => step), training.found.step];
           }""",
        [shape("rnn"), weights.tolist(), TEXT.tolist(), settings],
    )
    assert {0, 100, 300, 1000} <= set(found[0])
    assert found[0][-1] == found[1]


@pytest.mark.parametrize("cell", SCRIPTED)
def test_the_held_out_loss_is_that_of_python(view: Page, cell: str) -> None:
    given, states = network(cell), np.full((CELLS[cell].STATES, m), 0.2)
    for count in (2, 26, 130):
        found = view.evaluate(
            f"""([shape, weights, text, state]) => ({ALL})(heldOutLoss(
                 shape, Float64Array.from(weights), Int32Array.from(text),
                 Float64Array.from(state)))""",
            [shape(cell), given.theta.tolist(), TEXT[:count].tolist(), states.ravel().tolist()],
        )
        assert abs(found / evaluate(given, TEXT[:count], states) - 1) < 1e-12
    assert evaluate(given, TEXT[:130], states) > 1


def test_a_sample_is_that_of_python(view: Page) -> None:
    given, states = network("gru"), np.full((1, m), 0.2)
    found = view.evaluate(
        f"""([shape, weights, state]) => ({ALL})(writing(
             network({{ ...shape, weights: Float64Array.from(weights) }}),
             Float64Array.from(state), 3, 100, generator(9, {EVOLUTION})))""",
        [shape("gru"), given.theta.tolist(), states.ravel().tolist()],
    )
    assert found == write(given, states, 3, 100, random=generator(9, EVOLUTION)).tolist()


def test_the_spectral_radius_is_that_of_the_eigenvalues(view: Page) -> None:
    rng = np.random.default_rng(3)
    matrices = [rng.normal(0, scale, (40, 40)) for scale in (0.01, 1.0, 30.0)]
    matrices += [np.diag([0.5, -2.0]), np.zeros((3, 3))]
    for W in matrices:
        found = view.evaluate(
            f"([W, m]) => ({ALL})(spectralRadius(Float64Array.from(W), m))",
            [W.ravel().tolist(), len(W)],
        )
        assert abs(found - spectral_radius(W)) <= 0.01 * spectral_radius(W)


@pytest.mark.parametrize("cell", SCRIPTED)
def test_adapting_is_that_of_python(view: Page, cell: str) -> None:
    given, states = network(cell), np.full((CELLS[cell].STATES, m), 0.2)
    known, text, way = TEXT[:1000], TEXT[2000:2215], Way(0.05, 0.003)
    size = sizes(given, known, states)
    found = view.evaluate(
        f"""([shape, weights, known, text, state, way]) => {{
             const trained = Float64Array.from(weights), adapted = trained.slice();
             state = Float64Array.from(state);
             const sizes = ({ALL})(gradientSizes(shape, trained, known, state));
             const read = [...adapting(shape, trained, adapted, text, state, way, sizes)];
             return {{ sizes: [...sizes], weights: [...adapted], read: read.filter(Boolean) }};
           }}""",
        [
            *(shape(cell), given.theta.tolist(), known.tolist(), text.tolist()),
            *(states.ravel().tolist(), way),
        ],
    )
    assert difference(found["sizes"], size) < 1e-12
    assert difference(found["weights"], adapted(given, text, states, way, size).theta) < 1e-11
    for name, how in (("loss", way), ("still", Way(0, 0))):
        nats = surprise(adapting(given, text, states, how, size), text)
        expected = [nats[start : start + 20].sum() for start in range(0, len(nats), 20)]
        assert difference([one[name] for one in found["read"]], expected) < 1e-11
