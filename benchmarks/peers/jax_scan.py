"""JAX: the updates of a whole epoch under one jit, as a scan over sequences."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from benchmarks.task import CLIP, EPS, Arrays, Task


def loss(p: Any, h: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """Return the loss of sequences x, y of shape (T, B) and the last state."""

    def step(h: Any, u: Any) -> tuple[Any, Any]:
        h = jnp.tanh(h @ p["W"].T + u)
        return h, h

    h, states = jax.lax.scan(step, h, p["U"].T[x] + p["b"])
    scores = jax.nn.log_softmax(states @ p["V"].T + p["c"])
    picked = jnp.take_along_axis(scores, y[..., None], axis=-1)
    return -picked.sum() / x.shape[1], h


def update(rate: float, carry: Any, xy: Any) -> tuple[Any, Any]:
    """Make one update by AdaGrad."""
    p, s, h = carry
    (value, h), g = jax.value_and_grad(loss, has_aux=True)(p, h, *xy)
    g = jax.tree.map(lambda g: jnp.clip(g, -CLIP, CLIP), g)
    s = jax.tree.map(lambda s, g: s + g * g, s, g)
    p = jax.tree.map(lambda p, s, g: p - rate * g / jnp.sqrt(s + EPS), p, s, g)
    return (p, s, h), value


def epoch(rate: float, p: Any, s: Any, x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Make the updates for sequences x, y of shape (n, T, B)."""
    h = jnp.zeros((x.shape[2], p["W"].shape[0]), p["W"].dtype)
    (p, s, _), losses = jax.lax.scan(partial(update, rate), (p, s, h), (x, y))
    return p, s, losses


class Peer:
    """The compiled epoch, the parameters and the memory of AdaGrad."""

    def __init__(self, task: Task) -> None:
        jax.config.update("jax_enable_x64", task.dtype == "float64")
        self.task = task
        self.p = {name: jnp.asarray(value) for name, value in task.initial.items()}
        self.s = jax.tree.map(jnp.zeros_like, self.p)
        x, y = zip(*task.sequences(task.updates), strict=True)
        self.x = jnp.asarray(np.array(x), jnp.int32)
        self.y = jnp.asarray(np.array(y), jnp.int32)
        self.epoch = jax.jit(partial(epoch, task.rate), donate_argnums=(0, 1))

    def train(self, count: int) -> NDArray[np.float64]:
        """Make updates and return the losses; a new count compiles the epoch again."""
        self.p, self.s, losses = self.epoch(self.p, self.s, self.x[:count], self.y[:count])
        return np.asarray(losses, np.float64)

    def gradient(self) -> Arrays:
        """Return the gradient for the first sequence."""
        h = jnp.zeros((self.task.B, self.task.m), self.task.dtype)
        g, _ = jax.jit(jax.grad(loss, has_aux=True))(self.p, h, self.x[0], self.y[0])
        return {name: np.array(value) for name, value in g.items()}

    def weights(self) -> Arrays:
        """Return the weights."""
        return {name: np.array(value) for name, value in self.p.items()}
