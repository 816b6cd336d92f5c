"""What a gradient does to the parameters, and what the network writes."""

from typing import Any

import numpy as np

from rnn.exercise.solution.rnn import forward


def clip(d: Any, limit: Any) -> None:
    """Limit every entry of the gradients to [-limit, limit], in place.

        g = min(max(g, -limit), limit), entry by entry

    To change an array in place, write `d.U[:] = ...`, not `d.U = ...`.

    Parameters
    ----------
    d
        The gradients by name.
    limit
        A number above zero.
    """
    for g in d:
        np.clip(g, -limit, limit, out=g)


def adagrad(p: Any, d: Any, s: Any, eta: Any) -> None:
    """Update the parameters p and the sums of squares s with AdaGrad, in place.

        s = s + g^2
        theta = theta - eta g / sqrt(s + 1e-8), entry by entry

    To change an array in place, write `s.U[:] += ...`, not `s.U += ...`.

    Parameters
    ----------
    p, d, s
        The parameters, their gradients, and the sums of the squares of all gradients so far, which
        are zero at first: each has U, W, V, b and c.
    eta
        The learning rate.
    """
    for theta, g, total in zip(p, d, s, strict=True):
        total += g**2
        theta -= eta * g / np.sqrt(total + 1e-8)


def synthesise(p: Any, h: Any, x: Any, n: Any, uniform: Any) -> Any:
    """Return n characters that the network writes, each drawn from its probabilities.

        P(next = k) = p_t[k]; the character drawn is the next x, and h_t the next h

    Number i decides on character i: it is the first at which the running sum of the probabilities
    exceeds the number.

    Parameters
    ----------
    p
        The parameters.
    h
        The state before x, of the shape of `forward`'s h0.
    x
        The index of the character that is read first; it is not part of the text.
    n
        How many characters to write.
    uniform
        n numbers, evenly distributed in [0, 1).

    Returns
    -------
    array
        The characters as indices, of shape (n,).
    """
    text = np.zeros(n, int)
    for i in range(n):
        states, P = forward(p, np.array([x]), h)
        h = states[..., -1, :]
        x = np.searchsorted(np.cumsum(P[0])[:-1], uniform[i], side="right")
        text[i] = x
    return text
