"""The same network at several temperatures and top-ps: what it writes, and how sure it is."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from rnn.analysis.reading import read_through
from rnn.network import Model
from rnn.sampling import adjust, compose
from rnn.text import encode

LENGTH = 1000  # characters over which the entropy is averaged
PRODUCTS = 10**9  # multiplications at most: a large network writes fewer characters


class Variant(NamedTuple):
    """A text, how it was sampled, and the mean entropy in bits of the distributions."""

    temperature: float
    top_p: float
    bits: float
    text: str


def variants(model: Model, ways: Iterable[tuple[float, float]], seed: int = 0) -> Iterator[Variant]:
    """Yield what a model writes at each temperature and top-p, with the same random numbers.

    Parameters
    ----------
    model
        A trained model; it starts from the state saved with it.
    ways
        Pairs of a temperature and a top-p.
    seed
        The seed of the random numbers.
    """
    length = int(np.clip(PRODUCTS // model.network.theta.size, 100, LENGTH))
    for temperature, top_p in ways:
        text = compose(model, length, temperature=temperature, top_p=top_p, seed=seed)
        drawn = encode(text, model.vocabulary)
        read = np.append(np.array([model.first], drawn.dtype), drawn[:-1])
        bits = 0.0
        for P, _ in read_through(model.network, read, model.states):
            for p in P:
                adjust(p, temperature, top_p)
                likely = p[p > 0].astype(np.float64)
                bits += float(np.sum(likely * np.log2(1 / likely)))
        yield Variant(temperature, top_p, bits / length, text)
