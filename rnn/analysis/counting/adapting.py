"""Counting that adapts: score a character first, then learn from it.

Nothing is scored that was learned from, so the losses add up to the length of a code for the text
(prequential: Dawid 1984; prediction by partial matching: Cleary and Witten 1984). The counts are
those of `kneser_ney`, p_n for the longest context h and q_n for all others. What each context adds
to the shorter one h' has a weight:

    log p(w) = sum over n of (v_n f_n(w) + u_n(w)) - log Z
    f_n(w) = log(q_n(w | h) / q_{n-1}(w | h')) - log(left(h) / c(h))

Both f and u are 0 for characters that never followed h, and for contexts that were never seen. With
all v = 1 and u = 0 this is Kneser-Ney. The weights take a step of gradient ascent on log p of each
character y that came (logistic mixing: Mahoney 2005; Mattern 2012):

    v_n += rate (f_n(y) - sum over w of p(w) f_n(w))

and the same for u, with 1 in the place of f. v_n depends on n, on how often h occurred, and on how
many different characters followed it. u_n(w) depends on these, on how often w followed h, and on
whether it did so the last time. In this way it is learned how far to trust a context of each sort,
and what the last follower is worth (as in PPMd: Howard 1993, Shkarin 2002).

All n-grams stand in one tree. A node is an n-gram. Its children are the n-grams that are one
character longer; the one that came last is the first.
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn.analysis.counting.kneser_ney import discounts
from rnn.numerics.compiled import compiled
from rnn.numerics.elementary import exp

CONTEXT = 8  # characters in the longest context
RATE = 0.006  # of the weights
WARM = 200_000  # characters at the end of the training part that the weights are learned on
COUNTED = 2_000_000  # characters of the training part; only the end of a longer one is counted
NODES = 8_000_000  # of 20 bytes each: once there are so many, no new n-grams are counted
CHUNK = 1000  # characters between two looks at the discounts
NUMBERS = 2_000_000  # log-probabilities at a time, at most
SIZES = 8  # classes of a number: 1, 2 and 3, 4 to 7, ...; the last is open
FOLLOWERS = 8  # classes of a character that followed: four sizes, the last one to follow or not


class Counter(NamedTuple):
    """What has been counted and learned. C is the longest context, M the room for nodes.

    Attributes
    ----------
    character
        The last character of each node, of shape (M,). Node 0 is the root, the empty n-gram.
    occurred
        How often the node's n-gram occurred, of shape (M,).
    preceded
        How many different characters preceded it, of shape (M,).
    child
        Its child that came last, of shape (M,); 0 if there is none.
    sibling
        The next child of its parent, of shape (M,); 0 if there is none.
    used
        The number of nodes in use, of shape (1,).
    active
        The nodes of the last 0 to C + 1 characters, of shape (C + 2,); 0 for none.
    often
        How many n-grams have the counts 0 to 5, of shape (C + 1, 6), for n = 1 to C + 1.
    taken
        What is taken off the counts 0, 1, 2, and 3 and more, of shape (C + 1, 4).
    weights
        u for each class of followers, and v, of shape (C + 1, SIZES², FOLLOWERS + 1).
    rate
        The rate at which they are learned, of shape (1,).
    p
        The probabilities of the next character, of shape (K,).
    sizes
        How many different characters followed each context, of shape (C + 1,).
    classes
        The class of each context, of shape (C + 1,).
    followers, gains, kinds
        The characters that followed each context, their f and their classes, of shape (C + 1, K).
    """

    character: NDArray[np.int32]
    occurred: NDArray[np.int32]
    preceded: NDArray[np.int32]
    child: NDArray[np.int32]
    sibling: NDArray[np.int32]
    used: NDArray[np.int64]
    active: NDArray[np.int64]
    often: NDArray[np.int64]
    taken: NDArray[np.float64]
    weights: NDArray[np.float64]
    rate: NDArray[np.float64]
    p: NDArray[np.float64]
    sizes: NDArray[np.int64]
    classes: NDArray[np.int64]
    followers: NDArray[np.int32]
    gains: NDArray[np.float64]
    kinds: NDArray[np.int8]


def counter(K: int, length: int, context: int = CONTEXT, rate: float = RATE) -> Counter:
    """Return a counter that has read nothing.

    Parameters
    ----------
    K
        Vocabulary size.
    length
        How many characters it will read.
    context
        C, the number of characters in the longest context.
    rate
        The rate of the weights.
    """
    orders = context + 1
    nodes = min(length * orders + 1, NODES)
    weights = np.zeros((orders, SIZES * SIZES, FOLLOWERS + 1))
    weights[:, :, -1] = 1
    made = Counter(
        character=np.zeros(nodes, np.int32),
        occurred=np.zeros(nodes, np.int32),
        preceded=np.zeros(nodes, np.int32),
        child=np.zeros(nodes, np.int32),
        sibling=np.zeros(nodes, np.int32),
        used=np.ones(1, np.int64),
        active=np.zeros(orders + 1, np.int64),
        often=np.zeros((orders, 6), np.int64),
        taken=np.zeros((orders, 4)),
        weights=weights,
        rate=np.array([rate], np.float64),
        p=np.zeros(K),
        sizes=np.zeros(orders, np.int64),
        classes=np.zeros(orders, np.int64),
        followers=np.zeros((orders, K), np.int32),
        gains=np.zeros((orders, K)),
        kinds=np.zeros((orders, K), np.int8),
    )
    settle(made)
    return made


def settle(c: Counter) -> None:
    """Take the discounts from what was counted so far."""
    for n, often in enumerate(c.often):
        c.taken[n] = discounts(often[1:5])


@compiled
def size_class(number: int) -> int:
    """Return the binary logarithm of a number from 1, rounded down, or that of the last class."""
    found = 0
    while number > 1 and found < SIZES - 1:
        number >>= 1
        found += 1
    return found


@compiled
def predict(c: Any, log_p: NDArray[np.float64]) -> None:
    """Fill in the log-probabilities of the next character, of shape (K,)."""
    K, deepest = log_p.size, c.sizes.size - 1
    # q_n is the product of ratio, of shape (K,), and of common, one number for all characters.
    ratio, common = c.p, 1.0
    ratio[:] = 1.0 / K
    log_p[:] = 0.0
    for d in range(deepest + 1):
        c.sizes[d] = 0
        node = c.active[d]
        if d > 0 and node == 0:
            continue
        found, total, left = 0, 0, 0.0
        child = c.child[node]
        while child != 0:
            count = c.occurred[child] if d == deepest else c.preceded[child]
            if count > 0:
                off = c.taken[d, min(count, 3)]
                c.followers[d, found] = c.character[child]
                c.gains[d, found] = count - off
                last = 1 if child == c.child[node] else 0
                c.kinds[d, found] = 2 * min(size_class(count), 3) + last
                total += count
                left += off
                found += 1
            child = c.sibling[child]
        if found == 0:
            continue
        c.sizes[d] = found
        c.classes[d] = SIZES * size_class(found) + size_class(c.occurred[node])
        weights = c.weights[d, c.classes[d]]
        for i in range(found):
            k = c.followers[d, i]
            before = ratio[k]
            ratio[k] += c.gains[d, i] / (left * common)
            c.gains[d, i] = math.log(ratio[k] / before)
            log_p[k] += weights[FOLLOWERS] * c.gains[d, i] + weights[c.kinds[d, i]]
        common *= left / total
    top, total_p = log_p.max(), 0.0
    for k in range(K):
        c.p[k] = exp(log_p[k] - top)
    for k in range(K):
        total_p += c.p[k]
    less = top + math.log(total_p)
    for k in range(K):
        c.p[k] /= total_p
        log_p[k] -= less


@compiled
def learn(c: Any, y: int) -> None:
    """Take a step in the weights of the last prediction, given the character y that came."""
    for d in range(c.sizes.size):
        weights = c.weights[d, c.classes[d]]
        for i in range(c.sizes[d]):
            k = c.followers[d, i]
            step = c.rate[0] * ((1.0 if k == y else 0.0) - c.p[k])
            weights[FOLLOWERS] += step * c.gains[d, i]
            weights[c.kinds[d, i]] += step


@compiled
def count(c: Any, y: int) -> None:
    """Count the character y after each of the contexts, and move on by one character."""
    deepest = c.sizes.size - 1
    longer_is_new = False
    c.occurred[0] += 1
    for d in range(deepest, -1, -1):
        node = c.active[d]
        if d > 0 and node == 0:
            c.active[d + 1] = 0
            continue
        child, before = c.child[node], 0
        while child != 0 and c.character[child] != y:
            before, child = child, c.sibling[child]
        new = child == 0 and c.used[0] < c.child.size
        if new:
            child = c.used[0]
            c.used[0] += 1
            c.character[child] = y
        if child != 0 and child != c.child[node]:  # make it the first
            if before != 0:
                c.sibling[before] = c.sibling[child]
            c.sibling[child] = c.child[node]
            c.child[node] = child
        if child != 0:
            c.occurred[child] += 1
            c.preceded[child] += 1 if longer_is_new else 0
            if d == deepest:
                _recount(c.often[d], c.occurred[child])
            elif longer_is_new:
                _recount(c.often[d], c.preceded[child])
        c.active[d + 1] = child
        longer_is_new = new


@compiled
def _recount(often: NDArray[np.int64], now: int) -> None:
    """Note that a count is now one more than before."""
    if now <= 5:
        often[now] += 1
        often[now - 1] -= 1


@compiled
def count_all(c: Any, text: NDArray[Any]) -> None:
    """Count a text, and learn no weights from it."""
    for i in range(text.size):
        count(c, text[i])


@compiled
def read(c: Any, text: NDArray[Any], log_P: NDArray[np.float64]) -> None:
    """Predict each character of a text of n, then learn from it; fill in log_P, of shape (n, K)."""
    for i in range(text.size):
        predict(c, log_P[i])
        learn(c, text[i])
        count(c, text[i])


def adapting(
    training: NDArray[Any],
    text: NDArray[Any],
    K: int,
    context: int = CONTEXT,
    rate: float = RATE,
    warm: int = WARM,
) -> Iterator[NDArray[np.float64]]:
    """Yield the log-probabilities of all characters at each place of a text, in pieces (n, K).

    Parameters
    ----------
    training
        The characters that are counted first, as indices; the text follows them.
    text
        The characters that are predicted, as indices.
    K
        Vocabulary size.
    context
        The number of characters in the longest context.
    rate
        The rate of the weights.
    warm
        How many characters at the end of the training part the weights are learned on; they are
        predicted, too, which takes longer than counting.
    """
    c = counter(K, len(training) + len(text), context, rate)
    start = max(len(training) - warm, 0)
    count_all(c, training[:start])
    for _ in _pieces(c, training[start:], K):
        pass
    yield from _pieces(c, text, K)


def _pieces(c: Counter, text: NDArray[Any], K: int) -> Iterator[NDArray[np.float64]]:
    """Read a text and yield the log-probabilities, in pieces of shape (n, K)."""
    chunk = max(1, min(CHUNK, NUMBERS // K))
    for i in range(0, len(text), chunk):
        settle(c)
        piece = text[i : i + chunk]
        log_P = np.empty((len(piece), K))
        read(c, piece, log_P)
        yield log_P


def log_probabilities(
    training: NDArray[Any], text: NDArray[Any], K: int, **how: Any
) -> NDArray[np.float64]:
    """Return what `adapting` gives for the characters that came, of shape (N,)."""
    found = np.empty(len(text))
    start = 0
    for log_P in adapting(training, text, K, **how):
        end = start + len(log_P)
        found[start:end] = log_P[np.arange(len(log_P)), text[start:end]]
        start = end
    return found
