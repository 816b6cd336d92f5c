"""Writing text with a network: one character after another, each drawn from its probabilities."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn.evaluation import read
from rnn.network import Model, Network
from rnn.numerics.compiled import compiled
from rnn.numerics.elementary import exp
from rnn.numerics.generator import PASSAGE, generator, uniform
from rnn.text import decode, encode, normalise
from rnn.vanilla import forward


@compiled
def adjust(P: NDArray[Any], temperature: float, top_p: float) -> None:
    """Sharpen or flatten the probabilities P (K,) in place, then keep the likeliest.

    Parameters
    ----------
    temperature
        The exponent is its inverse: below 1 makes the likely likelier, above 1 the unlikely.
    top_p
        The smallest set of the likeliest characters whose probabilities reach this sum is kept
        (Holtzman et al., 2020, "The curious case of neural text degeneration").

    Examples
    --------
    >>> P = np.array([0.5, 0.3, 0.2])
    >>> adjust(P, temperature=0.5, top_p=0.8)
    >>> P.round(2)
    array([0.74, 0.26, 0.  ])
    """
    if temperature != 1:
        largest = P.max()
        for k in range(P.size):
            P[k] = exp(np.log(P[k] / largest) / temperature)
        P /= P.sum()
    if top_p < 1:
        order = np.argsort(-P, kind="mergesort")
        total = 0.0
        for k in order:
            if total >= top_p:
                P[k] = 0
            total += P[k]
        P /= P.sum()


@compiled
def draw(P: NDArray[Any], number: float) -> int:
    """Return the first index at which the running sum of P (K,) exceeds a number in [0, 1).

    >>> draw(np.array([0.5, 0.3, 0.2]), 0.6)
    1
    """
    total, last = 0.0, 0
    for k in range(P.size):
        if P[k] > 0:
            total += P[k]
            last = k
            if number < total:
                return k
    return last  # rounding may leave the sum below 1


@compiled
def sample(
    p: Any,
    work: Any,
    first: int,
    temperature: float,
    top_p: float,
    random: NDArray[np.int64],
    text: NDArray[np.int64],
) -> None:
    """Fill a text with characters, each drawn from the probabilities after the one before.

    Parameters
    ----------
    p
        The parameters.
    work
        Arrays for one stream of one character. `states[:, 0]` is the state before `first` at the
        start, and the state before the last character of the text at the end.
    first
        The character to read first; it is not part of the text.
    temperature, top_p
        As in `adjust`.
    random
        The state of a random number generator, advanced by one number per character.
    text
        The indices to fill, of shape (n,).
    """
    x = np.empty((1, 1), np.int64)
    x[0, 0] = first
    for i in range(text.size):
        forward(p, x, work)
        adjust(work.output.P[0], temperature, top_p)
        x[0, 0] = draw(work.output.P[0], uniform(random))
        text[i] = x[0, 0]
        work.states[:, 0] = work.states[:, 1]


def write(
    network: Network,
    states: NDArray[Any],
    first: int,
    length: int,
    *,
    temperature: float = 1.0,
    top_p: float = 1.0,
    random: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the indices of new text, of shape (length,).

    Parameters
    ----------
    network
        The network that writes.
    states
        The initial state, of shape (STATES, m).
    first
        The character to read first.
    length
        The number of characters to write.
    temperature, top_p, random
        As in `sample`.
    """
    work = network.workspace(1, 1)
    work.states[:, 0, 0] = states
    text = np.zeros(length, np.int64)
    network.loop(sample)(network.p, work, first, temperature, top_p, random, text)
    return text


def begin(model: Model, prime: str = "") -> tuple[int, NDArray[Any]]:
    """Return the character that is read first, and the state before it.

    Without a prime text these are the book's first character and the state in which training left
    the model. With one, they are its last character and the state after reading the others from a
    zero state.

    Raises
    ------
    InputError
        When the prime text has characters that the book lacks.
    """
    if not prime:
        return model.first, model.states
    network = model.network
    text = encode(normalise(prime, model.lowercase, model.unicode_form), model.vocabulary)
    work = network.workspace(1, 1)
    network.loop(read)(network.p, work, text)
    return int(text[-1]), work.states[:, 0, 0]


def compose(
    model: Model,
    length: int,
    *,
    prime: str = "",
    temperature: float = 1.0,
    top_p: float = 1.0,
    seed: int = 0,
) -> str:
    """Return new text by a trained model, which starts as `begin` says.

    Raises
    ------
    InputError
        When the prime text has characters that the book lacks.
    """
    first, states = begin(model, prime)
    random = generator(seed, PASSAGE)
    indices = write(
        model.network, states, first, length, temperature=temperature, top_p=top_p, random=random
    )
    return decode(indices, model.vocabulary)
