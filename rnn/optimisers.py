"""What a gradient does to the parameters: clipping and the update rules.

All rules have one form, so that the training loop can be compiled with any of them:
`rule(theta, gradient, memory, rate, step)` updates the parameters (n,) and its memory (rows, n), at
first zeros, in place; `step` counts the updates made before.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.numerics.compiled import compiled
from rnn.numerics.elementary import inverse_sqrt


@compiled
def clip(gradient: NDArray[Any], limit: float) -> float:
    """Limit every entry to [-limit, limit], in place; return the share of entries clipped.

    >>> g = np.array([-7.0, 1.0])
    >>> print(clip(g, 5.0), g)
    0.5 [-5.  1.]
    """
    top = gradient.dtype.type(limit)
    beyond = 0
    for i in range(gradient.size):
        beyond += abs(gradient[i]) > top
        gradient[i] = min(max(gradient[i], -top), top)
    return beyond / gradient.size


@compiled
def clip_norm(gradient: NDArray[Any], limit: float) -> float:
    """Scale the gradient, in place, so that its norm is at most the limit.

    Return 1 if it was scaled, else 0 (Pascanu, Mikolov and Bengio, 2013).
    """
    norm = np.sqrt(np.dot(gradient, gradient))
    if norm <= limit:
        return 0.0
    scale = gradient.dtype.type(limit / norm)
    for i in range(gradient.size):
        gradient[i] *= scale
    return 1.0


@compiled
def adagrad(
    theta: NDArray[Any],
    gradient: NDArray[Any],
    memory: NDArray[Any],
    rate: float,
    step: int,  # noqa: ARG001  Adam needs it
) -> None:
    """AdaGrad (Duchi, Hazan and Singer, 2011).

    s <- s + g^2;  theta <- theta - rate g / sqrt(s + 1e-8)
    """
    s = memory[0]
    eta, eps = theta.dtype.type(rate), theta.dtype.type(1e-8)
    for i in range(theta.size):
        s[i] += gradient[i] * gradient[i]
        theta[i] -= eta * gradient[i] * inverse_sqrt(s[i] + eps)


@compiled
def rmsprop(
    theta: NDArray[Any],
    gradient: NDArray[Any],
    memory: NDArray[Any],
    rate: float,
    step: int,  # noqa: ARG001  Adam needs it
) -> None:
    """RMSProp (Tieleman and Hinton, 2012), in PyTorch's form.

    s <- 0.99 s + 0.01 g^2;  theta <- theta - rate g / (sqrt(s) + 1e-8)
    """
    s = memory[0]
    eta, eps = theta.dtype.type(rate), theta.dtype.type(1e-8)
    keep, new = theta.dtype.type(0.99), theta.dtype.type(1 - 0.99)
    for i in range(theta.size):
        s[i] = keep * s[i] + new * gradient[i] * gradient[i]
        theta[i] -= eta * gradient[i] / (np.sqrt(s[i]) + eps)


@compiled
def adam(
    theta: NDArray[Any], gradient: NDArray[Any], memory: NDArray[Any], rate: float, step: int
) -> None:
    """Adam (Kingma and Ba, 2015).

    v <- 0.9 v + 0.1 g;  s <- 0.999 s + 0.001 g^2;  theta <- theta - rate v / (sqrt(s) + 1e-8),
    where the t-th update divides v by 1 - 0.9^t and s by 1 - 0.999^t to remove their bias.
    """
    v, s = memory[0], memory[1]
    number = theta.dtype.type
    slow, keep = number(0.9), number(0.999)
    fast, new = number(1 - 0.9), number(1 - 0.999)
    eta = number(rate / (1 - 0.9 ** (step + 1)))
    unbias, eps = number(1 / np.sqrt(1 - 0.999 ** (step + 1))), number(1e-8)
    for i in range(theta.size):
        v[i] = slow * v[i] + fast * gradient[i]
        s[i] = keep * s[i] + new * gradient[i] * gradient[i]
        theta[i] -= eta * v[i] / (np.sqrt(s[i]) * unbias + eps)


class Optimiser(NamedTuple):
    """An update rule.

    Attributes
    ----------
    update
        The function, of the form given at the top of this file.
    rows
        The rows of its memory.
    rate
        Its default learning rate.
    rule
        What it does to a gradient g, in Markdown with one displayed equation. In a report it
        follows the sentence on clipping.
    """

    update: Callable[..., None]
    rows: int
    rate: float
    rule: str


OPTIMISERS = {
    "adagrad": Optimiser(
        adagrad,
        rows=1,
        rate=0.1,
        rule=r"""Then AdaGrad gives each parameter its own step size, which shrinks as the
squares of its gradients add up:

$$ s \leftarrow s + g^2, \qquad
   \theta \leftarrow \theta - \eta \frac{g}{\sqrt{s + \varepsilon}}. $$""",
    ),
    "adam": Optimiser(
        adam,
        rows=2,
        rate=0.002,
        rule=r"""Then Adam keeps a running mean $v$ of the gradient and divides it, parameter by
parameter, by the square root of a running mean $s$ of its square:

$$ v \leftarrow \beta_1 v + (1 - \beta_1) g, \qquad
   s \leftarrow \beta_2 s + (1 - \beta_2) g^2, \qquad
   \theta \leftarrow \theta - \eta \frac{\hat v}{\sqrt{\hat s} + \varepsilon}. $$

Both means start at zero. The hats correct for that: at the $t$-th update,
$\hat v = v / (1 - \beta_1^t)$ and $\hat s = s / (1 - \beta_2^t)$.""",
    ),
    "rmsprop": Optimiser(
        rmsprop,
        rows=1,
        rate=0.002,
        rule=r"""Then RMSProp gives each parameter its own step size, smaller where its
recent gradients were larger:

$$ s \leftarrow \rho s + (1 - \rho) g^2, \qquad
   \theta \leftarrow \theta - \eta \frac{g}{\sqrt{s} + \varepsilon}. $$""",
    ),
}
CLIPS: dict[str, Callable[..., float]] = {"value": clip, "norm": clip_norm}
SCHEDULES = ("constant", "cosine")


def learning_rates(
    base: float, start: int, count: int, total: int, *, schedule: str = "constant", warmup: int = 0
) -> NDArray[np.float64]:
    """Return the learning rates of successive updates, of shape (count,).

    Parameters
    ----------
    base
        The highest rate.
    start, count
        The first of the updates, and their number.
    total
        The updates of the whole run.
    schedule
        "constant", or "cosine": from the base to 0 along half a cosine (Loshchilov and Hutter,
        2017).
    warmup
        Updates at the beginning over which the rate rises linearly from 0.

    Examples
    --------
    >>> learning_rates(0.1, start=0, count=4, total=4, schedule="cosine").round(3)
    array([0.1  , 0.085, 0.05 , 0.015])
    """
    step = np.arange(start, start + count)
    rates = np.full(count, base)
    if schedule == "cosine":
        done = np.clip((step - warmup) / max(total - warmup, 1), 0, 1)
        rates = base * (1 + np.cos(np.pi * done)) / 2
    return np.minimum(1.0, (step + 1) / warmup) * rates if warmup else rates
