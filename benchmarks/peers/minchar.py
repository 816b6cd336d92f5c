"""The loop of min-char-rnn: NumPy, one column after another, kept in dictionaries by time step.

Written in the manner of Karpathy's gist; `Wxh` is U, `Whh` is W, `Why` is V.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.task import CLIP, EPS, Arrays, Task

Column = NDArray[Any]


class Peer:
    """The weights and their AdaGrad memories."""

    def __init__(self, task: Task) -> None:
        self.task = task
        initial = task.initial
        self.Wxh, self.Whh, self.Why = (initial[name].copy() for name in "UWV")
        self.bh, self.by = (initial[name][:, None].copy() for name in "bc")
        self.memories = [np.zeros_like(w) for w in (self.Wxh, self.Whh, self.Why, self.bh, self.by)]

    def _loss_and_gradient(
        self, inputs: list[int], targets: list[int], before: Column
    ) -> tuple[float, list[Column], Column]:
        xs: dict[int, Column] = {}
        hs: dict[int, Column] = {-1: before}
        ps: dict[int, Column] = {}
        loss = 0.0
        for t, character in enumerate(inputs):
            xs[t] = np.zeros((self.task.K, 1), self.task.dtype)
            xs[t][character] = 1
            hs[t] = np.tanh(np.dot(self.Wxh, xs[t]) + np.dot(self.Whh, hs[t - 1]) + self.bh)
            ys = np.dot(self.Why, hs[t]) + self.by
            ps[t] = np.exp(ys) / np.sum(np.exp(ys))
            loss += -np.log(ps[t][targets[t], 0])

        weights = (self.Wxh, self.Whh, self.Why, self.bh, self.by)
        dWxh, dWhh, dWhy, dbh, dby = (np.zeros_like(w) for w in weights)
        dhnext = np.zeros_like(before)
        for t in reversed(range(len(inputs))):
            dy = np.copy(ps[t])
            dy[targets[t]] -= 1
            dWhy += np.dot(dy, hs[t].T)
            dby += dy
            dh = np.dot(self.Why.T, dy) + dhnext
            draw = (1 - hs[t] * hs[t]) * dh
            dbh += draw
            dWxh += np.dot(draw, xs[t].T)
            dWhh += np.dot(draw, hs[t - 1].T)
            dhnext = np.dot(self.Whh.T, draw)
        return loss, [dWxh, dWhh, dWhy, dbh, dby], hs[len(inputs) - 1]

    def train(self, count: int) -> NDArray[np.float64]:
        """Make updates and return the losses."""
        losses = np.zeros(count)
        h = np.zeros((self.task.m, 1), self.task.dtype)
        for n, (x, y) in enumerate(self.task.sequences(count)):
            losses[n], gradients, h = self._loss_and_gradient(x[:, 0].tolist(), y[:, 0].tolist(), h)
            for gradient in gradients:
                np.clip(gradient, -CLIP, CLIP, out=gradient)
            weights = (self.Wxh, self.Whh, self.Why, self.bh, self.by)
            for weight, gradient, memory in zip(weights, gradients, self.memories, strict=True):
                memory += gradient * gradient
                weight += -self.task.rate * gradient / np.sqrt(memory + EPS)
        return losses

    def gradient(self) -> Arrays:
        """Return the gradient for the first sequence."""
        x, y = next(self.task.sequences(1))
        zero = np.zeros((self.task.m, 1), self.task.dtype)
        _, gradients, _ = self._loss_and_gradient(x[:, 0].tolist(), y[:, 0].tolist(), zero)
        return _named(gradients)

    def weights(self) -> Arrays:
        """Return the weights."""
        return _named([self.Wxh, self.Whh, self.Why, self.bh, self.by])


def _named(arrays: list[Column]) -> Arrays:
    named = dict(zip("UWVbc", arrays, strict=True))
    return {name: value.ravel() if name in "bc" else value for name, value in named.items()}
