"""The time of each part of our own update, to compare with the floor."""

from typing import Any

import numpy as np

from benchmarks.parts import Candidates
from benchmarks.task import CLIP, Task
from rnn.network import initialise
from rnn.numerics.compiled import compiled
from rnn.optimisers import adagrad, clip
from rnn.output import predict, predict_backward
from rnn.updates import begin
from rnn.vanilla import backward, forward


@compiled
def _forward(n: int, p: Any, x: Any, work: Any) -> None:
    for _ in range(n):
        forward(p, x, work)


@compiled
def _both(n: int, p: Any, x: Any, y: Any, work: Any, d: Any) -> None:
    for _ in range(n):
        forward(p, x, work)
        backward(p, x, y, work, d)


@compiled
def _output(n: int, p: Any, h: Any, output: Any) -> None:
    for _ in range(n):
        predict(p, h, output)


@compiled
def _output_both(n: int, p: Any, y: Any, h: Any, output: Any, d: Any) -> None:
    for _ in range(n):
        predict(p, h, output)
        predict_backward(p, y, h, output, d)


@compiled
def _clip(n: int, gradient: Any) -> None:
    for _ in range(n):
        clip(gradient, CLIP)


@compiled
def _adagrad(n: int, theta: Any, gradient: Any, memory: Any) -> None:
    for _ in range(n):
        adagrad(theta, gradient, memory, 1e-9, 0)


def parts(task: Task) -> Candidates:
    """Return the passes to time; some contain others, and `of_each` takes their differences."""
    network = initialise("rnn", task.K, task.m, seed=0, dtype=task.dtype)
    for name, value in task.initial.items():
        getattr(network.p, name)[:] = value
    (learner,) = begin(network, task.T, [task.B])
    p, d, work = learner.p, learner.d, learner.work
    learner.memory[:] = 2
    x, y = (np.ascontiguousarray(part, np.int64) for part in next(task.sequences(1)))
    h = work.states[0, 1:].reshape(task.T * task.B, task.m)
    gradient = np.random.default_rng(0).normal(0, 1, network.theta.size).astype(task.dtype)
    runs = {
        "forward": lambda n: _forward(n, p, x, work),
        "forward and backward": lambda n: _both(n, p, x, y, work, d),
        "output": lambda n: _output(n, p, h, work.output),
        "output and back": lambda n: _output_both(n, p, y, h, work.output, d),
        "clipping": lambda n: _clip(n, gradient),
        "update rule": lambda n: _adagrad(n, learner.theta, gradient, learner.memory),
    }
    return {name: {"ours": run} for name, run in runs.items()}


def of_each(times: dict[str, float]) -> dict[str, float]:
    """Return the time of each part, computed from the times of the passes."""
    output, both = times["output"], times["output and back"]
    forward, whole = times["forward"], times["forward and backward"]
    return {
        "forward through time": forward - output,
        "output layer": output,
        "back through the output layer": both - output,
        "back through time": (whole - forward) - (both - output),
        "clipping": times["clipping"],
        "update rule": times["update rule"],
    }
