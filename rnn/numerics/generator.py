"""A small random number generator shared by Python, compiled code and the page's JavaScript.

sfc32 ("small fast counter", Chris Doty-Humphrey, PractRand): 128 bits of state, additions, shifts
and exclusive ors of 32-bit words. It passes PractRand and BigCrush.
"""

import numpy as np
from numpy.typing import NDArray

from rnn.numerics.compiled import compiled

# Each use of random numbers has its own stream, so that no use changes another.
INITIALISATION, EVOLUTION, PASSAGE, GRADIENT_CHECK, DROPOUT, OFFSET, PLANTED, PLACES = range(8)

WORD = 0xFFFFFFFF


def generator(seed: int, stream: int, group: int = 0) -> NDArray[np.int64]:
    """Return the state of a generator, four words, seeded by (seed, stream, group).

    >>> generator(400, PASSAGE).tolist() == generator(400, PASSAGE).tolist()
    True
    """
    state = np.array([seed & WORD, seed >> 32 & WORD, stream | group << 8, 1], np.int64)
    for _ in range(15):
        uniform(state)
    return state


@compiled
def uniform(state: NDArray[np.int64]) -> float:
    """Return the next number, a multiple of 2^-32 in [0, 1), and advance the state."""
    a, b, c, counter = state[0], state[1], state[2], state[3]
    result = (a + b + counter) & WORD
    state[0] = b ^ (b >> 9)
    state[1] = (c + (c << 3)) & WORD
    state[2] = (((c << 21) | (c >> 11)) + result) & WORD
    state[3] = (counter + 1) & WORD
    return float(result) / 4294967296.0
