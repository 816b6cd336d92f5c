"""The loop of the course's notebooks: NumPy, one-hot columns, and a diagonal matrix for tanh'.

As in the assignment's equations, the forward pass keeps every intermediate vector, and the loss is
computed by a function of its own, which makes a second forward pass.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.task import CLIP, EPS, Arrays, Task

Columns = NDArray[Any]


def softmax(o: Columns) -> Columns:
    """Return the probabilities of a column."""
    e: Columns = np.exp(o - np.max(o, axis=0))
    e /= np.sum(e, axis=0)
    return e


def forward(X: Columns, h0: Columns, rnn: Arrays) -> tuple[Columns, Columns]:
    """Return the states (m, T + 1), the first being h0, and the probabilities (K, T)."""
    T = X.shape[1]
    H = np.zeros((len(h0), T + 1), X.dtype)
    P = np.zeros(X.shape, X.dtype)
    h = h0
    H[:, [0]] = h0
    for t in range(T):
        a = rnn["W"] @ h + rnn["U"] @ X[:, [t]] + rnn["b"]
        h = np.tanh(a)
        o = rnn["V"] @ h + rnn["c"]
        P[:, [t]] = softmax(o)
        H[:, [t + 1]] = h
    return H, P


def compute_loss(X: Columns, Y: Columns, h0: Columns, rnn: Arrays) -> float:
    """Return the cross-entropy of a sequence."""
    _, P = forward(X, h0, rnn)
    return float(-np.sum(np.log(np.sum(Y * P, axis=0))))


def backward(X: Columns, Y: Columns, H: Columns, P: Columns, rnn: Arrays) -> Arrays:
    """Return the gradients of the loss."""
    T = X.shape[1]
    grads = {name: np.zeros_like(value) for name, value in rnn.items()}
    grad_a = np.zeros((1, len(H)), X.dtype)
    for t in range(T - 1, -1, -1):
        g = -(Y[:, [t]] - P[:, [t]]).T
        grads["V"] += g.T @ H[:, [t + 1]].T
        grads["c"] += g.T
        grad_h = g @ rnn["V"] + grad_a @ rnn["W"]
        grad_a = grad_h @ np.diag(1 - H[:, t + 1] ** 2)
        grads["W"] += grad_a.T @ H[:, [t]].T
        grads["U"] += grad_a.T @ X[:, [t]].T
        grads["b"] += grad_a.T
    return grads


class Peer:
    """The network and AdaGrad, as dictionaries of arrays."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.rnn = {
            name: value.copy() if value.ndim == 2 else value[:, None].copy()
            for name, value in task.initial.items()
        }
        self.s = {name: np.zeros_like(value) for name, value in self.rnn.items()}

    def _one_hot(self, indices: NDArray[Any]) -> Columns:
        X = np.zeros((self.task.K, len(indices)), self.task.dtype)
        X[indices, np.arange(len(indices))] = 1
        return X

    def train(self, count: int) -> NDArray[np.float64]:
        """Make updates and return the losses."""
        losses = np.zeros(count)
        h = np.zeros((self.task.m, 1), self.task.dtype)
        for k, (x, y) in enumerate(self.task.sequences(count)):
            X, Y = self._one_hot(x[:, 0]), self._one_hot(y[:, 0])
            H, P = forward(X, h, self.rnn)
            grads = backward(X, Y, H, P, self.rnn)
            losses[k] = compute_loss(X, Y, h, self.rnn)
            for name, value in self.rnn.items():
                g = np.clip(grads[name], -CLIP, CLIP)
                self.s[name] += g**2
                value -= self.task.rate * g / np.sqrt(self.s[name] + EPS)
            h = H[:, [-1]]
        return losses

    def gradient(self) -> Arrays:
        """Return the gradient for the first sequence."""
        x, y = next(self.task.sequences(1))
        X, Y = self._one_hot(x[:, 0]), self._one_hot(y[:, 0])
        H, P = forward(X, np.zeros((self.task.m, 1), self.task.dtype), self.rnn)
        return _flat_biases(backward(X, Y, H, P, self.rnn))

    def weights(self) -> Arrays:
        """Return the weights."""
        return _flat_biases(self.rnn)


def _flat_biases(rnn: Arrays) -> Arrays:
    return {name: value.ravel() if name in "bc" else value for name, value in rnn.items()}
