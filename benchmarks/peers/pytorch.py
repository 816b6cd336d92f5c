"""PyTorch, eager: nn.RNN, nn.Linear, cross_entropy, clip_grad_value_ and optim.Adagrad.

torch's Adagrad divides by sqrt(sum) + eps. With initial_accumulator_value=1e-8 and eps=0 that is
the assignment's sqrt(s + 1e-8). nn.RNN has two biases where the assignment has one: the second
stays 0.
"""

from itertools import chain
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import cross_entropy, one_hot

from benchmarks.task import CLIP, EPS, Arrays, Task


class Peer:
    """The module, its optimiser and the text as a tensor."""

    def __init__(self, task: Task) -> None:
        torch.set_num_threads(task.threads)
        dtype = getattr(torch, task.dtype)
        self.task = task
        self.rnn = nn.RNN(task.K, task.m, dtype=dtype)
        self.output = nn.Linear(task.m, task.K, dtype=dtype)
        self.named = {
            "U": self.rnn.weight_ih_l0,
            "W": self.rnn.weight_hh_l0,
            "V": self.output.weight,
            "b": self.rnn.bias_ih_l0,
            "c": self.output.bias,
        }
        with torch.no_grad():
            for name, parameter in self.named.items():
                parameter.copy_(torch.from_numpy(task.initial[name]))
            self.rnn.bias_hh_l0.zero_().requires_grad_(False)
        self.parameters = [
            p for p in chain(self.rnn.parameters(), self.output.parameters()) if p.requires_grad
        ]
        self.optimiser = torch.optim.Adagrad(
            self.parameters, lr=task.rate, initial_accumulator_value=EPS, eps=0
        )
        self.text = torch.from_numpy(task.streams.astype(np.int64).T.copy())  # (n, B)

    def _backward(self, start: int, h: Any) -> tuple[Any, Any]:
        """Return the loss and the last state; the gradient is left in the parameters."""
        T, B, K = self.task.T, self.task.B, self.task.K
        x = one_hot(self.text[start : start + T], K).to(self.rnn.weight_ih_l0.dtype)
        y = self.text[start + 1 : start + T + 1]
        self.optimiser.zero_grad()
        states, h = self.rnn(x, h)
        scores = self.output(states)
        loss = cross_entropy(scores.view(T * B, K), y.reshape(-1), reduction="sum") / B
        loss.backward()
        return loss, h.detach()

    def _zero_state(self) -> Any:
        return torch.zeros(1, self.task.B, self.task.m, dtype=self.rnn.weight_ih_l0.dtype)

    def train(self, count: int) -> NDArray[np.float64]:
        """Make updates and return the losses."""
        losses = np.zeros(count)
        h = self._zero_state()
        for k in range(count):
            loss, h = self._backward(k * self.task.T, h)
            nn.utils.clip_grad_value_(self.parameters, CLIP)
            self.optimiser.step()
            losses[k] = loss.item()
        return losses

    def gradient(self) -> Arrays:
        """Return the gradient for the first sequence."""
        self._backward(0, self._zero_state())
        return {name: p.grad.numpy().copy() for name, p in self.named.items()}

    def weights(self) -> Arrays:
        """Return the weights."""
        return {name: p.detach().numpy().copy() for name, p in self.named.items()}
