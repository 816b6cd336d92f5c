"""Clipping, the update rules and the schedules, against loops over plain Python numbers."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnn.optimisers import (
    CLIPS,
    OPTIMISERS,
    SCHEDULES,
    adagrad,
    adam,
    clip,
    clip_norm,
    learning_rates,
    rmsprop,
)
from tests.reference import direction, uncompiled

Array = NDArray[Any]
Slow = Callable[[list[float], list[list[float]], float], list[float]]

# Clipping.


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), st.floats(1e-3, 100))
def test_clip_limits_and_tells_the_share(values: list[float], limit: float) -> None:
    gradient = np.array(values, float)
    assert clip(gradient, limit) == sum(abs(value) > limit for value in values) / len(values)
    assert gradient.tolist() == [max(-limit, min(limit, value)) for value in values]


def test_clip_at_the_very_limit() -> None:
    gradient = np.array([5.0, -5.0, np.nextafter(5, 6), -np.inf])
    assert clip(gradient, 5.0) == 0.5
    assert gradient.tolist() == [5, -5, 5, -5]


def test_clip_keeps_float32() -> None:
    gradient = np.array([0.5, -3, 2], np.float32)
    assert clip(gradient, 0.1) == 1
    assert gradient.tolist() == np.array([0.1, -0.1, 0.1], np.float32).tolist()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), st.floats(1e-3, 100))
def test_clip_norm_limits_the_norm_and_keeps_the_direction(
    values: list[float], limit: float
) -> None:
    gradient = np.array(values, float)
    norm = math.sqrt(math.fsum(value * value for value in values))
    beyond = clip_norm(gradient, limit)
    if abs(norm - limit) > 1e-9 * limit:
        assert beyond == (norm > limit)
    shrunk = min(1, limit / norm) if norm else 1
    assert np.allclose(gradient, np.multiply(values, shrunk), rtol=1e-12, atol=0)


def test_clip_norm_below_the_limit_changes_no_bit() -> None:
    gradient = np.random.default_rng(1).normal(0, 1, 9)
    before = gradient.copy()
    assert clip_norm(gradient, 100.0) == 0
    assert np.array_equal(gradient, before)
    assert clip_norm(np.zeros(3), 1.0) == 0
    gradient = np.array([3.0, -4.0])
    assert clip_norm(gradient, 5.0) == 0, "at the very limit"
    assert clip_norm(gradient, 1.0) == 1
    assert np.allclose(gradient, [0.6, -0.8], rtol=1e-15)


def test_clip_norm_keeps_float32() -> None:
    gradient = np.array([3, -4], np.float32)
    assert clip_norm(gradient, 0.1) == 1
    assert gradient.dtype == np.float32
    assert np.allclose(gradient, [0.06, -0.08], rtol=1e-6)


@pytest.mark.parametrize("name", CLIPS)
def test_clips_uncompiled_are_the_same(name: str) -> None:
    for limit in (0.5, 3.0, 100.0):
        fast = np.random.default_rng(2).normal(0, 2, 20)
        slow = fast.copy()
        assert CLIPS[name](fast, limit) == uncompiled(CLIPS[name])(slow, limit)
        assert np.allclose(fast, slow, rtol=1e-14, atol=0)


def test_clips_by_name() -> None:
    assert CLIPS["value"] is clip
    assert CLIPS["norm"] is clip_norm
    assert len(CLIPS) == 2


# The update rules.


def slow_adagrad(theta: list[float], gradients: list[list[float]], rate: float) -> list[float]:
    """Return the parameters after some updates, one parameter after the other.

    Duchi, Hazan and Singer (2011), the diagonal case: G_t = sum of the squares of all gradients so
    far, x_{t+1} = x_t - rate g_t / sqrt(G_t); with the assignment's 1e-8 under the root.
    """
    result = []
    for i, value in enumerate(theta):
        G, x = 0.0, value
        for g in gradients:
            G += g[i] ** 2
            x -= rate * g[i] / math.sqrt(G + 1e-8)
        result.append(x)
    return result


def slow_rmsprop(theta: list[float], gradients: list[list[float]], rate: float) -> list[float]:
    """Return the parameters after some updates, one parameter after the other.

    Tieleman and Hinton (2012), slide 29: a running mean of the squares, and the gradient is divided
    by its root. The decay is 0.99 (the slide has 0.9), and 1e-8 is added to the root.
    """
    result = []
    for i, value in enumerate(theta):
        mean_square, x = 0.0, value
        for g in gradients:
            mean_square = 0.99 * mean_square + 0.01 * g[i] ** 2
            x -= rate * g[i] / (math.sqrt(mean_square) + 1e-8)
        result.append(x)
    return result


def slow_adam(theta: list[float], gradients: list[list[float]], rate: float) -> list[float]:
    """Return the parameters after some updates, one parameter after the other.

    Kingma and Ba (2015), algorithm 1, line by line, with its default values.
    """
    beta1, beta2, eps = 0.9, 0.999, 1e-8
    result = []
    for i, value in enumerate(theta):
        mean, square, x = 0.0, 0.0, value
        for t, g in enumerate(gradients, 1):
            mean = beta1 * mean + (1 - beta1) * g[i]
            square = beta2 * square + (1 - beta2) * g[i] ** 2
            unbiased_mean = mean / (1 - beta1**t)
            unbiased_square = square / (1 - beta2**t)
            x -= rate * unbiased_mean / (math.sqrt(unbiased_square) + eps)
        result.append(x)
    return result


SLOW: dict[str, Slow] = {"adagrad": slow_adagrad, "adam": slow_adam, "rmsprop": slow_rmsprop}
rules = pytest.mark.parametrize("name", SLOW)


def updated(name: str, start: Array, gradients: Array, rate: float, way: Any = None) -> Array:
    """Return the parameters after an update for each gradient."""
    run = (way or (lambda function: function))(OPTIMISERS[name].update)
    theta = start.copy()
    memory = np.zeros((OPTIMISERS[name].rows, theta.size), theta.dtype)
    for step, gradient in enumerate(gradients):
        before = gradient.copy()
        run(theta, gradient, memory, rate, step)
        assert np.array_equal(gradient, before), "the gradient is not the optimiser's to change"
    assert theta.dtype == memory.dtype == start.dtype
    return theta


def example(updates: int = 40, size: int = 6) -> tuple[Array, Array]:
    """Return parameters and gradients, some of them zero, some small, some large."""
    random = np.random.default_rng(1)
    gradients = random.normal(0, 3, (updates, size)) * 10.0 ** np.arange(-3, size - 3)
    return random.normal(0, 1, size), gradients * (random.uniform(size=gradients.shape) > 0.3)


@rules
@pytest.mark.parametrize("way", [None, uncompiled], ids=["compiled", "uncompiled"])
def test_a_rule_is_the_papers(name: str, way: Any) -> None:
    start, gradients = example()
    theta = updated(name, start, gradients, 0.1, way)
    slow = SLOW[name](start.tolist(), gradients.tolist(), 0.1)
    assert np.allclose(theta, slow, rtol=1e-12, atol=1e-13)


@rules
def test_a_rule_in_closed_form(name: str) -> None:
    """The closed forms that the tests of training use."""
    start, gradients = example(7)
    theta = start.copy()
    for step in range(7):
        theta = theta - 0.1 * direction(name, list(gradients[: step + 1]))
    assert np.allclose(updated(name, start, gradients, 0.1), theta, rtol=1e-12, atol=1e-13)


@rules
def test_a_rule_keeps_float32(name: str) -> None:
    start, gradients = example(10, 4)
    found = updated(name, start.astype(np.float32), gradients.astype(np.float32), 0.1)
    slow = SLOW[name](start.tolist(), gradients.tolist(), 0.1)
    assert np.allclose(found, slow, rtol=1e-5, atol=1e-6)


@rules
def test_the_first_step_is_of_a_known_size(name: str) -> None:
    """AdaGrad and Adam divide by the gradient's own size; RMSProp by a tenth of it."""
    theta = updated(name, np.zeros(3), np.array([[4.0, -0.5, 0.0]]), 0.1)
    step = 1.0 if name == "rmsprop" else 0.1
    assert np.allclose(theta, [-step, step, 0], rtol=1e-6)


def test_memory_is_what_the_papers_call_it() -> None:
    gradients = example(3)[1]
    memory = np.zeros((1, 6))
    for step in range(3):
        adagrad(np.zeros(6), gradients[step], memory, 0.1, step)
    assert np.allclose(memory[0], (gradients**2).sum(axis=0), rtol=1e-14)
    memory = np.zeros((1, 6))
    rmsprop(np.zeros(6), gradients[0], memory, 0.1, 0)
    assert np.allclose(memory[0], 0.01 * gradients[0] ** 2, rtol=1e-14)
    memory = np.zeros((2, 6))
    adam(np.zeros(6), gradients[0], memory, 0.1, 0)
    assert np.allclose(memory, [0.1 * gradients[0], 0.001 * gradients[0] ** 2], rtol=1e-12)


def test_adam_after_many_updates() -> None:
    """0.999^t has long underflowed to 0 when a run ends."""
    theta, memory = np.zeros(2), np.full((2, 2), 0.25)
    adam(theta, np.array([0.25, 0.25]), memory, 0.1, 10**9)
    assert np.allclose(theta, -0.1 * 0.25 / np.sqrt(0.999 * 0.25 + 0.001 / 16), rtol=1e-7)


def test_each_rule_has_its_own_rate() -> None:
    assert {name: rule.rate for name, rule in OPTIMISERS.items()} == {
        "adagrad": 0.1,
        "adam": 0.002,
        "rmsprop": 0.002,
    }


# Against PyTorch.

START = [0.5, -1.0, 2.0, 0.0]
GRADIENTS = [[0.3, -2.0, 0.0, 1e-3], [-0.1, -4.0, 0.5, 2e-3], [0.2, 3.0, -0.5, -1e-3]]


def torch_updated(torch: Any, name: str) -> list[list[float]]:
    """Return the parameters after each update by PyTorch, at the rate 0.1.

    PyTorch's AdaGrad adds its eps to the root, the assignment's adds it under the root. So the sum
    of the squares starts at the assignment's eps.
    """
    theta = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    rule = {
        "adagrad": lambda: torch.optim.Adagrad(
            [theta], lr=0.1, initial_accumulator_value=1e-8, eps=0
        ),
        "adam": lambda: torch.optim.Adam([theta], lr=0.1),
        "rmsprop": lambda: torch.optim.RMSprop([theta], lr=0.1),
    }[name]()
    found = []
    for gradient in GRADIENTS:
        theta.grad = torch.tensor(gradient, dtype=torch.float64)
        rule.step()
        found.append(theta.tolist())
    return found


# Made with torch 2.13.0+cpu: torch_updated(torch, name).
TORCH = {
    "adagrad": [
        [0.4000000055555551, -0.9000000001249999, 2.0, -0.09950371902099892],
        [0.4316227805761002, -0.810557281047369, 1.9000000019999999, -0.18885712934275298],
        [0.3781705341026241, -0.8662658824908797, 1.9707106794115479, -0.14806627852035276],
    ],
    "adam": [
        [0.4000000033333332, -0.9000000005, 2.0, -0.09999900000999991],
        [0.35997814792808075, -0.8034817982229947, 1.9255863197475123, -0.196516592252915],
        [0.2996695015761391, -0.7771362112100495, 1.9301045436145796, -0.23852522556402295],
    ],
    "rmsprop": [
        [-0.4999996666667773, -4.999999791976961e-08, 2.0, -0.9999000099989998],
        [-0.1823392985800209, 0.8953228920316125, 1.0000001999999606, -1.8951828937045232],
        [-0.7205085598594185, 0.33592118711504715, 1.7088813045057978, -1.4848982115180638],
    ],
}


@rules
def test_a_rule_is_as_pytorch_was(name: str) -> None:
    for updates in (1, 2, 3):
        theta = updated(name, np.array(START), np.array(GRADIENTS[:updates]), 0.1)
        assert np.allclose(theta, TORCH[name][updates - 1], rtol=1e-12, atol=1e-13), updates


@rules
def test_a_rule_is_as_pytorch_is(name: str) -> None:
    torch = pytest.importorskip("torch")
    assert np.allclose(torch_updated(torch, name), TORCH[name], rtol=1e-14, atol=1e-16)


# Schedules.


def test_constant() -> None:
    rates = learning_rates(0.1, 5, 3, 100)
    assert rates.tolist() == [0.1, 0.1, 0.1]
    assert rates.dtype == np.float64
    assert learning_rates(0.1, 5, 0, 100).size == 0


def test_cosine_goes_down_from_the_base_to_nearly_zero() -> None:
    rates = learning_rates(0.1, 0, 1000, 1000, schedule="cosine")
    assert rates[0] == 0.1
    assert rates[500] == pytest.approx(0.05)
    assert 0 < rates[-1] < 1e-5 * 0.1
    assert np.all(np.diff(rates) < 0)
    assert rates[250] == pytest.approx(0.1 * (1 + math.cos(math.pi / 4)) / 2)
    assert learning_rates(0.1, 999, 1, 1000, schedule="cosine").tolist() == [rates[-1]]


def test_warmup_is_a_straight_line() -> None:
    for schedule in SCHEDULES:
        rates = learning_rates(0.1, 0, 1000, 1000, schedule=schedule, warmup=50)
        assert np.allclose(rates[:50], 0.1 * np.arange(1, 51) / 50, rtol=1e-14)
        assert rates[49] == pytest.approx(0.1), "the whole rate"
        assert rates.max() <= 0.1
    assert rates[50] == pytest.approx(0.1), "and from there the cosine"
    assert rates[525] == pytest.approx(0.05)
    assert learning_rates(0.1, 0, 1000, 1000, warmup=50)[50:].tolist() == [0.1] * 950


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(SCHEDULES), st.integers(0, 30), st.integers(1, 60), st.integers(1, 60))
def test_rates_do_not_depend_on_how_they_are_asked_for(
    schedule: str, warmup: int, total: int, piece: int
) -> None:
    whole = learning_rates(0.3, 0, total, total, schedule=schedule, warmup=warmup)
    pieces = [
        learning_rates(
            0.3, start, min(piece, total - start), total, schedule=schedule, warmup=warmup
        )
        for start in range(0, total, piece)
    ]
    assert np.concatenate(pieces).tolist() == whole.tolist()
    assert np.all((whole > 0) & (whole <= 0.3))


def test_a_warmup_longer_than_the_run() -> None:
    rates = learning_rates(0.1, 0, 10, 10, schedule="cosine", warmup=100)
    assert np.allclose(rates, 0.1 * np.arange(1, 11) / 100, rtol=1e-14)
