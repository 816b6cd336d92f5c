"""The task of every peer: a text, sizes, initial weights, and the constants of the update rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

# Every entry of the gradient is clipped; then s <- s + g^2, theta <- theta - rate g / sqrt(s + EPS)
EPS = 1e-8
CLIP = 5.0

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Task:
    """A text to learn, and the sizes and weights to learn it with.

    Attributes
    ----------
    streams
        The text as indices, cut into B streams, of shape (B, n).
    K, m, T
        Vocabulary size, hidden size, sequence length.
    dtype
        "float64" or "float32".
    initial
        The initial weights U (m, K), W (m, m), V (K, m), b (m,), c (K,) in that dtype.
    rate
        The learning rate.
    threads
        How many threads may be used.
    """

    streams: NDArray[Any]
    K: int
    m: int
    T: int
    dtype: str
    initial: Arrays
    rate: float
    threads: int

    @property
    def B(self) -> int:
        """Return the number of streams."""
        return len(self.streams)

    @property
    def updates(self) -> int:
        """Return how many updates an epoch has."""
        return int(self.streams.shape[1] - 1) // self.T

    def sequences(self, count: int) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        """Yield the first sequences and what follows each character, both of shape (T, B)."""
        for start in range(0, count * self.T, self.T):
            text = self.streams[:, start : start + self.T + 1].T
            yield text[:-1], text[1:]


class Peer(Protocol):
    """A program that learns. Each module of `benchmarks.peers` has one with this name."""

    def __init__(self, task: Task) -> None: ...

    def train(self, count: int) -> NDArray[np.float64]:
        """Make updates from the start of the text and a zero state; return the loss of each.

        The loss is in nats per sequence, a mean over the streams, measured by the forward pass that
        makes the gradient. The weights and the memory of the optimiser are kept between calls.
        """

    def gradient(self) -> Arrays:
        """Return the unclipped gradient for the first sequence, as computed in training."""

    def weights(self) -> Arrays:
        """Return the weights as they are now."""


def make_task(
    text: NDArray[Any],
    K: int,
    *,
    m: int,
    T: int,
    B: int,
    dtype: str,
    rate: float = 0.1,
    threads: int = 1,
) -> Task:
    """Return a task with weights from N(0, 0.01^2) and biases of 0, the same ones each time."""
    random = np.random.default_rng(400)
    initial = {name: random.normal(0, 0.01, shape) for name, shape in _shapes(K, m).items()}
    initial |= {"b": np.zeros(m), "c": np.zeros(K)}
    streams = np.ascontiguousarray(text[: len(text) // B * B].reshape(B, -1))
    typed = {name: array.astype(dtype) for name, array in initial.items()}
    return Task(streams, K, m, T, dtype, typed, rate, threads)


def _shapes(K: int, m: int) -> dict[str, tuple[int, int]]:
    return {"U": (m, K), "W": (m, m), "V": (K, m)}
