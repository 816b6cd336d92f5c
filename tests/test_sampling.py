"""Sampling: characters are drawn with the right probabilities, and a prime text is continued."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnn.errors import InputError
from rnn.numerics.generator import EVOLUTION, PASSAGE, generator
from rnn.sampling import adjust, compose, draw, sample, write
from rnn.text import encode
from tests import reference

Array = NDArray[Any]
quick = settings(deadline=None, max_examples=100)
cells = pytest.mark.parametrize("cell", reference.CELLS)
numbers = st.floats(0, 1, exclude_max=True)


@st.composite
def probabilities(draw_value: Any) -> Array:
    """Draw some probabilities, a few of them zero."""
    parts = st.lists(st.one_of(st.just(0.0), st.floats(1e-6, 1)), min_size=1, max_size=8)
    P = np.array(draw_value(parts.filter(any)))
    shares: Array = P / P.sum()
    return shares


@quick
@given(probabilities(), numbers)
def test_draw_is_a_search_in_the_running_sum(P: Array, number: float) -> None:
    k = draw(P, number)
    assert P[k] > 0, "what has no probability is never drawn"
    expected = int(np.searchsorted(np.cumsum(P), number, side="right"))
    assert k == min(expected, int(np.flatnonzero(P)[-1]))


def test_draw_at_the_borders() -> None:
    P = np.array([0.0, 0.25, 0.0, 0.75, 0.0])
    assert [draw(P, number) for number in (0, 0.2499, 0.25, 0.9999)] == [1, 1, 3, 3]
    # Rounding makes these sum to less than 1; the last possible character is drawn then.
    assert draw(np.array([0.5, 0.4, 0.0]), 0.95) == 1


def test_draws_come_as_often_as_is_probable() -> None:
    P, n = np.array([0.5, 0.2, 0.0, 0.3]), 20_000
    counts = np.bincount([draw(P, (i + 0.5) / n) for i in range(n)], minlength=4)
    assert np.abs(counts - n * P).max() <= 1


@pytest.mark.parametrize("run", [adjust, reference.uncompiled(adjust)])
@pytest.mark.parametrize("temperature", [0.1, 0.5, 0.8, 1, 1.5, 10])
@pytest.mark.parametrize("top_p", [1, 0.9, 0.5, 1e-9])
def test_temperature_and_top_p(run: Any, temperature: float, top_p: float) -> None:
    for seed in range(10):
        P = np.random.default_rng(seed).dirichlet(np.full(7, 0.7))
        expected = reference.adjust(P, temperature, top_p)
        run(P, float(temperature), float(top_p))
        assert np.allclose(P, expected, rtol=1e-11, atol=1e-15)


def test_without_them_nothing_changes() -> None:
    P = np.random.default_rng(1).dirichlet(np.ones(9))
    before = P.copy()
    adjust(P, 1.0, 1.0)
    assert np.array_equal(P, before)


@quick
@given(probabilities(), st.floats(0.01, 1))
def test_top_p_keeps_the_smallest_likeliest_set(P: Array, top_p: float) -> None:
    kept = P.copy()
    adjust(kept, 1.0, top_p)
    mine, others = P[kept > 0], P[kept == 0]
    assert kept.sum() == pytest.approx(1)
    assert mine.min() >= others.max(initial=0)
    assert mine.sum() >= top_p - 1e-9
    assert mine.sum() - mine.min() < top_p + 1e-9, "one fewer would do"


def test_top_p_takes_the_first_of_equals() -> None:
    P = np.full(4, 0.25)
    adjust(P, 1.0, 0.5)
    assert P.tolist() == [0.5, 0.5, 0, 0]


@pytest.mark.parametrize("temperature", [0.05, 0.7, 3])
def test_the_impossible_stays_impossible_at_any_temperature(temperature: float) -> None:
    P = np.array([0.6, 0.0, 0.4])
    adjust(P, float(temperature), 1.0)
    assert P[1] == 0
    assert np.isfinite(P).all()


def test_a_very_low_temperature_takes_the_likeliest() -> None:
    P = np.array([0.3, 0.4, 0.3])
    adjust(P, 1e-4, 1.0)
    assert P.tolist() == [0, 1, 0]


@cells
@pytest.mark.parametrize(("temperature", "top_p"), [(1.0, 1.0), (0.6, 1.0), (1.3, 0.8)])
def test_text_is_that_of_the_slow_network(cell: str, temperature: float, top_p: float) -> None:
    model = reference.small_model(cell=cell)
    weights = reference.weights(model.network)
    text = write(
        model.network,
        model.states,
        2,
        300,
        temperature=temperature,
        top_p=top_p,
        random=generator(400, EVOLUTION),
    )
    random = reference.Sfc32(400, EVOLUTION)
    slow = reference.write(weights, model.states, 2, 300, random, temperature, top_p, cell)
    assert text.tolist() == slow
    assert len(set(slow)) > 1


@cells
def test_sample_can_go_on_where_it_stopped(cell: str) -> None:
    model = reference.small_model(cell=cell)
    network = model.network
    whole = write(network, model.states, 1, 50, random=generator(1, PASSAGE))

    work = network.workspace(1, 1)
    work.states[:, 0, 0] = model.states
    random = generator(1, PASSAGE)
    parts: list[int] = []
    first = 1
    for length in (1, 20, 29):
        text = np.zeros(length, np.int64)
        network.loop(sample)(network.p, work, first, 1.0, 1.0, random, text)
        parts, first = [*parts, *text.tolist()], int(text[-1])
    assert parts == whole.tolist()


@cells
def test_writing_changes_neither_model_nor_state(cell: str) -> None:
    model = reference.small_model(cell=cell)
    theta, states = model.network.theta.copy(), model.states.copy()
    compose(model, 30)
    compose(model, 30, prime="abc")
    assert np.array_equal(model.network.theta, theta)
    assert np.array_equal(model.states, states)


@cells
def test_without_a_prime_it_goes_on_from_the_models_state(cell: str) -> None:
    model = reference.small_model(cell=cell)
    weights = reference.weights(model.network)
    random = reference.Sfc32(8, PASSAGE)
    slow = reference.write(weights, model.states, model.first, 100, random, cell=cell)
    assert compose(model, 100, seed=8) == "".join(model.vocabulary[i] for i in slow)


@cells
@pytest.mark.parametrize("prime", ["a", "ab", "b c\néa"])
def test_a_prime_is_read_from_a_zero_state(cell: str, prime: str) -> None:
    model = reference.small_model(cell=cell)
    weights = reference.weights(model.network)
    indices = np.array([model.vocabulary.index(c) for c in prime])
    states, _ = reference.forward(weights, indices[:-1], np.zeros_like(model.states), cell)
    random = reference.Sfc32(8, PASSAGE)
    slow = reference.write(weights, states[-1], int(indices[-1]), 100, random, cell=cell)
    assert compose(model, 100, prime=prime, seed=8) == "".join(model.vocabulary[i] for i in slow)


def test_a_prime_is_put_in_small_letters_as_the_book_was() -> None:
    assert compose(reference.small_model(), 40, prime="ABÉ") == compose(
        reference.small_model(), 40, prime="abé"
    )
    with pytest.raises(InputError, match=r"'A' \(U\+0041\)"):
        compose(reference.small_model(lowercase=False), 40, prime="Ab")


def test_a_prime_that_the_book_can_not_write_is_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"'x' \(U\+0078\), '€' \(U\+20AC\)") as refusal:
        compose(reference.small_model(), 10, prime="ab€x")
    assert "\n" not in str(refusal.value)


def test_the_seed_decides() -> None:
    model = reference.small_model()
    assert compose(model, 60, seed=1) == compose(model, 60, seed=1)
    assert compose(model, 60, seed=1) != compose(model, 60, seed=2)
    assert compose(model, 60, seed=1)[:20] == compose(model, 20, seed=1)
    assert compose(model, 0) == ""


def test_the_sample_holds_only_characters_of_the_book() -> None:
    model = reference.small_model()
    assert set(compose(model, 200, temperature=5.0)) <= set(model.vocabulary)
    indices = encode(compose(model, 50, temperature=0.05), model.vocabulary)
    assert indices.max() < len(model.vocabulary)
