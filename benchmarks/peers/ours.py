"""The loops of this project, called as `rnn.training.train` calls them."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.task import CLIP, Arrays, Task
from rnn.network import initialise
from rnn.updates import (
    Plan,
    Record,
    begin,
    gradients_of_groups,
    groups,
    loops,
    updates_of_groups,
)


class Peer:
    """The flat vectors and the work arrays of training."""

    def __init__(self, task: Task) -> None:
        self.task = task
        network = initialise("rnn", task.K, task.m, seed=0, dtype=task.dtype)
        for name, value in task.initial.items():
            getattr(network.p, name)[:] = value
        sizes = groups(len(task.streams), task.threads)
        self.learners = begin(network, task.T, sizes)
        self.streams = np.split(task.streams, np.cumsum(sizes)[:-1])
        self.pool = ThreadPoolExecutor(len(sizes))
        self.step = 0

    def train(self, count: int) -> NDArray[np.float64]:
        """Make updates and return the losses."""
        record = Record(*np.zeros((4, count)))
        for learner in self.learners:
            learner.work.states[:, 0] = 0
        loop, fill, move = loops("rnn", "adagrad", "value")
        plan = Plan(np.full(count, self.task.rate), CLIP, dropout=0.0)
        now = (plan, 0, self.step, 0.0, record)
        with threadpool_limits(1):
            if len(self.learners) == 1:
                made = loop(self.learners[0], self.streams[0], *now)
            else:
                made = updates_of_groups(self.pool, fill, move, self.learners, self.streams, *now)
        self.step += made
        return record.losses[:made]

    def gradient(self) -> Arrays:
        """Return the gradient for the first sequence."""
        for learner in self.learners:
            learner.work.states[:, 0] = 0
        _, fill, _ = loops("rnn", "adagrad", "value")
        plan = Plan(np.zeros(1), CLIP, dropout=0.0)
        gradients_of_groups(self.pool, fill, self.learners, plan, self.streams, 0)
        return {name: value.copy() for name, value in self.learners[0].d._asdict().items()}

    def weights(self) -> Arrays:
        """Return the weights."""
        return {name: value.copy() for name, value in self.learners[0].p._asdict().items()}
